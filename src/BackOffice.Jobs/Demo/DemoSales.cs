using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Orders;

namespace BackOffice.Jobs.Demo;

/// <summary>What is sold in the demo.</summary>
/// <param name="Slug">The package.</param>
/// <param name="Tokens">Of one unit.</param>
/// <param name="ListMinor">List price in fen.</param>
/// <param name="Prices">What is charged.</param>
internal sealed record DemoPackage(string Slug, long Tokens, long ListMinor, DemoPrices Prices);

/// <param name="DollarMinor">Without tax.</param>
/// <param name="EuroMinor">With tax.</param>
/// <param name="Weight">How often it is bought.</param>
internal sealed record DemoPrices(long DollarMinor, long EuroMinor, int Weight);

/// <summary>
/// Makes the sales of a shop in which all is well: most orders are paid and delivered within minutes, some are abandoned, declined, paid twice, refunded
/// or charged back, and then put right. Payments and deliveries are made by the same methods when a finding is planted.
/// </summary>
internal sealed class DemoSales(IReadOnlyList<DemoPackage> packages, string mode, DateTime end)
{
    private static readonly int[] Units = [1, 2, 3, 5, 10];
    private static readonly int[] UnitWeights = [180, 12, 4, 3, 1];

    private readonly int[] _packageWeights = [.. packages.Select(package => package.Prices.Weight)];

    /// <summary>When the demo ends: nothing of it happens later.</summary>
    public DateTime End => end;

    public DemoSale Make(DateTime createdAt, DemoCustomer customer, Dice dice)
    {
        var sale = Offer(createdAt, customer, dice);
        Tell(sale);
        return sale;
    }

    /// <summary>The whole of what was to be paid, tax and discount counted, as a transaction that has been paid.</summary>
    public ImportedTransaction Pay(DemoSale sale, DateTime at, long discountMinor = 0)
    {
        var order = sale.Order;
        var price = order.Charge.Minor - discountMinor;
        var tax = order.TaxInclusive
            ? Money.MultiplyRounded(price, sale.Customer.TaxPercent, 100 + sale.Customer.TaxPercent)
            : Money.MultiplyRounded(price, sale.Customer.TaxPercent, 100);
        var paid = new ImportedTransaction
        {
            Line = 1,
            TransactionId = CreemIds.New("tran", sale.Dice),
            Status = "paid",
            Mode = mode,
            Currency = order.Charge.Currency,
            AmountMinor = price,
            AmountPaidMinor = order.TaxInclusive ? price : price + tax,
            TaxMinor = tax,
            DiscountMinor = discountMinor == 0 ? null : discountMinor,
            RefundedMinor = 0,
            CreemOrderId = order.CreemOrderId,
            TaxCountry = sale.Customer.Country,
            CustomerId = sale.Customer.CreemId,
            CreatedAt = at,
            PayloadHash = [],
        };
        sale.Payments.Add(paid);
        return paid;
    }

    /// <summary>A ready key, or a code for the console when that failed (paths A and B).</summary>
    public static void Deliver(DemoSale sale, DateTime at, string kind)
    {
        var isKey = kind == DeliveryKinds.ApiKey;
        sale.Deliveries.Add(new ImportedDelivery
        {
            Line = 1,
            OrderNo = sale.Order.OrderNo,
            Kind = kind,
            Tokens = sale.Tokens,
            Secret = isKey ? "sk-" + sale.Dice.Text(48, CreemIds.Letters) : sale.Dice.Text(32, "0123456789abcdef"),
            Reference = isKey ? $"token {sale.Dice.Between(1000, 99999)}" : $"redemption {sale.Dice.Between(1000, 99999)}",
            DeliveredAt = at,
            RevokedAt = null,
        });
    }

    private DemoSale Offer(DateTime createdAt, DemoCustomer customer, Dice dice)
    {
        var package = packages[dice.Weighed(_packageWeights)];
        var units = Units[dice.Weighed(UnitWeights)];
        var price = customer.PaysEuros ? package.Prices.EuroMinor : package.Prices.DollarMinor;
        Span<byte> number = stackalloc byte[11];
        foreach (ref var value in number)
            value = (byte)dice.Below(256);
        return new DemoSale
        {
            Tokens = package.Tokens * units,
            Customer = customer,
            Dice = dice,
            Order = new ImportedOrder
            {
                Line = 1,
                OrderNo = OrderNumber.From(number),
                Package = package.Slug,
                Units = units,
                CustomerEmail = customer.Email,
                List = new Money(package.ListMinor * units, "CNY"),
                Charge = new Money(price * units, customer.Currency),
                TaxInclusive = customer.PaysEuros,
                CreemOrderId = CreemIds.New("ord", dice),
                CreatedAt = createdAt,
            },
        };
    }

    private void Tell(DemoSale sale)
    {
        switch (sale.Dice.Below(1000))
        {
            case < 90: // closed the checkout page: Creem made no order
                sale.Order = sale.Order with { CreemOrderId = null };
                break;
            case < 115:
                Attempt(sale, "declined");
                break;
            case < 120:
                Attempt(sale, "pending");
                break;
            case < 155:
                Attempt(sale, "declined");
                PayAndDeliver(sale, 180, discountMinor: 0);
                break;
            case < 200:
                PayAndDeliver(sale, 40, sale.Order.Charge.Minor / 10);
                break;
            case < 215: // the return page was never reached, so we do not know Creem's order: the checkout names ours
                sale.Order = sale.Order with { CreemOrderId = null };
                PayAndDeliver(sale, 40, discountMinor: 0);
                sale.Payment = sale.Payment with { CreemOrderId = CreemIds.New("ord", sale.Dice), RequestId = sale.Order.OrderNo };
                break;
            case < 220:
                PayTwiceRefundOne(sale);
                break;
            case < 245:
                PayAndDeliver(sale, 40, discountMinor: 0);
                TakeBack(sale, "refunded", sale.Dice.Between(3, 9 * 24));
                break;
            case < 250:
                PayAndDeliver(sale, 40, discountMinor: 0);
                TakeBack(sale, "chargedBack", sale.Dice.Between(48, 20 * 24));
                break;
            default:
                PayAndDeliver(sale, 40, discountMinor: 0);
                sale.IsPlain = true;
                break;
        }
    }

    private void Attempt(DemoSale sale, string status)
    {
        Pay(sale, sale.Order.CreatedAt.AddSeconds(sale.Dice.Between(40, 170)));
        sale.Payment = sale.Payment with { Status = status, AmountPaidMinor = 0, TaxMinor = 0, RefundedMinor = null };
    }

    private void PayAndDeliver(DemoSale sale, int leastSeconds, long discountMinor)
    {
        var paidAt = sale.Order.CreatedAt.AddSeconds(sale.Dice.Between(leastSeconds, leastSeconds + 140));
        Pay(sale, paidAt, discountMinor);
        Deliver(sale, paidAt.AddSeconds(sale.Dice.Between(2, 20)), sale.Dice.Chance(86) ? DeliveryKinds.ApiKey : DeliveryKinds.RedemptionCode);
    }

    // A second checkout for the same order, paid as well; the customer asked for one of the two back.
    private void PayTwiceRefundOne(DemoSale sale)
    {
        PayAndDeliver(sale, 40, discountMinor: 0);
        var again = Pay(sale, sale.Payment.CreatedAt.AddSeconds(sale.Dice.Between(60, 240)));
        sale.Payments[1] = again with { Status = "refunded", RefundedMinor = again.AmountPaidMinor, CreemOrderId = CreemIds.New("ord", sale.Dice), RequestId = sale.Order.OrderNo };
    }

    private void TakeBack(DemoSale sale, string status, int afterHours)
    {
        var takenBackAt = sale.Payment.CreatedAt.AddHours(afterHours).AddSeconds(sale.Dice.Below(3600));
        if (takenBackAt >= end)
            return; // it has not come to that yet
        sale.Payment = sale.Payment with { Status = status, RefundedMinor = status == "refunded" ? sale.Payment.AmountPaidMinor : 0 };
        sale.Delivery = sale.Delivery with { RevokedAt = takenBackAt.AddMinutes(sale.Dice.Between(1, 9)) };
    }
}
