using System.Text.Json;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Domain.Imports;

namespace BackOffice.Data.Imports;

/// <summary>Import rows: what came in by file, how far it got, what was put aside. Figures are counters kept in the transactions that store the records.</summary>
public sealed class ImportStore(Database database)
{
    /// <summary>The rows as work.</summary>
    public static readonly WorkQueue Queue = new("Imports");

    /// <summary>Adds an import; it waits to be claimed.</summary>
    public Task<ImportRow> AddAsync(NewImport import, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var number = await session.NextNumberAsync("Imports", token).ConfigureAwait(false);
            var id = Ids.New(session.At);
            await session.ExecuteAsync(
                Insert,
                new InsertArgs(id, number, import.Kind, import.FileName, import.FilePath, import.Size, import.Sha256, import.Stage, import.By, session.At, import.Options),
                token).ConfigureAwait(false);
            var added = await session.GetAsync<ImportRow>(ReadOne, new ByNumber(number), token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, Act(AuditActions.ImportAdded, added, import.By) with
            {
                Details = new { import.Kind, import.FileName, import.Size, import.Sha256, import.Stage },
            }, token).ConfigureAwait(false);
            return added;
        }, token);

    /// <summary>
    /// An import of the same content that did not get to its end and that nobody works on: pending again, from where it stopped, so that importing a file
    /// again after a kill finishes what was begun. Null: there is none.
    /// </summary>
    public Task<ImportRow?> AdoptAsync(string kind, byte[] sha256, string? options, string filePath, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var unfinished = await session.FindAsync<ImportRow>(ReadUnfinished, new ByContent(kind, sha256, options ?? ""), token).ConfigureAwait(false);
            if (unfinished is null || await Queue.IsHeldAsync(session, unfinished.Id, token).ConfigureAwait(false))
                return null;
            await session.ExecuteAsync(Reopen, new ReopenArgs(unfinished.Id, filePath), token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, Act(AuditActions.ImportResumed, unfinished, by) with { Details = Counts(unfinished) }, token).ConfigureAwait(false);
            return unfinished;
        }, token);

    /// <summary>A person has seen what would be put aside and wants the rest: the check's figures make room for those of the import.</summary>
    /// <returns>False when the import is not waiting for that.</returns>
    public Task<bool> ConfirmAsync(Guid id, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var import = await session.GetAsync<ImportRow>(ImportQueries.ReadById, new ById(id), token).ConfigureAwait(false);
            if (await session.ExecuteAsync(Confirm, new ById(id), token).ConfigureAwait(false) == 0)
                return false;
            await session.ExecuteAsync(ForgetPutAsides, new ById(id), token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, Act(AuditActions.ImportConfirmed, import, by) with { Details = Counts(import) }, token).ConfigureAwait(false);
            return true;
        }, token);

    /// <summary>The file is checked once more, perhaps as another kind: a check that failed, or that read the file as what it is not.</summary>
    /// <returns>False when the import is not at its check, or the check still runs.</returns>
    public Task<bool> CheckAgainAsync(Guid id, string kind, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var import = await session.GetAsync<ImportRow>(ImportQueries.ReadById, new ById(id), token).ConfigureAwait(false);
            if (await session.ExecuteAsync(CheckAgain, new CheckAgainArgs(id, kind), token).ConfigureAwait(false) == 0)
                return false;
            await session.ExecuteAsync(ForgetPutAsides, new ById(id), token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, Act(AuditActions.ImportCheckedAgain, import, by) with { Before = new { import.Kind }, After = new { Kind = kind } }, token).ConfigureAwait(false);
            return true;
        }, token);

    /// <summary>An import that failed on the way waits again, and goes on where it stopped.</summary>
    /// <returns>False when it has not failed on the way.</returns>
    public Task<bool> RetryAsync(Guid id, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.ExecuteAsync(Retry, new ById(id), token).ConfigureAwait(false) == 0)
                return false;
            var import = await session.GetAsync<ImportRow>(ImportQueries.ReadById, new ById(id), token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, Act(AuditActions.ImportRetried, import, by) with { Details = Counts(import) }, token).ConfigureAwait(false);
            return true;
        }, token);

    /// <summary>A person does not want it: nothing of it went in.</summary>
    /// <returns>False when it is not waiting for an answer.</returns>
    public Task<bool> CancelAsync(Guid id, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.ExecuteAsync(Cancel, new CancelArgs(id, session.At), token).ConfigureAwait(false) == 0)
                return false;
            var import = await session.GetAsync<ImportRow>(ImportQueries.ReadById, new ById(id), token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, Act(AuditActions.ImportCancelled, import, by) with { Details = Counts(import) }, token).ConfigureAwait(false);
            return true;
        }, token);

    private static AuditAct Act(string action, ImportRow import, string by) => new() { Who = by, Action = action, Subject = AuditSubject.Of("import", import.Number) };

    private static object Counts(ImportRow import) =>
        new { import.FileName, Read = import.RecordsRead, New = import.RecordsNew, Repeated = import.RecordsRepeated, PutAside = import.RecordsPutAside };

    /// <summary>Keeps what a slice came to, in the slice's own transaction, and holds on to the lease.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public static async Task AdvanceAsync(WriteSession session, Guid id, ImportProgress progress, IReadOnlyList<(long Ordinal, PutAside Aside)> asides, CancellationToken token)
    {
        await session.BulkInsertAsync(PutAsides, [.. asides.Select(aside => new PutAsideToStore(id, aside.Ordinal, aside.Aside))], token).ConfigureAwait(false);
        await session.ExecuteAsync(Advance, new AdvanceArgs(id, progress.New, progress.Repeated, progress.PutAside, progress.Read, progress.Bytes), token).ConfigureAwait(false);
        if (!await Queue.RenewAsync(session, id, token).ConfigureAwait(false))
            throw new LeaseLostException();
    }

    /// <summary>An interrupted check begins again: its figures were of a check only.</summary>
    public Task ForgetCheckAsync(Guid id, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            await session.ExecuteAsync(ForgetPutAsides, new ById(id), token).ConfigureAwait(false);
            await session.ExecuteAsync(ForgetProgress, new ById(id), token).ConfigureAwait(false);
        }, token);

    /// <summary>Records of an import.</summary>
    /// <param name="Id">The import.</param>
    public sealed record ById(Guid Id);

    /// <summary>By the number people see.</summary>
    public sealed record ByNumber(long Number);

    /// <summary>By kind and content.</summary>
    public sealed record ByContent(string Kind, byte[] Sha256, string Options);

    /// <summary>Columns of a new row.</summary>
    public sealed record InsertArgs(
        Guid Id, long Number, string Kind, string FileName, string FilePath, long Size, byte[] Sha256, string Stage, string RequestedBy, DateTime RequestedAt, string? Options);

    /// <summary>Figures of a slice, to be added.</summary>
    public sealed record AdvanceArgs(Guid Id, long New, long Repeated, long PutAside, long Read, long Bytes);

    /// <summary>An import taken up again, perhaps from another path.</summary>
    public sealed record ReopenArgs(Guid Id, string FilePath);

    /// <summary>An import not wanted.</summary>
    public sealed record CancelArgs(Guid Id, DateTime At);

    /// <summary>An import to be checked once more.</summary>
    public sealed record CheckAgainArgs(Guid Id, string Kind);

    /// <summary>A new import, pending.</summary>
    public static readonly Sql<InsertArgs> Insert = new("""
        INSERT INTO Imports (Id, Number, Kind, FileName, FilePath, Size, Sha256, Stage, Status, RecordsRead, RecordsNew, RecordsRepeated, RecordsPutAside,
            BytesRead, RequestedBy, RequestedAt, Attempts, Options)
        VALUES (@Id, @Number, @Kind, @FileName, @FilePath, @Size, @Sha256, @Stage, 'pending', 0, 0, 0, 0, 0, @RequestedBy, @RequestedAt, 0, @Options)
        """);

    /// <summary>One import.</summary>
    public static readonly Sql<ByNumber> ReadOne = new($"SELECT {ImportRow.Columns} FROM Imports WHERE Number = @Number");

    /// <summary>The newest import of a content that has not ended well.</summary>
    public static readonly Sql<ByContent> ReadUnfinished = new($"""
        SELECT {ImportRow.Columns}
        FROM Imports
        WHERE Number = (SELECT MAX(Number) FROM Imports WHERE Sha256 = @Sha256 AND Kind = @Kind AND COALESCE(Options, '') = @Options AND Stage = 'take' AND Status IN ('pending', 'running', 'failed'))
        """);

    /// <summary>Back into the queue.</summary>
    public static readonly Sql<ReopenArgs> Reopen = new("""
        UPDATE Imports SET Status = 'pending', FilePath = @FilePath, Attempts = 0, EndedAt = NULL
        WHERE Id = @Id AND Status IN ('pending', 'running', 'failed')
        """);

    /// <summary>From checked to wanted.</summary>
    public static readonly Sql<ById> Confirm = new("""
        UPDATE Imports
        SET Stage = 'take', Status = 'pending', RecordsRead = 0, RecordsNew = 0, RecordsRepeated = 0, RecordsPutAside = 0, BytesRead = 0,
            StartedAt = NULL, EndedAt = NULL, Attempts = 0, EnqueuedAt = NULL
        WHERE Id = @Id AND Stage = 'check' AND Status = 'checked'
        """);

    /// <summary>From checked, well or not, to the beginning of the check.</summary>
    public static readonly Sql<CheckAgainArgs> CheckAgain = new("""
        UPDATE Imports
        SET Kind = @Kind, Status = 'pending', RecordsRead = 0, RecordsNew = 0, RecordsRepeated = 0, RecordsPutAside = 0, BytesRead = 0,
            Failure = NULL, FailureJson = NULL, StartedAt = NULL, EndedAt = NULL, Attempts = 0, EnqueuedAt = NULL
        WHERE Id = @Id AND Stage = 'check' AND Status IN ('checked', 'failed')
        """);

    /// <summary>From failed on the way to waiting.</summary>
    public static readonly Sql<ById> Retry = new("""
        UPDATE Imports
        SET Status = 'pending', Failure = NULL, FailureJson = NULL, EndedAt = NULL, Attempts = 0, EnqueuedAt = NULL
        WHERE Id = @Id AND Stage = 'take' AND Status = 'failed'
        """);

    /// <summary>From checked, well or not, to not wanted.</summary>
    public static readonly Sql<CancelArgs> Cancel = new("""
        UPDATE Imports SET Status = 'cancelled', EndedAt = @At WHERE Id = @Id AND Stage = 'check' AND Status IN ('pending', 'checked', 'failed')
        """);

    /// <summary>Adds a slice's figures.</summary>
    public static readonly Sql<AdvanceArgs> Advance = new("""
        UPDATE Imports
        SET RecordsRead = RecordsRead + @Read, RecordsNew = RecordsNew + @New, RecordsRepeated = RecordsRepeated + @Repeated,
            RecordsPutAside = RecordsPutAside + @PutAside, BytesRead = @Bytes
        WHERE Id = @Id
        """);

    /// <summary>What a check put aside.</summary>
    public static readonly Sql<ById> ForgetPutAsides = new("DELETE FROM ImportPutAsides WHERE ImportId = @Id");

    /// <summary>How far a check came.</summary>
    public static readonly Sql<ById> ForgetProgress = new("""
        UPDATE Imports SET RecordsRead = 0, RecordsNew = 0, RecordsRepeated = 0, RecordsPutAside = 0, BytesRead = 0 WHERE Id = @Id AND Stage = 'check'
        """);

    /// <summary>How records put aside are kept.</summary>
    public static readonly BulkTable<PutAsideToStore> PutAsides = new(
        "ImportPutAsides",
        ("ImportId", typeof(Guid), row => row.ImportId),
        ("Ordinal", typeof(long), row => row.Ordinal),
        ("Line", typeof(long), row => row.Aside.Line),
        ("Code", typeof(string), row => row.Aside.Reason.Code),
        ("Field", typeof(string), row => row.Aside.Reason.Field),
        ("Args", typeof(string), row => JsonSerializer.Serialize(row.Aside.Reason.Args)));

    /// <summary>A record put aside, whose, and the how-manieth of the file, from 1.</summary>
    public sealed record PutAsideToStore(Guid ImportId, long Ordinal, PutAside Aside);
}

/// <summary>A file to be imported.</summary>
/// <param name="Kind"><c>orders</c>, <c>deliveries</c>, <c>creem</c>, <c>usage</c>, <c>prices</c>, <c>mappings</c> or <c>invoice</c>.</param>
/// <param name="FileName">The file's own name, without folders.</param>
/// <param name="FilePath">Where the worker finds it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Of the content.</param>
/// <param name="Stage"><c>check</c>: say first what would be put aside; <c>take</c>: take it in.</param>
/// <param name="By">Who asks.</param>
/// <param name="Options">What else is said of the file, as JSON.</param>
public sealed record NewImport(string Kind, string FileName, string FilePath, long Size, byte[] Sha256, string Stage, string By, string? Options = null);

/// <summary>What a slice of an import came to.</summary>
/// <param name="Read">Records dealt with.</param>
/// <param name="New">Stored.</param>
/// <param name="Repeated">Known before.</param>
/// <param name="PutAside">Not taken in.</param>
/// <param name="Bytes">Bytes of the file dealt with so far, the slice included.</param>
public readonly record struct ImportProgress(long Read, long New, long Repeated, long PutAside, long Bytes);

/// <summary>An import as lists and pages show it. Instants are UTC.</summary>
public sealed class ImportRow
{
    internal const string Columns = """
        Id, Number, Kind, FileName, FilePath, Size, Sha256, Stage, Status, RecordsRead, RecordsNew, RecordsRepeated, RecordsPutAside, BytesRead,
        RequestedBy, RequestedAt, StartedAt, EndedAt, Failure, FailureJson, Attempts, Options
        """;

    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>The number people see and type.</summary>
    public long Number { get; init; }

    /// <summary><c>orders</c>, <c>deliveries</c> or <c>creem</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The file's own name.</summary>
    public string FileName { get; init; } = "";

    /// <summary>Where the worker finds it.</summary>
    public string FilePath { get; init; } = "";

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>Of the content.</summary>
    public byte[] Sha256 { get; init; } = [];

    /// <summary><c>check</c> or <c>take</c>.</summary>
    public string Stage { get; init; } = "";

    /// <summary><c>pending</c>, <c>running</c>, <c>checked</c>, <c>done</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Records dealt with.</summary>
    public long RecordsRead { get; init; }

    /// <summary>Stored, or to be stored when it is a check.</summary>
    public long RecordsNew { get; init; }

    /// <summary>Known before.</summary>
    public long RecordsRepeated { get; init; }

    /// <summary>Not taken in.</summary>
    public long RecordsPutAside { get; init; }

    /// <summary>Bytes dealt with.</summary>
    public long BytesRead { get; init; }

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

    /// <summary>What else was said of the file, as JSON: whose usage it is, of which month an invoice; null for the others.</summary>
    public string? Options { get; init; }
}
