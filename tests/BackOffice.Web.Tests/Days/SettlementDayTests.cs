using BackOffice.Domain.Access;
using static Microsoft.Playwright.Assertions;

namespace BackOffice.Web.Tests.Days;

/// <summary>
/// Finance settles October with DeepSeek, from a fresh shop to the invoice: the published prices taken over, the console's log brought in, a part without a price
/// mended, the figures signed by a colleague, and the upstream's invoice taken apart.
/// </summary>
public sealed class SettlementDayTests(Browser browser) : IAsyncLifetime
{
    // At 10:00 on Monday the 12th, which is peak; at 20:00, which is not; at 10:00 on Monday the 5th, a public holiday; and a cache write, for which DeepSeek asks nothing that is published.
    private const string Usage = """
        {"id": 1, "created_at": 1791770400, "type": 2, "token_id": 7, "model_name": "deepseek-v4-flash", "quota": 0, "prompt_tokens": 2000000, "completion_tokens": 500000, "channel": 2, "other": "{\"cache_tokens\": 1500000}"}
        {"id": 2, "created_at": 1791806400, "type": 2, "token_id": 7, "model_name": "deepseek-v4-flash", "quota": 0, "prompt_tokens": 1000000, "completion_tokens": 500000, "channel": 2, "other": "{\"cache_tokens\": 500000}"}
        {"id": 3, "created_at": 1791165600, "type": 2, "token_id": 8, "model_name": "deepseek-v4-flash", "quota": 0, "prompt_tokens": 1000000, "completion_tokens": 0, "channel": 2, "other": ""}
        {"id": 4, "created_at": 1791806400, "type": 2, "token_id": 8, "model_name": "deepseek-v4-pro", "quota": 0, "prompt_tokens": 200000, "completion_tokens": 0, "channel": 2, "other": "{\"cache_creation_tokens\": 200000}"}

        """;

    // Ours at the same prices but for the output; 100,000 tokens of input were no hits for us, and a line that we know nothing of. The lines come to 10.6285.
    private const string Invoice = """
        day,model,part,tokens,amount,currency
        ,deepseek-v4-flash,uncached_input,1900000,2.375,CNY
        ,deepseek-v4-flash,cache_read,2100000,0.0735,CNY
        ,deepseek-v4-flash,output,1100000,6.93,CNY
        ,deepseek-v4-pro,cache_write_5m,200000,1.20,CNY
        ,deepseek-v4-pro,output,1000,0.05,CNY

        """;

    private const string Month = "deepseek, October 2026";
    private const string Agreed = "Their mail of 2 November: 6 yuan for a million tokens written.";
    private const string Compared = "Compared with the console's own sums.";

    private Site _site = null!;

    public ValueTask InitializeAsync()
    {
        _site = new Site { Clock = new ShiftedClock(new DateTime(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc)), Works = true }.OnPort();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task Finance_settles_a_month_from_the_first_price_to_the_invoice()
    {
        await using var desk = await Desk.OpenAsync(browser, _site, await _site.AddPersonAsync(Role.Finance));
        await desk.SignInAsync();
        await TakePublishedPricesOverAsync(desk);
        await BringUsageInAsync(desk);
        await SeeWhatBlocksTheMonthAsync(desk);
        await AddTheMissingPriceAsync(desk);
        await AskForApprovalAsync(desk);

        await using var colleague = await Desk.OpenAsync(browser, _site, await _site.AddPersonAsync(Role.Finance));
        await ApproveAsync(colleague);
        colleague.AssertActs($"staff.signed_in staff:{colleague.Person.Email}", "settlement.approved settlement:deepseek/2026-10", "approval.approved approval:1");

        await CompareTheInvoiceAsync(desk, colleague.Person.Email);
        desk.AssertActs(
            $"staff.signed_in staff:{desk.Person.Email}", "rate.starting_set_taken upstream:deepseek", "import.added import:1", "import.confirmed import:1", $"rate.added upstream:deepseek: {Agreed}",
            $"approval.requested approval:1: {Compared}", "import.added import:2", "import.confirmed import:2");
    }

    private static async Task TakePublishedPricesOverAsync(Desk desk)
    {
        await desk.GoAsync("Rates");
        await desk.ReadsAsync("No prices: settlements stay blocked.");
        await desk.FollowAsync("Look at them");
        await desk.PressAsync("Take 54 rows over");
        await desk.ReadsAsync("Nothing to add.");
    }

    private static async Task BringUsageInAsync(Desk desk)
    {
        await desk.GoAsync("Imports");
        await desk.FollowAsync("Import a file");
        await desk.UploadAsync("october.jsonl", Usage, records: 4);
    }

    private static async Task SeeWhatBlocksTheMonthAsync(Desk desk)
    {
        await OpenTheMonthAsync(desk);
        await desk.ReadsAsync("CNY 8.57 to pay so far, but one thing blocks the approval.");
        await desk.ReadsAsync("Models with a part that has no price: 1.");
        await desk.ReadsAsync("deepseek-v4-pro No price Cache write, 5 min 200,000");
        await desk.ReadsAsync("deepseek-flash Output peak 500,000 CNY 8 4.000000000");
        await desk.ReadsAsync("deepseek-flash Uncached input off-peak 1,500,000 CNY 1 1.500000000");
        await Expect(desk.Page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Ask for approval" })).Not.ToBeVisibleAsync();
    }

    private static async Task AddTheMissingPriceAsync(Desk desk)
    {
        await desk.FollowAsync("Mend it");
        await desk.ShowsAsync("Add a price");
        await Expect(desk.Page.GetByLabel("Upstream's model")).ToHaveValueAsync("deepseek-v4-pro");
        await Expect(desk.Page.GetByLabel("Part", new() { Exact = true })).ToHaveValueAsync("cache_write_5m");
        await desk.WriteAsync("Price per million tokens", "6");
        await desk.WriteAsync("Where it is from, or why", Agreed);
        await desk.PressAsync("Add price");
        await desk.ShowsAsync(Month);
        await desk.ReadsAsync("CNY 9.77 to pay, as usage and rates are now. Nothing blocks the approval.");
        await desk.ReadsAsync("deepseek-v4-pro Cache write, 5 min all hours 200,000 CNY 6 1.200000000");
        await desk.ReadsAsync("47.6% (2,000,000 of 4,200,000 input tokens read from the cache)");
        await desk.ReadsAsync("CNY 3.430000000"); // what the cache saved
        await Expect(desk.Page.Locator("figure.chart[data-drawn] canvas").First).ToBeVisibleAsync();
    }

    private static async Task AskForApprovalAsync(Desk desk)
    {
        await desk.WriteAsync("Reason", Compared);
        await desk.PressAsync("Ask for approval of CNY 9.77");
        await desk.ReadsAsync("Request 1 waits for a second person.");
        await desk.ReadsAsync($"CNY 9.77 to pay. {desk.Person.Email} has asked for approval; someone else decides.");
    }

    private static async Task ApproveAsync(Desk colleague)
    {
        await colleague.SignInAsync();
        await colleague.ReadsAsync("Waits for my signature: 1");
        await colleague.FollowAsync("Open approvals");
        await colleague.FollowAsync("Request 1");
        await colleague.PressAsync("Approve CNY 9.77");
        await colleague.ReadsAsync("Request 1 is approved, and it is done.");
    }

    private static async Task CompareTheInvoiceAsync(Desk desk, string approver)
    {
        await OpenTheMonthAsync(desk);
        await desk.ReadsAsync($"CNY 9.77 to pay, approved by {approver}. The figures are final.");
        await desk.FollowAsync("Invoice");
        await desk.FollowAsync("Import the invoice");
        await Expect(desk.Page.GetByLabel("Upstream", new() { Exact = true })).ToHaveValueAsync("deepseek");
        await Expect(desk.Page.GetByLabel("Month", new() { Exact = true })).ToHaveValueAsync("2026-10");
        await desk.WriteAsync("Stated total", "10.63");
        await desk.UploadAsync("invoice.csv", Invoice, records: 5);

        await OpenTheMonthAsync(desk);
        await desk.FollowAsync("Invoice");
        await desk.ReadsAsync("The upstream asks CNY 10.630000000: CNY +0.860000000 against our figures.");
        await Expect(desk.Page.Locator("figure[data-chart=waterfall][data-drawn] canvas")).ToBeVisibleAsync();
        await Expect(desk.Page.Locator("#variance tbody tr")).ToContainTextAsync(
        [
            "Our figure 9.770000000", "Quantity +0.600000000", "Mix −0.121500000", "Price +0.330000000", "Unmapped +0.050000000", "Rounding +0.001500000", "Invoice 10.630000000",
        ]);
        await desk.ReadsAsync("deepseek-flash Output 1,000,000 1,100,000 +100,000 6.000000000 6.930000000 +0.930000000");
    }

    private static async Task OpenTheMonthAsync(Desk desk)
    {
        await desk.GoAsync("Settlements");
        await desk.ChooseAsync("Upstream", "deepseek");
        await desk.WriteAsync("Month", "2026-10");
        await desk.PressAsync("Open the month");
        await desk.ShowsAsync(Month);
    }
}
