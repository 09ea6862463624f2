using System.Buffers.Binary;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Codes;

namespace BackOffice.Data.Codes;

/// <summary>
/// Codes in stock: what there is, and how one is taken for an order. A code is taken in a short transaction of its own, so that a rerun finds it; it is one of the oldest, not
/// always the oldest, so that those who take at the same time hardly meet (two-engines 5).
/// </summary>
public sealed class CodeStock(Database database, BusinessTime shop, CodeDice dice)
{
    private const int Candidates = 32;
    private const int MostTries = 50;

    /// <summary>
    /// The code of an order: the one it has already, else one from stock, allocated to it. Of published batches that are ready and have not ended, the oldest first.
    /// </summary>
    /// <returns>Null when nothing is in stock.</returns>
    public async Task<CodeRow?> TakeAsync(string orderNo, string package, int units, string by, CancellationToken token = default)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            try
            {
                var (row, met) = await database.WriteAsync(WriteRank.Request, session => TryTakeAsync(session, orderNo, package, units, by, token), token).ConfigureAwait(false);
                if (!met)
                    return row;
            }
            catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
            {
                // The order got one at the same moment: found the next time round.
            }
        }
        throw new RefusedException(new Refusal("StockBusy", ""));
    }

    // Met: somebody else changed what was read; nothing was written that counts.
    private async Task<(CodeRow? Row, bool Met)> TryTakeAsync(WriteSession session, string orderNo, string package, int units, string by, CancellationToken token)
    {
        var own = await session.FindAsync<CodeRow>(ReadOfOrder, new OfOrder(orderNo), token).ConfigureAwait(false);
        if (own is not null && own.Effective != CodeStatus.Void)
            return (own, false);
        if (own is not null)
            await session.ExecuteAsync(LetGo, new CodeQueries.OfCode(own.BatchNo, own.Sequence), token).ConfigureAwait(false); // its batch is void; the row follows now
        var batch = await session.FindAsync<StockBatch>(ReadOldest, new StockArgs(package, units, session.At, 0, 1), token).ConfigureAwait(false);
        if (batch is null)
            return (null, false);
        // Holds the batch's row to the commit: what is read of its codes from here on is what there is.
        if (await session.ExecuteAsync(CountTaken, new CountArgs(batch.Number, session.At), token).ConfigureAwait(false) == 0)
            return (null, true);
        var oldest = await session.ListAsync<int>(ReadCandidates, new CandidateArgs(batch.Number, batch.FirstAvailable, 0, Candidates), token).ConfigureAwait(false);
        if (oldest.Count == 0)
            throw new InvalidOperationException($"Batch {batch.Number} counts codes it does not have.");
        var sequence = oldest[Throw(oldest.Count)];
        if (oldest[0] > batch.FirstAvailable)
            await session.ExecuteAsync(MoveFirst, new FirstArgs(batch.Number, oldest[0]), token).ConfigureAwait(false);
        if (await session.ExecuteAsync(Take, new TakeArgs(batch.Number, sequence, orderNo), token).ConfigureAwait(false) == 0)
            throw new InvalidOperationException($"Batch {batch.Number} counts codes it does not have.");
        await CountDayAsync(session, batch.Number, shop.DayOf(session.At), 1, 0, token).ConfigureAwait(false);
        await CodeEvents.AddAsync(session, new NewCodeEvent(batch.Number, sequence, CodeEventKinds.Allocated, by) { StatusBefore = "available", OrderNo = orderNo }, token).ConfigureAwait(false);
        return (await session.GetAsync<CodeRow>(CodeQueries.ReadOne, new CodeQueries.OfCode(batch.Number, sequence), token).ConfigureAwait(false), false);
    }

    /// <summary>The code was handed to its customer.</summary>
    /// <exception cref="RefusedException">It is not allocated to the order, or void.</exception>
    public static async Task DeliverAsync(WriteSession session, CodeRow code, string by, CancellationToken token)
    {
        if (await session.ExecuteAsync(CountDelivered, new BatchQueries.ByNumber(code.BatchNo), token).ConfigureAwait(false) == 0
            || await session.ExecuteAsync(Deliver, new TakeArgs(code.BatchNo, code.Sequence, code.OrderNo!), token).ConfigureAwait(false) == 0)
            throw new RefusedException(new Refusal("CodeChanged", "", code.Subject));
        await CodeEvents.AddAsync(session, new NewCodeEvent(code.BatchNo, code.Sequence, CodeEventKinds.Delivered, by) { StatusBefore = "allocated", OrderNo = code.OrderNo }, token).ConfigureAwait(false);
    }

    /// <summary>What is in stock, by package and units, with what left it since a day of the shop's.</summary>
    public Task<List<StockLevel>> LevelsAsync(DateOnly since, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<StockLevel>(ReadLevels, new LevelArgs(since, database.Clock.UtcNow()), token), token);

    internal static async Task CountDayAsync(WriteSession session, long batch, DateOnly day, int taken, int redeemed, CancellationToken token)
    {
        var args = new DayArgs(batch, day, taken, redeemed);
        if (await session.ExecuteAsync(CountDay, args, token).ConfigureAwait(false) == 0)
            await session.ExecuteAsync(StartDay, args, token).ConfigureAwait(false); // the batch's row is held: nobody starts it in between
    }

    // Even enough: 2^32 is 2^27 times 32 and what is left over is one in a hundred million.
    private int Throw(int sides)
    {
        Span<byte> thrown = stackalloc byte[4];
        dice(thrown);
        return (int)(BinaryPrimitives.ReadUInt32LittleEndian(thrown) % (uint)sides);
    }

    /// <summary>Which order.</summary>
    public sealed record OfOrder(string OrderNo);

    /// <summary>What is wanted, now.</summary>
    public sealed record StockArgs(string Package, int Units, DateTime Now, int Skip, int Take) : IPaged;

    /// <summary>The oldest of a batch.</summary>
    public sealed record CandidateArgs(long BatchNo, int First, int Skip, int Take) : IPaged;

    /// <summary>One less in stock.</summary>
    public sealed record CountArgs(long Number, DateTime Now);

    /// <summary>Before which none is in stock.</summary>
    public sealed record FirstArgs(long Number, int First);

    /// <summary>A code for an order.</summary>
    public sealed record TakeArgs(long BatchNo, int Sequence, string OrderNo);

    /// <summary>A day of a batch.</summary>
    public sealed record DayArgs(long BatchNo, DateOnly ShopDay, int Taken, int Redeemed);

    /// <summary>Since when, and now.</summary>
    public sealed record LevelArgs(DateOnly Since, DateTime Now);

    /// <summary>The code that an order has.</summary>
    public static readonly Sql<OfOrder> ReadOfOrder = new($"""
        SELECT {CodeRow.Columns} FROM Codes c JOIN CodeBatches b ON b.Number = c.BatchNo
        WHERE c.OrderNo = @OrderNo AND c.OrderNo IS NOT NULL AND c.Status IN ('allocated', 'delivered', 'redeemed')
        """);

    /// <summary>A code of a void batch lets its order go.</summary>
    public static readonly Sql<CodeQueries.OfCode> LetGo = new("""
        UPDATE Codes SET Status = 'void' WHERE BatchNo = @BatchNo AND Sequence = @Sequence AND Status IN ('allocated', 'delivered')
        """);

    /// <summary>The oldest batch that has any.</summary>
    public static readonly Sql<StockArgs> ReadOldest = new("""
        SELECT Number, FirstAvailable FROM CodeBatches
        WHERE Package = @Package AND Units = @Units AND Status = 'ready' AND Available > 0 AND PublishedAt IS NOT NULL AND ExportedAt IS NULL AND (ExpiresAt IS NULL OR ExpiresAt > @Now)
        ORDER BY Number
        {page}
        """);

    /// <summary>Its oldest codes in stock.</summary>
    public static readonly Sql<CandidateArgs> ReadCandidates = new("""
        SELECT Sequence FROM Codes WHERE BatchNo = @BatchNo AND Sequence >= @First AND Status = 'available' ORDER BY Sequence {page}
        """);

    /// <summary>One less in stock, as long as the batch is one that codes are handed out of.</summary>
    public static readonly Sql<CountArgs> CountTaken = new("""
        UPDATE CodeBatches SET Available = Available - 1, Allocated = Allocated + 1
        WHERE Number = @Number AND Status = 'ready' AND Available > 0 AND PublishedAt IS NOT NULL AND ExportedAt IS NULL AND (ExpiresAt IS NULL OR ExpiresAt > @Now)
        """);

    /// <summary>Before it nothing is in stock.</summary>
    public static readonly Sql<FirstArgs> MoveFirst = new("UPDATE CodeBatches SET FirstAvailable = @First WHERE Number = @Number");

    /// <summary>Taken, once.</summary>
    public static readonly Sql<TakeArgs> Take = new("""
        UPDATE Codes SET Status = 'allocated', OrderNo = @OrderNo
        WHERE BatchNo = @BatchNo AND Sequence = @Sequence AND Status = 'available' AND EXISTS (SELECT 1 FROM CodeBatches b WHERE b.Number = @BatchNo AND b.Status = 'ready')
        """);

    /// <summary>One more handed out.</summary>
    public static readonly Sql<BatchQueries.ByNumber> CountDelivered = new("""
        UPDATE CodeBatches SET Allocated = Allocated - 1, Delivered = Delivered + 1 WHERE Number = @Number AND Status = 'ready' AND Allocated > 0
        """);

    /// <summary>Handed out.</summary>
    public static readonly Sql<TakeArgs> Deliver = new("""
        UPDATE Codes SET Status = 'delivered' WHERE BatchNo = @BatchNo AND Sequence = @Sequence AND Status = 'allocated' AND OrderNo = @OrderNo
        """);

    /// <summary>More on a day.</summary>
    public static readonly Sql<DayArgs> CountDay = new("UPDATE CodeDays SET Taken = Taken + @Taken, Redeemed = Redeemed + @Redeemed WHERE BatchNo = @BatchNo AND ShopDay = @ShopDay");

    /// <summary>The first of a day.</summary>
    public static readonly Sql<DayArgs> StartDay = new("INSERT INTO CodeDays (BatchNo, ShopDay, Taken, Redeemed) VALUES (@BatchNo, @ShopDay, @Taken, @Redeemed)");

    /// <summary>Stock by package and units. What the console does not know yet, what left as a file and what has ended cannot be handed out.</summary>
    public static readonly Sql<LevelArgs> ReadLevels = new("""
        SELECT b.Package, b.Units,
            SUM(CAST(CASE WHEN b.Status = 'ready' AND b.PublishedAt IS NOT NULL AND b.ExportedAt IS NULL AND (b.ExpiresAt IS NULL OR b.ExpiresAt > @Now) THEN b.Available ELSE 0 END AS bigint)) AS Available,
            SUM(CAST(CASE WHEN b.Status = 'ready' AND b.PublishedAt IS NULL AND b.ExportedAt IS NULL THEN b.Available ELSE 0 END AS bigint)) AS Unpublished,
            SUM(CAST(CASE WHEN b.Status IN ('requested', 'approved', 'generating') THEN b.Wanted ELSE 0 END AS bigint)) AS Coming,
            SUM(CAST(b.Allocated AS bigint)) AS Allocated,
            SUM(CAST(COALESCE(d.Taken, 0) AS bigint)) AS Taken
        FROM CodeBatches b
        LEFT JOIN (SELECT BatchNo, SUM(CAST(Taken AS bigint)) AS Taken FROM CodeDays WHERE ShopDay >= @Since GROUP BY BatchNo) AS d ON d.BatchNo = b.Number
        GROUP BY b.Package, b.Units
        ORDER BY b.Package, b.Units
        """);

    private sealed class StockBatch
    {
        public long Number { get; init; }

        public int FirstAvailable { get; init; }
    }
}

/// <summary>Codes of one package and number of units.</summary>
public sealed class StockLevel
{
    /// <summary>Slug of the package.</summary>
    public string Package { get; init; } = "";

    /// <summary>Units of one code.</summary>
    public int Units { get; init; }

    /// <summary>Codes that can be handed out now.</summary>
    public long Available { get; init; }

    /// <summary>Codes that are made and that the console does not know yet.</summary>
    public long Unpublished { get; init; }

    /// <summary>Codes of batches that are asked for or being made.</summary>
    public long Coming { get; init; }

    /// <summary>Codes taken for orders that are being delivered.</summary>
    public long Allocated { get; init; }

    /// <summary>Codes that left stock in the days that were asked about.</summary>
    public long Taken { get; init; }
}
