using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Domain;

namespace BackOffice.Data.Usage;

/// <summary>How far usage was read from a console. The row of a console is the work of reading it, asked for every hour.</summary>
public sealed class UsagePullStore(Database database)
{
    /// <summary>The rows as work.</summary>
    public static readonly WorkQueue Queue = new("UsagePulls");

    /// <summary>Asks for the console to be read; what waits or runs already is that work. A person's wish is on record.</summary>
    /// <param name="name">Which console.</param>
    /// <param name="by">Who asks; <c>system</c> for the hour.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>The row.</returns>
    public async Task<Guid> AskAsync(string name, string by, CancellationToken token = default)
    {
        try
        {
            return await TryAskAsync(name, by, token).ConfigureAwait(false);
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            return await TryAskAsync(name, by, token).ConfigureAwait(false); // somebody else asked for the first time at the same moment
        }
    }

    private Task<Guid> TryAskAsync(string name, string by, CancellationToken token) => database.WriteAsync(WriteRank.Request, async session =>
    {
        var known = await session.FindAsync<UsagePullRow>(ReadByName, new ByName(name), token).ConfigureAwait(false);
        var id = known?.Id ?? Ids.New(session.At);
        if (known is null)
            await session.ExecuteAsync(Insert, new NewPull(id, await session.NextNumberAsync("UsagePulls", token).ConfigureAwait(false), name), token).ConfigureAwait(false);
        else if (known.Status is "done" or "failed")
            await session.ExecuteAsync(Again, new NumberOf(id, known.Status == "done" ? await session.NextNumberAsync("UsagePulls", token).ConfigureAwait(false) : known.Number), token).ConfigureAwait(false);
        if (by != "system")
            await AuditLog.AppendAsync(session, new AuditAct { Who = by, Action = AuditActions.UsagePullRequested, Subject = AuditSubject.Of("usage-pull", name) }, token).ConfigureAwait(false);
        return id;
    }, token);

    /// <summary>The row of a console; null before it was first asked for.</summary>
    public Task<UsagePullRow?> FindAsync(string name, CancellationToken token = default) => database.ReadAsync(session => session.FindAsync<UsagePullRow>(ReadByName, new ByName(name), token), token);

    /// <summary>A row by its id.</summary>
    public Task<UsagePullRow> GetAsync(Guid id, CancellationToken token = default) => database.ReadAsync(session => session.GetAsync<UsagePullRow>(ReadById, new ById(id), token), token);

    /// <summary>Stretches of time that were read wholly, the earliest first; UTC, ends not included.</summary>
    public Task<List<UsageWindow>> WindowsAsync(int source, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<UsageWindow>(ReadWindows, new OfSource(source), token), token);

    /// <summary>Says whose records come and by which way. Another console than before begins without a place in its log.</summary>
    public Task BeginAsync(Guid id, int source, string way, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, session => session.ExecuteAsync(Begin, new Beginning(id, source, way), token), token);

    /// <summary>What a transaction came to, in it; holds on to the lease.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="id">The row.</param>
    /// <param name="progress">What was dealt with.</param>
    /// <param name="lastId">The last row of the console's log that is dealt with by this; null to leave it.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public static async Task NoteAsync(WriteSession session, Guid id, ImportProgress progress, long? lastId, CancellationToken token)
    {
        await session.ExecuteAsync(Note, new Noted(id, progress.Read, progress.New, progress.Repeated, progress.PutAside, lastId), token).ConfigureAwait(false);
        if (!await Queue.RenewAsync(session, id, token).ConfigureAwait(false))
            throw new LeaseLostException();
    }

    /// <summary>Nothing was counted, but the place in the console's log is another one.</summary>
    public Task NoteAsync(Guid id, long? lastId, CancellationToken token = default) => database.WriteAsync(WriteRank.Job, session => NoteAsync(session, id, default, lastId, token), token);

    /// <summary>A stretch of time was read wholly.</summary>
    public Task AddWindowAsync(int source, UsageWindow window, CancellationToken token = default) => database.WriteAsync(WriteRank.Job, session => AddWindowAsync(session, source, window, token), token);

    /// <summary>All was read, up to an instant (UTC), which is not included.</summary>
    public Task FinishAsync(Guid id, int source, UsageWindow window, CancellationToken token = default) => database.WriteAsync(WriteRank.Job, async session =>
    {
        await AddWindowAsync(session, source, window, token).ConfigureAwait(false);
        await session.ExecuteAsync(NoteDone, new DoneAt(id, session.At), token).ConfigureAwait(false);
        if (!await Queue.EndAsync(session, id, "done", token).ConfigureAwait(false))
            throw new LeaseLostException();
    }, token);

    private static async Task AddWindowAsync(WriteSession session, int source, UsageWindow window, CancellationToken token)
    {
        if (window.FromAt >= window.UntilAt)
            return;
        var (from, until) = (window.FromAt, window.UntilAt);
        foreach (var known in await session.ListAsync<UsageWindow>(ReadWindows, new OfSource(source), token).ConfigureAwait(false))
        {
            if (known.UntilAt < from || known.FromAt > until)
                continue;
            (from, until) = (known.FromAt < from ? known.FromAt : from, known.UntilAt > until ? known.UntilAt : until);
            await session.ExecuteAsync(DeleteWindow, new WindowKey(source, known.FromAt), token).ConfigureAwait(false);
        }
        await session.ExecuteAsync(InsertWindow, new NewWindow(source, from, until), token).ConfigureAwait(false);
    }

    /// <summary>By name.</summary>
    public sealed record ByName(string Name);

    /// <summary>By id.</summary>
    public sealed record ById(Guid Id);

    /// <summary>Of a console.</summary>
    public sealed record OfSource(int Source);

    /// <summary>A row for the first time.</summary>
    public sealed record NewPull(Guid Id, long Number, string Name);

    /// <summary>A row and its number.</summary>
    public sealed record NumberOf(Guid Id, long Number);

    /// <summary>Whose records, and by which way.</summary>
    public sealed record Beginning(Guid Id, int Source, string Way);

    /// <summary>What is added to the counts.</summary>
    public sealed record Noted(Guid Id, long Read, long New, long Repeated, long PutAside, long? LastId);

    /// <summary>When all was read.</summary>
    public sealed record DoneAt(Guid Id, DateTime At);

    /// <summary>A stretch by its beginning.</summary>
    public sealed record WindowKey(int Source, DateTime FromAt);

    /// <summary>A stretch.</summary>
    public sealed record NewWindow(int Source, DateTime FromAt, DateTime UntilAt);

    private const string Columns = """
        P.Id, P.Number, P.Name, P.SourceId, S.Name AS Source, P.Way, P.LastId, P.Status, P.RecordsRead, P.RecordsNew, P.RecordsRepeated, P.RecordsPutAside, P.DoneAt, P.StartedAt, P.EndedAt,
        P.Failure, P.FailureJson, P.Attempts
        """;

    /// <summary>Asked for the first time.</summary>
    public static readonly Sql<NewPull> Insert = new("""
        INSERT INTO UsagePulls (Id, Number, Name, Status, RecordsRead, RecordsNew, RecordsRepeated, RecordsPutAside, Attempts)
        VALUES (@Id, @Number, @Name, 'pending', 0, 0, 0, 0, 0)
        """);

    /// <summary>Asked for once more.</summary>
    public static readonly Sql<NumberOf> Again = new("""
        UPDATE UsagePulls
        SET Number = @Number, Status = 'pending', RecordsRead = 0, RecordsNew = 0, RecordsRepeated = 0, RecordsPutAside = 0, Attempts = 0, StartedAt = NULL, EndedAt = NULL, EnqueuedAt = NULL
        WHERE Id = @Id AND Status IN ('done', 'failed')
        """);

    /// <summary>A console's row.</summary>
    public static readonly Sql<ByName> ReadByName = new($"SELECT {Columns} FROM UsagePulls AS P LEFT JOIN UsageSources AS S ON S.Id = P.SourceId WHERE P.Name = @Name");

    /// <summary>A row.</summary>
    public static readonly Sql<ById> ReadById = new($"SELECT {Columns} FROM UsagePulls AS P LEFT JOIN UsageSources AS S ON S.Id = P.SourceId WHERE P.Id = @Id");

    /// <summary>Whose records, and by which way.</summary>
    public static readonly Sql<Beginning> Begin = new("""
        UPDATE UsagePulls SET LastId = CASE WHEN SourceId = @Source THEN LastId END, SourceId = @Source, Way = @Way WHERE Id = @Id
        """);

    /// <summary>Adds to the counts.</summary>
    public static readonly Sql<Noted> Note = new("""
        UPDATE UsagePulls
        SET RecordsRead = RecordsRead + @Read, RecordsNew = RecordsNew + @New, RecordsRepeated = RecordsRepeated + @Repeated, RecordsPutAside = RecordsPutAside + @PutAside,
            LastId = COALESCE(@LastId, LastId)
        WHERE Id = @Id
        """);

    /// <summary>When all was read.</summary>
    public static readonly Sql<DoneAt> NoteDone = new("UPDATE UsagePulls SET DoneAt = @At WHERE Id = @Id");

    /// <summary>What was read wholly.</summary>
    public static readonly Sql<OfSource> ReadWindows = new("SELECT FromAt, UntilAt FROM UsageWindows WHERE SourceId = @Source ORDER BY FromAt");

    /// <summary>A stretch that is part of a longer one.</summary>
    public static readonly Sql<WindowKey> DeleteWindow = new("DELETE FROM UsageWindows WHERE SourceId = @Source AND FromAt = @FromAt");

    /// <summary>A stretch.</summary>
    public static readonly Sql<NewWindow> InsertWindow = new("INSERT INTO UsageWindows (SourceId, FromAt, UntilAt) VALUES (@Source, @FromAt, @UntilAt)");
}

/// <summary>A stretch of time that was read wholly. UTC; the end is not included.</summary>
public sealed record UsageWindow
{
    /// <summary>For reading.</summary>
    public UsageWindow()
    {
    }

    /// <summary>From an instant to another one, which is not included.</summary>
    public UsageWindow(DateTime fromAt, DateTime untilAt) => (FromAt, UntilAt) = (fromAt, untilAt);

    /// <summary>First instant.</summary>
    public DateTime FromAt { get; init; }

    /// <summary>First instant that is not included.</summary>
    public DateTime UntilAt { get; init; }

    /// <summary>What of a stretch no window covers, the earliest first.</summary>
    /// <param name="windows">The windows, the earliest first; they do not meet.</param>
    public IEnumerable<UsageWindow> Without(IEnumerable<UsageWindow> windows)
    {
        var at = FromAt;
        foreach (var window in windows)
        {
            if (window.FromAt > at && at < UntilAt)
                yield return new UsageWindow(at, window.FromAt < UntilAt ? window.FromAt : UntilAt);
            at = window.UntilAt > at ? window.UntilAt : at;
        }
        if (at < UntilAt)
            yield return new UsageWindow(at, UntilAt);
    }
}

/// <summary>How far a console was read. Instants are UTC.</summary>
public sealed class UsagePullRow
{
    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>Counts how often it was asked for after it had gone well.</summary>
    public long Number { get; init; }

    /// <summary>Which console.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whose records they are; null before that was found out.</summary>
    public int? SourceId { get; init; }

    /// <summary>Its name.</summary>
    public string? Source { get; init; }

    /// <summary><c>api</c> or <c>database</c>; null before.</summary>
    public string? Way { get; init; }

    /// <summary>The last row of its log that was dealt with, where its database is read.</summary>
    public long? LastId { get; init; }

    /// <summary><c>pending</c>, <c>running</c>, <c>done</c> or <c>failed</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Rows dealt with this time or the last.</summary>
    public long RecordsRead { get; init; }

    /// <summary>Of them stored.</summary>
    public long RecordsNew { get; init; }

    /// <summary>Of them known before.</summary>
    public long RecordsRepeated { get; init; }

    /// <summary>Of them not taken in.</summary>
    public long RecordsPutAside { get; init; }

    /// <summary>When it last ended well.</summary>
    public DateTime? DoneAt { get; init; }

    /// <summary>When a worker took it up.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary>Why it failed, one line.</summary>
    public string? Failure { get; init; }

    /// <summary>Why it failed, for every language.</summary>
    public string? FailureJson { get; init; }

    /// <summary>Why it failed, or failed last before it is tried again; null when it did not.</summary>
    public Refusal? FailureReason => WorkQueue.ReadReason(FailureJson, Failure);

    /// <summary>How often it was taken up.</summary>
    public int Attempts { get; init; }
}
