using BackOffice.Data.Engine;

namespace BackOffice.Data.Jobs;

/// <summary>Reads what ran by itself, for pages.</summary>
public sealed class JobRunQueries(Database database)
{
    /// <summary>A page of the rows in a filter by their days, newest first, also where a day was made up for later.</summary>
    /// <param name="filter">Which rows.</param>
    /// <param name="place">The row next to which the page begins; null for the newest page.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<ListedJobRun>> ListAsync(JobRunFilter filter, JobRunPlace? place, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (place is { Newer: true } && string.CompareOrdinal(place.Argument, filter.From) >= 0)
            {
                var newer = await session.ListAsync<ListedJobRun>(filter.Choose(ListNewer), filter.Args(place.Argument, place.Job, filter.Until, take + 1), token).ConfigureAwait(false);
                if (KeyedPage.Before(newer, take) is { } page)
                    return page;
            }
            if (place is not { Newer: false } || string.CompareOrdinal(place.Argument, filter.Until) >= 0)
                place = null;
            var older = await session
                .ListAsync<ListedJobRun>(filter.Choose(ListOlder), filter.Args(place?.Argument ?? filter.Until, place?.Job ?? "", filter.From, take + 1), token).ConfigureAwait(false);
            return KeyedPage.After(older, take, isFirst: place is null);
        }, token);

    /// <summary>The newest row of a job; null when it never ran.</summary>
    public async Task<ListedJobRun?> FindNewestAsync(string job, CancellationToken token = default) =>
        (await ListAsync(new JobRunFilter { Job = job }, null, 1, token).ConfigureAwait(false)).Rows.SingleOrDefault();

    /// <summary>The newest row of a job that ended well; null when none did.</summary>
    public Task<JobRunRow?> FindNewestDoneAsync(string job, CancellationToken token = default) =>
        database.ReadAsync(async session => (await session.ListAsync<JobRunRow>(ReadBefore, new BeforeArgs(job, "9999-12-31", 0, 1), token).ConfigureAwait(false)).SingleOrDefault(), token);

    /// <summary>One row, and the one before it that ended well; null when there is none of that id.</summary>
    public Task<(ListedJobRun Row, JobRunRow? Before)?> FindAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync<(ListedJobRun, JobRunRow?)?>(async session =>
        {
            if (await session.FindAsync<ListedJobRun>(ReadListed, new JobRunStore.ById(id), token).ConfigureAwait(false) is not { } row)
                return null;
            return (row, (await session.ListAsync<JobRunRow>(ReadBefore, new BeforeArgs(row.Job, row.Argument, 0, 1), token).ConfigureAwait(false)).SingleOrDefault());
        }, token);

    /// <summary>From the place (@At, @JobAt) on, no further than @End: one bound each way, so that the index is read between them only.</summary>
    public sealed record ListArgs(string At, string JobAt, string End, string? Job, string? Status, int Skip, int Take) : IPaged;

    /// <summary>Rows of a job before a day.</summary>
    public sealed record BeforeArgs(string Job, string Argument, int Skip, int Take) : IPaged;

    /// <summary>Newest first.</summary>
    public static readonly FilteredSql<ListArgs> ListOlder = new($$"""
        SELECT {{ListedJobRun.Listed}}
        FROM JobRuns j
        LEFT JOIN ReconciliationRuns r ON r.NightId = j.Id
        WHERE j.Argument >= @End AND j.Argument <= @At AND (j.Argument < @At OR j.Job < @JobAt)
        {filters}
        ORDER BY j.Argument DESC, j.Job DESC
        {page}
        """, "AND j.Job = @Job", "AND j.Status = @Status");

    /// <summary>Oldest first.</summary>
    public static readonly FilteredSql<ListArgs> ListNewer = new($$"""
        SELECT {{ListedJobRun.Listed}}
        FROM JobRuns j
        LEFT JOIN ReconciliationRuns r ON r.NightId = j.Id
        WHERE j.Argument < @End AND j.Argument >= @At AND (j.Argument > @At OR j.Job > @JobAt)
        {filters}
        ORDER BY j.Argument, j.Job
        {page}
        """, "AND j.Job = @Job", "AND j.Status = @Status");

    /// <summary>One row.</summary>
    public static readonly Sql<JobRunStore.ById> ReadListed = new($"SELECT {ListedJobRun.Listed} FROM JobRuns j LEFT JOIN ReconciliationRuns r ON r.NightId = j.Id WHERE j.Id = @Id");

    /// <summary>The last one before it that ended well.</summary>
    public static readonly Sql<BeforeArgs> ReadBefore = new($$"""
        SELECT {{JobRunRow.Columns}}
        FROM JobRuns
        WHERE Job = @Job AND Argument < @Argument AND Status = 'done'
        ORDER BY Argument DESC
        {page}
        """);
}

/// <summary>Which rows a list shows. Days are the shop's, as text, <c>2026-11-10</c>, and ordinal.</summary>
public sealed record JobRunFilter
{
    /// <summary>Name of a job; null for all.</summary>
    public string? Job { get; init; }

    /// <summary>A status; null for all.</summary>
    public string? Status { get; init; }

    /// <summary>First day.</summary>
    public string From { get; init; } = "";

    /// <summary>First day that is not included; the default is after any.</summary>
    public string Until { get; init; } = "~";

    internal Sql<JobRunQueries.ListArgs> Choose(FilteredSql<JobRunQueries.ListArgs> list) => list.With(Job is not null, Status is not null);

    internal JobRunQueries.ListArgs Args(string at, string jobAt, string end, int take) => new(at, jobAt, end, Job, Status, 0, take);
}

/// <summary>A place in the list: a row, and whether the page wanted holds what is newer than it.</summary>
public sealed record JobRunPlace(string Argument, string Job, bool Newer);

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
