using System.Net;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Tests.Features.Reconciliation;

namespace BackOffice.Web.Tests.Features.Approvals;

/// <summary>Above a limit two people accept a difference: one asks, somebody else decides.</summary>
public sealed class ApprovalsTests : IAsyncLifetime
{
    private readonly ReconciledShop _shop = new("USD 500; CNY 10000");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _shop.InitializeAsync();

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Theory]
    [InlineData(FindingKinds.AmountMismatch, "tran_other_amount", null)] // USD 1.00
    [InlineData(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice, "USD 8.99")]
    [InlineData(FindingKinds.PaymentWithoutOrder, ReconciledShop.Orphan, null)] // CNY 36.00
    [InlineData(FindingKinds.CurrencyMismatch, "tran_other_currency", "EUR 8.99")] // a currency without a limit
    public async Task What_is_above_the_limit_waits_for_a_second_person(string kind, string subject, string? above)
    {
        using var finance = _shop.Site.Visitor(Role.Finance, "en");
        var address = await _shop.FindingAsync(kind, subject);
        var asked = await finance.ReadAsync(address + "/acceptance");
        Assert.Equal(above is not null, asked.Contains("is above the limit for one person.", StringComparison.Ordinal));
        Assert.Contains(above is null ? $"Accept the difference of {subject}" : $"{above} is above the limit", asked);
        await AcceptAsync(finance, address);
        Assert.Equal(above is null ? "accepted" : "open", StateOf(subject));
        Assert.Equal(above is null ? 0 : 1, ShopRows.Count(_shop.Site.Shop, "SELECT COUNT(*) FROM Approvals"));
    }

    [Fact]
    public async Task Somebody_else_approves_with_the_same_facts_before_the_eyes()
    {
        using var finance = _shop.Site.Visitor(Role.Finance, "en");
        var address = await _shop.FindingAsync(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice);
        await AcceptAsync(finance, address);
        var waiting = await finance.ReadAsync(address);
        Assert.Contains("Asked: request 1 waits for a second person. The finding stays open until then.", waiting);
        Assert.Contains("finance@example.com asked a second person to accept it:", waiting);
        Assert.DoesNotContain(Html.Links(await finance.GetStringAsync(address, Token)), link => link.EndsWith("/acceptance", StringComparison.Ordinal));

        // Who asked sees why not, and has no button.
        var own = await finance.GetStringAsync("/approvals/1", Token);
        Assert.Contains("You asked for this, so someone else must approve it.", Html.Text(own));
        Assert.DoesNotContain("/approvals/1/approval", own);
        using var forced = await finance.ActAsync("/approvals/1/approval");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, forced.StatusCode);
        Assert.Contains("someone else must decide it. Nothing was done.", Html.Text(await forced.Content.ReadAsStringAsync(Token)));
        Assert.Contains("Nothing waits for my signature.", await finance.ReadAsync("/approvals"));

        using var admin = _shop.Site.Visitor(Role.Admin, "en");
        Assert.Contains("Waits for my signature: 1", await admin.ReadAsync("/"));
        Assert.DoesNotContain("Waits for my signature", await finance.ReadAsync("/"));
        Assert.Equal(["Request 1", "Accept a difference of USD 8.99", "finance@example.com", "2026-11-03 10:00", "Awaiting approval", ""], Html.Rows(await admin.GetStringAsync("/approvals", Token)).Single());
        var page = await admin.ReadAsync("/approvals/1");
        Assert.Contains("finance@example.com asks for a second person: Accept a difference of USD 8.99.", page);
        Assert.Contains("The order was paid 2 times: USD 8.99, USD 8.99 stand.", page);
        Assert.Contains("the customer wanted two", page);
        using var approved = await admin.SubmitAsync("/approvals/1", "/approvals/1/refusal");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, approved.StatusCode); // a refusal needs its reason
        using var done = await admin.ActAsync("/approvals/1/approval");
        Assert.Equal("/approvals/1", done.Headers.Location!.OriginalString);
        Assert.Contains("admin@example.com approved it, and it was done.", await admin.ReadAsync("/approvals/1"));
        Assert.Equal("accepted", StateOf(ReconciledShop.PaidTwice));
        Assert.Contains("Accepted finance@example.com the customer wanted two", await admin.ReadAsync(address));
        Assert.Contains("Approved Request 1 finance@example.com, then admin@example.com", await admin.ReadAsync(address));
        Assert.Equal(
            ["finance@example.com approval.requested the customer wanted two", "admin@example.com finding.accepted the customer wanted two", "admin@example.com approval.approved"],
            Acts());

        using var again = await admin.ActAsync("/approvals/1/approval");
        Assert.Contains("The request is decided already. Nothing was done.", Html.Text(await again.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task Facts_that_changed_since_are_not_approved_blindly()
    {
        using var finance = _shop.Site.Visitor(Role.Finance, "en");
        using var admin = _shop.Site.Visitor(Role.Admin, "en");
        var address = await _shop.FindingAsync(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice);
        await AcceptAsync(finance, address);
        await new Facts().Pay("tran_third", ReconciledShop.PaidTwice, "2026-10-13").ImportAsync(_shop.Site);
        var page = await admin.GetStringAsync("/approvals/1", Token);
        Assert.Contains("The facts changed meanwhile. Nothing was done; look at them as they are now. So it cannot be approved as it was asked for", Html.Text(page));
        Assert.DoesNotContain("/approvals/1/approval", page);
        using var forced = await admin.ActAsync("/approvals/1/approval");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, forced.StatusCode);
        Assert.Equal("open", StateOf(ReconciledShop.PaidTwice));

        using var refused = await admin.SubmitAsync("/approvals/1", "/approvals/1/refusal", ("reason", "look again"));
        Assert.Contains("admin@example.com refused it. Nothing was done.", await finance.ReadAsync("/approvals/1"));
        Assert.Contains("look again", await finance.ReadAsync("/approvals/1"));
        await AcceptAsync(finance, address);
        Assert.Equal(2, ShopRows.Count(_shop.Site.Shop, "SELECT COUNT(*) FROM Approvals"));
    }

    [Fact]
    public async Task Who_asked_takes_it_back_and_nobody_else_does()
    {
        using var finance = _shop.Site.Visitor(Role.Finance, "en");
        using var admin = _shop.Site.Visitor(Role.Admin, "en");
        var address = await _shop.FindingAsync(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice);
        await AcceptAsync(finance, address);
        using var twice = await finance.ActAsync(address + "/acceptance", ("reason", "again"), ("version", "1"), ("facts", FactsOf(ReconciledShop.PaidTwice)));
        Assert.Contains("A second person is asked for this already.", Html.Text(await twice.Content.ReadAsStringAsync(Token)));
        using var others = await admin.ActAsync("/approvals/1/withdrawal", ("reason", "not mine"));
        Assert.Contains("Only who asked can withdraw the request.", Html.Text(await others.Content.ReadAsStringAsync(Token)));
        using var withdrawn = await finance.SubmitAsync("/approvals/1", "/approvals/1/withdrawal", ("reason", "refunded after all"));
        Assert.Contains("finance@example.com took the request back. Nothing was done.", await admin.ReadAsync("/approvals/1"));
        Assert.Equal("open", StateOf(ReconciledShop.PaidTwice));
    }

    [Fact]
    public async Task Support_sees_that_it_waits_and_is_led_nowhere_it_may_not_go()
    {
        using var finance = _shop.Site.Visitor(Role.Finance, "en");
        var address = await _shop.FindingAsync(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice);
        await AcceptAsync(finance, address);
        using var support = _shop.Site.Visitor(Role.Support, "en");
        Assert.Contains("finance@example.com asked a second person to accept it:", await support.ReadAsync(address));
        Assert.DoesNotContain(Html.Links(await support.GetStringAsync(address, Token)), link => link.StartsWith("/approvals", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_decision_asks_for_the_password_again()
    {
        using var finance = _shop.Site.Visitor(Role.Finance, "en");
        await AcceptAsync(finance, await _shop.FindingAsync(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice));
        using var admin = _shop.Site.Visitor(Role.Admin, "en");
        var token = await admin.TokenAsync();
        _shop.Later(ReauthenticateAttribute.Holds);
        using var asked = await admin.GetAsync("/approvals/1", Token);
        Assert.StartsWith("/account/confirm", asked.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var done = await admin.PostFormAsync("/approvals/1/approval", token);
        Assert.StartsWith("/account/confirm", done.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal("open", StateOf(ReconciledShop.PaidTwice));
    }

    [Theory]
    [InlineData("/approvals/99")]
    [InlineData("/approvals/nothing")]
    public async Task What_is_not_there_is_not_found(string address)
    {
        using var answer = await _shop.Site.Visitor().GetAsync(address, Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_quiet_list_says_so()
    {
        Assert.Contains("Nothing waits for a second person.", await _shop.Site.Visitor("en").ReadAsync("/approvals?before=nonsense&after=7"));
        Assert.Contains("没有待复核的事项。", await _shop.Site.Visitor("zh-CN").ReadAsync("/approvals"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void Production_does_not_start_before_somebody_says_where_the_limit_is(string value)
    {
        using var folder = ShopFolder.Empty();
        var failure = Assert.Throws<SettingException>(() => folder.Settings(("Approvals:AcceptAbove", value)).RequireLimits());
        Assert.StartsWith("Setting Approvals:AcceptAbove: it is not set.", failure.Message, StringComparison.Ordinal);
        folder.Settings(("Approvals:AcceptAbove", "off"), ("Approvals:CodesAbove", "100000"), ("Approvals:TokensAbove", "off")).RequireLimits();
    }

    [Fact]
    public void A_limit_that_cannot_be_read_stops_every_start()
    {
        using var folder = ShopFolder.Empty();
        var failure = Assert.Throws<SettingException>(() => folder.Settings(("Approvals:AcceptAbove", "CNY 100.00")));
        Assert.Equal("Setting Approvals:AcceptAbove: 'CNY 100.00' cannot be used. Write a limit in minor units for each currency, like 'CNY 10000; USD 1500', or off.", failure.Message);
    }

    private static async Task AcceptAsync(HttpClient client, string address)
    {
        using var answer = await client.SubmitAsync(address + "/acceptance", address + "/acceptance", ("reason", "the customer wanted two"));
        Assert.Equal(address, answer.Headers.Location?.OriginalString);
    }

    private string StateOf(string subject) => ShopRows.Of(_shop.Site.Shop, $"SELECT State FROM Findings WHERE Subject = '{subject}'").Single();

    private string FactsOf(string subject) =>
        ShopRows.Of(_shop.Site.Shop, $"SELECT e.FactsHash FROM FindingEvents e JOIN Findings f ON f.Id = e.FindingId WHERE f.Subject = '{subject}' AND e.Kind = 'opened'").Single();

    private List<string> Acts() => ShopRows.Of(_shop.Site.Shop, """
        SELECT printf('%04d ', Sequence) || Who || ' ' || Action || COALESCE(' ' || Reason, '') FROM AuditEntries WHERE Action LIKE 'approval.%' OR Action LIKE 'finding.%'
        """).ConvertAll(row => row[5..]);
}
