using System.Globalization;
using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Reconciliation;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Reconciliation;

/// <summary>A shop with one order for each kind of difference in October 2026, reconciled on 3 November: its run is number 1.</summary>
public sealed class ReconciledShop : IAsyncLifetime
{
    public const string Matched = "AC-1111-1111-GOOD";
    public const string PaidTwice = "AC-2222-2222-TWO2";
    public const string Unpaid = "AC-3333-3333-FREE";
    public const string Refunded = "AC-4444-4444-BACK";
    public const string ChargedBack = "AC-5555-5555-BANK";
    public const string Undelivered = "AC-6666-6666-WAIT";
    public const string Revoked = "AC-7777-7777-DEAD";
    public const string DeliveredTwice = "AC-8888-8888-TWN2";
    public const string OtherCurrency = "AC-9999-9999-EUR0";
    public const string OtherAmount = "AC-AAAA-AAAA-LESS";
    public const string OtherQuota = "AC-BBBB-BBBB-MRE0";
    public const string PartRefunded = "AC-CCCC-CCCC-PART";
    public const string OddStatus = "AC-DDDD-DDDD-0DD0";
    public const string Conflicting = "AC-EEEE-EEEE-SAYS";
    public const string SharesOne = "AC-FFFF-FFFF-SAM1";
    public const string SharesOther = "AC-GGGG-GGGG-SAM2";
    public const string Settled = "AC-HHHH-HHHH-D0NE";
    public const string Orphan = "tran_without_order";
    public const string SharedSecret = "sk-shared-secret-of-two-orders-9QXT";

    private const string Day = "2026-10-12";

    private readonly ShiftedClock _clock = new(new DateTime(2026, 11, 3, 2, 0, 0, DateTimeKind.Utc));

    public ReconciledShop() : this("off")
    {
    }

    /// <summary>One in which two people accept what is above an amount.</summary>
    internal ReconciledShop(string acceptAbove) => Site = new Site { Clock = _clock, AcceptAbove = acceptAbove };

    public Site Site { get; }

    /// <summary>It is ten in the morning of a day on the shop's clock.</summary>
    public void ItIs(string day) => _clock.MoveTo(DateTime.Parse(day + "T02:00:00Z", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal));

    /// <summary>Time goes by.</summary>
    public void Later(TimeSpan time) => _clock.MoveTo(_clock.GetUtcNow().UtcDateTime + time);

    public async ValueTask InitializeAsync()
    {
        await new Facts()
            .Order(Matched, Day).Pay("tran_matched", Matched, Day, paid: 959, tax: 60).Deliver(Matched, Day, "sk-matched-matched-2HVD")
            .Order(PaidTwice, Day).Pay("tran_first", PaidTwice, Day).Pay("tran_second", PaidTwice, Day, time: "14:31:02").Deliver(PaidTwice, Day, "sk-paid-twice-AAAA")
            .Order(Unpaid, Day).Deliver(Unpaid, Day, "sk-not-paid-at-all-BBBB")
            .Order(Refunded, Day).Pay("tran_refunded", Refunded, Day, "refunded", refunded: 899).Deliver(Refunded, Day, "sk-refunded-CCCC")
            .Order(ChargedBack, Day).Pay("tran_charged_back", ChargedBack, Day, "chargeback").Deliver(ChargedBack, Day, "sk-charged-back-DDDD")
            .Order(Undelivered, Day).Pay("tran_undelivered", Undelivered, Day)
            .Order(Revoked, Day).Pay("tran_revoked", Revoked, Day).Deliver(Revoked, Day, "sk-revoked-EEEE", revoked: "2026-10-14")
            .Order(DeliveredTwice, Day).Pay("tran_delivered_twice", DeliveredTwice, Day).Deliver(DeliveredTwice, Day, "sk-one-of-two-FFFF").Deliver(DeliveredTwice, "2026-10-13", "sk-two-of-two-GGGG")
            .Pay(Orphan, null, Day, paid: 3600, currency: "CNY")
            .Order(OtherCurrency, Day).Pay("tran_other_currency", OtherCurrency, Day, currency: "EUR").Deliver(OtherCurrency, Day, "sk-other-currency-HHHH")
            .Order(OtherAmount, Day).Pay("tran_other_amount", OtherAmount, Day, paid: 799).Deliver(OtherAmount, Day, "sk-other-amount-JJJJ")
            .Order(OtherQuota, Day).Pay("tran_other_quota", OtherQuota, Day).Deliver(OtherQuota, Day, "sk-other-quota-KKKK", tokens: 9_000_000)
            .Order(PartRefunded, Day).Pay("tran_part_refunded", PartRefunded, Day, "partially_refunded", refunded: 300).Deliver(PartRefunded, Day, "sk-part-refunded-MMMM")
            .Order(OddStatus, Day).Pay("tran_odd_status", OddStatus, Day, "on_hold")
            .Order(Conflicting, Day).Pay("tran_conflicting", Conflicting, Day).Pay("tran_conflicting", Conflicting, Day, paid: 1899).Deliver(Conflicting, Day, "sk-conflicting-NNNN")
            .Order(SharesOne, Day).Pay("tran_shares_one", SharesOne, Day).Deliver(SharesOne, Day, SharedSecret)
            .Order(SharesOther, Day).Pay("tran_shares_other", SharesOther, Day).Deliver(SharesOther, Day, SharedSecret)
            .Order(Settled, Day).Pay("tran_settled", Settled, Day, "refunded", refunded: 899).Deliver(Settled, Day, "sk-settled-PPPP", revoked: "2026-10-15")
            .ImportAsync(Site);
        await RunAsync("2026-10-01", "2026-10-31");
    }

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    /// <summary>A run over days, both included, made to its end and then once more, as a job may be.</summary>
    public async Task<RunRow> RunAsync(string from, string last, DateTime? asOf = null, DateTime? knownAsOf = null)
    {
        var token = TestContext.Current.CancellationToken;
        var run = await Site.Services.GetRequiredService<RunDesk>().AddAsync(DateOnly.Parse(from, CultureInfo.InvariantCulture), DateOnly.Parse(last, CultureInfo.InvariantCulture).AddDays(1), asOf, knownAsOf, "mara@example.com", token);
        await RunTwiceAsync(run.Id);
        return await Site.Services.GetRequiredService<RunQueries>().GetAsync(run.Id, token);
    }

    public async Task RunTwiceAsync(Guid id)
    {
        for (var i = 0; i < 2; i++)
            await Site.Services.GetRequiredService<ReconcileJob>().RunAsync(id, TestContext.Current.CancellationToken);
    }

    /// <summary>The address of the finding of a kind about an order or transaction.</summary>
    public async Task<string> FindingAsync(string kind, string subject)
    {
        var filter = new FindingFilter { Kind = kind };
        var page = await Site.Services.GetRequiredService<FindingQueries>().ListAsync(filter, null, 1000, TestContext.Current.CancellationToken);
        return $"/findings/{page.Rows.Single(finding => finding.Subject == subject).Id:N}";
    }
}
