using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using BackOffice.Data.Packages;
using BackOffice.Domain.Access;
using BackOffice.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Packages;

public sealed class PricesTests : IAsyncDisposable
{
    // 11:00 on the shop's clock.
    private static readonly DateTime Morning = new(2026, 11, 10, 3, 0, 0, DateTimeKind.Utc);

    private readonly ShiftedClock _clock = new(Morning);
    private readonly Site _site;

    public PricesTests() => _site = new Site { Clock = _clock };

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_price_is_previewed_added_and_ends_the_one_before_where_it_begins()
    {
        using var admin = _site.Visitor("en");
        await AddAsync(admin, Charge("2.99"));
        _clock.MoveTo(Morning.AddMinutes(5));
        var wanted = Charge("3.49", from: "2026-12-01T00:00", endPresent: "yes");
        var preview = await admin.ReadAsync(Preview(wanted));
        Assert.Contains("Trial: new Charge price in USD", preview);
        Assert.Contains("From 1 December 2026, 00:00 (UTC+8), Trial costs USD 3.49 instead of USD 2.99.", preview);
        Assert.Contains("The present price, USD 2.99, in force since 10 November 2026, 11:00 (UTC+8), ends: 1 December 2026, 00:00 (UTC+8).", preview);
        Assert.Equal(1, Prices("charge"));

        await AddAsync(admin, wanted);
        var page = await admin.ReadAsync("/packages/trial");
        Assert.Contains("The price is added: USD 3.49.", page);
        Assert.Matches(@"2026-12-01 00:00:00 no end set Charge price, tax exclusive prod_a1 USD 3\.49 Scheduled admin@example\.com, 2026-11-10 11:0\d End Withdraw", Unspaced(page));
        Assert.Matches(@"2026-11-10 11:0\d:\d\d 2026-12-01 00:00:00 Charge price, tax exclusive prod_a1 USD 2\.99 In force admin@example\.com, 2026-11-10 11:0\d Ended by: admin@example\.com, 2026-11-10 11:0\d", Unspaced(page));

        _clock.MoveTo(new DateTime(2026, 11, 30, 16, 0, 0, DateTimeKind.Utc));
        using var later = _site.Visitor(Role.Finance, "en");
        Assert.Contains("CNY 22.00 USD 3.49 In force", Unspaced(await later.ReadAsync("/packages")));
        Assert.Contains("Charge price USD 2.99", Unspaced(await later.ReadAsync("/packages/trial?at=2026-11-30T23:59")));
        Assert.Contains("Charge price USD 3.49", Unspaced(await later.ReadAsync("/packages/trial?at=2026-12-01T00:00")));
    }

    [Fact]
    public async Task The_preview_says_what_the_last_30_days_would_have_come_to_for_each_currency_apart()
    {
        await _site.ImportAsync("orders", Seed.File(
            Seed.OrdersHeader,
            "AC-P-1,trial,2,aster@example.com,CNY,44.00,USD,5.98,exclusive,,2026-11-09T10:00:00+08:00",
            "AC-P-2,trial,1,aster@example.com,CNY,22.00,USD,2.49,exclusive,,2026-10-20T10:00:00+08:00",
            "AC-P-3,trial,1,aster@example.com,CNY,22.00,JPY,450,inclusive,,2026-11-09T10:00:00+08:00",
            "AC-P-4,trial,1,aster@example.com,CNY,22.00,USD,2.99,exclusive,,2026-10-01T10:00:00+08:00",
            "AC-P-5,starter,1,aster@example.com,CNY,36.00,USD,4.99,exclusive,,2026-11-09T10:00:00+08:00"));
        using var admin = _site.Visitor("en");
        var preview = Unspaced(await admin.ReadAsync(Preview(Charge("3.49"))));
        Assert.Contains("JPY 1 1 JPY 450 not touched JPY 0", preview);
        Assert.Contains("USD 2 3 USD 8.47 USD 10.47 USD +2.00", preview);
        var list = Unspaced(await admin.ReadAsync(Preview([("purpose", "list"), ("currency", "CNY"), ("amount", "20"), ("from", "2026-12-01T00:00"), ("end_present", "yes")])));
        Assert.Contains("CNY 3 4 CNY 88.00 CNY 80.00 CNY −8.00", list);
        Assert.Contains("None of the last 30 days was sold in KWD.", await admin.ReadAsync(Preview([.. Charge("1.234"), ("currency", "kwd")])));
        Assert.Contains("No order of the last 30 days.", await admin.ReadAsync(Preview(Charge("1"), "standard")));
    }

    [Theory]
    [InlineData("purpose", "", "Purpose: none is chosen.")]
    [InlineData("purpose", "gift", "Purpose: none is chosen.")]
    [InlineData("currency", "", "Currency: nothing is given.")]
    [InlineData("currency", "ABC", "Currency: “ABC” is not a currency.")]
    [InlineData("amount", "", "Amount: no amount. Write it in USD, such as 22.00.")]
    [InlineData("amount", "0", "Amount: 0 is not a price.")]
    [InlineData("amount", "0.00", "Amount: 0.00 is not a price.")]
    [InlineData("amount", "-2.99", "Amount: -2.99 is not a price.")]
    [InlineData("amount", "2.999", "Amount: 2.999 has more decimals (3) than USD takes (2).")]
    [InlineData("amount", "2,99", "Amount: “2,99” has a comma.")]
    [InlineData("amount", "two", "Amount: “two” is not an amount.")]
    [InlineData("amount", "12345678901234", "Amount: 12345678901234 is too large.")]
    [InlineData("tax_mode", "", "Tax: none is chosen. A charge price is tax inclusive or tax exclusive.")]
    [InlineData("tax_mode", "both", "Tax: none is chosen.")]
    [InlineData("creem_product", "prod a1", "Creem product: not the id of a product at Creem.")]
    [InlineData("from", "2026-11-31T10:00", "In force from: 2026-11-31T10:00 is not a day and time.")]
    [InlineData("from", "2026-11-10T10:59", "In force from: 2026-11-10 10:59 has passed: it is 2026-11-10 11:0")]
    [InlineData("from", "1999-11-10T10:59", "In force from: the year 1999 is outside 2000 to 2100.")]
    [InlineData("until", "2026-11-10T09:00", "Until, not included: 2026-11-10 09:00 is not after the start")]
    [InlineData("until", "tomorrow", "Until, not included: tomorrow is not a day and time.")]
    public async Task What_cannot_be_a_price_is_refused_and_everything_kept(string field, string value, string sentence)
    {
        using var admin = _site.Visitor("en");
        using var answer = await admin.GetAsync(Preview([.. Charge("2.99"), (field, value)]), Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Token));
        Assert.Contains(sentence, page);
        Assert.Contains(field == "creem_product" ? "value=\"2.99\"" : "value=\"prod_a1\"", page);
        using var posted = await admin.PostFormAsync("/packages/trial/prices", await admin.TokenAsync(), [.. Fields([.. Charge("2.99"), (field, value)]), ("version", "1"), ("reason", "because")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, posted.StatusCode);
        Assert.Equal(0, Prices("charge"));
    }

    [Theory]
    [InlineData("tax_mode", "inclusive", "Tax: a list price has none.")]
    [InlineData("creem_product", "prod_a1", "Creem product: a list price has none.")]
    public async Task A_list_price_has_neither_tax_nor_product(string field, string value, string sentence)
    {
        using var admin = _site.Visitor("en");
        using var answer = await admin.GetAsync(Preview([("purpose", "list"), ("currency", "USD"), ("amount", "2.99"), (field, value)]), Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(sentence, await answer.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("¥", "JPY", "1,234", 1234)]
    [InlineData("full-width", "jpy", "１２３４", 1234)]
    [InlineData("three decimals", "KWD", "1.234", 1234)]
    [InlineData("thousands", "USD", "1,234.5", 123450)]
    public async Task An_amount_is_read_in_its_currencys_decimals(string what, string currency, string amount, long minor)
    {
        Assert.NotEmpty(what);
        using var admin = _site.Visitor("en");
        await AddAsync(admin, [.. Charge(amount), ("currency", currency)]);
        Assert.Equal(minor, ShopRows.Count(_site.Shop, $"SELECT AmountMinor FROM PackagePrices WHERE Purpose = 'charge' AND Currency = '{currency.ToUpperInvariant()}'"));
    }

    [Theory]
    [InlineData("en", "A price without an end runs since 2026-01-01 08:00. End it first, or start the new one later.")]
    [InlineData("zh-CN", "2026-01-01 08:00 起已有一条未设截止时间的单价。请先设定其截止时间，或推迟新单价的生效时间。")]
    public async Task A_price_that_meets_another_one_is_refused(string language, string sentence)
    {
        using var admin = _site.Visitor(language);
        using var answer = await admin.GetAsync(Preview([("purpose", "list"), ("currency", "CNY"), ("amount", "20.00"), ("from", "2026-12-01T00:00"), ("end_present", "no")]), Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(sentence, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task Of_two_who_press_at_once_one_is_told_and_nothing_typed_is_lost()
    {
        using var admin = _site.Visitor("en");
        var wanted = Charge("2.99");
        var token = await admin.TokenAsync();
        var fields = Fields([.. wanted, ("version", "1"), ("reason", "agreed on Monday")]);
        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => admin.PostFormAsync("/packages/trial/prices", token, fields)));
        Assert.Equal([HttpStatusCode.Redirect, HttpStatusCode.UnprocessableEntity], answers.Select(answer => answer.StatusCode).Order());
        var told = await answers.Single(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity).Content.ReadAsStringAsync(Token);
        Assert.Contains("A price without an end runs since", told);
        Assert.Equal(1, Prices("charge"));

        // A change that leaves the price possible: the preview stands again, with the reason.
        var other = Fields([.. Charge("2.59"), ("currency", "EUR"), ("version", "1"), ("reason", "agreed on Monday")]);
        using var late = await admin.PostFormAsync("/packages/trial/prices", token, other);
        var page = await late.Content.ReadAsStringAsync(Token);
        Assert.Contains("Somebody else changed this package or its prices in the meantime.", page);
        Assert.Contains("value=\"agreed on Monday\"", page);
        Assert.Contains("name=\"version\" value=\"2\"", page);
    }

    [Fact]
    public async Task A_price_gets_its_end_once()
    {
        using var admin = _site.Visitor("en");
        await AddAsync(admin, Charge("2.99"));
        var end = await ActOfAsync(admin, "end");
        Assert.Contains("From its end on, nothing can be bought in USD until another price holds.", await admin.ReadAsync(end));
        using var past = await admin.SubmitAsync(end, "/packages/trial/prices/end", ("until", "2026-11-10T11:00"), ("reason", "over"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, past.StatusCode);
        var page = await past.Content.ReadAsStringAsync(Token);
        Assert.Contains("value=\"over\"", page);
        Assert.Contains("value=\"2026-11-10T11:00\"", page);
        using var ended = await admin.SubmitAsync(end, "/packages/trial/prices/end", ("until", "2026-11-20T00:00"), ("reason", "over"));
        Assert.Equal("/packages/trial", ended.Headers.Location!.OriginalString);
        using var again = await admin.PostFormAsync("/packages/trial/prices/end", await admin.TokenAsync(), [.. Query(end), ("version", "3"), ("reason", "once more")]);
        Assert.Contains("This price ends at 2026-11-20 00:00 already", await again.Content.ReadAsStringAsync(Token));
        Assert.Equal(["admin@example.com package.price_added because", "admin@example.com package.price_ended over"], Acts());
    }

    [Fact]
    public async Task A_price_is_withdrawn_before_it_begins_and_stays_to_be_seen()
    {
        using var admin = _site.Visitor("en");
        await AddAsync(admin, Charge("2.99", from: "2026-11-20T00:00"));
        var withdrawal = await ActOfAsync(admin, "withdrawal");
        Assert.Contains("It was to hold from 20 November 2026, 00:00 (UTC+8)", await admin.ReadAsync(withdrawal));
        using var silent = await admin.SubmitAsync(withdrawal, "/packages/trial/prices/withdrawal");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, silent.StatusCode);
        using var done = await admin.SubmitAsync(withdrawal, "/packages/trial/prices/withdrawal", ("reason", "not now"));
        Assert.Contains("admin@example.com 2026-11-20 00:00:00 Charge price USD 2.99 Withdrawn", Unspaced(await admin.ReadAsync("/packages/trial")));
        Assert.Equal(0, Prices("charge"));
        using var again = await admin.PostFormAsync("/packages/trial/prices/withdrawal", await admin.TokenAsync(), [.. Query(withdrawal), ("version", "3"), ("reason", "twice")]);
        Assert.Equal("/packages/trial", again.Headers.Location!.OriginalString);
        Assert.Contains("Somebody else changed this package", await admin.ReadAsync("/packages/trial"));

        await AddAsync(admin, Charge("2.99", from: "2026-11-20T00:00"));
        withdrawal = await ActOfAsync(admin, "withdrawal");
        _clock.MoveTo(Morning.AddMinutes(9));
        Assert.Equal(["admin@example.com package.price_added because", "admin@example.com package.price_withdrawn not now", "admin@example.com package.price_added because"], Acts());
    }

    [Fact]
    public async Task The_password_is_asked_for_again_before_a_price_is_touched()
    {
        using var admin = _site.Visitor("en");
        var token = await admin.TokenAsync();
        _clock.MoveTo(Morning + ReauthenticateAttribute.Holds + TimeSpan.FromMinutes(1));
        using var form = await admin.GetAsync("/packages/trial/prices/new", Token);
        Assert.Equal("/account/confirm?back=%2Fpackages%2Ftrial%2Fprices%2Fnew", form.Headers.Location!.OriginalString);
        using var late = await admin.PostFormAsync("/packages/trial/prices", token, [.. Fields(Charge("2.99")), ("version", "1"), ("reason", "because")]);
        Assert.StartsWith("/account/confirm", late.Headers.Location!.OriginalString);
        using var added = await admin.PostFormAsync("/packages", token, ("slug", "late"));
        Assert.StartsWith("/account/confirm", added.Headers.Location!.OriginalString);
        Assert.Equal(0, Prices("charge"));
    }

    [Fact]
    public async Task An_instant_that_cannot_be_read_is_refused_and_the_present_prices_stand()
    {
        using var admin = _site.Visitor("en");
        using var answer = await admin.GetAsync("/packages/trial?at=someday", Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync(Token);
        Assert.Contains("Instant: someday is not a day and time.", page);
        Assert.Contains("value=\"someday\"", page);
        Assert.Contains("CNY 22.00", page);
    }

    [Fact]
    public async Task A_long_history_is_walked_page_by_page()
    {
        var store = _site.Services.GetRequiredService<PriceStore>();
        for (var i = 0; i < 120; i++)
            await store.AddAsync(new WantedPrice(new PriceSeries("trial", "charge", "USD"), 100 + i, "exclusive", null, Morning.AddDays(i + 1), null, EndsPresent: true), i + 1, "by the day", "mara@example.com", Token);
        using var finance = _site.Visitor(Role.Finance, "en");
        var (seen, _) = await finance.WalkAsync("/packages/trial", "Older", @"data-label=""Amount""><span[^>]*>([^<]+)</span>");
        Assert.Equal([.. Enumerable.Range(0, 120).Reverse().Select(i => string.Create(CultureInfo.InvariantCulture, $"USD {(100 + i) / 100m:0.00}")), "CNY 22.00"], seen);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static (string, string)[] Charge(string amount, string from = "", string endPresent = "no") =>
        [("purpose", "charge"), ("currency", "USD"), ("amount", amount), ("tax_mode", "exclusive"), ("creem_product", "prod_a1"), ("from", from), ("end_present", endPresent)];

    // The last of two fields of one name counts.
    private static (string Name, string Value)[] Fields(IEnumerable<(string Name, string Value)> fields) => [.. fields.GroupBy(field => field.Name).Select(same => same.Last())];

    private static string Preview(IEnumerable<(string Name, string Value)> fields, string package = "trial") =>
        $"/packages/{package}/prices/preview?" + string.Join('&', Fields(fields).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));

    private static async Task AddAsync(HttpClient admin, IEnumerable<(string, string)> fields)
    {
        using var answer = await admin.SubmitAsync(Preview(fields), "/packages/trial/prices", ("reason", "because"));
        Assert.Equal("/packages/trial", answer.Headers.Location?.OriginalString);
    }

    private static async Task<string> ActOfAsync(HttpClient admin, string act) =>
        WebUtility.HtmlDecode(Regex.Match(await admin.GetStringAsync("/packages/trial", Token), $"href=\"(/packages/trial/prices/{act}\\?purpose=charge[^\"]+)\"").Groups[1].Value);

    private static IEnumerable<(string, string)> Query(string address) => address.Split('?')[1].Split('&').Select(pair => pair.Split('=')).Select(pair => (pair[0], pair[1]));

    private long Prices(string purpose) => ShopRows.Count(_site.Shop, $"SELECT COUNT(*) FROM PackagePrices WHERE Purpose = '{purpose}'");

    private List<string> Acts() =>
        ShopRows.Of(_site.Shop, "SELECT printf('%04d ', Sequence) || Who || ' ' || Action || COALESCE(' ' || Reason, '') FROM AuditEntries WHERE Subject = 'package:trial'").ConvertAll(row => row[5..]);

    private static string Unspaced(string page) => Regex.Replace(page, @"\s+", " ");
}
