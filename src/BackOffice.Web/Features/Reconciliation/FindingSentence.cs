using BackOffice.Data.Orders;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Web.Features.Orders;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Reconciliation;

/// <summary>Says in one sentence what disagrees, with the amounts as they are known now; one sentence a kind (<c>Finding.Says.{kind}</c>).</summary>
public static class FindingSentence
{
    public static string Of(FindingRow finding, FindingFacts facts, Texts texts, BusinessTime shop) =>
        texts[$"Finding.Says.{finding.Kind}", Values(finding, facts, texts, shop)];

    private static object[] Values(FindingRow finding, FindingFacts facts, Texts texts, BusinessTime shop)
    {
        var states = facts.Order?.Now.Transactions.Select(transaction => transaction.State).ToList() ?? [];
        var standing = states.FindAll(state => state.Stands);
        var live = facts.Deliveries.Where(delivery => delivery.RevokedAt is null).ToList();
        var (order, payment) = (facts.Order, facts.Transaction?.State);
        switch (finding.Kind)
        {
            case FindingKinds.SecretDeliveredTwice:
                var holders = facts.Shared.Select(delivery => delivery.OrderNo).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
                return [Secret(facts.Shared[0].Kind, facts.Shared[0].LastFour), holders.Count, List(holders)];
            case FindingKinds.DeliveredNotPaid:
                return [Deliveries(live), Amount(order!.ChargeMinor, order.ChargeCurrency)];
            case FindingKinds.RefundedStillLive:
                return [Payments(states.FindAll(state => state.Status is NormalStatus.Refunded)), Deliveries(live)];
            case FindingKinds.ChargedBackStillLive:
                return [Payments(states.FindAll(state => state.Status is NormalStatus.ChargedBack)), Deliveries(live)];
            case FindingKinds.PaidNotDelivered:
                return [Payments(standing), Day(standing.Select(state => state.CreatedAt).DefaultIfEmpty(order!.CreatedAt).Min())];
            case FindingKinds.RevokedButPaid:
                return [Payments(standing)];
            case FindingKinds.DuplicatePayment:
                return [standing.Count, Payments(standing)];
            case FindingKinds.DuplicateDelivery:
                return [live.Count, Deliveries(live)];
            case FindingKinds.PaymentWithoutOrder:
                return [Payments([payment!])];
            case FindingKinds.CurrencyMismatch:
                return [Payments([payment!]), order!.ChargeCurrency];
            case FindingKinds.AmountMismatch:
                var (net, expected) = (payment!.NetMinor(order!.Now.Order), payment.ExpectedMinor(order.Now.Order));
                return [Amount(net, payment.Currency), Amount(expected, payment.Currency), Figures.Money(new Money(net - expected, payment.Currency), MoneyStyle.Code, plus: true)];
            case FindingKinds.WrongQuota:
                var delivered = live.Sum(delivery => delivery.Tokens);
                return [Figures.Count(delivered), Figures.Count(order!.Tokens), (delivered > order.Tokens ? "+" : "") + Figures.Count(delivered - order.Tokens)];
            case FindingKinds.ConflictingRecord:
                return [List(FactTable.Conflicts(facts.Transaction!.Steps).Select(fact => texts[$"Fact.{fact}"]))];
            case FindingKinds.PartiallyRefundedLive:
                return [payment!.RefundedMinor == 0 ? texts["Finding.UntoldPart"] : Amount(payment.RefundedMinor, payment.Currency), Payments([payment]), Deliveries(live)];
            case FindingKinds.UnknownStatus:
                return [facts.Transaction!.Steps.Steps[^1].Seen.Status];
            default:
                return [];
        }

        string List(IEnumerable<string> words) => string.Join(texts["Common.Comma"], words);
        string Amount(long minor, string currency) => Figures.Money(new Money(minor, currency), MoneyStyle.Code);
        string Payments(IEnumerable<TransactionState> payments) => List(payments.Select(state => Amount(state.PaidMinor, state.Currency)));
        string Secret(string kind, string lastFour) => texts["Order.Ending", texts[$"DeliveryKind.{kind}"], lastFour];
        string Deliveries(IEnumerable<DeliveryRow> deliveries) => List(deliveries.Select(delivery => OrderWords.Delivered(delivery, texts)));
        string Day(DateTime instant) => shop.DayOf(instant).ToString(texts["Format.Day"], System.Globalization.CultureInfo.InvariantCulture);
    }
}
