namespace BackOffice.Domain.Settlement;

/// <summary>A window of the day on a calendar's clock, on whole quarter-hours. It holds its first instant and not its end.</summary>
/// <param name="From">First instant.</param>
/// <param name="Until">First instant not included; midnight is the end of the day.</param>
public readonly record struct LocalWindow(TimeOnly From, TimeOnly Until)
{
    /// <summary>Whether it holds a time of day.</summary>
    public bool Holds(TimeOnly time) => From <= time && (Until == TimeOnly.MinValue || time < Until);
}

/// <summary>When an upstream's peak is, for some time. Source: settlement rules 3.</summary>
/// <param name="Id">The row's id.</param>
/// <param name="Upstream">The upstream, in canonical form.</param>
/// <param name="Zone">The clock that windows, weekdays and holidays are on.</param>
/// <param name="Weekdays">The days of the week that have the windows.</param>
/// <param name="Windows">The windows of such a day.</param>
/// <param name="Holidays">Local days that are wholly off-peak.</param>
/// <param name="ValidFrom">First instant, UTC, a whole quarter-hour; null: always before.</param>
/// <param name="ValidUntil">First instant not included, UTC, a whole quarter-hour; null: no end is set.</param>
public sealed record BandCalendar(
    long Id, string Upstream, TimeZoneInfo Zone, IReadOnlySet<DayOfWeek> Weekdays, IReadOnlyList<LocalWindow> Windows, IReadOnlySet<DateOnly> Holidays,
    DateTime? ValidFrom, DateTime? ValidUntil)
{
    // Notice of the State Council's office of 2025-11-04; first and last day. Make-up working days at weekends stay off-peak by their weekday.
    private static readonly (DateOnly First, DateOnly Last)[] ChineseHolidays2026 =
    [
        (new(2026, 1, 1), new(2026, 1, 3)),
        (new(2026, 2, 15), new(2026, 2, 23)),
        (new(2026, 4, 4), new(2026, 4, 6)),
        (new(2026, 5, 1), new(2026, 5, 5)),
        (new(2026, 6, 19), new(2026, 6, 21)),
        (new(2026, 9, 25), new(2026, 9, 27)),
        (new(2026, 10, 1), new(2026, 10, 7)),
    ];

    /// <summary>The calendar a fresh database has for DeepSeek: Monday to Friday 09:00-12:00 and 14:00-18:00 Asia/Shanghai, Chinese public holidays of 2026 excepted.</summary>
    public static BandCalendar DeepSeek(long id) => new(
        id, "deepseek", TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"),
        new HashSet<DayOfWeek> { DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday },
        [new(new(9, 0), new(12, 0)), new(new(14, 0), new(18, 0))],
        ChineseHolidays2026.SelectMany(holiday => Enumerable.Range(0, holiday.Last.DayNumber - holiday.First.DayNumber + 1).Select(holiday.First.AddDays)).ToHashSet(),
        null, null);

    /// <summary>Whether an instant in UTC is peak.</summary>
    public bool IsPeak(DateTime utc)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(utc, Zone);
        if (!Weekdays.Contains(local.DayOfWeek) || Holidays.Contains(DateOnly.FromDateTime(local)))
            return false;
        var time = TimeOnly.FromDateTime(local);
        return Windows.Any(window => window.Holds(time));
    }
}
