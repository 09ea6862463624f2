using BackOffice.Domain;
using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Demo;

namespace BackOffice.Web.Tests.Demo;

public sealed class DemoFactsTests
{
    private static readonly DateOnly Today = new(2026, 11, 23);
    private static readonly BusinessTime Shanghai = In("Asia/Shanghai");

    private static readonly DemoPackage[] Packages =
    [
        new("trial", 5_000_000, 2200, new DemoPrices(299, 349, 30)),
        new("professional", 38_000_000, 13700, new DemoPrices(1899, 2199, 15)),
    ];

    /// <summary>What only codes from batches, webhooks and pulls from the API can show.</summary>
    private static readonly string[] NotYet = [FindingKinds.RedeemedUnexpectedly, FindingKinds.VoidedCodeDelivered, FindingKinds.ProviderRecordMissing, FindingKinds.WebhookMissing];

    [Fact]
    public void One_seed_makes_one_shop()
    {
        Assert.Equal(Text(Make(7)), Text(Make(7)));
        Assert.NotEqual(Text(Make(7)), Text(Make(8)));
        Assert.NotEqual(Text(Make(7)), Text(DemoFacts.Make(Today.AddDays(1), 400, 7, Packages, "prod", Shanghai)));
    }

    [Fact]
    public void Every_kind_that_facts_can_show_is_planted_more_than_once_and_spread()
    {
        var facts = DemoFacts.Make(Today, 3000, 1, Packages, "prod", Shanghai);
        var kinds = facts.Planted.CountBy(finding => finding.Kind).ToDictionary();
        Assert.Equal(FindingKinds.InOrder.Except(NotYet).Order(StringComparer.Ordinal), kinds.Keys.Order(StringComparer.Ordinal));
        Assert.All(kinds.Values, planted => Assert.True(planted > 2));
        var firstOrders = facts.Orders.Take(1000).Select(order => order.OrderNo).ToHashSet();
        var lastOrders = facts.Orders.TakeLast(1000).Select(order => order.OrderNo).ToHashSet();
        Assert.InRange(facts.Planted.Count(finding => firstOrders.Contains(finding.Subject)), 8, 30);
        Assert.InRange(facts.Planted.Count(finding => lastOrders.Contains(finding.Subject)), 8, 30);
    }

    [Theory]
    [InlineData("Asia/Shanghai", "2026-11-23")]
    [InlineData("Asia/Shanghai", "2028-05-31")]
    [InlineData("Europe/Berlin", "2026-03-30")]
    [InlineData("Europe/Berlin", "2026-10-26")]
    [InlineData("America/New_York", "2026-06-01")]
    public void All_of_it_happens_in_its_months(string zone, string day)
    {
        var today = DateOnly.ParseExact(day, "yyyy-MM-dd", null);
        var (start, end) = (In(zone).StartOf(today.AddMonths(-3)), In(zone).StartOf(today));
        for (var seed = 0; seed < 10; seed++)
        {
            var facts = DemoFacts.Make(today, 300, seed, Packages, "prod", In(zone));
            Assert.Equal(300, facts.Orders.Select(order => order.OrderNo).Distinct().Count());
            Assert.All(facts.Orders, order => Assert.InRange(order.CreatedAt, start, end));
            Assert.All(facts.Transactions, transaction => Assert.InRange(transaction.CreatedAt, start, end.AddTicks(-1)));
            Assert.All(facts.Deliveries, delivery => Assert.InRange(delivery.DeliveredAt, start, end.AddTicks(-1)));
            Assert.All(facts.Deliveries, delivery => Assert.True(delivery.RevokedAt is null || (delivery.RevokedAt > delivery.DeliveredAt && delivery.RevokedAt < end)));
        }
    }

    [Fact]
    public void Its_orders_look_like_those_of_a_shop()
    {
        var facts = DemoFacts.Make(Today, 3000, 1, Packages, "prod", Shanghai);
        var hours = facts.Orders.CountBy(order => Shanghai.ToLocal(order.CreatedAt).Hour).ToDictionary();
        Assert.True(hours[21] > 5 * hours.GetValueOrDefault(4));
        Assert.InRange(facts.Orders.Count(order => order.Units == 1), 2500, 2900);
        Assert.InRange(facts.Deliveries.Count(delivery => delivery.Kind == DeliveryKinds.RedemptionCode), 200, 600);
        Assert.Contains(facts.Orders, order => order is { TaxInclusive: true, Charge.Currency: "EUR" });
        Assert.Contains(facts.Orders, order => order is { TaxInclusive: false, Charge.Currency: "USD" });
        Assert.All(facts.Orders, order => Assert.True(PublicCode.IsWhole(PublicCode.Clean(order.OrderNo).AsSpan(2))));
        Assert.InRange(facts.Orders.Count(order => order.CreemOrderId is null), 200, 500); // abandoned checkouts, mostly
        Assert.Contains(facts.Transactions, transaction => transaction.Status == "declined");
    }

    private static DemoFacts Make(long seed) => DemoFacts.Make(Today, 400, seed, Packages, "prod", Shanghai);

    private static BusinessTime In(string zone) => new(TimeZoneInfo.FindSystemTimeZoneById(zone));

    // A delivery says nothing of its secret by itself.
    private static string Text(DemoFacts facts) =>
        string.Join('\n', [.. facts.Orders, .. facts.Transactions.Select(one => one with { PayloadHash = [] }), .. facts.Deliveries.Select(one => one.Secret + one.RevokedAt), .. facts.Planted]);
}
