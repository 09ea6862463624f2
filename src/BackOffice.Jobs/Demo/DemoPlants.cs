using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Jobs.Demo;

/// <summary>A finding that a run over all of the demo sees.</summary>
internal sealed record PlantedFinding(string Kind, string Subject);

/// <summary>
/// Plants every kind of finding that orders, transactions and deliveries can show, some of each, spread over the time. Each goes into a sale of its own that
/// was in order, so that a run finds exactly these.
/// </summary>
internal sealed class DemoPlants
{
    // A delivery that is missing counts only when the grace has passed.
    private static readonly TimeSpan Quiet = TimeSpan.FromHours(3);

    private static readonly (string Kind, Func<DemoPlants, DemoSale, string> Plant)[] Plants =
    [
        (FindingKinds.SecretDeliveredTwice, (plants, sale) => plants.DeliverTheSameSecret(sale)),
        (FindingKinds.DeliveredNotPaid, (_, sale) => DeliverUnpaid(sale)),
        (FindingKinds.RefundedStillLive, (_, sale) => Refund(sale)),
        (FindingKinds.ChargedBackStillLive, (_, sale) => ChargeBack(sale)),
        (FindingKinds.PaidNotDelivered, (_, sale) => ForgetDelivery(sale)),
        (FindingKinds.RevokedButPaid, (_, sale) => Revoke(sale)),
        (FindingKinds.DuplicatePayment, (plants, sale) => plants.PayAgain(sale)),
        (FindingKinds.DuplicateDelivery, (_, sale) => DeliverAgain(sale)),
        (FindingKinds.PaymentWithoutOrder, (plants, sale) => plants.PayByLink(sale)),
        (FindingKinds.CurrencyMismatch, (_, sale) => PayInOtherCurrency(sale)),
        (FindingKinds.AmountMismatch, (_, sale) => PayOtherAmount(sale)),
        (FindingKinds.WrongQuota, (_, sale) => DeliverOtherQuota(sale)),
        (FindingKinds.ConflictingRecord, (_, sale) => Contradict(sale)),
        (FindingKinds.PartiallyRefundedLive, (_, sale) => RefundPart(sale)),
        (FindingKinds.UnknownStatus, (_, sale) => Review(sale)),
    ];

    private readonly DemoSales _sales;
    private readonly List<DemoSale> _plain;
    private readonly List<PlantedFinding> _planted = [];

    private DemoPlants(DemoSales sales, IReadOnlyList<DemoSale> all)
    {
        _sales = sales;
        _plain = [.. all.Where(sale => sale.IsPlain && sale.Order.CreatedAt < sales.End - Quiet)];
    }

    /// <param name="sales">Makes further payments and deliveries.</param>
    /// <param name="all">In the order of their time.</param>
    /// <param name="copies">Of each kind.</param>
    /// <param name="dice">Says which kind comes before which.</param>
    public static IReadOnlyList<PlantedFinding> Plant(DemoSales sales, IReadOnlyList<DemoSale> all, int copies, Dice dice)
    {
        var plants = new DemoPlants(sales, all);
        for (var copy = 0; copy < copies; copy++)
        {
            var kinds = Shuffled(dice);
            for (var i = 0; i < kinds.Count; i++)
                plants.Plant(kinds[i].Kind, kinds[i].Plant, (copy * kinds.Count + i + 1) * 1000 / (copies * kinds.Count));
        }
        return plants._planted;
    }

    private static List<(string Kind, Func<DemoPlants, DemoSale, string> Plant)> Shuffled(Dice dice) =>
        [.. Plants.Select(plant => (plant, Place: dice.Next())).OrderBy(one => one.Place).Select(one => one.plant)];

    private void Plant(string kind, Func<DemoPlants, DemoSale, string> plant, int perMille)
    {
        var sale = TakeNear(perMille);
        _planted.Add(new PlantedFinding(kind, plant(this, sale)));
    }

    // The places of the list that are left keep the order of time.
    private DemoSale TakeNear(int perMille)
    {
        var place = Math.Max(0, (int)((long)_plain.Count * perMille / 1000) - 1);
        var sale = _plain[place];
        _plain.RemoveAt(place);
        return sale;
    }

    // Two customers, one key: the pool gave it out twice. Both orders are found.
    private string DeliverTheSameSecret(DemoSale sale)
    {
        var place = _plain.FindIndex(other => other.Order.CreatedAt >= sale.Order.CreatedAt);
        var other = _plain[place < 0 ? _plain.Count - 1 : place];
        _plain.Remove(other);
        other.Delivery = other.Delivery with { Kind = sale.Delivery.Kind, Secret = sale.Delivery.Secret, Reference = sale.Delivery.Reference };
        _planted.Add(new PlantedFinding(FindingKinds.SecretDeliveredTwice, other.Order.OrderNo));
        return sale.Order.OrderNo;
    }

    private static string DeliverUnpaid(DemoSale sale)
    {
        if (sale.Dice.Chance(50))
            sale.Payments.Clear();
        else
            sale.Payment = sale.Payment with { Status = "declined", AmountPaidMinor = 0, TaxMinor = 0 };
        return sale.Order.OrderNo;
    }

    private static string Refund(DemoSale sale)
    {
        sale.Payment = sale.Payment with { Status = "refunded", RefundedMinor = sale.Payment.AmountPaidMinor };
        return sale.Order.OrderNo;
    }

    private static string ChargeBack(DemoSale sale)
    {
        sale.Payment = sale.Payment with { Status = "chargeback" };
        return sale.Order.OrderNo;
    }

    private static string ForgetDelivery(DemoSale sale)
    {
        sale.Deliveries.Clear();
        return sale.Order.OrderNo;
    }

    private static string Revoke(DemoSale sale)
    {
        sale.Delivery = sale.Delivery with { RevokedAt = sale.Delivery.DeliveredAt.AddMinutes(sale.Dice.Between(5, 90)) };
        return sale.Order.OrderNo;
    }

    private string PayAgain(DemoSale sale)
    {
        var again = _sales.Pay(sale, sale.Payment.CreatedAt.AddSeconds(sale.Dice.Between(60, 240)));
        sale.Payments[1] = again with { CreemOrderId = CreemIds.New("ord", sale.Dice), RequestId = sale.Order.OrderNo };
        return sale.Order.OrderNo;
    }

    private static string DeliverAgain(DemoSale sale)
    {
        DemoSales.Deliver(sale, sale.Delivery.DeliveredAt.AddMinutes(sale.Dice.Between(2, 60)), DeliveryKinds.RedemptionCode);
        return sale.Order.OrderNo;
    }

    // Through a plain product link, beside the order that was in order.
    private string PayByLink(DemoSale sale)
    {
        var stray = _sales.Pay(sale, sale.Payment.CreatedAt.AddMinutes(sale.Dice.Between(5, 50)));
        sale.Payments[1] = stray with { CreemOrderId = CreemIds.New("ord", sale.Dice), CustomerId = CreemIds.New("cust", sale.Dice) };
        return stray.TransactionId;
    }

    private static string PayInOtherCurrency(DemoSale sale)
    {
        sale.Payment = sale.Payment with { Currency = sale.Payment.Currency == "USD" ? "EUR" : "USD" };
        return sale.Payment.TransactionId;
    }

    private static string PayOtherAmount(DemoSale sale)
    {
        var difference = sale.Dice.Chance(70) ? -100 : 100;
        sale.Payment = sale.Payment with { AmountMinor = sale.Payment.AmountMinor + difference, AmountPaidMinor = sale.Payment.AmountPaidMinor + difference };
        return sale.Payment.TransactionId;
    }

    private static string DeliverOtherQuota(DemoSale sale)
    {
        sale.Delivery = sale.Delivery with { Tokens = sale.Dice.Chance(50) ? sale.Tokens * 2 : 1_000_000 };
        return sale.Order.OrderNo;
    }

    // Two exports of one transaction that tell different net amounts.
    private static string Contradict(DemoSale sale)
    {
        sale.Payments.Add(sale.Payment with { AmountMinor = sale.Payment.AmountMinor + 1 });
        return sale.Payment.TransactionId;
    }

    private static string RefundPart(DemoSale sale)
    {
        sale.Payment = sale.Payment with { Status = "partially_refunded", RefundedMinor = sale.Payment.AmountPaidMinor / 3 };
        return sale.Payment.TransactionId;
    }

    // Held back by Creem: a word we do not know, and rightly no delivery yet.
    private static string Review(DemoSale sale)
    {
        sale.Payment = sale.Payment with { Status = "in_review" };
        sale.Deliveries.Clear();
        return sale.Payment.TransactionId;
    }
}
