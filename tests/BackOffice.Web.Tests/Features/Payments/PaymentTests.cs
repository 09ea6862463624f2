using System.Net;
using BackOffice.Domain.Access;

namespace BackOffice.Web.Tests.Features.Payments;

public sealed class PaymentTests(PaymentTests.Shop shop) : IClassFixture<PaymentTests.Shop>
{
    private const string Row = "<a href=\"/payments/([^\"]+)\">";
    private readonly Site site = shop.Site;

    [Theory]
    [InlineData("/payments", 65)]
    [InlineData("/payments?status=paid", 62)]
    [InlineData("/payments?status=refunded", 1)]
    [InlineData("/payments?status=charged_back", 1)]
    [InlineData("/payments?status=unknown_status", 1)]
    [InlineData("/payments?status=no-such-status", 65)]
    [InlineData("/payments?currency=usd&status=paid", 62)]
    [InlineData("/payments?currency=EUR", 0)]
    [InlineData("/payments?from=2024-10-01&to=2024-10-01", 65)]
    [InlineData("/payments?from=2024-10-02", 0)]
    [InlineData("/payments?text=tran_007", 1)]
    [InlineData("/payments?text=ord_007", 1)]
    [InlineData("/payments?text=ord_007&status=refunded", 0)]
    public async Task Paging_there_and_back_shows_every_payment_of_the_filter_exactly_once(string path, int payments)
    {
        using var client = site.Visitor("en");
        var (older, last) = await client.WalkAsync(path, "Older", Row);
        Assert.Equal(payments, older.Count);
        Assert.Equal(older.Count, older.Distinct().Count());
        Assert.Equal(older.OrderDescending(StringComparer.Ordinal), older);
        var (newer, _) = await client.WalkAsync(last, "Newer", Row);
        Assert.Equal(older.Order(), newer.Distinct().Order());
    }

    [Theory]
    [InlineData("currency=xx", "Currency: XX is no currency. Write three letters, such as USD.")]
    [InlineData("from=2024-13-01", "From day: 2024-13-01 is not a day.")]
    [InlineData("to=tomorrow", "To day: tomorrow is not a day.")]
    public async Task What_cannot_be_read_is_said_and_kept(string query, string refusal)
    {
        using var answer = await site.Visitor("en").GetAsync("/payments?" + query, TestContext.Current.CancellationToken);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(refusal, page);
        Assert.Contains($"value=\"{query.Split('=')[1]}\"", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_payment_shows_each_source_side_by_side_and_marks_what_differs()
    {
        var page = await site.Visitor("en").GetStringAsync("/payments/tran_conflict", TestContext.Current.CancellationToken);
        Assert.Contains("The records contradict each other", page);
        var table = Html.Table(page, "What each source said");
        Assert.Equal(["Status", "Mode", "Currency", "Amount", "Amount paid", "Tax", "Refunded", "Creem order", "Made at"], Html.Rows(table).Select(row => row[0]));
        Assert.Equal(["Amount paid: USD 2.99 differs | USD 1.99 differs", "Amount: USD 2.99 differs | USD 1.99 differs"], Html.Marked(table).Order(StringComparer.Ordinal));
        Assert.Contains("<a href=\"/orders/AC-CONFLICT\">", page);
    }

    [Fact]
    public async Task What_goes_on_is_told_from_what_contradicts()
    {
        var page = await site.Visitor("en").GetStringAsync("/payments/tran_refunded", TestContext.Current.CancellationToken);
        Assert.Contains("USD 2.99 came in on 1 October 2024 and was given back. 2 records tell of it, and none contradicts another.", Html.Text(page));
        var table = Html.Table(page, "What each source said");
        Assert.Empty(Html.Marked(table));
        Assert.Contains("went on", table);
    }

    [Theory]
    [InlineData("tran_alone", "no order known")]
    [InlineData("tran_test", "Creem's mode is “test”, not the shop's")]
    public async Task A_payment_that_is_not_counted_says_why(string id, string words) => Assert.Contains(words, await site.Visitor("en").ReadAsync("/payments/" + id));

    [Fact]
    public async Task A_payment_that_is_not_there_is_not_found()
    {
        using var answer = await site.Visitor().GetAsync("/payments/tran_none", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Everybody_sees_payments_and_an_empty_shop_says_where_they_come_from()
    {
        await using var empty = new Site();
        Assert.Contains("No payments yet. Connect Creem or import its export.", await empty.Visitor(Role.Support, "en").ReadAsync("/payments"));
        Assert.Contains("还没有付款", await empty.Visitor("zh-CN").ReadAsync("/payments"));
    }

    /// <summary>Sixty payments of one instant, and one of every other kind.</summary>
    public sealed class Shop : IAsyncLifetime
    {
        public Site Site { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-CONFLICT", creemOrder: "ord_conflict"), Seed.Order("AC-REFUNDED", creemOrder: "ord_refunded")));
            await Site.ImportAsync("creem", string.Join('\n',
            [
                .. Enumerable.Range(0, 59).Select(i => Seed.Transaction($"tran_{i:000}", $"ord_{i:000}")),
                Seed.Transaction("tran_conflict", "ord_conflict"), Seed.Transaction("tran_refunded", "ord_refunded"), Seed.Transaction("tran_alone", "ord_nobodys"),
                Seed.Transaction("tran_test", "ord_test", mode: "test"), Seed.Transaction("tran_back", "ord_back", "chargeback"), Seed.Transaction("tran_strange", "ord_strange", "in_review"),
            ]));
            await Site.ImportAsync("creem", Seed.Transaction("tran_conflict", "ord_conflict", paid: 199) + "\n" + Seed.Transaction("tran_refunded", "ord_refunded", "refunded", refunded: 299));
        }

        public ValueTask DisposeAsync() => Site.DisposeAsync();
    }
}
