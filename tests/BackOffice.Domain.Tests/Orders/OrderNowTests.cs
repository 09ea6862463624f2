using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;
using BackOffice.Domain.Tests.Reconciliation;
using CsCheck;

namespace BackOffice.Domain.Tests.Orders;

public class OrderNowTests
{
    private static readonly DateTime GraceFrom = Shop.On(20);

    private static readonly RunParameters Ever = new()
    {
        From = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        Until = new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        AsOf = new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        KnownAsOf = new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc),
    };

    private static readonly (OrderStanding Standing, string Kind)[] WhatRunsFind =
    [
        (OrderStanding.PaidNotDelivered, FindingKinds.PaidNotDelivered),
        (OrderStanding.PaidAllRevoked, FindingKinds.RevokedButPaid),
        (OrderStanding.DeliveredNotPaid, FindingKinds.DeliveredNotPaid),
        (OrderStanding.RefundedStillLive, FindingKinds.RefundedStillLive),
        (OrderStanding.ChargedBackStillLive, FindingKinds.ChargedBackStillLive),
    ];

    [Theory]
    [InlineData("", "", OrderStanding.AwaitingPayment)]
    [InlineData("", "live", OrderStanding.DeliveredNotPaid)]
    [InlineData("", "revoked", OrderStanding.NotPaidRevoked)]
    [InlineData("declined", "", OrderStanding.Unpaid)]
    [InlineData("pending", "live", OrderStanding.DeliveredNotPaid)]
    [InlineData("pending", "revoked", OrderStanding.NotPaidRevoked)]
    [InlineData("in_review", "", OrderStanding.UnknownStatus)]
    [InlineData("in_review", "revoked", OrderStanding.UnknownStatus)]
    [InlineData("in_review", "live", OrderStanding.DeliveredNotPaid)]
    [InlineData("paid", "", OrderStanding.PaidNotDelivered)]
    [InlineData("paid", "live", OrderStanding.Delivered)]
    [InlineData("paid", "live revoked", OrderStanding.Delivered)]
    [InlineData("paid", "revoked", OrderStanding.PaidAllRevoked)]
    [InlineData("partially_refunded", "", OrderStanding.PaidNotDelivered)]
    [InlineData("partially_refunded", "live", OrderStanding.DeliveredPartlyRefunded)]
    [InlineData("partially_refunded", "revoked", OrderStanding.PaidAllRevoked)]
    [InlineData("refunded", "", OrderStanding.Refunded)]
    [InlineData("refunded", "revoked", OrderStanding.Refunded)]
    [InlineData("refunded", "live", OrderStanding.RefundedStillLive)]
    [InlineData("chargeback", "", OrderStanding.ChargedBack)]
    [InlineData("chargeback", "revoked", OrderStanding.ChargedBack)]
    [InlineData("chargeback", "live", OrderStanding.ChargedBackStillLive)]
    [InlineData("declined paid", "live", OrderStanding.Delivered)]
    [InlineData("refunded paid", "live", OrderStanding.Delivered)]
    [InlineData("chargeback refunded", "live", OrderStanding.ChargedBackStillLive)]
    [InlineData("refunded in_review", "", OrderStanding.Refunded)]
    [InlineData("in_review declined", "", OrderStanding.UnknownStatus)]
    public void Money_and_delivery_together_say_where_an_order_stands(string payments, string deliveries, OrderStanding standing)
    {
        var shop = new Shop().Order();
        var number = 0;
        foreach (var status in payments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            shop.Transaction(status, $"tran_{++number}");
        foreach (var delivery in deliveries.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            shop.Delivery(revokedAt: delivery == "revoked" ? Shop.On(11) : null);

        Assert.Equal(standing, Now(shop).Standing(GraceFrom));
    }

    [Theory]
    [InlineData(0, OrderStanding.PaidWithinGrace)]
    [InlineData(-1, OrderStanding.PaidNotDelivered)]
    public void What_was_paid_within_the_grace_is_not_missing_its_delivery(int minutes, OrderStanding standing) =>
        Assert.Equal(standing, Now(new Shop().Order().Transaction(createdAt: GraceFrom.AddMinutes(minutes))).Standing(GraceFrom));

    [Fact]
    public void A_payment_of_another_mode_is_kept_apart()
    {
        var now = Now(new Shop().Order().Transaction(mode: "test").Transaction(id: "tran_2", mode: "prod"));
        Assert.Equal(["tran_2"], now.Transactions.Select(one => one.State.Id));
        Assert.Equal(["tran_1"], now.OfOtherModes.Select(one => one.State.Id));
    }

    [Fact]
    public void A_payment_of_another_order_is_not_shown()
    {
        var shop = new Shop().Order().Order("AC-2", "ord_2").Transaction(creem: "ord_2", request: "AC-1");
        var orders = shop.Cases(Ever).ConvertAll(one => OrderNow.Of(one, "prod"));
        Assert.Equal([OrderPayment.Awaited, OrderPayment.Paid], orders.ConvertAll(one => one.Payment));
    }

    [Fact]
    public void Transactions_stand_in_the_order_they_were_made() =>
        Assert.Equal(["tran_b", "tran_a"], Now(new Shop().Order().Transaction(id: "tran_a", createdAt: Shop.On(12)).Transaction(id: "tran_b")).Transactions.Select(one => one.State.Id));

    [Fact]
    public void Whatever_a_run_finds_wrong_with_money_and_delivery_the_order_says_too() =>
        RandomShop.Any.Sample(shop =>
        {
            var cases = shop.Cases(Ever);
            var found = shop.Reconcile(Ever, cases.Select(one => one.Order.OrderNo)).Lines.ToLookup(line => line.Subject, line => line.Kind);
            // A void code apart: a run counts it as dead, an order's page says what was delivered and not revoked.
            foreach (var now in cases.Where(one => one.Deliveries.All(delivery => delivery.CodeVoidedAt is null)).Select(one => OrderNow.Of(one, Ever.Mode)))
            {
                var standing = now.Standing(Ever.GraceFrom);
                foreach (var (stands, kind) in WhatRunsFind)
                    Assert.Equal(found[now.Order.OrderNo].Contains(kind), standing == stands);
            }
        }, iter: 300);

    private static OrderNow Now(Shop shop) => OrderNow.Of(shop.Cases(Ever)[0], "prod");

    [Fact]
    public void Every_standing_without_the_clock_has_a_word_of_its_own()
    {
        Assert.Equal(Enum.GetValues<OrderStanding>().Where(standing => standing != OrderStanding.PaidWithinGrace), OrderStandings.Words.Keys.Order());
        Assert.Equal(OrderStandings.Words.Count, OrderStandings.Words.Values.Distinct().Count());
    }

    [Fact]
    public void Without_the_clock_what_is_paid_misses_its_delivery_at_once()
    {
        var now = Now(new Shop().Order().Transaction(createdAt: GraceFrom));
        Assert.Equal(OrderStanding.PaidWithinGrace, now.Standing(GraceFrom));
        Assert.Equal(OrderStanding.PaidNotDelivered, now.TimelessStanding);
    }
}
