using BackOffice.Data.Orders;
using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Orders;

/// <summary>The words of <see cref="States"/> for what an order has come to.</summary>
public static class OrderWords
{
    public static string Payment(OrderPayment payment) => payment switch
    {
        OrderPayment.Awaited => "awaiting_payment",
        OrderPayment.Unpaid => "unpaid",
        OrderPayment.Unknown => "unknown_status",
        OrderPayment.Paid => "paid",
        OrderPayment.PartlyRefunded => "partially_refunded",
        OrderPayment.Refunded => "refunded",
        OrderPayment.ChargedBack => "charged_back",
        _ => throw new ArgumentOutOfRangeException(nameof(payment), payment, "Not a state of payment."),
    };

    /// <summary>What a list says of the delivery: what was paid and never delivered needs a person.</summary>
    public static string Delivery(OrderNow order, DateTime graceFrom) => order.Delivery switch
    {
        OrderDelivery.Live => "delivered",
        OrderDelivery.Revoked => order.Deliveries.All(delivery => delivery.RevokedAt is not null) ? "revoked" : "void",
        _ => order.Standing(graceFrom) is OrderStanding.PaidNotDelivered ? "needs_attention" : "not_delivered",
    };

    public static string Standing(OrderStanding standing) => standing switch
    {
        OrderStanding.AwaitingPayment => "awaiting_payment",
        OrderStanding.Unpaid => "unpaid",
        OrderStanding.UnknownStatus => "unknown_status",
        OrderStanding.PaidWithinGrace => "paid",
        OrderStanding.Delivered => "delivered",
        OrderStanding.DeliveredPartlyRefunded => "partially_refunded",
        OrderStanding.NotPaidRevoked => "revoked",
        OrderStanding.Refunded => "refunded",
        OrderStanding.ChargedBack => "charged_back",
        OrderStanding.PaidNotDelivered or OrderStanding.PaidAllRevoked or OrderStanding.DeliveredNotPaid or OrderStanding.RefundedStillLive
            or OrderStanding.ChargedBackStillLive => "needs_attention",
        _ => throw new ArgumentOutOfRangeException(nameof(standing), standing, "Not a standing."),
    };

    public static string Step(StepRank rank) => rank switch
    {
        StepRank.Pending => "awaiting_payment",
        StepRank.Failed => "unpaid",
        StepRank.Unknown => "unknown_status",
        StepRank.Paid => "paid",
        StepRank.PartlyRefunded => "partially_refunded",
        StepRank.Refunded => "refunded",
        StepRank.ChargedBack => "charged_back",
        _ => throw new ArgumentOutOfRangeException(nameof(rank), rank, "Not a rank."),
    };

    public static string Finding(string state) => state == "cleared" ? "resolved_by_itself" : state;

    /// <summary>What one delivery has come to; of a void code nothing works.</summary>
    public static string OfDelivery(DeliveryRow delivery, OrderNow order) =>
        delivery.RevokedAt is not null ? "revoked"
        : order.Deliveries.Any(one => one.Id == delivery.Id && one.IsOfVoidCodeNow) ? "void"
        : "delivered";

    /// <summary>"API key ending in 3f9a".</summary>
    public static string Delivered(DeliveryRow delivery, Texts texts) => texts["Order.Ending", texts["DeliveryKind." + delivery.Kind], delivery.LastFour];
}
