using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>A row of the starting set.</summary>
/// <param name="Row">The row, not stored.</param>
/// <param name="Origin">Where it is from, and as of when.</param>
public sealed record StartingRow(DatedRow Row, string Origin);

/// <summary>
/// DeepSeek's published prices and names, to begin with: they hold for nobody until a person takes them over. Only what has a date is here; instants that were not on
/// a quarter-hour are on the next one, and the origin says so.
/// </summary>
public static class StartingRates
{
    /// <summary>The upstream whose rows they are; every fresh database has it.</summary>
    public const string Upstream = "deepseek";

    private const string Flash = "deepseek-flash";
    private const string Pro = "deepseek-v4-pro";

    private const string Page = "DeepSeek, Models & Pricing, as of 2026-10-27";
    private const string April = Page + "; the day's beginning in UTC is taken, the hour was not published";
    private const string Promotion = Page + "; the promotion, seen until August, not the list price";
    private const string News = "DeepSeek, change log, as of 2026-10-27";
    private const string Retired = News + "; the old names ended at 15:59, taken as 16:00";

    private static readonly DateTime V4 = Utc(2026, 4, 24, 0, 0);
    private static readonly DateTime CheaperHits = Utc(2026, 4, 26, 12, 15);
    private static readonly DateTime OldNamesEnd = Utc(2026, 7, 24, 16, 0);
    private static readonly DateTime Bands = Utc(2026, 8, 16, 16, 0);
    private static readonly DateTime V41 = Utc(2026, 9, 10, 4, 0);

    /// <summary>All rows: the prices in CNY and USD, then the names.</summary>
    public static IReadOnlyList<StartingRow> All { get; } =
    [
        // Hit, miss, output of a million tokens.
        .. Banded(Flash, "CNY", Bands, V41, ("0.05", "1.5", "4.5"), ("0.1", "3", "9")),
        .. Banded(Flash, "CNY", V41, null, ("0.02", "1", "4"), ("0.04", "2", "8")),
        .. Banded(Pro, "CNY", Bands, null, ("0.15", "4.5", "13.5"), ("0.3", "9", "27")),
        .. Prices(Flash, PriceBand.All, "USD", V4, CheaperHits, ("0.028", "0.14", "0.28"), April),
        .. Prices(Flash, PriceBand.All, "USD", CheaperHits, Bands, ("0.0028", "0.14", "0.28"), Page),
        .. Banded(Flash, "USD", Bands, V41, ("0.007", "0.22", "0.66"), ("0.014", "0.44", "1.32")),
        .. Banded(Flash, "USD", V41, null, ("0.003", "0.15", "0.6"), ("0.006", "0.3", "1.2")),
        .. Prices(Pro, PriceBand.All, "USD", V4, CheaperHits, ("0.145", "1.74", "3.48"), April),
        .. Prices(Pro, PriceBand.All, "USD", CheaperHits, Bands, ("0.003625", "0.435", "0.87"), Promotion),
        .. Banded(Pro, "USD", Bands, null, ("0.022", "0.66", "1.98"), ("0.044", "1.32", "3.96")),
        Name("deepseek-chat", Flash, V4, OldNamesEnd, Retired),
        Name("deepseek-reasoner", Flash, V4, OldNamesEnd, Retired),
        Name("deepseek-v4-flash", Flash, V4, null, News),
        Name("deepseek-v4-flash-vision-exp", Flash, V41, null, News),
        Name(Flash, Flash, V41, null, News),
        Name(Pro, Pro, V4, null, News),
    ];

    private static IEnumerable<StartingRow> Banded(
        string model, string currency, DateTime from, DateTime? until, (string Hit, string Miss, string Output) offPeak, (string Hit, string Miss, string Output) peak) =>
        Prices(model, PriceBand.OffPeak, currency, from, until, offPeak, Page).Concat(Prices(model, PriceBand.Peak, currency, from, until, peak, Page));

    private static IEnumerable<StartingRow> Prices(
        string model, PriceBand band, string currency, DateTime from, DateTime? until, (string Hit, string Miss, string Output) price, string origin) =>
        new[] { (TokenPart.CacheRead, price.Hit), (TokenPart.UncachedInput, price.Miss), (TokenPart.Output, price.Output) }
            .Select(part => new StartingRow(new PriceRow(0, Upstream, model, part.Item1, band, currency, Micro(part.Item2), from, until), origin));

    private static StartingRow Name(string name, string model, DateTime from, DateTime? until, string origin) => new(new MappingRow(0, name, Upstream, model, from, until), origin);

    private static long Micro(string price) => RateRules.ReadPrice(price, "price_per_million", out var micro) is null ? micro : throw new FormatException(price);

    private static DateTime Utc(int year, int month, int day, int hour, int minute) => new(year, month, day, hour, minute, 0, DateTimeKind.Utc);
}
