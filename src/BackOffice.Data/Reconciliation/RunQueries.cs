using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Reconciliation;

/// <summary>Reads runs for pages, files and the command line.</summary>
public sealed class RunQueries(Database database)
{
    /// <summary>One run by the number people see; null when there is none.</summary>
    public Task<RunRow?> FindAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<RunRow>(ReadOne, new ByNumber(number), token), token);

    /// <summary>One run by its id.</summary>
    public Task<RunRow> GetAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<RunRow>(ReadById, new ById(id), token), token);

    /// <summary>The run of a night; null when it has none yet.</summary>
    public Task<RunRow?> FindNightlyAsync(Guid nightId, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<RunRow>(ReadByNight, new ById(nightId), token), token);

    /// <summary>A page of runs, newest first.</summary>
    /// <param name="below">The page begins below this number; null for the newest page.</param>
    /// <param name="above">The page ends above this number, and goes before <paramref name="below"/>.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<RunRow>> ListAsync(long? below, long? above, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (above is { } number)
            {
                var newer = await session.ListAsync<RunRow>(ListAbove, new FromNumber(number, 0, take + 1), token).ConfigureAwait(false);
                if (KeyedPage.Before(newer, take) is { } page)
                    return page;
                below = null;
            }
            var older = await session.ListAsync<RunRow>(ListBelow, new FromNumber(below ?? long.MaxValue, 0, take + 1), token).ConfigureAwait(false);
            return KeyedPage.After(older, take, isFirst: below is null);
        }, token);

    /// <summary>known_as_of of the last nightly run that ended well: since when news counts for the next one. Null: there was none.</summary>
    public Task<DateTime?> LastNightlyKnowledgeAsync(CancellationToken token = default) =>
        database.ReadAsync(async session => (await session.FindAsync<KnowledgeRow>(ReadLastNightly, token: token).ConfigureAwait(false))?.KnownAsOf, token);

    /// <summary>Which run.</summary>
    public sealed record ById(Guid Id);

    /// <summary>By the number people see.</summary>
    public sealed record ByNumber(long Number);

    /// <summary>Below or above a number.</summary>
    public sealed record FromNumber(long Number, int Skip, int Take) : IPaged;

    /// <summary>One run.</summary>
    public static readonly Sql<ByNumber> ReadOne = new($"SELECT {RunRow.Columns} FROM ReconciliationRuns WHERE Number = @Number");

    /// <summary>One run.</summary>
    public static readonly Sql<ById> ReadById = new($"SELECT {RunRow.Columns} FROM ReconciliationRuns WHERE Id = @Id");

    /// <summary>The run of a night.</summary>
    public static readonly Sql<ById> ReadByNight = new($"SELECT {RunRow.Columns} FROM ReconciliationRuns WHERE NightId = @Id");

    /// <summary>Newest first.</summary>
    public static readonly Sql<FromNumber> ListBelow = new($$"""
        SELECT {{RunRow.Columns}}
        FROM ReconciliationRuns
        WHERE Number < @Number
        ORDER BY Number DESC
        {page}
        """);

    /// <summary>Oldest first.</summary>
    public static readonly Sql<FromNumber> ListAbove = new($$"""
        SELECT {{RunRow.Columns}}
        FROM ReconciliationRuns
        WHERE Number > @Number
        ORDER BY Number
        {page}
        """);

    /// <summary>The knowledge of the last nightly run that ended well. One that looked back moved no finding, so the next night has its news to judge as well.</summary>
    public static readonly Sql ReadLastNightly = new("""
        SELECT KnownAsOf
        FROM ReconciliationRuns
        WHERE Number = (SELECT MAX(Number) FROM ReconciliationRuns WHERE Origin = 'nightly' AND Status IN ('balanced', 'broken') AND LooksBack = 0)
        """);

    private sealed class KnowledgeRow
    {
        public DateTime? KnownAsOf { get; init; }
    }
}

/// <summary>A run as lists and pages show it. Instants are UTC.</summary>
public sealed class RunRow
{
    internal const string Columns = """
        Id, Number, Origin, Status, FromDay, UntilDay, WindowFrom, WindowUntil, AsOf, AsOfGiven, KnownAsOf, KnownAsOfGiven, RecordedSince, TimeZone, GraceMinutes,
        ToleranceMinor, Mode, LooksBack, CasesJudged, CasesTotal, FindingsSeen, RequestedBy, RequestedAt, StartedAt, EndedAt, Failure, FailureJson, Attempts
        """;

    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>The number people see and type.</summary>
    public long Number { get; init; }

    /// <summary><c>nightly</c> or <c>request</c>.</summary>
    public string Origin { get; init; } = "";

    /// <summary><c>pending</c>, <c>running</c>, <c>balanced</c>, <c>broken</c> or <c>failed</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>First business day.</summary>
    public DateOnly FromDay { get; init; }

    /// <summary>First business day that is not included.</summary>
    public DateOnly UntilDay { get; init; }

    /// <summary>Start of the window.</summary>
    public DateTime WindowFrom { get; init; }

    /// <summary>End of the window, not included.</summary>
    public DateTime WindowUntil { get; init; }

    /// <summary>Cut-off; null until the run starts.</summary>
    public DateTime? AsOf { get; init; }

    /// <summary>Whether it was given.</summary>
    public bool AsOfGiven { get; init; }

    /// <summary>Knowledge; null until the run starts.</summary>
    public DateTime? KnownAsOf { get; init; }

    /// <summary>Whether it was given.</summary>
    public bool KnownAsOfGiven { get; init; }

    /// <summary>Since when news counts.</summary>
    public DateTime? RecordedSince { get; init; }

    /// <summary>The business time zone's id.</summary>
    public string TimeZone { get; init; } = "";

    /// <summary>Minutes.</summary>
    public int GraceMinutes { get; init; }

    /// <summary>Minor units.</summary>
    public long ToleranceMinor { get; init; }

    /// <summary>The shop's mode at Creem.</summary>
    public string Mode { get; init; } = "";

    /// <summary>It wrote only its own rows; null until it starts.</summary>
    public bool? LooksBack { get; init; }

    /// <summary>Orders and transactions judged so far.</summary>
    public long CasesJudged { get; init; }

    /// <summary>Orders and transactions that may be in scope.</summary>
    public long CasesTotal { get; init; }

    /// <summary>Findings it saw.</summary>
    public long FindingsSeen { get; init; }

    /// <summary>Who asked.</summary>
    public string RequestedBy { get; init; } = "";

    /// <summary>When it was asked for.</summary>
    public DateTime RequestedAt { get; init; }

    /// <summary>When a worker first took it up.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary>Why it failed, one line.</summary>
    public string? Failure { get; init; }

    /// <summary>Why it failed, as the row keeps it for every language.</summary>
    public string? FailureJson { get; init; }

    /// <summary>Why it failed, or failed last before it is tried again; null when it did not.</summary>
    public Refusal? FailureReason => WorkQueue.ReadReason(FailureJson, Failure);

    /// <summary>How often it was taken up.</summary>
    public int Attempts { get; init; }

    /// <summary>The run's parameters for the reconciler; only of a run that has started.</summary>
    public RunParameters Parameters(IReadOnlyList<FeeRow> fees) => new()
    {
        From = WindowFrom,
        Until = WindowUntil,
        AsOf = AsOf!.Value,
        KnownAsOf = KnownAsOf!.Value,
        Grace = TimeSpan.FromMinutes(GraceMinutes),
        ToleranceMinor = ToleranceMinor,
        Mode = Mode,
        RecordedSince = RecordedSince,
        Fees = fees,
    };
}
