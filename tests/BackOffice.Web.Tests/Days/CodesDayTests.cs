using BackOffice.Domain.Access;
using static Microsoft.Playwright.Assertions;

namespace BackOffice.Web.Tests.Days;

/// <summary>An admin asks for codes, another one approves, they are made before everybody's eyes, and made void again.</summary>
public sealed class CodesDayTests(Browser browser) : IAsyncLifetime
{
    private static readonly DateTime Morning = new(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc);

    private Site _site = null!;

    public ValueTask InitializeAsync()
    {
        _site = new Site { Clock = new ShiftedClock(Morning), Works = true, CodesAbove = "1000" }.OnPort();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task Codes_are_asked_for_approved_made_and_made_void()
    {
        await using var mara = await Desk.OpenAsync(browser, _site, await _site.AddPersonAsync(Role.Admin));
        await using var ilya = await Desk.OpenAsync(browser, _site, await _site.AddPersonAsync(Role.Admin));
        await mara.SignInAsync();
        await ilya.SignInAsync();
        await mara.ShowsAsync("Home");
        await ilya.ShowsAsync("Home");

        await AskAsync(mara);
        await ApproveAsync(ilya);

        // Whoever left the page finds the codes ready when coming back.
        await mara.Page.ReloadAsync();
        await mara.ReadsAsync("200,000 codes are ready. The console does not know them yet");
        await Expect(mara.Page.Locator(".tiles dd").First).ToHaveTextAsync("200,000");

        await AskToExportAsync(mara);
        await ApproveExportAsync(ilya);
        await TakeAsync(mara);

        await AskToVoidAsync(mara);
        await ApproveVoidAsync(ilya);
        await mara.Page.ReloadAsync();
        await mara.ReadsAsync("approved it, and it was done.");

        await mara.SignOutAsync();
        await ilya.SignOutAsync();
        mara.AssertActs(
            $"staff.totp_set_up staff:{mara.Person.Email}", $"staff.signed_in staff:{mara.Person.Email}", "batch.requested batch:1: Singles day stock", "approval.requested approval:1: Singles day stock",
            "export.requested export:1: For the fair", "approval.requested approval:2: For the fair", "export.passphrase_shown export:1", "export.taken export:1",
            "approval.requested approval:3: The file was lost.", "batch.voided batch:1: The file was lost.", $"staff.signed_out staff:{mara.Person.Email}");
        ilya.AssertActs(
            $"staff.totp_set_up staff:{ilya.Person.Email}", $"staff.signed_in staff:{ilya.Person.Email}", "batch.approved batch:1", "approval.approved approval:1", "export.approved export:1", "approval.approved approval:2", "approval.approved approval:3", $"staff.signed_out staff:{ilya.Person.Email}");
    }

    private static async Task AskAsync(Desk desk)
    {
        await desk.GoAsync("Code batches");
        await desk.FollowAsync("Issue codes");
        await desk.ChooseAsync("Package", "Trial (5M tokens)");
        await desk.WriteAsync("Number of codes", "200,000");
        await desk.ChooseAsync("Format", "Friendly: XXXX-XXXX-XXXX-XXXX, to be typed by hand");
        await desk.WriteAsync("Note", "Singles day stock");
        await desk.ReadsAsync("1,000,000,000,000 tokens");
        await desk.ReadsAsync("a second person has to approve it");
        await desk.PressAsync("Request 200,000 codes");
        await desk.ShowsAsync("Batch 1: 200,000 Trial codes");
        await desk.ReadsAsync("A second person has to approve them; nothing is made before.");
        await desk.FollowAsync("Open request 1");
        await desk.ReadsAsync("You asked for this, so someone else must approve it.");
        await desk.GoAsync("Code batches");
        await desk.FollowAsync("Batch 1");
    }

    private static async Task ApproveAsync(Desk desk)
    {
        await desk.GoAsync("Approvals");
        await desk.FollowAsync("Request 1");
        await desk.ReadsAsync("at list price CNY 4,400,000.00");
        await desk.ReadsAsync("Singles day stock");
        await desk.PressAsync("Approve 200,000 codes");
        await desk.ReadsAsync("Request 1 is approved, and it is done.");
        await desk.FollowAsync("Open batch 1");
        await desk.ReadsAsync("200,000 codes are ready. The console does not know them yet");
    }

    private static async Task AskToExportAsync(Desk desk)
    {
        await desk.FollowAsync("Export");
        await desk.ReadsAsync("200,000 codes in stock can leave the building as one sealed file, once.");
        await desk.WriteAsync("Reason", "For the fair");
        await desk.PressAsync("Export 200,000 codes");
        await desk.ReadsAsync("somebody else must approve it");
    }

    private static async Task ApproveExportAsync(Desk desk)
    {
        await desk.GoAsync("Approvals");
        await desk.FollowAsync("Request 2");
        await desk.ReadsAsync("For the fair");
        await desk.PressAsync("Approve taking out 200,000 codes");
        await desk.ReadsAsync("Request 2 is approved, and it is done.");
    }

    private static async Task TakeAsync(Desk desk)
    {
        await desk.PressAsync("Show the passphrase, this once");
        await desk.ShowsAsync("Passphrase of batch 1");
        var passphrase = (await desk.Page.Locator(".one-time .id").TextContentAsync())!;
        await desk.FollowAsync("Back to the export");
        // Written by a job; whoever waits sees it come.
        await Expect(desk.Page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Download the sealed file" })).ToBeVisibleAsync();
        var download = await desk.Page.RunAndWaitForDownloadAsync(() => desk.PressAsync("Download the sealed file"));
        using var zip = new ICSharpCode.SharpZipLib.Zip.ZipFile(await download.PathAsync()) { Password = passphrase };
        using var reader = new StreamReader(zip.GetInputStream(0));
        Assert.Equal(200_001, (await reader.ReadToEndAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        await desk.GoAsync("Code batches");
        await desk.FollowAsync("Batch 1");
        await desk.ReadsAsync("200,000 codes");
    }

    private static async Task AskToVoidAsync(Desk desk)
    {
        await desk.FollowAsync("Void batch");
        await desk.ReadsAsync("200,000 codes stop working at once; the 0 redeemed stay as they are.");
        await desk.WriteAsync("Reason", "The file was lost.");
        await desk.WriteAsync("Number of the batch", "1");
        await desk.PressAsync("Ask to void 200,000 codes");
        await desk.ShowsAsync("Request 3");
    }

    private static async Task ApproveVoidAsync(Desk desk)
    {
        await desk.GoAsync("Approvals");
        await desk.FollowAsync("Request 3");
        await desk.ReadsAsync("The file was lost.");
        await desk.PressAsync("Approve voiding 200,000 codes");
        await desk.ReadsAsync("Request 3 is approved, and it is done.");
        await desk.FollowAsync("Open batch 1");
        await desk.ReadsAsync("Void: none of its codes works any more");
    }
}
