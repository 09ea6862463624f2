namespace BackOffice.Domain.Reconciliation;

/// <summary>Adds up the bridge (reconciliation rules 6), apart from the statement, so that a difference between the two can show.</summary>
internal sealed class BridgeSums
{
    // All buckets in the order in which they are tried.
    private static readonly string[] Buckets =
    [
        .. FindingKinds.InOrder, BridgeBuckets.ChargedBackSettled, BridgeBuckets.RefundedSettled, BridgeBuckets.WithinGrace, BridgeBuckets.Matched,
    ];

    private readonly SortedDictionary<string, (long Transactions, long AmountMinor)[]> byCurrency = new(StringComparer.Ordinal);

    /// <summary>Transactions that fell into no bucket.</summary>
    public long Unexplained { get; private set; }

    /// <summary>The first bucket that fits; null when none does.</summary>
    /// <param name="transaction">A transaction that is money in.</param>
    /// <param name="owner">The order it belongs to, null when none.</param>
    /// <param name="kindOfOrder">First kind, in table order, of the findings of the order.</param>
    /// <param name="kindOfTransaction">First kind, in table order, of the findings of the transaction.</param>
    public static string? Bucket(TransactionState transaction, OrderInRun? owner, string? kindOfOrder, string? kindOfTransaction)
    {
        if (kindOfOrder is not null && kindOfTransaction is not null)
            return Array.IndexOf(Buckets, kindOfOrder) < Array.IndexOf(Buckets, kindOfTransaction) ? kindOfOrder : kindOfTransaction;
        if ((kindOfOrder ?? kindOfTransaction) is { } kind)
            return kind;
        if (owner is null)
            return null;
        // A transaction that does not stand is not among those that do: one that stands is another one.
        var settled = owner.LiveOfWorth == 0 || owner.Standing > 0;
        return transaction.Status switch
        {
            NormalStatus.ChargedBack when settled => BridgeBuckets.ChargedBackSettled,
            NormalStatus.Refunded when settled => BridgeBuckets.RefundedSettled,
            NormalStatus.Paid when owner.Deliveries.Count == 0 && transaction.CreatedAt >= owner.Run.GraceFrom => BridgeBuckets.WithinGrace,
            NormalStatus.Paid when owner.Live > 0 => BridgeBuckets.Matched,
            _ => null,
        };
    }

    public void Add(TransactionState transaction, string? bucket)
    {
        if (bucket is null)
        {
            Unexplained++;
            return;
        }
        if (!byCurrency.TryGetValue(transaction.Currency, out var sums))
            byCurrency[transaction.Currency] = sums = new (long, long)[Buckets.Length];
        ref var sum = ref sums[Array.IndexOf(Buckets, bucket)];
        sum = (sum.Transactions + 1, sum.AmountMinor + transaction.PaidMinor);
    }

    public IReadOnlyList<BridgeLine> Lines() =>
    [
        .. from currency in byCurrency
           from place in Enumerable.Range(0, Buckets.Length)
           let sum = currency.Value[place]
           where sum.Transactions > 0
           select new BridgeLine(currency.Key, Buckets[place], sum.Transactions, sum.AmountMinor),
    ];
}
