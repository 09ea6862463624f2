namespace BackOffice.Domain.Reconciliation;

/// <summary>
/// Judges one run (reconciliation rules 3, 4 and 6). It is fed one order after the other and holds nothing of them but sums, so that a month of millions
/// passes through. Two reconcilers that are fed the same facts give the same findings and figures in whatever order they come. Not for several threads.
/// </summary>
public sealed class Reconciler
{
    private readonly RunParameters run;
    private readonly SharedSecrets secrets;
    private readonly OrderInRun order;
    private readonly StatementSums statement;
    private readonly BridgeSums bridge = new();
    private readonly PackageSums packages;

    /// <summary>Prepares a run.</summary>
    /// <param name="run">Its parameters.</param>
    /// <param name="secrets">The secrets that are on several orders, complete before the first order is judged.</param>
    public Reconciler(RunParameters run, SharedSecrets secrets)
    {
        this.run = run;
        this.secrets = secrets;
        order = new OrderInRun(run, secrets);
        statement = new StatementSums(run);
        packages = new PackageSums(run);
    }

    /// <summary>Orders that were in scope, partners of a shared secret aside.</summary>
    public long OrdersJudged { get; private set; }

    /// <summary>Transactions without an order that were in scope.</summary>
    public long TransactionsWithoutOrderJudged { get; private set; }

    /// <summary>Judges an order that may be in scope.</summary>
    /// <returns>What holds of it and of its transactions; nothing when it is not in scope.</returns>
    public IReadOnlyList<FindingLine> Judge(OrderCase facts)
    {
        if (!order.Look(facts) || !order.IsInScope)
            return [];
        OrdersJudged++;
        secrets.NoteInScope(order.Order.OrderNo);
        packages.Add(order);
        var findings = new List<FindingLine>(0);
        FindingRules.JudgeOrder(order, findings);
        var ofOrder = findings.Count == 0 ? null : findings[0].Kind;
        foreach (var transaction in order.Transactions)
            Judge(transaction, order, ofOrder, findings);
        return findings;
    }

    /// <summary>Judges a transaction that may belong to no order; one that does is left to its order.</summary>
    /// <param name="observations">All its observations.</param>
    /// <param name="namedByFinding">A finding names it that is open, or that a person resolved and no run has judged since.</param>
    public IReadOnlyList<FindingLine> JudgeWithoutOrder(ReadOnlySpan<Observation> observations, bool namedByFinding)
    {
        if (Transaction.Known(observations, run.KnownAsOf) is not { } transaction
            || transaction.StateAt(run.AsOf, null) is not { OrderNo: null } state
            || !run.Reconciles(state))
            return [];
        if (!namedByFinding && !run.InWindow(state.CreatedAt) && !transaction.SteppedIn(run) && !run.IsNews(transaction.LastRecordedAt))
            return [];
        TransactionsWithoutOrderJudged++;
        var findings = new List<FindingLine>(0);
        Judge(state, null, null, findings);
        return findings;
    }

    /// <summary>
    /// Judges one of <see cref="SharedSecrets.PartnersInScope"/>, after all others: in scope for <c>secret_delivered_twice</c> alone.
    /// </summary>
    public FindingLine JudgePartner(OrderCase facts)
    {
        if (!order.Look(facts) || !order.SharesSecret)
            throw new ArgumentException("The order shares no secret with another.", nameof(facts));
        return FindingRules.Line(FindingKinds.SecretDeliveredTwice, order);
    }

    /// <summary>The statement, by currency.</summary>
    public IReadOnlyList<StatementLine> Statement() => statement.Lines();

    /// <summary>The bridge, by currency and in the order in which the buckets are tried; empty buckets are left out.</summary>
    public IReadOnlyList<BridgeLine> Bridge() => bridge.Lines();

    /// <summary>Whether a transaction fell into no bucket, or the buckets do not add up to gross paid: the run is broken.</summary>
    public bool IsBroken() => bridge.Unexplained > 0 || !statement.IsExplainedBy(bridge.Lines());

    /// <summary>Sold, paid and delivered, by package.</summary>
    /// <param name="sold">Orders created in the window, counted by the caller: they are in no scope by that alone.</param>
    public IReadOnlyList<PackageLine> Packages(IEnumerable<SoldPackage> sold) => packages.Lines(sold);

    private void Judge(TransactionState transaction, OrderInRun? owner, string? kindOfOrder, List<FindingLine> findings)
    {
        var before = findings.Count;
        FindingRules.JudgeTransaction(transaction, owner, findings);
        if (!transaction.IsMoneyIn || !run.InWindow(transaction.CreatedAt))
            return;
        statement.Add(transaction);
        var kindOfTransaction = findings.Count == before ? null : findings[before].Kind;
        bridge.Add(transaction, BridgeSums.Bucket(transaction, owner, kindOfOrder, kindOfTransaction));
    }
}
