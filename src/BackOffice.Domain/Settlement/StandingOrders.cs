using BackOffice.Domain.Reconciliation;

namespace BackOffice.Domain.Settlement;

/// <summary>Which orders count as sold when a period's revenue is estimated. Source: settlement rules 5.</summary>
public static class StandingOrders
{
    /// <summary>Whether a transaction of the order stood at an instant, by all that is known now.</summary>
    /// <param name="facts">All that may bear on the order.</param>
    /// <param name="instant">UTC: what happened at it or later does not count.</param>
    /// <param name="mode">The shop's mode at Creem: transactions of another never count.</param>
    public static bool StoodAt(OrderCase facts, DateTime instant, string mode)
    {
        var always = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);
        return facts.Observations.GroupBy(one => one.TransactionId, StringComparer.Ordinal).Any(transaction =>
            Transaction.Known([.. transaction], always)?.StateAt(instant, facts.Order) is { Stands: true } state
            && state.OrderNo == facts.Order.OrderNo && (state.Mode is null || state.Mode == mode));
    }
}
