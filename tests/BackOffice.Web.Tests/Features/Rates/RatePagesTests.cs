using System.Net;
using BackOffice.Domain.Access;
using BackOffice.Web.Tests.Features.Settlement;
using Microsoft.Playwright;

namespace BackOffice.Web.Tests.Features.Rates;

/// <summary>Rates on their pages: rows added and ended, never changed; asked which holds; the starting set taken over.</summary>
public sealed class RatePagesTests : IAsyncDisposable
{
    private const string Acme = "/rates/upstreams/acme";

    private readonly Site _site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_price_is_added_and_ended_and_the_history_stays_to_be_seen()
    {
        await _site.ImportAsync("prices", SettlementShop.Prices);
        using var mara = _site.Visitor(Role.Finance, "en");
        var price = PriceFields(("price_per_million", "3.5"), ("valid_from", "2098-12-01T00:00"));
        await RefusedAsync(mara, Acme + "/prices", price, "A price of 2 in the band all holds from - until -; two prices may not hold for the same instant.");
        await DoneAsync(mara, Acme + "/prices", [.. price, ("make_room", "yes")], Acme);
        var page = await mara.ReadAsync(Acme);
        Assert.Contains("Added: m-1, Uncached input, all hours: CNY 3.5.", page);
        Assert.Contains("the page of today", page);
        var rows = Html.Rows(Html.Table(await mara.GetStringAsync(Acme, Token), "Prices of m-1"));
        Assert.Contains(rows, row => row is ["Uncached input", "all hours", "CNY 3.5", "4", "2098-12-01 00:00", "no end set", "Scheduled", ..]);
        Assert.Contains(rows, row => row is ["Uncached input", "all hours", "CNY 2", "1", "since ever", "2098-12-01 00:00", ..]);

        using var ended = await mara.SubmitAsync(Acme + "/ends/price/2", Acme + "/ends/price/2", ("valid_until", "2026-09-01T00:00"), ("reason", "it changed"));
        Assert.Equal(Acme, ended.Headers.Location?.OriginalString);
        await RefusedAsync(mara, Acme + "/ends/price/2", [("valid_until", "2026-10-01T00:00"), ("reason", "again")], "ends at 2026-08-31T16:00:00Z already");
        Assert.Contains("m-1,Cache read,all hours,CNY,0.5,,2026-09-01 00:00:00,Ended,file,mara@example.com", await mara.GetStringAsync(Acme + "/rows.csv", Token), StringComparison.Ordinal);
        Assert.Equal(["rate.added", "rate.ended"], ShopRows.Of(_site.Shop, "SELECT Action FROM AuditEntries WHERE Action LIKE 'rate.%' ORDER BY Sequence"));
        var audit = await mara.ReadAsync("/audit/" + ShopRows.Of(_site.Shop, "SELECT Sequence FROM AuditEntries WHERE Action = 'rate.added'").Single());
        Assert.Contains("Rows ended with it 1", audit);
    }

    [Fact]
    public async Task A_slip_is_withdrawn_stays_on_record_and_makes_room_for_the_right_price()
    {
        await _site.ImportAsync("prices", SettlementShop.Prices);
        using var mara = _site.Visitor(Role.Finance, "en");
        await DoneAsync(mara, Acme + "/prices", PriceFields(("model", "m-2"), ("price_per_million", "30"), ("valid_from", "2026-10-01T00:00")), Acme);
        Assert.Contains("Withdraw the row", await mara.ReadAsync(Acme + "/ends/price/4"));
        // A row that holds since ever can end whenever one likes.
        Assert.DoesNotContain("Withdraw the row", await mara.ReadAsync(Acme + "/ends/price/1"));
        await RefusedAsync(mara, Acme + "/ends/price/4", [("withdraw", "yes")], "Reason: it is missing");
        await RefusedAsync(mara, Acme + "/ends/price/4", [("valid_until", "2026-10-01T00:00"), ("reason", "typed")], "The end comes after the beginning");
        await DoneAsync(mara, Acme + "/ends/price/4", [("withdraw", "yes"), ("reason", "a digit too many")], Acme);
        Assert.Contains("Withdrawn: m-2, Uncached input, all hours: CNY 30.", await mara.ReadAsync(Acme));
        await DoneAsync(mara, Acme + "/prices", PriceFields(("model", "m-2"), ("price_per_million", "3"), ("valid_from", "2026-10-01T00:00")), Acme);
        var rows = Html.Rows(Html.Table(await mara.GetStringAsync(Acme, Token), "Prices of m-2"));
        Assert.Contains(rows, row => row is [_, _, "CNY 3", "5", "2026-10-01 00:00", "no end set", "In force", ..]);
        Assert.Contains(rows, row => row is [_, _, "CNY 30", "4", "2026-10-01 00:00", "2026-10-01 00:00", "Withdrawn", ..]);
        Assert.Contains("Rate withdrawn", await mara.ReadAsync("/audit/" + ShopRows.Of(_site.Shop, "SELECT Sequence FROM AuditEntries WHERE Action = 'rate.withdrawn'").Single()));
    }

    [Fact]
    public async Task Holidays_that_were_a_slip_are_ordinary_days_again()
    {
        await _site.ImportAsync("prices", SettlementShop.Prices);
        using var mara = _site.Visitor(Role.Finance, "en");
        Assert.DoesNotContain("Make days ordinary again", await mara.ReadAsync(Acme));
        await DoneAsync(mara, Acme + "/holidays", [("days", "2027-01-01..2027-01-03"), ("reason", "notice")], Acme);
        await RefusedAsync(mara, Acme + "/ordinary-days", [("days", "soon"), ("reason", "slip")], "Days: ");
        await DoneAsync(mara, Acme + "/ordinary-days", [("days", "2027-01-03, 2027-01-04"), ("reason", "slip")], Acme);
        var page = await mara.ReadAsync(Acme);
        Assert.Contains("Holidays no more: 1; were none: 1.", page);
        Assert.Contains("2027-01-01, 2027-01-02", page);
        Assert.DoesNotContain("2027-01-03", page);
        Assert.Contains("Make days ordinary again", page);
    }

    [Fact]
    public async Task A_month_that_does_not_fit_says_so_on_its_page()
    {
        await _site.ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nacme,m-1,output,all,CNY,999999999,,\n");
        await _site.ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\nchat,acme,m-1,,\n");
        await _site.ImportAsync("usage", "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\n1,2026-09-02T00:10:00+08:00,acme,chat,k1,,,,,1000000000000,\n");
        using var mara = _site.Visitor(Role.Finance, "en");
        using var answer = await mara.GetAsync("/settlements/acme/2026-09", Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("larger than this program can settle", Html.Text(await answer.Content.ReadAsStringAsync(Token)), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> BadPrices => new()
    {
        { "price_per_million", "abc", "abc is no price" },
        { "price_per_million", "1,5", "1,5 has a comma" },
        { "price_per_million", "-1", "-1 is negative" },
        { "price_per_million", "0.1234567", "0.1234567 has 7 decimals; a price of a million tokens has at most 6" },
        { "price_per_million", "0", "The price is 0. Tick “It is free”" },
        { "price_per_million", "", "No price is given" },
        { "model", "", "nothing is given" },
        { "model", "-", "The model - stands for what is not tokens" },
        { "part", "input", "nothing is given" },
        { "currency", "XXY", "“XXY” is not a currency" },
        { "valid_from", "2026-12-01T00:07", "2026-11-30T16:07:00Z is not on a whole quarter-hour" },
        { "valid_from", "yesterday", "yesterday is not a day and time" },
        { "valid_until", "1999-01-01T00:00", "1999" },
        { "reason", "", "Reason: it is missing" },
    };

    [Theory, MemberData(nameof(BadPrices))]
    public async Task A_price_that_cannot_be_is_refused_beside_its_field(string field, string value, string sentence)
    {
        await _site.ImportAsync("prices", SettlementShop.Prices);
        using var mara = _site.Visitor(Role.Finance, "en");
        await RefusedAsync(mara, Acme + "/prices", PriceFields(("model", "m-2"), (field, value)), sentence);
        Assert.Equal(3, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM UpstreamPrices"));
    }

    [Fact]
    public async Task A_price_of_zero_is_taken_when_it_is_said_on_purpose_and_an_instant_with_an_offset_as_it_says()
    {
        await _site.ImportAsync("prices", SettlementShop.Prices);
        using var mara = _site.Visitor(Role.Finance, "en");
        await RefusedAsync(mara, Acme + "/prices", PriceFields(("model", "m-2"), ("free", "yes")), "The price is 1, and “It is free” is ticked");
        await DoneAsync(mara, Acme + "/prices", PriceFields(("model", "m-3"), ("price_per_million", ""), ("free", "yes")), Acme);
        await DoneAsync(mara, Acme + "/prices", PriceFields(("model", "M-2 "), ("price_per_million", "0"), ("free", "yes"), ("valid_from", "2026-12-01T00:00+00:00")), Acme);
        Assert.Equal(["m-2 0 2026-12-01 00:00:00"], ShopRows.Of(_site.Shop, "SELECT CONCAT(Model, ' ', PriceMicro, ' ', SUBSTR(ValidFrom, 1, 19)) FROM UpstreamPrices WHERE Model = 'm-2'"));
    }

    [Fact]
    public async Task A_mapping_that_leads_nowhere_is_taken_with_a_warning_and_the_page_shows_it()
    {
        await _site.ImportAsync("prices", SettlementShop.Prices);
        using var mara = _site.Visitor(Role.Finance, "en");
        await DoneAsync(mara, Acme + "/mappings", [("name", "Chat"), ("model", "m-9"), ("reason", "guess")], Acme);
        var page = await mara.ReadAsync(Acme);
        Assert.Contains("Added: chat → m-9. m-9 has no price yet: its tokens stand unpriced until one is added.", page);
        Assert.Contains("Mapped models without any price: 1.", page);
        await RefusedAsync(mara, Acme + "/mappings", [("name", "chat"), ("model", "m-1"), ("reason", "x")], "The name stands for m-9 from - until -");
        await DoneAsync(mara, Acme + "/mappings", [("name", "audio"), ("model", "-"), ("reason", "no tokens")], Acme);
        Assert.DoesNotContain("audio → -. -", await mara.ReadAsync(Acme));
    }

    [Fact]
    public async Task Upstream_currency_calendar_and_holidays_are_added_and_asked_about()
    {
        using var mara = _site.Visitor(Role.Finance, "en");
        await RefusedAsync(mara, "/rates/upstreams", [("upstream", "a/b"), ("currency", "EURO"), ("time_zone", "Beijing"), ("reason", "")], "It takes letters, digits", "Beijing is no time zone", "Reason: it is missing");
        await DoneAsync(mara, "/rates/upstreams", [("upstream", "Kimi"), ("currency", "cny"), ("time_zone", "Asia/Shanghai"), ("reason", "contract")], "/rates/upstreams/kimi");
        await RefusedAsync(mara, "/rates/upstreams", [("upstream", "kimi"), ("currency", "cny"), ("time_zone", "UTC"), ("reason", "contract")], "There is an upstream kimi already");
        const string kimi = "/rates/upstreams/kimi";
        await RefusedAsync(mara, kimi + "/calendars", [("time_zone", "Asia/Shanghai"), ("windows", "9-12"), ("reason", "x")], "9-12 is no window");
        await RefusedAsync(mara, kimi + "/calendars", [("time_zone", "Asia/Shanghai"), ("windows", "09:05-12:00"), ("weekdays", "Monday"), ("reason", "x")], "is not on a whole quarter-hour");
        await RefusedAsync(mara, kimi + "/calendars", [("time_zone", "Asia/Shanghai"), ("windows", "09:00-12:00"), ("reason", "x")], "No day is chosen");
        await DoneAsync(mara, kimi + "/calendars", [("time_zone", "Asia/Shanghai"), ("windows", "09:00-12:00, 22:00-24:00"), ("weekdays", "Tuesday"), ("reason", "x")], kimi);
        await RefusedAsync(mara, kimi + "/holidays", [("days", "2026-12-15..2026-12-10"), ("reason", "x")], "2026-12-10 is before the first day");
        await RefusedAsync(mara, kimi + "/holidays", [("days", "Christmas"), ("reason", "x")], "Christmas is not a day");
        await DoneAsync(mara, kimi + "/holidays", [("days", "2026-12-22..2026-12-23\n2026-12-22"), ("reason", "notice")], kimi);
        Assert.Contains("2026: 2 days (notice)", await mara.ReadAsync(kimi));
        await RefusedAsync(mara, kimi + "/currencies", [("currency", "USD"), ("valid_from", "2098-01-01T00:00"), ("reason", "x")], "CNY holds from - until -");
        await DoneAsync(mara, kimi + "/currencies", [("currency", "USD"), ("valid_from", "2098-01-01T00:00"), ("make_room", "yes"), ("reason", "x")], kimi);
        await DoneAsync(mara, kimi + "/mappings", [("name", "k"), ("model", "k3"), ("reason", "x")], kimi);
        await DoneAsync(mara, kimi + "/prices", PriceFields(("model", "k3"), ("part", "output"), ("band", "peak"), ("price_per_million", "100")), kimi);

        Assert.Contains("kimi CNY Asia/Shanghai Tuesday 09:00-12:00, 22:00-24:00 1 1 1", await mara.ReadAsync("/rates"));
        await AnswersAsync(mara, "k", "2026-12-15T23:59", "k is k3 of kimi (mapping row 1). It is peak: Tuesday, 2026-12-15 23:45 in Asia/Shanghai is within the peak hours.", "Output CNY 100 peak 1 since ever no end set", "No price in CNY holds");
        await AnswersAsync(mara, "K", "2026-12-15T12:00", "It is off-peak: Tuesday, 2026-12-15 12:00 in Asia/Shanghai is outside of the peak hours.");
        await AnswersAsync(mara, "k", "2026-12-22T09:00", "It is off-peak: 2026-12-22 09:00 in Asia/Shanghai, a Tuesday, is a public holiday.");
        await AnswersAsync(mara, "k", "2026-12-16T09:00", "is a Wednesday, which has no peak.");
        await AnswersAsync(mara, "k", "2098-01-05T09:00", "No price in USD holds");
        await AnswersAsync(mara, "nothing", "", "No mapping of nothing holds then");
        using var unreadable = await mara.GetAsync("/rates/price?model=k&at=noon", Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unreadable.StatusCode);
    }

    [Fact]
    public async Task Rules_are_added_ended_and_refused_where_they_cannot_be()
    {
        using var mara = _site.Visitor(Role.Finance, "en");
        (string, string)[] credit = [("name", "Chat"), ("input_weight", "1"), ("cached_divisor", "50"), ("cache_write_weight", "1"), ("output_weight", "2.5"), ("valid_from", "2026-10-01"), ("reason", "plan")];
        await DoneAsync(mara, "/rates/credits", credit, "/rates/credits");
        Assert.Contains("chat 1 50 1 2.5 2026-10-01 00:00 no end set", await mara.ReadAsync("/rates/credits"));
        await RefusedAsync(mara, "/rates/credits", credit, "1 / 50 / 1 / 2.5 holds from 2026-09-30T16:00:00Z until -");
        await RefusedAsync(mara, "/rates/credits", [.. credit, ("cached_divisor", "0"), ("name", "other")], "The divisor is more than 0");
        await RefusedAsync(mara, "/rates/credits", [.. credit, ("cached_divisor", "2000000"), ("name", "other")], "2000000 is too large. It may be 1000000 at most.");
        await RefusedAsync(mara, "/rates/credits", [.. credit, ("output_weight", "0.1234567"), ("name", "other")], "0.1234567 has 7 decimals; at most 6 are kept here");
        await DoneAsync(mara, "/rates/ends/credit/1", [("valid_until", "2026-10-31"), ("reason", "plan")], "/rates/credits");
        Assert.Contains("2026-11-01 00:00 Ended", await mara.ReadAsync("/rates/credits"));

        (string, string)[] rate = [("base", "USD"), ("quote", "CNY"), ("rate", "7.123456789"), ("reason", "bank")];
        await DoneAsync(mara, "/rates/exchange", rate, "/rates/exchange");
        Assert.Contains("USD → CNY 7.123456789 since ever", await mara.ReadAsync("/rates/exchange"));
        await RefusedAsync(mara, "/rates/exchange", rate, "1 USD = 7.123456789 CNY holds");
        await RefusedAsync(mara, "/rates/exchange", [.. rate, ("quote", "USD")], "Both are USD");
        await RefusedAsync(mara, "/rates/exchange", [.. rate, ("rate", "0")], "The rate is 0");

        (string, string)[] fee = [("currency", "USD"), ("percent", "3.9"), ("fixed", "0.40"), ("valid_from", "2026-01-01T00:00"), ("reason", "contract")];
        await DoneAsync(mara, "/rates/fees", fee, "/rates/fees");
        Assert.Contains("USD 3.9% USD 0.40 2026-01-01 00:00", await mara.ReadAsync("/rates/fees"));
        await RefusedAsync(mara, "/rates/fees", fee, "3.9 % + 0.40 holds from 2025-12-31T16:00:00Z");
        await RefusedAsync(mara, "/rates/fees", [.. fee, ("percent", "101")], "101 is more than 100 per cent");
        await RefusedAsync(mara, "/rates/fees", [.. fee, ("valid_from", "")], "nothing is given");
        await DoneAsync(mara, "/rates/ends/fee/USD-202512311600", [("valid_until", "2027-01-01T00:00"), ("reason", "contract")], "/rates/fees");
        using var absent = await mara.GetAsync("/rates/ends/fee/EUR-202512311600", Token);
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
    }

    [Fact]
    public async Task A_channel_that_usage_came_through_is_given_to_an_upstream()
    {
        await _site.ImportAsync("usage", """{"id": 1, "type": 2, "created_at": 1788192600, "model_name": "chat", "channel": 7, "prompt_tokens": 5, "completion_tokens": 1, "quota": 3, "other": ""}""" + "\n");
        using var mara = _site.Visitor(Role.Finance, "en");
        Assert.Contains("new-api / 7 not said", await mara.ReadAsync("/rates/channels"));
        await DoneAsync(mara, "/rates/channels", [("console", "new-api"), ("channel", "7"), ("upstream", "deepseek"), ("reason", "set up so")], "/rates/channels");
        Assert.Contains("new-api / 7 deepseek since ever", await mara.ReadAsync("/rates/channels"));
        await DoneAsync(mara, "/rates/channels", [("console", "new-api"), ("channel", "7"), ("valid_from", "2026-10-01T00:00"), ("reason", "given up")], "/rates/channels");
        Assert.Contains("new-api / 7 not said 2026-10-01 00:00", await mara.ReadAsync("/rates/channels"));
        await RefusedAsync(mara, "/rates/channels", [("console", "new-api"), ("channel", "7"), ("upstream", "deepseek"), ("valid_from", "2026-10-01T00:07"), ("reason", "again")], "Valid from: ");
        await DoneAsync(mara, "/rates/channels", [("console", "new-api"), ("channel", "7"), ("upstream", "deepseek"), ("reason", "kept after all")], "/rates/channels");
        Assert.DoesNotContain("new-api / 7 not said", await mara.ReadAsync("/rates/channels"));
        await RefusedAsync(mara, "/rates/channels", [("console", "new-api"), ("channel", "7"), ("upstream", "deepseek"), ("reason", "again")], "It is so already");
        await RefusedAsync(mara, "/rates/channels", [("console", "else"), ("channel", "7"), ("upstream", "deepseek"), ("reason", "again")], "No usage has come from a console else");
    }

    [Fact]
    public async Task The_starting_set_is_off_until_somebody_takes_it_over_and_twice_adds_nothing()
    {
        using var mara = _site.Visitor(Role.Finance, "en");
        Assert.Contains("No prices: settlements stay blocked.", await mara.ReadAsync("/rates"));
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM UpstreamPrices"));
        using var taken = await mara.SubmitAsync("/rates/starting-set", "/rates/starting-set");
        Assert.Equal("/rates/starting-set", taken.Headers.Location?.OriginalString);
        Assert.Contains("Nothing to add.", await mara.ReadAsync("/rates/starting-set"));
        var rows = ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM UpstreamPrices");
        using var again = await mara.PostFormAsync("/rates/starting-set", await mara.TokenAsync());
        Assert.Equal(rows, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM UpstreamPrices"));
        Assert.DoesNotContain("published prices", await mara.ReadAsync("/rates"));
        await AnswersAsync(mara, "deepseek-v4-flash", "2026-11-20T17:59", "It is peak: Friday, 2026-11-20 17:45", "Cache read CNY 0.04 peak", "Uncached input CNY 2 peak", "Output CNY 8 peak");
        await AnswersAsync(mara, "deepseek-v4-flash", "2026-11-20T18:00", "It is off-peak", "Cache read CNY 0.02 off-peak");
        await AnswersAsync(mara, "deepseek-chat", "2026-07-25T00:00", "No mapping of deepseek-chat holds then");
    }

    [Fact]
    public async Task Support_sees_the_rates_and_cannot_change_them_and_is_led_to_them_from_a_blocked_month()
    {
        await SettlementShop.SeedAsync(_site);
        using var support = _site.Visitor(Role.Support, "en");
        var page = await support.GetStringAsync(Acme, Token);
        Assert.DoesNotContain("/new", string.Join(' ', Html.Links(page[page.IndexOf("<main", StringComparison.Ordinal)..])), StringComparison.Ordinal);
        Assert.DoesNotContain("/ends/", page, StringComparison.Ordinal);
        var month = await support.GetStringAsync("/settlements/acme/2026-09", Token);
        Assert.Contains(Acme, Html.Links(month));
        Assert.DoesNotContain("/imports/new", month, StringComparison.Ordinal);
        using var refused = await support.PostFormAsync(Acme + "/prices", await support.TokenAsync(), PriceFields());
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        using var mara = _site.Visitor(Role.Finance, "en");
        Assert.Contains(Acme + "/mappings/new?name=%3Cscript%3Ealert(1)%3C%2Fscript%3E&month=2026-09", Html.Links(await mara.GetStringAsync("/settlements/acme/2026-09", Token)));
    }

    private static (string, string)[] PriceFields(params (string Name, string Value)[] others) =>
    [
        .. new[] { ("model", "m-1"), ("part", "uncached_input"), ("band", "all"), ("currency", "CNY"), ("price_per_million", "1"), ("reason", "the page of today") }
            .Where(field => !others.Any(other => other.Name == field.Item1)),
        .. others,
    ];

    private static async Task AnswersAsync(HttpClient client, string model, string at, params string[] sentences)
    {
        var page = Html.Text(await client.GetStringAsync($"/rates/price?model={model}&at={Uri.EscapeDataString(at)}", Token));
        Assert.All(sentences, sentence => Assert.Contains(sentence, page));
    }

    private static async Task DoneAsync(HttpClient client, string action, (string Name, string Value)[] fields, string leadsTo)
    {
        using var done = await client.PostFormAsync(action, await client.TokenAsync(), fields);
        Assert.True(done.StatusCode == HttpStatusCode.Redirect, Html.Text(await done.Content.ReadAsStringAsync(Token)));
        Assert.Equal(leadsTo, done.Headers.Location?.OriginalString);
    }

    // Of fields given twice the last counts, as a page has it once.
    private static async Task RefusedAsync(HttpClient client, string action, (string Name, string Value)[] fields, params string[] sentences)
    {
        using var refused = await client.PostFormAsync(action, await client.TokenAsync(), [.. fields.GroupBy(field => field.Name).Select(group => group.Last())]);
        var page = Html.Text(await refused.Content.ReadAsStringAsync(Token));
        Assert.True(refused.StatusCode == HttpStatusCode.UnprocessableEntity, page);
        Assert.All(sentences, sentence => Assert.Contains(sentence, page));
    }
}

/// <summary>The pages of rates as people see and use them.</summary>
public sealed class RatesInBrowserTests(Browser browser)
{
    private const string Vega = "/rates/upstreams/vega";
    private static readonly SemaphoreSlim Seeding = new(1);

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task The_pages_of_rates_stand_in_every_width_theme_and_language(int width, string theme, string language)
    {
        await SeedAsync();
        string[] paths =
        [
            "/rates", Vega, Vega + "/prices/new?model=v-1&part=output", Vega + "/mappings/new", Vega + "/calendars/new", Vega + "/holidays/new", Vega + "/ordinary-days/new", Vega + "/ends/price/" + ShopRows.Of(browser.Site.Shop, "SELECT Number FROM UpstreamPrices WHERE Upstream = 'vega' AND ValidFrom IS NOT NULL").Single(), Vega + "/currencies/new", "/rates/upstreams/new",
            "/rates/upstreams/deepseek", "/rates/upstreams/deepseek/ends/calendar/1", "/rates/price?model=talk&at=2026-05-03T10%3A00", "/rates/credits", "/rates/exchange", "/rates/fees", "/rates/channels", "/rates/starting-set",
        ];
        foreach (var path in paths)
        {
            await using var open = await browser.LookAsync(path, width, theme, language);
            if (Environment.GetEnvironmentVariable("BACKOFFICE_SCREENSHOTS") is { Length: > 0 } folder)
                await open.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{path.Split('?')[0].Trim('/').Replace('/', '-')}-{width}-{theme}-{language}.png"), FullPage = true });
            await open.LooksWellAsync();
        }
    }

    [Fact]
    public async Task A_blocked_month_is_mended_by_the_mapping_and_the_price_it_lacks()
    {
        await SeedAsync();
        await using var open = await browser.OpenAsync("/settlements/vega/2026-05", role: Role.Finance);
        var main = open.Page.Locator("main");
        await Assertions.Expect(main).ToContainTextAsync("Names without a mapping: 1.");
        await main.GetByRole(AriaRole.Link, new() { Name = "Add mapping" }).First.ClickAsync();
        await open.ArriveAsync("/rates/upstreams/vega/mappings/new");
        await Assertions.Expect(main.GetByLabel("Name in usage")).ToHaveValueAsync("unheard");
        await main.GetByLabel("Upstream's model").FillAsync("v-1");
        await main.GetByLabel("Where it is from, or why").FillAsync("seen in the console");
        await main.GetByRole(AriaRole.Button, new() { Name = "Add mapping" }).ClickAsync();
        await open.ArriveAsync("/settlements/vega/2026-05$");
        await Assertions.Expect(main).Not.ToContainTextAsync("Names without a mapping");

        await main.GetByRole(AriaRole.Link, new() { Name = "Mend it" }).ClickAsync();
        await open.ArriveAsync("/rates/upstreams/vega/prices/new");
        await Assertions.Expect(main.GetByLabel("Upstream's model")).ToHaveValueAsync("v-1");
        await Assertions.Expect(main.GetByRole(AriaRole.Combobox, new() { Name = "Part" })).ToHaveValueAsync("output");
        await main.GetByLabel("Price per million tokens").FillAsync("0");
        await main.GetByLabel("Where it is from, or why").FillAsync("price list");
        open.ExpectRefusal(Vega + "/prices");
        await main.GetByRole(AriaRole.Button, new() { Name = "Add price" }).ClickAsync();
        await Assertions.Expect(main).ToContainTextAsync("Tick “It is free”");
        await main.GetByLabel("Price per million tokens").FillAsync("4");
        await main.GetByRole(AriaRole.Button, new() { Name = "Add price" }).ClickAsync();
        await open.ArriveAsync("/settlements/vega/2026-05$");
        await Assertions.Expect(main).ToContainTextAsync("Nothing blocks the approval");
        await Assertions.Expect(main).ToContainTextAsync("CNY 6.00 to pay");
        open.AssertNoComplaint();
    }

    // A month of an upstream of its own: one name without a mapping, one part without a price.
    private async Task SeedAsync()
    {
        await Seeding.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (ShopRows.Count(browser.Site.Shop, "SELECT COUNT(*) FROM Upstreams WHERE Name = 'vega'") > 0)
                return;
            await browser.Site.ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nvega,v-1,uncached_input,all,CNY,2,,\nvega,v-1,cache_read,all,CNY,0.5,,2026-04-01T00:00:00+08:00\nvega,v-1,cache_write_5m,all,CNY,3,2026-04-01T00:00:00+08:00,\n");
            await browser.Site.ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\ntalk,vega,v-1,,\n");
            await browser.Site.ImportAsync("usage", "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\nv1,2026-05-01T00:10:00+08:00,vega,talk,k1,500000,,,,1000000,\nv2,2026-05-02T00:10:00+08:00,vega,unheard,k1,500000,,,,,\n");
        }
        finally
        {
            Seeding.Release();
        }
    }
}
