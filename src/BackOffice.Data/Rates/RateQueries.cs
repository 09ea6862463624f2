using System.Globalization;
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

    /// <summary>The same, inside a transaction.</summary>
    public static async Task<RateBook> BookAsync(Session session, CancellationToken token)
    {
        var prices = await session.ListAsync<PriceRead>(ReadPrices, token: token).ConfigureAwait(false);
        var mappings = await session.ListAsync<MappingRead>(ReadMappings, token: token).ConfigureAwait(false);
        var terms = await session.ListAsync<TermsRead>(ReadTerms, token: token).ConfigureAwait(false);
        var channels = await session.ListAsync<ChannelRead>(ReadChannels, token: token).ConfigureAwait(false);
        return new RateBook(
            prices.ConvertAll(row => row.Row), mappings.ConvertAll(row => row.Row), terms.ConvertAll(row => row.Terms),
            await CalendarsAsync(session, token).ConfigureAwait(false),
            channels.ToDictionary(row => $"{row.Source}/{row.Channel}", row => row.Upstream, StringComparer.Ordinal));
    }

    /// <summary>Peak hours of every upstream that has them.</summary>
    public static async Task<List<BandCalendar>> CalendarsAsync(Session session, CancellationToken token)
    {
        var calendars = await session.ListAsync<CalendarRead>(ReadCalendars, token: token).ConfigureAwait(false);
        var holidays = (await session.ListAsync<HolidayRead>(ReadHolidays, token: token).ConfigureAwait(false)).ToLookup(row => row.Upstream, row => row.Day, StringComparer.Ordinal);
        return calendars.ConvertAll(row => row.Calendar(holidays[row.Upstream].ToHashSet()));
    }

    internal static async Task<List<PriceRow>> PricesOfAsync(Session session, IEnumerable<string> upstreams, CancellationToken token) =>
        (await session.ListAsync<PriceRead>(FindPrices, new Upstreams([.. upstreams.Distinct(StringComparer.Ordinal)]), token).ConfigureAwait(false)).ConvertAll(row => row.Row);

    internal static async Task<List<MappingRow>> MappingsOfAsync(Session session, IEnumerable<string> upstreams, CancellationToken token) =>
        (await session.ListAsync<MappingRead>(FindMappings, new Upstreams([.. upstreams.Distinct(StringComparer.Ordinal)]), token).ConfigureAwait(false)).ConvertAll(row => row.Row);

    /// <summary>Until when approved settlements used the rows of a kind, UTC, by number.</summary>
    internal static async Task<Dictionary<long, DateTime>> UsedAsync(Session session, string kind, CancellationToken token) =>
        (await session.ListAsync<UsedRead>(ReadUsed, new OfKind(kind), token).ConfigureAwait(false)).ToDictionary(row => row.Number, row => row.UsedUntil);

    /// <summary>Which upstreams.</summary>
    public sealed record Upstreams(IReadOnlyList<string> Keys);

    /// <summary>Which kind of rows.</summary>
    public sealed record OfKind(string Kind);

    private const string PriceColumns = "Number, Upstream, Model, Part, Band, Currency, PriceMicro, ValidFrom, ValidUntil";
    private const string MappingColumns = "Number, Name, Upstream, Model, ValidFrom, ValidUntil";

    /// <summary>All upstreams.</summary>
    public static readonly Sql ReadUpstreams = new("SELECT Name FROM Upstreams ORDER BY Name");

    /// <summary>All prices.</summary>
    public static readonly Sql ReadPrices = new($"SELECT {PriceColumns} FROM UpstreamPrices");

    /// <summary>All mappings.</summary>
    public static readonly Sql ReadMappings = new($"SELECT {MappingColumns} FROM ModelMappings");

    /// <summary>Prices of some upstreams.</summary>
    public static readonly Sql<Upstreams> FindPrices = new($"SELECT {PriceColumns} FROM UpstreamPrices WHERE Upstream IN @Keys");

    /// <summary>Mappings of some upstreams.</summary>
    public static readonly Sql<Upstreams> FindMappings = new($"SELECT {MappingColumns} FROM ModelMappings WHERE Upstream IN @Keys");

    /// <summary>What each upstream bills in, and the zone of its months.</summary>
    public static readonly Sql ReadTerms = new("""
        SELECT C.Upstream, C.Currency, U.Zone, C.ValidFrom, C.ValidUntil
        FROM UpstreamCurrencies AS C
        JOIN Upstreams AS U ON U.Name = C.Upstream
        """);

    /// <summary>Whose the channels are.</summary>
    public static readonly Sql ReadChannels = new("""
        SELECT S.Name AS Source, C.Channel, C.Upstream
        FROM ChannelUpstreams AS C
        JOIN UsageSources AS S ON S.Id = C.SourceId
        """);

    /// <summary>All calendars.</summary>
    public static readonly Sql ReadCalendars = new("SELECT Number, Upstream, Zone, Weekdays, Windows, ValidFrom, ValidUntil FROM PriceCalendars");

    /// <summary>All holidays.</summary>
    public static readonly Sql ReadHolidays = new("SELECT Upstream, Day FROM CalendarHolidays");

    /// <summary>Until when rows were used.</summary>
    public static readonly Sql<OfKind> ReadUsed = new("SELECT Number, MAX(UsedUntil) AS UsedUntil FROM SettlementUses WHERE Kind = @Kind GROUP BY Number");

    private sealed class PriceRead
    {
        public long Number { get; init; }

        public string Upstream { get; init; } = "";

        public string Model { get; init; } = "";

        public string Part { get; init; } = "";

        public string Band { get; init; } = "";

        public string Currency { get; init; } = "";

        public long PriceMicro { get; init; }

        public DateTime? ValidFrom { get; init; }

        public DateTime? ValidUntil { get; init; }

        public PriceRow Row => new(Number, Upstream, Model, TokenParts.Parse(Part)!.Value, PriceBands.Parse(Band)!.Value, Currency, PriceMicro, ValidFrom, ValidUntil);
    }

    private sealed class MappingRead
    {
        public long Number { get; init; }

        public string Name { get; init; } = "";

        public string Upstream { get; init; } = "";

        public string Model { get; init; } = "";

        public DateTime? ValidFrom { get; init; }

        public DateTime? ValidUntil { get; init; }

        public MappingRow Row => new(Number, Name, Upstream, Model, ValidFrom, ValidUntil);
    }

    private sealed class TermsRead
    {
        public string Upstream { get; init; } = "";

        public string Currency { get; init; } = "";

        public string Zone { get; init; } = "";

        public DateTime? ValidFrom { get; init; }

        public DateTime? ValidUntil { get; init; }

        public UpstreamTerms Terms => new(Upstream, Currency, TimeZoneInfo.FindSystemTimeZoneById(Zone), ValidFrom, ValidUntil);
    }

    private sealed class ChannelRead
    {
        public string Source { get; init; } = "";

        public string Channel { get; init; } = "";

        public string Upstream { get; init; } = "";
    }

    private sealed class CalendarRead
    {
        public long Number { get; init; }

        public string Upstream { get; init; } = "";

        public string Zone { get; init; } = "";

        public int Weekdays { get; init; }

        public string Windows { get; init; } = "";

        public DateTime? ValidFrom { get; init; }

        public DateTime? ValidUntil { get; init; }

        public BandCalendar Calendar(IReadOnlySet<DateOnly> holidays) => new(
            Number, Upstream, TimeZoneInfo.FindSystemTimeZoneById(Zone),
            Enumerable.Range(0, 7).Where(day => (Weekdays >> day & 1) == 1).Select(day => (DayOfWeek)((day + 1) % 7)).ToHashSet(),
            [.. Windows.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Window)], holidays, ValidFrom, ValidUntil);

        private static LocalWindow Window(string text) => new(Time(text[..5]), Time(text[6..]));

        private static TimeOnly Time(string text) => text == "24:00" ? TimeOnly.MinValue : TimeOnly.ParseExact(text, "HH:mm", CultureInfo.InvariantCulture);
    }

    private sealed class HolidayRead
    {
        public string Upstream { get; init; } = "";

        public DateOnly Day { get; init; }
    }

    private sealed class UsedRead
    {
        public long Number { get; init; }

        public DateTime UsedUntil { get; init; }
    }
}
