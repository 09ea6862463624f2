using BackOffice.Data.Approvals;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Domain.Access;

namespace BackOffice.Data.Codes;

/// <summary>The life of a batch: requested, approved, generating, ready; void from each of them, failed from generating (codes rules 3).</summary>
public sealed class BatchStore(Database database)
{
    /// <summary>The batches that wait to be made.</summary>
    public static readonly WorkQueue Queue = new("CodeBatches", waits: "approved", works: "generating");

    /// <summary>
    /// Asks for a batch. Within the limits, of this batch and the requester's others of the same business day, it is approved by that; above them it waits for
    /// a second person. The same request sent twice is one batch.
    /// </summary>
    /// <returns>The batch, and whether it waits for a second person.</returns>
    public async Task<BatchRow> RequestAsync(NewBatch wanted, CodeLimits limits, CancellationToken token = default)
    {
        if (await FindAsync(wanted.Id, token).ConfigureAwait(false) is { } repeated)
            return repeated;
        try
        {
            return await database.WriteAsync(WriteRank.Request, session => RequestAsync(session, wanted, limits, token), token).ConfigureAwait(false);
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            return await FindAsync(wanted.Id, token).ConfigureAwait(false) ?? throw new InvalidOperationException("A batch's number was given twice.", failure);
        }
    }

    private static async Task<BatchRow> RequestAsync(WriteSession session, NewBatch wanted, CodeLimits limits, CancellationToken token)
    {
        // First: whoever asks at the same moment waits here, so that the limits count both.
        var number = await session.NextNumberAsync("CodeBatches", token).ConfigureAwait(false);
        var today = await session.ListAsync<TodayRow>(ReadToday, new TodayArgs(wanted.By, wanted.Day), token).ConfigureAwait(false);
        var codes = today.Sum(batch => (long)batch.Wanted) + wanted.Count;
        var tokens = today.Aggregate((Int128)wanted.Count * wanted.Tokens, (sum, batch) => sum + (Int128)batch.Wanted * batch.Tokens);
        var needsSecond = limits.AreExceeded(codes, tokens);
        await session.ExecuteAsync(Insert, InsertArgs.Of(wanted, number, needsSecond ? "requested" : "approved", session.At), token).ConfigureAwait(false);
        await CodeEvents.AddAsync(session, new NewCodeEvent(number, CodeEvents.WholeBatch, CodeEventKinds.Requested, wanted.By) { Codes = wanted.Count, Reason = wanted.Note }, token).ConfigureAwait(false);
        await AuditLog.AppendAsync(session, new AuditAct
        {
            Who = wanted.By,
            Action = AuditActions.BatchRequested,
            Subject = AuditSubject.Of("batch", number),
            Reason = wanted.Note.Length == 0 ? null : wanted.Note,
            Details = new { wanted.Package, wanted.Units, Codes = wanted.Count, wanted.Tokens, wanted.Quota, wanted.Format, wanted.Prefix, wanted.PublishBy, wanted.ExpiresAt, NeedsSecondPerson = needsSecond },
        }, token).ConfigureAwait(false);
        if (needsSecond)
            await AskAsync(session, wanted, number, codes, tokens, token).ConfigureAwait(false);
        return await session.GetAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(number), token).ConfigureAwait(false);
    }

    private static Task<long> AskAsync(WriteSession session, NewBatch wanted, long number, long codesToday, Int128 tokensToday, CancellationToken token) =>
        ApprovalStore.RequestAsync(
            session,
            new NewApproval(
                ApprovalKind, number.ToString(System.Globalization.CultureInfo.InvariantCulture), "{}", wanted.Note, wanted.By,
                new { Act = ApprovalKind, Batch = number, Codes = wanted.Count, CodesToday = codesToday, TokensToday = tokensToday.ToString(System.Globalization.CultureInfo.InvariantCulture) }),
            token);

    /// <summary>The word of a request for a second person to issue a batch; its subject is the batch's number.</summary>
    public const string ApprovalKind = "codes_issue";

    /// <summary>The second person's word, in the transaction that decides.</summary>
    /// <exception cref="RefusedException">The batch does not wait any more.</exception>
    public static async Task ApproveAsync(WriteSession session, long number, string by, CancellationToken token)
    {
        if (await session.ExecuteAsync(Approve, new ApproveArgs(number, by, session.At), token).ConfigureAwait(false) == 0)
            throw new RefusedException(new Refusal("BatchNotWaiting", ""));
        var batch = await session.GetAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(number), token).ConfigureAwait(false);
        await CodeEvents.AddAsync(session, new NewCodeEvent(number, CodeEvents.WholeBatch, CodeEventKinds.Approved, by) { Codes = batch.Wanted }, token).ConfigureAwait(false);
        await AppendAsync(session, AuditActions.BatchApproved, number, by, null, new { Codes = batch.Wanted, batch.RequestedBy }, token).ConfigureAwait(false);
    }

    /// <summary>A batch that had failed is tried again from where it stopped.</summary>
    /// <exception cref="RefusedException">It has not failed.</exception>
    public Task ResumeAsync(long number, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.ExecuteAsync(Resume, new BatchQueries.ByNumber(number), token).ConfigureAwait(false) == 0)
                throw new RefusedException(new Refusal("BatchNotFailed", ""));
            await CodeEvents.AddAsync(session, new NewCodeEvent(number, CodeEvents.WholeBatch, CodeEventKinds.Resumed, by) { Codes = 0 }, token).ConfigureAwait(false);
            await AppendAsync(session, AuditActions.BatchResumed, number, by, null, new { }, token).ConfigureAwait(false);
        }, token);

    /// <summary>Claims a batch to make it, and gives it a key for its codes when it has none.</summary>
    /// <param name="id">The batch's row.</param>
    /// <param name="newKey">Makes a key, wrapped.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>False: somebody else has it, or it is not to be made.</returns>
    public Task<bool> ClaimAsync(Guid id, Func<byte[]> newKey, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            if (!await Queue.ClaimAsync(session, id, token).ConfigureAwait(false))
                return false;
            await session.ExecuteAsync(GiveKey, new KeyArgs(id, newKey()), token).ConfigureAwait(false);
            return true;
        }, token);

    private Task<BatchRow?> FindAsync(Guid id, CancellationToken token) =>
        database.ReadAsync(session => session.FindAsync<BatchRow>(BatchQueries.ReadById, new BatchQueries.ById(id), token), token);

    internal static Task<long> AppendAsync(WriteSession session, string action, long number, string by, string? reason, object details, CancellationToken token) =>
        AuditLog.AppendAsync(session, new AuditAct { Who = by, Action = action, Subject = AuditSubject.Of("batch", number), Reason = reason, Details = details }, token);

    /// <summary>Who, on which of the shop's days.</summary>
    public sealed record TodayArgs(string RequestedBy, DateOnly Day);

    /// <summary>The second person.</summary>
    public sealed record ApproveArgs(long Number, string By, DateTime At);

    /// <summary>A key for a batch that has none.</summary>
    public sealed record KeyArgs(Guid Id, byte[] WrappedKey);

    /// <summary>Columns of a new batch.</summary>
    public sealed record InsertArgs(
        Guid Id, long Number, string Package, int Units, long Tokens, long Quota, int Wanted, string Format, string Prefix, string Note, DateTime? ExpiresAt, string PublishBy,
        string? ListCurrency, long? ListMinor, string Status, string RequestedBy, DateTime RequestedAt, DateOnly RequestedDay, string? ApprovedBy, DateTime? ApprovedAt)
    {
        internal static InsertArgs Of(NewBatch wanted, long number, string status, DateTime at) => new(
            wanted.Id, number, wanted.Package, wanted.Units, wanted.Tokens, wanted.Quota, wanted.Count, wanted.Format, wanted.Prefix, wanted.Note, wanted.ExpiresAt, wanted.PublishBy,
            wanted.List?.Currency, wanted.List?.Minor, status, wanted.By, at, wanted.Day, status == "approved" ? wanted.By : null, status == "approved" ? at : null);
    }

    /// <summary>What somebody asked for on a day, whatever became of it, but for what a second person refused.</summary>
    public static readonly Sql<TodayArgs> ReadToday = new("""
        SELECT Wanted, Tokens FROM CodeBatches WHERE RequestedBy = @RequestedBy AND RequestedDay = @Day AND (ApprovedAt IS NOT NULL OR Status = 'requested')
        """);

    /// <summary>A new batch.</summary>
    public static readonly Sql<InsertArgs> Insert = new("""
        INSERT INTO CodeBatches (Id, Number, Package, Units, Tokens, Quota, Wanted, Format, Prefix, Note, ExpiresAt, PublishBy, ListCurrency, ListMinor, Status, Made, Available,
            Allocated, Delivered, Redeemed, Voided, FirstAvailable, RequestedBy, RequestedAt, RequestedDay, ApprovedBy, ApprovedAt, Attempts, VoidDelivered, SettledTo)
        VALUES (@Id, @Number, @Package, @Units, @Tokens, @Quota, @Wanted, @Format, @Prefix, @Note, @ExpiresAt, @PublishBy, @ListCurrency, @ListMinor, @Status, 0, 0,
            0, 0, 0, 0, 1, @RequestedBy, @RequestedAt, @RequestedDay, @ApprovedBy, @ApprovedAt, 0, 0, 0)
        """);

    /// <summary>Approved by somebody else, once.</summary>
    public static readonly Sql<ApproveArgs> Approve = new("""
        UPDATE CodeBatches SET Status = 'approved', ApprovedBy = @By, ApprovedAt = @At WHERE Number = @Number AND Status = 'requested' AND RequestedBy <> @By
        """);

    /// <summary>To be made again from where it stopped.</summary>
    public static readonly Sql<BatchQueries.ByNumber> Resume = new("""
        UPDATE CodeBatches SET Status = 'approved', Attempts = 0, EndedAt = NULL, EnqueuedAt = NULL WHERE Number = @Number AND Status = 'failed'
        """);

    /// <summary>The first who makes codes gives the key.</summary>
    public static readonly Sql<KeyArgs> GiveKey = new("UPDATE CodeBatches SET WrappedKey = @WrappedKey WHERE Id = @Id AND WrappedKey IS NULL");

    private sealed class TodayRow
    {
        public int Wanted { get; init; }

        public long Tokens { get; init; }
    }
}

/// <summary>A batch that is wanted; the rules have been asked.</summary>
/// <param name="Id">Made by the form: the same request sent twice is one batch.</param>
/// <param name="Package">Slug of the package.</param>
/// <param name="Units">Units that one code is worth.</param>
/// <param name="Count">Codes.</param>
/// <param name="Tokens">Tokens of one code.</param>
/// <param name="Quota">Quota of one code at the console.</param>
/// <param name="Format"><c>console</c> or <c>friendly</c>.</param>
/// <param name="Prefix">In capitals; empty for none.</param>
/// <param name="PublishBy"><c>script</c>, <c>database</c> or <c>api</c>.</param>
/// <param name="Note">What it is for.</param>
/// <param name="ExpiresAt">UTC; null for never.</param>
/// <param name="List">List price of one code; null when the package has none.</param>
/// <param name="By">E-mail of who asks.</param>
/// <param name="Day">The shop's day.</param>
public sealed record NewBatch(
    Guid Id, string Package, int Units, int Count, long Tokens, long Quota, string Format, string Prefix, string PublishBy, string Note, DateTime? ExpiresAt, Money? List, string By, DateOnly Day);
