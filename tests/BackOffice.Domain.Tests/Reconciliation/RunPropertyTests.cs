using BackOffice.Domain.Reconciliation;
using CsCheck;
using static BackOffice.Domain.Tests.Reconciliation.Shop;

namespace BackOffice.Domain.Tests.Reconciliation;

/// <summary>What must hold of runs over any facts.</summary>
public class RunPropertyTests
{
    private static readonly FeeRow[] Fees = [new("USD", 39_000, 40, October, null), new("EUR", 29_000, 35, October, null)];

    private static readonly RunParameters AnyRun = Month with { Fees = Fees };

    [Fact]
    public void The_bridge_always_closes() =>
        Gen.Select(RandomShop.Any, Gen.Int[0, 36 * 24]).Sample((shop, hours) =>
        {
            var asOf = October.AddHours(hours);
            var outcome = shop.Reconcile(AnyRun with { AsOf = asOf, KnownAsOf = asOf.AddDays(hours % 7) });

            Assert.False(outcome.Run.IsBroken());
            foreach (var line in outcome.Run.Statement())
            {
                var buckets = outcome.Run.Bridge().Where(bucket => bucket.Currency == line.Currency).ToList();
                Assert.Equal((line.Transactions, line.GrossPaidMinor), (buckets.Sum(bucket => bucket.Transactions), buckets.Sum(bucket => bucket.AmountMinor)));
            }
        }, iter: 400);

    [Fact]
    public void The_days_of_a_month_together_find_what_the_month_finds_and_their_statements_add_up_to_it() =>
        RandomShop.Any.Sample(shop =>
        {
            var month = shop.Reconcile(AnyRun);
            var days = Enumerable.Range(0, 31).Select(day => shop.Reconcile(AnyRun with { From = October.AddDays(day), Until = October.AddDays(day + 1) })).ToList();

            Assert.Equal(month.Findings, days.SelectMany(day => day.Findings).Distinct().Order(StringComparer.Ordinal));
            Assert.Equal(month.Run.Statement(), days.SelectMany(day => day.Run.Statement()).GroupBy(line => line.Currency).OrderBy(lines => lines.Key, StringComparer.Ordinal).Select(Sum));
        }, iter: 60);

    [Fact]
    public void The_order_in_which_facts_are_told_does_not_matter() =>
        RandomShop.Any.Sample(shop =>
        {
            var told = shop.Reconcile(AnyRun);
            var backwards = shop.ToldBackwards().Reconcile(AnyRun);

            Assert.Equal(told.Findings, backwards.Findings);
            Assert.Equal(told.Lines.Select(line => Convert.ToHexString(line.FactsHash)), backwards.Lines.Select(line => Convert.ToHexString(line.FactsHash)));
            Assert.Equal(told.Run.Statement(), backwards.Run.Statement());
            Assert.Equal(told.Run.Bridge(), backwards.Run.Bridge());
            Assert.Equal(told.Run.Packages([]), backwards.Run.Packages([]));
        }, iter: 100);

    [Fact]
    public void A_run_gives_the_same_at_any_later_time() =>
        Gen.Select(RandomShop.Any, Gen.Int[0, 36 * 24]).Sample((shop, hours) =>
        {
            var run = AnyRun with { AsOf = October.AddHours(hours), KnownAsOf = October.AddHours(hours) };
            var then = shop.AsRecordedUpTo(run.KnownAsOf).Reconcile(run);
            var later = shop.Reconcile(run);

            Assert.Equal(then.Findings, later.Findings);
            Assert.Equal(then.Run.Statement(), later.Run.Statement());
            Assert.Equal(then.Run.Bridge(), later.Run.Bridge());
        }, iter: 200);

    [Fact]
    public void The_nights_end_with_the_findings_of_the_month_and_none_flaps() =>
        RandomShop.Any.Sample(shop =>
        {
            var lives = new Dictionary<string, List<(FindingEvent Event, int FactsKnown)>>();
            RunParameters? last = null;
            // Two nights more than the last fact needs to be learnt.
            for (var day = 1; day <= 31 + 8; day++)
            {
                last = Night(day, last);
                Live(shop, last, lives);
            }

            var open = lives.Where(life => FindingState.IsOpen(life.Value[^1].Event)).Select(life => life.Key).Order(StringComparer.Ordinal);
            Assert.Equal(shop.Reconcile(AnyRun with { AsOf = last!.AsOf, KnownAsOf = last.KnownAsOf }).Findings, open);
            Assert.All(lives.Values, DoesNotFlap);
        }, iter: 60);

    private static StatementLine Sum(IGrouping<string, StatementLine> lines) => lines.Aggregate((one, other) => new StatementLine(
        one.Currency, one.Transactions + other.Transactions, one.GrossPaidMinor + other.GrossPaidMinor, one.TaxMinor + other.TaxMinor,
        one.RefundedMinor + other.RefundedMinor, one.ChargedBackMinor + other.ChargedBackMinor, one.TaxReturnedMinor + other.TaxReturnedMinor,
        one.FeesMinor + other.FeesMinor, one.NetMinor + other.NetMinor));

    private static RunParameters Night(int day, RunParameters? last)
    {
        var start = October.AddDays(day).AddHours(2).AddMinutes(30);
        return AnyRun with { From = October.AddDays(day - 2), Until = October.AddDays(day), AsOf = start, KnownAsOf = start, RecordedSince = last?.KnownAsOf };
    }

    private static void Live(Shop shop, RunParameters night, Dictionary<string, List<(FindingEvent Event, int FactsKnown)>> lives)
    {
        var named = lives.Where(life => FindingState.BringsIntoScope(life.Value[^1].Event, night.RecordedSince)).Select(life => life.Key.Split(' ')[1]);
        var seen = shop.Reconcile(night, named).Lines.ToDictionary(line => $"{line.Kind} {line.Subject}");
        foreach (var finding in seen.Keys.Union(lives.Keys).ToList())
        {
            var life = lives.GetValueOrDefault(finding) ?? (lives[finding] = []);
            if (FindingState.Next(life.Count == 0 ? null : life[^1].Event, seen.GetValueOrDefault(finding), night.KnownAsOf) is { } next)
                life.Add((new FindingEvent(next, night.KnownAsOf), shop.FactsKnownTo(night, finding.Split(' ')[1])));
        }
    }

    // Each event after the first answers to a fact that the event before it did not know.
    private static void DoesNotFlap(List<(FindingEvent Event, int FactsKnown)> life)
    {
        for (var i = 1; i < life.Count; i++)
            Assert.NotEqual(life[i - 1].FactsKnown, life[i].FactsKnown);
    }
}
