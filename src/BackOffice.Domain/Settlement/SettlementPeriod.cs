using System.Globalization;

namespace BackOffice.Domain.Settlement;

/// <summary>A calendar month of an upstream's billing zone (settlement rules 6).</summary>
/// <param name="Name">The month, <c>2026-09</c>.</param>
/// <param name="From">First instant, UTC, a whole quarter-hour.</param>
/// <param name="Until">First instant not included, UTC, a whole quarter-hour.</param>
public sealed record SettlementPeriod(string Name, DateTime From, DateTime Until)
{
    /// <summary>The month of a name such as <c>2026-09</c>, years 2000 to 2099; null for any other text.</summary>
    public static DateOnly? Parse(string name) =>
        name.Length == 7 && name.StartsWith("20", StringComparison.Ordinal)
        && DateOnly.TryParseExact(name, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month) ? month : null;

    /// <summary>The name of the month that a local day lies in.</summary>
    public static string NameOf(DateOnly day) => day.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>A month in a zone.</summary>
    /// <param name="month">Any of its days.</param>
    /// <param name="zone">The billing zone.</param>
    public static SettlementPeriod Of(DateOnly month, TimeZoneInfo zone)
    {
        var clock = new BusinessTime(zone);
        var first = new DateOnly(month.Year, month.Month, 1);
        return new SettlementPeriod(NameOf(first), clock.StartOf(first), clock.StartOf(first.AddMonths(1)));
    }

    /// <summary>The month in a zone that holds an instant in UTC.</summary>
    public static SettlementPeriod Containing(DateTime utc, TimeZoneInfo zone) => Of(new BusinessTime(zone).DayOf(utc), zone);
}
