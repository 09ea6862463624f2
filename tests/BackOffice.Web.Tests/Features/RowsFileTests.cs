using System.Globalization;
using System.IO.Compression;
using System.Net;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports.Tables;
using BackOffice.Web.Shared;
using ClosedXML.Excel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features;

public sealed class RowsFileTests(Browser browser)
{
    private static readonly BusinessTime Shop = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));
    private static readonly DateTime Noon = new(2026, 11, 10, 4, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task A_filters_rows_are_the_files_rows_in_both_formats()
    {
        await using var site = new Site();
        using var client = site.Visitor("en");
        await client.GetStringAsync("/", TestContext.Current.CancellationToken);
        var database = site.Services.GetRequiredService<Database>();
        for (var number = 0; number < 130; number++)
            await database.WriteAsync(WriteRank.Job, session => AuditLog.AppendAsync(session, new AuditAct { Who = "=ilya@example.com", Action = AuditActions.ImportAdded, Subject = $"import:{number % 3}" }), TestContext.Current.CancellationToken);
        foreach (var filter in new[] { "", "?subject=import%3A1", "?who=nobody" })
        {
            var (listed, _) = await client.WalkAsync("/audit" + filter, "Older", "<th scope=\"row\"[^>]*><a href=\"/audit/(\\d+)\"");
            var csv = (await client.GetStringAsync("/audit/rows.csv" + filter, TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            using var workbook = new XLWorkbook(new MemoryStream(await client.GetByteArrayAsync("/audit/rows.xlsx" + filter, TestContext.Current.CancellationToken)));
            var sheet = workbook.Worksheets.Single();

            Assert.Equal(listed, csv.Skip(1).Select(line => line.Split(',')[0]));
            Assert.Equal(listed, sheet.RowsUsed().Skip(1).Select(row => row.Cell(1).GetValue<long>().ToString(CultureInfo.InvariantCulture)));
        }
    }

    [Theory]
    [InlineData("/orders"), InlineData("/payments"), InlineData("/findings"), InlineData("/findings?state=any&priority=P1"), InlineData("/reconciliation"), InlineData("/reports"), InlineData("/imports")]
    [InlineData("/audit"), InlineData("/staff"), InlineData("/job-runs"), InlineData("/packages/trial/prices"), InlineData("/orders?status=delivered&package=trial")]
    public async Task Every_list_has_both_files_with_the_same_cells(string list)
    {
        await using var open = await browser.OpenAsync("/account");
        using var client = browser.Site.Visitor("zh-CN");
        var (path, query) = (list.Split('?')[0], list.Contains('?', StringComparison.Ordinal) ? list[list.IndexOf('?', StringComparison.Ordinal)..] : "");
        using var answer = await client.GetAsync($"{path}/rows.csv{query}", TestContext.Current.CancellationToken);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        var csv = (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        using var workbook = new XLWorkbook(new MemoryStream(await client.GetByteArrayAsync($"{path}/rows.xlsx{query}", TestContext.Current.CancellationToken)));
        var sheet = workbook.Worksheets.Single();
        Assert.Equal(csv[0].TrimStart('\uFEFF').Split(','), sheet.Row(1).CellsUsed().Select(cell => cell.GetString()));
        if (list != "/audit") // each page that is opened may add to it
            Assert.Equal(csv.Length, sheet.LastRowUsed()!.RowNumber());
        using var unknown = await client.GetAsync($"{path}/rows.pdf{query}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Cells_are_of_their_kind_and_text_stays_text()
    {
        var columns = new RowColumns<string>(Texts.English, Shop, Noon)
            .Text("Words", text => text).Number("Count", _ => -3).Time("At", _ => Noon).Day("Day", _ => new DateOnly(2026, 11, 10)).Money("Sum", _ => -2205, _ => "CNY").Money("None", _ => null, _ => null).Currency(_ => "CNY");
        string[] rows = ["=1+1", "@SUM(A1)", "-2", "\t=1", "a,\"b\"\r\nc", "<&>", "  spaced ", "中文 👩‍👧"];

        var csv = await WriteAsync("csv", columns, rows);
        using var workbook = new XLWorkbook(new MemoryStream(await WriteAsync("xlsx", columns, rows)));
        var sheet = workbook.Worksheet("rows");

        Assert.Equal(
            "\uFEFFWords,Count,At (UTC+8),Day,Sum,None,Currency\r\n'=1+1,-3,2026-11-10 12:00:00,2026-11-10,-22.05,,CNY\r\n",
            string.Concat(System.Text.Encoding.UTF8.GetString(csv).Split('\n').Take(2).Select(line => line + "\n")));
        Assert.Equal(rows.Select(row => row.ReplaceLineEndings("\n")), sheet.RowsUsed().Skip(1).Select(row => row.Cell(1).GetString().ReplaceLineEndings("\n")));
        Assert.All(sheet.CellsUsed(), cell => Assert.False(cell.HasFormula));
        Assert.Equal(-3, sheet.Cell("B2").GetValue<int>());
        Assert.Equal(new DateTime(2026, 11, 10, 12, 0, 0), sheet.Cell("C2").GetDateTime());
        Assert.Equal(new DateTime(2026, 11, 10), sheet.Cell("D2").GetDateTime());
        Assert.Equal(-22.05m, sheet.Cell("E2").GetValue<decimal>());
        Assert.True(sheet.Cell("F2").IsEmpty());
        var raw = await ReadSheetAsync(await WriteAsync("xlsx", columns, ["_x0041_", "\u0001"]));
        Assert.Contains(">_x005F_x0041_<", raw); // read back as what it was (ECMA-376 part 1, 22.9.2.19)
        Assert.Contains(">_x0001_<", raw);
        Assert.Equal(await WriteAsync("xlsx", columns, rows), await WriteAsync("xlsx", columns, rows));
    }

    [Fact]
    public async Task A_full_sheet_is_followed_by_another()
    {
        var stream = new MemoryStream();
        var table = new XlsxTable(stream, "rows", rowsPerSheet: 2);
        await table.BeginAsync([("Words", 10)], TestContext.Current.CancellationToken);
        foreach (var text in new[] { "a", "b", "c", "d", "e" })
        {
            await table.BeginRowAsync(TestContext.Current.CancellationToken);
            table.Text(text);
            await table.EndRowAsync(TestContext.Current.CancellationToken);
        }
        await table.FinishAsync(TestContext.Current.CancellationToken);
        stream.Position = 0;
        using var workbook = new XLWorkbook(stream);
        Assert.Equal(["rows: Words a b", "rows 2: Words c d", "rows 3: Words e"], workbook.Worksheets.Select(sheet => $"{sheet.Name}: {string.Join(' ', sheet.CellsUsed().Select(cell => cell.GetString()))}"));
    }

    [Theory]
    [InlineData("csv"), InlineData("xlsx")]
    public async Task A_file_that_breaks_off_is_not_whole_and_breaks_the_connection(string format)
    {
        var columns = new RowColumns<string>(Texts.English, Shop, Noon).Text("Words", text => text);
        var http = new DefaultHttpContext();
        var (body, lifetime) = (new Body(), new Lifetime());
        http.Features.Set<Microsoft.AspNetCore.Http.Features.IHttpResponseFeature>(body);
        http.Features.Set<Microsoft.AspNetCore.Http.Features.IHttpResponseBodyFeature>(new Microsoft.AspNetCore.Http.StreamResponseBodyFeature(body.Written));
        http.Features.Set<Microsoft.AspNetCore.Http.Features.IHttpRequestLifetimeFeature>(lifetime);
        var file = new RowsFile<string>("rows", format, columns, Broken());
        await Assert.ThrowsAsync<TimeoutException>(() => file.ExecuteResultAsync(new ActionContext(http, new RouteData(), new Microsoft.AspNetCore.Mvc.Abstractions.ActionDescriptor())));
        Assert.True(lifetime.IsAborted);
        Assert.True(body.Written.Length > 0);
        if (format == "xlsx")
            Assert.ThrowsAny<InvalidDataException>(() => new ZipArchive(new MemoryStream(body.Written.ToArray())));

        static async IAsyncEnumerable<string> Broken()
        {
            await Task.Yield();
            for (var row = 0; row < 100_000; row++)
                yield return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(row)));
            throw new TimeoutException("The database does not answer.");
        }
    }

    [Theory]
    [InlineData("csv"), InlineData("xlsx")]
    public async Task Rows_go_out_as_they_come_in_and_none_is_held(string format)
    {
        const int All = 200_000;
        var columns = new RowColumns<Row>(Texts.English, Shop, Noon).Number("Number", row => row.Number).Text("Words", row => $"row {row.Number}").Time("At", row => Noon.AddSeconds(row.Number));
        var output = new Counted();
        var (gone, held) = (new List<long>(), new List<bool>());
        await WriteAsync(format, columns, Rows(), output);
        Assert.All(gone, (bytes, probe) => Assert.InRange(bytes, (output.Count * probe / 4) - 200_000, output.Count));
        Assert.DoesNotContain(true, held);

        IEnumerable<Row> Rows()
        {
            WeakReference? earlier = null;
            for (var number = 0; number < All; number++)
            {
                var row = new Row(number);
                if (number % (All / 4) == 100)
                    earlier = new WeakReference(row);
                if (number % (All / 4) == 0)
                    gone.Add(output.Count);
                if (number % (All / 4) == 20_000)
                {
                    GC.Collect();
                    held.Add(earlier!.IsAlive);
                }
                yield return row;
            }
        }
    }

    private static async Task<string> ReadSheetAsync(byte[] workbook)
    {
        await using var zip = new ZipArchive(new MemoryStream(workbook));
        using var sheet = new StreamReader(zip.GetEntry("xl/worksheets/sheet1.xml")!.Open());
        return await sheet.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<byte[]> WriteAsync<TRow>(string format, RowColumns<TRow> columns, IEnumerable<TRow> rows)
    {
        var kept = new MemoryStream();
        await WriteAsync(format, columns, rows, kept);
        return kept.ToArray();
    }

    private static async Task WriteAsync<TRow>(string format, RowColumns<TRow> columns, IEnumerable<TRow> rows, Stream output)
    {
        var http = new DefaultHttpContext();
        http.Response.Body = output;
        await new RowsFile<TRow>("rows", format, columns, Async()).ExecuteResultAsync(new ActionContext(http, new RouteData(), new Microsoft.AspNetCore.Mvc.Abstractions.ActionDescriptor()));

        async IAsyncEnumerable<TRow> Async()
        {
            await Task.Yield();
            foreach (var row in rows)
                yield return row;
        }
    }

    private sealed record Row(int Number);

    /// <summary>Takes any number of bytes and keeps how many.</summary>
    private sealed class Counted : MemoryStream
    {
        public long Count { get; private set; }

        public override void Write(byte[] buffer, int offset, int count) => Count += count;

        public override void Write(ReadOnlySpan<byte> buffer) => Count += buffer.Length;

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Count += count;
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Count += buffer.Length;
            return default;
        }
    }

    private sealed class Body : Microsoft.AspNetCore.Http.Features.HttpResponseFeature
    {
        public MemoryStream Written { get; } = new();

        public override bool HasStarted => Written.Length > 0;
    }

    private sealed class Lifetime : Microsoft.AspNetCore.Http.Features.IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }
}
