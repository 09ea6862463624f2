using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;
using static BackOffice.Domain.Tests.Reconciliation.Shop;

namespace BackOffice.Domain.Tests.Reconciliation;

/// <summary>Statement, bridge and packages (reconciliation rules 6).</summary>
public class StatementTests
{
    private static readonly FeeRow Fee = new("USD", 39_000, 40, October, null);

    private static Shop Sold => new Shop().Order();

    [Fact]
    public void The_statement_runs_from_gross_to_net()
    {
        var shop = Sold.Order("AC-2", "ord_2").Order("AC-3", "ord_3").Order("AC-4", "ord_4")
            .Transaction(paid: 1210, tax: 210)
            .Transaction("paid", "tran_2", "ord_2", paid: 1210, tax: 210, refunded: 605)
            .Transaction("refunded", "tran_3", "ord_3", paid: 1210, tax: 210)
            .Transaction("chargeback", "tran_4", "ord_4", paid: 1210, tax: 210, refunded: 1210)
            .Transaction("declined", "tran_5", "ord_4", paid: 1210, tax: 210)
            .Transaction(id: "tran_6", creem: null, paid: 100);

        var line = Assert.Single(shop.Reconcile(Month with { Fees = [Fee] }).Run.Statement());

        // fees: 4 x (47.19 -> 47 + 40) + (3.9 -> 4 + 40)
        Assert.Equal(new StatementLine("USD", 5, 4940, 840, 1815, 1210, 105 + 210 + 210, 392, 4940 - 840 - 1815 - 1210 + 525 - 392), line);
    }

    [Theory]
    [InlineData(1000L, 3L, 500L, 2L)]
    [InlineData(1000L, 3L, 499L, 1L)]
    [InlineData(1000L, 1L, 499L, 0L)]
    [InlineData(0L, 3L, 500L, 0L)]
    [InlineData(1000L, 3L, 1000L, 3L)]
    public void Tax_goes_back_in_proportion_rounded_half_away_from_zero(long paid, long tax, long refunded, long returned)
    {
        var line = Sold.Transaction(paid: paid, tax: tax, refunded: refunded).Reconcile(Month).StatementIn("USD");

        Assert.Equal(returned, line.TaxReturnedMinor);
    }

    [Fact]
    public void A_partial_refund_of_unknown_size_is_nothing_in_sums()
    {
        var line = Sold.Transaction("partialRefund", tax: 100).Reconcile(Month).StatementIn("USD");

        Assert.Equal((0, 0), (line.RefundedMinor, line.TaxReturnedMinor));
    }

    [Fact]
    public void Products_of_large_amounts_do_not_overflow()
    {
        var line = Sold.Transaction(paid: Money.Limit, tax: Money.Limit, refunded: Money.Limit).Reconcile(Month with { Fees = [Fee] }).StatementIn("USD");

        Assert.Equal((Money.Limit, Money.Limit / 1000 * 39 + 39 + 40), (line.TaxReturnedMinor, line.FeesMinor));
    }

    [Fact]
    public void One_payment_without_a_fee_row_blanks_fees_and_net_of_its_currency()
    {
        var shop = Sold.Transaction().Transaction(id: "tran_2", createdAt: On(20)).Transaction(id: "tran_3", currency: "EUR", creem: null);
        FeeRow[] Rows(DateTime? until) => [new("USD", 0, 1, On(10), until), new("EUR", 0, 5, October, null)];

        Assert.Equal((null, null), Fees(On(20)));
        Assert.Equal((2, 899 + 899 - 2), Fees(On(20, 12, 1)));
        Assert.Equal((5, 894), (shop.Reconcile(Month with { Fees = Rows(On(20)) }).StatementIn("EUR").FeesMinor, 894));

        (long?, long?) Fees(DateTime until)
        {
            var line = shop.Reconcile(Month with { Fees = Rows(until) }).StatementIn("USD");
            return (line.FeesMinor, line.NetMinor);
        }
    }

    [Fact]
    public void Each_payment_bears_the_fee_of_its_own_day()
    {
        var shop = Sold.Transaction(createdAt: On(10)).Transaction(id: "tran_2", createdAt: On(20));

        Assert.Equal(7 + 30, shop.Reconcile(Month with { Fees = [new("USD", 0, 7, October, On(20)), new("USD", 0, 30, On(20), null)] }).StatementIn("USD").FeesMinor);
    }

    [Fact]
    public void The_statement_is_of_the_payments_made_in_the_window_in_the_state_of_the_as_of()
    {
        var shop = Sold.Transaction(createdAt: On(9)).Transaction(id: "tran_2", createdAt: On(10)).Transaction("refunded", "tran_2", createdAt: On(10), happenedAt: On(20))
            .Transaction(id: "tran_3", createdAt: On(11, 0));
        var tenth = Month with { From = On(10, 0), Until = On(11, 0) };

        Assert.Equal((1, 0), In(tenth with { AsOf = On(20) }));
        Assert.Equal((1, 899), In(tenth with { AsOf = On(20, 12, 1) }));

        (long, long) In(RunParameters run)
        {
            var line = shop.Reconcile(run).StatementIn("USD");
            return (line.Transactions, line.RefundedMinor);
        }
    }

    [Fact]
    public void Currencies_have_a_statement_and_a_bridge_each()
    {
        var outcome = Sold.Transaction().Delivery().Transaction(id: "tran_2", creem: null, currency: "EUR", paid: 7).Transaction(id: "tran_3", creem: null, currency: null, paid: 5).Reconcile(Month);

        Assert.Equal(["EUR", "USD", "XXX"], outcome.Run.Statement().Select(line => line.Currency));
        Assert.Equal(["EUR payment_without_order 1 7", "USD matched 1 899", "XXX payment_without_order 1 5"], outcome.Bridge);
        Assert.False(outcome.Run.IsBroken());
    }

    public static TheoryData<string, Shop> Buckets() => new()
    {
        { "matched", Sold.Transaction().Delivery() },
        { "matched", Sold.Transaction().Delivery(revokedAt: On(11)).Delivery() },
        { "within_grace", Sold.Transaction(createdAt: November.AddMinutes(-30)) },
        { "paid_not_delivered", Sold.Transaction(createdAt: November.AddMinutes(-31)) },
        { "refunded_settled", Sold.Transaction("refunded") },
        { "refunded_settled", Sold.Transaction("refunded").Delivery(revokedAt: On(11)) },
        { "refunded_settled", Sold.Transaction("refunded").Transaction(id: "tran_0", createdAt: On(10).AddMonths(-1)).Delivery() },
        { "refunded_still_live", Sold.Transaction("refunded").Delivery() },
        { "charged_back_settled", Sold.Transaction("chargeback") },
        { "charged_back_settled", Sold.Transaction("chargeback").Transaction(id: "tran_0", createdAt: On(10).AddMonths(-1)).Delivery() },
        { "charged_back_still_live", Sold.Transaction("chargeback").Delivery() },
        { "revoked_but_paid", Sold.Transaction().Delivery(revokedAt: On(11)) },
        { "payment_without_order", new Shop().Transaction() },
        { "currency_mismatch", new Shop().Order(currency: "EUR").Transaction().Delivery(tokens: 1) },
        { "duplicate_payment", Sold.Transaction(paid: 5).Transaction(id: "tran_0", createdAt: On(10).AddMonths(-1)).Delivery() },
        { "amount_mismatch", Sold.Transaction(paid: 5).Delivery(tokens: 1) },
        { "wrong_quota", Sold.Transaction("partialRefund").Delivery(tokens: 1) },
        { "partially_refunded_live", Sold.Transaction("partialRefund").Delivery() },
        { "conflicting_record", Sold.Transaction("partialRefund").Transaction(amount: 5).Delivery() },
    };

    [Theory]
    [MemberData(nameof(Buckets), DisableDiscoveryEnumeration = true)]
    public void A_payment_falls_into_the_first_bucket_that_fits(string bucket, Shop shop)
    {
        var outcome = shop.Reconcile(Month);

        Assert.Equal([(bucket, 1)], outcome.Run.Bridge().Select(line => (line.Bucket, line.Transactions)));
        Assert.False(outcome.Run.IsBroken());
    }

    [Fact]
    public void A_finding_of_the_order_counts_for_all_its_payments()
    {
        var outcome = Sold.Transaction().Transaction(id: "tran_2").Transaction("refunded", "tran_3", paid: 899).Delivery().Reconcile(Month);

        Assert.Equal(["USD duplicate_payment 3 2697"], outcome.Bridge);
    }

    [Fact]
    public void A_run_is_broken_when_the_bridge_does_not_reach_gross_paid()
    {
        var paid = Transaction.Known([new Observation { TransactionId = "tran_1", Source = "api", PayloadHash = [], RecordedAt = On(1), Status = "paid", AmountPaidMinor = 5, CreatedAt = On(1) }], November)!;
        var state = paid.StateAt(November, null)!;
        var statement = new StatementSums(Month);
        statement.Add(state);
        statement.Add(state);
        var bridge = new BridgeSums();
        bridge.Add(state, BridgeBuckets.Matched);

        Assert.False(statement.IsExplainedBy(bridge.Lines()));
        bridge.Add(state, null);
        Assert.Equal(1, bridge.Unexplained);
        Assert.False(statement.IsExplainedBy(bridge.Lines()));
        bridge.Add(state, BridgeBuckets.WithinGrace);
        Assert.True(statement.IsExplainedBy(bridge.Lines()));
        bridge.Add(state with { Currency = "EUR" }, BridgeBuckets.Matched);
        Assert.False(statement.IsExplainedBy(bridge.Lines()));
    }

    [Fact]
    public void Packages_show_what_was_sold_paid_and_delivered()
    {
        var shop = Sold.Order("AC-2", "ord_2").Order("AC-3", "ord_3", package: "trial", tokens: 5)
            .Transaction().Transaction(id: "tran_2")
            .Transaction("refunded", "tran_3", "ord_2")
            .Delivery(revokedAt: On(11)).Delivery(kind: DeliveryKinds.RedemptionCode).Delivery(at: On(1).AddDays(-1)).Delivery("AC-3", tokens: 4);

        var packages = shop.Reconcile(Month).Run.Packages([new SoldPackage("standard", 2, 34), new SoldPackage("professional", 1, 38)]);

        Assert.Equal(
            [
                new PackageLine("professional", 1, 38, 0, 0, 0, 0, 0, 0),
                new PackageLine("standard", 2, 34, 1, 17, 1, 17, 1, 17),
                new PackageLine("trial", 0, 0, 0, 0, 1, 4, 0, 0),
            ],
            packages);
    }

    [Fact]
    public void An_order_is_paid_in_the_window_in_which_its_standing_payment_was_made()
    {
        var shop = Sold.Transaction(createdAt: On(9)).Transaction("refunded", "tran_2").Transaction(id: "tran_3", createdAt: On(12)).Delivery(at: On(9));

        Assert.Empty(shop.Reconcile(Month with { From = On(10, 0), Until = On(11, 0) }).Run.Packages([]));
        Assert.Equal(1, Assert.Single(shop.Reconcile(Month with { From = On(9, 0), Until = On(10, 0) }).Run.Packages([])).PaidOrders);
    }
}
