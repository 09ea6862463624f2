using System.Net;
using System.Text.RegularExpressions;
using BackOffice.Domain.Access;

namespace BackOffice.Web.Tests.Features.Settlement;

/// <summary>What was put aside: found by kind, import and month, page by page, and decided about for a whole import.</summary>
public sealed partial class PutAsidePagesTests : IAsyncDisposable
{
    private const string Header = "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota";

    private readonly Site _site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task The_list_is_filtered_by_kind_import_and_month_and_says_what_it_cannot_read()
    {
        await SeedAsync(3);
        using var mara = _site.Visitor(Role.Finance, "en");
        Assert.Contains("neutral c1 Two contents 2026-09", await mara.ReadAsync("/put-aside?kind=conflict"));
        Assert.DoesNotContain("Not readable 2026-10", await mara.ReadAsync("/put-aside?kind=conflict"));
        // The shop's October begins at 16:00 UTC of the last day of September.
        var october = await mara.ReadAsync("/put-aside?month=2026-10&kind=nonsense");
        Assert.Contains("neutral late Not readable 2026-10", october);
        Assert.Contains("neutral timeless Not readable", october);
        Assert.DoesNotContain("neutral c1", october);
        Assert.Contains("Nothing put aside fits this filter.", await mara.ReadAsync("/put-aside?import=77"));
        Assert.Contains("neutral u2", await mara.ReadAsync("/put-aside?import=2&kind=unreadable&month=%202026-09%20"));
        foreach (var (query, sentence) in new[] { ("month=2026-9", "Month: 2026-9 is no month."), ("import=x", "Import number: “x” is not a whole number") })
        {
            using var refused = await mara.GetAsync("/put-aside?" + query, Token);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Contains(sentence, Html.Text(await refused.Content.ReadAsStringAsync(Token)));
        }
    }

    [Fact]
    public async Task More_than_a_page_is_walked_through_with_the_filter_kept()
    {
        await SeedAsync(205);
        using var mara = _site.Visitor(Role.Finance, "en");
        var (seen, path) = (new List<string>(), "/put-aside?kind=unreadable&import=2");
        for (var pages = 0; path is not null; pages++)
        {
            Assert.True(pages < 3);
            var page = await mara.GetStringAsync(path, Token);
            seen.AddRange(Row().Matches(page).Select(row => row.Groups[1].Value));
            path = WebUtility.HtmlDecode(Next().Match(page) is { Success: true } next ? next.Groups[1].Value : null);
        }
        Assert.Equal(207, seen.Distinct().Count());
        Assert.Equal(207, seen.Count);
    }

    [Fact]
    public async Task All_of_an_import_is_decided_about_with_one_reason_and_the_number_that_was_seen()
    {
        await SeedAsync(3);
        using (var lin = _site.Visitor(Role.Support, "en"))
            Assert.DoesNotContain("Decide all of import", await lin.ReadAsync("/put-aside?import=2"));
        using var mara = _site.Visitor(Role.Finance, "en");
        var both = await mara.ReadAsync("/put-aside?import=2");
        Assert.Contains("See all 5 open unreadable lines of import 2", both);
        Assert.Contains("See all 2 open conflicts of import 2", both);
        Assert.DoesNotContain("name=\"seen\"", await mara.GetStringAsync("/put-aside?import=2&kind=conflict&month=2026-09", Token), StringComparison.Ordinal);
        const string lines = "/put-aside?import=2&kind=unreadable", acceptance = "/imports/2/put-aside/acceptance";
        Assert.Contains("Leave all 5 open unreadable lines of import 2 out", await mara.ReadAsync(lines));

        using var blank = await mara.SubmitAsync(lines, acceptance);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, blank.StatusCode);
        using var stale = await mara.PostFormAsync(acceptance, await mara.TokenAsync(), ("seen", "4"), ("reason", "the wrong console"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, stale.StatusCode);
        var again = Html.Text(await stale.Content.ReadAsStringAsync(Token));
        Assert.Contains("Not as many wait as were seen: 5 now.", again);
        Assert.Contains("Leave all 5 open unreadable lines of import 2 out", again);
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM UsageAsides WHERE State <> 'open'"));

        using var left = await mara.SubmitAsync(lines, acceptance, ("reason", "the wrong console"));
        Assert.Equal("/put-aside?import=2", left.Headers.Location?.OriginalString);
        var after = await mara.ReadAsync("/put-aside?import=2");
        Assert.Contains("Left out: 5 unreadable lines of import 2.", after);
        Assert.Contains("Keep the first for all 2 open conflicts of import 2", after);
        using var kept = await mara.SubmitAsync("/put-aside?import=2", "/imports/2/put-aside/keeping", ("reason", "the first file was right"));
        Assert.Contains("The first was kept: 2 conflicts of import 2.", await mara.ReadAsync("/put-aside?import=2"));
        Assert.Equal(["accepted 5", "kept 2"], ShopRows.Of(_site.Shop, "SELECT State || ' ' || COUNT(*) FROM UsageAsides GROUP BY State ORDER BY 1"));
        Assert.Contains("Import 2", await mara.ReadAsync("/audit?action=usage.kept"));

        await _site.ImportAsync("usage", Second(3));
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM UsageAsides WHERE State = 'open'"));
        using var absent = await mara.PostFormAsync("/imports/77/put-aside/keeping", await mara.TokenAsync(), ("seen", "2"), ("reason", "none such"));
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
    }

    [Fact]
    public async Task Enter_in_the_reason_of_a_conflict_keeps_the_first()
    {
        await SeedAsync(0);
        using var mara = _site.Visitor(Role.Finance, "en");
        var id = ShopRows.Of(_site.Shop, "SELECT LOWER(HEX(Id)) FROM UsageAsides WHERE ExternalId = 'c1'").Single();
        var page = await mara.GetStringAsync($"/put-aside/{id}", Token);
        var form = page[page.IndexOf($"action=\"/put-aside/{id}/keeping\"", StringComparison.Ordinal)..];
        Assert.StartsWith("<button class=\"btn btn-primary order-last\">", form[form.IndexOf("<button", StringComparison.Ordinal)..], StringComparison.Ordinal);

        using var replaced = await mara.SubmitAsync($"/put-aside/{id}", $"/put-aside/{id}/replacement", ("reason", "the later one is right"));
        Assert.Contains("The later one was taken.", await mara.ReadAsync("/put-aside"));
    }

    // The first import has two records; the second has both with other contents, lines that cannot be read, one of October by the shop's clock and one without a time.
    private async Task SeedAsync(int unreadable)
    {
        await _site.ImportAsync("usage", $"{Header}\nc1,2026-09-01T00:10:00+08:00,acme,chat,k1,1,,,,1,1\nc2,2026-09-02T00:10:00+08:00,acme,chat,k1,1,,,,1,1\n");
        await _site.ImportAsync("usage", Second(unreadable));
    }

    private static string Second(int unreadable) => $"{Header}\nc1,2026-09-01T00:10:00+08:00,acme,chat,k1,2,,,,1,1\nc2,2026-09-02T00:10:00+08:00,acme,chat,k1,2,,,,1,1\n"
        + string.Concat(Enumerable.Range(0, unreadable).Select(i => $"u{i},2026-09-03T00:10:00+08:00,acme,chat,k1,-5,,,,,\n"))
        + "late,2026-09-30T16:10:00Z,acme,chat,k1,-5,,,,,\ntimeless,yesterday,acme,chat,k1,5,,,,,\n";

    [GeneratedRegex("href=\"/put-aside/([0-9a-f]{32})\"")]
    private static partial Regex Row();

    [GeneratedRegex("<a[^>]*href=\"([^\"]*)\"[^>]*rel=\"next\"")]
    private static partial Regex Next();
}
