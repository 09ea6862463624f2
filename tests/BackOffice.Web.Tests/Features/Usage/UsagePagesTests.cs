using System.Net;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Usage;
using BackOffice.Web.Tests.Features.Settlement;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Usage;

/// <summary>The list of records, a record's page, and a proof asked for on the page.</summary>
public sealed class UsagePagesTests : IAsyncDisposable
{
    private readonly Site _site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("", 120)]
    [InlineData("?model=CHAT", 80)]
    [InlineData("?key=k1", 60)]
    [InlineData("?key=k1&source=neutral&from=2026-09-02&to=2026-09-03", 12)]
    [InlineData("?upstream=acme&from=2026-09-04", 42)]
    [InlineData("?source=nobody", 0)]
    [InlineData("?channel=9", 0)]
    [InlineData("?flag=cache_unknown", 0)]
    [InlineData("?flag=nonsense", 120)]
    public async Task Each_filter_lists_its_records_and_the_export_is_the_list(string filter, int records)
    {
        await UsageShop.SeedAsync(_site);
        using var mara = _site.Visitor(Role.Support, "en");
        var (seen, last) = await mara.WalkAsync("/usage" + filter, "Older", "<a href=\"/usage/neutral/([^\"]+)\"");
        Assert.Equal(records, seen.Count);
        Assert.Equal(records, seen.Distinct().Count());
        if (records > 50)
        {
            var (back, _) = await mara.WalkAsync(last, "Newer", "<a href=\"/usage/neutral/([^\"]+)\"");
            Assert.Equal(seen.Order(StringComparer.Ordinal), back.Distinct().Order(StringComparer.Ordinal));
        }
        var csv = await mara.GetStringAsync("/usage/rows.csv" + filter, Token);
        Assert.Equal(seen, csv.Split('\n').Skip(1).Where(line => line.Length > 1).Select(line => line.Split(',')[1]));
        using var workbook = await mara.GetAsync("/usage/rows.xlsx" + filter, Token);
        Assert.Equal("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("?from=2026-9-1", "2026-9-1")]
    [InlineData("?to=yesterday", "yesterday")]
    public async Task A_day_that_is_none_is_said_and_nothing_is_shown_or_exported(string filter, string quoted)
    {
        await UsageShop.SeedAsync(_site);
        using var mara = _site.Visitor(Role.Finance, "en");
        using var answer = await mara.GetAsync("/usage" + filter, Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(quoted, Html.Text(await answer.Content.ReadAsStringAsync(Token)));
        using var file = await mara.GetAsync("/usage/rows.csv" + filter, Token);
        Assert.Equal(HttpStatusCode.BadRequest, file.StatusCode);
    }

    [Fact]
    public async Task A_record_says_what_it_is_which_mapping_and_price_apply_and_where_it_counts()
    {
        await SettlementShop.SeedAsync(_site);
        await _site.ImportAsync("usage", "{\"id\": 77, \"created_at\": 1788220800, \"type\": 6, \"model_name\": \"chat\", \"quota\": 5}\n", "new-api");
        await _site.ImportAsync("usage", "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\na/b<i>,2026-09-04T00:10:00+08:00,acme,chat,k1,3,,5,,,\n");
        using var mara = _site.Visitor(Role.Support, "en");
        var page = await mara.ReadAsync("/usage/neutral/1");
        Assert.Contains("It counts for acme as m-1 , as rates are now.", page);
        Assert.Contains("chat is m-1 of acme row 1", page);
        Assert.Contains("Uncached input 1,000,000 all hours CNY 2 2.00 1", page);
        Assert.Contains("Cache read 1,000,000 all hours CNY 0.5 0.50 2", page);
        Assert.Contains("Together CNY 4.50", page);
        Assert.Contains("acme, September 2026", page);
        Assert.Contains("Its model has no mapping", await mara.ReadAsync("/usage/neutral/2"));
        Assert.Contains("Quota given back: it has no tokens and costs nothing.", await mara.ReadAsync("/usage/new-api/77"));
        Assert.Contains("Refund: The console gave quota back; it has no tokens.", await mara.ReadAsync("/usage/new-api/77"));
        var unpriced = await mara.ReadAsync("/usage/neutral/a/b%3Ci%3E");
        Assert.Contains("A part of it has no price of m-1 at that time", unpriced);
        Assert.DoesNotContain("Together", unpriced);
        Assert.Contains("/usage/neutral/a/b%3Ci%3E", await mara.GetStringAsync("/usage", Token), StringComparison.Ordinal);
        foreach (var path in new[] { "/usage/neutral/99", "/usage/nobody/1", "/usage/neutral", "/usage/rows.pdf" })
        {
            using var nothing = await mara.GetAsync(path, Token);
            Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
        }
    }

    [Fact]
    public async Task A_proof_is_asked_for_on_the_page_and_its_page_says_what_it_came_to()
    {
        await UsageShop.SeedAsync(_site);
        using var mara = _site.Visitor(Role.Finance, "en");
        Assert.Contains("It waits for a worker.", await ProveAsync(mara, "", 1, run: false));
        Assert.Contains("The sums equal the 120 records of 10 days.", await ProveAsync(mara, "", 1));
        ShopRows.Change(_site.Shop, "UPDATE KeyRollups SET Records = Records + 1 WHERE Day = '2026-09-02' AND KeyId = 1 AND NamesId = 1");
        Assert.Contains("The sums equal the 0 records of 31 days.", await ProveAsync(mara, "2026-10", 2));
        var differs = await ProveAsync(mara, "2026-09", 3);
        Assert.Contains("1 sums differ from their records", differs);
        Assert.Matches("2026-09-02 of the key k[01] neutral \\w+ Records −1", differs);
        Assert.Contains("Proof of usage 3", await mara.ReadAsync("/usage"));
        using var progress = await mara.GetAsync("/proofs/3/progress?told=1", Token);
        Assert.Equal(286, (int)progress.StatusCode);
        using var wrong = await mara.PostFormAsync("/proofs", await mara.TokenAsync(), ("month", "2026-13"));
        Assert.Contains("2026-13 is no month", await mara.ReadAsync("/usage"));
        Assert.Equal(3, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM UsageProofs"));
        Assert.Contains("Proof of usage asked for", await mara.ReadAsync("/audit"));
    }

    [Fact]
    public async Task Where_no_console_is_set_nothing_can_be_read_now()
    {
        using var mara = _site.Visitor(Role.Finance, "en");
        Assert.Contains("Records come as files", await mara.ReadAsync("/usage"));
        using var conflict = await mara.PostFormAsync("/usage/reading", await mara.TokenAsync());
        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        using var ilya = _site.Visitor("en");
        Assert.Matches("usage from the console [^.]*Off: usage comes as files", await ilya.ReadAsync("/settings"));
    }

    private async Task<string> ProveAsync(HttpClient mara, string month, int number, bool run = true)
    {
        if (ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM UsageProofs") < number)
        {
            using var asked = await mara.SubmitAsync("/usage", "/proofs", ("month", month));
            Assert.Equal($"/proofs/{number}", asked.Headers.Location?.OriginalString);
        }
        foreach (var id in run ? ShopRows.Of(_site.Shop, "SELECT LOWER(HEX(Id)) FROM UsageProofs WHERE Status = 'pending'") : [])
        {
            await _site.Services.GetRequiredService<UsageProofJob>().RunAsync(Guid.ParseExact(id, "N"), Token);
            await _site.Services.GetRequiredService<UsageProofJob>().RunAsync(Guid.ParseExact(id, "N"), Token);
        }
        return await mara.ReadAsync($"/proofs/{number}");
    }
}

/// <summary>The pages of usage as people see them.</summary>
public sealed class UsageLooksTests(Browser browser)
{
    private static readonly SemaphoreSlim Seeding = new(1);

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task The_pages_of_usage_stand_in_every_width_theme_and_language(int width, string theme, string language)
    {
        await SeedAsync();
        foreach (var path in new[] { "/usage", "/usage?model=chat&from=2026-09-01&flag=cache_unknown", "/usage/neutral/u1", "/usage/one-api/u500", "/proofs/1" })
        {
            await using var open = await browser.LookAsync(path, width, theme, language);
            if (Environment.GetEnvironmentVariable("BACKOFFICE_SCREENSHOTS") is { Length: > 0 } folder)
                await open.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{path.Trim('/').Replace('/', '-').Replace('?', '-')}-{width}-{theme}-{language}.png"), FullPage = true });
            await open.LooksWellAsync();
        }
    }

    private async Task SeedAsync()
    {
        await Seeding.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (ShopRows.Count(browser.Site.Shop, "SELECT COUNT(*) FROM UsageProofs") > 0)
                return;
            await UsageShop.SeedAsync(browser.Site);
            await browser.Site.ImportAsync("usage", "{\"id\": \"u500\", \"created_at\": 1788220800, \"type\": 2, \"model_name\": \"an-unheard-of-model-with-a-long-name\", \"token_name\": \"k1\", \"channel\": 3, \"prompt_tokens\": 1234567, \"completion_tokens\": 89, \"quota\": 12}\n", "one-api");
            var damaged = ShopRows.Of(browser.Site.Shop, "SELECT Day || '|' || KeyId FROM KeyRollups").First().Split('|');
            ShopRows.Change(browser.Site.Shop, $"UPDATE KeyRollups SET Records = Records + 1, OutputTokens = OutputTokens - 1000000 WHERE Day = '{damaged[0]}' AND KeyId = {damaged[1]}");
            var proof = await browser.Site.Services.GetRequiredService<Data.Usage.UsageProofStore>().AskAsync(null, "mara@example.com", TestContext.Current.CancellationToken);
            await browser.Site.Services.GetRequiredService<UsageProofJob>().RunAsync(proof.Id, TestContext.Current.CancellationToken);
            ShopRows.Change(browser.Site.Shop, $"UPDATE KeyRollups SET Records = Records - 1, OutputTokens = OutputTokens + 1000000 WHERE Day = '{damaged[0]}' AND KeyId = {damaged[1]}");
        }
        finally
        {
            Seeding.Release();
        }
    }
}

/// <summary>Ten days with twelve records each, of two keys and three models.</summary>
internal static class UsageShop
{
    private static readonly string[] Models = ["chat", "Chat", "reason"];

    public static async Task SeedAsync(Site site)
    {
        await site.ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nacme,m-9,output,all,CNY,4,,\nacme,m-9,uncached_input,all,CNY,0.25,,\n");
        await site.ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\nchat,acme,m-9,,\n");
        var lines = Enumerable.Range(0, 120).Select(number =>
            FormattableString.Invariant($"u{number},2026-09-{1 + number / 12:00}T{number % 12 * 2:00}:10:00+08:00,{(number % 2 == 0 ? "acme" : "")},{Models[number % 3]},k{number % 2},{number * 1000},,,,{number},"));
        await site.ImportAsync("usage", "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\n" + string.Join('\n', lines) + "\n");
    }
}
