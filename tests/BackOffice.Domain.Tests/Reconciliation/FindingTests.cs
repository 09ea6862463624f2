using BackOffice.Domain.Reconciliation;
using static BackOffice.Domain.Tests.Reconciliation.Shop;

namespace BackOffice.Domain.Tests.Reconciliation;

/// <summary>Each kind of reconciliation rules 4 at its boundaries. The order is AC-1 at USD 8.99, its payment tran_1, paid and delivered on the 10th.</summary>
public class FindingTests
{
    private static readonly DateTime GraceFrom = November.AddMinutes(-30);

    private static Shop Sold => new Shop().Order();

    [Fact]
    public void A_payment_with_its_delivery_is_no_finding() => Assert.Empty(Sold.Transaction().Delivery().Reconcile(Month).Findings);

    [Fact]
    public void An_abandoned_checkout_is_no_finding()
    {
        Assert.Empty(Sold.Reconcile(Month).Findings);
        Assert.Empty(Sold.Transaction("declined").Reconcile(Month).Findings);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void A_delivery_older_than_the_grace_needs_money(int milliseconds, bool found)
    {
        var findings = Sold.Transaction("declined").Delivery(at: GraceFrom.AddMilliseconds(milliseconds)).Reconcile(Month).Findings;

        Assert.Equal(found ? ["delivered_not_paid AC-1"] : [], findings);
    }

    [Fact]
    public void Of_several_deliveries_the_oldest_live_one_decides_whether_the_grace_is_over()
    {
        var shop = Sold.Delivery(at: On(2), revokedAt: On(3)).Delivery(at: GraceFrom);

        Assert.Empty(shop.Reconcile(Month).Findings);
        Assert.Equal(["delivered_not_paid AC-1", "duplicate_delivery AC-1"], shop.Delivery(at: GraceFrom.AddMinutes(-1)).Reconcile(Month).Findings);
    }

    [Fact]
    public void A_delivery_that_was_taken_back_needs_no_money() => Assert.Empty(Sold.Delivery(revokedAt: On(11)).Reconcile(Month).Findings);

    [Theory]
    [InlineData("refunded", "refunded_still_live AC-1")]
    [InlineData("chargeback", "charged_back_still_live AC-1")]
    public void What_went_back_must_not_stay_live(string status, string finding)
    {
        Assert.Equal([finding], Sold.Transaction(status).Delivery().Reconcile(Month).Findings);
        Assert.Empty(Sold.Transaction(status).Delivery(revokedAt: On(12)).Reconcile(Month).Findings);
        Assert.Empty(Sold.Transaction(status).Reconcile(Month).Findings);
        Assert.Empty(Sold.Transaction(status).Transaction(id: "tran_2").Delivery().Reconcile(Month).Findings);
    }

    [Fact]
    public void A_refund_beside_a_chargeback_is_the_chargebacks_matter() =>
        Assert.Equal(["charged_back_still_live AC-1"], Sold.Transaction("refunded").Transaction("chargeback", "tran_2").Delivery().Reconcile(Month).Findings);

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void A_payment_older_than_the_grace_needs_a_delivery(int milliseconds, bool found)
    {
        var findings = Sold.Transaction(createdAt: GraceFrom.AddMilliseconds(milliseconds)).Reconcile(Month).Findings;

        Assert.Equal(found ? ["paid_not_delivered AC-1"] : [], findings);
    }

    [Fact]
    public void The_payment_that_is_older_than_the_grace_must_itself_stand() =>
        Assert.Empty(Sold.Transaction("refunded").Transaction(id: "tran_2", createdAt: GraceFrom).Reconcile(Month).Findings);

    [Fact]
    public void The_grace_is_a_parameter()
    {
        var shop = Sold.Transaction(createdAt: November.AddMinutes(-50));

        Assert.Empty(shop.Reconcile(Month with { Grace = TimeSpan.FromHours(1) }).Findings);
        Assert.Equal(["paid_not_delivered AC-1"], shop.Reconcile(Month with { Grace = TimeSpan.Zero }).Findings);
    }

    [Fact]
    public void A_payment_whose_deliveries_were_all_revoked_is_owed_one()
    {
        Assert.Equal(["revoked_but_paid AC-1"], Sold.Transaction().Delivery(revokedAt: On(11)).Delivery(revokedAt: On(12)).Reconcile(Month).Findings);
        Assert.Empty(Sold.Transaction().Delivery(revokedAt: On(11)).Delivery().Reconcile(Month).Findings);
    }

    [Theory]
    [InlineData("paid", true)]
    [InlineData("partialRefund", true)]
    [InlineData("refunded", false)]
    [InlineData("chargeback", false)]
    [InlineData("pending", false)]
    [InlineData("in_review", false)]
    public void Two_payments_that_stand_are_one_too_many(string second, bool found) =>
        Assert.Equal(found, Sold.Transaction().Transaction(second, "tran_2").Delivery().Reconcile(Month).Findings.Contains("duplicate_payment AC-1"));

    [Fact]
    public void Two_live_deliveries_are_one_too_many()
    {
        Assert.Equal(["duplicate_delivery AC-1"], Sold.Transaction().Delivery().Delivery().Reconcile(Month).Findings);
        Assert.Empty(Sold.Transaction().Delivery(revokedAt: On(11)).Delivery().Reconcile(Month).Findings);
    }

    [Theory]
    [InlineData("paid", true)]
    [InlineData("partialRefund", true)]
    [InlineData("refunded", false)]
    [InlineData("pending", false)]
    public void A_payment_that_stands_is_owed_a_code_that_works(string status, bool found)
    {
        Assert.Equal(found, Sold.Transaction(status).Delivery(codeVoidedAt: On(12)).Reconcile(Month).Findings.Contains("voided_code_delivered AC-1"));
        Assert.DoesNotContain("voided_code_delivered AC-1", Sold.Transaction(status).Delivery(codeVoidedAt: On(12), codeRedeemedAt: On(13)).Reconcile(Month).Findings);
        Assert.DoesNotContain("voided_code_delivered AC-1", Sold.Transaction(status).Delivery(codeVoidedAt: On(12), revokedAt: On(13)).Reconcile(Month).Findings);
        Assert.DoesNotContain("voided_code_delivered AC-1", Sold.Transaction(status).Delivery(codeVoidedAt: November).Reconcile(Month).Findings);
    }

    [Fact]
    public void A_void_code_is_a_live_delivery_for_all_but_refunds_and_chargebacks()
    {
        var outcome = Sold.Transaction().Delivery(codeVoidedAt: On(12)).Delivery(tokens: 3).Reconcile(Month);

        Assert.Equal(["duplicate_delivery AC-1", "voided_code_delivered AC-1"], outcome.Findings);
        Assert.Equal(["wrong_quota", "voided_code_delivered"], Sold.Transaction().Delivery(tokens: 3, codeVoidedAt: On(12)).Reconcile(Month).Kinds);
        Assert.Equal("P2", outcome.Only("voided_code_delivered").Priority);
        Assert.Equal(["delivered_not_paid AC-1"], Sold.Delivery(codeVoidedAt: On(12)).Reconcile(Month).Findings);
    }

    [Theory]
    [InlineData("refunded", "refunded_still_live", "USD refunded_settled 1 899")]
    [InlineData("chargeback", "charged_back_still_live", "USD charged_back_settled 1 899")]
    public void What_went_back_is_settled_by_a_void_code_until_it_was_redeemed(string status, string finding, string settled)
    {
        var isVoid = Sold.Transaction(status).Delivery(codeVoidedAt: On(12)).Reconcile(Month);
        var redeemed = Sold.Transaction(status).Delivery(codeVoidedAt: On(12), codeRedeemedAt: On(13)).Reconcile(Month);
        var another = Sold.Transaction(status).Delivery(codeVoidedAt: On(12)).Delivery().Reconcile(Month);

        Assert.Empty(isVoid.Findings);
        Assert.Equal([settled], isVoid.Bridge);
        Assert.Equal([$"{finding} AC-1"], redeemed.Findings);
        Assert.Contains($"{finding} AC-1", another.Findings);
    }

    [Theory]
    [InlineData("paid", true)]
    [InlineData("refunded", true)]
    [InlineData("chargeback", true)]
    [InlineData("pending", false)]
    public void Money_that_belongs_to_no_order_is_found_by_its_transaction(string status, bool found)
    {
        var findings = new Shop().Transaction(status, creem: "ord_9", paid: 1088).Reconcile(Month).Lines;

        Assert.Equal(found ? ["payment_without_order"] : [], findings.Select(line => line.Kind));
        if (found)
            Assert.Equal(("tran_1", null, "tran_1", "USD", null, 1088), (findings[0].Subject, findings[0].OrderNo, findings[0].TransactionId, findings[0].Currency, findings[0].ExpectedMinor, findings[0].ActualMinor));
    }

    [Fact]
    public void A_payment_is_never_given_to_an_order_by_its_amount() =>
        Assert.Equal(["payment_without_order tran_1"], Sold.Transaction(creem: null).Reconcile(Month).Findings);

    [Fact]
    public void Another_currency_than_the_orders_is_found_and_its_amount_left_alone()
    {
        var line = Assert.Single(Sold.Transaction(currency: "EUR", paid: 5).Delivery().Reconcile(Month).Lines);

        Assert.Equal(("currency_mismatch", "tran_1", "AC-1", "EUR", null, null), (line.Kind, line.Subject, line.OrderNo, line.Currency, line.ExpectedMinor, line.ActualMinor));
        Assert.Empty(Sold.Transaction("declined", currency: "EUR").Delivery(revokedAt: On(11)).Reconcile(Month).Findings);
        Assert.Empty(Sold.Transaction(currency: null).Delivery().Reconcile(Month).Findings);
    }

    [Theory]
    // exclusive: the net price is without tax, the discount goes off the charge whatever its sign
    [InlineData(false, 899L, null, null, null)]
    [InlineData(false, 1088L, 189L, null, null)]
    [InlineData(false, 1088L, 188L, null, 900L)]
    [InlineData(false, 799L, null, 100L, null)]
    [InlineData(false, 799L, null, -100L, null)]
    [InlineData(false, 899L, null, 100L, 899L)]
    [InlineData(false, 898L, null, null, 898L)]
    // inclusive: the tax is in the price
    [InlineData(true, 899L, 189L, null, null)]
    [InlineData(true, 1088L, 189L, null, 1088L)]
    [InlineData(true, 799L, 100L, 100L, null)]
    public void The_net_price_must_be_the_expected_price(bool inclusive, long paid, long? tax, long? discount, long? mismatch)
    {
        var lines = new Shop().Order(inclusive: inclusive).Transaction(paid: paid, tax: tax, discount: discount).Delivery().Reconcile(Month).Lines;

        Assert.Equal(mismatch is null ? [] : ["amount_mismatch"], lines.Select(line => line.Kind));
        if (mismatch is not null)
            Assert.Equal(("tran_1", "AC-1", "USD", 899 - Math.Abs(discount ?? 0), mismatch), (lines[0].Subject, lines[0].OrderNo, lines[0].Currency, lines[0].ExpectedMinor, lines[0].ActualMinor));
    }

    [Theory]
    [InlineData(896L, true)]
    [InlineData(897L, false)]
    [InlineData(901L, false)]
    [InlineData(902L, true)]
    public void A_difference_within_the_tolerance_is_no_finding(long paid, bool found)
    {
        var findings = Sold.Transaction(paid: paid).Delivery().Reconcile(Month with { ToleranceMinor = 2 }).Findings;

        Assert.Equal(found ? ["amount_mismatch tran_1"] : [], findings);
    }

    [Theory]
    [InlineData("refunded", true)]
    [InlineData("declined", false)]
    public void Only_money_that_came_in_must_have_the_right_amount(string status, bool found) =>
        Assert.Equal(found, Sold.Transaction(status, paid: 5).Reconcile(Month).Findings.Contains("amount_mismatch tran_1"));

    [Fact]
    public void The_one_live_delivery_must_have_the_orders_tokens()
    {
        Assert.Equal(["wrong_quota AC-1"], Sold.Transaction().Delivery(tokens: 16).Reconcile(Month).Findings);
        Assert.Equal(["wrong_quota AC-1"], Sold.Transaction().Delivery(revokedAt: On(11)).Delivery(tokens: 18).Reconcile(Month).Findings);
        Assert.Equal(["duplicate_delivery AC-1"], Sold.Transaction().Delivery(tokens: 16).Delivery(tokens: 1).Reconcile(Month).Findings);
        Assert.Equal(["revoked_but_paid AC-1"], Sold.Transaction().Delivery(tokens: 16, revokedAt: On(11)).Reconcile(Month).Findings);
    }

    [Fact]
    public void Contradicting_observations_are_found_with_the_order_when_it_is_known()
    {
        var known = Sold.Transaction().Transaction(amount: 900, source: ObservationSources.Api).Delivery().Reconcile(Month).Only("conflicting_record");
        var unknown = new Shop().Transaction("pending", creem: "ord_8").Transaction("pending", creem: "ord_9").Reconcile(Month).Only("conflicting_record");

        Assert.Equal(("tran_1", "AC-1", "tran_1", null), (known.Subject, known.OrderNo, known.TransactionId, known.Currency));
        Assert.Equal(("tran_1", null, "tran_1", null), (unknown.Subject, unknown.OrderNo, unknown.TransactionId, unknown.Currency));
    }

    [Theory]
    [InlineData("partialRefund", null)]
    [InlineData("partially_refunded", 100L)]
    [InlineData("paid", 1L)]
    public void A_partial_refund_beside_a_live_delivery_is_found(string status, long? refunded)
    {
        Assert.Equal(["partially_refunded_live tran_1"], Sold.Transaction(status, refunded: refunded).Delivery().Reconcile(Month).Findings);
        Assert.Equal(["revoked_but_paid AC-1"], Sold.Transaction(status, refunded: refunded).Delivery(revokedAt: On(11)).Reconcile(Month).Findings);
    }

    [Fact]
    public void A_status_nobody_knows_is_found_with_or_without_an_order()
    {
        Assert.Equal(["unknown_status tran_1"], Sold.Transaction("in_review").Reconcile(Month).Findings);
        Assert.Equal(["unknown_status tran_1"], new Shop().Transaction("in_review").Reconcile(Month).Findings);
        Assert.Empty(Sold.Transaction("in_review").Transaction(source: ObservationSources.Api).Delivery().Reconcile(Month).Findings);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("prod", true)]
    [InlineData("test", false)]
    [InlineData("Prod", false)]
    public void A_transaction_of_another_mode_is_never_reconciled(string? mode, bool reconciled)
    {
        var outcome = Sold.Transaction(mode: mode).Transaction(id: "tran_2", creem: null, mode: mode).Reconcile(Month);

        Assert.Equal(reconciled ? ["paid_not_delivered AC-1", "payment_without_order tran_2"] : [], outcome.Findings);
        Assert.Equal(reconciled ? 1 : 0, outcome.Run.Statement().Count);
    }

    [Fact]
    public void Of_a_transaction_that_two_orders_may_own_only_its_owner_is_judged()
    {
        var outcome = Sold.Order("AC-2", creem: "ord_2").Transaction(request: "AC-2").Delivery().Delivery("AC-2").Reconcile(Month);

        Assert.Equal(["conflicting_record tran_1", "delivered_not_paid AC-2"], outcome.Findings);
        Assert.Equal("AC-1", outcome.Only("conflicting_record").OrderNo);
    }

    [Fact]
    public void An_order_can_have_several_findings_and_they_come_in_the_order_of_the_table()
    {
        var everything = Sold.Order("AC-2", creem: "ord_2").Delivery("AC-2", secret: "sk-same").Delivery(secret: "sk-same", tokens: 3)
            .Transaction("partialRefund").Transaction("paid", amount: 1, source: ObservationSources.Api, refunded: 4)
            .Transaction("paid", "tran_2", paid: 5).Transaction("in_review", "tran_3").Transaction(id: "tran_4", currency: "EUR").Reconcile(Month);

        Assert.Equal(
            [
                "secret_delivered_twice", "duplicate_payment", "wrong_quota", "conflicting_record", "partially_refunded_live", "amount_mismatch", "unknown_status",
                "currency_mismatch", "secret_delivered_twice", "delivered_not_paid",
            ],
            everything.Kinds);
        Assert.Equal(["P2", "P2"], everything.Lines.Where(line => line.Kind is "wrong_quota" or "amount_mismatch").Select(line => line.Priority));
    }

    [Fact]
    public void The_facts_of_an_orders_finding_are_its_money_and_its_deliveries()
    {
        byte[] Facts(Shop shop) => shop.Reconcile(Month).Only("duplicate_payment").FactsHash;
        Shop Twice() => Sold.Transaction().Transaction(id: "tran_2");
        var accepted = Facts(Twice().Delivery());

        Assert.Equal(16, accepted.Length);
        Assert.Equal(accepted, Facts(Twice().ToldBackwards().Delivery(revokedAt: On(12))));
        Assert.Equal(accepted, Facts(Twice().Transaction("declined", "tran_3").Delivery()));
        Assert.NotEqual(accepted, Facts(Twice().Transaction("refunded", "tran_3").Delivery()));
        Assert.NotEqual(accepted, Facts(Twice().Delivery().Delivery()));
        Assert.NotEqual(accepted, Facts(Twice()));
    }

    [Fact]
    public void The_facts_of_a_transactions_finding_are_its_currency_and_amounts()
    {
        byte[] Facts(long charge, long paid, string currency = "USD") =>
            new Shop().Order(charge: charge, currency: currency).Transaction(paid: paid, currency: currency).Reconcile(Month).Only("amount_mismatch").FactsHash;

        Assert.Equal(Facts(899, 5), Facts(899, 5));
        Assert.NotEqual(Facts(899, 5), Facts(899, 6));
        Assert.NotEqual(Facts(899, 5), Facts(898, 5));
        Assert.NotEqual(Facts(899, 5), Facts(899, 5, "EUR"));
    }
}
