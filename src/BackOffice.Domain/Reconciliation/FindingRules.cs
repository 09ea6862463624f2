using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BackOffice.Domain.Reconciliation;

/// <summary>The table of reconciliation rules 4: a line of a table and a method for each kind, in the order of the rules.</summary>
internal static class FindingRules
{
    private static readonly (string Kind, Func<OrderInRun, bool> Holds)[] OfOrders =
    [
        (FindingKinds.SecretDeliveredTwice, order => order.SharesSecret),
        (FindingKinds.DeliveredNotPaid, DeliveredNotPaid),
        (FindingKinds.RefundedStillLive, RefundedStillLive),
        (FindingKinds.ChargedBackStillLive, ChargedBackStillLive),
        (FindingKinds.PaidNotDelivered, PaidNotDelivered),
        (FindingKinds.RevokedButPaid, RevokedButPaid),
        (FindingKinds.DuplicatePayment, order => order.Standing >= 2),
        (FindingKinds.DuplicateDelivery, order => order.Live >= 2),
        (FindingKinds.WrongQuota, order => order.Live == 1 && order.LiveTokens != order.Order.Tokens),
        (FindingKinds.VoidedCodeDelivered, order => order.LiveOfVoidCode > 0 && order.Standing > 0),
    ];

    private static readonly Func<TransactionState, OrderInRun?, FindingLine?>[] OfTransactions =
    [
        PaymentWithoutOrder,
        CurrencyMismatch,
        AmountMismatch,
        ConflictingRecord,
        PartiallyRefundedLive,
        UnknownStatus,
    ];

    /// <summary>Adds what holds of the order itself, in table order.</summary>
    public static void JudgeOrder(OrderInRun order, List<FindingLine> findings)
    {
        foreach (var (kind, holds) in OfOrders)
        {
            if (holds(order))
                findings.Add(Line(kind, order));
        }
    }

    /// <summary>Adds what holds of one transaction, in table order; the order is null when it belongs to none.</summary>
    public static void JudgeTransaction(TransactionState transaction, OrderInRun? order, List<FindingLine> findings)
    {
        foreach (var judge in OfTransactions)
        {
            if (judge(transaction, order) is { } finding)
                findings.Add(finding);
        }
    }

    /// <summary>The finding of an order for a kind that is known to hold.</summary>
    public static FindingLine Line(string kind, OrderInRun order) =>
        new() { Kind = kind, Subject = order.Order.OrderNo, OrderNo = order.Order.OrderNo, FactsHash = FactsHash(order) };

    private static bool DeliveredNotPaid(OrderInRun order) => order.MoneyIn == 0 && order.Live > 0 && order.FirstLiveAt < order.Run.GraceFrom;

    private static bool RefundedStillLive(OrderInRun order) => order.Standing == 0 && order.Refunded > 0 && order.ChargedBack == 0 && order.LiveOfWorth > 0;

    private static bool ChargedBackStillLive(OrderInRun order) => order.Standing == 0 && order.ChargedBack > 0 && order.LiveOfWorth > 0;

    private static bool PaidNotDelivered(OrderInRun order) =>
        order.Standing > 0 && order.FirstStandingAt < order.Run.GraceFrom && order.Deliveries.Count == 0;

    private static bool RevokedButPaid(OrderInRun order) => order.Standing > 0 && order.Deliveries.Count > 0 && order.Live == 0;

    private static FindingLine? PaymentWithoutOrder(TransactionState transaction, OrderInRun? order) =>
        order is null && transaction.IsMoneyIn
            ? Line(FindingKinds.PaymentWithoutOrder, transaction, order, transaction.Currency, actual: transaction.PaidMinor)
            : null;

    private static FindingLine? CurrencyMismatch(TransactionState transaction, OrderInRun? order) =>
        order is not null && transaction.IsMoneyIn && transaction.Currency != order.Order.ChargeCurrency
            ? Line(FindingKinds.CurrencyMismatch, transaction, order, transaction.Currency)
            : null;

    private static FindingLine? AmountMismatch(TransactionState transaction, OrderInRun? order)
    {
        if (order is null || !transaction.IsMoneyIn || transaction.Currency != order.Order.ChargeCurrency)
            return null;
        var expected = transaction.ExpectedMinor(order.Order);
        var net = transaction.NetMinor(order.Order);
        return Math.Abs(net - expected) > order.Run.ToleranceMinor
            ? Line(FindingKinds.AmountMismatch, transaction, order, transaction.Currency, expected, net)
            : null;
    }

    private static FindingLine? ConflictingRecord(TransactionState transaction, OrderInRun? order) =>
        transaction.IsConflicting ? Line(FindingKinds.ConflictingRecord, transaction, order) : null;

    private static FindingLine? PartiallyRefundedLive(TransactionState transaction, OrderInRun? order) =>
        order is { Live: > 0 } && transaction.IsPartlyRefunded ? Line(FindingKinds.PartiallyRefundedLive, transaction, order) : null;

    private static FindingLine? UnknownStatus(TransactionState transaction, OrderInRun? order) =>
        transaction.Status is NormalStatus.Unknown ? Line(FindingKinds.UnknownStatus, transaction, order) : null;

    private static FindingLine Line(
        string kind, TransactionState transaction, OrderInRun? order, string? currency = null, long? expected = null, long? actual = null) => new()
        {
            Kind = kind,
            Subject = transaction.Id,
            OrderNo = order?.Order.OrderNo,
            TransactionId = transaction.Id,
            Currency = currency,
            ExpectedMinor = expected,
            ActualMinor = actual,
            FactsHash = Hash(string.Create(CultureInfo.InvariantCulture, $"{currency}|{expected}|{actual}")),
        };

    // The set of an order's transactions that are money in and of the deliveries made: a refund or a revocation does not change the set, and an
    // attempt that brought no money is not in it, so that neither undoes an acceptance by itself.
    private static byte[] FactsHash(OrderInRun order)
    {
        var transactions = order.Transactions.Where(transaction => transaction.IsMoneyIn).Select(transaction => transaction.Id).Order(StringComparer.Ordinal);
        var deliveries = order.Deliveries.Select(delivery => delivery.Id.ToString()).Order(StringComparer.Ordinal);
        return Hash(string.Join('\n', [.. transactions, "", .. deliveries]));
    }

    private static byte[] Hash(string facts) => SHA256.HashData(Encoding.UTF8.GetBytes(facts))[..16];
}
