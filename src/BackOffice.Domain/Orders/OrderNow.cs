using BackOffice.Domain.Reconciliation;

namespace BackOffice.Domain.Orders;

/// <summary>What the money of an order has come to; of several transactions the one that stands counts most.</summary>
public enum OrderPayment
{
    /// <summary>No transaction is known.</summary>
    Awaited,

    /// <summary>Transactions are known, and none brought money in.</summary>
    Unpaid,

    /// <summary>A transaction's status is a word nobody has told us the meaning of.</summary>
    Unknown,

    /// <summary>A transaction stands.</summary>
    Paid,

    /// <summary>A transaction stands and was refunded in part.</summary>
    PartlyRefunded,

    /// <summary>None stands, one was refunded.</summary>
    Refunded,

    /// <summary>None stands, one was charged back.</summary>
    ChargedBack,
}

/// <summary>What an order has handed out.</summary>
public enum OrderDelivery
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>At least one delivery is live.</summary>
    Live,

    /// <summary>Whatever was delivered was revoked, or its code is void.</summary>
    Revoked,
}

/// <summary>Money and delivery taken together: what is, and so what comes next.</summary>
public enum OrderStanding
{
    /// <summary>Not paid and not delivered: nothing to do.</summary>
    AwaitingPayment,

    /// <summary>The payment did not go through: nothing to do.</summary>
    Unpaid,

    /// <summary>Nobody can say whether it is paid.</summary>
    UnknownStatus,

    /// <summary>Paid a moment ago, not delivered yet.</summary>
    PaidWithinGrace,

    /// <summary>Paid, and nothing was delivered.</summary>
    PaidNotDelivered,

    /// <summary>Paid, and all that was delivered is revoked or void.</summary>
    PaidAllRevoked,

    /// <summary>Paid and delivered, as it should be.</summary>
    Delivered,

    /// <summary>Delivered, and a part of the money was given back.</summary>
    DeliveredPartlyRefunded,

    /// <summary>Delivered, and no money came in.</summary>
    DeliveredNotPaid,

    /// <summary>Not paid, and what was delivered is revoked or void.</summary>
    NotPaidRevoked,

    /// <summary>Refunded, and nothing is live.</summary>
    Refunded,

    /// <summary>Refunded, and a delivery is still live.</summary>
    RefundedStillLive,

    /// <summary>Charged back, and nothing is live.</summary>
    ChargedBack,

    /// <summary>Charged back, and a delivery is still live.</summary>
    ChargedBackStillLive,
}

/// <summary>Standings as rows and addresses write them.</summary>
public static class OrderStandings
{
    /// <summary>Every standing that does not depend on the clock, with its word.</summary>
    public static readonly IReadOnlyDictionary<OrderStanding, string> Words = new Dictionary<OrderStanding, string>
    {
        [OrderStanding.AwaitingPayment] = "awaiting_payment",
        [OrderStanding.Unpaid] = "unpaid",
        [OrderStanding.UnknownStatus] = "unknown_status",
        [OrderStanding.PaidNotDelivered] = "paid_not_delivered",
        [OrderStanding.PaidAllRevoked] = "paid_all_revoked",
        [OrderStanding.Delivered] = "delivered",
        [OrderStanding.DeliveredPartlyRefunded] = "delivered_partly_refunded",
        [OrderStanding.DeliveredNotPaid] = "delivered_not_paid",
        [OrderStanding.NotPaidRevoked] = "not_paid_revoked",
        [OrderStanding.Refunded] = "refunded",
        [OrderStanding.RefundedStillLive] = "refunded_still_live",
        [OrderStanding.ChargedBack] = "charged_back",
        [OrderStanding.ChargedBackStillLive] = "charged_back_still_live",
    };

    /// <summary>Money and delivery taken together, without the clock.</summary>
    public static OrderStanding Of(OrderPayment payment, OrderDelivery delivery) => (payment, delivery) switch
    {
        (OrderPayment.Awaited, OrderDelivery.None) => OrderStanding.AwaitingPayment,
        (OrderPayment.Unpaid, OrderDelivery.None) => OrderStanding.Unpaid,
        (OrderPayment.Unknown, OrderDelivery.None or OrderDelivery.Revoked) => OrderStanding.UnknownStatus,
        (OrderPayment.Awaited or OrderPayment.Unpaid or OrderPayment.Unknown, OrderDelivery.Live) => OrderStanding.DeliveredNotPaid,
        (OrderPayment.Awaited or OrderPayment.Unpaid, OrderDelivery.Revoked) => OrderStanding.NotPaidRevoked,
        (OrderPayment.Paid, OrderDelivery.Live) => OrderStanding.Delivered,
        (OrderPayment.PartlyRefunded, OrderDelivery.Live) => OrderStanding.DeliveredPartlyRefunded,
        (OrderPayment.Paid or OrderPayment.PartlyRefunded, OrderDelivery.Revoked) => OrderStanding.PaidAllRevoked,
        (OrderPayment.Paid or OrderPayment.PartlyRefunded, OrderDelivery.None) => OrderStanding.PaidNotDelivered,
        (OrderPayment.Refunded, OrderDelivery.Live) => OrderStanding.RefundedStillLive,
        (OrderPayment.Refunded, OrderDelivery.None or OrderDelivery.Revoked) => OrderStanding.Refunded,
        (OrderPayment.ChargedBack, OrderDelivery.Live) => OrderStanding.ChargedBackStillLive,
        (OrderPayment.ChargedBack, OrderDelivery.None or OrderDelivery.Revoked) => OrderStanding.ChargedBack,
        var other => throw new InvalidOperationException($"{other} is no state of an order."),
    };
}

/// <summary>What money has come to, as rows write it.</summary>
public static class OrderPayments
{
    /// <summary>Every payment, with its word.</summary>
    public static readonly IReadOnlyDictionary<OrderPayment, string> Words = new Dictionary<OrderPayment, string>
    {
        [OrderPayment.Awaited] = "awaited",
        [OrderPayment.Unpaid] = "unpaid",
        [OrderPayment.Unknown] = "unknown",
        [OrderPayment.Paid] = "paid",
        [OrderPayment.PartlyRefunded] = "partly_refunded",
        [OrderPayment.Refunded] = "refunded",
        [OrderPayment.ChargedBack] = "charged_back",
    };

    /// <summary>The payment of a word; null for none.</summary>
    public static OrderPayment? Of(string? word) => word is null ? null : Words.Single(one => one.Value == word).Key;
}

/// <summary>A transaction that belongs to an order, with its steps and what it has come to.</summary>
public sealed record OrderTransaction(Transaction Steps, TransactionState State);

/// <summary>
/// An order as known now, for pages: whose transactions are and what they have come to is told by the rules of the reconciliation, whose findings are a run's
/// to say.
/// </summary>
public sealed record OrderNow
{
    private OrderNow(OrderFacts order, IReadOnlyList<OrderTransaction> transactions, IReadOnlyList<OrderTransaction> ofOtherModes, IReadOnlyList<DeliveryFacts> deliveries)
    {
        Order = order;
        Transactions = transactions;
        OfOtherModes = ofOtherModes;
        Deliveries = deliveries;
    }

    /// <summary>The order as sold.</summary>
    public OrderFacts Order { get; }

    /// <summary>Its transactions, by when they were made.</summary>
    public IReadOnlyList<OrderTransaction> Transactions { get; }

    /// <summary>Transactions of another mode than the shop's, such as Creem's test mode: kept and never counted.</summary>
    public IReadOnlyList<OrderTransaction> OfOtherModes { get; }

    /// <summary>Its deliveries, revoked ones too, by when they were made.</summary>
    public IReadOnlyList<DeliveryFacts> Deliveries { get; }

    /// <summary>What its money has come to.</summary>
    public OrderPayment Payment
    {
        get
        {
            var states = Transactions.Select(transaction => transaction.State).ToList();
            if (states.Find(state => state.Stands) is { } standing)
                return standing.IsPartlyRefunded ? OrderPayment.PartlyRefunded : OrderPayment.Paid;
            return states.Exists(state => state.Status is NormalStatus.ChargedBack) ? OrderPayment.ChargedBack
                : states.Exists(state => state.Status is NormalStatus.Refunded) ? OrderPayment.Refunded
                : states.Exists(state => state.Status is NormalStatus.Unknown) ? OrderPayment.Unknown
                : states.Count > 0 ? OrderPayment.Unpaid
                : OrderPayment.Awaited;
        }
    }

    /// <summary>What it has handed out.</summary>
    public OrderDelivery Delivery =>
        Deliveries.Count == 0 ? OrderDelivery.None
        : Deliveries.Any(delivery => delivery.WorksNow) ? OrderDelivery.Live
        : OrderDelivery.Revoked;

    /// <summary>Puts together what is known of an order.</summary>
    /// <param name="facts">The order with everything that may bear on it.</param>
    /// <param name="mode">The shop's mode at Creem; a missing mode counts as the shop's.</param>
    public static OrderNow Of(OrderCase facts, string mode)
    {
        var transactions = facts.Observations
            .GroupBy(observation => observation.TransactionId, StringComparer.Ordinal)
            .Select(observations => Transaction.Known([.. observations], DateTime.MaxValue)!)
            .Select(transaction => new OrderTransaction(transaction, transaction.StateAt(DateTime.MaxValue, facts.Order)!))
            .Where(transaction => transaction.State.OrderNo == facts.Order.OrderNo)
            .OrderBy(transaction => transaction.State.CreatedAt).ThenBy(transaction => transaction.State.Id, StringComparer.Ordinal)
            .ToLookup(transaction => transaction.State.Mode is null || transaction.State.Mode == mode);
        return new OrderNow(facts.Order, [.. transactions[true]], [.. transactions[false]], facts.Deliveries);
    }

    /// <summary>Money and delivery without the clock: what was paid misses its delivery from the first moment. What rows keep and lists filter by.</summary>
    public OrderStanding TimelessStanding => OrderStandings.Of(Payment, Delivery);

    /// <summary>Money and delivery taken together.</summary>
    /// <param name="graceFrom">What was paid after it is not yet missing its delivery, UTC.</param>
    public OrderStanding Standing(DateTime graceFrom) =>
        TimelessStanding is OrderStanding.PaidNotDelivered && Transactions.First(transaction => transaction.State.Stands).State.CreatedAt >= graceFrom
            ? OrderStanding.PaidWithinGrace
            : TimelessStanding;
}
