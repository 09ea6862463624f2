namespace BackOffice.Domain.Reconciliation;

/// <summary>
/// Secrets that are on live deliveries of two or more orders (<c>secret_delivered_twice</c>). Only these are held, so it stays small however many
/// deliveries pass through. An order in scope brings its partners into scope for this kind: which they are is known once all cases were judged.
/// </summary>
public sealed class SharedSecrets(RunParameters run)
{
    private readonly Dictionary<string, List<string[]>> groupsByOrder = new(StringComparer.Ordinal);
    private readonly HashSet<string> inScope = new(StringComparer.Ordinal);

    /// <summary>Takes in the deliveries of one secret: same kind, same lookup key.</summary>
    public void Add(IEnumerable<DeliveryFacts> deliveriesOfOneSecret)
    {
        var orders = deliveriesOfOneSecret.Where(delivery => delivery.IsLive(run)).Select(delivery => delivery.OrderNo).Distinct(StringComparer.Ordinal).ToArray();
        if (orders.Length < 2)
            return;
        foreach (var order in orders)
        {
            if (!groupsByOrder.TryGetValue(order, out var groups))
                groupsByOrder[order] = groups = [];
            groups.Add(orders);
        }
    }

    /// <summary>Whether a secret of the order is live on another order too.</summary>
    public bool Shares(string orderNo) => groupsByOrder.ContainsKey(orderNo);

    /// <summary>Notes that the run has the order in scope for a reason of its own.</summary>
    public void NoteInScope(string orderNo)
    {
        if (Shares(orderNo))
            inScope.Add(orderNo);
    }

    /// <summary>Orders that are not in scope themselves and share a secret with one that is, by order number.</summary>
    public IReadOnlyList<string> PartnersInScope() =>
    [
        .. inScope.SelectMany(order => groupsByOrder[order]).SelectMany(group => group).Where(order => !inScope.Contains(order))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];
}
