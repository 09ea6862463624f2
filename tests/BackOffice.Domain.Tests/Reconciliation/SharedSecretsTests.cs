using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;
using static BackOffice.Domain.Tests.Reconciliation.Shop;

namespace BackOffice.Domain.Tests.Reconciliation;

public class SharedSecretsTests
{
    private static readonly RunParameters Tenth = Month with { From = On(10, 0), Until = On(11, 0) };

    private static Shop Three => Paid(Paid(Paid(new Shop(), 1), 2), 3);

    private static Shop Paid(Shop shop, int number) =>
        shop.Order($"AC-{number}", $"ord_{number}", createdAt: On(2)).Transaction(id: $"tran_{number}", creem: $"ord_{number}", createdAt: On(2));

    [Fact]
    public void A_secret_live_on_two_orders_is_found_on_each()
    {
        var outcome = Three.Delivery("AC-1", secret: "sk-a").Delivery("AC-2", secret: "sk-a").Delivery("AC-3", secret: "sk-b").Reconcile(Month);

        Assert.Equal(["secret_delivered_twice AC-1", "secret_delivered_twice AC-2"], outcome.Findings);
    }

    [Fact]
    public void Twice_on_one_order_is_a_duplicate_and_no_shared_secret() =>
        Assert.Equal(["duplicate_delivery AC-1"], Paid(new Shop(), 1).Delivery(secret: "sk-a").Delivery(secret: "sk-a").Reconcile(Month).Findings);

    [Fact]
    public void A_key_and_a_code_of_the_same_text_are_two_secrets() =>
        Assert.Empty(Paid(Paid(new Shop(), 1), 2).Delivery(secret: "a").Delivery("AC-2", secret: "a", kind: DeliveryKinds.RedemptionCode).Reconcile(Month).Findings);

    [Fact]
    public void Only_live_deliveries_that_are_known_share()
    {
        Shop Two() => Paid(Paid(new Shop(), 1), 2).Delivery(secret: "sk-a");
        string[] Of(Shop shop) => [.. shop.Reconcile(Month).Findings.Where(finding => finding.StartsWith("secret", StringComparison.Ordinal))];

        Assert.Empty(Of(Two().Delivery("AC-2", secret: "sk-a", revokedAt: On(12))));
        Assert.Empty(Of(Two().Delivery("AC-2", secret: "sk-a", at: November)));
        Assert.Empty(Of(Two().Delivery("AC-2", secret: "sk-a", recordedAt: Month.KnownAsOf.AddMilliseconds(1))));
        Assert.Equal(2, Of(Two().Delivery("AC-2", secret: "sk-a", revokedAt: November)).Length);
        Assert.Equal(2, Of(Two().Delivery("AC-2", secret: "sk-a", revokedAt: On(12), revocationRecordedAt: Month.KnownAsOf.AddMilliseconds(1))).Length);
    }

    [Fact]
    public void Partners_of_an_order_in_scope_are_judged_for_this_kind_alone()
    {
        var outcome = Three.Delivery("AC-1", secret: "sk-a").Delivery("AC-2", secret: "sk-a", at: On(3), tokens: 1).Delivery("AC-3", secret: "sk-a", at: On(3)).Reconcile(Tenth);

        Assert.Equal(["secret_delivered_twice AC-1", "secret_delivered_twice AC-2", "secret_delivered_twice AC-3"], outcome.Findings);
        Assert.Equal(1, outcome.Run.OrdersJudged);
    }

    [Fact]
    public void A_partners_other_partners_stay_out_of_scope()
    {
        var shop = Three.Delivery("AC-1", secret: "sk-a").Delivery("AC-2", secret: "sk-a", at: On(3)).Delivery("AC-2", secret: "sk-b", at: On(3)).Delivery("AC-3", secret: "sk-b", at: On(3));

        Assert.Equal(["secret_delivered_twice AC-1", "secret_delivered_twice AC-2"], shop.Reconcile(Tenth).Findings);
    }

    [Fact]
    public void Without_a_member_in_scope_nothing_is_found() =>
        Assert.Empty(Three.Delivery("AC-1", secret: "sk-a", at: On(3)).Delivery("AC-2", secret: "sk-a", at: On(3)).Reconcile(Tenth).Findings);

    [Fact]
    public void A_partner_has_the_same_facts_whether_in_scope_itself_or_not()
    {
        var shop = Paid(Paid(new Shop(), 1), 2).Delivery("AC-1", secret: "sk-a").Delivery("AC-2", secret: "sk-a", at: On(3));

        Assert.Equal(shop.Reconcile(Month).Lines.Select(line => line.FactsHash), shop.Reconcile(Tenth).Lines.Select(line => line.FactsHash));
    }

    [Fact]
    public void An_order_that_shares_nothing_is_no_partner()
    {
        var order = new OrderFacts { OrderNo = "AC-1", Package = "trial", Tokens = 1, ChargeCurrency = "USD", ChargeMinor = 1, TaxInclusive = true, CreatedAt = On(1), RecordedAt = On(1) };

        Assert.Throws<ArgumentException>(() => new Reconciler(Month, new SharedSecrets(Month)).JudgePartner(new OrderCase { Order = order }));
    }
}
