using System.Net;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Imports;
using BackOffice.Web.Tests.CommandLine;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Settlement;

/// <summary>An upstream's invoice imported, held against our figures, and accepted.</summary>
public sealed class InvoicePagesTests : IAsyncDisposable
{
    private const string Page = "/settlements/acme/2026-09/invoice";

    private readonly Site _site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    // Ours: 1,000,000 at 2, 1,000,000 read at 0.5, 500,000 out at 4: CNY 4.50. Theirs in the mix of 1.2 to 0.8 million, uncached at 2.10, 100,000 more out, and x-9.
    [Fact]
    public async Task The_page_says_where_the_difference_comes_from_and_who_accepted_it()
    {
        await SettlementShop.SeedAsync(_site);
        using var mara = _site.Visitor(Role.Finance, "en");
        Assert.Contains("No whole invoice of this month has been imported.", await mara.ReadAsync(Page));
        await InvoiceShop.ImportAsync(_site, InvoiceShop.Lines, "5.40");

        var page = await mara.ReadAsync(Page);

        Assert.Contains("The upstream asks CNY 5.400000000: CNY +0.900000000 against our figures.", page);
        Assert.Contains("CNY +0.030000000 of the difference is explained by nothing", page);
        foreach (var step in new[] { "Our figure 4.500000000", "Quantity +0.400000000", "Mix +0.300000000", "Price +0.120000000", "Unmapped +0.050000000", "Rounding +0.030000000", "Invoice 5.400000000" })
            Assert.Contains(step, page);
        Assert.Contains("m-1 Uncached input 1,000,000 1,200,000 +200,000 2.000000000 2.520000000 +0.520000000", page);
        Assert.Contains("x-9 Output 0 100 +100 0.000000000 0.050000000 +0.050000000", page);
        var html = await mara.GetStringAsync(Page, Token);
        Assert.Contains("data-step=\"quantity\" data-nano=\"0.400000000\" data-kind=\"step\"", html, StringComparison.Ordinal);
        Assert.Contains("data-chart=\"waterfall\"", html, StringComparison.Ordinal);
        Assert.Contains("m-1,Output,500000,600000,2.000000000,2.400000000,0.400000000,CNY", await mara.GetStringAsync(Page + "/rows.csv", Token), StringComparison.Ordinal);
        Assert.Contains(Page, await mara.GetStringAsync("/settlements/acme/2026-09", Token), StringComparison.Ordinal);

        using var blank = await mara.SubmitAsync(Page, Page + "/acceptance", Values(html));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, blank.StatusCode);
        using var stale = await mara.SubmitAsync(Page, Page + "/acceptance", ("number", "1"), ("seen", "00"), ("reason", "as agreed"));
        Assert.Contains("The figures are others than those that were seen.", Html.Text(await stale.Content.ReadAsStringAsync(Token)));
        using var accepted = await mara.SubmitAsync(Page, Page + "/acceptance", [.. Values(html), ("reason", "the upstream raised its price, as agreed")]);
        Assert.Equal(Page, accepted.Headers.Location?.OriginalString);
        var done = await mara.ReadAsync(Page);
        Assert.Contains("The upstream asks CNY 5.400000000, accepted by", done);
        Assert.Contains("the upstream raised its price, as agreed", done);
        Assert.Equal("1", Assert.Single(ShopRows.Of(_site.Shop, "SELECT COUNT(*) FROM AuditEntries WHERE Action = 'invoice.accepted'")));
        using var support = _site.Visitor(Role.Support, "en");
        Assert.DoesNotContain("Accept these figures", await support.ReadAsync(Page));

        // A newer invoice counts, and nobody has accepted it; the older one stays readable.
        await InvoiceShop.ImportAsync(_site, InvoiceShop.Lines.Replace("2.40", "2.41", StringComparison.Ordinal), "5.38");
        Assert.Contains("The upstream asks CNY 5.380000000", await mara.ReadAsync(Page));
        Assert.Contains("This older invoice asked CNY 5.400000000. It does not count any more.", await mara.ReadAsync(Page + "?number=1"));
        using var gone = await mara.GetAsync(Page + "?number=9", Token);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task An_upload_says_whose_invoice_it_is_and_the_form_keeps_what_was_typed()
    {
        await SettlementShop.SeedAsync(_site);
        using var mara = _site.Visitor(Role.Finance, "en");
        using var unsaid = await mara.UploadAsync(InvoiceShop.Lines, "invoice.csv", fields: [("month", "2026-13")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unsaid.StatusCode);
        var form = await unsaid.Content.ReadAsStringAsync(Token);
        Assert.Contains("Upstream: nothing is given.", Html.Text(form));
        Assert.Contains("value=\"2026-13\"", form, StringComparison.Ordinal);

        using var said = await mara.UploadAsync(InvoiceShop.Lines, "invoice.csv", fields: [("upstream", "acme"), ("month", "2026-09"), ("total", "5.4")]);
        var path = said.Headers.Location!.OriginalString;
        await _site.RunAsync(await _site.ImportOfAsync(1 + SettlementShop.Imports));
        using var confirmed = await mara.SubmitAsync(path, path + "/confirmation");
        await _site.RunAsync(await _site.ImportOfAsync(1 + SettlementShop.Imports));
        Assert.Contains("The upstream asks CNY 5.400000000", await mara.ReadAsync(Page));
    }

    private static (string, string)[] Values(string html) =>
        [.. new[] { "number", "seen" }.Select(name => (name, System.Text.RegularExpressions.Regex.Match(html, $"name=\"{name}\" value=\"([0-9a-f]+)\"").Groups[1].Value))];
}

/// <summary><c>import invoice</c> as an operator gives it.</summary>
public sealed class InvoiceVerbTests : IDisposable
{
    private readonly ShopFolder _folder = ShopFolder.Migrated();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Bad_lines_are_put_aside_and_the_same_file_changes_nothing()
    {
        var content = """
            day,model,part,tokens,amount,currency
            2026-09-01,deepseek-v4-flash,output,100,0.000000123,CNY
            ,deepseek-v4-flash,input,100,1.5,CNY
            2026-10-01,deepseek-v4-flash,output,100,1,CNY
            2026-09-31,deepseek-v4-flash,output,100,1,CNY
            ,deepseek-v4-flash,outputs,100,1,CNY
            ,deepseek-v4-flash,output,-1,1,CNY
            ,deepseek-v4-flash,output,1,1.0000000001,CNY
            ,deepseek-v4-flash,output,1,"1,5",CNY
            ,deepseek-v4-flash,output,1,1,USD
            ,,output,1,1,CNY
            ,deepseek-v4-flash,output,0,-0.25,CNY
            ,deepseek-v4-fl
            """;
        var file = await WriteAsync(content);
        var answer = await Worker.RunAsync(_folder, ["import", "invoice", file, "--upstream", "DeepSeek", "--month", "2026-09", "--total", "1.25", "--json"]);
        Assert.True(answer.Status == 0, answer.Error);
        Assert.Equal((12, 3, 0, 9), Figures(answer));
        foreach (var sentence in new[]
        {
            "day: 2026-10-01 is not in 2026-09", "day: 2026-09-31 is not a day", "part: outputs is none of the words that can stand here: uncached_input", "tokens: “-1” is not a plain number",
            "amount: 1.0000000001 has 10 decimals", "amount: 1,5 is no amount", "currency: USD is not CNY, which deepseek bills in", "model: nothing is given.",
        })
            Assert.Contains(sentence, answer.Error, StringComparison.Ordinal);
        Assert.Equal(["2026-09-01|output|100|123", "|input|100|1500000000", "|output|0|-250000000"], ShopRows.Of(_folder, "SELECT CONCAT(COALESCE(Day, ''), '|', Part, '|', Tokens, '|', AmountNano) FROM InvoiceLines ORDER BY Line"));
        Assert.Equal("1250000000", ShopRows.Of(_folder, "SELECT StatedNano FROM UpstreamInvoices").Single());

        answer = await Worker.RunAsync(_folder, ["import", "invoice", file, "--upstream", "deepseek", "--month", "2026-09", "--total", "1.25", "--json"]);
        Assert.Equal((12, 0, 3, 9), Figures(answer));
        Assert.Equal(1, ShopRows.Count(_folder, "SELECT COUNT(*) FROM UpstreamInvoices"));
        // Another total is another invoice.
        answer = await Worker.RunAsync(_folder, ["import", "invoice", file, "--upstream", "deepseek", "--month", "2026-09", "--json"]);
        Assert.Equal((12, 3, 0, 9), Figures(answer));

        answer = await Worker.RunAsync(_folder, ["import", "invoice", file, "--upstream", "deepseek", "--month", "2026-10", "--strict"]);
        Assert.Equal(1, answer.Status);
        Assert.Equal(2, ShopRows.Count(_folder, "SELECT COUNT(*) FROM UpstreamInvoices"));
    }

    [Theory]
    [InlineData("currency: USD is not CNY, which deepseek bills in.", "--upstream deepseek --month 2026-09")]
    [InlineData("There is no upstream nobody", "--upstream nobody --month 2026-09")]
    [InlineData("total: 1.2.3 is no amount", "--upstream deepseek --month 2026-09 --total 1.2.3")]
    public async Task What_cannot_be_an_invoice_is_refused_in_a_sentence(string sentence, string options)
    {
        var file = await WriteAsync("day,model,part,tokens,amount,currency\n,deepseek-v4-flash,output,1,1,USD\n,deepseek-v4-flash,output,1,1,CNY\n");
        (await Worker.RunAsync(_folder, ["import", "invoice", file, .. options.Split(' ')])).IsRefused(sentence);
        Assert.Equal(0, ShopRows.Count(_folder, "SELECT COUNT(*) FROM UpstreamInvoices"));
    }

    private static (int Read, int New, int Repeated, int PutAside) Figures(Answer answer)
    {
        var json = answer.Json();
        return (json.GetProperty("read").GetInt32(), json.GetProperty("new").GetInt32(), json.GetProperty("repeated").GetInt32(), json.GetProperty("put_aside").GetInt32());
    }

    private async Task<string> WriteAsync(string content)
    {
        var file = Path.Combine(_folder.Path, "invoice.csv");
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        return file;
    }
}

/// <summary>An upstream's invoice of the month of <see cref="SettlementShop"/>.</summary>
internal static class InvoiceShop
{
    public const string Lines = """
        day,model,part,tokens,amount,currency
        2026-09-01,chat,uncached_input,700000,1.47,CNY
        ,m-1,uncached_input,500000,1.05,CNY
        ,m-1,cache_read,800000,0.4,CNY
        ,m-1,output,600000,2.40,CNY
        ,X-9,output,100,0.05,CNY

        """;

    public static async Task ImportAsync(Site site, string content, string total)
    {
        var file = Path.Combine(site.Folder, Path.GetRandomFileName());
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        var said = InvoiceOptions.Of("acme", "2026-09", total).Text();
        await site.RunAsync(await site.Services.GetRequiredService<ImportDesk>().TakeFileAsync("invoice", file, "take", adopt: false, "mara@example.com", said, TestContext.Current.CancellationToken));
    }
}
