using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using BackOffice.Data.Jobs;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Audit;
using BackOffice.Jobs.Reports;
using BackOffice.Web.Shared;
using BackOffice.Web.Tests.Features;
using BackOffice.Web.Tests.Features.Codes;
using BackOffice.Web.Tests.Features.Reconciliation;
using ClosedXML.Excel;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Security;

/// <summary>
/// Markup, a template's braces and a spreadsheet's formula in every text that people type or files carry; then every page that links lead to is opened and
/// every file downloaded: each planted text is met again, as text.
/// </summary>
public sealed partial class PlantedTextTests : IAsyncLifetime
{
    // Addresses of one page differ by their values more often than is worth looking at.
    private const int MostOfOnePage = 8;

    // Pieces that are fetched while something goes on, pages of nobody's text, and what is not ours.
    private static readonly string[] NotReached =
    [
        "GET /running", "GET /imports/{number:long}/progress", "GET /reconciliation/{number:long}/progress", "GET /reports/{number:long}/progress", "GET /jobs/{**path}", "GET /account/stay",
        "GET /account/confirm", "GET /codes/batches/{number:long}/progress", "GET /codes/batches/{number:long}/export/progress", "GET /codes/void/{number:long}", "GET /codes/void/{number:long}/progress", "GET /settlements/{upstream}/{month}", "GET /settlements/{upstream}/{month}/rows.{format}", "GET /settlements/rows.{format}",
        "GET /settlements/{upstream}/{month}/report.{format}", "GET /settlements/{upstream}/{month}/invoice", "GET /settlements/{upstream}/{month}/invoice/rows.{format}", "GET /settlements/{upstream}/{month}/keys", "GET /settlements/{upstream}/{month}/what-if", "GET /settlements/{upstream}/{month}/why", "GET /settlements/{upstream}/{month}/why/{price:long}", "GET /keys/{source}/{**reference}", "GET /keys/rows.{format}", "GET /usage/rows.{format}", "GET /usage/{source}/{**id}", "GET /proofs/{number:long}", "GET /proofs/{number:long}/progress", "GET /put-aside/{id:guid}", "GET /sign-in", "GET /sign-in/code", "GET /error", "GET /health/live", "GET /health/ready",
    ];

    private static readonly string[] Starts = ["/account", "/help", "/search?q=AC", PriceOf("4.99", "")];

    private readonly ReconciledShop _shop = new("USD 500; CNY 10000");
    private readonly List<string> _planted = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _shop.InitializeAsync();

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task What_was_typed_or_imported_is_text_on_every_page_and_in_every_file()
    {
        using var admin = _shop.Site.Visitor("en");
        using var finance = _shop.Site.Visitor(Role.Finance, "en");
        await PlantFilesAsync(finance);
        await PlantPackagesAsync(admin);
        await PlantStaffAsync(admin);
        await PlantOrdersAsync(admin);
        await PlantFindingsAsync(finance, admin);
        await PlantReportAsync(finance);
        await PlantRatesAsync(finance);
        await _shop.Site.MakeBatchAsync(3, note: Words("note of a batch"), published: false);

        var seen = new HashSet<string>();
        var visited = new List<string>();
        await foreach (var (path, text) in CrawlAsync(admin))
        {
            visited.Add(path);
            seen.UnionWith(_planted.Where(planted => text.Contains(planted, StringComparison.OrdinalIgnoreCase)));
        }

        Assert.Empty(_planted.Except(seen));
        var routes = RoleRouteTests.Table.Keys.Where(route => route.StartsWith("GET ", StringComparison.Ordinal)).Except(NotReached);
        Assert.All(routes, route => Assert.Contains(visited, path => Pattern(route).IsMatch(path.Split('?')[0])));
    }

    private async Task PlantFilesAsync(HttpClient finance)
    {
        var (order, mail) = (Id("o"), Id("m").ToLowerInvariant() + "@example.com");
        var orders = Seed.File(
            Seed.OrdersHeader,
            Line(order, "trial", "1", mail, "CNY", "22.00", "USD", "2.99", "inclusive", Id("c"), "2026-10-12T10:00:00+08:00"),
            Line("AC-ASIDE", Id("a"), "1", "aster@example.com", "CNY", "22.00", "USD", "2.99", "inclusive", "", "2026-10-12T10:00:00+08:00"));
        await TakeInAsync(finance, orders, Plain("file name") + ".csv", "orders");
        await TakeInAsync(finance, Seed.File(Seed.DeliveriesHeader, Line(order, "api_key", "5000000", "sk-planted-PLNT", Words("reference"), "2026-10-12T10:05:00+08:00", "")), "deliveries.csv", "deliveries");
        var transaction = new { id = Id("t"), mode = "prod", status = Planted("=cmd|<script>{{7*7}}status"), request_id = Words("request"), currency = "USD", amount = 299, amount_paid = 299, tax_amount = 0, refunded_amount = 0, order = Id("x"), created_at = 1_791_770_400_000 };
        await TakeInAsync(finance, JsonSerializer.Serialize(new[] { transaction }), "creem.json", "creem");
        await _shop.RunAsync("2026-10-01", "2026-10-31");
    }

    private async Task PlantPackagesAsync(HttpClient admin)
    {
        (string, string)[] words =
        [
            ("name_english", Words("English")), ("name_chinese", Words("Chinese")), ("audience_english", Words("for whom")), ("audience_chinese", Words("for whom, Chinese")),
        ];
        await ActAsync(admin, "/packages/new", "/packages", [.. words, ("slug", "planted"), ("tokens", "90000000"), ("position", "5")]);
        await ActAsync(admin, PriceOf("2.99", "2026-12-01T00:00"), "/packages/planted/prices", ("reason", Words("price added")));
        await ActAsync(admin, await PriceActAsync(admin, "end"), "/packages/planted/prices/end", ("until", "2026-12-20T00:00"), ("reason", Words("price ended")));
        await ActAsync(admin, await PriceActAsync(admin, "withdrawal"), "/packages/planted/prices/withdrawal", ("reason", Words("withdrawn")));
        await ActAsync(admin, PriceOf("3.99", "2026-12-01T00:00"), "/packages/planted/prices", ("reason", Words("price added again")));
        await ActAsync(admin, "/packages/planted/retirement", "/packages/planted/retirement", ("reason", Words("retired")));
        await ActAsync(admin, "/packages/planted/return", "/packages/planted/return", ("reason", Words("brought back")));
        await ActAsync(admin, "/packages/starter/retirement", "/packages/starter/retirement", ("reason", Words("retired for good")));
    }

    private async Task PlantStaffAsync(HttpClient admin)
    {
        await ActAsync(admin, "/staff/new", "/staff", ("email", "planted@example.com"), ("name", Words("name")), ("role", "support"));
        var page = "/staff/" + One("SELECT Id FROM Staff WHERE Email = 'planted@example.com'");
        var token = await admin.TokenAsync();
        foreach (var act in new[] { "role", "disabling", "enabling", "reset" })
        {
            using var done = await admin.PostFormAsync($"{page}/{act}", token, ("role", "finance"), ("reason", Words(act)));
            Assert.True(done.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.OK, act);
        }
    }

    private async Task PlantOrdersAsync(HttpClient admin)
    {
        var reveal = "/reveal/" + One($"SELECT Id FROM Deliveries WHERE OrderNo = '{ReconciledShop.Matched}'");
        await ActAsync(admin, reveal, reveal, ("reason", Words("reveal")));
        await ActAsync(admin, "/erasure?order=" + ReconciledShop.Unpaid, "/erasure", ("email", ReconciledShop.Unpaid.ToLowerInvariant() + "@example.com"), ("reason", Words("erasure")));
    }

    private async Task PlantFindingsAsync(HttpClient finance, HttpClient admin)
    {
        var small = await _shop.FindingAsync(FindingKinds.AmountMismatch, "tran_other_amount");
        await ActAsync(finance, small, small + "/comments", ("comment", Words("comment")));
        foreach (var act in new[] { "acceptance", "reopening", "resolution" })
            await ActAsync(finance, $"{small}/{act}", $"{small}/{act}", ("reason", Words(act)));
        var large = await _shop.FindingAsync(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice);
        await ActAsync(finance, large + "/acceptance", large + "/acceptance", ("reason", Words("first request")));
        await ActAsync(admin, "/approvals/1", "/approvals/1/refusal", ("reason", Words("refusal")));
        await ActAsync(finance, large + "/acceptance", large + "/acceptance", ("reason", Words("second request")));
        await ActAsync(finance, "/approvals/2", "/approvals/2/withdrawal", ("reason", Words("request taken back")));
    }

    private async Task PlantRatesAsync(HttpClient finance)
    {
        const string of = "/rates/upstreams/deepseek";
        var name = Words("model").ToLowerInvariant();
        await ActAsync(finance, of + "/prices/new", of + "/prices", ("model", name), ("part", "output"), ("band", "all"), ("currency", "CNY"), ("price_per_million", "1"), ("reason", Words("price row")));
        await ActAsync(finance, of + "/mappings/new", of + "/mappings", ("name", Words("name in usage").ToLowerInvariant()), ("model", name), ("reason", Words("mapping row")));
        await ActAsync(finance, of + "/holidays/new", of + "/holidays", ("days", "2027-01-01"), ("reason", Words("holiday")));
        await ActAsync(finance, of + "/ordinary-days/new", of + "/ordinary-days", ("days", "2027-01-01"), ("reason", Words("no holiday")));
        await ActAsync(finance, of + "/holidays/new", of + "/holidays", ("days", "2027-01-02"), ("reason", Words("other holiday")));
        await ActAsync(finance, "/rates/credits", "/rates/credits", ("name", Words("credit").ToLowerInvariant()), ("input_weight", "1"), ("cached_divisor", "50"), ("cache_write_weight", "1"), ("output_weight", "1"), ("reason", Words("credit rule")));
    }

    private async Task PlantReportAsync(HttpClient finance)
    {
        await _shop.Site.Services.GetRequiredService<JobRunStore>().AddAsync(AuditNight.JobName, "2026-11-10", Token);
        foreach (var format in new[] { "xlsx", "csv", "json" })
            await ActAsync(finance, "/reconciliation/2", "/reports", ("format", format), ("language", "en"));
        foreach (var id in ShopRows.Of(_shop.Site.Shop, "SELECT Id FROM ReportRuns"))
            await _shop.Site.Services.GetRequiredService<ReportJob>().RunAsync(Guid.Parse(id), Token);
    }

    // Every page once, by its links; what a browser would show of it, or a program read of a file.
    private static async IAsyncEnumerable<(string Path, string Text)> CrawlAsync(HttpClient client)
    {
        var waiting = new Queue<string>(NavigationMenu.Groups.SelectMany(group => group.Entries).Select(entry => entry.Path).Concat(Starts));
        var (met, ofPage) = (waiting.ToHashSet(), new Dictionary<string, int>());
        while (waiting.TryDequeue(out var path))
        {
            using var answer = await client.GetAsync(path, Token);
            Assert.True(answer.StatusCode < HttpStatusCode.InternalServerError, $"{path}: {(int)answer.StatusCode}");
            if (answer.StatusCode == HttpStatusCode.Redirect)
                continue;
            var type = answer.Content.Headers.ContentType?.MediaType;
            var bytes = await answer.Content.ReadAsByteArrayAsync(Token);
            var text = System.Text.Encoding.UTF8.GetString(bytes);
            if (type != "text/html")
            {
                Assert.True(answer.Content.Headers.ContentDisposition?.DispositionType == "attachment", $"{path}: {(int)answer.StatusCode} {type}");
                yield return (path, TextOf(path, bytes));
                continue;
            }

            Assert.False(text.Contains("<script>", StringComparison.OrdinalIgnoreCase) || text.Contains("<img src=x", StringComparison.OrdinalIgnoreCase) || text.Contains("<img/src", StringComparison.OrdinalIgnoreCase), path);
            yield return (path, WebUtility.HtmlDecode(text));
            foreach (var link in Html.Links(text).Concat(Cited().Matches(text).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))).Where(link => IsPage(link) && met.Add(link)))
            {
                var page = Number().Replace(link.Split('?')[0], "#");
                ofPage[page] = ofPage.GetValueOrDefault(page) + 1;
                if (ofPage[page] <= MostOfOnePage || !link.Contains('?', StringComparison.Ordinal))
                    waiting.Enqueue(link);
            }
        }
    }

    private static bool IsPage(string link) => link.StartsWith('/') && !NoPage().IsMatch(link);

    // A spreadsheet takes a cell that begins with = for a formula, unless a quote stands before it. The files of a run are read by programs and hold what is there (DESIGN 6).
    private static string TextOf(string path, byte[] file)
    {
        if (!path.Contains(".xlsx", StringComparison.Ordinal) && !IsWorkbook(file))
        {
            var text = System.Text.Encoding.UTF8.GetString(file);
            Assert.True(path.EndsWith("/file", StringComparison.Ordinal) || !Formula().IsMatch(text), path);
            return text.Replace("\"\"", "\"", StringComparison.Ordinal);
        }

        using var workbook = new XLWorkbook(new MemoryStream(file));
        var cells = workbook.Worksheets.SelectMany(sheet => sheet.CellsUsed()).ToList();
        Assert.DoesNotContain(cells, cell => cell.HasFormula && cell.FormulaA1.Contains("cmd", StringComparison.OrdinalIgnoreCase));
        return string.Join('\n', cells.Where(cell => !cell.HasFormula).Select(cell => cell.GetString()));
    }

    private static bool IsWorkbook(byte[] file) => file is [(byte)'P', (byte)'K', ..];

    private static Regex Pattern(string route) =>
        new("^" + string.Join("[^/]+", Placeholder().Split(route[4..].Replace("{**orderNo}", "§", StringComparison.Ordinal)).Select(Regex.Escape)).Replace("§", ".+", StringComparison.Ordinal) + "$");

    private static string PriceOf(string amount, string from) =>
        $"/packages/planted/prices/preview?purpose=charge&currency=USD&amount={amount}&tax_mode=exclusive&creem_product=prod_a1&end_present=no&from={from}";

    private static async Task<string> PriceActAsync(HttpClient admin, string act) =>
        WebUtility.HtmlDecode(Regex.Match(await admin.GetStringAsync("/packages/planted", Token), $"href=\"(/packages/planted/prices/{act}\\?purpose=charge[^\"]+)\"").Groups[1].Value);

    private static async Task ActAsync(HttpClient client, string page, string action, params (string, string)[] fields)
    {
        using var done = await client.SubmitAsync(page, action, fields);
        Assert.True(done.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.OK, $"{action}: {Html.Text(await done.Content.ReadAsStringAsync(Token))}");
    }

    private async Task TakeInAsync(HttpClient client, string content, string fileName, string kind)
    {
        var import = await _shop.Site.UploadAndCheckAsync(client, content, fileName, kind);
        using var confirmed = await client.ActAsync($"/imports/{import.Number}/confirmation");
        await _shop.Site.RunAsync(import);
        Assert.Equal(("done", 1L), ((await _shop.Site.ImportOfAsync(import.Number)).Status, (await _shop.Site.ImportOfAsync(import.Number)).RecordsNew));
    }

    private string One(string query) => ShopRows.Of(_shop.Site.Shop, query).Single();

    private static string Line(params string[] cells) => string.Join(',', cells.Select(cell => '"' + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + '"'));

    private string Words(string field) => Planted($"=cmd|'C'!A0<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{{{7*7}}}} {field}");

    // Without a slash or a quote, which a file's name does not keep.
    private string Plain(string field) => Planted($"=cmd|C!A0<script><img src=x onerror=alert(1)>{{{{7*7}}}} {field}");

    // Ids are of printable signs and short.
    private string Id(string field) => Planted($"=cmd|C!A0<script>alert(1)</script>\"'><img/src=x>{{{{7*7}}}}{field}");

    private string Planted(string text)
    {
        _planted.Add(text);
        return text;
    }

    [GeneratedRegex("[?&]lang=|^/jobs|^/sign-out|\\.(?:css|js|svg|png|woff2)(?:\\?|$)")]
    private static partial Regex NoPage();

    [GeneratedRegex("(?:formaction|hx-get|action)=\"([^\"]+)\"")]
    private static partial Regex Cited();

    [GeneratedRegex("[0-9a-f]{32}|[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex("(?m)(?:^\uFEFF?|,)\"?=cmd")]
    private static partial Regex Formula();

    [GeneratedRegex("\\{[^}]+\\}")]
    private static partial Regex Placeholder();
}
