using BackOffice.Data.Engine;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Rates;

/// <summary>Kinds of rows that a settlement uses.</summary>
public static class RateKinds
{
    /// <summary>A price of an upstream.</summary>
    public const string Price = "price";

    /// <summary>A mapping of a name.</summary>
    public const string Mapping = "mapping";

    /// <summary>A credit rule.</summary>
    public const string Credit = "credit";
}

/// <summary>Reads the rows of rates (settlement rules 2 and 3).</summary>
public sealed class RateQueries(Database database)
{
    /// <summary>All rows by which usage is mapped and priced, as they are now.</summary>
    public Task<RateBook> BookAsync(CancellationToken token = default) => database.ReadAsync(session => BookAsync(session, token), token);

    /// <summary>All mapping rows.</summary>
    public Task<List<MappingRow>> MappingsAsync(CancellationToken token = default) =>
        database.ReadAsync(async session => (await session.ListAsync<MappingRead>(ReadMappings, token: token).ConfigureAwait(false)).ConvertAll(row => row.Row), token);

    /// <summary>Names of all upstreams.</summary>
    public Task<List<string>> UpstreamsAsync(CancellationToken token = default) => database.ReadAsync(session => session.ListAsync<string>(ReadUpstreams, token: token), token);

    /// <summary>Upstreams with how many rows they have.</summary>
    public Task<List<UpstreamSummary>> SummariesAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<UpstreamSummary>(ReadSummaries, token: token), token);

    /// <summary>The rows of a kind with their history, as stored.</summary>
    /// <param name="table">The kind.</param>
    /// <param name="upstream">Whose; null where rows are nobody's.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<List<KeptRow>> RowsAsync(RateTable table, string? upstream, CancellationToken token = default) =>
        database.ReadAsync(session => table.ListAsync(session, upstream, token), token);

    /// <summary>An upstream's holidays, the latest first.</summary>
    public Task<List<KeptHoliday>> HolidaysAsync(string upstream, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<KeptHoliday>(ListHolidays, new RateTable.OfUpstream(upstream), token), token);

    /// <summary>Channels that usage came through or that are an upstream's, by console; one that changed hands once for each time.</summary>
    public Task<List<ChannelRow>> ChannelsAsync(CancellationToken token = default) => database.ReadAsync(session => session.ListAsync<ChannelRow>(ListChannels, token: token), token);

    /// <summary>Names of all consoles that usage came from.</summary>
    public Task<List<string>> ConsolesAsync(CancellationToken token = default) => database.ReadAsync(session => session.ListAsync<string>(ReadConsoles, token: token), token);

    /// <summary>The same, inside a transaction.</summary>
    public static async Task<RateBook> BookAsync(Session session, CancellationToken token) =>
        await BookAsync(session, await FrameAsync(session, token).ConfigureAwait(false), static rows => rows, static rows => rows, token).ConfigureAwait(false);

    /// <summary>A book of other rows than the stored ones: what if, or what was.</summary>
    /// <param name="session">Where the rows are read.</param>
    /// <param name="frame">What counts besides prices and mappings.</param>
    /// <param name="pricesOf">The prices that count, from those stored.</param>
    /// <param name="mappingsOf">The mappings that count, from those stored.</param>
    /// <param name="token">To stop waiting.</param>
    internal static async Task<RateBook> BookAsync(
        Session session, RateFrame frame, Func<IEnumerable<PriceRow>, IEnumerable<PriceRow>> pricesOf, Func<IEnumerable<MappingRow>, IEnumerable<MappingRow>> mappingsOf,
        CancellationToken token)
    {
        var prices = await session.ListAsync<PriceRead>(ReadPrices, token: token).ConfigureAwait(false);
        var mappings = await session.ListAsync<MappingRead>(ReadMappings, token: token).ConfigureAwait(false);
        return frame.Book(pricesOf(prices.ConvertAll(row => row.Row)), mappingsOf(mappings.ConvertAll(row => row.Row)));
    }

    /// <summary>What counts besides prices and mappings, as it is now.</summary>
    internal static async Task<RateFrame> FrameAsync(Session session, CancellationToken token) => new(
        await session.ListAsync<TermsRead>(ReadTerms, token: token).ConfigureAwait(false), await session.ListAsync<CalendarRead>(ReadCalendars, token: token).ConfigureAwait(false),
        await session.ListAsync<HolidayRead>(ReadHolidays, token: token).ConfigureAwait(false), await session.ListAsync<ChannelRead>(ReadChannels, token: token).ConfigureAwait(false));

    /// <summary>Until when approved settlements used the rows of a kind, UTC, by number.</summary>
    internal static async Task<Dictionary<long, DateTime>> UsedAsync(Session session, string kind, CancellationToken token) =>
        (await session.ListAsync<UsedRead>(ReadUsed, new OfKind(kind), token).ConfigureAwait(false)).ToDictionary(row => row.Number, row => row.UsedUntil);

    /// <summary>Which kind of rows.</summary>
    public sealed record OfKind(string Kind);

    internal const string PriceColumns = "Number, Upstream, Model, Part, Band, Currency, PriceMicro, ValidFrom, ValidUntil";
    internal const string MappingColumns = "Number, Name, Upstream, Model, ValidFrom, ValidUntil";
    internal const string CalendarColumns = "Number, Upstream, Zone, Weekdays, Windows, ValidFrom, ValidUntil";

    /// <summary>All upstreams.</summary>
    public static readonly Sql ReadUpstreams = new("SELECT Name FROM Upstreams ORDER BY Name");

    /// <summary>Upstreams with counts.</summary>
    public static readonly Sql ReadSummaries = new("""
        SELECT U.Name, U.Zone,
            (SELECT COUNT(DISTINCT P.Model) FROM UpstreamPrices AS P WHERE P.Upstream = U.Name AND (P.ValidFrom IS NULL OR P.ValidUntil IS NULL OR P.ValidUntil > P.ValidFrom)) AS Models,
            (SELECT COUNT(*) FROM UpstreamPrices AS P WHERE P.Upstream = U.Name AND (P.ValidFrom IS NULL OR P.ValidUntil IS NULL OR P.ValidUntil > P.ValidFrom)) AS Prices,
            (SELECT COUNT(*) FROM ModelMappings AS M WHERE M.Upstream = U.Name AND (M.ValidFrom IS NULL OR M.ValidUntil IS NULL OR M.ValidUntil > M.ValidFrom)) AS Mappings
        FROM Upstreams AS U
        ORDER BY U.Name
        """);

    /// <summary>An upstream's holidays.</summary>
    public static readonly Sql<RateTable.OfUpstream> ListHolidays = new("SELECT Day, Origin, RecordedAt, RecordedBy FROM CalendarHolidays WHERE Upstream = @Upstream ORDER BY Day DESC");

    /// <summary>Channels seen or set.</summary>
    public static readonly Sql ListChannels = new("""
        SELECT S.Name AS Source, N.Channel, C.Upstream, C.FromQuarter, C.RecordedAt, C.RecordedBy
        FROM (
            SELECT SourceId, Channel FROM UsageNames WHERE Channel <> ''
            UNION
            SELECT SourceId, Channel FROM ChannelOwners
        ) AS N
        JOIN UsageSources AS S ON S.Id = N.SourceId
        LEFT JOIN ChannelOwners AS C ON C.SourceId = N.SourceId AND C.Channel = N.Channel
        ORDER BY S.Name, N.Channel, C.FromQuarter
        """);

    /// <summary>All consoles.</summary>
    public static readonly Sql ReadConsoles = new("SELECT Name FROM UsageSources ORDER BY Name");

    /// <summary>All prices.</summary>
    public static readonly Sql ReadPrices = new($"SELECT {PriceColumns} FROM UpstreamPrices");

    /// <summary>All mappings.</summary>
    public static readonly Sql ReadMappings = new($"SELECT {MappingColumns} FROM ModelMappings");

    /// <summary>What each upstream bills in, as far as a price has told it, and the zone of its months.</summary>
    public static readonly Sql ReadTerms = new("""
        SELECT U.Name AS Upstream, C.Currency, U.Zone, C.ValidFrom, C.ValidUntil
        FROM Upstreams AS U
        LEFT JOIN UpstreamCurrencies AS C ON C.Upstream = U.Name
        """);

    /// <summary>Whose the channels are.</summary>
    public static readonly Sql ReadChannels = new("""
        SELECT S.Name AS Source, C.Channel, C.Upstream, C.FromQuarter
        FROM ChannelOwners AS C
        JOIN UsageSources AS S ON S.Id = C.SourceId
        """);

    /// <summary>All calendars.</summary>
    public static readonly Sql ReadCalendars = new($"SELECT {CalendarColumns} FROM PriceCalendars");

    /// <summary>All holidays.</summary>
    public static readonly Sql ReadHolidays = new("SELECT Upstream, Day FROM CalendarHolidays");

    /// <summary>Until when rows were used.</summary>
    public static readonly Sql<OfKind> ReadUsed = new("SELECT Number, MAX(UsedUntil) AS UsedUntil FROM SettlementUses WHERE Kind = @Kind GROUP BY Number");

    private sealed class UsedRead
    {
        public long Number { get; init; }

        public DateTime UsedUntil { get; init; }
    }
}

/// <summary>An upstream in the list.</summary>
public sealed class UpstreamSummary
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Time zone of its months.</summary>
    public string Zone { get; init; } = "";

    /// <summary>Models that have a price row.</summary>
    public int Models { get; init; }

    /// <summary>Price rows, ended ones too.</summary>
    public int Prices { get; init; }

    /// <summary>Mapping rows, ended ones too.</summary>
    public int Mappings { get; init; }
}

/// <summary>A local day that is wholly off-peak.</summary>
public sealed class KeptHoliday
{
    /// <summary>The day on the calendar's clock.</summary>
    public DateOnly Day { get; init; }

    /// <summary>Where it is from.</summary>
    public string Origin { get; init; } = "";

    /// <summary>When it was stored, UTC.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>By whom.</summary>
    public string RecordedBy { get; init; } = "";
}

/// <summary>A console's channel.</summary>
public sealed class ChannelRow
{
    /// <summary>The console.</summary>
    public string Source { get; init; } = "";

    /// <summary>The channel's id there.</summary>
    public string Channel { get; init; } = "";

    /// <summary>Whose its calls are; null: not said.</summary>
    public string? Upstream { get; init; }

    /// <summary>From which quarter-hour on, see <see cref="Quarters"/>; 0: since ever, null: not said.</summary>
    public int? FromQuarter { get; init; }

    /// <summary>From when on, UTC; null: since ever, or not said.</summary>
    public DateTime? ValidFrom => FromQuarter is > 0 ? Quarters.Start(FromQuarter.Value) : null;

    /// <summary>When that was said, UTC.</summary>
    public DateTime? RecordedAt { get; init; }

    /// <summary>By whom.</summary>
    public string? RecordedBy { get; init; }
}
