using BackOffice.Data.Audit;
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

    /// <summary>The row of a job and day; null when there is none.</summary>
    public Task<JobRunRow?> FindAsync(string job, string argument, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<JobRunRow>(ReadByDay, new ByDay(job, argument), token), token);

    /// <summary>The newest argument of a job, ordinal; null when it never ran. Local days sort by themselves.</summary>
    public Task<string?> LastArgumentAsync(string job, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<string>(ReadLast, new ByJob(job), token), token);

    /// <summary>Has an ended night done once more, with the act on record.</summary>
    /// <param name="id">The row.</param>
    /// <param name="status">What it has come to now: <c>failed</c> or <c>done</c>.</param>
    /// <param name="reason">Why, in the person's words.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>False: it has come to something else meanwhile.</returns>
    public Task<bool> RunAgainAsync(Guid id, string status, string reason, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var row = await session.GetAsync<JobRunRow>(ReadById, new ById(id), token).ConfigureAwait(false);
            if (await session.ExecuteAsync(RunAgain, new AgainArgs(id, status), token).ConfigureAwait(false) == 0)
                return false;
            await AuditLog.AppendAsync(session, new AuditAct
            {
                Who = by,
                Action = AuditActions.JobRetried,
                Subject = AuditSubject.Of("job-run", $"{row.Job} {row.Argument}"),
                Reason = reason,
                Before = new { row.Status },
                After = new { Status = "pending" },
            }, token).ConfigureAwait(false);
            return true;
        }, token);

    /// <summary>Notes how many rows the work touched, beside its end.</summary>
    public static Task NoteRowsAsync(WriteSession session, Guid id, long rows, CancellationToken token) =>
        session.ExecuteAsync(NoteRows, new RowsArgs(id, rows), token);

    /// <summary>Which row.</summary>
    public sealed record ById(Guid Id);

    /// <summary>Which job and day.</summary>
    public sealed record ByDay(string Job, string Argument);

    /// <summary>Which job.</summary>
    public sealed record ByJob(string Job);

    /// <summary>Which row, and what it has come to.</summary>
    public sealed record AgainArgs(Guid Id, string Status);

    /// <summary>Columns of a new row.</summary>
    public sealed record InsertArgs(Guid Id, string Job, string Argument);

    /// <summary>How much was done.</summary>
    public sealed record RowsArgs(Guid Id, long Rows);

    /// <summary>A night to be done.</summary>
    public static readonly Sql<InsertArgs> Insert = new("INSERT INTO JobRuns (Id, Job, Argument, Status, RowsDone, Attempts) VALUES (@Id, @Job, @Argument, 'pending', 0, 0)");

    /// <summary>One row.</summary>
    public static readonly Sql<ById> ReadById = new($"SELECT {JobRunRow.Columns} FROM JobRuns WHERE Id = @Id");

    /// <summary>One row by its job and day.</summary>
    public static readonly Sql<ByDay> ReadByDay = new($"SELECT {JobRunRow.Columns} FROM JobRuns WHERE Job = @Job AND Argument = @Argument");

    /// <summary>The last day of a job.</summary>
    public static readonly Sql<ByJob> ReadLast = new("SELECT MAX(Argument) FROM JobRuns WHERE Job = @Job");

    /// <summary>An ended night waits again, as if it had never been taken up.</summary>
    public static readonly Sql<AgainArgs> RunAgain = new("""
        UPDATE JobRuns
        SET Status = 'pending', Attempts = 0, RowsDone = 0, StartedAt = NULL, EndedAt = NULL, Failure = NULL, FailureJson = NULL, EnqueuedAt = NULL
        WHERE Id = @Id AND Status = @Status
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
