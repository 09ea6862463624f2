using BackOffice.Data.Engine;
using BackOffice.Data.Orders;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Codes;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Codes;

/// <summary>
/// Takes in what the console says was redeemed: it is believed whatever we thought of the code, and a code that nobody had been handed raises a finding at once (codes rules 3).
/// The same redemption told again changes nothing.
/// </summary>
public sealed class RedemptionIntake(Database database, BusinessTime shop)
{
    private const int Portion = 50;
    private const int MostCollisions = 10;

    /// <summary>Why an event of a redemption says that it was not expected.</summary>
    public const string Unexpected = "unexpected";

    /// <summary>Takes redemptions in.</summary>
    /// <returns>How many were new, and how many of those were not expected.</returns>
    public async Task<(int New, int Unexpected)> TakeInAsync(IReadOnlyList<Redemption> redemptions, CancellationToken token = default)
    {
        var (taken, unexpected) = (0, 0);
        foreach (var portion in redemptions.Chunk(Portion))
        {
            var (some, surprises) = await TakePortionInAsync(portion, token).ConfigureAwait(false);
            (taken, unexpected) = (taken + some, unexpected + surprises);
        }
        return (taken, unexpected);
    }

    private async Task<(int New, int Unexpected)> TakePortionInAsync(Redemption[] portion, CancellationToken token)
    {
        for (var collisions = 0; ; collisions++)
        {
            try
            {
                return await database.WriteAsync(WriteRank.Job, session => TakePortionInAsync(session, portion, token), token).ConfigureAwait(false);
            }
            catch (Exception failure) when (database.Dialect.IsDeadlock(failure) && collisions < MostCollisions)
            {
                // Nothing of the portion was kept: it is made again.
            }
        }
    }

    private async Task<(int New, int Unexpected)> TakePortionInAsync(WriteSession session, Redemption[] portion, CancellationToken token)
    {
        var batches = new List<long>(portion.Length);
        foreach (var redemption in portion)
        {
            if (await session.FindAsync<CodeRow>(CodeQueries.ReadByKey, new CodeQueries.ByKey(redemption.LookupKey), token).ConfigureAwait(false) is { } code && code.Status != "redeemed")
                batches.Add(code.BatchNo);
        }
        // All of them first, in one order: two who take redemptions of the same batches in never wait for each other in a circle.
        await CodeVoids.HoldAsync(session, batches, token).ConfigureAwait(false);
        var (count, odd) = (0, 0);
        foreach (var redemption in portion)
        {
            var outcome = await TakeInAsync(session, redemption, token).ConfigureAwait(false);
            count += outcome is null ? 0 : 1;
            odd += outcome is true ? 1 : 0;
        }
        return (count, odd);
    }

    // Null: none of ours, or known already. True: nobody had been handed it.
    private async Task<bool?> TakeInAsync(WriteSession session, Redemption redemption, CancellationToken token)
    {
        var code = await session.FindAsync<CodeRow>(CodeQueries.ReadByKey, new CodeQueries.ByKey(redemption.LookupKey), token).ConfigureAwait(false);
        if (code is null || code.Effective == CodeStatus.Redeemed)
            return null;
        var before = code.Effective;
        // The batch is held since before the code was read.
        await session.ExecuteAsync(Count(before, code.BatchStatus), new BatchQueries.ByNumber(code.BatchNo), token).ConfigureAwait(false);
        if (await session.ExecuteAsync(Redeem, new CodeVoids.OneArgs(code.BatchNo, code.Sequence, code.Status), token).ConfigureAwait(false) == 0)
            throw new InvalidOperationException($"Code {code.Subject} changed while its batch was held.");
        if (before == CodeStatus.Void)
            await OrderStatuses.OfCodesAsync(session, new OrderStatuses.CodeStretch(code.BatchNo, code.Sequence - 1, code.Sequence), token).ConfigureAwait(false);
        var batch = await session.GetAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(code.BatchNo), token).ConfigureAwait(false);
        // What left the building as a file was handed out by people: that it is redeemed from stock is no surprise.
        var isUnexpected = before.IsRedeemedUnexpectedly() && !(before == CodeStatus.Available && batch.ExportedAt is not null);
        await CodeStock.CountDayAsync(session, code.BatchNo, shop.DayOf(redemption.At), 0, 1, token).ConfigureAwait(false);
        await CodeEvents.AddAsync(session, new NewCodeEvent(code.BatchNo, code.Sequence, CodeEventKinds.Redeemed, "console")
        {
            StatusBefore = before.Word(),
            OrderNo = code.OrderNo,
            ConsoleUser = redemption.ConsoleUser,
            HappenedAt = redemption.At,
            Reason = isUnexpected ? Unexpected : null,
        }, token).ConfigureAwait(false);
        if (isUnexpected)
            await OpenFindingAsync(session, CodeFindings.RedeemedUnexpectedly(code.BatchNo, code.Sequence, code.OrderNo), token).ConfigureAwait(false);
        return isUnexpected;
    }

    private static async Task OpenFindingAsync(WriteSession session, FindingLine line, CancellationToken token)
    {
        var id = Ids.New(session.At);
        await session.ExecuteAsync(FindingStore.OpenFinding, FindingStore.OpenArgs.Of(id, line, session.At, session.At), token).ConfigureAwait(false);
        await session.ExecuteAsync(
            FindingStore.InsertEvent,
            new FindingStore.EventArgs(Ids.New(session.At), id, FindingWords.Event(FindingEventKind.Opened), null, line.FactsHash, session.At, "console"), token).ConfigureAwait(false);
    }

    // Of a batch that is still being made only what was redeemed is counted: the rest is counted when it is ready.
    private static Sql<BatchQueries.ByNumber> Count(CodeStatus before, string batchStatus) => (before, batchStatus) switch
    {
        (_, "generating" or "approved" or "failed") => CountOnly,
        (CodeStatus.Available, _) => CountAvailable,
        (CodeStatus.Allocated, _) => CountAllocated,
        (CodeStatus.Delivered, _) => CountDelivered,
        _ => CountVoid,
    };

    /// <summary>Used, whatever it was. Of a void one its order may have another code by now, and keeps that.</summary>
    public static readonly Sql<CodeVoids.OneArgs> Redeem = new("""
        UPDATE Codes SET Status = 'redeemed', OrderNo = CASE WHEN Status = 'void' THEN NULL ELSE OrderNo END WHERE BatchNo = @BatchNo AND Sequence = @Sequence AND Status = @Status
        """);

    /// <summary>From stock.</summary>
    public static readonly Sql<BatchQueries.ByNumber> CountAvailable = new("UPDATE CodeBatches SET Available = Available - 1, Redeemed = Redeemed + 1 WHERE Number = @Number");

    /// <summary>From those taken for orders.</summary>
    public static readonly Sql<BatchQueries.ByNumber> CountAllocated = new("UPDATE CodeBatches SET Allocated = Allocated - 1, Redeemed = Redeemed + 1 WHERE Number = @Number");

    /// <summary>From those handed out.</summary>
    public static readonly Sql<BatchQueries.ByNumber> CountDelivered = new("UPDATE CodeBatches SET Delivered = Delivered - 1, Redeemed = Redeemed + 1 WHERE Number = @Number");

    /// <summary>From the void ones.</summary>
    public static readonly Sql<BatchQueries.ByNumber> CountVoid = new("UPDATE CodeBatches SET Voided = Voided - 1, Redeemed = Redeemed + 1 WHERE Number = @Number");

    /// <summary>From a batch that is still being made.</summary>
    public static readonly Sql<BatchQueries.ByNumber> CountOnly = new("UPDATE CodeBatches SET Redeemed = Redeemed + 1 WHERE Number = @Number");
}

/// <summary>The console says that a code was used.</summary>
/// <param name="LookupKey">Keyed hash of the code.</param>
/// <param name="At">When, UTC.</param>
/// <param name="ConsoleUser">By which of its users; null when it does not say.</param>
public sealed record Redemption(byte[] LookupKey, DateTime At, string? ConsoleUser);
