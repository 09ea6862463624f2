using BackOffice.Domain.Access;
using BackOffice.Web.Tests.Features.Reconciliation;
using ClosedXML.Excel;

namespace BackOffice.Web.Tests.Days;

/// <summary>Finance brings in the files of October, reconciles it and settles what differs; what is above the limit a colleague signs.</summary>
public sealed class FinanceDayTests(Browser browser) : IAsyncLifetime
{
    private const string Cheap = "AC-AAAA-AAAA-LESS";
    private const string Twice = "AC-2222-2222-TWO2";
    private const string Comment = "Creem's support was asked.";
    private const string Small = "A dollar is not worth the asking.";
    private const string Wanted = "The customer wanted two.";

    private static readonly Facts October = new Facts()
        .Order("AC-1111-1111-GOOD", "2026-10-12").Pay("tran_matched", "AC-1111-1111-GOOD", "2026-10-12").Deliver("AC-1111-1111-GOOD", "2026-10-12", "sk-matched-2HVD")
        .Order(Cheap, "2026-10-13").Pay("tran_cheap", Cheap, "2026-10-13", paid: 799).Deliver(Cheap, "2026-10-13", "sk-cheap-JJJJ")
        .Order(Twice, "2026-10-14").Pay("tran_first", Twice, "2026-10-14").Pay("tran_second", Twice, "2026-10-14", time: "14:31:02")
        .Deliver(Twice, "2026-10-14", "sk-twice-AAAA");

    private Site _site = null!;

    public ValueTask InitializeAsync()
    {
        _site = new Site { Clock = new ShiftedClock(new DateTime(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc)), AcceptAbove = "USD 500", Works = true }.OnPort();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task Finance_reconciles_a_month_and_a_colleague_signs_what_is_above_the_limit()
    {
        await using var desk = await Desk.OpenAsync(browser, _site, await _site.AddPersonAsync(Role.Finance));
        var (page, me) = (desk.Page, desk.Person.Email);
        await desk.SignInAsync();
        await desk.ShowsAsync("Home");
        foreach (var (kind, content) in October.Files())
            await ImportAsync(desk, kind, content);

        await desk.GoAsync("Runs");
        await desk.FollowAsync("New run");
        await desk.FollowAsync("Last month");
        await desk.PressAsync("Start the run");
        await desk.ReadsAsync("Balanced: the bridge explains every payment. Findings: 2");
        var run = page.Url.Split('/')[^1];

        await desk.FollowAsync("All 2 findings of this run");
        await desk.FollowAsync("Amount differs");
        var cheap = page.Url.Split('/')[^1];
        await desk.ChooseAsync("Assignee", $"{me.Split('@')[0]} ({me})");
        await desk.PressAsync("Assign");
        await desk.ReadsAsync($"Assigned to {me}.");
        await desk.WriteAsync("Comment", Comment);
        await desk.PressAsync("Add comment");
        await desk.ReadsAsync("The comment is in the history.");
        await AcceptAsync(desk, Small, "Accept the difference of tran_cheap");
        await desk.ReadsAsync("Accepted: the difference is written off until its facts change.");

        await desk.GoAsync("Findings");
        await desk.FollowAsync("Duplicate payment");
        var twice = page.Url.Split('/')[^1];
        await AcceptAsync(desk, Wanted, $"Ask a second person to accept {Twice}");
        await desk.ReadsAsync("Asked: request 1 waits for a second person.");
        await desk.GoAsync("Approvals");
        await desk.ReadsAsync("Nothing waits for my signature.");

        await using var colleague = await Desk.OpenAsync(browser, _site, await _site.AddPersonAsync(Role.Finance));
        await SignAsync(colleague);
        colleague.AssertActs($"staff.signed_in staff:{colleague.Person.Email}", $"finding.accepted finding:{twice}: {Wanted}", "approval.approved approval:1");

        await desk.FollowAsync("Request 1");
        await desk.ReadsAsync($"{colleague.Person.Email} approved it, and it was done.");
        await ExportAsync(desk);
        await desk.SignOutAsync();
        desk.AssertActs(
        [
            $"staff.signed_in staff:{me}",
            .. Enumerable.Range(1, 3).SelectMany(import => new[] { $"import.added import:{import}", $"import.confirmed import:{import}" }),
            $"run.requested run:{run}",
            $"finding.assigned finding:{cheap}", $"finding.commented finding:{cheap}: {Comment}", $"finding.accepted finding:{cheap}: {Small}",
            $"approval.requested approval:1: {Wanted}", $"staff.signed_out staff:{me}",
        ]);
    }

    private static async Task ImportAsync(Desk desk, string kind, string content)
    {
        await desk.GoAsync("Imports");
        await desk.FollowAsync("Import a file");
        await desk.UploadAsync(kind + (kind == "creem" ? ".json" : ".csv"), content, records: kind == "creem" ? 4 : 3);
    }

    private static async Task AcceptAsync(Desk desk, string reason, string button)
    {
        await desk.FollowAsync("Accept…");
        await desk.WriteAsync("Reason", reason);
        await desk.PressAsync(button);
    }

    private static async Task SignAsync(Desk colleague)
    {
        await colleague.SignInAsync();
        await colleague.ReadsAsync("Waits for my signature: 1");
        await colleague.FollowAsync("Open approvals");
        await colleague.FollowAsync("Request 1");
        await colleague.ReadsAsync("The order was paid 2 times: USD 8.99, USD 8.99 stand.");
        await colleague.PressAsync("Approve");
        await colleague.ReadsAsync("Request 1 is approved, and it is done.");
    }

    // What was accepted today, as a workbook.
    private static async Task ExportAsync(Desk desk)
    {
        await desk.GoAsync("Findings");
        await desk.ReadsAsync("No open findings.");
        await desk.ChooseAsync("State", "Accepted");
        await desk.PressAsync("Apply");
        await desk.Page.GetByText("Export these rows").ClickAsync();
        var download = await desk.Page.RunAndWaitForDownloadAsync(() => desk.FollowAsync("Excel"));
        Assert.Equal("findings.xlsx", download.SuggestedFilename);
        await using var file = File.OpenRead(await download.PathAsync());
        using var workbook = new XLWorkbook(file);
        var cells = workbook.Worksheets.Single().RowsUsed().Skip(1).SelectMany(row => row.CellsUsed().Select(cell => cell.GetString())).ToList();
        Assert.Contains(Twice, cells);
        Assert.Contains("tran_cheap", cells);
        Assert.Equal(2, workbook.Worksheets.Single().RowsUsed().Count() - 1);
    }
}
