using BackOffice.Data.Approvals;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Domain.Access;

namespace BackOffice.Data.Codes;

/// <summary>
/// Plaintext leaving the building (codes rules 5): one file of a batch, sealed with a passphrase that its requester sees once, gone after the first download or a day. From the
/// moment it may be made, the batch's codes are not handed to orders any more.
/// </summary>
public sealed class CodeExportStore(Database database)
{
    /// <summary>How long a file waits to be taken.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>The word of a request for a second person; its subject is the export's number.</summary>
    public const string ApprovalKind = "codes_export";

    /// <summary>The files that wait to be made.</summary>
    public static readonly WorkQueue Queue = new("CodeExports", whenFailed: ReleaseAsync);

    /// <summary>Asks for the file; above the limits, with the requester's others of the same business day, it waits for a second person.</summary>
    /// <exception cref="RefusedException">The batch is not ready, has no code in stock, or there is a file of it already.</exception>
    public async Task<CodeExportRow> RequestAsync(NewCodeExport wanted, CodeLimits limits, CancellationToken token = default)
    {
        try
        {
            return await database.WriteAsync(WriteRank.Request, session => RequestAsync(session, wanted, limits, token), token).ConfigureAwait(false);
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            throw new RefusedException(new Refusal("ExportedAlready", ""));
        }
    }

    private static async Task<CodeExportRow> RequestAsync(WriteSession session, NewCodeExport wanted, CodeLimits limits, CancellationToken token)
    {
        var number = await session.NextNumberAsync("CodeExports", token).ConfigureAwait(false);
        var batch = await session.FindAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(wanted.BatchNo), token).ConfigureAwait(false);
        if (batch is not { Status: "ready", Available: > 0 })
            throw new RefusedException(new Refusal("NothingToExport", ""));
        // The number is held since before: whoever asks at the same moment waits, so that the limits count both.
        var today = await CodesOfDay.ExportedAsync(session, wanted.Day, token).ConfigureAwait(false) + CodesWorth.Of(batch.Available, batch.Tokens);
        var needsSecond = today.Exceeds(limits);
        var args = new InsertArgs(
            Ids.New(session.At), number, wanted.BatchNo, wanted.Format, needsSecond ? "requested" : "pending", batch.Available, wanted.SealedPassphrase, wanted.Reason, wanted.By, session.At);
        await session.ExecuteAsync(Insert, args, token).ConfigureAwait(false);
        await AppendAsync(session, AuditActions.ExportRequested, number, wanted.By, wanted.Reason, new { Batch = wanted.BatchNo, Codes = batch.Available, wanted.Format, NeedsSecondPerson = needsSecond }, token)
            .ConfigureAwait(false);
        if (needsSecond)
        {
            var details = new { Act = ApprovalKind, Batch = wanted.BatchNo, Codes = batch.Available, CodesToday = (long)today.Codes, TokensToday = today.Tokens.ToString(System.Globalization.CultureInfo.InvariantCulture) };
            await ApprovalStore.RequestAsync(session, new NewApproval(ApprovalKind, Text(number), "{}", wanted.Reason, wanted.By, details), token).ConfigureAwait(false);
        }
        else
        {
            await LeaveStockAsync(session, wanted.BatchNo, wanted.By, wanted.Reason, batch.Available, token).ConfigureAwait(false);
        }
        return await session.GetAsync<CodeExportRow>(ReadOne, new ByNumber(number), token).ConfigureAwait(false);
    }

    /// <summary>Whether the file of a batch would take two people.</summary>
    public Task<bool> NeedsSecondPersonAsync(BatchRow batch, PersonsDay day, CodeLimits limits, CancellationToken token = default) => database.ReadAsync(
        async session => (await CodesOfDay.ExportedAsync(session, day, token).ConfigureAwait(false) + CodesWorth.Of(batch.Available, batch.Tokens)).Exceeds(limits), token);

    /// <summary>The second person's word, in the transaction that decides.</summary>
    /// <exception cref="RefusedException">It does not wait any more, or the batch has nothing to export.</exception>
    public static async Task ApproveAsync(WriteSession session, long number, string by, CancellationToken token)
    {
        if (await session.ExecuteAsync(Approve, new ByNumber(number), token).ConfigureAwait(false) == 0)
            throw new RefusedException(new Refusal("ExportNotWaiting", ""));
        var export = await session.GetAsync<CodeExportRow>(ReadOne, new ByNumber(number), token).ConfigureAwait(false);
        await LeaveStockAsync(session, export.BatchNo, by, export.Reason, export.RowsTotal, token).ConfigureAwait(false);
        await AppendAsync(session, AuditActions.ExportApproved, number, by, null, new { Batch = export.BatchNo, export.RequestedBy }, token).ConfigureAwait(false);
    }

    /// <summary>What a second person refused, or its requester took back.</summary>
    public static Task RefuseAsync(WriteSession session, long number, CancellationToken token) => session.ExecuteAsync(Refuse, new ByNumber(number), token);

    /// <summary>The passphrase, once, for who asked: on record before it is handed out.</summary>
    /// <exception cref="RefusedException">It was shown already, or is not theirs.</exception>
    public Task<byte[]> ShowPassphraseAsync(long number, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var wrapped = await session.FindAsync<byte[]>(ReadPassphrase, new ByNumber(number), token).ConfigureAwait(false);
            if (wrapped is null || await session.ExecuteAsync(MarkShown, new ShownArgs(number, by, session.At), token).ConfigureAwait(false) == 0)
                throw new RefusedException(new Refusal("PassphraseShownAlready", ""));
            await AppendAsync(session, AuditActions.ExportPassphraseShown, number, by, null, new { }, token).ConfigureAwait(false);
            return wrapped;
        }, token);

    /// <summary>The passphrase as it lies, for who makes the file.</summary>
    public Task<byte[]?> PassphraseAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<byte[]>(ReadPassphrase, new ByNumber(number), token), token);

    /// <summary>How many codes are written.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public Task AdvanceAsync(Guid id, int rows, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            await session.ExecuteAsync(Advance, new AdvanceArgs(id, rows), token).ConfigureAwait(false);
            if (!await Queue.RenewAsync(session, id, token).ConfigureAwait(false))
                throw new LeaseLostException();
        }, token);

    /// <summary>The file is complete. A passphrase that was shown is not kept any longer.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public Task FinishAsync(CodeExportRow export, int rows, long size, byte[] sha256, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            await session.ExecuteAsync(Finish, new FinishArgs(export.Id, rows, size, sha256, session.At + Lifetime), token).ConfigureAwait(false);
            if (!await Queue.EndAsync(session, export.Id, "done", token).ConfigureAwait(false))
                throw new LeaseLostException();
        }, token);

    /// <summary>Somebody takes the file: nobody else does.</summary>
    /// <exception cref="RefusedException">It was taken, or is gone.</exception>
    public Task TakeAsync(CodeExportRow export, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.ExecuteAsync(Take, new TakeArgs(export.Number, by, session.At), token).ConfigureAwait(false) == 0)
                throw new RefusedException(new Refusal("ExportGone", ""));
            await AppendAsync(session, AuditActions.ExportTaken, export.Number, by, null, new { Batch = export.BatchNo, Codes = export.RowsDone, Sha256 = Convert.ToHexStringLower(export.Sha256!) }, token).ConfigureAwait(false);
        }, token);

    /// <summary>The download was broken off: the file can be taken once more.</summary>
    public Task GiveBackAsync(long number, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.ExecuteAsync(GiveBack, new ByNumber(number), token).ConfigureAwait(false) == 1)
                await AppendAsync(session, AuditActions.ExportBrokenOff, number, by, null, new { }, token).ConfigureAwait(false);
        }, token);

    /// <summary>Files that nobody took in time: their codes go back to stock, unless a download was begun.</summary>
    /// <returns>Which.</returns>
    public Task<List<CodeExportRow>> ExpireAsync(CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            var late = await session.ListAsync<CodeExportRow>(ReadLate, new LateArgs(session.At), token).ConfigureAwait(false);
            foreach (var export in late)
            {
                if (await session.ExecuteAsync(Expire, new ByNumber(export.Number), token).ConfigureAwait(false) == 0)
                    continue; // taken in the last moment
                if (export.TakenBy is null)
                    await BackToStockAsync(session, export, token).ConfigureAwait(false);
            }
            return late;
        }, token);

    /// <summary>One export; null when there is none of that number.</summary>
    public Task<CodeExportRow?> FindAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<CodeExportRow>(ReadOne, new ByNumber(number), token), token);

    /// <summary>One export by its row; null when there is none.</summary>
    public Task<CodeExportRow?> FindAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<CodeExportRow>(ReadById, new BatchQueries.ById(id), token), token);

    /// <summary>One export by its row.</summary>
    public Task<CodeExportRow> GetAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<CodeExportRow>(ReadById, new BatchQueries.ById(id), token), token);

    /// <summary>The exports of a batch, the newest first.</summary>
    public Task<List<CodeExportRow>> OfBatchAsync(long batch, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<CodeExportRow>(ReadOfBatch, new BatchQueries.ByNumber(batch), token), token);

    /// <summary>Sealed codes of a batch in stock, after one.</summary>
    public Task<List<SealedCode>> CodesAsync(long batch, int after, int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<SealedCode>(ReadCodes, new CodeQueries.AfterSequence(batch, after, 0, take), token), token);

    private static async Task LeaveStockAsync(WriteSession session, long batch, string by, string reason, int codes, CancellationToken token)
    {
        if (await session.ExecuteAsync(LeaveStock, new LeaveArgs(batch, session.At), token).ConfigureAwait(false) == 0)
            throw new RefusedException(new Refusal("NothingToExport", ""));
        await CodeEvents.AddAsync(session, new NewCodeEvent(batch, CodeEvents.WholeBatch, CodeEventKinds.Exported, by) { Codes = codes, Reason = reason }, token).ConfigureAwait(false);
    }

    // Nothing left the building, and nobody needs its passphrase.
    private static async Task ReleaseAsync(WriteSession session, Guid id, CancellationToken token)
    {
        await session.ExecuteAsync(ForgetPassphrase, new BatchQueries.ById(id), token).ConfigureAwait(false);
        await BackToStockAsync(session, await session.GetAsync<CodeExportRow>(ReadById, new BatchQueries.ById(id), token).ConfigureAwait(false), token).ConfigureAwait(false);
    }

    private static async Task BackToStockAsync(WriteSession session, CodeExportRow export, CancellationToken token)
    {
        await session.ExecuteAsync(BackToStock, new ByNumber(export.BatchNo), token).ConfigureAwait(false);
        await CodeEvents.AddAsync(session, new NewCodeEvent(export.BatchNo, CodeEvents.WholeBatch, CodeEventKinds.Restocked, "system") { Codes = export.RowsTotal }, token).ConfigureAwait(false);
    }

    private static Task<long> AppendAsync(WriteSession session, string action, long number, string by, string? reason, object details, CancellationToken token) =>
        AuditLog.AppendAsync(session, new AuditAct { Who = by, Action = action, Subject = AuditSubject.Of("export", number), Reason = reason, Details = details }, token);

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>By the number people see.</summary>
    public sealed record ByNumber(long Number);

    /// <summary>Columns of a new export.</summary>
    public sealed record InsertArgs(Guid Id, long Number, long BatchNo, string Format, string Status, int RowsTotal, byte[] SealedPassphrase, string Reason, string RequestedBy, DateTime RequestedAt);

    /// <summary>Who sees the passphrase, when.</summary>
    public sealed record ShownArgs(long Number, string By, DateTime At);

    /// <summary>How far the writing is.</summary>
    public sealed record AdvanceArgs(Guid Id, int Rows);

    /// <summary>The finished file.</summary>
    public sealed record FinishArgs(Guid Id, int Rows, long Size, byte[] Sha256, DateTime ExpiresAt);

    /// <summary>Who takes it, when.</summary>
    public sealed record TakeArgs(long Number, string By, DateTime At);

    /// <summary>By when it should have been taken.</summary>
    public sealed record LateArgs(DateTime Now);

    /// <summary>Which batch leaves stock, when.</summary>
    public sealed record LeaveArgs(long Number, DateTime At);

    /// <summary>A new export.</summary>
    public static readonly Sql<InsertArgs> Insert = new("""
        INSERT INTO CodeExports (Id, Number, BatchNo, Format, Status, RowsDone, RowsTotal, SealedPassphrase, Reason, RequestedBy, RequestedAt, Attempts)
        VALUES (@Id, @Number, @BatchNo, @Format, @Status, 0, @RowsTotal, @SealedPassphrase, @Reason, @RequestedBy, @RequestedAt, 0)
        """);

    /// <summary>May be made.</summary>
    public static readonly Sql<ByNumber> Approve = new("UPDATE CodeExports SET Status = 'pending' WHERE Number = @Number AND Status = 'requested'");

    /// <summary>Is not made.</summary>
    public static readonly Sql<ByNumber> Refuse = new("UPDATE CodeExports SET Status = 'refused', SealedPassphrase = NULL WHERE Number = @Number AND Status = 'requested'");

    /// <summary>Its codes are handed to nobody else.</summary>
    public static readonly Sql<LeaveArgs> LeaveStock = new("UPDATE CodeBatches SET ExportedAt = @At WHERE Number = @Number AND Status = 'ready' AND Available > 0");

    /// <summary>Its codes can be handed out again.</summary>
    public static readonly Sql<ByNumber> BackToStock = new("UPDATE CodeBatches SET ExportedAt = NULL WHERE Number = @Number");

    /// <summary>Of a file that is not made.</summary>
    public static readonly Sql<BatchQueries.ById> ForgetPassphrase = new("UPDATE CodeExports SET SealedPassphrase = NULL WHERE Id = @Id");

    /// <summary>The passphrase as it lies.</summary>
    public static readonly Sql<ByNumber> ReadPassphrase = new("SELECT SealedPassphrase FROM CodeExports WHERE Number = @Number");

    /// <summary>Shown once, to who asked; kept only as long as the file is not made.</summary>
    public static readonly Sql<ShownArgs> MarkShown = new("""
        UPDATE CodeExports
        SET PassphraseShownAt = @At, SealedPassphrase = CASE WHEN Status IN ('done', 'taken') THEN NULL ELSE SealedPassphrase END
        WHERE Number = @Number AND RequestedBy = @By AND PassphraseShownAt IS NULL AND Status NOT IN ('refused', 'expired')
        """);

    /// <summary>How many codes are written.</summary>
    public static readonly Sql<AdvanceArgs> Advance = new("UPDATE CodeExports SET RowsDone = @Rows WHERE Id = @Id");

    /// <summary>What the file is.</summary>
    public static readonly Sql<FinishArgs> Finish = new("""
        UPDATE CodeExports
        SET RowsDone = @Rows, Size = @Size, Sha256 = @Sha256, ExpiresAt = @ExpiresAt, SealedPassphrase = CASE WHEN PassphraseShownAt IS NULL THEN SealedPassphrase ELSE NULL END
        WHERE Id = @Id
        """);

    /// <summary>Taken, once.</summary>
    public static readonly Sql<TakeArgs> Take = new("UPDATE CodeExports SET Status = 'taken', TakenAt = @At, TakenBy = @By WHERE Number = @Number AND Status = 'done' AND ExpiresAt > @At AND EXISTS (SELECT 1 FROM CodeBatches b WHERE b.Number = BatchNo AND b.Status = 'ready')");

    /// <summary>Not taken after all. Who began to take it stays: the whole file may have left.</summary>
    public static readonly Sql<ByNumber> GiveBack = new("UPDATE CodeExports SET Status = 'done', TakenAt = NULL WHERE Number = @Number AND Status = 'taken'");

    /// <summary>Never taken.</summary>
    public static readonly Sql<ByNumber> Expire = new("UPDATE CodeExports SET Status = 'expired', SealedPassphrase = NULL WHERE Number = @Number AND Status = 'done'");

    /// <summary>Not taken in time.</summary>
    public static readonly Sql<LateArgs> ReadLate = new($"SELECT {CodeExportRow.Columns} FROM CodeExports WHERE Status = 'done' AND ExpiresAt <= @Now");

    /// <summary>One export.</summary>
    public static readonly Sql<ByNumber> ReadOne = new($"SELECT {CodeExportRow.Columns} FROM CodeExports WHERE Number = @Number");

    /// <summary>One export.</summary>
    public static readonly Sql<BatchQueries.ById> ReadById = new($"SELECT {CodeExportRow.Columns} FROM CodeExports WHERE Id = @Id");

    /// <summary>The exports of a batch.</summary>
    public static readonly Sql<BatchQueries.ByNumber> ReadOfBatch = new($"SELECT {CodeExportRow.Columns} FROM CodeExports WHERE BatchNo = @Number ORDER BY Number DESC");

    /// <summary>Sealed codes in stock of a batch that is not void.</summary>
    public static readonly Sql<CodeQueries.AfterSequence> ReadCodes = new("""
        SELECT c.Sequence, c.Cipher FROM Codes c
        WHERE c.BatchNo = @BatchNo AND c.Sequence > @Sequence AND c.Status = 'available' AND EXISTS (SELECT 1 FROM CodeBatches b WHERE b.Number = @BatchNo AND b.Status = 'ready')
        ORDER BY c.Sequence
        {page}
        """);
}

/// <summary>An export that is wanted.</summary>
/// <param name="BatchNo">Number of the batch.</param>
/// <param name="Format"><c>csv</c> or <c>xlsx</c>.</param>
/// <param name="SealedPassphrase">Wrapped by the key ring.</param>
/// <param name="Reason">Why.</param>
/// <param name="Day">Who asks, on which day.</param>
public sealed record NewCodeExport(long BatchNo, string Format, byte[] SealedPassphrase, string Reason, PersonsDay Day)
{
    /// <summary>E-mail of who asks.</summary>
    public string By => Day.By;
}

/// <summary>A code as it lies.</summary>
public sealed class SealedCode
{
    /// <summary>Its place in its batch.</summary>
    public int Sequence { get; init; }

    /// <summary>Nonce, ciphertext and tag.</summary>
    public byte[] Cipher { get; init; } = [];
}

/// <summary>An export. Instants are UTC.</summary>
public sealed class CodeExportRow
{
    internal const string Columns = """
        Id, Number, BatchNo, Format, Status, RowsDone, RowsTotal, PassphraseShownAt, Size, Sha256, Reason, RequestedBy, RequestedAt, ExpiresAt, TakenAt, TakenBy, StartedAt, EndedAt,
        Failure, FailureJson, Attempts
        """;

    /// <summary>The row's id; the file bears it as its name.</summary>
    public Guid Id { get; init; }

    /// <summary>The number people see.</summary>
    public long Number { get; init; }

    /// <summary>Number of the batch.</summary>
    public long BatchNo { get; init; }

    /// <summary><c>csv</c> or <c>xlsx</c>.</summary>
    public string Format { get; init; } = "";

    /// <summary><c>requested</c>, <c>pending</c>, <c>running</c>, <c>done</c>, <c>failed</c>, <c>taken</c>, <c>expired</c> or <c>refused</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Codes written.</summary>
    public int RowsDone { get; init; }

    /// <summary>Codes in stock when it was asked for.</summary>
    public int RowsTotal { get; init; }

    /// <summary>When its passphrase was shown; null when it was not.</summary>
    public DateTime? PassphraseShownAt { get; init; }

    /// <summary>Bytes, once done.</summary>
    public long? Size { get; init; }

    /// <summary>Of the sealed file, once done.</summary>
    public byte[]? Sha256 { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who asked.</summary>
    public string RequestedBy { get; init; } = "";

    /// <summary>When.</summary>
    public DateTime RequestedAt { get; init; }

    /// <summary>By when it must be taken.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>When it was taken.</summary>
    public DateTime? TakenAt { get; init; }

    /// <summary>By whom.</summary>
    public string? TakenBy { get; init; }

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
}
