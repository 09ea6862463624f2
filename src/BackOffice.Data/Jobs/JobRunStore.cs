using BackOffice.Data.Engine;

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

    /// <summary>The newest argument of a job, ordinal; null when it never ran. Local days sort by themselves.</summary>
    public Task<string?> LastArgumentAsync(string job, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<string>(ReadLast, new ByJob(job), token), token);

    /// <summary>Rows of every job, newest argument first.</summary>
    public Task<List<JobRunRow>> ListAsync(int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<JobRunRow>(ListNewest, new PageArgs(0, take), token), token);

    /// <summary>Notes how many rows the work touched, beside its end.</summary>
    public static Task NoteRowsAsync(WriteSession session, Guid id, long rows, CancellationToken token) =>
        session.ExecuteAsync(NoteRows, new RowsArgs(id, rows), token);

    /// <summary>Which row.</summary>
    public sealed record ById(Guid Id);

    /// <summary>Which job.</summary>
    public sealed record ByJob(string Job);

    /// <summary>A page.</summary>
    public sealed record PageArgs(int Skip, int Take) : IPaged;

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

    /// <summary>Newest first: ids are ordered by the time they were made.</summary>
    public static readonly Sql<PageArgs> ListNewest = new($$"""
        SELECT {{JobRunRow.Columns}}
        FROM JobRuns
        ORDER BY Id DESC
        {page}
        """);

    /// <summary>How much was done.</summary>
    public static readonly Sql<RowsArgs> NoteRows = new("UPDATE JobRuns SET RowsDone = @Rows WHERE Id = @Id");
}

/// <summary>One night of one job. Instants are UTC.</summary>
public sealed class JobRunRow
{
    internal const string Columns = "Id, Job, Argument, Status, StartedAt, EndedAt, RowsDone, Failure, Attempts";

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

    /// <summary>How often it was taken up.</summary>
    public int Attempts { get; init; }
}
