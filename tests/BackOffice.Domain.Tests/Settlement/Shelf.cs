using System.Globalization;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Tests.Settlement;

/// <summary>
/// What a test settles: prices and mappings in few words, records at instants of the Beijing clock. The upstream is DeepSeek with its default calendar, billed in
/// CNY, and the month September 2026 unless a test says otherwise.
/// </summary>
internal sealed class Shelf
{
    public static readonly TimeZoneInfo Beijing = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");
    public static readonly SettlementPeriod September = SettlementPeriod.Of(new DateOnly(2026, 9, 1), Beijing);

    private readonly List<UsageNames> names = [];
    private readonly List<UsageCell> cells = [];
    private readonly List<(string Origin, UsageCell Cell)> late = [];

    public List<PriceRow> Prices { get; } = [];

    public List<MappingRow> Mappings { get; } = [];

    public List<UpstreamTerms> Terms { get; } = [new("deepseek", "CNY", Beijing, null, null)];

    public List<BandCalendar> Calendars { get; } = [BandCalendar.DeepSeek(1)];

    public Dictionary<string, string> Channels { get; } = [];

    public List<ChannelUpstream> DatedChannels { get; } = [];

    public RateBook Book => new(
        Prices, Mappings, Terms, Calendars, Channels.Select(pair => new ChannelUpstream(pair.Key.Split('/')[0], pair.Key.Split('/')[1], pair.Value, null)).Concat(DatedChannels));

    /// <summary>An instant of the Beijing clock, <c>2026-09-10 12:00</c>, as UTC.</summary>
    public static DateTime At(string local) =>
        TimeZoneInfo.ConvertTimeToUtc(DateTime.Parse(local, CultureInfo.InvariantCulture, DateTimeStyles.None), Beijing);

    public Shelf Price(string model, TokenPart part, string price, PriceBand band = PriceBand.All, string? from = null, string? until = null, string currency = "CNY", string upstream = "deepseek")
    {
        Assert.Null(RateRules.ReadPrice(price, "price_per_million", out var micro));
        Prices.Add(new PriceRow(Prices.Count + 1, upstream, model, part, band, currency, micro, Instant(from), Instant(until)));
        return this;
    }

    public Shelf Mapping(string name, string model, string? from = null, string? until = null, string upstream = "deepseek")
    {
        Mappings.Add(new MappingRow(Mappings.Count + 101, name, upstream, model, Instant(from), Instant(until)));
        return this;
    }

    public Shelf Use(string name, TokenCounts tokens, string at = "2026-09-20 10:00", string? upstreamName = null, string? upstream = null, string? channel = null, long records = 1)
    {
        cells.Add(Cell(new UsageNames("console", upstream, name, upstreamName, channel), tokens, at, records));
        return this;
    }

    public Shelf Late(string origin, string name, TokenCounts tokens, string at, long records = 1)
    {
        late.Add((origin, Cell(new UsageNames("console", null, name, null, null), tokens, at, records)));
        return this;
    }

    public SettlementDraft Settle(string upstream = "deepseek", SettlementPeriod? period = null) => Engine(upstream, period ?? September).Draft();

    public List<SettlementDetail> Details() => [.. Engine("deepseek", September).Details()];

    private SettlementEngine Engine(string upstream, SettlementPeriod period)
    {
        var engine = new SettlementEngine(Book, upstream, period, names);
        foreach (var cell in cells)
            engine.Add(cell);
        foreach (var (origin, cell) in late)
            engine.AddAdjustment(origin, cell);
        return engine;
    }

    private static DateTime? Instant(string? local) => local is null ? null : At(local);

    private UsageCell Cell(UsageNames of, TokenCounts tokens, string at, long records)
    {
        if (!names.Contains(of))
            names.Add(of);
        return new UsageCell(names.IndexOf(of), Quarters.Of(At(at)), tokens, records);
    }
}

/// <summary>Drafts as text, so that two of them compare member by member and a difference is readable.</summary>
internal static class DraftText
{
    public static string Of(SettlementDraft draft) => string.Join('\n',
    [
        $"{draft.Upstream} {draft.Period} {draft.Currency} records {draft.Records} reads {draft.Reads} input {draft.Input} rate {draft.CacheHitRate} saving {draft.CacheSavingNano}",
        $"{draft.Check} {draft.Check.IsClosed} mappings {string.Join(',', draft.MappingUses)} prices {string.Join(',', draft.PriceUses)}",
        .. draft.Lines.Select(line => line.ToString()), .. draft.Unpriced.Select(line => line.ToString()), .. draft.NotTokens.Select(line => line.ToString()),
        .. draft.Totals.Select(total => total.ToString()),
    ]);
}
