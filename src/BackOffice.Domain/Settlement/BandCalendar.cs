using System.Globalization;

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
    : DatedRow(Id, ValidFrom, ValidUntil)
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

    /// <inheritdoc/>
    public override bool Excludes(DatedRow other) => other is BandCalendar calendar && calendar.Upstream == Upstream;

    /// <inheritdoc/>
    public override Refusal Overlap() => Overlap(CalendarWindows.Text(Windows));

    /// <summary>Whether an instant in UTC is peak.</summary>
    public bool IsPeak(DateTime utc) => ReasonAt(utc) is BandReason.InWindow;

    /// <summary>Why an instant in UTC is peak or off-peak.</summary>
    public BandReason ReasonAt(DateTime utc)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(utc, Zone);
        if (Holidays.Contains(DateOnly.FromDateTime(local)))
            return BandReason.Holiday;
        if (!Weekdays.Contains(local.DayOfWeek))
            return BandReason.OtherWeekday;
        var time = TimeOnly.FromDateTime(local);
        return Windows.Any(window => window.Holds(time)) ? BandReason.InWindow : BandReason.OutsideWindows;
    }
}

/// <summary>Why an instant is peak or off-peak.</summary>
public enum BandReason
{
    /// <summary>A window of the day holds it: peak.</summary>
    InWindow,

    /// <summary>No window of the day holds it: off-peak.</summary>
    OutsideWindows,

    /// <summary>Its day of the week has no windows: off-peak.</summary>
    OtherWeekday,

    /// <summary>Its local day is a listed holiday: off-peak.</summary>
    Holiday,
}

/// <summary>Windows of a calendar as people and rows write them: <c>09:00-12:00,14:00-18:00</c>; <c>24:00</c> is the end of the day.</summary>
public static class CalendarWindows
{
    private const string Midnight = "24:00";

    /// <summary>Reads windows; spaces around them do not matter.</summary>
    /// <param name="text">The text; blank for none, so that all of the time is off-peak.</param>
    /// <param name="windows">The windows in the order given.</param>
    /// <returns>The refusal (field <c>windows</c>), or null.</returns>
    public static Refusal? Read(string text, out List<LocalWindow> windows)
    {
        windows = [];
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.Split('-', StringSplitOptions.TrimEntries) is not [var first, var last] || Time(first) is not { } from || (last == Midnight ? TimeOnly.MinValue : Time(last)) is not { } until)
                return new Refusal("WindowUnreadable", "windows", part);
            var window = new LocalWindow(from, until);
            if (until == TimeOnly.MinValue && last != Midnight)
                return new Refusal("WindowEndsBeforeStart", "windows", part);
            if (RateRules.Window(window) is { } refusal)
                return refusal;
            windows.Add(window);
        }
        return null;
    }

    /// <summary>The windows as they are read.</summary>
    public static string Text(IEnumerable<LocalWindow> windows) => string.Join(',', windows.Select(window => $"{Word(window.From)}-{(window.Until == TimeOnly.MinValue ? Midnight : Word(window.Until))}"));

    private static string Word(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);

    private static TimeOnly? Time(string text) => TimeOnly.TryParseExact(text, ["HH:mm", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;
}
