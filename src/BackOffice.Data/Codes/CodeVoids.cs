using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Orders;
using BackOffice.Domain;
using BackOffice.Domain.Codes;

namespace BackOffice.Data.Codes;

/// <summary>
/// Makes codes void. A batch is void by its own word, whatever its size: the counters move at once, and the rows follow afterwards in slices. Redeemed codes stay
/// as they are (codes rules 3).
/// </summary>
public sealed class CodeVoids(Database database)
{
    /// <summary>Makes a batch void, and cancels one that is not made yet.</summary>
    /// <returns>What it came to; its number in the audit trail.</returns>
    /// <exception cref="RefusedException">It is void already, or its counts are not those that were looked at.</exception>
    public Task<VoidedBatch> VoidAsync(BatchVoid wanted, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, session => VoidAsync(session, wanted, null, token), token);

    /// <summary>Makes a batch void inside the transaction that decides.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="wanted">Which, by whom, why.</param>
    /// <param name="second">E-mail of the second person; null when one was enough.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It is void already.</exception>
    public static async Task<VoidedBatch> VoidAsync(WriteSession session, BatchVoid wanted, string? second, CancellationToken token)
    {
        var args = new VoidArgs(wanted.Number, wanted.By, session.At, wanted.Reason, wanted.WithDelivered);
        // Holds the row to the commit, so that the counts read next are those that are voided.
        if (await session.ExecuteAsync(MarkVoid, args, token).ConfigureAwait(false) == 0)
            throw new RefusedException(new Refusal("BatchVoidAlready", ""));
        var before = await session.GetAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(wanted.Number), token).ConfigureAwait(false);
        await session.ExecuteAsync(MoveCounters, new CountArgs(wanted.Number, wanted.WithDelivered), token).ConfigureAwait(false);
        var after = await session.GetAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(wanted.Number), token).ConfigureAwait(false);
        var voided = after.Voided - before.Voided;
        await CodeEvents.AddAsync(session, new NewCodeEvent(wanted.Number, CodeEvents.WholeBatch, CodeEventKinds.Voided, wanted.By) { Codes = voided, Reason = wanted.Reason }, token).ConfigureAwait(false);
        await CodeTaskStore.AddAsync(session, "settle", wanted.Number, after.Made, wanted.By, token).ConfigureAwait(false);
        // What the console made itself it knows by the call; a publication that was under way may have brought some of the rest there.
        if (after.PublishBy == "api")
            await CodeTaskStore.AddAsync(session, "disable", wanted.Number, await session.GetAsync<int>(ConsoleCallStore.CountCalls, new BatchQueries.ByNumber(wanted.Number), token).ConfigureAwait(false), wanted.By, token)
                .ConfigureAwait(false);
        else if (after.PublishedAt is not null || await WasOnItsWayAsync(session, wanted.Number, token).ConfigureAwait(false))
            await CodeTaskStore.AddAsync(session, "disable", wanted.Number, after.Made, wanted.By, token).ConfigureAwait(false);
        var audit = await BatchStore.AppendAsync(session, AuditActions.BatchVoided, wanted.Number, wanted.By, wanted.Reason, new
        {
            Codes = voided,
            after.Redeemed,
            DeliveredKept = after.Delivered,
            wanted.WithDelivered,
            SecondPerson = second,
        }, token).ConfigureAwait(false);
        return new VoidedBatch(voided, after.Redeemed, after.Delivered, audit);
    }

    // Some of it may be at the console, although nobody has said that all of it is.
    private static async Task<bool> WasOnItsWayAsync(WriteSession session, long batch, CancellationToken token) =>
        (await session.ListAsync<CodeTaskRow>(CodeTaskStore.ReadOfBatch, new BatchQueries.ByNumber(batch), token).ConfigureAwait(false)).Exists(task => task.Kind == "publish")
        || (await session.ListAsync<CodeEventRow>(CodeQueries.ReadEvents, new CodeQueries.OfCode(batch, CodeEvents.WholeBatch), token).ConfigureAwait(false)).Exists(one => one.Kind == CodeEventKinds.Scripted);

    /// <summary>A batch that a second person refused, or its requester took back, is void before anything was made.</summary>
    public static async Task EndRequestAsync(WriteSession session, long number, string by, string? reason, CancellationToken token)
    {
        var args = new VoidArgs(number, by, session.At, reason, false);
        if (await session.ExecuteAsync(EndRequest, args, token).ConfigureAwait(false) == 0)
            throw new RefusedException(new Refusal("BatchNotWaiting", ""));
        await CodeEvents.AddAsync(session, new NewCodeEvent(number, CodeEvents.WholeBatch, CodeEventKinds.Refused, by) { Codes = 0, Reason = reason }, token).ConfigureAwait(false);
    }

    /// <summary>Lets the rows of a void batch say what they are: a slice, from where the task stood.</summary>
    /// <returns>Where it stands now.</returns>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public Task<int> SettleAsync(CodeTaskRow task, int position, int slice, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            var next = position;
            await session.ExecuteAsync(HoldBatch, new BatchQueries.ByNumber(task.BatchNo!.Value), token).ConfigureAwait(false);
            do
            {
                var until = Math.Min(next + slice, task.Total);
                await session.ExecuteAsync(SettleRows, new SettleArgs(task.BatchNo!.Value, next, until), token).ConfigureAwait(false);
                await OrderStatuses.OfCodesAsync(session, new OrderStatuses.CodeStretch(task.BatchNo.Value, next, until), token).ConfigureAwait(false);
                next = until;
            }
            while (next < task.Total && !session.ShouldEnd);
            await session.ExecuteAsync(NoteSettled, new NoteArgs(task.BatchNo!.Value, next), token).ConfigureAwait(false);
            await CodeTaskStore.AdvanceAsync(session, task.Id, position, next, token).ConfigureAwait(false);
            return next;
        }, token);

    /// <summary>Holds the rows of batches to the commit, each in the order of its number: what is read of their codes from here on is what there is.</summary>
    public static async Task HoldAsync(WriteSession session, IEnumerable<long> batches, CancellationToken token)
    {
        foreach (var number in batches.Distinct().Order())
            await session.ExecuteAsync(HoldBatch, new BatchQueries.ByNumber(number), token).ConfigureAwait(false);
    }

    /// <summary>Makes single codes void: those of a list that are neither redeemed nor void, the delivered ones when the list says so.</summary>
    /// <returns>How many were made void.</returns>
    public static async Task<int> VoidCodesAsync(WriteSession session, IReadOnlyList<CodeRow> codes, bool withDelivered, string by, string reason, CancellationToken token)
    {
        var voided = 0;
        foreach (var code in codes)
        {
            // Of a batch that is still being made, or stopped in it, single codes are not in anybody's hands.
            if (CodeStatuses.Of(code.Status) is not { } own || !IsVoidable(code.Effective, withDelivered) || code.BatchStatus is not ("ready" or "void"))
                continue;
            // The batch first, as whoever takes a code does: neither waits for the other in a circle.
            if (await session.ExecuteAsync(CountOne(own), new BatchQueries.ByNumber(code.BatchNo), token).ConfigureAwait(false) == 0
                || await session.ExecuteAsync(VoidOne, new OneArgs(code.BatchNo, code.Sequence, code.Status), token).ConfigureAwait(false) == 0)
                throw new RefusedException(new Refusal("CodeChanged", "", code.Subject));
            await CodeEvents.AddAsync(session, new NewCodeEvent(code.BatchNo, code.Sequence, CodeEventKinds.Voided, by) { StatusBefore = code.Status, OrderNo = code.OrderNo, Reason = reason }, token)
                .ConfigureAwait(false);
            await OrderStatuses.OfCodesAsync(session, new OrderStatuses.CodeStretch(code.BatchNo, code.Sequence - 1, code.Sequence), token).ConfigureAwait(false);
            voided++;
        }
        return voided;
    }

    /// <summary>Whether a code in this state can be made void.</summary>
    public static bool IsVoidable(CodeStatus effective, bool withDelivered) =>
        effective is CodeStatus.Available or CodeStatus.Allocated || (effective is CodeStatus.Delivered && withDelivered);

    private static Sql<BatchQueries.ByNumber> CountOne(CodeStatus own) => own switch
    {
        CodeStatus.Available => CountAvailable,
        CodeStatus.Allocated => CountAllocated,
        CodeStatus.Delivered => CountDelivered,
        _ => throw new ArgumentOutOfRangeException(nameof(own), own, "Not a state that can be made void."),
    };

    /// <summary>Which batch, by whom, why.</summary>
    public sealed record VoidArgs(long Number, string By, DateTime At, string? Reason, bool WithDelivered);

    /// <summary>Which batch, and whether its delivered codes are void too.</summary>
    public sealed record CountArgs(long Number, bool WithDelivered);

    /// <summary>Sequences of a batch.</summary>
    public sealed record SettleArgs(long BatchNo, int After, int Until);

    /// <summary>How far the rows have followed.</summary>
    public sealed record NoteArgs(long Number, int SettledTo);

    /// <summary>One code, as it was read.</summary>
    public sealed record OneArgs(long BatchNo, int Sequence, string Status);

    /// <summary>From here on all its stock is void, whoever asks. Whoever makes it has lost it.</summary>
    public static readonly Sql<VoidArgs> MarkVoid = new("""
        UPDATE CodeBatches
        SET Status = 'void', VoidedAt = @At, VoidedBy = @By, VoidReason = @Reason, VoidDelivered = @WithDelivered, EndedAt = COALESCE(EndedAt, @At), LeaseOwner = NULL, LeaseUntil = NULL,
            Available = CASE WHEN Status = 'ready' THEN Available ELSE Made - Redeemed END
        WHERE Number = @Number AND Status <> 'void'
        """);

    /// <summary>The counters say so at once: what was made and is not used is void.</summary>
    public static readonly Sql<CountArgs> MoveCounters = new("""
        UPDATE CodeBatches
        SET Voided = Voided + Available + Allocated + CASE WHEN @WithDelivered = 1 THEN Delivered ELSE 0 END, Available = 0, Allocated = 0,
            Delivered = CASE WHEN @WithDelivered = 1 THEN 0 ELSE Delivered END
        WHERE Number = @Number
        """);

    /// <summary>Never made.</summary>
    public static readonly Sql<VoidArgs> EndRequest = new("""
        UPDATE CodeBatches SET Status = 'void', VoidedAt = @At, VoidedBy = @By, VoidReason = @Reason, VoidDelivered = @WithDelivered, EndedAt = @At WHERE Number = @Number AND Status = 'requested'
        """);

    /// <summary>Rows of a void batch, by sequence.</summary>
    public static readonly Sql<SettleArgs> SettleRows = new("""
        UPDATE Codes SET Status = 'void'
        WHERE BatchNo = @BatchNo AND Sequence > @After AND Sequence <= @Until
            AND (Status IN ('available', 'allocated') OR (Status = 'delivered' AND EXISTS (SELECT 1 FROM CodeBatches b WHERE b.Number = @BatchNo AND b.VoidDelivered = 1)))
        """);

    /// <summary>How far.</summary>
    public static readonly Sql<NoteArgs> NoteSettled = new("UPDATE CodeBatches SET SettledTo = @SettledTo WHERE Number = @Number");

    /// <summary>Changes nothing, and keeps others from changing it.</summary>
    public static readonly Sql<BatchQueries.ByNumber> HoldBatch = new("UPDATE CodeBatches SET SettledTo = SettledTo WHERE Number = @Number");

    /// <summary>One code, as long as it is what was read.</summary>
    public static readonly Sql<OneArgs> VoidOne = new("UPDATE Codes SET Status = 'void' WHERE BatchNo = @BatchNo AND Sequence = @Sequence AND Status = @Status");

    /// <summary>One code less in stock.</summary>
    public static readonly Sql<BatchQueries.ByNumber> CountAvailable = new("""
        UPDATE CodeBatches SET Available = Available - 1, Voided = Voided + 1 WHERE Number = @Number AND Status = 'ready' AND Available > 0
        """);

    /// <summary>One taken code less.</summary>
    public static readonly Sql<BatchQueries.ByNumber> CountAllocated = new("""
        UPDATE CodeBatches SET Allocated = Allocated - 1, Voided = Voided + 1 WHERE Number = @Number AND Status = 'ready' AND Allocated > 0
        """);

    /// <summary>One delivered code less, also of a batch that is void without its delivered ones.</summary>
    public static readonly Sql<BatchQueries.ByNumber> CountDelivered = new("""
        UPDATE CodeBatches SET Delivered = Delivered - 1, Voided = Voided + 1 WHERE Number = @Number AND Status IN ('ready', 'void') AND Delivered > 0
        """);
}

/// <summary>A batch to be made void.</summary>
/// <param name="Number">Its number.</param>
/// <param name="WithDelivered">Whether the codes that customers hold stop working too.</param>
/// <param name="By">E-mail of who does it.</param>
/// <param name="Reason">Why.</param>
public sealed record BatchVoid(long Number, bool WithDelivered, string By, string Reason);

/// <summary>What making a batch void came to.</summary>
/// <param name="Codes">Codes that were made void.</param>
/// <param name="Redeemed">Codes that stay as they are: they were used.</param>
/// <param name="Delivered">Codes that customers hold and that go on working.</param>
/// <param name="Audit">Its number in the audit trail.</param>
public sealed record VoidedBatch(int Codes, int Redeemed, int Delivered, long Audit);
