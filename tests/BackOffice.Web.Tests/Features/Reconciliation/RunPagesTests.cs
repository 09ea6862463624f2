using System.Globalization;
using System.Net;
using System.Text.Json;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Reports;
using BackOffice.Jobs;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Jobs.Reports;
using BackOffice.Web.Shared;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Reconciliation;

public sealed class RunPagesTests(ReconciledShop shop) : IClassFixture<ReconciledShop>
{
    [Fact]
    public async Task The_list_names_each_run_with_its_days_inclusive_its_state_and_who_asked()
    {
        var page = await ReadAsync("/reconciliation");
        var row = Html.Rows(page).Single(cells => cells[0] == "Run 1");
        Assert.Equal(["Run 1", "1 to 31 Oct 2026", "2026-11-01 00:00", "Balanced", "16", "on request", "mara@example.com"], row);
    }

    [Theory]
    [InlineData("/reconciliation", "data-label=\"As of (UTC&#x2B;8)\"")] // as a card
    [InlineData("/reconciliation/1", "<title>Run 1, 1 to 31 Oct 2026 · AiCredits back office</title>")]
    [InlineData("/reconciliation/1/progress?told=4", "<title>Run 1, 1 to 31 Oct 2026 · AiCredits back office</title>")]
    public async Task Times_have_their_zone_and_the_window_its_name(string address, string written) =>
        Assert.Contains(written, await ReadAsync(address));

    [Fact]
    public async Task The_same_list_in_Chinese()
    {
        var row = Html.Rows(await ReadAsync("/reconciliation", "zh-CN")).Single(cells => cells[0] == "第 1 次对账");
        Assert.Equal(["第 1 次对账", "2026 年 10 月 1 日至 31 日", "2026-11-01 00:00", "已轧平", "16", "手动", "mara@example.com"], row);
    }

    [Fact]
    public async Task The_statement_shows_the_figures_of_the_JSON_report_with_the_signs_of_the_rules()
    {
        using var json = await JsonReportAsync();
        var page = await ReadAsync("/reconciliation/1");
        foreach (var line in json.RootElement.GetProperty("statement").EnumerateArray())
        {
            var currency = line.GetProperty("currency").GetString()!;
            var table = Html.Rows(Html.Table(page, $"Statement {currency}")).ToDictionary(cells => cells[0], cells => cells[1]);
            Assert.Equal(Amount(line, "gross_paid"), table["Gross paid"]);
            Assert.Equal(Amount(line, "tax", -1), table["Tax"]);
            Assert.Equal(Amount(line, "refunded", -1), table["Refunded"]);
            Assert.Equal(Amount(line, "charged_back", -1), table["Charged back"]);
            Assert.Equal(Amount(line, "tax_returned"), table["Tax returned"]);
            Assert.Equal(Amount(line, "fees", -1), table["Fees (estimate)"]);
            Assert.Equal(Amount(line, "net"), table["Net"]);
        }

        string Amount(JsonElement line, string name, long sign = 1) => line.GetProperty(name) is { ValueKind: JsonValueKind.Number } minor
            ? Figures.Money(new Domain.Money(sign * minor.GetInt64(), line.GetProperty("currency").GetString()!), MoneyStyle.Bare)
            : "—not known";
    }

    [Fact]
    public async Task The_bridge_shows_the_buckets_of_the_JSON_report_and_adds_up_to_gross_paid()
    {
        using var json = await JsonReportAsync();
        var buckets = json.RootElement.GetProperty("bridge").EnumerateArray().ToLookup(line => line.GetProperty("currency").GetString()!);
        var page = await ReadAsync("/reconciliation/1");
        Assert.Equal(["CNY", "EUR", "USD"], buckets.Select(bucket => bucket.Key));
        foreach (var bucket in buckets)
        {
            var rows = Html.Rows(Html.Table(page, $"Bridge {bucket.Key}"));
            Assert.Equal(
                bucket.Select(line => (Words(line), Figures.Count(line.GetProperty("transactions").GetInt64()), Minor(line.GetProperty("amount_minor").GetInt64()))),
                rows.SkipLast(2).Select(cells => (cells[0], cells[1], cells[2])));
            Assert.Equal(["Unexplained", "0", "0.00"], rows[^2]);
            Assert.Equal("Gross paid", rows[^1][0]);
            Assert.Equal(Minor(rows.SkipLast(1).Sum(cells => Cents(cells[2]))), rows[^1][2]);
        }

        static string Words(JsonElement line) => FindingWords(line.GetProperty("bucket").GetString()!);
        static string FindingWords(string bucket) => Domain.Reconciliation.FindingKinds.InOrder.Contains(bucket) ? Texts.English["Kind." + bucket] : Texts.English["Bucket." + bucket];
        static string Minor(long minor) => Figures.Money(new Domain.Money(minor, "USD"), MoneyStyle.Bare);
        static long Cents(string text) => long.Parse(text.Replace(".", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Findings_are_counted_by_kind_with_their_money_and_lead_to_the_rows_they_count()
    {
        var page = await ReadAsync("/reconciliation/1");
        var kinds = Html.Rows(Html.Table(page, "Findings by kind"));
        Assert.Equal(["Same secret on several orders", "P1", "2", ""], kinds[0]);
        Assert.Contains(kinds, cells => cells.SequenceEqual(["Payment without order", "P2", "1", "paid CNY 36.00"]));
        Assert.Contains(kinds, cells => cells.SequenceEqual(["Amount differs", "P2", "1", "difference USD −1.00"]));
        Assert.Contains(kinds, cells => cells.SequenceEqual(["Currency differs", "P2", "1", "paid in EUR"]));
        Assert.Equal(16, kinds.Sum(cells => int.Parse(cells[2], CultureInfo.InvariantCulture)));

        foreach (var address in Html.Links(page).Where(link => link.StartsWith("/reconciliation/1/findings?kind=", StringComparison.Ordinal)).Distinct())
        {
            var kind = Texts.English["Kind." + address.Split('=')[1]];
            var rows = Html.Rows(await ReadAsync(address));
            Assert.Equal(kinds.Single(cells => cells[0] == kind)[2], rows.Count.ToString(CultureInfo.InvariantCulture));
            Assert.All(rows, cells => Assert.Equal(kind, cells[0]));
        }
    }

    [Fact]
    public async Task Packages_show_what_was_sold_paid_and_delivered()
    {
        var rows = Html.Rows(Html.Table(await ReadAsync("/reconciliation/1", "zh-CN"), "按套餐"));
        Assert.Equal(["体验包", "17", "85,000,000", "12", "60,000,000", "16", "84,000,000", "0", "0"], Assert.Single(rows));
    }

    [Fact]
    public async Task The_settings_of_a_run_can_be_read()
    {
        var page = Html.Text(await ReadAsync("/reconciliation/1"));
        Assert.Contains("Window ends before ( UTC+8 ) 2026-11-01 00:00:00", page);
        Assert.Contains("Time zone Asia/Shanghai", page);
        Assert.Contains("Grace 30 min", page);
        Assert.Contains("Looks back No", page);
    }

    [Fact]
    public async Task Fees_are_an_estimate_and_give_a_net_once_there_is_a_fee_row()
    {
        await using var other = new ReconciledShop();
        await new Facts().Order("AC-FEES", "2026-10-12").Pay("tran_fees", "AC-FEES", "2026-10-12", paid: 1000).Deliver("AC-FEES", "2026-10-12", "sk-with-a-fee-0000").ImportAsync(other.Site);
        await Database.ExecuteAsync(other.Site, """
            INSERT INTO FeeRules (Currency, PartsPerMillion, FixedMinor, ValidFrom, RecordedAt) VALUES ('USD', 39000, 40, '2026-01-01 00:00:00', '2026-01-01 00:00:00')
            """);
        await other.RunAsync("2026-10-12", "2026-10-12");

        var rows = Html.Rows(Html.Table(await other.Site.Visitor().GetStringAsync("/reconciliation/1", TestContext.Current.CancellationToken), "Statement USD"));
        Assert.Equal([["Gross paid", "10.00"], ["Tax", "0.00"], ["Refunded", "0.00"], ["Charged back", "0.00"], ["Tax returned", "0.00"], ["Fees (estimate)", "−0.79"], ["Net", "9.21"]], rows);
    }

    [Fact]
    public async Task A_run_that_looks_back_says_so_and_opens_no_finding()
    {
        var run = await shop.RunAsync("2026-10-01", "2026-10-31", knownAsOf: new DateTime(2026, 10, 20, 0, 0, 0, DateTimeKind.Utc));
        Assert.True(run.LooksBack);
        var page = Html.Text(await ReadAsync($"/reconciliation/{run.Number}"));
        Assert.Contains("Only what was known then counts: 20 October 2026, 08:00 .", page);
        Assert.Contains("it changed no finding", page);
        Assert.Contains("No money-in transactions in this window.", page);
        Assert.Contains("No differences.", page);
    }

    [Fact]
    public async Task A_run_shows_its_progress_until_it_has_ended_and_then_its_result()
    {
        var run = await shop.Site.Services.GetRequiredService<RunDesk>().AddAsync(new(2026, 10, 1), new(2026, 11, 1), null, null, "local", TestContext.Current.CancellationToken);
        var address = $"/reconciliation/{run.Number}";
        var waiting = await ReadAsync(address);
        Assert.Contains("Waits for a worker", waiting);
        Assert.Contains($"hx-get=\"{address}/progress?told=0\" hx-trigger=\"every 2s\"", waiting);
        using var moving = await shop.Site.Visitor().GetAsync(address + "/progress?told=0", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, moving.StatusCode);
        Assert.DoesNotContain("<html", await moving.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        await shop.RunTwiceAsync(run.Id);

        using var ended = await shop.Site.Visitor().GetAsync(address + "/progress?told=0", TestContext.Current.CancellationToken);
        Assert.Equal(286, (int)ended.StatusCode);
        Assert.Equal("#run", ended.Headers.GetValues("HX-Retarget").Single());
        var result = await ended.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("<html", result);
        Assert.Contains("Statement USD", result);
        Assert.Contains("hx-swap-oob=\"innerHTML:#status\"", result);
        Assert.DoesNotContain("/progress", await ReadAsync(address));
    }

    [Fact]
    public async Task A_failed_run_says_why_and_can_be_run_again()
    {
        var run = await shop.Site.Services.GetRequiredService<RunDesk>().AddAsync(new(2026, 10, 5), new(2026, 10, 6), null, null, "local", TestContext.Current.CancellationToken);
        await Database.ExecuteAsync(shop.Site, $"UPDATE ReconciliationRuns SET Status = 'failed', Failure = 'The disk is full.' WHERE Number = {run.Number}");
        var page = await ReadAsync($"/reconciliation/{run.Number}");
        Assert.Contains("The disk is full.", page);
        Assert.Contains("The run did not end", page);
        Assert.DoesNotContain("Download", page);

        using var visitor = shop.Site.Visitor();
        using var again = await visitor.SubmitAsync($"/reconciliation/{run.Number}", "/reconciliation");
        var next = await shop.Site.Services.GetRequiredService<RunQueries>().FindAsync(Html.Number(again), TestContext.Current.CancellationToken);
        Assert.Equal((run.FromDay, run.UntilDay, "pending"), (next!.FromDay, next.UntilDay, next.Status));
    }

    [Theory]
    [InlineData("/reconciliation/999999")]
    [InlineData("/reconciliation/999999/progress")]
    [InlineData("/reconciliation/999999/findings")]
    [InlineData("/reconciliation/first")]
    [InlineData("/reconciliation/99999999999999999999999")]
    public async Task An_unknown_run_is_not_found(string address)
    {
        using var answer = await shop.Site.Visitor().GetAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("/reconciliation?below=x&above=-1")]
    [InlineData("/reconciliation/1/findings?kind=nonsense&after=nonsense&before=")]
    [InlineData("/reconciliation/1/findings?after=wrong_quota:&kind=")]
    public async Task What_cannot_be_read_in_an_address_is_left_out(string address)
    {
        var page = await ReadAsync(address);
        Assert.DoesNotContain("<title>Error", page);
        Assert.NotEmpty(Html.Rows(page));
    }

    [Fact]
    public async Task Runs_are_paged_from_the_newest_to_the_oldest_and_back()
    {
        await using var other = new Site();
        var desk = other.Services.GetRequiredService<RunDesk>();
        for (var i = 0; i < 120; i++)
            await desk.AddAsync(new(2026, 10, 1), new(2026, 10, 2), null, null, "local", TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 120).Reverse().Select(number => $"Run {number}"), await WalkAsync(other, "/reconciliation", "Older", "Newer", cells => cells[0]));
    }

    [Fact]
    public async Task The_findings_of_a_run_are_paged_by_kind_and_subject()
    {
        await using var other = new ReconciledShop();
        var facts = new Facts();
        for (var i = 0; i < 70; i++)
            facts.Order($"AC-{i:000}", "2026-10-02").Deliver($"AC-{i:000}", "2026-10-02", $"sk-number-{i:000}-of-many").Pay($"tran_{i:000}", null, "2026-10-02");
        await facts.ImportAsync(other.Site);
        await other.RunAsync("2026-10-02", "2026-10-02");
        var kinds = new[] { "Delivered, not paid", "Payment without order" };
        var all = Enumerable.Range(0, 70).Select(i => $"{kinds[0]} AC-{i:000}").Concat(Enumerable.Range(0, 70).Select(i => $"{kinds[1]} tran_{i:000}")).ToList();

        Assert.Equal(all, await WalkAsync(other.Site, "/reconciliation/1/findings", "After", "Before", cells => $"{cells[0]} {cells[2]}"));
        Assert.Equal(all.Skip(70), await WalkAsync(other.Site, "/reconciliation/1/findings?kind=payment_without_order", "After", "Before", cells => $"{cells[0]} {cells[2]}"));
    }

    /// <summary>Goes to the end of a list of several pages, and back by the same ones: the rows on the way there.</summary>
    internal static async Task<List<string>> WalkAsync(Site site, string address, string onward, string back, Func<IReadOnlyList<string>, string> name)
    {
        using var visitor = site.Visitor();
        var pages = new List<List<string>>();
        string? next = address;
        string page;
        do
        {
            page = await visitor.GetStringAsync(next, TestContext.Current.CancellationToken);
            pages.Add([.. Html.Rows(page).Select(cells => name(cells))]);
            next = Html.Link(page, onward);
        }
        while (next is not null);
        Assert.True(pages.Count > 1);
        Assert.All(pages.SkipLast(1), rows => Assert.Equal(50, rows.Count));

        for (var i = pages.Count - 2; i >= 0; i--)
        {
            page = await visitor.GetStringAsync(Html.Link(page, back)!, TestContext.Current.CancellationToken);
            Assert.Equal(pages[i], Html.Rows(page).Select(cells => name(cells)));
        }
        Assert.Null(Html.Link(page, back));
        return [.. pages.SelectMany(rows => rows)];
    }

    private Task<string> ReadAsync(string address, string? language = null) => shop.Site.Visitor(language).GetStringAsync(address, TestContext.Current.CancellationToken);

    private async Task<JsonDocument> JsonReportAsync()
    {
        var token = TestContext.Current.CancellationToken;
        var run = await shop.Site.Services.GetRequiredService<RunQueries>().FindAsync(1, token);
        var report = await shop.Site.Services.GetRequiredService<ReportStore>().AskAsync(new NewReport(run!.Id, "json", "en", "run.json", run.FindingsSeen, "local"), token);
        var job = shop.Site.Services.GetRequiredService<ReportJob>();
        for (var i = 0; i < 2; i++)
            await job.RunAsync(report.Id, token);
        return JsonDocument.Parse(await File.ReadAllBytesAsync(job.PathOf(report), token));
    }
}
