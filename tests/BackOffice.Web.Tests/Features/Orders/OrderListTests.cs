using System.Net;
using System.Text.RegularExpressions;
using BackOffice.Jobs.Orders;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Orders;

public sealed partial class OrderListTests(OrderListTests.Shop shop) : IClassFixture<OrderListTests.Shop>
{
    private readonly Site site = shop.Site;

    [Theory]
    [InlineData("/orders", 134)]
    [InlineData("/orders?package=starter", 65)]
    [InlineData("/orders?text=Mara%40Example.com", 65)]
    [InlineData("/orders?package=starter&text=mara%40example.com&from=2024-10-01&to=2024-10-31", 65)]
    [InlineData("/orders?package=trial&text=mara%40example.com", 0)]
    public async Task Paging_there_and_back_shows_every_order_exactly_once(string path, int orders)
    {
        using var client = site.Visitor("en");
        var (older, last) = await WalkAsync(client, path, "Older");
        Assert.Equal(orders, older.Count);
        Assert.Equal(older.Count, older.Distinct().Count());
        Assert.Equal(older.OrderByDescending(no => shop.MadeAt[no], StringComparer.Ordinal).ThenByDescending(no => no, StringComparer.Ordinal), older);

        var (newer, first) = await WalkAsync(client, last, "Newer");
        Assert.Equal(older.Order(), newer.Distinct().Order());
        Assert.DoesNotContain("Newer", await client.ReadAsync(first));
    }

    [Theory]
    [InlineData("AC-ZM3J-J7T7-3Q1C")]
    [InlineData(" ac-zm3j-j7t7-3q1c ")]
    [InlineData("AC ZM3J J7T7 3QIC")]
    [InlineData("ＡＣ－ZM3J－J7T7－3Q1C")]
    [InlineData("ord_Known")]
    public async Task A_number_or_a_Creem_order_finds_its_order_however_it_was_typed(string typed)
    {
        var (found, _) = await WalkAsync(site.Visitor("en"), "/orders?text=" + Uri.EscapeDataString(typed), "Older");
        Assert.Equal(["AC-ZM3J-J7T7-3Q1C"], found);
    }

    [Theory]
    [InlineData("/orders?status=delivered", "AC-ZM3J-J7T7-3Q1C")]
    [InlineData("/orders?status=delivered&package=trial&from=2024-10-02&to=2024-10-02", "AC-ZM3J-J7T7-3Q1C")]
    [InlineData("/orders?status=delivered&package=starter", "")]
    [InlineData("/orders?status=delivered&text=aster%40example.com", "AC-ZM3J-J7T7-3Q1C")]
    [InlineData("/orders?status=awaiting_payment&text=AC-ZM3J-J7T7-3Q1C", "")]
    [InlineData("/orders?status=needs_attention", "AC-GIVEN AC-PAID-ONLY")]
    [InlineData("/orders?status=refunded", "")]
    public async Task A_status_finds_its_orders_whatever_else_is_filtered(string path, string orders)
    {
        var (found, _) = await WalkAsync(site.Visitor("en"), path, "Older");
        Assert.Equal(orders, string.Join(' ', found));
    }

    [Fact]
    public async Task Pages_of_a_status_show_every_order_once_and_an_unknown_status_is_left_out()
    {
        using var client = site.Visitor("en");
        var (older, last) = await WalkAsync(client, "/orders?status=awaiting_payment", "Older");
        Assert.Equal(131, older.Count);
        Assert.Equal(older.Count, older.Distinct().Count());
        var (newer, _) = await WalkAsync(client, last, "Newer");
        Assert.Equal(older.Order(), newer.Distinct().Order());
        Assert.Contains("Remove filter: Status: Awaiting payment", await client.GetStringAsync("/orders?status=awaiting_payment", TestContext.Current.CancellationToken));
        Assert.Equal(134, (await WalkAsync(client, "/orders?status=nonsense", "Older")).Seen.Count);
    }

    [Fact]
    public async Task As_long_as_a_status_is_not_worked_out_for_every_order_the_list_says_so()
    {
        await using var old = new Site();
        await old.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-OLD"), Seed.Order("AC-PAID", creemOrder: "ord_P")));
        await old.ImportAsync("creem", Seed.Transaction("tran_p", "ord_P"));
        ShopRows.Count(old.Shop, "UPDATE Orders SET Status = NULL, Payment = NULL; SELECT 1");
        using var client = old.Visitor("en");
        Assert.Contains("The status of older orders is still being worked out", await client.ReadAsync("/orders?status=needs_attention"));
        Assert.DoesNotContain("still being worked out", await client.ReadAsync("/orders"));
        var job = old.Services.GetRequiredService<OrderStatusJob>();
        Assert.True(await job.IsNeededAsync(TestContext.Current.CancellationToken));
        await job.RunAsync(TestContext.Current.CancellationToken);
        await job.RunAsync(TestContext.Current.CancellationToken);
        Assert.False(await job.IsNeededAsync(TestContext.Current.CancellationToken));
        var (found, _) = await WalkAsync(client, "/orders?status=needs_attention", "Older");
        Assert.Equal(["AC-PAID"], found);
    }

    [Fact]
    public async Task Other_filters_hold_for_a_number_too()
    {
        var (found, _) = await WalkAsync(site.Visitor("en"), "/orders?text=AC-ZM3J-J7T7-3Q1C&package=starter", "Older");
        Assert.Empty(found);
        (found, _) = await WalkAsync(site.Visitor("en"), "/orders?text=AC-ZM3J-J7T7-3Q1C&to=2024-01-01", "Older");
        Assert.Empty(found);
    }

    [Fact]
    public async Task Days_are_the_shops_and_both_are_included()
    {
        var (found, _) = await WalkAsync(site.Visitor("en"), "/orders?from=2024-11-01&to=2024-11-01", "Older");
        Assert.Equal(["AC-LAST-MOMENT", "AC-FIRST-MOMENT"], found);
        (found, _) = await WalkAsync(site.Visitor("en"), "/orders?from=2024-11-02&to=2024-11-02", "Older");
        Assert.Equal(["AC-NEXT-DAY"], found);
    }

    [Fact]
    public async Task Each_filter_can_be_taken_away_alone()
    {
        var page = await site.Visitor("en").GetStringAsync("/orders?text=mara%40example.com&package=starter&from=2024-10-01&before=0_x", TestContext.Current.CancellationToken);
        Assert.Contains("<a class=\"filter-chip\" href=\"/orders?package=starter&amp;from=2024-10-01\" aria-label=\"Remove filter: Number, Creem order or e-mail: mara@example.com\"", page);
        Assert.Contains("href=\"/orders?text=mara@example.com&amp;from=2024-10-01\" aria-label=\"Remove filter: Package: Starter\"", page);
        Assert.Contains("href=\"/orders?text=mara@example.com&amp;package=starter\" aria-label=\"Remove filter: From day: 2024-10-01\"", page);
    }

    [Theory]
    [InlineData("from=2024-13-01", "From day: 2024-13-01 is not a day.")]
    [InlineData("to=yesterday", "To day: yesterday is not a day.")]
    [InlineData("from=9999-12-31", "From day: 9999-12-31 is not a day.")]
    public async Task A_day_that_cannot_be_read_shows_no_orders_and_says_so(string query, string refusal)
    {
        using var answer = await site.Visitor("en").GetAsync("/orders?" + query, TestContext.Current.CancellationToken);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(refusal, WebUtility.HtmlDecode(page));
        Assert.Contains("The filter cannot be read", page);
        Assert.Empty(Number().Matches(page));
    }

    [Theory]
    [InlineData("before=x")]
    [InlineData("before=99999999999999999999_AC")]
    [InlineData("after=-1")]
    public async Task A_mutilated_place_is_the_newest_page(string query)
    {
        var mutilated = Number().Matches(await site.Visitor().GetStringAsync("/orders?" + query, TestContext.Current.CancellationToken)).Select(match => match.Value);
        Assert.Equal(Number().Matches(await site.Visitor().GetStringAsync("/orders", TestContext.Current.CancellationToken)).Select(match => match.Value), mutilated);
    }

    [Theory]
    [InlineData("en", "No order fits this filter.", "Clear filters")]
    [InlineData("zh-CN", "没有符合条件的订单", "清除筛选")]
    public async Task Nothing_found_says_what_to_do(string language, string words, string act)
    {
        var page = await site.Visitor(language).ReadAsync("/orders?text=nobody%40example.com");
        Assert.Contains(words, page);
        Assert.Contains(act, page);
    }

    [Fact]
    public async Task An_empty_shop_says_where_orders_come_from()
    {
        await using var empty = new Site();
        Assert.Contains("No orders yet.", await empty.Visitor("en").ReadAsync("/orders"));
        Assert.Contains("还没有订单", await empty.Visitor("zh-CN").ReadAsync("/orders"));
    }

    [Fact]
    public async Task What_is_typed_into_the_filter_is_shown_as_text()
    {
        const string hostile = "\"><script>alert(1)</script>";
        var page = await site.Visitor("en").GetStringIgnoringStatusAsync($"/orders?text={Uri.EscapeDataString(hostile)}&package={Uri.EscapeDataString(hostile)}&from={Uri.EscapeDataString(hostile)}");
        Assert.DoesNotContain("<script>alert", page);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page);
    }

    [Fact]
    public async Task A_row_says_what_has_become_of_money_and_delivery()
    {
        var page = await site.Visitor("en").ReadAsync("/orders?text=AC-ZM3J-J7T7-3Q1C");
        Assert.Contains("AC-ZM3J-J7T7-3Q1C 2024-10-02 10:00 Trial × 1 USD 2.99 Paid Delivered Delivered", page);
        Assert.Contains("AC-FIRST-MOMENT 2024-11-01 00:00 Trial × 1 USD 2.99 Awaiting payment Not delivered", await site.Visitor("en").ReadAsync("/orders?text=AC-FIRST-MOMENT"));
        Assert.Contains("待付款 未交付", await site.Visitor("zh-CN").ReadAsync("/orders?text=AC-FIRST-MOMENT"));
    }

    private static Task<(List<string> Seen, string Last)> WalkAsync(HttpClient client, string path, string way) => client.WalkAsync(path, way, "<a href=\"/orders/([^\"]+)\">");

    [GeneratedRegex("<a href=\"/orders/([^\"]+)\">")]
    private static partial Regex Number();

    /// <summary>126 orders of one October day, many at one instant, two of the next, one that is paid and delivered, one only paid, one only delivered, and three around midnight.</summary>
    public sealed class Shop : IAsyncLifetime
    {
        public Site Site { get; } = new();

        public Dictionary<string, string> MadeAt { get; } = [];

        public async ValueTask InitializeAsync()
        {
            var lines = new List<string>();
            for (var i = 0; i < 126; i++)
            {
                var (package, email) = i % 2 == 0 ? ("starter", "mara@example.com") : ("trial", "ilya@example.com");
                Add($"AC-WALK-{i * 7919 % 1000:000}-{i:000}", $"2024-10-03T10:{i / 30:00}:00+08:00", package, email);
            }
            Add("AC-STARTER-A", "2024-10-04T10:00:00.250+08:00", "starter", "mara@example.com");
            Add("AC-STARTER-B", "2024-10-04T10:00:00+08:00", "starter", "mara@example.com");
            Add("AC-ZM3J-J7T7-3Q1C", "2024-10-02T10:00:00+08:00", "trial", "aster@example.com", "ord_Known");
            Add("AC-FIRST-MOMENT", "2024-11-01T00:00:00+08:00", "trial", "aster@example.com");
            Add("AC-LAST-MOMENT", "2024-11-01T23:59:59.999+08:00", "trial", "aster@example.com");
            Add("AC-NEXT-DAY", "2024-11-02T00:00:00+08:00", "trial", "aster@example.com");
            Add("AC-PAID-ONLY", "2024-10-02T11:00:00+08:00", "trial", "ilya@example.com", "ord_PaidOnly");
            Add("AC-GIVEN", "2024-10-02T12:00:00+08:00", "trial", "ilya@example.com");
            await Site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, [.. lines]));
            await Site.ImportAsync("creem", Seed.Transaction("tran_known", "ord_Known") + "\n" + Seed.Transaction("tran_paid", "ord_PaidOnly"));
            await Site.ImportAsync("deliveries", Seed.File(Seed.DeliveriesHeader, Seed.Delivery("AC-GIVEN", "sk-given-without-money-1")));
            await Site.ImportAsync("deliveries", Seed.File(Seed.DeliveriesHeader, Seed.Delivery("AC-ZM3J-J7T7-3Q1C", "sk-known-secret-000000001")));

            void Add(string no, string at, string package, string email, string creemOrder = "")
            {
                lines.Add(Seed.Order(no, at, package, email, creemOrder));
                MadeAt[no] = at;
            }
        }

        public ValueTask DisposeAsync() => Site.DisposeAsync();
    }
}
