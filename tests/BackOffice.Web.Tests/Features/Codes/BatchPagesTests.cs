using System.Net;
using BackOffice.Domain.Access;
using BackOffice.Web.Security;

namespace BackOffice.Web.Tests.Features.Codes;

/// <summary>Which batches exist, how far is one, and where are its codes; and making one void.</summary>
public sealed class BatchPagesTests : IAsyncDisposable
{
    private static readonly DateTime Morning = new(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc);

    private readonly ShiftedClock _clock = new(Morning);
    private readonly Site _site;

    public BatchPagesTests() => _site = new Site { Clock = _clock, CodesAbove = "1000" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("en", "No batches yet. Issue codes,", "No batch fits this filter.", "No codes yet.", "No codes in this filter.", "No codes in stock: nothing can be delivered as a redemption code.")]
    [InlineData("zh-Hans", "还没有批次。", "当前筛选下没有批次。", "还没有兑换码", "当前筛选下没有兑换码。", "无库存，兑换码交付不可用。")]
    public async Task Empty_lists_say_what_to_do(string language, string batches, string filtered, string codes, string filteredCodes, string stock)
    {
        using var client = _site.Visitor(language);
        Assert.Contains(batches, await client.ReadAsync("/codes/batches"));
        Assert.Contains(filtered, await client.ReadAsync("/codes/batches?status=ready"));
        Assert.Contains(codes, await client.ReadAsync("/codes"));
        Assert.Contains(filteredCodes, await client.ReadAsync("/codes?last_four=2HVD"));
        Assert.Contains(stock, await client.ReadAsync("/codes/stock"));
    }

    [Fact]
    public async Task The_list_filters_pages_and_exports_what_it_shows()
    {
        for (var i = 0; i < 52; i++)
            await _site.AskForBatchAsync(i + 1, i % 2 == 0 ? "trial" : "starter");
        await _site.RunBatchAsync(1);
        using var client = _site.Visitor("en");
        var page = await client.GetStringAsync("/codes/batches?before=nonsense&status=lost", Token);
        Assert.Equal(50, Html.Rows(page[page.IndexOf("<table", StringComparison.Ordinal)..]).Count);
        Assert.Contains("/codes/batches?before=3", Html.Links(page));
        Assert.Equal(2, Html.Rows(await client.GetStringAsync("/codes/batches?before=3", Token)).Count);
        Assert.Contains("Remove filter: State: Ready", await client.GetStringAsync("/codes/batches?status=ready", Token));
        Assert.Equal(["Batch 1", "Trial", "1", "Ready", "", "1", "0", "2026-11-10 09:00", "mara@example.com"], Html.Rows(await client.GetStringAsync("/codes/batches?status=ready&package=trial", Token)).Single());
        Assert.Empty(Html.Rows(await client.GetStringAsync("/codes/batches?status=ready&package=starter", Token)));
        var file = await client.GetStringAsync("/codes/batches/rows.csv?package=starter", Token);
        Assert.Equal(27, file.Trim().Split('\n').Length);
    }

    [Fact]
    public async Task A_batch_tells_how_far_it_is_until_it_is_ready()
    {
        var batch = await _site.AskForBatchAsync(200, note: "Singles day stock");
        using var client = _site.Visitor("en");
        Assert.Contains("Approved. The codes are made as soon as a worker is free.", await client.ReadAsync("/codes/batches/1"));
        _clock.MoveTo(Morning.AddSeconds(30));
        ShopRows.Change(_site.Shop, "UPDATE CodeBatches SET Status = 'generating', Made = 50, Attempts = 2, StartedAt = RequestedAt");
        var page = await client.GetStringAsync("/codes/batches/1", Token);
        Assert.Contains("Making the codes was interrupted, and goes on from where it stopped.", Html.Text(page));
        Assert.Matches("50 of 200 [12] per s about [0-9]+ (s|min) left", Html.Text(page));
        Assert.Contains("You may leave this page; the work goes on.", page);
        Assert.Contains("hx-get=\"/codes/batches/1/progress?told=1\" hx-trigger=\"every 2s\"", page);
        Assert.Contains("Batch 1 25%", await client.ReadAsync("/running"));
        using (var poll = await client.GetAsync("/codes/batches/1/progress?told=1", Token))
        {
            Assert.Equal(HttpStatusCode.OK, poll.StatusCode);
            Assert.Contains("<title>25% Batch 1", await poll.Content.ReadAsStringAsync(Token));
        }
        ShopRows.Change(_site.Shop, "UPDATE CodeBatches SET Status = 'approved', Made = 0, StartedAt = NULL");
        await _site.RunBatchAsync(batch.Number);
        using var ended = await client.GetAsync("/codes/batches/1/progress?told=1", Token);
        Assert.Equal(286, (int)ended.StatusCode);
        Assert.Equal("#batch", ended.Headers.GetValues("HX-Retarget").Single());
        var ready = Html.Text(await ended.Content.ReadAsStringAsync(Token));
        Assert.Contains("200 codes are ready. The console does not know them yet", ready);
        Assert.Contains("Singles day stock", ready);
        Assert.Contains($"…{(await _site.CodeAsync(1, 1)).LastFour}", ready);
        Assert.DoesNotContain("running", await client.GetStringAsync("/running", Token));
    }

    [Fact]
    public async Task A_batch_that_failed_says_why_and_is_taken_up_again()
    {
        var batch = await _site.AskForBatchAsync(20);
        ShopRows.Change(_site.Shop, "UPDATE CodeBatches SET Status = 'failed', Attempts = 5, Failure = 'The disk is full.', EndedAt = RequestedAt");
        using var client = _site.Visitor("en");
        var page = await client.ReadAsync("/codes/batches/1");
        Assert.Contains("It stopped at 0 of 20 codes. Nothing is lost: take it up again, or void the batch.", page);
        Assert.Contains("The disk is full.", page);
        using var resumed = await client.SubmitAsync("/codes/batches/1", "/codes/batches/1/resumption");
        Assert.Equal("/codes/batches/1", resumed.Headers.Location?.OriginalString);
        using var twice = await client.ActAsync("/codes/batches/1/resumption");
        Assert.Contains("The batch has not failed, so there is nothing to take up again.", await client.ReadAsync("/codes/batches/1"));
        await _site.RunBatchAsync(batch.Number);
        Assert.Contains("Taken up again", await client.ReadAsync("/codes/batches/1"));
        Assert.DoesNotContain("resumption", await _site.Visitor(Role.Finance).GetStringAsync("/codes/batches/1", Token));
    }

    [Theory]
    [InlineData("en", "The console is down.", "Try again", "Batch 1: codes become void", "Redeemed codes of this batch to claw back: 1")]
    [InlineData("zh-Hans", "The console is down.", "重试", "批次 1：正在作废", "本批次需追回的已兑换码：1 个")]
    public async Task What_failed_with_the_codes_of_a_void_batch_is_tried_again_and_what_was_used_is_listed(string language, string why, string again, string what, string clawback)
    {
        await _site.MakeBatchAsync(10);
        _site.Redeem(await _site.TakeCodeAsync("AC-ONE"));
        using var client = _site.Visitor(language);
        using var done = await client.SubmitAsync("/codes/batches/1/void", "/codes/batches/1/void", ("reason", "stolen"), ("word", "1"));
        ShopRows.Change(_site.Shop, "UPDATE CodeTasks SET Status = 'failed', Attempts = 20, Failure = 'The console is down.', EndedAt = RequestedAt WHERE Kind = 'settle'");
        var page = await client.GetStringAsync("/codes/batches/1", Token);
        Assert.All(new[] { why, again, what, clawback }, words => Assert.Contains(words, Html.Text(page)));
        Assert.Contains("/codes?batch=1&status=redeemed", Html.Links(page));
        var listed = Assert.Single(Html.Rows(await client.GetStringAsync("/codes?batch=1&status=redeemed", Token)));
        Assert.Contains("AC-ONE", string.Join(' ', listed));

        var task = ShopRows.Of(_site.Shop, "SELECT Number FROM CodeTasks WHERE Kind = 'settle'").Single();
        using var elsewhere = await client.ActAsync($"/codes/batches/2/tasks/{task}/resumption");
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        using var resumed = await client.SubmitAsync("/codes/batches/1", $"/codes/batches/1/tasks/{task}/resumption");
        Assert.Equal("/codes/batches/1", resumed.Headers.Location?.OriginalString);
        Assert.Equal(["codes.task_resumed|admin@example.com"], ShopRows.Of(_site.Shop, "SELECT Action, Who FROM AuditEntries WHERE Action = 'codes.task_resumed'"));
        await _site.RunTasksAsync();
        Assert.DoesNotContain(again, await client.ReadAsync("/codes/batches/1"));
        Assert.Equal(9, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM Codes WHERE Status = 'void'"));
    }

    [Fact]
    public async Task A_list_that_failed_is_tried_again_from_its_page_and_stands_with_its_batch()
    {
        await _site.MakeBatchAsync(3);
        using var client = _site.Visitor("en");
        using var looked = await client.ActAsync("/codes/1-2/void");
        var list = looked.Headers.Location!.OriginalString;
        using var begun = await client.SubmitAsync(list, list, ("reason", "stolen"));
        ShopRows.Change(_site.Shop, "UPDATE CodeTasks SET Status = 'failed', Failure = 'The disk is full.', EndedAt = RequestedAt");
        Assert.Contains("List 1: its codes become void", await client.ReadAsync("/codes/batches/1"));
        Assert.Contains("The disk is full.", await client.ReadAsync("/codes/batches/1"));
        using var resumed = await client.SubmitAsync(list, list + "/resumption");
        Assert.Equal(list, resumed.Headers.Location?.OriginalString);
        using var twice = await client.ActAsync(list + "/resumption");
        Assert.Contains("That has not failed, or was begun anew since", await client.ReadAsync(list));
        await _site.RunTasksAsync();
        Assert.Equal("void", (await _site.CodeAsync(1, 2)).Status);
    }

    [Fact]
    public async Task Who_only_looks_sees_what_failed_and_tries_nothing_again()
    {
        await _site.MakeBatchAsync(3);
        using var client = _site.Visitor("en");
        using var done = await client.SubmitAsync("/codes/batches/1/void", "/codes/batches/1/void", ("reason", "stolen"), ("word", "1"));
        ShopRows.Change(_site.Shop, "UPDATE CodeTasks SET Status = 'failed', Failure = 'The console is down.', EndedAt = RequestedAt WHERE Kind = 'settle'");
        var page = await _site.Visitor(Role.Finance, "en").GetStringAsync("/codes/batches/1", Token);
        Assert.Contains("The console is down.", page);
        Assert.DoesNotContain("resumption", page);
    }

    [Fact]
    public async Task What_is_void_and_what_stays_is_counted_before_and_again_at_the_act()
    {
        await _site.MakeBatchAsync(10);
        var (first, second) = (await _site.TakeCodeAsync("AC-ONE"), await _site.TakeCodeAsync("AC-TWO"));
        await _site.TakeCodeAsync("AC-THREE", delivered: false);
        _site.Redeem(first);
        using var client = _site.Visitor("en");
        var page = await client.GetStringAsync("/codes/batches/1/void", Token);
        Assert.Contains("8 codes stop working at once; the 1 redeemed stay as they are.", Html.Text(page));
        Assert.Equal(
            ["Available 7 35,000,000 CNY 154.00 Becomes void", "Allocated 1 5,000,000 CNY 22.00 Becomes void", "Delivered 1 5,000,000 CNY 22.00 Stays: the customer can redeem it",
                "Redeemed 1 5,000,000 CNY 22.00 Stays: it was used", "Void 0 0 CNY 0.00 Void already", "Becomes void 8 40,000,000 CNY 176.00"],
            Html.Rows(page).Select(row => string.Join(' ', row).Trim()));
        Assert.Contains("Void 9 codes", await client.ReadAsync("/codes/batches/1/void?delivered=yes"));

        // The word must be this batch's number, whatever else is right.
        foreach (var word in new[] { "", "yes", "2", "1 1" })
        {
            using var wrong = await VoidAsync(client, ("reason", "stolen"), ("word", word));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
            Assert.Contains("Number of the batch: that is not the number of this batch. Type 1.", Html.Text(await wrong.Content.ReadAsStringAsync(Token)));
        }
        using var blank = await VoidAsync(client, ("word", "1"));
        Assert.Contains("href=\"#field-reason\"", await blank.Content.ReadAsStringAsync(Token));
        Assert.Equal("ready", (await _site.BatchAsync(1)).Status);

        var form = await client.FormAsync("/codes/batches/1/void", "/codes/batches/1/void", ("reason", "stolen"), ("word", "１"));
        await _site.TakeCodeAsync("AC-FOUR");
        using var done = await client.PostAsync("/codes/batches/1/void", new FormUrlEncodedContent(form), Token);
        Assert.Equal("/codes/batches/1", done.Headers.Location?.OriginalString);
        var after = await client.ReadAsync("/codes/batches/1");
        Assert.Matches("Batch 1 is void: 7 codes stopped working. Audit entry [0-9]+. The page had said 8; some changed meanwhile.", after);
        Assert.Contains("Void: nothing of it can be handed out. 2 codes that customers hold go on working, 1 were redeemed.", after);
        Assert.Contains("Made void 7 codes admin@example.com stolen", after);
        await _site.RunTasksAsync();
        Assert.Contains("Void 7", await client.ReadAsync("/codes/batches/1"));
        Assert.Equal(7, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM Codes WHERE Status = 'void'"));
        Assert.Equal("delivered", (await _site.CodeAsync(1, second.Sequence)).Status);
        Assert.Contains("The batch is void already.", await client.ReadAsync("/codes/batches/1/void"));
        using var again = await client.PostAsync("/codes/batches/1/void", new FormUrlEncodedContent(form), Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.StatusCode);
    }

    [Fact]
    public async Task Above_the_limit_two_people_void_a_batch_with_the_same_figures()
    {
        await _site.MakeBatchAsync(900);
        ShopRows.Change(_site.Shop, "UPDATE CodeBatches SET RequestedDay = '2026-11-01'");
        await _site.MakeBatchAsync(900);
        ShopRows.Change(_site.Shop, "UPDATE CodeBatches SET Wanted = 1900, Made = 1900, Available = 1900 WHERE Number = 2"); // as if it had more
        using var client = _site.Visitor("en");
        Assert.Contains("Ask to void 1,900 codes", await client.ReadAsync("/codes/batches/2/void"));
        using var asked = await client.SubmitAsync("/codes/batches/2/void", "/codes/batches/2/void", ("reason", "stolen"), ("word", "2"));
        Assert.Equal("/approvals/1", asked.Headers.Location?.OriginalString);
        Assert.Contains("admin@example.com asked a second person to void this batch.", await client.ReadAsync("/codes/batches/2"));
        Assert.Contains("admin@example.com asked a second person to void this batch.", await client.ReadAsync("/codes/batches/2/void"));
        Assert.Equal("ready", (await _site.BatchAsync(2)).Status);

        // Finance signs other things, not this.
        using var finance = _site.Visitor(Role.Finance, "en");
        Assert.Contains("Deciding this needs the role admin.", await finance.ReadAsync("/approvals/1"));
        using var person = _site.Stranger("en");
        using var signedIn = await _site.SignInAsync(person, await _site.AddPersonAsync(Role.Admin));
        person.DefaultRequestHeaders.Add("Cookie", string.Join("; ", signedIn.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0])));
        var page = await person.ReadAsync("/approvals/1");
        Assert.Contains("Void code batch 2", page);
        Assert.Contains("Becomes void 1,900", page);
        Assert.Contains("Approve voiding 1,900 codes", page);
        using var approved = await person.ActAsync("/approvals/1/approval");
        Assert.Equal("void", (await _site.BatchAsync(2)).Status);
    }

    [Fact]
    public async Task Money_at_stake_asks_for_the_password_again()
    {
        await _site.MakeBatchAsync(3);
        using var client = _site.Visitor("en");
        var token = await client.TokenAsync();
        _clock.MoveTo(Morning + ReauthenticateAttribute.Holds + TimeSpan.FromMinutes(5));
        foreach (var path in new[] { "/codes/batches/new", "/codes/batches/1/void", "/codes/void", "/codes/1-1/reveal" })
        {
            using var answer = await client.GetAsync(path, Token);
            Assert.StartsWith("/account/confirm", answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
        }
        foreach (var path in new[] { "/codes/batches", "/codes/batches/1/void", "/codes/void", "/codes/1-1/reveal", "/codes/1-1/void" })
        {
            using var answer = await client.PostFormAsync(path, token, ("reason", "because"), ("word", "1"));
            Assert.StartsWith("/account/confirm", answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
        }
        Assert.Equal("ready", (await _site.BatchAsync(1)).Status);
    }

    private static Task<HttpResponseMessage> VoidAsync(HttpClient client, params (string, string)[] fields) => client.SubmitAsync("/codes/batches/1/void", "/codes/batches/1/void", fields);
}
