using System.Net;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Imports;

public sealed class ImportPageTests(Site site) : IClassFixture<Site>
{
    private const int Bad = 120;
    private const string Record = "data-label=\"Record\"><span class=\"figure-text\">([0-9]+)<";
    private const string Link = "data-label=\"Import\"><a href=\"/imports/([0-9]+)\"";

    private static string ManyBadLines => Seed.File(Seed.OrdersHeader, [.. Enumerable.Range(1, Bad).Select(i => Seed.Order($"AC-BAD-{i}", amount: $"-{i}.00"))]);

    [Fact]
    public async Task Lines_put_aside_are_paged_there_and_back_each_once()
    {
        using var client = site.Visitor("en");
        var import = await site.UploadAndCheckAsync(client, ManyBadLines);
        var (forth, last) = await WalkAsync(client, $"/imports/{import.Number}", "After", Record);
        Assert.Equal(Enumerable.Range(1, Bad), forth);
        var (back, _) = await WalkAsync(client, last, "Before", Record);
        Assert.Equal(Enumerable.Range(1, Bad), back.Distinct().Order());
        Assert.Contains("Nothing in this file is new", await client.ReadAsync($"/imports/{import.Number}"));
    }

    [Fact]
    public async Task All_lines_put_aside_can_be_downloaded_and_no_spreadsheet_takes_one_for_a_formula()
    {
        using var client = site.Visitor("en");
        var import = await site.UploadAndCheckAsync(client, ManyBadLines);
        using var answer = await client.GetAsync($"/imports/{import.Number}/put-aside.csv", TestContext.Current.CancellationToken);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"import-{import.Number}-put-aside.csv", answer.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        var lines = System.Text.Encoding.UTF8.GetString(bytes[3..]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("Record,Line,Field,Reason", lines[0]);
        Assert.Equal(Bad, lines.Length - 1);
        Assert.Equal("7,8,charge_amount,\"'-7.00 is negative. Write what was to be charged, 0 or more.\"", lines[7]);
        Assert.StartsWith("\uFEFF记录,行,字段,原因", await site.Visitor("zh-CN").GetStringAsync($"/imports/{import.Number}/put-aside.csv", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Progress_is_asked_for_until_the_check_has_ended_and_then_the_page_is_swapped_whole()
    {
        using var client = site.Visitor("en");
        client.DefaultRequestHeaders.Add("HX-Request", "true");
        using var own = await client.UploadAsync(Seed.File(Seed.OrdersHeader, Seed.Order("AC-PROGRESS")));
        var path = Assert.Single(own.Headers.GetValues("HX-Redirect"));
        var import = await site.ImportOfAsync(long.Parse(path.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture));

        using (var waiting = await client.GetAsync($"{path}/progress?told=0", TestContext.Current.CancellationToken))
        {
            var fragment = await waiting.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, waiting.StatusCode);
            Assert.Contains("Waiting for a free worker", fragment);
            Assert.Contains($"hx-get=\"{path}/progress?told=0\"", fragment);
            Assert.DoesNotContain("<h1", fragment);
        }
        await site.RunAsync(import);
        using var ended = await client.GetAsync($"{path}/progress?told=0", TestContext.Current.CancellationToken);
        var whole = await ended.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(286, (int)ended.StatusCode);
        Assert.Equal("#import", Assert.Single(ended.Headers.GetValues("HX-Retarget")));
        Assert.Contains("<div id=\"import\"", whole);
        Assert.Contains("Take in 1 record", whole);
        Assert.Contains("hx-swap-oob=\"innerHTML:#status\"", whole);
        Assert.Contains("<title>Import", whole);
        Assert.DoesNotContain("<html", whole);
        Assert.DoesNotContain("every 2s", whole);
    }

    [Fact]
    public async Task The_number_of_records_is_estimated_from_the_bytes_read_while_the_work_goes_on()
    {
        using var client = site.Visitor("en");
        using var uploaded = await client.UploadAsync(Seed.File(Seed.OrdersHeader, Seed.Order("AC-ESTIMATE")));
        var import = await site.ImportOfAsync(long.Parse(uploaded.Headers.Location!.OriginalString.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture));
        await site.Services.GetRequiredService<Database>().WriteAsync(WriteRank.Job, async session =>
        {
            Assert.True(await ImportStore.Queue.ClaimAsync(session, import.Id, TestContext.Current.CancellationToken));
            await ImportStore.AdvanceAsync(session, import.Id, new ImportProgress(100, 100, 0, 0, import.Size / 2), [], TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);

        Assert.Contains("Checking: 100 of about 20", await client.ReadAsync($"/imports/{import.Number}"));
        Assert.Matches($"Import {import.Number} (49|50)%", await client.ReadAsync("/running"));
        Assert.Matches("<title>(49|50)% Import", await client.GetStringAsync($"/imports/{import.Number}/progress?told=0", TestContext.Current.CancellationToken));
        Assert.Matches($"Import {import.Number} orders.csv (49|50)%", await client.ReadAsync("/job-runs"));
    }

    [Fact]
    public async Task The_list_shows_every_import_once_newest_first()
    {
        using var client = site.Visitor("en");
        for (var i = 0; i < 110; i++)
            await site.Services.GetRequiredService<ImportStore>().AddAsync(new NewImport("orders", $"walk-{i}.csv", $"/nowhere/{i}", 1, new byte[32], "check", "ilya@example.com"), TestContext.Current.CancellationToken);
        var (numbers, last) = await WalkAsync(client, "/imports", "Older", Link);
        Assert.Equal(numbers.OrderDescending(), numbers);
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.True(numbers.Count >= 110);
        var (back, first) = await WalkAsync(client, last, "Newer", Link);
        Assert.Equal(numbers.Order(), back.Distinct().Order());
        Assert.DoesNotContain("Newer", await client.ReadAsync(first));
    }

    [Fact]
    public async Task Names_and_values_of_a_file_are_shown_as_text()
    {
        using var client = site.Visitor("en");
        const string hostile = "<script>alert(1)</script>";
        var import = await site.UploadAndCheckAsync(client, Seed.File(Seed.OrdersHeader, Seed.Order("AC-XSS", package: hostile)), "<img src=x onerror=alert(1)>.csv");
        Assert.Equal("<img src=x onerror=alert(1)>.csv", import.FileName);
        foreach (var path in new[] { "/", "/imports", $"/imports/{import.Number}", "/job-runs", "/running" })
        {
            var page = await client.GetStringAsync(path, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(hostile, page);
            Assert.DoesNotContain("<img src=x", page);
        }
        Assert.Contains("“&lt;script&gt;alert(1)&lt;/script&gt;” is not a package", await client.GetStringAsync($"/imports/{import.Number}", TestContext.Current.CancellationToken));
    }

    private static async Task<(List<int> Seen, string Last)> WalkAsync(HttpClient client, string path, string way, string row)
    {
        var (seen, last) = await client.WalkAsync(path, way, row);
        return ([.. seen.Select(number => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture))], last);
    }
}
