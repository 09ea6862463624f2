using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Reconciliation;

/// <summary>
/// Reconciliation runs and their own rows. One run at a time: two that judge the same findings from different knowledge would undo each other.
/// A killed run is taken up with the instants it began with, so it comes to the same end.
/// </summary>
public sealed class RunStore(Database database)
{
    private const int Portion = 500;

    /// <summary>The rows as work.</summary>
    public static readonly WorkQueue Queue = new("ReconciliationRuns");

    /// <summary>Adds a run; it waits to be claimed.</summary>
    public Task<RunRow> AddAsync(NewRun run, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var number = await session.NextNumberAsync("ReconciliationRuns", token).ConfigureAwait(false);
            var id = Ids.New(session.At);
            await session.ExecuteAsync(Insert, InsertArgs.Of(id, number, run, session.At), token).ConfigureAwait(false);
            // A night makes its run by itself: that is no act of anybody.
            if (run.NightId is null)
                await AuditLog.AppendAsync(session, Act(number, run), token).ConfigureAwait(false);
            return await session.GetAsync<RunRow>(RunQueries.ReadOne, new RunQueries.ByNumber(number), token).ConfigureAwait(false);
        }, token);

    private static AuditAct Act(long number, NewRun run) => new()
    {
        Who = run.RequestedBy,
        Action = AuditActions.RunRequested,
        Subject = AuditSubject.Of("run", number),
        Details = new { run.FromDay, run.UntilDay, run.AsOf, run.KnownAsOf, run.TimeZone, run.GraceMinutes, run.ToleranceMinor, run.Mode },
    };

    /// <summary>
    /// Claims a run and fixes its instants: the moment it starts is what it knows as of, unless given. That instant is outlasted before the transaction
    /// ends, so that whatever is recorded afterwards is recorded later (DESIGN 11).
    /// </summary>
    public Task<RunClaim> ClaimAsync(Guid id, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            if (await OtherRunsAsync(session, id, token).ConfigureAwait(false))
                return RunClaim.AnotherRuns;
            if (!await Queue.ClaimAsync(session, id, token).ConfigureAwait(false))
                return RunClaim.NotWaiting;
            await session.ExecuteAsync(FixInstants, new FixArgs(id, session.At), token).ConfigureAwait(false);
            await session.ExecuteAsync(NoteLookingBack, new ById(id), token).ConfigureAwait(false);
            foreach (var statement in new[] { ForgetFindings, ForgetStatement, ForgetBridge, ForgetPackages })
                await session.ExecuteAsync(statement, new ById(id), token).ConfigureAwait(false);
            await session.OutlastInstantAsync(token).ConfigureAwait(false);
            return RunClaim.Claimed;
        }, token);

    /// <summary>The estimated fees known to a run.</summary>
    public Task<List<FeeRow>> FeesAsync(DateTime knownAsOf, CancellationToken token = default) =>
        database.ReadAsync(async session => (await session.ListAsync<FeeRule>(ReadFees, new KnownArgs(knownAsOf), token).ConfigureAwait(false)).ConvertAll(rule => rule.AsRow()), token);

    /// <summary>Orders sold in the window, by package.</summary>
    public Task<List<SoldPackage>> SoldAsync(RunParameters run, CancellationToken token = default) =>
        database.ReadAsync(
            async session => (await session.ListAsync<SoldRow>(ReadSold, new SoldArgs(run.From, run.Until < run.AsOf ? run.Until : run.AsOf, run.KnownAsOf), token).ConfigureAwait(false))
                .ConvertAll(row => new SoldPackage(row.Package, row.Orders, row.Tokens)),
            token);

    /// <summary>Keeps some of what the run saw, and how far it is.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public async Task KeepAsync(Guid id, IReadOnlyList<FindingLine> findings, long judged, long total, CancellationToken token = default)
    {
        var kept = 0;
        do
        {
            await database.WriteAsync(WriteRank.Job, async session =>
            {
                do
                {
                    var portion = findings.Skip(kept).Take(Portion).ToList();
                    await session.BulkInsertAsync(RunFindings, portion.ConvertAll(line => new RunFinding(id, line)), token).ConfigureAwait(false);
                    kept += portion.Count;
                }
                while (kept < findings.Count && !session.ShouldEnd);
                await session.ExecuteAsync(Advance, new AdvanceArgs(id, judged, total), token).ConfigureAwait(false);
                await RenewAsync(session, id, token).ConfigureAwait(false);
            }, token).ConfigureAwait(false);
        }
        while (kept < findings.Count);
    }

    /// <summary>Keeps the figures and ends the run.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public Task FinishAsync(Guid id, RunFigures figures, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            await session.BulkInsertAsync(StatementLines, figures.Statement.Select(line => new OfRun<StatementLine>(id, line)).ToList(), token).ConfigureAwait(false);
            await session.BulkInsertAsync(BridgeLines, figures.Bridge.Select(line => new OfRun<BridgeLine>(id, line)).ToList(), token).ConfigureAwait(false);
            await session.BulkInsertAsync(PackageLines, figures.Packages.Select(line => new OfRun<PackageLine>(id, line)).ToList(), token).ConfigureAwait(false);
            await session.ExecuteAsync(CountFindings, new ById(id), token).ConfigureAwait(false);
            if (!await Queue.EndAsync(session, id, figures.IsBroken ? "broken" : "balanced", token).ConfigureAwait(false))
                throw new LeaseLostException();
        }, token);

    private static async Task RenewAsync(WriteSession session, Guid id, CancellationToken token)
    {
        if (!await Queue.RenewAsync(session, id, token).ConfigureAwait(false))
            throw new LeaseLostException();
    }

    private static async Task<bool> OtherRunsAsync(WriteSession session, Guid id, CancellationToken token)
    {
        var others = await session.ListAsync<string>(ReadRunning, new RunningArgs(id, session.At), token).ConfigureAwait(false);
        return others.Exists(owner => !LeaseOwner.IsGone(owner));
    }

    /// <summary>Which run.</summary>
    public sealed record ById(Guid Id);

    /// <summary>What is known.</summary>
    public sealed record KnownArgs(DateTime KnownAsOf);

    /// <summary>The moment a run starts.</summary>
    public sealed record FixArgs(Guid Id, DateTime Now);

    /// <summary>Other runs, at a moment.</summary>
    public sealed record RunningArgs(Guid Id, DateTime Now);

    /// <summary>How far a run is.</summary>
    public sealed record AdvanceArgs(Guid Id, long Judged, long Total);

    /// <summary>Orders created in a window, as known.</summary>
    public sealed record SoldArgs(DateTime From, DateTime Until, DateTime KnownAsOf);

    /// <summary>Columns of a new run.</summary>
    public sealed record InsertArgs(
        Guid Id, long Number, string Origin, DateOnly FromDay, DateOnly UntilDay, DateTime WindowFrom, DateTime WindowUntil, DateTime? AsOf, bool AsOfGiven,
        DateTime? KnownAsOf, bool KnownAsOfGiven, DateTime? RecordedSince, string TimeZone, int GraceMinutes, long ToleranceMinor, string Mode, string RequestedBy,
        DateTime RequestedAt, Guid? NightId)
    {
        internal static InsertArgs Of(Guid id, long number, NewRun run, DateTime at) => new(
            id, number, run.Origin, run.FromDay, run.UntilDay, run.WindowFrom, run.WindowUntil, run.AsOf, run.AsOf is not null, run.KnownAsOf, run.KnownAsOf is not null,
            run.RecordedSince, run.TimeZone, run.GraceMinutes, run.ToleranceMinor, run.Mode, run.RequestedBy, at, run.NightId);
    }

    /// <summary>A new run, pending.</summary>
    public static readonly Sql<InsertArgs> Insert = new("""
        INSERT INTO ReconciliationRuns (Id, Number, Origin, Status, FromDay, UntilDay, WindowFrom, WindowUntil, AsOf, AsOfGiven, KnownAsOf, KnownAsOfGiven,
            RecordedSince, TimeZone, GraceMinutes, ToleranceMinor, Mode, ChangedFindings, CasesJudged, CasesTotal, FindingsSeen, RequestedBy, RequestedAt, NightId, Attempts)
        VALUES (@Id, @Number, @Origin, 'pending', @FromDay, @UntilDay, @WindowFrom, @WindowUntil, @AsOf, @AsOfGiven, @KnownAsOf, @KnownAsOfGiven,
            @RecordedSince, @TimeZone, @GraceMinutes, @ToleranceMinor, @Mode, 0, 0, 0, 0, @RequestedBy, @RequestedAt, @NightId, 0)
        """);

    /// <summary>Who runs other runs.</summary>
    public static readonly Sql<RunningArgs> ReadRunning = new("""
        SELECT LeaseOwner FROM ReconciliationRuns WHERE Status = 'running' AND Id <> @Id AND LeaseUntil >= @Now
        """);

    /// <summary>known_as_of: the moment the run starts unless given; as_of: the earlier of the window's end and that, unless given; a nightly run's is its start (rules 3). Set once.</summary>
    public static readonly Sql<FixArgs> FixInstants = new("""
        UPDATE ReconciliationRuns
        SET KnownAsOf = COALESCE(KnownAsOf, @Now),
            AsOf = COALESCE(AsOf, CASE
                WHEN Origin = 'nightly' THEN @Now
                WHEN WindowUntil < COALESCE(KnownAsOf, @Now) THEN WindowUntil
                ELSE COALESCE(KnownAsOf, @Now) END)
        WHERE Id = @Id
        """);

    /// <summary>
    /// Whether a run that changed findings saw more of the world or knew more (rules 4, State). Asked again when a killed run is taken up: another one may have
    /// been first in the meantime, and what that one cleared must not be opened again by one that knows less.
    /// </summary>
    public static readonly Sql<ById> NoteLookingBack = new("""
        UPDATE ReconciliationRuns
        SET LooksBack = CASE WHEN EXISTS (
            SELECT 1 FROM ReconciliationRuns other
            WHERE other.ChangedFindings = 1 AND other.Id <> ReconciliationRuns.Id
                AND (other.AsOf > ReconciliationRuns.AsOf OR other.KnownAsOf > ReconciliationRuns.KnownAsOf)) THEN 1 ELSE 0 END
        WHERE Id = @Id
        """);

    /// <summary>What an attempt that was killed had kept.</summary>
    public static readonly Sql<ById> ForgetFindings = new("DELETE FROM RunFindings WHERE RunId = @Id");

    /// <inheritdoc cref="ForgetFindings"/>
    public static readonly Sql<ById> ForgetStatement = new("DELETE FROM RunStatementLines WHERE RunId = @Id");

    /// <inheritdoc cref="ForgetFindings"/>
    public static readonly Sql<ById> ForgetBridge = new("DELETE FROM RunBridgeLines WHERE RunId = @Id");

    /// <inheritdoc cref="ForgetFindings"/>
    public static readonly Sql<ById> ForgetPackages = new("DELETE FROM RunPackageLines WHERE RunId = @Id");

    /// <summary>The fee rows known.</summary>
    public static readonly Sql<KnownArgs> ReadFees = new("""
        SELECT Currency, PartsPerMillion, FixedMinor, ValidFrom, CASE WHEN EndedAt > @KnownAsOf THEN NULL ELSE ValidUntil END AS ValidUntil
        FROM FeeRules
        WHERE RecordedAt <= @KnownAsOf
        ORDER BY Currency, ValidFrom
        """);

    /// <summary>Sold, by package (rules 6).</summary>
    public static readonly Sql<SoldArgs> ReadSold = new("""
        SELECT Package, COUNT(*) AS Orders, SUM(Tokens) AS Tokens
        FROM Orders
        WHERE CreatedAt >= @From AND CreatedAt < @Until AND RecordedAt <= @KnownAsOf
        GROUP BY Package
        ORDER BY Package
        """);

    /// <summary>How far the run is.</summary>
    public static readonly Sql<AdvanceArgs> Advance = new("UPDATE ReconciliationRuns SET CasesJudged = @Judged, CasesTotal = @Total WHERE Id = @Id");

    /// <summary>How many findings it saw.</summary>
    public static readonly Sql<ById> CountFindings = new("""
        UPDATE ReconciliationRuns SET FindingsSeen = (SELECT COUNT(*) FROM RunFindings f WHERE f.RunId = ReconciliationRuns.Id) WHERE Id = @Id
        """);

    /// <summary>How a run's findings go in.</summary>
    public static readonly BulkTable<RunFinding> RunFindings = new(
        "RunFindings",
        ("RunId", typeof(Guid), row => row.RunId),
        ("Kind", typeof(string), row => row.Line.Kind),
        ("Subject", typeof(string), row => row.Line.Subject),
        ("OrderNo", typeof(string), row => row.Line.OrderNo),
        ("TransactionId", typeof(string), row => row.Line.TransactionId),
        ("Currency", typeof(string), row => row.Line.Currency),
        ("ExpectedMinor", typeof(long), row => row.Line.ExpectedMinor),
        ("ActualMinor", typeof(long), row => row.Line.ActualMinor),
        ("FactsHash", typeof(byte[]), row => row.Line.FactsHash));

    /// <summary>How a run's statement goes in.</summary>
    public static readonly BulkTable<OfRun<StatementLine>> StatementLines = new(
        "RunStatementLines",
        ("RunId", typeof(Guid), row => row.RunId),
        ("Currency", typeof(string), row => row.Line.Currency),
        ("Transactions", typeof(long), row => row.Line.Transactions),
        ("GrossPaidMinor", typeof(long), row => row.Line.GrossPaidMinor),
        ("TaxMinor", typeof(long), row => row.Line.TaxMinor),
        ("RefundedMinor", typeof(long), row => row.Line.RefundedMinor),
        ("ChargedBackMinor", typeof(long), row => row.Line.ChargedBackMinor),
        ("TaxReturnedMinor", typeof(long), row => row.Line.TaxReturnedMinor),
        ("FeesMinor", typeof(long), row => row.Line.FeesMinor),
        ("NetMinor", typeof(long), row => row.Line.NetMinor));

    /// <summary>How a run's bridge goes in.</summary>
    public static readonly BulkTable<OfRun<BridgeLine>> BridgeLines = new(
        "RunBridgeLines",
        ("RunId", typeof(Guid), row => row.RunId),
        ("Currency", typeof(string), row => row.Line.Currency),
        ("Bucket", typeof(string), row => row.Line.Bucket),
        ("Transactions", typeof(long), row => row.Line.Transactions),
        ("AmountMinor", typeof(long), row => row.Line.AmountMinor));

    /// <summary>How a run's packages go in.</summary>
    public static readonly BulkTable<OfRun<PackageLine>> PackageLines = new(
        "RunPackageLines",
        ("RunId", typeof(Guid), row => row.RunId),
        ("Package", typeof(string), row => row.Line.Package),
        ("SoldOrders", typeof(long), row => row.Line.SoldOrders),
        ("SoldTokens", typeof(long), row => row.Line.SoldTokens),
        ("PaidOrders", typeof(long), row => row.Line.PaidOrders),
        ("PaidTokens", typeof(long), row => row.Line.PaidTokens),
        ("KeysDelivered", typeof(long), row => row.Line.KeysDelivered),
        ("KeyTokens", typeof(long), row => row.Line.KeyTokens),
        ("CodesDelivered", typeof(long), row => row.Line.CodesDelivered),
        ("CodeTokens", typeof(long), row => row.Line.CodeTokens));

    /// <summary>A finding of a run, to be stored.</summary>
    public sealed record RunFinding(Guid RunId, FindingLine Line);

    /// <summary>A figure of a run, to be stored.</summary>
    public sealed record OfRun<TLine>(Guid RunId, TLine Line);

    private sealed class FeeRule
    {
        public string Currency { get; init; } = "";

        public long PartsPerMillion { get; init; }

        public long FixedMinor { get; init; }

        public DateTime ValidFrom { get; init; }

        public DateTime? ValidUntil { get; init; }

        public FeeRow AsRow() => new(Currency, PartsPerMillion, FixedMinor, ValidFrom, ValidUntil);
    }

    private sealed class SoldRow
    {
        public string Package { get; init; } = "";

        public long Orders { get; init; }

        public long Tokens { get; init; }
    }
}

/// <summary>Whether a run could be claimed.</summary>
public enum RunClaim
{
    /// <summary>It is this process's to do.</summary>
    Claimed,

    /// <summary>Another worker has it, or it has ended.</summary>
    NotWaiting,

    /// <summary>Another run is at work: try again when it has ended.</summary>
    AnotherRuns,
}

/// <summary>A run to be made.</summary>
public sealed record NewRun
{
    /// <summary><c>nightly</c> or <c>request</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>First business day.</summary>
    public required DateOnly FromDay { get; init; }

    /// <summary>First business day that is not included.</summary>
    public required DateOnly UntilDay { get; init; }

    /// <summary>Start of the window, UTC.</summary>
    public required DateTime WindowFrom { get; init; }

    /// <summary>End of the window, UTC, not included.</summary>
    public required DateTime WindowUntil { get; init; }

    /// <summary>Given cut-off, UTC; null for the rule's default.</summary>
    public DateTime? AsOf { get; init; }

    /// <summary>Given knowledge, UTC; null for the moment the run starts.</summary>
    public DateTime? KnownAsOf { get; init; }

    /// <summary>The night's row in JobRuns, whose one run this is; null for runs on request.</summary>
    public Guid? NightId { get; init; }

    /// <summary>Nightly runs: since when news counts, UTC.</summary>
    public DateTime? RecordedSince { get; init; }

    /// <summary>The business time zone's id.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Minutes.</summary>
    public int GraceMinutes { get; init; } = 30;

    /// <summary>Minor units.</summary>
    public long ToleranceMinor { get; init; }

    /// <summary>The shop's mode at Creem.</summary>
    public string Mode { get; init; } = "prod";

    /// <summary>Who asks.</summary>
    public required string RequestedBy { get; init; }
}

/// <summary>What a run came to, the findings aside.</summary>
public sealed record RunFigures(IReadOnlyList<StatementLine> Statement, IReadOnlyList<BridgeLine> Bridge, IReadOnlyList<PackageLine> Packages, bool IsBroken);
