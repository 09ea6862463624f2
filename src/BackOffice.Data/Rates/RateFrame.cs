using System.Text.Json;
using System.Text.Json.Serialization;
using BackOffice.Domain.Settlement;

namespace BackOffice.Data.Rates;

/// <summary>
/// What usage is mapped and priced by besides mappings and prices: what upstreams bill in, when their peak is, and whose the consoles' channels are. An approval
/// keeps it: holidays and channels may change afterwards, and what was approved is still told from what held then.
/// </summary>
internal sealed record RateFrame(IReadOnlyList<TermsRead> Terms, IReadOnlyList<CalendarRead> Calendars, IReadOnlyList<HolidayRead> Holidays, IReadOnlyList<ChannelRead> Channels)
{
    private static readonly JsonSerializerOptions Format = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>The book of these rows and of mappings and prices.</summary>
    public RateBook Book(IEnumerable<PriceRow> prices, IEnumerable<MappingRow> mappings)
    {
        var holidays = Holidays.ToLookup(row => row.Upstream, row => row.Day, StringComparer.Ordinal);
        return new RateBook(
            prices, mappings, Terms.Select(row => row.Terms), Calendars.Select(row => row.Calendar(holidays[row.Upstream].ToHashSet())),
            Channels.ToDictionary(row => $"{row.Source}/{row.Channel}", row => row.Upstream, StringComparer.Ordinal));
    }

    /// <summary>As it is kept.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>As it was kept.</summary>
    public static RateFrame Read(string json) => JsonSerializer.Deserialize<RateFrame>(json, Format)!;
}

internal sealed class TermsRead
{
    public string Upstream { get; init; } = "";

    public string? Currency { get; init; }

    public string Zone { get; init; } = "";

    public DateTime? ValidFrom { get; init; }

    public DateTime? ValidUntil { get; init; }

    // While no price has told the currency the shop's own stands for it: there is nothing to pay.
    [JsonIgnore]
    public UpstreamTerms Terms => new(Upstream, Currency ?? "CNY", TimeZoneInfo.FindSystemTimeZoneById(Zone), ValidFrom, ValidUntil);
}

internal sealed class HolidayRead
{
    public string Upstream { get; init; } = "";

    public DateOnly Day { get; init; }
}

internal sealed class ChannelRead
{
    public string Source { get; init; } = "";

    public string Channel { get; init; } = "";

    public string Upstream { get; init; } = "";
}
