using BackOffice.Domain.Reconciliation;
using static BackOffice.Domain.Tests.Reconciliation.Shop;

namespace BackOffice.Domain.Tests.Reconciliation;

public class FindingWorkTests
{
    [Theory]
    [InlineData("P1", "2026-02-28", "2026-03-02")]
    [InlineData("P2", "2026-12-28", "2027-01-04")]
    [InlineData("P3", "2026-11-03", "2026-12-03")]
    public void A_finding_is_due_in_calendar_days(string priority, string firstSeen, string due) =>
        Assert.Equal(DateOnly.Parse(due, System.Globalization.CultureInfo.InvariantCulture), FindingDue.Day(priority, DateOnly.Parse(firstSeen, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void No_other_priority_is_due() => Assert.Throws<ArgumentOutOfRangeException>(() => FindingDue.Day("P4", new DateOnly(2026, 11, 3)));

    [Theory]
    [InlineData(799, 100)]
    [InlineData(1000, 101)]
    public void Of_an_amount_that_differs_the_difference_is_at_stake_without_its_sign(long actual, long stake)
    {
        var line = new FindingLine { Kind = FindingKinds.AmountMismatch, Subject = "tran_1", Currency = "USD", ExpectedMinor = 899, ActualMinor = actual, FactsHash = [] };
        Assert.Equal([new Money(stake, "USD")], FindingStake.Of(line, State(actual), null, []));
    }

    [Fact]
    public void Of_another_finding_of_a_transaction_what_was_paid_is() =>
        Assert.Equal([new Money(3600, "CNY")], FindingStake.Of(new FindingLine { Kind = FindingKinds.PaymentWithoutOrder, Subject = "tran_1", FactsHash = [] }, State(3600, "CNY"), null, []));

    [Fact]
    public void Of_an_order_its_charge_and_by_currency_all_that_came_in_are()
    {
        var line = new FindingLine { Kind = FindingKinds.DuplicatePayment, Subject = "AC-1", FactsHash = [] };
        TransactionState[] paid = [State(899), State(899), State(100, "EUR"), State(5000) with { Rank = StepRank.Failed }];
        Assert.Equal([new Money(100, "EUR"), new Money(1798, "USD")], FindingStake.Of(line, null, null, paid));
    }

    [Fact]
    public void A_comment_leaves_the_state_as_it_was()
    {
        FindingEvent[] events = [new(FindingEventKind.Opened, On(8)), new(FindingEventKind.Accepted, On(9), [1]), new(FindingEventKind.Commented, On(10))];
        Assert.Equal(events[1], FindingState.Latest(events));
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public void What_was_accepted_is_reopened_for_other_facts_by_a_run_that_knows_of_the_acceptance_only(int known, bool reopened)
    {
        var seen = new FindingLine { Kind = FindingKinds.WrongQuota, Subject = "AC-1", FactsHash = [1, 3] };
        Assert.Equal(reopened ? FindingEventKind.Reopened : null, FindingState.Next(new FindingEvent(FindingEventKind.Accepted, On(10), [1, 2]), seen, On(known)));
    }

    private static TransactionState State(long paid, string currency = "USD") => new()
    {
        Id = "tran_1",
        CreatedAt = On(1),
        Rank = StepRank.Paid,
        Mode = null,
        Currency = currency,
        PaidMinor = paid,
        TaxMinor = 0,
        DiscountMinor = 0,
        RefundedMinor = 0,
        OrderNo = null,
        IsConflicting = false,
    };
}
