using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Settlement;

/// <summary>Makes the draft of an upstream's month from the sums of usage and the rates, as both are now (settlement rules 2 to 4 and 6).</summary>
public static class SettlementReader
{
    /// <summary>The draft.</summary>
    /// <param name="session">Where it is read.</param>
    /// <param name="upstream">The upstream, canonical.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">The upstream is not known.</exception>
    internal static async Task<SettlementDocument> DraftAsync(Session session, string upstream, DateOnly month, CancellationToken token) =>
        (await ViewAsync(session, upstream, month, await RateQueries.BookAsync(session, token).ConfigureAwait(false), token).ConfigureAwait(false)).Document;

    /// <summary>What was approved, or else the draft.</summary>
    /// <exception cref="RefusedException">The upstream is not known.</exception>
    internal static async Task<SettlementDocument> NowAsync(Session session, string upstream, DateOnly month, CancellationToken token) =>
        (await SettlementQueries.ApprovedAsync(session, upstream, SettlementPeriod.NameOf(month), token).ConfigureAwait(false))?.Document
        ?? await DraftAsync(session, upstream, month, token).ConfigureAwait(false);

    /// <summary>The draft under any rates, with what it is made of.</summary>
    internal static async Task<SettlementView> ViewAsync(Session session, string upstream, DateOnly month, RateBook book, CancellationToken token)
    {
        var period = book.Period(upstream, month);
        var engine = await EngineAsync(session, upstream, period, book, null, token).ConfigureAwait(false);
        var document = new SettlementDocument(engine.Draft(), period) { Blockers = await BlockersAsync(session, new Window(FirstOf(period), UntilOf(period)), token).ConfigureAwait(false) };
        return new SettlementView(document, [.. engine.Details()]);
    }

    /// <summary>What an approved settlement was made of: the usage it counted, by the rows it used. None when that does not come to what was approved: then it is not said.</summary>
    /// <param name="session">Where it is read.</param>
    /// <param name="approved">What was approved.</param>
    /// <param name="token">To stop waiting.</param>
    internal static async Task<SettlementView> ApprovedViewAsync(Session session, ApprovedSettlement approved, CancellationToken token)
    {
        var document = approved.Document;
        var uses = (await session.ListAsync<UseRow>(ReadUses, new OfSettlement(approved.Number), token).ConfigureAwait(false)).Select(use => (use.Kind, use.Number)).ToHashSet();
        var book = await RateQueries.BookAsync(
            session, approved.Frame ?? await RateQueries.FrameAsync(session, token).ConfigureAwait(false), rows => rows.Where(row => uses.Contains((RateKinds.Price, row.Id))),
            rows => rows.Where(row => uses.Contains((RateKinds.Mapping, row.Id))), token).ConfigureAwait(false);
        var period = new SettlementPeriod(document.Period, document.From, document.Until);
        var engine = await EngineAsync(session, document.Upstream, period, book, approved.Era, token).ConfigureAwait(false);
        var isSame = engine.Draft().Lines.Sum(line => line.AmountNano) == document.Lines.Sum(line => line.AmountNano);
        return new SettlementView(document, isSame ? [.. engine.Details().Where(detail => detail.Mapping.Kind is MappingKind.Mapped)] : []);
    }

    private static int FirstOf(SettlementPeriod period) => checked((int)Quarters.Of(period.From));

    private static int UntilOf(SettlementPeriod period) => checked((int)Quarters.Of(period.Until));

    // Up to an era, or with everything that came in.
    private static async Task<SettlementEngine> EngineAsync(Session session, string upstream, SettlementPeriod period, RateBook book, int? before, CancellationToken token)
    {
        var names = await NamesList.ReadAsync(session, token).ConfigureAwait(false);
        var engine = new SettlementEngine(book, upstream, period, names.All);
        await EachCellAsync(session, period, names, before, engine.Add, token).ConfigureAwait(false);
        foreach (var (origin, cell) in await LateAsync(session, upstream, period, names, before, token).ConfigureAwait(false))
            engine.AddAdjustment(origin, cell);
        return engine;
    }

    /// <summary>Shows the sums of a month one after the other.</summary>
    /// <param name="session">Where they are read.</param>
    /// <param name="period">The month.</param>
    /// <param name="names">All names.</param>
    /// <param name="before">What came in from this era on is left out; null: nothing is.</param>
    /// <param name="visit">Sees each.</param>
    /// <param name="token">To stop waiting.</param>
    internal static Task EachCellAsync(Session session, SettlementPeriod period, NamesList names, int? before, CellVisitor visit, CancellationToken token) =>
        session.EachAsync(ReadCells, new CellWindow(FirstOf(period), UntilOf(period), before ?? int.MaxValue), row =>
        {
            // Every column that is asked of a row costs as much as the row: most have nothing written to caches.
            var (write5m, write1h) = row.GetInt32(6) == 0 ? (0, 0) : (row.GetInt64(7), row.GetInt64(8));
            visit(new UsageCell(names.PlaceOf(row.GetInt32(1)), row.GetInt32(0), new TokenCounts(row.GetInt64(3), row.GetInt64(4), write5m, write1h, row.GetInt64(5)), row.GetInt64(2)));
        }, token);

    /// <summary>Sees a sum of a quarter-hour.</summary>
    internal delegate void CellVisitor(in UsageCell cell);

    // What came in after an earlier month had been approved, up to the first month before this one that still is open: that one takes it (settlement rules 6).
    private static async Task<List<(string Origin, UsageCell Cell)>> LateAsync(Session session, string upstream, SettlementPeriod period, NamesList names, int? before, CancellationToken token)
    {
        var late = new List<(string, UsageCell)>();
        var earlier = await EarlierAsync(session, upstream, period, token).ConfigureAwait(false);
        if (earlier.Count == 0)
            return late;
        var end = before ?? 1 + await UsageEraNow(session, token).ConfigureAwait(false);
        for (var era = earlier[0].Era; era < end; era++)
        {
            foreach (var row in await session.ListAsync<CellRow>(ReadLate, new LateCells(era, checked((int)Quarters.Of(period.From))), token).ConfigureAwait(false))
            {
                if (OriginOf(row, earlier) is { } origin)
                    late.Add((origin, row.Cell(names)));
            }
        }
        return late;
    }

    /// <summary>Approved months right before this one, without a gap, the latest first; the era is the greatest from a month up to here.</summary>
    private static async Task<List<ApprovedMonth>> EarlierAsync(Session session, string upstream, SettlementPeriod period, CancellationToken token)
    {
        var approved = (await session.ListAsync<ApprovedRow>(ReadApproved, new Before(upstream, period.Name), token).ConfigureAwait(false)).ToDictionary(row => row.Period, StringComparer.Ordinal);
        var months = new List<ApprovedMonth>();
        var era = 0;
        for (var month = SettlementPeriod.Parse(period.Name)!.Value.AddMonths(-1); approved.TryGetValue(SettlementPeriod.NameOf(month), out var row); month = month.AddMonths(-1))
        {
            era = Math.Max(era, row.Era);
            months.Add(new ApprovedMonth(row.Period, Quarters.Of(row.WindowFrom), Quarters.Of(row.WindowUntil), era));
        }
        return months;
    }

    private static string? OriginOf(CellRow row, List<ApprovedMonth> earlier)
    {
        foreach (var month in earlier)
        {
            if (row.Quarter >= month.From && row.Quarter < month.Until)
                return row.Era >= month.Era ? month.Period : null;
        }
        return null;
    }

    private static async Task<int> UsageEraNow(Session session, CancellationToken token) =>
        checked((int)await session.GetAsync<long>(WriteSession.ReadCounter, new WriteSession.CounterName("UsageEra"), token).ConfigureAwait(false));

    private static async Task<IReadOnlyList<SettlementBlocker>> BlockersAsync(Session session, Window window, CancellationToken token)
    {
        var rows = await session.ListAsync<AsideCount>(CountAsides, window, token).ConfigureAwait(false);
        return [.. rows.OrderBy(row => row.Kind, StringComparer.Ordinal).Select(row => new SettlementBlocker(row.Kind == "conflict" ? SettlementBlockers.Conflict : SettlementBlockers.PutAside, row.Asides))];
    }

    /// <summary>From a quarter-hour to one that is not included.</summary>
    public sealed record Window(int From, int Until);

    /// <summary>The same, of what came in before an era.</summary>
    public sealed record CellWindow(int From, int Until, int Before);

    /// <summary>What came in an era, of before a month.</summary>
    public sealed record LateCells(int Era, int Before);

    /// <summary>An upstream's months before one.</summary>
    public sealed record Before(string Upstream, string Period);

    /// <summary>Which settlement.</summary>
    public sealed record OfSettlement(long Number);

    /// <summary>All names.</summary>
    public static readonly Sql ReadNames = new("""
        SELECT N.Id, S.Name AS Source, N.Upstream, N.ConsoleName, N.UpstreamName, N.Channel
        FROM UsageNames AS N
        JOIN UsageSources AS S ON S.Id = N.SourceId
        """);

    /// <summary>The sums of a month.</summary>
    public static readonly Sql<CellWindow> ReadCells = new("""
        SELECT Quarter, NamesId, Records, UncachedInput, CacheRead, OutputTokens, CASE WHEN CacheWrite5m = 0 AND CacheWrite1h = 0 THEN 0 ELSE 1 END AS IsWritten, CacheWrite5m, CacheWrite1h
        FROM UsageRollups
        WHERE Quarter >= @From AND Quarter < @Until AND Era < @Before
        """);

    /// <summary>The sums that came late.</summary>
    public static readonly Sql<LateCells> ReadLate = new("""
        SELECT Quarter, NamesId, Era, Records, UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens
        FROM UsageRollups
        WHERE Era = @Era AND Era > 1 AND Quarter < @Before
        """);

    /// <summary>An upstream's approved months.</summary>
    public static readonly Sql<Before> ReadApproved = new("""
        SELECT Period, WindowFrom, WindowUntil, Era
        FROM Settlements
        WHERE Upstream = @Upstream AND Period < @Period AND Status <> 'draft'
        """);

    /// <summary>What was put aside and nobody has decided about: of the month, or of no month that could be read.</summary>
    public static readonly Sql<Window> CountAsides = new("""
        SELECT Kind, COUNT(*) AS Asides
        FROM UsageAsides
        WHERE State = 'open' AND ((Quarter >= @From AND Quarter < @Until) OR (OtherQuarter >= @From AND OtherQuarter < @Until) OR Quarter IS NULL)
        GROUP BY Kind
        """);

    /// <summary>The rows of rates that a settlement used.</summary>
    public static readonly Sql<OfSettlement> ReadUses = new("SELECT Kind, Number FROM SettlementUses WHERE Settlement = @Number");

    private sealed class UseRow
    {
        public string Kind { get; init; } = "";

        public long Number { get; init; }
    }

    private sealed record ApprovedMonth(string Period, long From, long Until, int Era);

    private sealed class ApprovedRow
    {
        public string Period { get; init; } = "";

        public DateTime WindowFrom { get; init; }

        public DateTime WindowUntil { get; init; }

        public int Era { get; init; }
    }

    private sealed class AsideCount
    {
        public string Kind { get; init; } = "";

        public long Asides { get; init; }
    }

    internal sealed class CellRow
    {
        public int Quarter { get; init; }

        public int NamesId { get; init; }

        public int Era { get; init; }

        public long Records { get; init; }

        public long UncachedInput { get; init; }

        public long CacheRead { get; init; }

        public long CacheWrite5m { get; init; }

        public long CacheWrite1h { get; init; }

        public long OutputTokens { get; init; }

        public TokenCounts Tokens => new(UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens);

        public UsageCell Cell(NamesList names) => new(names.PlaceOf(NamesId), Quarter, Tokens, Records);
    }

    internal sealed class NamesRow
    {
        public int Id { get; init; }

        public string Source { get; init; } = "";

        public string Upstream { get; init; } = "";

        public string ConsoleName { get; init; } = "";

        public string UpstreamName { get; init; } = "";

        public string Channel { get; init; } = "";

        public UsageNames Names => new(Source, NullOf(Upstream), ConsoleName, NullOf(UpstreamName), NullOf(Channel));

        private static string? NullOf(string text) => text.Length == 0 ? null : text;
    }

    /// <summary>The names that usage came with; cells point to their places.</summary>
    internal sealed class NamesList(List<NamesRow> rows)
    {
        private readonly Dictionary<int, int> _places = rows.Select((row, place) => (row.Id, place)).ToDictionary(pair => pair.Id, pair => pair.place);

        public IReadOnlyList<UsageNames> All { get; } = rows.ConvertAll(row => row.Names);

        public IEnumerable<(UsageNames Names, int Id)> Ids => _places.Select(pair => (All[pair.Value], pair.Key));

        public int PlaceOf(int id) => _places[id];

        internal static async Task<NamesList> ReadAsync(Session session, CancellationToken token) => new(await session.ListAsync<NamesRow>(ReadNames, token: token).ConfigureAwait(false));
    }
}

/// <summary>A settlement with what it is made of.</summary>
/// <param name="Document">Its figures.</param>
/// <param name="Details">What they are made of; none of an approved one that can no longer be taken apart.</param>
public sealed record SettlementView(SettlementDocument Document, IReadOnlyList<SettlementDetail> Details)
{
    /// <summary>By local day of the billing zone, what adjusts earlier months left out.</summary>
    public IReadOnlyList<SettlementGroup<DateOnly>> ByDay => SettlementGroups.By(Details.Where(detail => detail.Adjusts is null), Document.Currency, detail => detail.Day);

    /// <summary>By the upstream's model, what adjusts earlier months left out; blank for what no mapping knows.</summary>
    public IReadOnlyList<SettlementGroup<string>> ByModel => SettlementGroups.By(Details.Where(detail => detail.Adjusts is null), Document.Currency, detail => detail.Mapping.Model ?? "");

    /// <summary>What adjusts earlier months, by month.</summary>
    public IReadOnlyList<SettlementGroup<string>> ByAdjusted => SettlementGroups.By(Details.Where(detail => detail.Adjusts is not null), Document.Currency, detail => detail.Adjusts!);

    /// <summary>By the console's channel, <c>new-api/3</c>, what adjusts earlier months left out; blank for records that name none.</summary>
    public IReadOnlyList<SettlementGroup<string>> ByChannel =>
        SettlementGroups.By(Details.Where(detail => detail.Adjusts is null), Document.Currency, detail => detail.Names.Channel is { } channel ? $"{detail.Names.Source}/{channel}" : "");
}
