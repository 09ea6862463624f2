using System.Net;
using BackOffice.Domain.Access;
using BackOffice.Domain.Codes;
using Microsoft.Playwright;

namespace BackOffice.Web.Tests.Features.Codes;

/// <summary>Where is a code in its life; a list of codes made void; a code shown for a minute; how long the stock lasts.</summary>
public sealed class CodePagesTests : IAsyncDisposable
{
    private readonly Site _site = new() { CodesAbove = "4" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_list_is_read_as_people_write_it_and_said_by_lines_never_by_codes()
    {
        await MakeAsync();
        var (plain, delivered, redeemed) = (await _site.SecretAsync(1, 3), await _site.TakeCodeAsync("AC-ONE"), await _site.TakeCodeAsync("AC-TWO"));
        _site.Redeem(redeemed);
        var (customers, used) = (await _site.SecretAsync(1, delivered.Sequence), await _site.SecretAsync(1, redeemed.Sequence));
        var free = Enumerable.Range(1, 4).Where(sequence => sequence != delivered.Sequence && sequence != redeemed.Sequence).ToList();
        var first = await _site.SecretAsync(1, free[0]);
        var second = await _site.SecretAsync(1, free[1]);
        // Lower case with O for 0 and spaces; one as it stands; that one once more without hyphens; one wrong character; nothing known; no code at all; an empty line.
        var wrong = second[..^1] + (second[^1] == '0' ? '2' : '0');
        string[] lines =
        [
            first.ToLowerInvariant().Replace('0', 'o').Replace("-", "  ", StringComparison.Ordinal), second, second.Replace("-", "", StringComparison.Ordinal), wrong, "7K4M-9QXT-2HVD-5RWK", "hello", "", customers, used,
        ];
        using var client = _site.Visitor("en");
        using var answer = await client.SubmitAsync("/codes/void", "/codes/void", ("list", string.Join("\r\n", lines)));
        Assert.Equal("/codes/void/1", answer.Headers.Location?.OriginalString);
        var page = await client.GetStringAsync("/codes/void/1", Token);
        var text = Html.Text(page);
        Assert.Contains("2 of 4 codes become void. Nothing is done yet.", text);
        Assert.Contains("Named more than once 1", text);
        Assert.Contains("the check character does not fit 1 · line 4", text);
        Assert.Contains("Not found 2 · line 5, 6", text);
        Assert.Contains("Available 2 10,000,000 CNY 44.00 Becomes void", text);
        Assert.Contains("Delivered 1 5,000,000 CNY 22.00 Stays: the customer can redeem it", text);
        Assert.Contains("Redeemed 1 5,000,000 CNY 22.00 Stays: it was used", text);
        foreach (var secret in new[] { first, second, customers, used, plain, wrong })
            Assert.DoesNotContain(secret, page, StringComparison.OrdinalIgnoreCase);

        Assert.Contains("Void 3 codes", await client.ReadAsync("/codes/void/1?delivered=yes"));
        using var blank = await client.SubmitAsync("/codes/void/1", "/codes/void/1");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, blank.StatusCode);
        using var done = await client.SubmitAsync("/codes/void/1", "/codes/void/1", ("reason", "posted in a forum"));
        Assert.Equal("/codes/void/1", done.Headers.Location?.OriginalString);
        Assert.Contains("The codes are being made void.", await client.ReadAsync("/codes/void/1"));
        Assert.Contains("List 1: codes become void", Html.Text(await client.GetStringAsync("/job-runs", Token)));
        await _site.RunTasksAsync();
        using var ended = await client.GetAsync("/codes/void/1/progress?told=0", Token);
        Assert.Equal(286, (int)ended.StatusCode);
        Assert.Contains("Done: the list of 4 codes is worked off.", Html.Text(await ended.Content.ReadAsStringAsync(Token)));
        Assert.Equal([2L, 1L, 1L], new[] { "void", "delivered", "redeemed" }.Select(status => ShopRows.Count(_site.Shop, $"SELECT COUNT(*) FROM Codes WHERE BatchNo = 1 AND Status = '{status}'")));
        Assert.Contains("Made void", await client.ReadAsync($"/codes/1-{free[1]}"));
        Assert.Contains("posted in a forum", await client.ReadAsync("/audit"));
        using var again = await client.ActAsync("/codes/void/1", ("reason", "once more"), ("delivered", "yes"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.StatusCode);
    }

    [Fact]
    public async Task A_list_without_a_code_of_ours_does_nothing_and_a_long_one_takes_two_people()
    {
        await MakeAsync();
        using var client = _site.Visitor("en");
        using var nothing = await client.SubmitAsync("/codes/void", "/codes/void", ("list", " \n"));
        Assert.Contains("Codes: there is no code in it. Give one a line.", Html.Text(await nothing.Content.ReadAsStringAsync(Token)));
        var stranger = "7K4M-9QXT-2HVD-5RWK";
        using var unknown = await client.SubmitAsync("/codes/void", "/codes/void", ("list", $"\n{stranger}\n7K4M-9QXT-2HVD-5RW0"));
        var page = await unknown.Content.ReadAsStringAsync(Token);
        Assert.Contains("Codes: none of the 2 lines is a code of ours.", Html.Text(page));
        Assert.Contains("Not found 1 · line 2", Html.Text(page));
        Assert.Contains("does not fit 1 · line 3", Html.Text(page));
        Assert.DoesNotContain(stranger, page);
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM CodeTasks"));

        ShopRows.Change(_site.Shop, "UPDATE CodeBatches SET RequestedDay = '2020-01-01'");
        await _site.MakeBatchAsync(2);
        var codes = new List<string> { await _site.SecretAsync(2, 1) };
        for (var i = 1; i <= 4; i++)
            codes.Add(await _site.SecretAsync(1, i));
        using var file = new MultipartFormDataContent { { new StringContent(await client.TokenAsync()), "csrf" }, { new StringContent("\uFEFF" + string.Join('\n', codes)), "file", "codes.txt" } };
        using var taken = await client.PostAsync("/codes/void", file, Token);
        Assert.Equal("/codes/void/1", taken.Headers.Location?.OriginalString);
        Assert.Contains("Ask to void 5 codes", await client.ReadAsync("/codes/void/1"));
        using var asked = await client.SubmitAsync("/codes/void/1", "/codes/void/1", ("reason", "stolen"));
        Assert.Equal("/approvals/1", asked.Headers.Location?.OriginalString);
        Assert.Contains("asked a second person to void these codes.", await client.ReadAsync("/codes/void/1"));
        Assert.Contains("Becomes void 5", await client.ReadAsync("/approvals/1"));
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM Codes WHERE Status = 'void'"));
    }

    [Fact]
    public async Task One_code_is_found_by_whatever_somebody_has_of_it_and_tells_its_life()
    {
        await MakeAsync();
        var code = await _site.TakeCodeAsync("AC-ONE");
        var secret = await _site.SecretAsync(1, code.Sequence);
        var address = $"/codes/1-{code.Sequence}";
        foreach (var role in Enum.GetValues<Role>())
        {
            using var client = _site.Visitor(role, "en");
            foreach (var typed in new[] { secret, secret.ToLowerInvariant().Replace('0', 'O'), "my code is " + secret + ".", "…" + code.LastFour })
            {
                using var answer = await client.GetAsync("/search?q=" + Uri.EscapeDataString(typed), Token);
                Assert.Equal(address, answer.Headers.Location?.OriginalString);
            }
            var text = await client.ReadAsync(address);
            Assert.Contains("The customer has it and has not redeemed it yet.", text);
            Assert.Contains("Allocated AC-ONE", text);
            Assert.DoesNotContain(secret, text);
            Assert.Equal(role != Role.Finance, (await client.GetStringAsync(address, Token)).Contains(address + "/reveal", StringComparison.Ordinal));
            Assert.Equal(role == Role.Admin, (await client.GetStringAsync(address, Token)).Contains(address + "/void", StringComparison.Ordinal));
            using var batch = await client.GetAsync("/search?q=batch+1", Token);
            Assert.Equal(role != Role.Support, batch.Headers.Location?.OriginalString == "/codes/batches/1");
            using var list = await client.GetAsync("/codes", Token);
            Assert.Equal(role == Role.Support ? HttpStatusCode.Forbidden : HttpStatusCode.OK, list.StatusCode);
        }
        using var support = _site.Visitor(Role.Support, "en");
        var mistyped = await support.ReadAsync("/search?q=" + secret[..^1] + (secret[^1] == '0' ? '2' : '0'));
        Assert.Contains("A typing error: the check character does not fit. Compare the last group.", mistyped);
        Assert.Contains("Nothing fits.", await support.ReadAsync("/search?q=7K4M-9QXT-2HVD-5RWK"));
        Assert.DoesNotContain("7K4M", await support.GetStringAsync("/search?q=7K4M-9QXT-2HVD-5RWK", Token).ContinueWith(page => page.Result[page.Result.IndexOf("<main", StringComparison.Ordinal)..], Token));
    }

    [Fact]
    public async Task A_code_is_shown_with_a_reason_on_record_first()
    {
        await MakeAsync();
        var code = await _site.TakeCodeAsync("AC-ONE");
        var address = $"/codes/1-{code.Sequence}/reveal";
        using var support = _site.Visitor(Role.Support, "en");
        using var blank = await support.SubmitAsync(address, address);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, blank.StatusCode);
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM CodeEvents WHERE Kind = 'revealed'"));
        using var shown = await support.SubmitAsync(address, address, ("reason", "The customer lost the page."));
        var page = await shown.Content.ReadAsStringAsync(Token);
        Assert.Contains("no-store", shown.Headers.CacheControl!.ToString());
        Assert.Matches("[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", page);
        Assert.Contains("data-secret=\"60\"", page);
        Assert.Equal(["code.revealed|code:1-" + code.Sequence + "|The customer lost the page."], ShopRows.Of(_site.Shop, "SELECT Action, Subject, Reason FROM AuditEntries WHERE Action = 'code.revealed'"));
        Assert.Contains("Revealed AC-ONE support@example.com The customer lost the page.", await support.ReadAsync($"/codes/1-{code.Sequence}"));

        // The rows say nothing of it when the code does not open.
        ShopRows.Change(_site.Shop, "UPDATE Codes SET Cipher = zeroblob(47)");
        using var broken = await support.SubmitAsync(address, address, ("reason", "again"));
        Assert.Contains("it was changed in the database", await broken.Content.ReadAsStringAsync(Token));
        Assert.Equal(1, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM CodeEvents WHERE Kind = 'revealed'"));
    }

    [Fact]
    public async Task The_list_filters_by_batch_state_and_end_and_one_code_is_a_list_of_one()
    {
        await MakeAsync();
        var code = await _site.TakeCodeAsync("AC-ONE");
        using var client = _site.Visitor("en");
        Assert.Equal(4, Html.Rows(await client.GetStringAsync("/codes?batch=1", Token)).Count);
        Assert.Empty(Html.Rows(await client.GetStringAsync("/codes?batch=2", Token)));
        foreach (var filter in new[] { "status=delivered", "last_four=" + code.LastFour.ToLowerInvariant(), "batch=1&status=delivered" })
            Assert.Equal([code.Subject, "…" + code.LastFour, "Delivered", "AC-ONE", "Batch 1", "5,000,000"], Html.Rows(await client.GetStringAsync("/codes?" + filter, Token)).Single());
        Assert.Equal(4, (await client.GetStringAsync("/codes/rows.csv?status=available", Token)).Trim().Split('\n').Length);

        var url = "/codes/" + code.Subject;
        using var asked = await client.SubmitAsync(url, url + "/void");
        Assert.Equal("/codes/void/1", asked.Headers.Location?.OriginalString);
        Assert.Contains("Nothing of this list can be void", await client.ReadAsync("/codes/void/1"));
        using var done = await client.ActAsync("/codes/void/1", ("delivered", "yes"), ("reason", "refunded"));
        await _site.RunTasksAsync();
        Assert.Contains("Worth nothing any more.", await client.ReadAsync(url));
        Assert.DoesNotContain(url + "/void", await client.GetStringAsync(url, Token));
        using var nothing = await client.GetAsync("/codes/1-99", Token);
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    [Fact]
    public async Task Stock_says_how_long_it_lasts_and_the_home_prepares_the_next_batch()
    {
        using var client = _site.Visitor("en");
        await _site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-DONE")));
        await MakeAsync();
        Assert.Equal(["Trial", "4", "—not known", "", "0", "0", "0", "0", "Issue 100 codes"], Html.Rows(await client.GetStringAsync("/codes/stock", Token))[0]);
        Assert.Contains("All clear, nothing waits.", await client.ReadAsync("/"));
        await _site.TakeCodeAsync("AC-ONE");
        await _site.TakeCodeAsync("AC-TWO", delivered: false);
        Assert.Equal(["Trial", "2", "14 days", "", "2", "1", "0", "0", "Issue 100 codes"], Html.Rows(await client.GetStringAsync("/codes/stock", Token))[0]);
        ShopRows.Change(_site.Shop, "UPDATE CodeDays SET Taken = 9000");
        Assert.Contains("Codes run low: Trial. Issue more before they run out.", await client.ReadAsync("/codes/stock"));
        Assert.Equal(["Trial", "2", "less than a day", "Low stock", "9,000", "1", "0", "0", "Issue 20,000 codes"], Html.Rows(await client.GetStringAsync("/codes/stock", Token))[0]);
        var home = await client.GetStringAsync("/", Token);
        Assert.Contains("Trial: codes last less than a day more, by estimate.", Html.Text(home));
        Assert.Equal("/codes/batches/new?package=trial&count=20000", Html.Link(home, "Prepare 20,000 codes"));
        Assert.DoesNotContain("Prepare", await _site.Visitor(Role.Finance, "en").ReadAsync("/"));
        await _site.TakeCodeAsync("AC-THREE");
        await _site.TakeCodeAsync("AC-FOUR");
        Assert.Contains("Out of stock", await client.ReadAsync("/codes/stock"));
        Assert.Contains("Trial: no code is in stock.", await client.ReadAsync("/"));
        Assert.DoesNotContain("Issue 20,000", await _site.Visitor(Role.Finance, "en").ReadAsync("/codes/stock"));
    }

    private Task<Data.Codes.BatchRow> MakeAsync() => _site.MakeBatchAsync(4, format: CodeFormat.Friendly);
}

/// <summary>The pages of codes as people see them.</summary>
public sealed class CodeLooksTests(Browser browser)
{
    private static readonly SemaphoreSlim Seeding = new(1);
    private static long _batch;
    private static long _list;
    private static long _request;

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task The_pages_of_codes_stand_in_every_width_theme_and_language(int width, string theme, string language)
    {
        await SeedAsync();
        string[] paths =
        [
            "/codes/stock", "/codes/batches", "/codes/batches?status=ready&package=trial", "/codes/batches/new?package=trial&count=1000000&format=friendly&prefix=AICRED", $"/codes/batches/{_batch}",
            $"/codes/batches/{_batch + 1}", $"/codes/batches/{_batch + 2}", $"/codes/batches/{_batch + 3}", $"/codes/batches/{_batch}/void?delivered=yes", $"/codes/batches/{_batch}/publish", $"/codes/batches/{_batch + 1}/publish", $"/codes/batches/{_batch}/export", $"/codes/batches/{_batch + 3}/void", "/codes/void",
            $"/codes/void/{_list}", $"/codes/void/{_list + 1}", "/codes", $"/codes?batch={_batch}&status=delivered", "/codes?last_four=----", $"/codes/{_batch}-1", $"/codes/{_batch}-1/reveal", $"/approvals/{_request}",
        ];
        foreach (var path in paths)
            await browser.LooksWellAsync(path, width, theme, language);
    }

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task A_form_that_is_refused_and_one_that_is_typed_into_stand_too(int width, string theme, string language)
    {
        await SeedAsync();
        await using var open = await browser.OpenAsync("/codes/batches/new", width, theme, language);
        await open.Page.Locator("select[name=package]").SelectOptionAsync("trial");
        await open.Page.Locator("input[name=count]").FillAsync("2,000");
        await open.Page.Locator("input[name=prefix]").FillAsync("!");
        await open.Page.Locator("input[name=note]").FocusAsync();
        await Assertions.Expect(open.Page.Locator("#preview")).ToContainTextAsync("10,000,000,000");
        await Assertions.Expect(open.Page.Locator("#preview .notice-wrong")).ToBeVisibleAsync();
        await open.LooksWellAsync();
        await ShootAsync(open, $"codes-preview-{width}-{theme}-{language}.png");
        await open.Page.Locator("input[name=prefix]").FillAsync("");
        await Assertions.Expect(open.Page.Locator("#request-words")).ToContainTextAsync("2,000");
        await open.Page.Locator("input[name=count]").FillAsync("nothing");
        await open.Page.Locator("input[name=note]").FocusAsync();
        await Assertions.Expect(open.Page.Locator("#preview")).ToContainTextAsync("nothing"); // the page is at rest
        open.ExpectRefusal("/codes/batches");
        await open.Page.Locator(".btn-primary:has(#request-words)").ClickAsync();
        await Assertions.Expect(open.Page.Locator("#error-summary")).ToBeFocusedAsync();
        await Assertions.Expect(open.Page.Locator("input[name=count]")).ToHaveValueAsync("nothing");
        await open.LooksWellAsync();
        await ShootAsync(open, $"codes-refused-{width}-{theme}-{language}.png");
    }

    private static async Task ShootAsync(OpenPage open, string name)
    {
        if (Environment.GetEnvironmentVariable("BACKOFFICE_SCREENSHOTS") is { Length: > 0 } folder)
            await open.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name), FullPage = true });
    }

    private async Task SeedAsync()
    {
        await Seeding.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_batch > 0)
                return;
            var site = browser.Site;
            var batch = await site.MakeBatchAsync(30, prefix: "AICRED", note: "Singles day stock, with a note of some length so that it has to wrap somewhere on a telephone");
            var (first, _) = (await site.TakeCodeAsync("AC-LOOK-CODES-1"), await site.TakeCodeAsync("AC-LOOK-CODES-2"));
            site.Redeem(first);
            await site.TakeCodeAsync("AC-LOOK-CODES-3", delivered: false);
            ShopRows.Change(site.Shop, $"INSERT INTO CodeDays (BatchNo, ShopDay, Taken, Redeemed) VALUES ({batch.Number}, '2026-11-01', 900, 412), ({batch.Number}, '2026-11-02', 1200, 1011)");
            await site.MakeBatchAsync(20, "starter", CodeFormat.Console, published: false);
            var failed = await site.AskForBatchAsync(50);
            ShopRows.Change(site.Shop, $"UPDATE CodeBatches SET Status = 'failed', Attempts = 5, Failure = 'The disk is full.', EndedAt = RequestedAt WHERE Number = {failed.Number}");
            var moving = await site.AskForBatchAsync(10_000_000);
            ShopRows.Change(site.Shop, $"UPDATE CodeBatches SET Status = 'generating', Made = 4312500, Attempts = 2, StartedAt = RequestedAt, LeaseOwner = 'another', LeaseUntil = '2099-01-01T00:00:00.000Z' WHERE Number = {moving.Number}");
            using var client = site.Visitor();
            var codes = new List<string> { "7K4M-9QXT-2HVD-5RWK", "7K4M-9QXT-2HVD-5RW0" };
            for (var sequence = 1; sequence <= 6; sequence++)
                codes.Add(await site.SecretAsync(batch.Number, sequence));
            using var list = await client.SubmitAsync("/codes/void", "/codes/void", ("list", string.Join('\n', codes)));
            _list = Html.Number(list);
            using var another = await client.SubmitAsync("/codes/void", "/codes/void", ("list", codes[^1]));
            using var done = await client.SubmitAsync(another.Headers.Location!.OriginalString, another.Headers.Location.OriginalString, ("reason", "posted in a forum"));
            await site.RunTasksAsync();
            // The site has no limits: what waits for a second person is asked for here.
            var request = new Data.Approvals.NewApproval("codes_void", (batch.Number + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), """{"WithDelivered":true}""", "stolen", "mara@example.com", new { });
            _request = await Approvals.RequestAsync(request);
            _batch = batch.Number;
        }
        finally
        {
            Seeding.Release();
        }
    }

    private Data.Approvals.ApprovalStore Approvals => Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<Data.Approvals.ApprovalStore>(browser.Site.Services);
}
