using System.Net;
using System.Text.RegularExpressions;
using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Codes;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Tests.Features.Codes;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Orders;

public sealed class OrderPageTests(OrderPageTests.Shop shop) : IClassFixture<OrderPageTests.Shop>
{
    private const string Key = "sk-planted-secret-that-no-page-may-show-3f9a";
    private const string Code = "68a29a0d347301ef56e64dc3cd608906";
    private const string Hostile = "<img/src=x/onerror=alert(1)>";

    private readonly Site site = shop.Site;

    [Theory]
    [InlineData("AC-SOLD", "Awaiting payment", "Sold, not paid yet. Next: import the newest Creem transactions, or wait.")]
    [InlineData("AC-UNPAID", "Unpaid", "Sold, but the payment did not go through. Nothing to do.")]
    [InlineData("AC-STRANGE", "Unknown status", "Creem gives the payment a status that is not known here, and nothing is live.")]
    [InlineData("AC-PAID", "Needs attention", "Paid on 1 October 2024, and nothing was delivered.")]
    [InlineData("AC-KEY", "Delivered", "Paid on 1 October 2024, delivered: API key ending in 3f9a. Nothing to do.")]
    [InlineData("AC-CODE", "Delivered", "Paid on 1 October 2024, delivered: Redemption code ending in 8906. Nothing to do.")]
    [InlineData("AC-PART", "Partially refunded", "Paid on 1 October 2024, delivered: API key ending in part. A part of the money was refunded.")]
    [InlineData("AC-REFUNDED", "Refunded", "Paid on 1 October 2024, refunded, and nothing is live. Nothing to do.")]
    [InlineData("AC-REFUNDED-LIVE", "Needs attention", "Paid on 1 October 2024 and refunded, but still live: API key ending in live.")]
    [InlineData("AC-BACK", "Charged back", "Paid on 1 October 2024, charged back, and nothing is live. Nothing to do.")]
    [InlineData("AC-REVOKED", "Needs attention", "Paid on 1 October 2024, and all that was delivered is revoked or void.")]
    [InlineData("AC-GIVEN", "Needs attention", "Delivered: API key ending in give. No money is known to have come in.")]
    [InlineData("AC-OTHER-MODE", "Awaiting payment", "Sold, not paid yet.")]
    public async Task The_first_sentence_says_what_happened_and_what_comes_next(string no, string state, string answer)
    {
        var page = await site.Visitor("en").ReadAsync("/orders/" + no);
        Assert.Contains($"{no} {state} {answer}", page);
    }

    [Theory]
    [InlineData("AC-KEY", "已于 2024 年 10 月 1 日付款，已交付：API Key（末四位 3f9a）。无需处理。")]
    [InlineData("AC-SOLD", "已下单，尚未付款。下一步：导入最新的 Creem 交易，或等待付款。")]
    public async Task And_so_in_Chinese(string no, string answer) => Assert.Contains(answer, await site.Visitor("zh-CN").ReadAsync("/orders/" + no));

    [Fact]
    public async Task The_timeline_has_every_step_in_order_each_with_everybody_who_told_of_it()
    {
        var page = await site.Visitor("en").ReadAsync("/orders/AC-REFUNDED");
        var moment = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}";
        Assert.Matches(
            $"2024-10-01 10:00:00 Sold Trial × 1, USD 2.99 Orders file, recorded at {moment} "
            + $"2024-10-01 10:01:00 Paid USD 2.99 tran_refunded Creem file, recorded at {moment} "
            + $"2024-10-01 10:05:00 Delivered API key ending in dead, 5,000,000 tokens Deliveries file, recorded at {moment} "
            + $"2024-10-02 10:00:00 Revoked API key ending in dead Deliveries file, recorded at {moment} "
            + $"{moment} Refunded USD 2.99 tran_refunded Creem file, recorded at {moment}",
            page);
    }

    [Fact]
    public async Task A_refunded_order_whose_code_was_made_void_has_nothing_live_on_its_page_and_in_the_list()
    {
        await using var shop = new Site();
        await shop.MakeBatchAsync(1);
        var code = await shop.TakeCodeAsync("AC-VOID");
        var secret = await shop.SecretAsync(code.BatchNo, code.Sequence);
        await shop.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-VOID", creemOrder: "ord_V")));
        await shop.ImportAsync("creem", Seed.Transaction("tran_v", "ord_V", "refunded", refunded: 299));
        await shop.ImportAsync("deliveries", Seed.File(Seed.DeliveriesHeader, Seed.Delivery("AC-VOID", secret, "redemption_code")));
        using var mara = shop.Visitor("en");
        Assert.Contains($"AC-VOID Needs attention Paid on 1 October 2024 and refunded, but still live: Redemption code ending in {code.LastFour}.", await mara.ReadAsync("/orders/AC-VOID"));

        var desk = shop.Services.GetRequiredService<VoidDesk>();
        var list = (await desk.LookUpAsync([secret], "mara@example.com", TestContext.Current.CancellationToken)).Task!;
        await desk.VoidListAsync(list, true, "mara@example.com", "Refunded", TestContext.Current.CancellationToken);
        await shop.RunTasksAsync();

        var page = await mara.ReadAsync("/orders/AC-VOID");
        Assert.Contains("AC-VOID Refunded Paid on 1 October 2024, refunded, and nothing is live. Nothing to do.", page);
        Assert.Matches($"Void Redemption code ending in {code.LastFour} Code batches, recorded at", page);
        Assert.Contains("AC-VOID", await mara.ReadAsync("/orders?status=refunded"));
        Assert.DoesNotContain("AC-VOID", await mara.ReadAsync("/orders?status=needs_attention"));
        var row = Html.Rows(await mara.GetStringAsync("/orders", TestContext.Current.CancellationToken)).Single(cells => cells[0].Contains("AC-VOID", StringComparison.Ordinal));
        Assert.Contains("Void", row);
        Assert.Contains("Refunded", row);
    }

    [Fact]
    public async Task A_refund_whose_time_nobody_told_says_so() =>
        Assert.Contains("Partially refunded USD 1.00 of USD 2.99, already so when first seen", await site.Visitor("en").ReadAsync("/orders/AC-PART"));

    [Fact]
    public async Task A_payment_in_another_mode_is_shown_and_not_counted() =>
        Assert.Contains("USD 2.99, in Creem's mode “test”: not counted", await site.Visitor("en").ReadAsync("/orders/AC-OTHER-MODE"));

    [Fact]
    public async Task Findings_stand_on_the_order_and_lead_to_their_pages()
    {
        var page = await site.Visitor("en").GetStringAsync("/orders/AC-PAID", TestContext.Current.CancellationToken);
        Assert.Matches("<a href=\"/findings/[0-9a-f]{32}\">Paid, not delivered</a>", page);
        Assert.Contains("Next: settle the open findings (1).", page);
        Assert.Matches("<a href=\"/findings/[0-9a-f]{32}\">Amount differs</a>", await site.Visitor("en").GetStringAsync("/orders/AC-AMOUNT", TestContext.Current.CancellationToken));
        Assert.Contains("expected USD 2.99 · actual USD 1.99", await site.Visitor("en").ReadAsync("/orders/AC-AMOUNT"));
        Assert.Contains("已付款未交付", await site.Visitor("zh-CN").ReadAsync("/orders/AC-PAID"));
    }

    [Fact]
    public async Task No_page_ever_shows_a_secret()
    {
        using var client = site.Visitor();
        string[] paths = ["/", "/orders", "/orders/AC-KEY", "/orders/AC-CODE", "/orders?text=AC-KEY", "/imports", "/imports/1", "/imports/2", "/imports/3", "/imports/4", "/imports/4/put-aside.csv", "/job-runs", "/running", "/packages"];
        foreach (var path in paths)
        {
            var page = await client.GetStringAsync(path, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(Key[..20], page);
            Assert.DoesNotContain(Key[8..], page);
            Assert.DoesNotContain(Code[..20], page);
        }
        Assert.Contains("…3f9a", await client.GetStringAsync("/orders/AC-KEY", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Whatever_a_file_brought_is_shown_as_text()
    {
        using var client = site.Visitor("en");
        var list = await client.GetStringAsync("/orders?text=" + Uri.EscapeDataString($"{Hostile}@example.com"), TestContext.Current.CancellationToken);
        var link = WebUtility.HtmlDecode(Regex.Match(list, "<a href=\"(/orders/[^\"]+)\">").Groups[1].Value);
        var page = await client.GetStringAsync(link, TestContext.Current.CancellationToken);
        Assert.Contains("&lt;img/src=x/onerror=alert(1)&gt;@example.com", page);
        Assert.All([list, page], html => Assert.DoesNotContain(Hostile, html));
        Assert.Equal(Shop.HostileNumber, WebUtility.HtmlDecode(Regex.Match(page, "<h1[^>]*>([^<]*)</h1>").Groups[1].Value));
    }

    [Theory]
    [InlineData("/orders/AC-NOBODY")]
    [InlineData("/orders/ac-key")]
    [InlineData("/orders/AC-KEY/x")]
    public async Task An_order_that_does_not_exist_is_not_found(string path)
    {
        using var answer = await site.Visitor().GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    /// <summary>One order of every kind, and one reconciliation.</summary>
    public sealed class Shop : IAsyncLifetime
    {
        public const string HostileNumber = "AC-<b>&\"'/%2F?#+";

        public Site Site { get; } = new();

        public async ValueTask InitializeAsync()
        {
            string[] paid = ["PAID", "KEY", "CODE", "PART", "REFUNDED", "REFUNDED-LIVE", "BACK", "REVOKED", "AMOUNT", "UNPAID", "STRANGE", "OTHER-MODE"];
            await Site.ImportAsync("orders", Seed.File(Seed.OrdersHeader,
            [
                .. paid.Select(no => Seed.Order("AC-" + no, creemOrder: "ord_" + no)),
                Seed.Order("AC-SOLD"),
                Seed.Order("AC-GIVEN"),
                Seed.Order($"\"{HostileNumber.Replace("\"", "\"\"")}\"", email: Hostile + "@example.com", creemOrder: "ord_" + Hostile),
            ]));
            await Site.ImportAsync("creem", string.Join('\n',
                Seed.Transaction("tran_paid", "ord_PAID"), Seed.Transaction("tran_key", "ord_KEY"), Seed.Transaction("tran_code", "ord_CODE"),
                Seed.Transaction("tran_part", "ord_PART", refunded: 100), Seed.Transaction("tran_refunded", "ord_REFUNDED"),
                Seed.Transaction("tran_refunded_live", "ord_REFUNDED-LIVE", "refunded", refunded: 299), Seed.Transaction("tran_back", "ord_BACK", "chargedBack"),
                Seed.Transaction("tran_revoked", "ord_REVOKED"), Seed.Transaction("tran_amount", "ord_AMOUNT", paid: 199),
                Seed.Transaction("tran_unpaid", "ord_UNPAID", "declined"), Seed.Transaction("tran_strange", "ord_STRANGE", Hostile.Replace("/", "", StringComparison.Ordinal)),
                Seed.Transaction("tran_test", "ord_OTHER-MODE", mode: "test")));
            await Site.ImportAsync("creem", Seed.Transaction("tran_refunded", "ord_REFUNDED", "refunded", refunded: 299));
            await Site.ImportAsync("deliveries", Seed.File(Seed.DeliveriesHeader,
                Seed.Delivery("AC-KEY", Key, reference: Hostile), Seed.Delivery("AC-CODE", Code, "redemption_code"), Seed.Delivery("AC-PART", "sk-delivered-to-part"),
                Seed.Delivery("AC-REFUNDED", "sk-delivered-now-dead", revokedAt: "2024-10-02T10:00:00+08:00"), Seed.Delivery("AC-REFUNDED-LIVE", "sk-delivered-still-live"),
                Seed.Delivery("AC-REVOKED", "sk-delivered-revoked", revokedAt: "2024-10-02T10:00:00+08:00"), Seed.Delivery("AC-GIVEN", "sk-delivered-for-give"),
                Seed.Delivery("AC-AMOUNT", "sk-delivered-amount"),
                Seed.Delivery("AC-NOBODY", Key + "-again"), Seed.Delivery("AC-KEY", Key, at: Key), Seed.Delivery(Key, "x")));
            var run = await Site.Services.GetRequiredService<RunDesk>().AddAsync(new DateOnly(2024, 10, 1), new DateOnly(2024, 10, 1).AddDays(1), null, null, "mara@example.com", CancellationToken.None);
            await Site.Services.GetRequiredService<ReconcileJob>().RunAsync(run.Id, CancellationToken.None);
            await Site.Services.GetRequiredService<ReconcileJob>().RunAsync(run.Id, CancellationToken.None);
            Assert.Equal("balanced", (await Site.Services.GetRequiredService<RunQueries>().GetAsync(run.Id)).Status);
        }

        public ValueTask DisposeAsync() => Site.DisposeAsync();
    }
}
