using BackOffice.Domain.Reconciliation;
using static BackOffice.Domain.Tests.Reconciliation.Shop;

namespace BackOffice.Domain.Tests.Reconciliation;

public class FindingStateTests
{
    private static readonly byte[] Facts = [1, 2];

    private static readonly FindingLine Seen = new() { Kind = FindingKinds.WrongQuota, Subject = "AC-1", FactsHash = Facts };

    private static FindingEvent? Event(FindingEventKind? kind, byte[]? accepted = null) => kind is { } one ? new FindingEvent(one, On(10), accepted) : null;

    [Theory]
    [InlineData(null, FindingEventKind.Opened)]
    [InlineData(FindingEventKind.Opened, null)]
    [InlineData(FindingEventKind.Reopened, null)]
    [InlineData(FindingEventKind.ResolvedAutomatically, FindingEventKind.Reopened)]
    public void A_run_opens_what_it_sees_and_reopens_what_it_sees_again(FindingEventKind? latest, FindingEventKind? next) =>
        Assert.Equal(next, FindingState.Next(Event(latest), Seen, On(9)));

    [Theory]
    [InlineData(null, null)]
    [InlineData(FindingEventKind.Opened, FindingEventKind.ResolvedAutomatically)]
    [InlineData(FindingEventKind.Reopened, FindingEventKind.ResolvedAutomatically)]
    [InlineData(FindingEventKind.ResolvedAutomatically, null)]
    [InlineData(FindingEventKind.ResolvedByPerson, null)]
    [InlineData(FindingEventKind.Accepted, null)]
    public void A_run_resolves_what_it_no_longer_sees(FindingEventKind? latest, FindingEventKind? next) =>
        Assert.Equal(next, FindingState.Next(Event(latest, Facts), null, On(11)));

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void What_a_person_resolved_is_reopened_by_a_run_that_knows_of_it(int milliseconds, bool reopened)
    {
        var next = FindingState.Next(Event(FindingEventKind.ResolvedByPerson), Seen, On(10).AddMilliseconds(milliseconds));

        Assert.Equal(reopened ? FindingEventKind.Reopened : null, next);
    }

    [Fact]
    public void What_was_accepted_is_reopened_only_when_its_facts_changed()
    {
        Assert.Null(FindingState.Next(Event(FindingEventKind.Accepted, [1, 2]), Seen, On(11)));
        Assert.Equal(FindingEventKind.Reopened, FindingState.Next(Event(FindingEventKind.Accepted, [1, 3]), Seen, On(11)));
    }

    [Fact]
    public void An_assignment_leaves_the_state_as_it_was()
    {
        FindingEvent[] events = [new(FindingEventKind.Opened, On(8)), new(FindingEventKind.ResolvedByPerson, On(9)), new(FindingEventKind.Assigned, On(10))];

        Assert.Equal(events[1], FindingState.Latest(events));
        Assert.Null(FindingState.Latest([events[2]]));
        Assert.Null(FindingState.Latest([]));
    }

    [Fact]
    public void Open_findings_and_those_a_person_resolved_since_the_last_run_are_in_scope()
    {
        Assert.True(FindingState.BringsIntoScope(Event(FindingEventKind.Opened), On(11)));
        Assert.True(FindingState.BringsIntoScope(Event(FindingEventKind.Reopened), On(11)));
        Assert.True(FindingState.BringsIntoScope(Event(FindingEventKind.ResolvedByPerson), null));
        Assert.True(FindingState.BringsIntoScope(Event(FindingEventKind.ResolvedByPerson), On(10)));
        Assert.False(FindingState.BringsIntoScope(Event(FindingEventKind.ResolvedByPerson), On(10).AddMilliseconds(1)));
        Assert.False(FindingState.BringsIntoScope(Event(FindingEventKind.ResolvedAutomatically), null));
        Assert.False(FindingState.BringsIntoScope(Event(FindingEventKind.Accepted), null));
        Assert.False(FindingState.BringsIntoScope(null, null));
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 1, false)]
    [InlineData(-1, 1, true)]
    [InlineData(1, -1, true)]
    public void A_run_that_sees_or_knows_less_than_one_before_it_looks_back(int asOf, int knownAsOf, bool back)
    {
        var run = Month with { AsOf = Month.AsOf.AddHours(asOf), KnownAsOf = Month.KnownAsOf.AddHours(knownAsOf) };

        Assert.Equal(back, FindingState.LooksBack(run, Month));
        Assert.False(FindingState.LooksBack(run, null));
    }
}
