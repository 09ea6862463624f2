using BackOffice.Domain.Reconciliation;
using CsCheck;
using static BackOffice.Domain.Tests.Reconciliation.Shop;

namespace BackOffice.Domain.Tests.Reconciliation;

/// <summary>
/// Shops with anything in them that can happen within October, learnt at once or five days late: several observations of a payment from several sources,
/// several payments and deliveries of an order, two currencies, shared secrets, payments of no order or of two.
/// </summary>
internal static class RandomShop
{
    private const int Month = 31 * 24 * 60 - 1;

    private static readonly string[] Statuses = ["paid", "paid", "paid", "pending", "declined", "in_review", "partialRefund", "refunded", "chargeback"];

    private static readonly Gen<int> Usually0 = Gen.Frequency((8, Gen.Const(0)), (1, Gen.Int[1, 2]));

    private static readonly Gen<int> Late = Gen.Frequency((3, Gen.Const(1)), (1, Gen.Const(5 * 24 * 60)));

    private static readonly Gen<LinkPlan> Link = Gen.Frequency(
        (8, Gen.Const(LinkPlan.CreemOrder)), (4, Gen.Int[1, 4].Select(place => (LinkPlan)place)));

    private static readonly Gen<SeenPlan> Seen = Gen.Select(
        Gen.Int[0, Statuses.Length - 1], Gen.Int[0, 2], Usually0, Usually0, Gen.Int[0, 4 * 24 * 60], Gen.Bool, Late,
        (status, source, refunded, wrong, after, own, late) => new SeenPlan(status, source, refunded, wrong, after, own, late));

    private static readonly Gen<PaymentPlan> Payment = Gen.Select(
        Gen.Int[0, 3 * 24 * 60], Link, Usually0, Seen.Array[1, 3], (after, link, currency, seen) => new PaymentPlan(after, link, currency, seen));

    private static readonly Gen<DeliveryPlan> Delivery = Gen.Select(
        Gen.Int[0, 3 * 24 * 60], Usually0, Usually0, Gen.Frequency((3, Gen.Const(0)), (1, Gen.Int[1, 3 * 24 * 60])), Late, Late,
        Gen.Frequency((3, Gen.Const(0)), (1, Gen.Int[1, 3 * 24 * 60])), Gen.Frequency((2, Gen.Const(0)), (1, Gen.Int[1, 3 * 24 * 60])),
        (after, tokens, secret, revoked, late, revokedLate, voided, redeemed) => new DeliveryPlan(after, tokens, secret, revoked, late, revokedLate, voided, redeemed));

    private static readonly Gen<SalePlan> Sale = Gen.Select(
        Gen.Int[0, Month], Late, Gen.Bool, Gen.Bool, Payment.Array[0, 2], Delivery.Array[0, 2],
        (made, late, inclusive, euro, payments, deliveries) => new SalePlan(made, late, inclusive, euro, payments, deliveries));

    public static readonly Gen<Shop> Any = Sale.Array[1, 8].Select(sales => Build(sales));

    private static Shop Build(SalePlan[] sales)
    {
        var shop = new Shop();
        for (var number = 0; number < sales.Length; number++)
        {
            var sale = sales[number];
            shop.Order(
                $"AC-{number}", $"ord_{number}", charge: 1000, currency: sale.Euro ? "EUR" : "USD", inclusive: sale.Inclusive,
                createdAt: At(sale.Made), recordedAt: At(sale.Made).AddMinutes(sale.Late));
            for (var place = 0; place < sale.Payments.Length; place++)
                Pay(shop, sale, number, place);
            foreach (var delivery in sale.Deliveries)
                Deliver(shop, sale, number, delivery);
        }
        return shop;
    }

    private static void Pay(Shop shop, SalePlan sale, int number, int place)
    {
        var payment = sale.Payments[place];
        var made = sale.Made + payment.After;
        foreach (var seen in payment.Seen)
        {
            var status = Statuses[seen.Status];
            var happenedAt = seen.AtItsOwnTime && status is "partialRefund" or "refunded" or "chargeback" ? At(made + seen.After) : (DateTime?)null;
            shop.Transaction(
                status, $"tran_{number}_{place}", CreemOrder(payment.Link, number), Request(payment.Link, number),
                new[] { ObservationSources.Webhook, ObservationSources.File, ObservationSources.Api }[seen.Source],
                paid: seen.Wrong == 1 ? 1000 : 1210, amount: null, tax: seen.Wrong == 2 ? null : 210, refunded: seen.Refunded == 0 ? null : seen.Refunded * 300,
                currency: (payment.Currency == 0) == sale.Euro ? "EUR" : "USD", createdAt: At(made), happenedAt: happenedAt,
                recordedAt: (happenedAt ?? At(made + seen.After)).AddMinutes(seen.Late));
        }
    }

    private static string? CreemOrder(LinkPlan link, int number) => link is LinkPlan.Request or LinkPlan.None ? null : $"ord_{number}";

    private static string? Request(LinkPlan link, int number) => link switch
    {
        LinkPlan.Both or LinkPlan.Request => $"AC-{number}",
        LinkPlan.TwoOrders => $"AC-{number - 1}",
        _ => null,
    };

    private static void Deliver(Shop shop, SalePlan sale, int number, DeliveryPlan delivery)
    {
        var made = sale.Made + delivery.After;
        var revokedAt = delivery.Revoked == 0 ? (DateTime?)null : At(made + delivery.Revoked);
        // Nothing is delivered for an order that is not recorded yet.
        var recordedAt = Max(At(made).AddMinutes(delivery.Late), At(sale.Made).AddMinutes(sale.Late));
        shop.Delivery(
            $"AC-{number}", At(made), revokedAt, tokens: 17 - (delivery.Tokens / 2), secret: delivery.Secret == 0 ? null : $"sk-shared-{delivery.Secret}",
            recordedAt: recordedAt, revocationRecordedAt: revokedAt is { } at ? Max(at.AddMinutes(delivery.RevokedLate), recordedAt) : null,
            codeVoidedAt: delivery.Voided == 0 ? null : At(made + delivery.Voided), codeRedeemedAt: delivery.Redeemed == 0 ? null : At(made + delivery.Redeemed),
            redemptionRecordedAt: delivery.Redeemed == 0 ? null : At(made + delivery.Redeemed).AddMinutes(delivery.RevokedLate));
    }

    private static DateTime At(int minute) => October.AddMinutes(Math.Min(minute, Month));

    private static DateTime Max(DateTime one, DateTime other) => one > other ? one : other;

    private enum LinkPlan
    {
        CreemOrder,
        Both,
        Request,
        TwoOrders,
        None,
    }

    private sealed record SeenPlan(int Status, int Source, int Refunded, int Wrong, int After, bool AtItsOwnTime, int Late);

    private sealed record PaymentPlan(int After, LinkPlan Link, int Currency, SeenPlan[] Seen);

    private sealed record DeliveryPlan(int After, int Tokens, int Secret, int Revoked, int Late, int RevokedLate, int Voided, int Redeemed);

    private sealed record SalePlan(int Made, int Late, bool Inclusive, bool Euro, PaymentPlan[] Payments, DeliveryPlan[] Deliveries);
}
