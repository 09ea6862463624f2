using System.Net;
using BackOffice.Data.Codes;
using BackOffice.Data.Jobs;
using BackOffice.Data.Rates;
using BackOffice.Data.Usage;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs.Audit;
using BackOffice.Web.Tests.Features;
using BackOffice.Web.Tests.Features.Codes;
using BackOffice.Web.Tests.Features.Reconciliation;
using BackOffice.Web.Tests.Features.Settlement;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Security;

/// <summary>
/// Every route that takes an id, with the id of something that is there and of something that is not, by every role: whose role does not suffice is refused
/// alike for both and nothing is done, and whose role does is told what is not there. RoleRouteTests holds the table of routes and roles.
/// </summary>
public sealed class OthersIdsTests(OthersIdsTests.Things things) : IClassFixture<OthersIdsTests.Things>
{
    private static readonly string[] NotIds = ["{format}", "{**path}", "{channel}"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IEnumerable<string> Routes =>
        RoleRouteTests.Table.Keys.Where(route => route.Contains('{', StringComparison.Ordinal) && (!NotIds.Any(part => route.Contains(part, StringComparison.Ordinal)) || route.Contains("{slug}", StringComparison.Ordinal)));

    [Theory]
    [InlineData(Role.Support, 30)]
    [InlineData(Role.Finance, 15)]
    public async Task What_a_role_may_not_do_it_may_not_do_to_what_is_there_and_is_not_told_whether_it_is(Role role, int atLeast)
    {
        using var client = things.Shop.Site.Visitor(role, "en");
        var token = await client.TokenAsync();
        var before = things.Rows();
        var (asked, wrong) = (0, new List<string>());
        foreach (var route in Routes.Where(route => !May(role, route)))
        {
            var (real, absent) = (await AskAsync(client, route, token, there: true), await AskAsync(client, route, token, there: false));
            asked++;
            if (real.Status != HttpStatusCode.Forbidden || real != absent)
                wrong.Add($"{route}: {real.Status} and {absent.Status}");
        }
        Assert.Empty(wrong);
        Assert.True(asked >= atLeast, $"{asked} routes were asked for.");
        Assert.Equal(before, things.Rows());
    }

    [Theory]
    [InlineData(Role.Support)]
    [InlineData(Role.Finance)]
    [InlineData(Role.Admin)]
    public async Task What_is_not_there_is_not_found_and_what_is_there_is(Role role)
    {
        using var client = things.Shop.Site.Visitor(role, "en");
        var token = await client.TokenAsync();
        var before = things.Rows();
        var wrong = new List<string>();
        foreach (var route in Routes.Where(route => May(role, route)))
        {
            var absent = await AskAsync(client, route, token, there: false);
            // Ending a session that is nobody's, or somebody else's, does nothing and says nothing of it.
            if (absent.Status != HttpStatusCode.NotFound && !route.Contains("/sessions/", StringComparison.Ordinal))
                wrong.Add($"{route}: {absent.Status} for what is not there");
            // A price is named in the query as well.
            if (route.StartsWith("GET ", StringComparison.Ordinal) && !route.Contains("/prices/", StringComparison.Ordinal) && (await AskAsync(client, route, token, there: true)).Status == HttpStatusCode.NotFound)
                wrong.Add($"{route}: not found");
        }
        Assert.Empty(wrong);
        Assert.Equal(before, things.Rows());
    }

    private static bool May(Role role, string route) => RoleRouteTests.Table[route].Contains(role.Word()[..1].ToUpperInvariant(), StringComparison.Ordinal);

    private async Task<(HttpStatusCode Status, string Says)> AskAsync(HttpClient client, string route, string token, bool there)
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1].Replace("{format}", "csv", StringComparison.Ordinal));
        var part = path[path.IndexOf('{', StringComparison.Ordinal)..(path.IndexOf('}', StringComparison.Ordinal) + 1)];
        path = path.Replace(part, there ? things.IdFor(part is "{code}" or "{kind}" ? part : path.Split('/')[1]) : NotThere(part), StringComparison.Ordinal);
        path = path.Replace("{task:long}", "1", StringComparison.Ordinal).Replace("{month}", "2026-09", StringComparison.Ordinal).Replace("{kind}", "currency", StringComparison.Ordinal).Replace("{key}", "1", StringComparison.Ordinal)
            .Replace("{price:long}", "1", StringComparison.Ordinal).Replace("{**id}", "1", StringComparison.Ordinal).Replace("{**reference}", "k1", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
        {
            request.Headers.Add("X-CSRF-Token", token);
            request.Content = new FormUrlEncodedContent([new("kind", "orders"), new("reason", "because"), new("version", "1")]);
        }
        using var answer = await client.SendAsync(request, Token);
        return (answer.StatusCode, Html.Text(await answer.Content.ReadAsStringAsync(Token)).Split("Trace id")[0]);
    }

    private static string NotThere(string part) => part switch
    {
        "{number:long}" => "987654",
        "{id:guid}" => "0199aaaaaaaa7aaaaaaaaaaaaaaaaaaa",
        "{slug}" => "nothing",
        "{transactionId}" => "tran_nobody",
        "{code}" => "987654-1",
        _ => "AC-ZM3J-J7T7-3Q1C",
    };

    /// <summary>A shop with one of everything that has an address.</summary>
    public sealed class Things : IAsyncLifetime
    {
        private string _finding = "";

        public ReconciledShop Shop { get; } = new("USD 500; CNY 10000");

        public async ValueTask InitializeAsync()
        {
            await Shop.InitializeAsync();
            _finding = await Shop.FindingAsync(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice);
            using var finance = Shop.Site.Visitor(Role.Finance, "en");
            using var request = await finance.SubmitAsync(_finding + "/acceptance", _finding + "/acceptance", ("reason", "the customer wanted two"));
            using var report = await finance.SubmitAsync("/reconciliation/1", "/reports", ("format", "csv"), ("language", "en"));
            await Shop.Site.Services.GetRequiredService<JobRunStore>().AddAsync(AuditNight.JobName, "2026-11-10", Token);
            var batch = await Shop.Site.MakeBatchAsync(3);
            var codes = await Shop.Site.Services.GetRequiredService<CodeQueries>().SampleAsync(batch.Number, 1, Token);
            await Shop.Site.Services.GetRequiredService<CodeTaskStore>().DraftAsync(codes, 0, "admin@example.com", Token);
            await Shop.Site.ImportAsync("prices", SettlementShop.Prices);
            await Shop.Site.ImportAsync("mappings", SettlementShop.Mappings);
            await Shop.Site.ImportAsync("usage", string.Join('\n', SettlementShop.Usage.Split('\n').Take(2)) + "\n");
            await Shop.Site.Services.GetRequiredService<RateStore>().AddAsync(RateTables.Credits, CreditRule.Default with { Name = "chat" }, false, "because", "admin@example.com", Token);
            await Shop.Site.ImportAsync("usage", "{\"type\": 2, \"model_name\": \"chat\"}\n{\"id\": 1, \"created_at\": 1791770400, \"type\": 2, \"model_name\": \"chat\", \"prompt_tokens\": 1, \"completion_tokens\": 1}\n");
            await Shop.Site.Services.GetRequiredService<UsageProofStore>().AskAsync(null, "admin@example.com", Token);
            Shop.Site.Visitor(Role.Support).Dispose();
            Shop.Site.Visitor(Role.Admin).Dispose();
        }

        public ValueTask DisposeAsync() => Shop.DisposeAsync();

        public List<string> Rows() => ShopRows.Hashes(Shop.Site.Shop, ShopRows.Of(Shop.Site.Shop, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"));

        public string IdFor(string first) => first switch
        {
            "orders" => ReconciledShop.Matched,
            "{code}" => "1-1",
            "payments" => "tran_matched",
            "packages" => "trial",
            "findings" => _finding.Split('/')[^1],
            "reveal" => One($"SELECT Id FROM Deliveries WHERE OrderNo = '{ReconciledShop.Matched}'"),
            "staff" => One("SELECT Id FROM Staff WHERE Email = 'support@example.com'"),
            "settlements" => "acme",
            "rates" => "deepseek",
            "{kind}" => "credit",
            "usage" => "one-api",
            "keys" => "neutral",
            "put-aside" => One("SELECT Id FROM UsageAsides"),
            "job-runs" => One("SELECT Id FROM JobRuns WHERE Argument = '2026-11-10'"),
            "account" => One("SELECT x.Id FROM StaffSessions x JOIN Staff s ON s.Id = x.StaffId WHERE s.Email = 'support@example.com'"),
            _ => "1",
        };

        private string One(string query) => ShopRows.Of(Shop.Site.Shop, query).Single();
    }
}
