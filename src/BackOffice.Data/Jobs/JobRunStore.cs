using BackOffice.Data.Engine;
using BackOffice.Domain;

namespace BackOffice.Data.Jobs;

/// <summary>
/// Scheduled work: one row a job and local day, so that a night is done once, and a night that was missed is seen by the row that is not there
/// (DESIGN 5). Not Hangfire's memory.
/// </summary>
public sealed class JobRunStore(Database database)
{
    /// <summary>The rows as work.</summary>
    public static readonly WorkQueue Queue = new("JobRuns");

    // After any day: they are ordered as text.
    private const string Latest = "~";

    /// <summary>Adds the row of a job and day if it is not there.</summary>
    /// <returns>The row's id when this call made it; null when it was there.</returns>
    public async Task<Guid?> AddAsync(string job, string argument, CancellationToken token = default)
    {
        try
        {
            return await database.WriteAsync(WriteRank.Job, async session =>
            {
                var id = Ids.New(session.At);
                await session.ExecuteAsync(Insert, new InsertArgs(id, job, argument), token).ConfigureAwait(false);
                return (Guid?)id;
            }, token).ConfigureAwait(false);
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            return null;
        }
    }

    /// <summary>One row by its id.</summary>
    public Task<JobRunRow> GetAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<JobRunRow>(ReadById, new ById(id), token), token);

    /// <summary>The newest argument of a job, ordinal; null when it never ran. Local days sort by themselves.</summary>
    public Task<string?> LastArgumentAsync(string job, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<string>(ReadLast, new ByJob(job), token), token);

    /// <summary>A page of a job's rows by their days, newest first, also where a day was made up for later.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="before">The page begins before this day; null for the newest page.</param>
    /// <param name="after">The page ends after this day, and goes before <paramref name="before"/>.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<ListedJobRun>> ListAsync(string job, string? before, string? after, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (after is not null)
            {
                var newer = await session.ListAsync<ListedJobRun>(ListAfter, new FromDay(job, after, 0, take + 1), token).ConfigureAwait(false);
                if (KeyedPage.Before(newer, take) is { } page)
                    return page;
                before = null;
            }
            var older = await session.ListAsync<ListedJobRun>(ListBefore, new FromDay(job, before ?? Latest, 0, take + 1), token).ConfigureAwait(false);
            return KeyedPage.After(older, take, isFirst: before is null);
        }, token);

    /// <summary>Notes how many rows the work touched, beside its end.</summary>
    public static Task NoteRowsAsync(WriteSession session, Guid id, long rows, CancellationToken token) =>
        session.ExecuteAsync(NoteRows, new RowsArgs(id, rows), token);

    /// <summary>Which row.</summary>
    public sealed record ById(Guid Id);

    /// <summary>Which job.</summary>
    public sealed record ByJob(string Job);

    /// <summary>Before or after a day.</summary>
    public sealed record FromDay(string Job, string Argument, int Skip, int Take) : IPaged;

    /// <summary>Columns of a new row.</summary>
    public sealed record InsertArgs(Guid Id, string Job, string Argument);

    /// <summary>How much was done.</summary>
    public sealed record RowsArgs(Guid Id, long Rows);

    /// <summary>A night to be done.</summary>
    public static readonly Sql<InsertArgs> Insert = new("INSERT INTO JobRuns (Id, Job, Argument, Status, RowsDone, Attempts) VALUES (@Id, @Job, @Argument, 'pending', 0, 0)");

    /// <summary>One row.</summary>
    public static readonly Sql<ById> ReadById = new($"SELECT {JobRunRow.Columns} FROM JobRuns WHERE Id = @Id");

    /// <summary>The last day of a job.</summary>
    public static readonly Sql<ByJob> ReadLast = new("SELECT MAX(Argument) FROM JobRuns WHERE Job = @Job");

    /// <summary>Newest first.</summary>
    public static readonly Sql<FromDay> ListBefore = new($$"""
        SELECT {{ListedJobRun.Listed}}
        FROM JobRuns j
        LEFT JOIN ReconciliationRuns r ON r.NightId = j.Id
        WHERE j.Job = @Job AND j.Argument < @Argument
        ORDER BY j.Argument DESC
        {page}
        """);

    /// <summary>Oldest first.</summary>
    public static readonly Sql<FromDay> ListAfter = new($$"""
        SELECT {{ListedJobRun.Listed}}
        FROM JobRuns j
        LEFT JOIN ReconciliationRuns r ON r.NightId = j.Id
        WHERE j.Job = @Job AND j.Argument > @Argument
        ORDER BY j.Argument
        {page}
        """);

    /// <summary>How much was done.</summary>
    public static readonly Sql<RowsArgs> NoteRows = new("UPDATE JobRuns SET RowsDone = @Rows WHERE Id = @Id");
}

/// <summary>One night of one job. Instants are UTC.</summary>
public class JobRunRow
{
    internal const string Columns = "Id, Job, Argument, Status, StartedAt, EndedAt, RowsDone, Failure, FailureJson, Attempts";

    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>The job's name.</summary>
    public string Job { get; init; } = "";

    /// <summary>Its local day, <c>2026-11-10</c>.</summary>
    public string Argument { get; init; } = "";

    /// <summary><c>pending</c>, <c>running</c>, <c>done</c> or <c>failed</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>When a worker first took it up.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary>How much was done: findings seen, for a reconciliation.</summary>
    public long RowsDone { get; init; }

    /// <summary>Why it failed, one line.</summary>
    public string? Failure { get; init; }

    /// <summary>Why it failed, as the row keeps it for every language.</summary>
    public string? FailureJson { get; init; }

    /// <summary>Why it failed, or failed last before it is tried again; null when it did not.</summary>
    public Refusal? FailureReason => WorkQueue.ReadReason(FailureJson, Failure);

    /// <summary>How often it was taken up.</summary>
    public int Attempts { get; init; }
}

/// <summary>One night in a list, with the reconciliation run it made.</summary>
public sealed class ListedJobRun : JobRunRow
{
    internal const string Listed = """
        j.Id, j.Job, j.Argument, j.Status, j.StartedAt, j.EndedAt, j.RowsDone, j.Failure, j.FailureJson, j.Attempts, r.Number AS RunNumber, r.Status AS RunStatus
        """;

    /// <summary>The number of its run; null when it made none yet.</summary>
    public long? RunNumber { get; init; }

    /// <summary>What the run came to.</summary>
    public string? RunStatus { get; init; }
}
