using System.Net;
using BackOffice.Domain.Access;

namespace BackOffice.Web.Tests.Features.Search;

public sealed class SearchTests(SearchTests.Shop shop) : IClassFixture<SearchTests.Shop>
{
    private readonly Site site = shop.Site;

    [Theory]
    [InlineData("AC-ZM3J-J7T7-3Q1C", "/orders/AC-ZM3J-J7T7-3Q1C")]
    [InlineData(" ac zm3j j7t7 3qic ", "/orders/AC-ZM3J-J7T7-3Q1C")]
    [InlineData("ＡＣ－ZM3J－J7T7－3Q1C", "/orders/AC-ZM3J-J7T7-3Q1C")]
    [InlineData("Hi, I paid for AC-ZM3J-J7T7-3Q1C but nothing came", "/orders/AC-ZM3J-J7T7-3Q1C")]
    [InlineData("ord_Known", "/orders/AC-ZM3J-J7T7-3Q1C")]
    [InlineData("tran_known", "/payments/tran_known")]
    [InlineData("ord_Nobodys", "/payments/tran_alone")]
    [InlineData("ASTER@example.com", "/orders/AC-ZM3J-J7T7-3Q1C")]
    [InlineData("3f9a", "/orders/AC-ZM3J-J7T7-3Q1C")]
    [InlineData("…3F9A", "/orders/AC-ZM3J-J7T7-3Q1C")]
    [InlineData("inv/7", "/orders/INV/7")]
    [InlineData("import 1", "/imports/1")]
    public async Task One_record_is_opened_at_once(string typed, string address)
    {
        using var answer = await site.Visitor().GetAsync("/search?q=" + Uri.EscapeDataString(typed), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(address, answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Several_are_listed_newest_first_and_nothing_is_counted()
    {
        var page = await site.Visitor("en").GetStringAsync("/search?q=mara%40example.com", TestContext.Current.CancellationToken);
        Assert.Contains("Several records fit.", page);
        Assert.Contains("20 rows shown, more follow", page);
        Assert.Contains("href=\"/orders?text=mara@example.com\"", WebUtility.HtmlDecode(page));
        var orders = Html.Rows(Html.Table(page, "Orders"));
        Assert.Equal(20, orders.Count);
        Assert.Equal("AC-MARA-29", orders[0][0]);
    }

    [Theory]
    [InlineData("en", "AC-ZM3J-J7T7-3Q1D", "Nothing fits.", "the check character does not fit")]
    [InlineData("zh-CN", "AC-ZM3J-J7T7-3Q1D", "均无匹配", "校验位不符")]
    [InlineData("en", "nobody@example.com", "Nothing fits.", "E-mail nobody@example.com")]
    [InlineData("en", "zzzz", "Nothing fits.", "Last four zzzz of a key or code")]
    [InlineData("en", "ord_none", "Nothing fits.", "Creem id ord_none")]
    [InlineData("en", "", "Type or paste an order number", "An order number looks like AC-ZM3J-J7T7-3Q1C")]
    public async Task What_is_not_found_says_what_was_tried_and_what_a_number_looks_like(string language, string typed, string answer, string tried)
    {
        var page = await site.Visitor(language).ReadAsync("/search?q=" + Uri.EscapeDataString(typed));
        Assert.Contains(answer, page);
        Assert.Contains(tried, page);
    }

    [Fact]
    public async Task Imports_are_found_by_who_may_see_them_only()
    {
        using var answer = await site.Visitor(Role.Support).GetAsync("/search?q=1", TestContext.Current.CancellationToken);
        Assert.NotEqual("/imports/1", answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task What_is_typed_is_shown_as_text()
    {
        const string hostile = "\"><script>alert(1)</script>";
        var page = await site.Visitor("en").GetStringAsync("/search?q=" + Uri.EscapeDataString(hostile), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("<script>alert", page);
        Assert.Contains("&lt;script&gt;alert(1)", page);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/orders")]
    [InlineData("/no-such-page")]
    public async Task The_box_is_on_every_page(string path) =>
        Assert.Contains("<form class=\"search-box\" method=\"get\" action=\"/search\"", await site.Visitor().GetStringIgnoringStatusAsync(path));

    /// <summary>An order that is paid and delivered, a payment of nobody's, thirty orders of one customer, and an order of another making.</summary>
    public sealed class Shop : IAsyncLifetime
    {
        public Site Site { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Site.ImportAsync("orders", Seed.File(Seed.OrdersHeader,
            [
                Seed.Order("AC-ZM3J-J7T7-3Q1C", creemOrder: "ord_Known"),
                Seed.Order("INV/7", email: "ilya@example.com"),
                .. Enumerable.Range(0, 30).Select(i => Seed.Order($"AC-MARA-{i:00}", $"2024-10-02T10:{i:00}:00+08:00", email: "mara@example.com")),
            ]));
            await Site.ImportAsync("creem", Seed.Transaction("tran_known", "ord_Known") + "\n" + Seed.Transaction("tran_alone", "ord_Nobodys"));
            await Site.ImportAsync("deliveries", Seed.File(Seed.DeliveriesHeader, Seed.Delivery("AC-ZM3J-J7T7-3Q1C", "sk-known-secret-00003f9a")));
        }

        public ValueTask DisposeAsync() => Site.DisposeAsync();
    }
}
