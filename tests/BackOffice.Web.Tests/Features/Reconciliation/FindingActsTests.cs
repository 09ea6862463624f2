using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;
using BackOffice.Web.Security;

namespace BackOffice.Web.Tests.Features.Reconciliation;

/// <summary>People work on findings: each test works on one of its own.</summary>
public sealed partial class FindingActsTests(ReconciledShop shop) : IClassFixture<ReconciledShop>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_finding_is_given_to_somebody_and_to_nobody()
    {
        using var finance = shop.Site.Visitor(Role.Finance, "en");
        var address = await shop.FindingAsync(FindingKinds.WrongQuota, ReconciledShop.OtherQuota);
        Assert.Contains("Assignee: nobody", await finance.ReadAsync(address));
        var me = Me(Role.Finance);
        using var given = await finance.SubmitAsync(address, address + "/assignee", ("assignee", me));
        Assert.Equal(address, given.Headers.Location!.OriginalString);
        var page = await finance.ReadAsync(address);
        Assert.Contains($"Assigned to {me}.", page);
        Assert.Contains($"Assignee: {me}", page);
        Assert.Contains($"Assigned to {me} {me}", page);

        Assert.Equal([ReconciledShop.OtherQuota], Subjects(await finance.GetStringAsync("/findings?assignee=mine", Token)));
        using var admin = shop.Site.Visitor(Role.Admin, "en");
        Assert.DoesNotContain(ReconciledShop.OtherQuota, Subjects(await admin.GetStringAsync("/findings?assignee=mine", Token)));
        var nobodys = await admin.GetStringAsync("/findings?assignee=nobody", Token);
        Assert.DoesNotContain(ReconciledShop.OtherQuota, Subjects(nobodys));
        Assert.Equal("/findings", Html.Link(nobodys, "Assigned to nobody"));
        Assert.Equal(me, Html.Rows(await admin.GetStringAsync("/findings?kind=wrong_quota", Token)).Single()[7]);

        using var back = await admin.SubmitAsync(address, address + "/assignee", ("assignee", ""));
        Assert.Contains("Assigned to nobody.", await admin.ReadAsync(address));
        Assert.Equal([$"{me} finding.assigned", $"{Me(Role.Admin)} finding.assigned"], Acts(address));
    }

    [Theory]
    [InlineData("nobody@example.com")]
    [InlineData("<b>not an address</b>")]
    public async Task It_is_given_to_nobody_who_may_not_work_on_it(string assignee)
    {
        using var finance = shop.Site.Visitor(Role.Finance, "en");
        var address = await shop.FindingAsync(FindingKinds.DuplicateDelivery, ReconciledShop.DeliveredTwice);
        using var refused = await finance.SubmitAsync(address, address + "/assignee", ("assignee", assignee));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("may not work on findings, or no longer. Choose somebody in the list.", Html.Text(await refused.Content.ReadAsStringAsync(Token)));
        using var support = await finance.SubmitAsync(address, address + "/assignee", ("assignee", (await shop.Site.AddPersonAsync(Role.Support)).Email));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, support.StatusCode);
        Assert.Empty(Acts(address));
    }

    [Fact]
    public async Task A_comment_is_read_by_everybody_and_shown_as_it_was_written()
    {
        using var finance = shop.Site.Visitor(Role.Finance, "en");
        var address = await shop.FindingAsync(FindingKinds.UnknownStatus, "tran_odd_status");
        using var added = await finance.SubmitAsync(address, address + "/comments", ("comment", "  asked Creem\r\n<script>alert(1)</script>  "));
        Assert.Equal(address, added.Headers.Location!.OriginalString);
        using var support = shop.Site.Visitor(Role.Support, "en");
        var page = await support.GetStringAsync(address, Token);
        Assert.Contains("<div class=\"said\">asked Creem&#xA;&lt;script&gt;alert(1)&lt;/script&gt;</div>", page);
        Assert.Contains("Working on a finding needs the role finance or admin.", Html.Text(page));
        Assert.DoesNotContain(Html.Links(page), link => link.EndsWith("/acceptance", StringComparison.Ordinal));
        Assert.DoesNotContain("/comments", page);
        Assert.Equal([$"{Me(Role.Finance)} finding.commented asked Creem\n<script>alert(1)</script>"], Acts(address));
    }

    [Theory]
    [InlineData("", "Comment: nothing is given, or more than 1000 characters.")]
    [InlineData("long", "Comment: nothing is given, or more than 1000 characters.")]
    public async Task A_comment_that_cannot_be_kept_is_refused_with_what_was_typed(string comment, string sentence)
    {
        var typed = comment == "long" ? new string('x', 1001) : comment;
        using var finance = shop.Site.Visitor(Role.Finance, "en");
        var address = await shop.FindingAsync(FindingKinds.CurrencyMismatch, "tran_other_currency");
        using var refused = await finance.SubmitAsync(address, address + "/comments", ("comment", typed));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var page = await refused.Content.ReadAsStringAsync(Token);
        Assert.Contains(sentence, Html.Text(page));
        Assert.Contains($"{typed}</textarea>", page);
        Assert.Empty(Acts(address));
    }

    [Fact]
    public async Task A_difference_is_accepted_with_a_reason_and_leaves_the_open_list()
    {
        using var finance = shop.Site.Visitor(Role.Finance, "en");
        var address = await shop.FindingAsync(FindingKinds.AmountMismatch, "tran_other_amount");
        var asked = await finance.ReadAsync(address + "/acceptance");
        Assert.Contains("Accept: Amount differs", asked);
        Assert.Contains("The difference is written off and leaves the open list. It comes back only when these facts change.", asked);
        Assert.Contains("USD 7.99 was paid where USD 8.99 was due: USD −1.00.", asked);
        using var silent = await finance.SubmitAsync(address + "/acceptance", address + "/acceptance", ("reason", " "));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, silent.StatusCode);
        Assert.Contains("Reason: it is missing", Html.Text(await silent.Content.ReadAsStringAsync(Token)));

        using var accepted = await finance.SubmitAsync(address + "/acceptance", address + "/acceptance", ("reason", "a dollar is not worth it"));
        Assert.Equal(address, accepted.Headers.Location!.OriginalString);
        var page = await finance.ReadAsync(address);
        Assert.Contains("Accepted: the difference is written off until its facts change.", page);
        Assert.Contains($"Accepted {Me(Role.Finance)} a dollar is not worth it", page);
        Assert.DoesNotContain("tran_other_amount", Subjects(await finance.GetStringAsync("/findings", Token)));
        Assert.Equal(["tran_other_amount"], Subjects(await finance.GetStringAsync("/findings?state=accepted", Token)));
        Assert.Equal([$"{Me(Role.Finance)} finding.accepted a dollar is not worth it"], Acts(address));

        using var audit = shop.Site.Visitor(Role.Admin, "en");
        var trail = await audit.GetStringAsync("/audit?subject=finding:" + address[10..], Token);
        Assert.Contains("Difference accepted", Html.Text(trail));
        var entry = await audit.GetStringAsync(Html.Links(trail).First(link => AuditEntry().IsMatch(link)), Token);
        Assert.Contains(address, Html.Links(entry));
        Assert.Contains("State open accepted", Html.Text(entry));
        Assert.Contains("USD 7.99", Html.Text(entry));

        using var reopened = await finance.SubmitAsync(address + "/reopening", address + "/reopening", ("reason", "it is worth it"));
        Assert.Contains("tran_other_amount", Subjects(await finance.GetStringAsync("/findings", Token)));
        Assert.Contains($"Opened again {Me(Role.Finance)} it is worth it", await finance.ReadAsync(address));
    }

    [Fact]
    public async Task Who_comes_second_is_told_what_the_first_one_did_and_keeps_what_was_typed()
    {
        using var finance = shop.Site.Visitor(Role.Finance, "en");
        using var admin = shop.Site.Visitor(Role.Admin, "en");
        var address = await shop.FindingAsync(FindingKinds.RevokedButPaid, ReconciledShop.Revoked);
        var version = ShopRows.Count(shop.Site.Shop, $"SELECT Version FROM Findings WHERE Subject = '{ReconciledShop.Revoked}'").ToString(CultureInfo.InvariantCulture);
        using var first = await admin.SubmitAsync(address + "/resolution", address + "/resolution", ("reason", "refunded by hand"));
        Assert.Equal(address, first.Headers.Location!.OriginalString);
        using var second = await finance.ActAsync(address + "/resolution", ("reason", "delivered again"), ("version", version));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, second.StatusCode);
        Assert.Contains("The finding is not open any more.", Html.Text(await second.Content.ReadAsStringAsync(Token)));

        using var reopened = await finance.ActAsync(address + "/reopening", ("reason", "it is <not> settled"), ("version", version));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, reopened.StatusCode);
        var page = await reopened.Content.ReadAsStringAsync(Token);
        Assert.Contains($"Changed meanwhile: Resolved, by {Me(Role.Admin)}. Nothing was done; look at it as it is now.", Html.Text(page));
        Assert.Contains("value=\"it is &lt;not&gt; settled\"", page);
        Assert.Equal([$"{Me(Role.Admin)} finding.resolved refunded by hand"], Acts(address));
    }

    [Fact]
    public async Task Facts_that_changed_since_they_were_looked_at_are_not_accepted()
    {
        await using var other = new ReconciledShop();
        await other.InitializeAsync();
        using var finance = other.Site.Visitor(Role.Finance, "en");
        var address = await other.FindingAsync(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice);
        await new Facts().Pay("tran_third", ReconciledShop.PaidTwice, "2026-10-13").ImportAsync(other.Site);
        var stale = new string('0', 32);
        using var refused = await finance.SubmitAsync(address + "/acceptance", address + "/acceptance", ("reason", "known"), ("facts", stale));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var page = await refused.Content.ReadAsStringAsync(Token);
        Assert.Contains("The facts changed meanwhile. Nothing was done; look at them as they are now.", Html.Text(page));
        Assert.Contains("The order was paid 3 times", Html.Text(page));
        Assert.DoesNotContain($"value=\"{stale}\"", page);

        await new Facts().Deliver(ReconciledShop.Undelivered, "2026-11-02", "sk-delivered-after-all-QQQQ").ImportAsync(other.Site);
        var gone = await other.FindingAsync(FindingKinds.PaidNotDelivered, ReconciledShop.Undelivered);
        Assert.DoesNotContain(Html.Links(await finance.GetStringAsync(gone, Token)), link => link.EndsWith("/acceptance", StringComparison.Ordinal));
        Assert.DoesNotContain("name=\"reason\"", await finance.GetStringAsync(gone + "/resolution", Token));
        using var late = await finance.ActAsync(gone + "/resolution", ("reason", "delivered"), ("version", "1"));
        Assert.Contains("What is known by now no longer shows the finding; the next run resolves it by itself.", Html.Text(await late.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task Accepting_asks_for_the_password_again()
    {
        await using var other = new ReconciledShop();
        await other.InitializeAsync();
        using var finance = other.Site.Visitor(Role.Finance, "en");
        var address = await other.FindingAsync(FindingKinds.WrongQuota, ReconciledShop.OtherQuota);
        var token = await finance.TokenAsync();
        other.Later(ReauthenticateAttribute.Holds);
        using var asked = await finance.GetAsync(address + "/acceptance", Token);
        Assert.StartsWith("/account/confirm", asked.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var done = await finance.PostFormAsync(address + "/acceptance", token, ("reason", "small"), ("version", "1"));
        Assert.StartsWith("/account/confirm", done.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(16, ShopRows.Count(other.Site.Shop, "SELECT COUNT(*) FROM Findings WHERE State = 'open'"));
    }

    [Fact]
    public async Task What_is_late_says_so()
    {
        await using var other = new ReconciledShop();
        await other.InitializeAsync();
        other.ItIs("2026-11-05");
        Assert.Empty(await OverdueAsync(Role.Support));
        other.ItIs("2026-11-06");
        Assert.Equal(["P1"], (await OverdueAsync(Role.Finance)).Distinct());
        other.ItIs("2026-12-04");
        Assert.Equal(16, (await OverdueAsync(Role.Admin)).Count);
        using var visitor = other.Site.Visitor(Role.Admin, "en");
        var page = await visitor.ReadAsync(await other.FindingAsync(FindingKinds.UnknownStatus, "tran_odd_status"));
        Assert.Contains("Due: 3 Dec 2026", page);
        Assert.Contains("Overdue", page);

        async Task<List<string>> OverdueAsync(Role role)
        {
            using var reader = other.Site.Visitor(role, "en");
            return [.. Html.Rows(await reader.GetStringAsync("/findings", Token)).Where(cells => cells[6].Contains("Overdue", StringComparison.Ordinal)).Select(cells => cells[0])];
        }
    }

    [Theory]
    [InlineData("acceptance")]
    [InlineData("resolution")]
    [InlineData("reopening")]
    public async Task What_is_not_there_is_not_found(string act)
    {
        using var finance = shop.Site.Visitor(Role.Finance, "en");
        var address = "/findings/00000000000000000000000000000001/" + act;
        using var page = await finance.GetAsync(address, Token);
        using var done = await finance.ActAsync(address, ("reason", "none"), ("version", "1"));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (page.StatusCode, done.StatusCode));
    }

    private static List<string> Subjects(string page) => [.. Html.Rows(page).Select(cells => cells[2])];

    private static string Me(Role role) => $"{role.Word()}@example.com";

    private List<string> Acts(string address) =>
        ShopRows.Of(shop.Site.Shop, $"SELECT printf('%04d ', Sequence) || Who || ' ' || Action || COALESCE(' ' || Reason, '') FROM AuditEntries WHERE Subject = 'finding:{address[10..]}'").ConvertAll(row => row[5..]);

    [GeneratedRegex(@"^/audit/\d+$")]
    private static partial Regex AuditEntry();
}
