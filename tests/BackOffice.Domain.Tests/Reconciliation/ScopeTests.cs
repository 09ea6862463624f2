using BackOffice.Domain.Reconciliation;
using static BackOffice.Domain.Tests.Reconciliation.Shop;

namespace BackOffice.Domain.Tests.Reconciliation;

/// <summary>What a run looks at (reconciliation rules 3). The window is the 10th unless a test says otherwise; the facts would be a finding once in scope.</summary>
public class ScopeTests
{
    private static readonly RunParameters Tenth = Month with { From = On(10, 0), Until = On(11, 0) };

    private static Shop Sold => new Shop().Order(createdAt: On(1));

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(86_399_999, true)]
    [InlineData(86_400_000, false)]
    public void A_window_has_its_start_and_not_its_end(int milliseconds, bool inScope)
    {
        var at = Tenth.From.AddMilliseconds(milliseconds);

        Assert.Equal(inScope, Sold.Transaction(createdAt: at).Reconcile(Tenth).Findings.Contains("paid_not_delivered AC-1"));
        Assert.Equal(inScope, new Shop().Transaction(createdAt: at, creem: null).Reconcile(Tenth).Findings.Contains("payment_without_order tran_1"));
        Assert.Equal(inScope, Sold.Delivery(at: at).Reconcile(Tenth).Findings.Contains("delivered_not_paid AC-1"));
        Assert.Equal(inScope, Sold.Delivery(at: On(2)).Delivery(at: On(2), revokedAt: at).Reconcile(Tenth).Findings.Contains("delivered_not_paid AC-1"));
        Assert.Equal(inScope, Sold.Transaction(createdAt: On(2)).Delivery(at: On(2), codeVoidedAt: at).Reconcile(Tenth).Findings.Contains("voided_code_delivered AC-1"));
        Assert.Equal(inScope, Sold.Transaction(createdAt: On(2)).Transaction("refunded", createdAt: On(2), happenedAt: at).Delivery(at: On(2)).Reconcile(Tenth).Findings.Contains("refunded_still_live AC-1"));
        Assert.Equal(inScope, new Shop().Transaction(createdAt: On(2), creem: null).Transaction("refunded", createdAt: On(2), creem: null, recordedAt: at).Reconcile(Tenth).Findings.Contains("payment_without_order tran_1"));
    }

    [Fact]
    public void An_order_is_in_no_scope_by_its_own_date() => Assert.Equal(0, new Shop().Order(createdAt: On(10)).Reconcile(Tenth).Run.OrdersJudged);

    [Fact]
    public void Every_transaction_of_an_order_in_scope_is_judged_whenever_it_was_made()
    {
        var shop = Sold.Transaction(createdAt: On(2), paid: 5).Delivery(at: On(10));

        Assert.Equal(["amount_mismatch tran_1"], shop.Reconcile(Tenth).Findings);
    }

    [Fact]
    public void A_transaction_told_again_in_the_window_was_not_taken_a_step_further() =>
        Assert.Empty(Sold.Transaction(createdAt: On(2)).Transaction(createdAt: On(2), recordedAt: On(10), source: ObservationSources.Api).Reconcile(Tenth).Findings);

    [Theory]
    [InlineData("AC-1")]
    [InlineData("tran_1")]
    public void A_finding_that_names_the_order_or_its_transaction_brings_it_into_scope(string named)
    {
        var shop = Sold.Transaction(createdAt: On(2));

        Assert.Empty(shop.Reconcile(Tenth).Findings);
        Assert.Equal(["paid_not_delivered AC-1"], shop.Reconcile(Tenth, named).Findings);
    }

    [Fact]
    public void A_finding_brings_a_transaction_without_an_order_into_scope() =>
        Assert.Equal(["payment_without_order tran_1"], new Shop().Transaction(createdAt: On(2), creem: null).Reconcile(Tenth, "tran_1").Findings);

    [Fact]
    public void What_happened_at_or_after_the_as_of_did_not_happen()
    {
        var asOf = On(10, 18);
        var run = Tenth with { AsOf = asOf, Grace = TimeSpan.Zero };

        Assert.Empty(Sold.Transaction(createdAt: asOf).Reconcile(run).Findings);
        Assert.Equal(["delivered_not_paid AC-1"], Sold.Delivery(at: On(10)).Transaction(createdAt: asOf).Reconcile(run).Findings);
        Assert.Equal(["paid_not_delivered AC-1"], Sold.Transaction(createdAt: On(10)).Delivery(at: asOf).Reconcile(run).Findings);
        Assert.Empty(Sold.Transaction(createdAt: On(10)).Delivery(at: On(10), revokedAt: asOf).Reconcile(run).Findings);
        Assert.Empty(Sold.Transaction(createdAt: On(10)).Transaction("refunded", createdAt: On(10), happenedAt: asOf).Delivery(at: On(10)).Reconcile(run).Findings);
        Assert.Equal(
            ["revoked_but_paid AC-1"],
            Sold.Transaction(createdAt: On(10)).Delivery(at: On(10), revokedAt: asOf.AddMilliseconds(-1)).Reconcile(run).Findings);
    }

    [Fact]
    public void What_comes_after_the_as_of_brings_nothing_into_scope()
    {
        var run = Tenth with { AsOf = On(10, 18) };
        var shop = Sold.Transaction(createdAt: On(2)).Transaction("refunded", createdAt: On(2), happenedAt: On(10, 18));

        Assert.Equal(0, shop.Reconcile(run).Run.OrdersJudged);
        Assert.Equal(1, shop.Reconcile(run with { AsOf = On(10, 19) }).Run.OrdersJudged);
    }

    [Fact]
    public void What_was_recorded_after_the_known_as_of_is_not_known()
    {
        var known = On(15);
        var run = Tenth with { KnownAsOf = known };
        var late = known.AddMilliseconds(1);

        Assert.Empty(Sold.Transaction(createdAt: On(10), recordedAt: late).Reconcile(run).Findings);
        Assert.Equal(["paid_not_delivered AC-1"], Sold.Transaction(createdAt: On(10), recordedAt: known).Reconcile(run).Findings);
        Assert.Equal(["paid_not_delivered AC-1"], Sold.Transaction(createdAt: On(10)).Delivery(recordedAt: late).Reconcile(run).Findings);
        Assert.Empty(Sold.Transaction(createdAt: On(10)).Delivery(recordedAt: known).Reconcile(run).Findings);
        Assert.Empty(Sold.Transaction(createdAt: On(10)).Delivery(revokedAt: On(10, 13), revocationRecordedAt: late).Reconcile(run).Findings);
        Assert.Equal(["revoked_but_paid AC-1"], Sold.Transaction(createdAt: On(10)).Delivery(revokedAt: On(10, 13), revocationRecordedAt: known).Reconcile(run).Findings);
        Assert.Empty(Sold.Transaction("refunded", createdAt: On(10)).Delivery(codeVoidedAt: On(10, 13), codeRedeemedAt: On(10, 14), redemptionRecordedAt: late).Reconcile(run).Findings);
        Assert.Equal(["refunded_still_live AC-1"], Sold.Transaction("refunded", createdAt: On(10)).Delivery(codeVoidedAt: On(10, 13), codeRedeemedAt: On(10, 14), redemptionRecordedAt: known).Reconcile(run).Findings);
        Assert.Empty(Sold.Transaction(createdAt: On(10)).Delivery(codeVoidedAt: late).Reconcile(run with { AsOf = November }).Findings);
        Assert.Equal(["payment_without_order tran_1"], new Shop().Order(recordedAt: late).Transaction().Delivery().Reconcile(run).Findings);
        Assert.Equal(["paid_not_delivered AC-1"], new Shop().Order(recordedAt: known).Transaction().Reconcile(run).Findings);
    }

    [Fact]
    public void A_nightly_run_looks_at_what_was_learnt_since_the_last_one()
    {
        var run = Month with { From = On(18, 0), Until = On(20, 0), AsOf = On(20, 2), KnownAsOf = On(20, 2), RecordedSince = On(19, 2) };
        var learnt = On(19, 3);

        Assert.Empty(Sold.Transaction(createdAt: On(2), recordedAt: On(19, 2)).Reconcile(run).Findings);
        Assert.Equal(["paid_not_delivered AC-1"], Sold.Transaction(createdAt: On(2), recordedAt: learnt).Reconcile(run).Findings);
        Assert.Equal(["delivered_not_paid AC-1"], Sold.Delivery(at: On(2), recordedAt: learnt).Reconcile(run).Findings);
        Assert.Equal(["delivered_not_paid AC-1"], new Shop().Order(createdAt: On(1), recordedAt: learnt).Delivery(at: On(2)).Reconcile(run).Findings);
        Assert.Equal(["revoked_but_paid AC-1"], Sold.Transaction(createdAt: On(2)).Delivery(at: On(2), revokedAt: On(3), revocationRecordedAt: learnt).Reconcile(run).Findings);
        Assert.Equal(["voided_code_delivered AC-1"], Sold.Transaction(createdAt: On(2)).Delivery(at: On(2), codeVoidedAt: learnt).Reconcile(run).Findings);
        Assert.Equal(
            ["refunded_still_live AC-1"],
            Sold.Transaction("refunded", createdAt: On(2)).Delivery(at: On(2), codeVoidedAt: On(3), codeRedeemedAt: On(4), redemptionRecordedAt: learnt).Reconcile(run).Findings);
        Assert.Equal(["payment_without_order tran_1"], new Shop().Transaction(createdAt: On(2), creem: null, recordedAt: learnt).Reconcile(run).Findings);
        Assert.Empty(Sold.Transaction(createdAt: On(2), recordedAt: On(20, 3)).Reconcile(run).Findings);
        Assert.Empty(Sold.Transaction(createdAt: On(2)).Delivery(at: On(2), recordedAt: On(20, 3)).Reconcile(run).Findings);
    }

    [Fact]
    public void An_order_is_looked_at_again_when_its_payment_turns_out_to_be_anothers()
    {
        var run = Month with { From = On(18, 0), Until = On(20, 0), AsOf = On(20, 2), KnownAsOf = On(20, 2), RecordedSince = On(19, 2) };
        var shop = Sold.Order("AC-2", creem: "ord_2", createdAt: On(1)).Delivery(at: On(2)).Delivery("AC-2", at: On(2)).Transaction(createdAt: On(2));

        Assert.Equal(
            ["conflicting_record tran_1", "delivered_not_paid AC-1"],
            shop.Transaction(createdAt: On(2), creem: "ord_2", source: ObservationSources.Api, recordedAt: On(19, 3)).Reconcile(run).Findings);
    }

    [Fact]
    public void An_order_learnt_late_is_news_of_the_payment_it_claims_and_of_the_order_that_had_it()
    {
        var run = Month with { From = On(18, 0), Until = On(20, 0), AsOf = On(20, 2), KnownAsOf = On(20, 2), RecordedSince = On(19, 2) };
        var shop = Sold.Delivery(at: On(2)).Transaction(createdAt: On(2), creem: "ord_2", request: "AC-1");

        Assert.Empty(shop.Reconcile(run).Findings);
        Assert.Equal(
            ["conflicting_record tran_1", "delivered_not_paid AC-1", "paid_not_delivered AC-2"],
            shop.Order("AC-2", creem: "ord_2", createdAt: On(1), recordedAt: On(19, 3)).Reconcile(run).Findings);
    }

    [Fact]
    public void An_order_is_not_in_scope_by_a_finding_of_anothers_transaction() =>
        Assert.Equal(
            ["conflicting_record tran_1", "paid_not_delivered AC-1"],
            Sold.Order("AC-2", creem: "ord_2").Delivery("AC-2", at: On(2)).Transaction(createdAt: On(2), request: "AC-2").Reconcile(Tenth, "tran_1").Findings);

    [Fact]
    public void What_is_recorded_later_never_changes_a_run()
    {
        var run = Tenth with { KnownAsOf = On(15), Fees = [new FeeRow("USD", 39_000, 40, October, null)] };
        var shop = Sold.Transaction(createdAt: On(10)).Delivery(at: On(10));
        var before = shop.Reconcile(run);

        var after = shop.Transaction("chargeback", createdAt: On(10), recordedAt: On(16)).Delivery(at: On(10), recordedAt: On(17)).Reconcile(run);

        Assert.Equal(before.Findings, after.Findings);
        Assert.Equal(before.Run.Statement(), after.Run.Statement());
        Assert.Equal(before.Run.Bridge(), after.Run.Bridge());
    }
}
