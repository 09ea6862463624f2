namespace BackOffice.Domain.Reconciliation;

/// <summary>Adds up the statement (reconciliation rules 6) over the money-in transactions created in the window. Minor units.</summary>
internal sealed class StatementSums(RunParameters run)
{
    private readonly SortedDictionary<string, Sums> byCurrency = new(StringComparer.Ordinal);

    public void Add(TransactionState transaction)
    {
        if (!byCurrency.TryGetValue(transaction.Currency, out var sums))
            byCurrency[transaction.Currency] = sums = new Sums();
        sums.Transactions++;
        sums.Gross += transaction.PaidMinor;
        sums.Tax += transaction.TaxMinor;
        if (transaction.Status is NormalStatus.ChargedBack)
            sums.ChargedBack += transaction.PaidMinor;
        else
            sums.Refunded += transaction.RefundedMinor;
        sums.TaxReturned += transaction.TaxReturnedMinor();
        sums.Fees += Fee(transaction);
    }

    public IReadOnlyList<StatementLine> Lines() => [.. byCurrency.Select(pair => pair.Value.Line(pair.Key))];

    public bool IsExplainedBy(IReadOnlyList<BridgeLine> bridge)
    {
        var explained = bridge.GroupBy(line => line.Currency)
            .ToDictionary(lines => lines.Key, lines => (lines.Sum(line => line.Transactions), lines.Sum(line => line.AmountMinor)), StringComparer.Ordinal);
        return explained.Count == byCurrency.Count
            && byCurrency.All(pair => explained.TryGetValue(pair.Key, out var sums) && sums == (pair.Value.Transactions, pair.Value.Gross));
    }

    // Null without a row; null added to a sum makes the sum null, which blanks fees and net.
    private long? Fee(TransactionState transaction)
    {
        foreach (var row in run.Fees)
        {
            if (row.Currency == transaction.Currency && row.ValidFrom <= transaction.CreatedAt && !(transaction.CreatedAt >= row.ValidUntil))
                return Money.MultiplyRounded(transaction.PaidMinor, row.PartsPerMillion, 1_000_000) + row.FixedMinor;
        }
        return null;
    }

    private sealed class Sums
    {
        public long Transactions { get; set; }
        public long Gross { get; set; }
        public long Tax { get; set; }
        public long Refunded { get; set; }
        public long ChargedBack { get; set; }
        public long TaxReturned { get; set; }
        public long? Fees { get; set; } = 0;

        public StatementLine Line(string currency) => new(
            currency, Transactions, Gross, Tax, Refunded, ChargedBack, TaxReturned, Fees, Gross - Tax - Refunded - ChargedBack + TaxReturned - Fees);
    }
}
