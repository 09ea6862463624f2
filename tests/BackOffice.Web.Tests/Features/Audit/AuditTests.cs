using System.Net;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Jobs;
using BackOffice.Jobs.Reconciliation;
using Microsoft.Extensions.DependencyInjection;
using Tamper = BackOffice.Web.Tests.Features.Reconciliation.Database;

namespace BackOffice.Web.Tests.Features.Audit;

public sealed class AuditTests
{
    private const string Script = "<script>alert('x')</script> 👩‍👧 \"quoted\" & 中文";

    [Fact]
    public async Task What_a_person_does_stands_there_once_and_what_the_program_does_by_itself_does_not()
    {
        await using var site = new Site();
        using var client = site.Visitor("en");
        var import = await site.UploadAndCheckAsync(client, Seed.File(Seed.OrdersHeader, Seed.Order("AC-FIRST"), Seed.Order("AC-SECOND", package: "none")));
        (await client.ActAsync($"/imports/{import.Number}/confirmation")).Dispose();
        (await client.ActAsync($"/imports/{import.Number}/confirmation")).Dispose(); // pressed twice
        await site.RunAsync(import);
        var unwanted = await site.UploadAndCheckAsync(client, Seed.File(Seed.OrdersHeader, Seed.Order("AC-THIRD")));
        (await client.ActAsync($"/imports/{unwanted.Number}/check", ("kind", "deliveries"))).Dispose();
        (await client.ActAsync($"/imports/{unwanted.Number}/cancellation")).Dispose();
        var desk = site.Services.GetRequiredService<RunDesk>();
        var run = await desk.AddAsync(new DateOnly(2024, 10, 1), new DateOnly(2024, 10, 2), null, null, "mara@example.com", TestContext.Current.CancellationToken);
        await site.Services.GetRequiredService<ReconcileJob>().RunAsync(run.Id, TestContext.Current.CancellationToken);
        for (var asked = 0; asked < 2; asked++)
            (await client.ActAsync("/reports", ("run", $"{run.Number}"), ("format", "csv"), ("language", "en"))).Dispose();

        var all = await RowsAsync(site);
        var rows = all.Where(row => !row.Action.StartsWith("staff.", StringComparison.Ordinal)).ToList();

        Assert.Equal(
            [
                "admin@example.com import.added import:1", "admin@example.com import.confirmed import:1", "admin@example.com import.added import:2", "admin@example.com import.checked_again import:2", "admin@example.com import.cancelled import:2",
                "mara@example.com run.requested run:1", "admin@example.com report.requested report:1",
            ],
            rows.Select(row => $"{row.Who} {row.Action} {row.Subject}"));
        Assert.Equal("""{"details":{"file_name":"orders.csv","new":1,"put_aside":1,"read":2,"repeated":0}}""", rows[1].Details);
        Assert.Equal("""{"after":{"kind":"deliveries"},"before":{"kind":"orders"}}""", rows[3].Details);
        Assert.True((await site.Services.GetRequiredService<AuditVerifier>().VerifyAsync(token: TestContext.Current.CancellationToken)).IsWhole);
        foreach (var row in rows)
        {
            foreach (var texts in new[] { Texts.English, Texts.Chinese })
                Assert.All(NamesIn(row.Details!), name => Assert.True(texts.Find($"AuditField.{name}") is not null, $"There is no AuditField.{name} in {texts.Culture}."));
            using var page = await client.GetAsync($"/audit/{row.Sequence}", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }
        var list = Html.Text(await client.ReadAsync("/audit"));
        Assert.Contains($"{all.Count} acts are on record", list);
        Assert.Contains("Report requested", list);
    }

    [Fact]
    public void Every_act_has_a_name_in_both_languages()
    {
        Assert.True(AuditActions.All.Count >= 10);
        Assert.Equal(AuditActions.All.Count, AuditActions.All.Distinct().Count());
        Assert.All(AuditActions.All, action => Assert.Matches("^[a-z_]+\\.[a-z_]+$", action));
        Assert.All(AuditActions.All, action => Assert.True(Texts.English.Find($"AuditAction.{action}") is not null && Texts.Chinese.Find($"AuditAction.{action}") is not null, action));
        Assert.All(Enum.GetNames<AuditBreakKind>(), kind => Assert.NotNull(Texts.English.Find($"AuditBreak.{kind}")));
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Odd_text_in_every_field_is_shown_as_text(string language)
    {
        await using var site = new Site();
        await ActAsync(site, new AuditAct { Who = Script, Action = Script, Subject = Script, Reason = Script, Before = new { Name = Script }, After = new Dictionary<string, string> { [Script] = Script }, Details = new[] { Script } });
        using var client = site.Visitor(language);

        foreach (var page in new[] { "/audit", "/audit/1", "/audit?who=" + Uri.EscapeDataString(Script) + "&subject=" + Uri.EscapeDataString(Script) })
        {
            var html = await client.GetStringAsync(page, TestContext.Current.CancellationToken);
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
            Assert.Contains("&lt;script&gt;alert", html, StringComparison.Ordinal);
            Assert.Contains("👩‍👧", WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        }
        Assert.Contains("\"\"quoted\"\" & 中文\"", await client.GetStringAsync("/audit/rows.csv", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_and_after_are_shown_as_a_person_reads_them()
    {
        await using var site = new Site();
        await ActAsync(site, new AuditAct
        {
            Who = "mara@example.com",
            Action = "price.changed",
            Subject = "price:9",
            Reason = "November",
            Before = new { AmountMinor = 2200, Currency = "CNY", ValidFrom = new DateTime(2026, 11, 10, 6, 32, 6, DateTimeKind.Utc), Active = true, Note = (string?)null },
            After = new { AmountMinor = 230000, Currency = "CNY", ValidFrom = new DateTime(2026, 11, 11, 6, 32, 6, DateTimeKind.Utc), Active = false, Note = "new" },
            Details = new { Rows = 12345 },
        });

        var english = await site.Visitor("en").GetStringAsync("/audit/1", TestContext.Current.CancellationToken);
        var table = Html.Table(english, "Values before and after");

        Assert.Equal(
            ["On sale|yes|no", "Amount|CNY 22.00|CNY 2,300.00", "Currency|CNY|CNY", "note|— not known|new", "In force from|2026-11-10 14:32:06 ( UTC+8 )|2026-11-11 14:32:06 ( UTC+8 )"],
            Html.Rows(table).Select(cells => string.Join('|', cells).Replace("—not known", "— not known", StringComparison.Ordinal)));
        Assert.Contains("12,345", english);
        Assert.Contains("price.changed", english); // an act this program has no words for
        Assert.Contains("price:9", english);
        Assert.Contains("变更前", await site.Visitor("zh-CN").ReadAsync("/audit/1"));
    }

    [Fact]
    public async Task Filters_stand_in_the_address_and_the_export_has_exactly_their_rows()
    {
        await using var site = new Site();
        for (var i = 1; i <= 130; i++)
            await ActAsync(site, new AuditAct { Who = i % 2 == 0 ? "mara@example.com" : "=ilya@example.com", Action = i % 5 == 0 ? AuditActions.RunRequested : AuditActions.ImportAdded, Subject = AuditSubject.Of("import", i % 3) });
        using var client = site.Visitor("en");
        const string filter = "?who=mara%40example.com&action=import.added&subject=import%3A1";

        var page = await client.GetStringAsync("/audit" + filter, TestContext.Current.CancellationToken);
        var signedIn = (await RowsAsync(site)).Count - 130;
        var wanted = Enumerable.Range(1, 130).Where(i => i % 2 == 0 && i % 5 != 0 && i % 3 == 1).Reverse().ToList();
        Assert.Equal(wanted, Numbers(page));
        Assert.Contains("aria-label=\"Remove filter: Act: File handed in for import\"", page);
        Assert.Equal("/audit?action=import.added&subject=import%3A1", Html.Links(page).Single(link => link.StartsWith("/audit?action=import.added&subject", StringComparison.Ordinal)));
        var file = (await client.GetStringAsync(Html.Links(page).Single(link => link.StartsWith("/audit/rows.csv", StringComparison.Ordinal)), TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(wanted, file.Skip(1).Select(line => int.Parse(line.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture)));

        var walked = new List<int>();
        for (string? next = "/audit"; next is not null; next = Html.Link(page, "Older"))
        {
            page = await client.GetStringAsync(next, TestContext.Current.CancellationToken);
            walked.AddRange(Numbers(page));
        }
        Assert.Equal(Enumerable.Range(1, 130 + signedIn).Reverse(), walked);
        Assert.Equal(Enumerable.Range(31 + signedIn, 50).Reverse(), Numbers(await client.GetStringAsync(Html.Link(page, "Newer")!, TestContext.Current.CancellationToken)));
        Assert.Contains(",'=ilya@example.com,", await client.GetStringAsync("/audit/rows.csv", TestContext.Current.CancellationToken));

        Assert.Equal(50, Numbers(await client.GetStringAsync("/audit?action=nothing.known&before=x", TestContext.Current.CancellationToken)).Count);
        Assert.Contains("No entries in this filter.", await client.ReadAsync("/audit?to=2001-01-01"));
        using var unreadable = await client.GetAsync("/audit?from=31.12.2026", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unreadable.StatusCode);
        Assert.Contains("31.12.2026 is not a day.", await unreadable.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var noFile = await client.GetAsync("/audit/rows.csv?from=31.12.2026", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, noFile.StatusCode);
    }

    [Fact]
    public async Task The_page_checks_the_chain_when_asked_and_names_what_is_broken()
    {
        await using var site = new Site();
        using var client = site.Visitor("en");
        Assert.Contains("acts are on record", Html.Text(await client.ReadAsync("/audit")));
        var signedIn = (await RowsAsync(site)).Count;
        Assert.Contains($"All {signedIn} entries are as they were written.", await client.ReadAsync("/audit/check"));
        for (var i = signedIn + 1; i <= 5; i++)
            await ActAsync(site, new AuditAct { Who = "mara@example.com", Action = AuditActions.ImportAdded, Subject = AuditSubject.Of("import", i) });
        Assert.Contains("All 5 entries are as they were written.", await client.ReadAsync("/audit/check"));
        var head = await site.Services.GetRequiredService<AuditQueries>().HeadAsync(TestContext.Current.CancellationToken);
        Assert.Contains(head.ToString(), await client.ReadAsync("/audit"));

        await Tamper.ExecuteAsync(site, "UPDATE AuditEntries SET Who = 'nobody@example.com' WHERE Sequence = 3");
        var broken = Html.Text(await client.ReadAsync("/audit/check"));
        Assert.Contains("Chain broken", broken);
        Assert.Contains("Entry 3 was changed", broken);
        Assert.Contains("2 entries before it are as they were written.", broken);
        Assert.Contains("第 3 条记录被改动", await site.Visitor("zh-CN").ReadAsync("/audit/check"));

        await Tamper.ExecuteAsync(site, "DELETE FROM AuditHead");
        Assert.Contains("The head of the chain is gone", await client.ReadAsync("/audit"));
        Assert.Contains("Chain broken", Html.Text(await client.ReadAsync("/audit/check")));
        using var missing = await client.GetAsync("/audit/6", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Details_that_somebody_spoilt_are_shown_as_they_stand()
    {
        await using var site = new Site();
        await ActAsync(site, new AuditAct { Who = "mara@example.com", Action = AuditActions.ImportAdded, Subject = "import:1", Details = new { Rows = 1 } });
        foreach (var spoilt in new[] { "{not json", "[1]", "7", "{\"before\":{\"currency\":1,\"a_minor\":2}}" })
        {
            await Tamper.ExecuteAsync(site, $"UPDATE AuditEntries SET Details = '{spoilt}'");
            using var page = await site.Visitor("en").GetAsync("/audit/1", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }
    }

    internal static Task ActAsync(Site site, AuditAct act) =>
        site.Services.GetRequiredService<Data.Engine.Database>().WriteAsync(WriteRank.Request, session => AuditLog.AppendAsync(session, act), TestContext.Current.CancellationToken);

    private static async Task<List<AuditEntry>> RowsAsync(Site site)
    {
        var rows = new List<AuditEntry>();
        await foreach (var row in site.Services.GetRequiredService<AuditQueries>().StreamAsync(new AuditFilter()))
            rows.Insert(0, row);
        return rows;
    }

    private static IEnumerable<string> NamesIn(string details)
    {
        using var document = System.Text.Json.JsonDocument.Parse(details);
        return [.. document.RootElement.EnumerateObject().SelectMany(part => part.Value.EnumerateObject().Select(property => property.Name))];
    }

    private static List<int> Numbers(string page) =>
        [.. System.Text.RegularExpressions.Regex.Matches(page, "data-label=\"No.\"><a href=\"/audit/([0-9]+)\"").Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];
}
