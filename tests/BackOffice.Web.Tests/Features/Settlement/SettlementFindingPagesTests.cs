using System.Net;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;
using BackOffice.Web.Tests.Features.Reconciliation;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Settlement;

/// <summary>Findings of settlements beside those of reconciliation: one queue, the same acts, and neither touches the other's.</summary>
public sealed class SettlementFindingPagesTests : IAsyncLifetime
{
    private const string OfRuns = "SELECT HEX(f.Id), f.State, f.Version, e.Kind, e.RecordedAt FROM Findings f JOIN FindingEvents e ON e.FindingId = f.Id WHERE f.Scope IS NULL ORDER BY 1, 4, 5";
    private const string OfSettlements = "SELECT HEX(f.Id), f.State, f.Version, e.Kind, e.RecordedAt FROM Findings f JOIN FindingEvents e ON e.FindingId = f.Id WHERE f.Scope IS NOT NULL ORDER BY 1, 4, 5";

    private readonly ReconciledShop _shop = new("off");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _shop.InitializeAsync();
        await SettlementShop.SeedAsync(_shop.Site);
    }

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Runs_and_drafts_do_not_touch_each_others_findings()
    {
        var reconciled = ShopRows.Of(_shop.Site.Shop, OfRuns);
        var seen = ShopRows.Count(_shop.Site.Shop, "SELECT COUNT(*) FROM RunFindings");
        await DraftAsync();
        Assert.Equal(reconciled, ShopRows.Of(_shop.Site.Shop, OfRuns));
        var settled = ShopRows.Of(_shop.Site.Shop, OfSettlements);
        Assert.Equal(4, settled.Count);

        // The same run again, later, with everything open of both in the queue: it sees what it saw.
        _shop.Later(TimeSpan.FromHours(1));
        await _shop.RunAsync("2026-10-01", "2026-10-31");
        Assert.Equal(settled, ShopRows.Of(_shop.Site.Shop, OfSettlements));
        Assert.Equal(2 * seen, ShopRows.Count(_shop.Site.Shop, "SELECT COUNT(*) FROM RunFindings"));
        Assert.Equal(0, ShopRows.Count(_shop.Site.Shop, "SELECT COUNT(*) FROM RunFindings WHERE Subject LIKE 'acme/%'"));
        Assert.Equal(reconciled, ShopRows.Of(_shop.Site.Shop, OfRuns));
        Assert.Equal(1, ShopRows.Count(_shop.Site.Shop, "SELECT COUNT(*) FROM Findings WHERE Kind = 'conflicting_record' AND Scope IS NULL AND State = 'open'"));
        Assert.Equal(1, ShopRows.Count(_shop.Site.Shop, "SELECT COUNT(*) FROM Findings WHERE Kind = 'conflicting_record' AND Scope IS NOT NULL AND State = 'open'"));
    }

    [Fact]
    public async Task A_finding_says_what_is_wrong_leads_to_where_it_is_mended_and_is_worked_on_like_any_other()
    {
        await DraftAsync();
        using var mara = _shop.Site.Visitor(Role.Finance, "en");
        var queue = await mara.ReadAsync("/findings?text=acme/2026-09&state=any");
        foreach (var words in new[] { "Model not mapped", "Records conflict", "Usage put aside" })
            Assert.Contains(words, queue);
        Assert.Contains("acme/2026-09/<script>alert(1)</script>", queue);
        Assert.Contains("Charged quota differs", await mara.ReadAsync("/findings?kind=charged_differs"));

        await SaysAsync(mara, FindingKinds.UsagePutAside, "Lines of neutral that could not be read: 1.", "/put-aside");
        await SaysAsync(mara, FindingKinds.ChargedDiffers, "k1: 1,520,000 credits by the rules, 12.000000 taken by the console.", "/keys/neutral/k1?month=2026-09");
        await SaysAsync(mara, FindingKinds.ConflictingRecord, "Records of neutral that came again with other content: 1.", "/put-aside", "acme/2026-09/neutral/");
        var unmapped = await SaysAsync(mara, FindingKinds.UnmappedModel, "No mapping says what <script>alert(1)</script> stands for: 7 tokens have no price", "/settlements/acme/2026-09");

        using var comment = await mara.SubmitAsync(unmapped, unmapped + "/comments", ("comment", "asked the console's owner"));
        var form = await mara.FormAsync(unmapped + "/acceptance", unmapped + "/acceptance", ("reason", "an experiment"));
        using var accepted = await mara.ActAsync(unmapped + "/acceptance", [.. form.Where(field => field.Key != "csrf").Select(field => (field.Key, field.Value))]);
        Assert.Equal(unmapped, accepted.Headers.Location?.OriginalString);
        var page = await mara.ReadAsync(unmapped);
        Assert.Contains("asked the console's owner", page);
        Assert.Contains("an experiment", page);
        Assert.Contains("Accepting the finding does not lift the block.", page);
        Assert.Contains("3 things block the approval", await mara.ReadAsync("/settlements/acme/2026-09"));

        // Mended: the next draft clears what it has no longer, and what was accepted stays as it is.
        await _shop.Site.ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\n<script>alert(1)</script>,acme,-,,\n");
        _shop.Later(TimeSpan.FromMinutes(1));
        var aside = await AddressAsync(FindingKinds.UsagePutAside);
        foreach (var id in ShopRows.Of(_shop.Site.Shop, "SELECT LOWER(HEX(Id)) FROM UsageAsides WHERE Kind = 'unreadable' AND State = 'open' AND SourceId = (SELECT Id FROM UsageSources WHERE Name = 'neutral')"))
        {
            using var decided = await mara.SubmitAsync($"/put-aside/{id}", $"/put-aside/{id}/acceptance", ("reason", "a slip"));
            Assert.Equal(HttpStatusCode.Redirect, decided.StatusCode);
        }
        Assert.Contains("As things are now, it no longer holds.", await mara.ReadAsync(aside));
        using var again = await mara.SubmitAsync("/settlements", "/settlements", ("upstream", "acme"), ("month", "2026-09"));
        var cleared = await mara.ReadAsync(aside);
        Assert.Contains("A later draft of the month no longer had it.", cleared);
        Assert.Contains("finance@example.com", cleared);
        Assert.Contains("an experiment", await mara.ReadAsync(unmapped));
    }

    private async Task DraftAsync()
    {
        _shop.Later(TimeSpan.FromMinutes(1));
        await _shop.Site.Services.GetRequiredService<SettlementStore>().DraftAsync("acme", new DateOnly(2026, 9, 1), Token);
        _shop.Later(TimeSpan.FromMinutes(1));
    }

    private async Task<string> SaysAsync(HttpClient client, string kind, string sentence, string leadsTo, string subject = "")
    {
        var address = await AddressAsync(kind, subject);
        Assert.Contains(sentence, await client.ReadAsync(address));
        Assert.Contains($"href=\"{leadsTo}\"", (await client.GetStringAsync(address, Token)).Replace("&amp;", "&", StringComparison.Ordinal), StringComparison.Ordinal);
        return address;
    }

    private Task<string> AddressAsync(string kind, string subject = "")
    {
        var id = ShopRows.Of(_shop.Site.Shop, $"SELECT LOWER(HEX(Id)) FROM Findings WHERE Kind = '{kind}' AND Scope IS NOT NULL AND Subject LIKE '{subject}%'").Single();
        return Task.FromResult($"/findings/{id}");
    }
}

/// <summary>The customer's side as people see it.</summary>
public sealed class KeyPagesTests : IAsyncDisposable
{
    // k1: 26,600 credits, 26,600 taken, then 10 of which 30 were taken; k2 uses what costs 0.05 and is charged nothing of; k/3 has no price.
    private const string Usage = """
        id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota
        1,2026-09-01T00:10:00+08:00,acme,chat,k1,20000,80000,,,5000,26600
        2,2026-09-30T23:50:00+08:00,acme,chat,k1,10,,,,,30
        3,2026-09-02T00:10:00+08:00,acme,chat,k2,25000,,,,,
        4,2026-09-02T00:10:00+08:00,acme,unheard,k/3,5,,,,,5
        5,2026-08-31T23:59:00+08:00,acme,chat,k4,5,,,,,5

        """;

    private readonly Site _site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task The_pages_show_what_is_worked_out_by_hand()
    {
        await _site.ImportAsync("prices", SettlementShop.Prices);
        await _site.ImportAsync("mappings", SettlementShop.Mappings);
        await _site.ImportAsync("usage", Usage);
        await _site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-SOLD", "2026-09-01T10:00:00+08:00", creemOrder: "ord_sold")));
        await _site.ImportAsync("creem", $"[{Seed.Transaction("tran_sold", "ord_sold")}]");
        using var mara = _site.Visitor(Role.Support, "en");

        // Without a month: the last one with usage. A credit brings in 22.00 / 5,000,000; k1: 26,610 credits are CNY 0.12 of 0.1170840, and cost 20,010 at 2, 80,000 at 0.5, 5,000 at 4.
        var page = await mara.ReadAsync("/keys");
        Assert.Contains("September 2026: 3 keys, and each earns what it costs.", page);
        Assert.Contains("k1 neutral 26,610 26,630 −20 Days that differ: 1 CNY 0.12 CNY 0.100020000 CNY +0.017064000", page);
        Assert.Contains("k2 neutral 25,000 0 0 CNY 0.11 CNY 0.050000000 CNY +0.060000000", page);
        Assert.Contains(" tokens without a price", page);
        Assert.DoesNotContain("and tokens without a price", page); // that key has no others
        Assert.True(page.IndexOf("k1 neutral", StringComparison.Ordinal) < page.IndexOf("k2 neutral", StringComparison.Ordinal));

        // A write that costs a thousand a million: k2 loses, and stands first.
        await _site.ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nacme,m-1,cache_write_1h,all,CNY,1000,,\n");
        await _site.ImportAsync("usage", Usage.Split('\n')[0] + "\n6,2026-09-03T00:10:00+08:00,acme,chat,k2,,,,1000,,\n");
        var loss = await mara.ReadAsync("/keys?month=2026-09&sort=loss");
        Assert.Contains("September 2026: 3 keys, and 1 of them cost more than they earn.", loss);
        Assert.Contains("k2 neutral 26,000 0 0 CNY 0.11 CNY 1.050000000 CNY −0.935600000 Costs more than it earns", loss);
        Assert.True(loss.IndexOf("k2 neutral", StringComparison.Ordinal) < loss.IndexOf("k1 neutral", StringComparison.Ordinal));

        var one = await mara.ReadAsync("/keys/neutral/k1?month=2026-09");
        Assert.Contains("26,610 credits in September 2026. Days on which the console took something else than the rules say: 1.", one);
        Assert.Contains("2026-09-30 1 10 10 30 −20 Charged quota differs", one);
        Assert.Contains("2026-09-01 1 26,600 26,600 26,600 0", one);
        Assert.Contains("chat 2 100,010 80,000 5,000 26,610", one);
        Assert.Contains("k/3, September 2026", await mara.ReadAsync("/keys/neutral/k/3?month=2026-09"));
        Assert.Contains("Nothing was used in July 2026.", await mara.ReadAsync("/keys/neutral/k1?month=2026-07"));
        var row = (await mara.GetStringAsync("/keys/rows.csv?month=2026-09", Token)).Split("\r\n").Single(line => line.Contains(",k2,", StringComparison.Ordinal));
        Assert.Contains("k2,2,26000,", row, StringComparison.Ordinal);
        Assert.Contains("-0.935600000,CNY", row, StringComparison.Ordinal);

        // Any other text means the last month.
        Assert.Contains("September 2026: 3 keys", await mara.ReadAsync("/keys?month=nonsense&sort=nonsense"));
        Assert.Contains("July 2026: no usage.", await mara.ReadAsync("/keys?month=2026-07"));
        using var absent = await mara.GetAsync("/keys/neutral/nobody", Token);
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
    }
}
