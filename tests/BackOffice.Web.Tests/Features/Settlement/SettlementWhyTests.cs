using System.Net;
using BackOffice.Domain.Access;
using ClosedXML.Excel;

namespace BackOffice.Web.Tests.Features.Settlement;

/// <summary>Why a figure is what it is, what it would be under other prices, and its files.</summary>
public sealed class SettlementWhyTests : IAsyncDisposable
{
    private readonly Site _site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_line_says_its_formula_its_price_row_and_the_names_that_came_to_it()
    {
        await SettlementShop.SeedAsync(_site);
        using var support = _site.Visitor(Role.Support, "en");
        var totals = await support.ReadAsync("/settlements/acme/2026-09/why");
        Assert.Contains("Sum of 3 lines = 4.500000000, rounded half away from zero to 4.50", totals);
        Assert.Contains("1,000,000 read from a cache ÷ 2,000,000 input tokens = 0.500000", totals);
        Assert.Contains("Without a cache 2.000000000, with it 0.500000000: saved 1.500000000.", totals);
        var month = await support.GetStringAsync("/settlements/acme/2026-09", Token);
        var link = System.Text.RegularExpressions.Regex.Match(month, "/settlements/acme/2026-09/why/[0-9]+").Value;
        var line = await support.ReadAsync(link);
        Assert.Contains("1,000,000 × 0.5 ÷ 1,000,000 = 0.500000000000", line);
        Assert.Contains("Nothing was rounded: CNY 0.500000000.", line);
        Assert.Contains("chat chat neutral", line);
        // The records behind it, by the list's own filter.
        var records = System.Text.RegularExpressions.Regex.Match(await support.GetStringAsync(link, Token), "href=\"(/usage\\?[^\"]+)\"").Groups[1].Value.Replace("&amp;", "&", StringComparison.Ordinal);
        Assert.Contains("source=neutral&model=chat", records, StringComparison.Ordinal);
        Assert.Contains("1,000,000", await support.ReadAsync(records));
        using var none = await support.GetAsync("/settlements/acme/2026-09/why/999", Token);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        using var other = await support.GetAsync(link + "?adjusts=2026-08", Token);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task Other_prices_are_shown_beside_the_real_ones_and_a_wrong_one_is_said()
    {
        await SettlementShop.SeedAsync(_site);
        using var support = _site.Visitor(Role.Support, "en");
        var form = await support.GetStringAsync("/settlements/acme/2026-09/what-if", Token);
        var field = System.Text.RegularExpressions.Regex.Match(form, "name=\"(price\\.[0-9]+)\"").Groups[1].Value;
        var page = await support.ReadAsync($"/settlements/acme/2026-09/what-if?{field}=1.5");
        Assert.Contains("CNY 5.50 under these prices; CNY 4.50 as it is. Nothing is kept of it.", page);
        Assert.Contains("4.50 5.50 +1.00", page);
        Assert.Contains("CNY 4.50 to pay so far", await support.ReadAsync("/settlements/acme/2026-09"));
        using var wrong = await support.GetAsync($"/settlements/acme/2026-09/what-if?{field}=-1", Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        Assert.Contains("m-1, Cache read, all hours", Html.Text(await wrong.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task A_part_without_a_price_can_be_given_one_to_see()
    {
        await _site.ImportAsync("prices", SettlementShop.Prices.Replace("acme,m-1,output,all,CNY,4,,\n", "", StringComparison.Ordinal));
        await _site.ImportAsync("mappings", SettlementShop.Mappings);
        await _site.ImportAsync("usage", SettlementShop.Usage);
        using var support = _site.Visitor(Role.Support, "en");
        Assert.Contains("CNY 6.00 under these prices; CNY 2.50 as it is.", await support.ReadAsync("/settlements/acme/2026-09/what-if?new.output.m-1=7"));
    }

    [Theory, InlineData("en"), InlineData("zh-Hans")]
    public async Task The_workbook_recomputes_what_was_settled_and_the_pdf_is_the_same_twice(string language)
    {
        await SettlementShop.SeedAsync(_site);
        await _site.ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nacme,m-2,output,all,CNY,0.0005,,\nacme,m-2,uncached_input,all,CNY,0.0015,,\n");
        await _site.ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\ntiny,acme,m-2,,\n");
        // One token at half a nano, and one at one and a half: to the even neighbour, which is not what a spreadsheet's own rounding does.
        await _site.ImportAsync("usage", "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\n9,2026-09-05T00:10:00+08:00,acme,tiny,k1,1,,,,1,\n10,2026-09-05T00:10:00+08:00,acme,tiny,k1,,,,,4,\n");
        using var mara = _site.Visitor(Role.Finance, language);
        using var workbook = new XLWorkbook(await mara.GetStreamAsync("/settlements/acme/2026-09/report.xlsx", Token));
        workbook.RecalculateAllFormulas();
        var cover = workbook.Worksheet(1);
        Assert.Equal(4, Enumerable.Range(5, 4).Count(row => cover.Cell(row, 4).GetDouble() == 0));
        Assert.Equal(4_500_000_004, cover.Cell(5, 2).GetDouble());
        var amounts = Enumerable.Range(5, 5).Select(row => workbook.Worksheet(2).Cell(row, 11).GetDouble());
        Assert.Equal([500_000_000d, 2_000_000_000, 2_000_000_000, 2, 2], amounts);

        var first = await mara.GetByteArrayAsync("/settlements/acme/2026-09/report.json", Token);
        Assert.Contains("\"total_nano\": 4500000004", System.Text.Encoding.UTF8.GetString(first), StringComparison.Ordinal);
        using var pdf = await mara.GetAsync("/settlements/acme/2026-09/report.pdf", Token);
        Assert.Equal("application/pdf", pdf.Content.Headers.ContentType?.MediaType);
        using var read = UglyToad.PdfPig.PdfDocument.Open(await pdf.Content.ReadAsByteArrayAsync(Token));
        var words = string.Concat(read.GetPages().Select(one => one.Text));
        Assert.Contains("CNY 4.500000004", words, StringComparison.Ordinal);
        using var unknown = await mara.GetAsync("/settlements/acme/2026-09/report.doc", Token);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task What_a_month_costs_is_told_by_customers_keys()
    {
        await SettlementShop.SeedAsync(_site);
        await _site.ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nother,o-1,output,all,CNY,1000,,\n");
        await _site.ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\ntalk,other,o-1,,\n");
        await _site.ImportAsync("usage", "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\n20,2026-09-01T00:10:00+08:00,acme,chat,k2,1000000,,,,,\n21,2026-09-01T00:10:00+08:00,other,talk,k3,,,,,1000000,\n");
        using var support = _site.Visitor(Role.Support, "en");
        // k3 used another upstream only, and k1 and k2 paid the same for a million.
        Assert.Contains("k1 neutral 2 4.500000000 k2 neutral 1 2.000000000", await support.ReadAsync("/settlements/acme/2026-09/keys"));
        Assert.Contains("k3 neutral 1 1,000.000000000", await support.ReadAsync("/settlements/other/2026-09/keys"));
        using var workbook = new XLWorkbook(await support.GetStreamAsync("/settlements/acme/2026-09/report.xlsx", Token));
        var keys = workbook.Worksheet("By key");
        Assert.Equal([("k1", 4.5), ("k2", 2)], Enumerable.Range(5, 2).Select(row => (keys.Cell(row, 2).GetString(), keys.Cell(row, 4).GetDouble())));
    }

    [Fact]
    public async Task What_is_approved_is_closed_with_a_reason_once()
    {
        await _site.ImportAsync("prices", SettlementShop.Prices);
        await _site.ImportAsync("mappings", SettlementShop.Mappings);
        await _site.ImportAsync("usage", "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\n1,2026-09-01T00:10:00+08:00,acme,chat,k1,1000000,,,,,\n");
        using var mara = _site.Visitor(Role.Finance, "en");
        using var early = await mara.PostFormAsync("/settlements/acme/2026-09/closing", await mara.TokenAsync(), ("reason", "paid"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, early.StatusCode);
        var seen = System.Text.RegularExpressions.Regex.Match(await mara.GetStringAsync("/settlements/acme/2026-09", Token), "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        using var asked = await mara.SubmitAsync("/settlements/acme/2026-09", "/settlements/acme/2026-09/approval", ("seen", seen), ("reason", "all there"));
        using var ilya = _site.Visitor("en");
        using var approved = await ilya.PostFormAsync("/approvals/1/approval", await ilya.TokenAsync());
        using var blank = await mara.SubmitAsync("/settlements/acme/2026-09", "/settlements/acme/2026-09/closing");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, blank.StatusCode);
        using var closed = await mara.SubmitAsync("/settlements/acme/2026-09", "/settlements/acme/2026-09/closing", ("reason", "paid on 5 October"));
        Assert.Equal("/settlements/acme/2026-09", closed.Headers.Location?.OriginalString);
        var page = await mara.ReadAsync("/settlements/acme/2026-09");
        Assert.Contains("acme, September 2026 is closed.", page);
        Assert.DoesNotContain("Close the month", page, StringComparison.Ordinal);
        Assert.Equal("paid on 5 October", ShopRows.Of(_site.Shop, "SELECT Reason FROM AuditEntries WHERE Action = 'settlement.closed'").Single());
    }
}
