using System.Runtime.InteropServices;

namespace BackOffice.Domain.Reconciliation;

/// <summary>One order as one run sees it, counted once so that the rules can ask. One instance serves all orders of a run, one after the other.</summary>
internal sealed class OrderInRun(RunParameters run, SharedSecrets secrets)
{
    private readonly List<Observation> observations = [];

    public RunParameters Run => run;

    public OrderFacts Order { get; private set; } = null!;

    /// <summary>The transactions that belong to it.</summary>
    public List<TransactionState> Transactions { get; } = [];

    /// <summary>The deliveries made for it, revoked ones too.</summary>
    public List<DeliveryFacts> Deliveries { get; } = [];

    public bool IsInScope { get; private set; }

    public bool SharesSecret { get; private set; }

    public int MoneyIn { get; private set; }

    public int Standing { get; private set; }

    public int Refunded { get; private set; }

    public int ChargedBack { get; private set; }

    public int Live { get; private set; }

    /// <summary>Live deliveries whose code is void and was not redeemed.</summary>
    public int LiveOfVoidCode { get; private set; }

    /// <summary>Live deliveries that are worth something still: what counts once the money went back.</summary>
    public int LiveOfWorth => Live - LiveOfVoidCode;

    public long LiveTokens { get; private set; }

    public DateTime FirstLiveAt { get; private set; }

    public DateTime FirstStandingAt { get; private set; }

    /// <summary>Whether an order with a standing transaction that was created in the window counts as paid there.</summary>
    public bool IsPaidInWindow { get; private set; }

    /// <returns>False when the run does not know the order.</returns>
    public bool Look(OrderCase facts)
    {
        Clear();
        Order = facts.Order;
        if (Order.RecordedAt > run.KnownAsOf)
            return false;
        IsInScope = facts.NamedByFinding || run.IsNews(Order.RecordedAt);
        SharesSecret = secrets.Shares(Order.OrderNo);
        LookAtTransactions(facts);
        foreach (var delivery in facts.Deliveries)
            LookAt(delivery);
        return true;
    }

    private void Clear()
    {
        Transactions.Clear();
        Deliveries.Clear();
        MoneyIn = Standing = Refunded = ChargedBack = Live = LiveOfVoidCode = 0;
        LiveTokens = 0;
        FirstLiveAt = FirstStandingAt = DateTime.MaxValue;
        IsPaidInWindow = false;
    }

    private void LookAtTransactions(OrderCase facts)
    {
        observations.Clear();
        observations.AddRange(facts.Observations);
        if (observations.Count > 1)
            observations.Sort((one, other) => string.CompareOrdinal(one.TransactionId, other.TransactionId));
        var all = CollectionsMarshal.AsSpan(observations);
        for (int from = 0, until; from < all.Length; from = until)
        {
            until = from + 1;
            while (until < all.Length && all[until].TransactionId == all[from].TransactionId)
                until++;
            if (Transaction.Known(all[from..until], run.KnownAsOf) is { } transaction)
                LookAt(transaction, facts.TransactionsNamedByFinding);
        }
    }

    private void LookAt(Transaction transaction, IReadOnlySet<string> named)
    {
        // News of a transaction that is another order's by now may just have taken it away from this one.
        IsInScope |= run.IsNews(transaction.LastRecordedAt);
        if (transaction.StateAt(run.AsOf, Order) is not { } state || !run.Reconciles(state) || state.OrderNo != Order.OrderNo)
            return;
        IsInScope |= run.InWindow(transaction.CreatedAt) || transaction.SteppedIn(run) || named.Contains(state.Id);
        Transactions.Add(state);
        MoneyIn += state.IsMoneyIn ? 1 : 0;
        Refunded += state.Status is NormalStatus.Refunded ? 1 : 0;
        ChargedBack += state.Status is NormalStatus.ChargedBack ? 1 : 0;
        if (!state.Stands)
            return;
        Standing++;
        FirstStandingAt = state.CreatedAt < FirstStandingAt ? state.CreatedAt : FirstStandingAt;
        IsPaidInWindow |= run.InWindow(state.CreatedAt);
    }

    private void LookAt(DeliveryFacts delivery)
    {
        var revokedAt = delivery.KnownRevocation(run);
        IsInScope |= IsNews(delivery.RecordedAt) || IsNews(delivery.RevocationRecordedAt) || IsNews(delivery.CodeVoidedAt) || IsNews(delivery.CodeRedemptionRecordedAt);
        if (!delivery.IsMade(run))
            return;
        IsInScope |= run.InWindow(delivery.DeliveredAt) || IsInWindow(revokedAt) || IsInWindow(delivery.KnownVoid(run));
        Deliveries.Add(delivery);
        if (revokedAt is not null)
            return;
        Live++;
        LiveOfVoidCode += delivery.IsOfVoidCode(run) ? 1 : 0;
        LiveTokens += delivery.Tokens;
        FirstLiveAt = delivery.DeliveredAt < FirstLiveAt ? delivery.DeliveredAt : FirstLiveAt;
    }

    private bool IsNews(DateTime? recordedAt) => recordedAt is { } at && run.IsNews(at);

    private bool IsInWindow(DateTime? happenedAt) => happenedAt is { } at && run.InWindow(at);
}
