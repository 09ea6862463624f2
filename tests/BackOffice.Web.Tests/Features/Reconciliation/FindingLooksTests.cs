using BackOffice.Data.Approvals;
using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Reconciliation;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Reconciliation;

public sealed class FindingLooksTests(Browser browser)
{
    private const string Order = "AC-LOOK-AT-ME2-TWO2";
    private const string Undelivered = "AC-LOOK-AT-ME3-WAIT";

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task Findings_and_approvals_stand_in_every_width_theme_and_language(int width, string theme, string language)
    {
        var (asked, open, accepted, requests) = await SeedAsync();
        string[] paths =
        [
            "/findings?state=any", asked, asked + "/resolution", asked + "/acceptance", open + "/acceptance", accepted, accepted + "/reopening",
            "/approvals", $"/approvals/{requests[0]}", $"/approvals/{requests[^1]}",
        ];
        foreach (var path in paths)
            await browser.LooksWellAsync(path, width, theme, language);
    }

    private T Get<T>() where T : notnull => browser.Site.Services.GetRequiredService<T>();

    // One that waits for a second person, one with which nothing was done, one that was accepted; with words as long as anybody makes them.
    private async Task<(string Asked, string Open, string Accepted, IReadOnlyList<long> Requests)> SeedAsync()
    {
        var token = TestContext.Current.CancellationToken;
        if (await Get<FindingQueries>().ListAsync(new FindingFilter { Text = Order }, null, 10, token) is { Rows.Count: 0 })
            await MakeAsync(token);
        var rows = (await Get<FindingQueries>().ListAsync(new FindingFilter { Text = Order }, null, 10, token)).Rows.ToList();
        var requests = (await Get<ApprovalQueries>().ListAsync(null, 10, token)).Rows.Select(row => row.Number).Order().ToList();
        rows.AddRange((await Get<FindingQueries>().ListAsync(new FindingFilter { Text = Undelivered }, null, 10, token)).Rows);
        return (Of("duplicate_payment"), Of("paid_not_delivered"), Of("wrong_quota"), requests);

        string Of(string kind) => $"/findings/{rows.Single(row => row.Kind == kind).Id:N}";
    }

    private async Task MakeAsync(CancellationToken token)
    {
        var day = browser.Site.Now.AddDays(-3).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        await new Facts().Order(Order, day).Pay("tran_looks_first", Order, day).Pay("tran_looks_second", Order, day, time: "14:31:02")
            .Deliver(Order, day, "sk-looks-well-RRRR", tokens: 9_000_000)
            .Order(Undelivered, day).Pay("tran_looks_undelivered", Undelivered, day).ImportAsync(browser.Site);
        var today = DateOnly.FromDateTime(browser.Site.Now.AddDays(1));
        var run = await Get<RunDesk>().AddAsync(today.AddDays(-9), today, null, null, "mara@example.com", token);
        await Get<ReconcileJob>().RunToEndAsync(run.Id, token);
        var rows = (await Get<FindingQueries>().ListAsync(new FindingFilter { Text = Order }, null, 10, token)).Rows;
        var (desk, acts, approvals) = (Get<FindingDesk>(), Get<FindingActStore>(), Get<ApprovalStore>());
        var (open, accepted) = (rows.Single(row => row.Kind == "duplicate_payment"), rows.Single(row => row.Kind == "wrong_quota"));
        browser.Site.Cookie(Domain.Access.Role.Admin); // so that this person is there
        await acts.AssignAsync(new FindingAct(open.Id, 1, "mara@example.com"), "admin@example.com", token);
        await acts.CommentAsync(new FindingAct(open.Id, 1, new string('w', 60) + "@example.com", "asked the customer\n" + new string('x', 200) + "\n请客户确认"), token);
        await acts.AcceptAsync(new FindingAct(accepted.Id, 1, "mara@example.com", "the console gave more than it should"), (await desk.ReadAsync(accepted, token)).Line!, token);
        foreach (var (kind, by) in new[] { (FindingAcceptance.Word, "mara@example.com"), ("an_act_of_tomorrow", "admin@example.com") })
        {
            var payload = System.Text.Json.JsonSerializer.Serialize(new AcceptancePayload(FindingDesk.HashOf((await desk.ReadAsync(open, token)).Line!), 179_800, "USD"));
            await approvals.RequestAsync(new NewApproval(kind, open.Id.ToString("N"), payload, "the customer wanted two", by, new { Act = kind }), token);
        }
        var refused = await approvals.RequestAsync(new NewApproval(FindingAcceptance.Word, accepted.Id.ToString("N"), """{"FactsHash":"","AmountMinor":100,"Currency":"CNY"}""", "small", "mara@example.com", new { Act = FindingAcceptance.Word }), token);
        await approvals.RefuseAsync(new Decision(refused, "ilya@example.com", "not so small"), token: token);
    }
}
