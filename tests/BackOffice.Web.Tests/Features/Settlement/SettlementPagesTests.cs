using System.Net;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Access;
using ClosedXML.Excel;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Settlement;

/// <summary>A month opened, mended, asked for, approved by somebody else; and what was put aside decided about.</summary>
public sealed class SettlementPagesTests : IAsyncDisposable
{
    private readonly Site _site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_blocked_month_says_what_blocks_it_and_is_approved_by_a_second_person_once_it_is_mended()
    {
        await SettlementShop.SeedAsync(_site);
        using var mara = _site.Visitor(Role.Finance, "en");
        using var opened = await mara.SubmitAsync("/settlements", "/settlements", ("upstream", "acme"), ("month", "2026-09"));
        Assert.Equal("/settlements/acme/2026-09", opened.Headers.Location?.OriginalString);
        var page = await mara.ReadAsync("/settlements/acme/2026-09");
        Assert.Contains("CNY 4.50 to pay so far, but 3 things block the approval.", page);
        Assert.Contains("Names without a mapping: 1.", page);
        Assert.Contains("Records with two contents: 1.", page);
        Assert.Contains("Lines put aside: 1.", page);
        Assert.Contains("m-1 Cache read all hours 1,000,000 CNY 0.5 0.500000000", page);
        Assert.Contains("&lt;script&gt;alert(1)", await mara.GetStringAsync("/settlements/acme/2026-09", Token), StringComparison.Ordinal);
        Assert.Contains("50.0% (1,000,000 of 2,000,000 input tokens read from the cache)", page);
        using var tooEarly = await mara.PostFormAsync("/settlements/acme/2026-09/approval", await mara.TokenAsync(), ("seen", "00"), ("reason", "all there"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, tooEarly.StatusCode);

        foreach (var (act, path, says) in new[] { ("acceptance", await AsideAsync("unreadable"), "Left out."), ("keeping", await AsideAsync("conflict"), "The first was kept.") })
        {
            using var blank = await mara.SubmitAsync(path, $"{path}/{act}");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, blank.StatusCode);
            using var decided = await mara.SubmitAsync(path, $"{path}/{act}", ("reason", "seen with the upstream"));
            Assert.Equal("/put-aside", decided.Headers.Location?.OriginalString);
            Assert.Contains(says, await mara.ReadAsync("/put-aside"));
            using var again = await mara.PostFormAsync($"{path}/{act}", await mara.TokenAsync(), ("reason", "once more"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, again.StatusCode);
        }
        await _site.ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\n<script>alert(1)</script>,acme,-,,\n");
        var mended = await mara.ReadAsync("/settlements/acme/2026-09");
        Assert.Contains("Usage or rates changed since this month was computed", mended);
        Assert.Contains("Blocked", Html.Table(await mara.GetStringAsync("/settlements", Token), "Settlements"));
        using var anew = await mara.SubmitAsync("/settlements/acme/2026-09", "/settlements", ("upstream", "acme"), ("month", "2026-09"));
        Assert.DoesNotContain("Usage or rates changed", await mara.ReadAsync("/settlements/acme/2026-09"));
        Assert.DoesNotContain("Blocked", Html.Table(await mara.GetStringAsync("/settlements", Token), "Settlements"));
        Assert.Contains("CNY 4.50 to pay, as usage and rates are now. Nothing blocks the approval.", mended);
        var seen = System.Text.RegularExpressions.Regex.Match(await mara.GetStringAsync("/settlements/acme/2026-09", Token), "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        using var stale = await mara.SubmitAsync("/settlements/acme/2026-09", "/settlements/acme/2026-09/approval", ("seen", "00"), ("reason", "all there"));
        Assert.Contains("are others than those that were asked for", Html.Text(await stale.Content.ReadAsStringAsync(Token)));
        using var asked = await mara.SubmitAsync("/settlements/acme/2026-09", "/settlements/acme/2026-09/approval", ("seen", seen), ("reason", "all there"));
        Assert.Equal("/settlements/acme/2026-09", asked.Headers.Location?.OriginalString);

        using var ilya = _site.Visitor("en");
        Assert.Contains("Approve CNY 4.50", await ilya.ReadAsync("/approvals/1"));
        // Enter in a field presses the first button.
        Assert.Matches("(?s)name=\"reason\"[^<]*>(?:(?!<button).)*<button[^>]*formaction=\"/approvals/1/approval\"", await ilya.GetStringAsync("/approvals/1", Token));
        using var own = await mara.PostFormAsync("/approvals/1/approval", await mara.TokenAsync());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, own.StatusCode);
        using var approved = await ilya.PostFormAsync("/approvals/1/approval", await ilya.TokenAsync());
        Assert.Equal("/approvals/1", approved.Headers.Location?.OriginalString);
        Assert.Contains("The figures are final.", await mara.ReadAsync("/settlements/acme/2026-09"));
        Assert.Contains("Approved", await mara.ReadAsync("/settlements"));
        var csv = await mara.GetStringAsync("/settlements/acme/2026-09/rows.csv", Token);
        Assert.Contains("m-1,Output,all hours,,500000,4,2.000000000,CNY,", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_no_price_has_no_amount_and_what_adjusts_an_earlier_month_is_told_apart()
    {
        const string header = "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\n";
        await _site.ImportAsync("prices", SettlementShop.Prices);
        await _site.ImportAsync("mappings", SettlementShop.Mappings + "dear,acme,m-2,,\n");
        await _site.ImportAsync("usage", header + "1,2026-08-03T03:00:00Z,acme,chat,k1,0,0,,,500000,\n2,2026-09-03T03:00:00Z,acme,chat,k1,1000000,0,,,0,\n3,2026-09-03T03:00:00Z,acme,dear,k1,7,0,,,0,\n");
        using var mara = _site.Visitor(Role.Finance, "en");
        await ApproveAsync(mara, "2026-08");
        await _site.ImportAsync("usage", header + "4,2026-08-04T03:00:00Z,acme,chat,k1,0,1000000,,,250000,\n");
        var models = Html.Rows(Html.Table(await mara.GetStringAsync("/settlements/acme/2026-09", Token), "By model"));
        Assert.Contains(models, row => row is ["m-1", "1,000,000", "0.0%", "0", "1", "2.000000000"]);
        Assert.Contains(models, row => row is ["m-2", "7", "0.0%", "0", "1", "no price"]);
        Assert.Contains(models, row => row is ["Adjusts August 2026", "1,000,000", "100.0%", "250,000", "1", "1.500000000"]);
        using var workbook = new XLWorkbook(new MemoryStream(await mara.GetByteArrayAsync("/settlements/acme/2026-09/report.xlsx", Token)));
        Assert.Equal(["2", "", "1.5"], Enumerable.Range(5, 3).Select(row => workbook.Worksheet("By model").Cell(row, 10).GetString()));
        Assert.Contains("includes CNY +1.500000000 of earlier months", await mara.ReadAsync("/settlements/acme/2026-09"));
    }

    private async Task ApproveAsync(HttpClient mara, string month)
    {
        var path = "/settlements/acme/" + month;
        using var opened = await mara.SubmitAsync("/settlements", "/settlements", ("upstream", "acme"), ("month", month));
        var seen = System.Text.RegularExpressions.Regex.Match(await mara.GetStringAsync(path, Token), "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        using var asked = await mara.SubmitAsync(path, path + "/approval", ("seen", seen), ("reason", "all there"));
        using var ilya = _site.Visitor("en");
        using var approved = await ilya.PostFormAsync("/approvals/1/approval", await ilya.TokenAsync());
        Assert.Contains("The figures are final.", await mara.ReadAsync(path));
    }

    [Fact]
    public async Task A_price_that_is_a_slip_is_said_wherever_its_amounts_do_not_fit()
    {
        await _site.ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nbig,bm,output,all,CNY,999999999,,\n");
        await _site.ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\nbm,big,bm,,\n");
        await _site.ImportAsync("usage", "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\n1,2026-05-10T03:00:00Z,big,bm,k,0,0,0,0,900000000000,\n");
        using var mara = _site.Visitor(Role.Finance, "en");
        using var opened = await mara.SubmitAsync("/settlements", "/settlements", ("upstream", "big"), ("month", "2026-05"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, opened.StatusCode);
        Assert.Contains("Look for a price or a count that is a slip.", Html.Text(await opened.Content.ReadAsStringAsync(Token)));
        foreach (var path in new[] { "/settlements/big/2026-05", "/keys?month=2026-05", "/keys/rows.csv?month=2026-05", "/keys/neutral/k?month=2026-05" })
        {
            using var page = await mara.GetAsync(path, Token);
            Assert.Equal((path, HttpStatusCode.UnprocessableEntity), (path, page.StatusCode));
        }
    }

    [Theory]
    [InlineData("acme", "2026-9", "2026-9 is no month")]
    [InlineData("nobody", "2026-09", "There is no upstream nobody")]
    [InlineData("deepseek", "2098-01", "2098-01 has not begun")]
    public async Task What_cannot_be_opened_is_said_beside_the_form(string upstream, string month, string sentence)
    {
        using var mara = _site.Visitor(Role.Finance, "en");
        using var refused = await mara.SubmitAsync("/settlements", "/settlements", ("upstream", upstream), ("month", month));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains(sentence, Html.Text(await refused.Content.ReadAsStringAsync(Token)));
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM Settlements"));
    }

    [Theory]
    [InlineData("/settlements/deepseek/2026-13")]
    [InlineData("/settlements/nobody/2026-09")]
    [InlineData("/settlements/deepseek/rows.csv/2026-09")]
    public async Task A_month_or_an_upstream_that_is_none_is_not_found(string path)
    {
        using var mara = _site.Visitor(Role.Finance, "en");
        using var answer = await mara.GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_file_of_usage_or_rates_is_known_by_its_beginning()
    {
        using var mara = _site.Visitor(Role.Finance, "en");
        var number = 0;
        foreach (var (content, kind) in new[] { (SettlementShop.Usage, "usage"), (SettlementShop.Prices, "prices"), (SettlementShop.Mappings, "mappings") })
        {
            using var answer = await mara.UploadAsync(content, "file.txt");
            Assert.Equal(kind, (await _site.ImportOfAsync(++number)).Kind);
        }
    }

    private async Task<string> AsideAsync(string kind)
    {
        await Task.CompletedTask;
        return "/put-aside/" + ShopRows.Of(_site.Shop, $"SELECT LOWER(HEX(Id)) FROM UsageAsides WHERE Kind = '{kind}'").Single();
    }
}

/// <summary>The pages of settlements as people see them.</summary>
public sealed class SettlementLooksTests(Browser browser)
{
    private static readonly SemaphoreSlim Seeding = new(1);

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task The_pages_of_settlements_stand_in_every_width_theme_and_language(int width, string theme, string language)
    {
        await SeedAsync();
        var asides = ShopRows.Of(browser.Site.Shop, "SELECT LOWER(HEX(Id)) FROM UsageAsides WHERE State = 'open' ORDER BY Kind").Select(id => $"/put-aside/{id}");
        using var mara = browser.Site.Visitor(Role.Finance, "en");
        var line = Html.Links(await mara.GetStringAsync("/settlements/acme/2026-09", TestContext.Current.CancellationToken)).First(link => link.StartsWith("/settlements/acme/2026-09/why/", StringComparison.Ordinal));
        var findings = ShopRows.Of(browser.Site.Shop, "SELECT LOWER(HEX(Id)) FROM Findings WHERE Scope = 'acme/2026-09' ORDER BY Kind").Select(id => $"/findings/{id}").ToList();
        foreach (var path in asides.Concat(findings).Concat(
        [
            "/settlements", "/settlements/acme/2026-09", "/settlements/deepseek/2026-02", "/put-aside", "/put-aside?import=x&month=2026-9", AsidesOfImport(), "/settlements/acme/2026-09/why", line, "/settlements/acme/2026-09/what-if?price.1=1&new.x=2",
            "/settlements/acme/2026-09/keys", "/settlements/acme/2026-09/invoice", "/settlements/deepseek/2026-02/invoice", "/keys?month=2026-09", "/keys?month=2026-09&sort=loss", "/keys/neutral/k1?month=2026-09", findings[0] + "/resolution",
        ]))
        {
            await using var open = await browser.LookAsync(path, width, theme, language);
            if (path is "/settlements/acme/2026-09" || path == line)
                await open.Page.Locator("figure.chart[data-drawn] canvas").First.WaitForAsync();
            if (Environment.GetEnvironmentVariable("BACKOFFICE_SCREENSHOTS") is { Length: > 0 } folder)
                await open.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{path.Trim('/').Replace('/', '-').Replace('?', '-')}-{width}-{theme}-{language}.png"), FullPage = true });
            await open.LooksWellAsync();
        }
    }

    private string AsidesOfImport() =>
        "/put-aside?kind=unreadable&import=" + ShopRows.Of(browser.Site.Shop, "SELECT I.Number FROM UsageAsides AS A JOIN Imports AS I ON I.Id = A.ImportId WHERE A.State = 'open' GROUP BY I.Number ORDER BY COUNT(*) DESC LIMIT 1").Single();

    private async Task SeedAsync()
    {
        await Seeding.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            // Others' usage of the same upstream may be there already, in any order of the tests.
            if (ShopRows.Count(browser.Site.Shop, "SELECT COUNT(*) FROM Settlements WHERE Upstream = 'acme' AND Period = '2026-09'") == 0)
            {
                await SettlementShop.SeedAsync(browser.Site);
                await InvoiceShop.ImportAsync(browser.Site, InvoiceShop.Lines, "5.40");
                await browser.Site.Services.GetRequiredService<SettlementStore>().DraftAsync("acme", new DateOnly(2026, 9, 1), TestContext.Current.CancellationToken);
                // Of another month: two lines that can be decided about together.
                await browser.Site.ImportAsync("usage", $"{SettlementShop.Usage.Split('\n')[0]}\nx1,2026-07-03T00:10:00+08:00,acme,chat,k1,-5,,,,,\nx2,2026-07-03T00:10:00+08:00,acme,chat,k1,-5,,,,,\n");
            }
        }
        finally
        {
            Seeding.Release();
        }
    }
}

/// <summary>A month with everything that blocks one.</summary>
internal static class SettlementShop
{
    /// <summary>Imports that <see cref="SeedAsync"/> makes.</summary>
    public const int Imports = 3;

    public const string Prices = """
        upstream,model,part,band,currency,price_per_million,valid_from,valid_until
        acme,m-1,uncached_input,all,CNY,2,,
        acme,m-1,cache_read,all,CNY,0.5,,
        acme,m-1,output,all,CNY,4,,

        """;

    public const string Mappings = """
        name,upstream,model,valid_from,valid_until
        chat,acme,m-1,,

        """;

    public const string Usage = """
        id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota
        1,2026-09-01T00:10:00+08:00,acme,chat,k1,1000000,1000000,,,500000,12
        2,2026-09-02T00:10:00+08:00,acme,<script>alert(1)</script>,k1,7,,,,,
        1,2026-09-01T00:10:00+08:00,acme,chat,k1,1000001,1000000,,,500000,12
        3,2026-09-03T00:10:00+08:00,acme,chat,k1,-5,,,,,

        """;

    public static async Task SeedAsync(Site site)
    {
        await site.ImportAsync("prices", Prices);
        await site.ImportAsync("mappings", Mappings);
        await site.ImportAsync("usage", Usage);
    }
}
