using System.Text.Json;
using System.Text.Json.Serialization;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Rates;

/// <summary>
/// What usage is mapped and priced by besides mappings and prices: what upstreams bill in, when their peak is, and whose the consoles' channels are. An approval
/// keeps it: holidays and channels may change afterwards, and what was approved is still told from what held then.
/// </summary>
internal sealed record RateFrame(IReadOnlyList<TermsRead> Terms, IReadOnlyList<CalendarRead> Calendars, IReadOnlyList<HolidayRead> Holidays, IReadOnlyList<ChannelRead> Channels)
{
    private const string ShopCurrency = "CNY";

    private static readonly JsonSerializerOptions Format = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>The book of these rows and of mappings and prices.</summary>
    public RateBook Book(IEnumerable<PriceRow> prices, IEnumerable<MappingRow> mappings)
    {
        var holidays = Holidays.ToLookup(row => row.Upstream, row => row.Day, StringComparer.Ordinal);
        return new RateBook(
            prices, mappings, Terms.GroupBy(row => row.Upstream, StringComparer.Ordinal).SelectMany(TermsOf), Calendars.Select(row => row.Calendar(holidays[row.Upstream].ToHashSet())),
            Channels.Select(row => row.Owner));
    }

    // While nothing has told the currency the shop's own stands for it: there is nothing to pay. What was withdrawn tells nothing.
    private static IEnumerable<UpstreamTerms> TermsOf(IEnumerable<TermsRead> rows)
    {
        var all = rows.ToList();
        var told = all.Where(row => row.Currency is not null && !(row.ValidFrom is not null && row.ValidFrom == row.ValidUntil)).Select(row => row.Terms(row.Currency!)).OrderBy(terms => terms.ValidFrom ?? DateTime.MinValue).ToList();
        if (told.Count == 0 || told[0].ValidFrom is not null)
            told.Add(all[0].Terms(ShopCurrency) with { ValidFrom = null, ValidUntil = told.Count == 0 ? null : told[0].ValidFrom });
        return told;
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

    public UpstreamTerms Terms(string currency) => new(Upstream, currency, TimeZoneInfo.FindSystemTimeZoneById(Zone), ValidFrom, ValidUntil);
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

    public string? Upstream { get; init; }

    public int FromQuarter { get; init; }

    [JsonIgnore]
    public ChannelUpstream Owner => new(Source, Channel, Upstream, FromQuarter == 0 ? null : Quarters.Start(FromQuarter));
}
