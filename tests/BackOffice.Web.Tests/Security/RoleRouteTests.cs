using System.Net;
using System.Reflection;
using BackOffice.Domain.Access;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Security;

/// <summary>Every route of the running site, asked for by every role and by nobody, against DESIGN 8 written out.</summary>
public sealed class RoleRouteTests(Site site) : IClassFixture<Site>
{
    // S support, F finance, A admin; "all" needs no sign-in. A new route needs its line.
    internal static readonly Dictionary<string, string> Table = new()
    {
        ["GET /"] = "SFA",
        ["GET /help"] = "SFA",
        ["GET /running"] = "SFA",
        ["GET /orders"] = "SFA",
        ["GET /orders/rows.{format}"] = "SFA",
        ["GET /orders/{**orderNo}"] = "SFA",
        ["GET /search"] = "SFA",
        ["GET /payments"] = "SFA",
        ["GET /payments/rows.{format}"] = "SFA",
        ["GET /payments/{transactionId}"] = "SFA",
        ["GET /reveal/{id:guid}"] = "SA",
        ["POST /reveal/{id:guid}"] = "SA",
        ["GET /erasure"] = "A",
        ["POST /erasure"] = "A",
        ["GET /imports"] = "FA",
        ["GET /imports/rows.{format}"] = "FA",
        ["GET /imports/new"] = "FA",
        ["POST /imports"] = "FA",
        ["GET /imports/{number:long}"] = "FA",
        ["GET /imports/{number:long}/progress"] = "FA",
        ["GET /imports/{number:long}/put-aside.csv"] = "FA",
        ["POST /imports/{number:long}/confirmation"] = "FA",
        ["POST /imports/{number:long}/check"] = "FA",
        ["POST /imports/{number:long}/retry"] = "FA",
        ["POST /imports/{number:long}/cancellation"] = "FA",
        ["GET /settings"] = "A",
        ["POST /settings/test/{channel}"] = "A",
        ["GET /packages"] = "FA",
        ["GET /packages/{slug}"] = "FA",
        ["GET /packages/new"] = "A",
        ["POST /packages"] = "A",
        ["GET /packages/{slug}/edit"] = "A",
        ["POST /packages/{slug}"] = "A",
        ["GET /packages/{slug}/retirement"] = "A",
        ["POST /packages/{slug}/retirement"] = "A",
        ["GET /packages/{slug}/return"] = "A",
        ["POST /packages/{slug}/return"] = "A",
        ["GET /packages/{slug}/prices/rows.{format}"] = "FA",
        ["GET /packages/{slug}/prices/new"] = "A",
        ["GET /packages/{slug}/prices/preview"] = "A",
        ["POST /packages/{slug}/prices"] = "A",
        ["GET /packages/{slug}/prices/end"] = "A",
        ["POST /packages/{slug}/prices/end"] = "A",
        ["GET /packages/{slug}/prices/withdrawal"] = "A",
        ["POST /packages/{slug}/prices/withdrawal"] = "A",
        ["GET /codes"] = "FA",
        ["GET /codes/rows.{format}"] = "FA",
        ["GET /codes/stock"] = "FA",
        ["GET /codes/batches"] = "FA",
        ["GET /codes/batches/rows.{format}"] = "FA",
        ["GET /codes/batches/new"] = "A",
        ["POST /codes/batches/preview"] = "A",
        ["POST /codes/batches"] = "A",
        ["GET /codes/batches/{number:long}"] = "FA",
        ["GET /codes/batches/{number:long}/progress"] = "FA",
        ["POST /codes/batches/{number:long}/resumption"] = "A",
        ["POST /codes/batches/{number:long}/tasks/{task:long}/resumption"] = "A",
        ["GET /codes/batches/{number:long}/void"] = "A",
        ["POST /codes/batches/{number:long}/void"] = "A",
        ["GET /codes/batches/{number:long}/publish"] = "A",
        ["POST /codes/batches/{number:long}/publish"] = "A",
        ["POST /codes/batches/{number:long}/publish/done"] = "A",
        ["POST /codes/batches/{number:long}/publish/script"] = "A",
        ["GET /codes/batches/{number:long}/export"] = "A",
        ["GET /codes/batches/{number:long}/export/progress"] = "A",
        ["POST /codes/batches/{number:long}/export"] = "A",
        ["POST /codes/batches/{number:long}/export/passphrase"] = "A",
        ["POST /codes/batches/{number:long}/export/file"] = "A",
        ["GET /codes/batches/{number:long}/certificate.pdf"] = "FA",
        ["GET /codes/liability.xlsx"] = "FA",
        ["GET /codes/void"] = "A",
        ["POST /codes/void"] = "A",
        ["GET /codes/void/{number:long}"] = "A",
        ["POST /codes/void/{number:long}"] = "A",
        ["POST /codes/void/{number:long}/resumption"] = "A",
        ["GET /codes/void/{number:long}/progress"] = "A",
        ["GET /codes/{code}"] = "SFA",
        ["POST /codes/{code}/void"] = "A",
        ["GET /codes/{code}/reveal"] = "SA",
        ["POST /codes/{code}/reveal"] = "SA",
        ["GET /audit"] = "FA",
        ["GET /audit/{number:long}"] = "FA",
        ["GET /audit/check"] = "FA",
        ["GET /audit/rows.{format}"] = "FA",
        ["GET /reconciliation"] = "SFA",
        ["GET /reconciliation/{number:long}"] = "SFA",
        ["GET /reconciliation/{number:long}/progress"] = "SFA",
        ["GET /reconciliation/{number:long}/findings"] = "SFA",
        ["GET /reconciliation/rows.{format}"] = "SFA",
        ["GET /reconciliation/new"] = "FA",
        ["POST /reconciliation"] = "FA",
        ["GET /findings"] = "SFA",
        ["GET /findings/rows.{format}"] = "SFA",
        ["GET /findings/{id:guid}"] = "SFA",
        ["POST /findings/{id:guid}/assignee"] = "FA",
        ["POST /findings/{id:guid}/comments"] = "FA",
        ["GET /findings/{id:guid}/acceptance"] = "FA",
        ["POST /findings/{id:guid}/acceptance"] = "FA",
        ["GET /findings/{id:guid}/resolution"] = "FA",
        ["POST /findings/{id:guid}/resolution"] = "FA",
        ["GET /findings/{id:guid}/reopening"] = "FA",
        ["POST /findings/{id:guid}/reopening"] = "FA",
        ["GET /settlements"] = "SFA",
        ["GET /settlements/rows.{format}"] = "SFA",
        ["POST /settlements"] = "FA",
        ["GET /settlements/{upstream}/{month}"] = "SFA",
        ["GET /settlements/{upstream}/{month}/rows.{format}"] = "SFA",
        ["POST /settlements/{upstream}/{month}/approval"] = "FA",
        ["POST /settlements/{upstream}/{month}/closing"] = "FA",
        ["GET /settlements/{upstream}/{month}/report.{format}"] = "SFA",
        ["GET /settlements/{upstream}/{month}/keys"] = "SFA",
        ["GET /settlements/{upstream}/{month}/what-if"] = "SFA",
        ["GET /settlements/{upstream}/{month}/why"] = "SFA",
        ["GET /settlements/{upstream}/{month}/why/{price:long}"] = "SFA",
        ["GET /settlements/{upstream}/{month}/invoice"] = "SFA",
        ["GET /settlements/{upstream}/{month}/invoice/rows.{format}"] = "SFA",
        ["POST /settlements/{upstream}/{month}/invoice/acceptance"] = "FA",
        ["GET /usage"] = "SFA",
        ["GET /usage/rows.{format}"] = "SFA",
        ["GET /usage/{source}/{**id}"] = "SFA",
        ["POST /usage/reading"] = "FA",
        ["POST /proofs"] = "FA",
        ["GET /proofs/{number:long}"] = "SFA",
        ["GET /proofs/{number:long}/progress"] = "SFA",
        ["GET /keys"] = "SFA",
        ["GET /keys/rows.{format}"] = "SFA",
        ["GET /keys/{source}/{**reference}"] = "SFA",
        ["GET /put-aside"] = "SFA",
        ["GET /put-aside/{id:guid}"] = "SFA",
        ["POST /put-aside/{id:guid}/acceptance"] = "FA",
        ["POST /put-aside/{id:guid}/keeping"] = "FA",
        ["POST /put-aside/{id:guid}/replacement"] = "FA",
        ["POST /imports/{number:long}/put-aside/acceptance"] = "FA",
        ["POST /imports/{number:long}/put-aside/keeping"] = "FA",
        ["GET /rates"] = "SFA",
        ["GET /rates/price"] = "SFA",
        ["GET /rates/credits"] = "SFA",
        ["POST /rates/credits"] = "FA",
        ["GET /rates/exchange"] = "SFA",
        ["POST /rates/exchange"] = "FA",
        ["GET /rates/fees"] = "SFA",
        ["POST /rates/fees"] = "FA",
        ["GET /rates/channels"] = "SFA",
        ["POST /rates/channels"] = "FA",
        ["GET /rates/starting-set"] = "FA",
        ["POST /rates/starting-set"] = "FA",
        ["GET /rates/upstreams/new"] = "FA",
        ["POST /rates/upstreams"] = "FA",
        ["GET /rates/upstreams/{upstream}"] = "SFA",
        ["GET /rates/upstreams/{upstream}/rows.{format}"] = "SFA",
        ["GET /rates/upstreams/{upstream}/prices/new"] = "FA",
        ["POST /rates/upstreams/{upstream}/prices"] = "FA",
        ["GET /rates/upstreams/{upstream}/mappings/new"] = "FA",
        ["POST /rates/upstreams/{upstream}/mappings"] = "FA",
        ["GET /rates/upstreams/{upstream}/currencies/new"] = "FA",
        ["POST /rates/upstreams/{upstream}/currencies"] = "FA",
        ["GET /rates/upstreams/{upstream}/calendars/new"] = "FA",
        ["POST /rates/upstreams/{upstream}/calendars"] = "FA",
        ["GET /rates/upstreams/{upstream}/holidays/new"] = "FA",
        ["POST /rates/upstreams/{upstream}/holidays"] = "FA",
        ["GET /rates/upstreams/{upstream}/ordinary-days/new"] = "FA",
        ["POST /rates/upstreams/{upstream}/ordinary-days"] = "FA",
        ["GET /rates/upstreams/{upstream}/ends/{kind}/{key}"] = "FA",
        ["POST /rates/upstreams/{upstream}/ends/{kind}/{key}"] = "FA",
        ["GET /rates/ends/{kind}/{key}"] = "FA",
        ["POST /rates/ends/{kind}/{key}"] = "FA",
        ["GET /approvals"] = "FA",
        ["GET /approvals/{number:long}"] = "FA",
        ["POST /approvals/{number:long}/approval"] = "FA",
        ["POST /approvals/{number:long}/refusal"] = "FA",
        ["POST /approvals/{number:long}/withdrawal"] = "FA",
        ["GET /reports"] = "SFA",
        ["GET /reports/rows.{format}"] = "SFA",
        ["GET /reports/{number:long}"] = "SFA",
        ["GET /reports/{number:long}/progress"] = "SFA",
        ["GET /reports/{number:long}/file"] = "SFA",
        ["POST /reports"] = "FA",
        ["GET /job-runs"] = "A",
        ["GET /jobs/{**path}"] = "A",
        ["GET /job-runs/rows.{format}"] = "A",
        ["GET /job-runs/{id:guid}"] = "A",
        ["POST /job-runs/{id:guid}/again"] = "A",
        ["GET /staff"] = "A",
        ["POST /staff"] = "A",
        ["GET /staff/rows.{format}"] = "A",
        ["GET /staff/new"] = "A",
        ["GET /staff/{id:guid}"] = "A",
        ["POST /staff/{id:guid}/role"] = "A",
        ["POST /staff/{id:guid}/disabling"] = "A",
        ["POST /staff/{id:guid}/enabling"] = "A",
        ["POST /staff/{id:guid}/reset"] = "A",
        ["GET /account"] = "SFA",
        ["GET /account/stay"] = "SFA",
        ["POST /account/keys"] = "SFA",
        ["GET /account/password"] = "SFA",
        ["POST /account/password"] = "SFA",
        ["GET /account/two-factor"] = "SFA",
        ["POST /account/two-factor"] = "SFA",
        ["POST /account/two-factor/recovery-codes"] = "SFA",
        ["POST /account/two-factor/removal"] = "SFA",
        ["POST /account/sessions/{id:guid}/end"] = "SFA",
        ["POST /account/sessions/end"] = "SFA",
        ["GET /account/confirm"] = "SFA",
        ["POST /account/confirm"] = "SFA",
        ["GET /sign-in"] = "all",
        ["POST /sign-in"] = "all",
        ["GET /sign-in/code"] = "all",
        ["POST /sign-in/code"] = "all",
        ["POST /sign-out"] = "all",
        ["GET /error"] = "all",
        ["GET /health/live"] = "all",
        ["GET /health/ready"] = "all",
    };

    [Fact]
    public void Every_route_is_in_the_table_and_says_which_act_it_is()
    {
        var routes = Routes().ToList();
        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), routes.Select(route => route.Name).Order(StringComparer.Ordinal));
        Assert.Empty(routes.Where(route => (Table[route.Name] == "all") != IsOpen(route.Endpoint)).Select(route => route.Name));
        Assert.Empty(routes.Where(route => Table[route.Name] != "all" && Letters(Access.ActOf(route.Endpoint)!.Value) != Table[route.Name]).Select(route => route.Name));
    }

    [Theory]
    [InlineData(Role.Support)]
    [InlineData(Role.Finance)]
    [InlineData(Role.Admin)]
    public async Task Each_role_gets_what_the_table_gives_it_and_is_told_who_may_do_the_rest(Role role)
    {
        using var client = site.Visitor(role);
        var token = await client.TokenAsync("/account");
        var wrong = new List<string>();
        foreach (var (name, allowed) in Table.Where(route => route.Value != "all"))
        {
            using var answer = await AskAsync(client, name, token);
            var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var may = allowed.Contains(role.Word()[..1].ToUpperInvariant(), StringComparison.Ordinal);
            var refused = answer.StatusCode == HttpStatusCode.Forbidden;
            if (may == refused || IsLedToSignIn(answer) || answer.StatusCode == HttpStatusCode.InternalServerError)
                wrong.Add($"{name}: {(int)answer.StatusCode}");
            if (refused && !page.Contains($"the role {Words(allowed)}.", StringComparison.Ordinal))
                wrong.Add($"{name}: does not say {Words(allowed)}");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Who_is_not_signed_in_gets_nothing_but_the_sign_in_page()
    {
        using var client = site.Stranger();
        var token = await client.TokenAsync("/sign-in");
        var open = new List<string>();
        foreach (var name in Table.Where(route => route.Value != "all").Select(route => route.Key).Append("GET /no-such-page"))
        {
            using var answer = await AskAsync(client, name, token);
            if (!IsLedToSignIn(answer))
                open.Add($"{name}: {(int)answer.StatusCode}");
        }
        Assert.Empty(open);
    }

    [Theory]
    [InlineData(Role.Support)]
    [InlineData(Role.Finance)]
    [InlineData(Role.Admin)]
    public async Task The_menu_shows_what_the_role_may_open(Role role)
    {
        // Somebody of the own: asking for every route makes new recovery codes too, which ends the visitor's session.
        using var client = site.Stranger();
        using var signedIn = await site.SignInAsync(client, await site.AddPersonAsync(role));
        var page = await client.GetStringAsync("/account", TestContext.Current.CancellationToken);
        var shown = Html.Links(page[..page.IndexOf("page-wrapper", StringComparison.Ordinal)]).Where(link => link != "#main").Distinct();
        Assert.Equal(NavigationMenu.Groups.SelectMany(group => group.Entries).Where(entry => role.May(entry.Act)).Select(entry => entry.Path).Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_act_is_somebodys() => Assert.All(Enum.GetValues<Act>(), act => Assert.NotEmpty(RoleTable.For(act)));

    [Fact]
    public async Task A_fragment_for_who_is_not_signed_in_leads_the_whole_page_away()
    {
        using var client = site.Stranger();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/running");
        request.Headers.Add("HX-Request", "true");
        request.Headers.Add("HX-Current-URL", "http://localhost/orders?status=paid");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("/sign-in?back=%2Forders%3Fstatus%3Dpaid", Assert.Single(answer.Headers.GetValues("HX-Redirect")));
        Assert.Empty(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private IEnumerable<(string Name, Endpoint Endpoint)> Routes()
    {
        site.Stranger().Dispose();
        foreach (var endpoint in site.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Distinct())
        {
            if (endpoint.RoutePattern.RawText == "{**path:file}")
                continue; // where the framework looks for files that are new since the build: nobody's, as it names no act
            if (endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null)
            {
                Assert.True(IsOpen(endpoint));
                continue;
            }
            if (endpoint.Metadata.GetMetadata<ControllerActionDescriptor>()?.ControllerTypeInfo.Assembly == Assembly.GetExecutingAssembly())
                continue; // pages of the tests' own
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                yield return ($"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}", endpoint);
        }
    }

    private static bool IsOpen(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    private static string Letters(Act act) => string.Concat(RoleTable.For(act).Select(role => role.Word()[..1].ToUpperInvariant()));

    private static string Words(string letters) => string.Join(" or ", letters.Select(letter => letter switch { 'S' => "support", 'F' => "finance", _ => "admin" }));

    private static readonly (string Part, string Value)[] Values =
    [
        ("{number:long}", "1"), ("{task:long}", "1"), ("{format}", "csv"), ("{price:long}", "1"), ("{channel}", "mail"), ("{slug}", "trial"), ("{id:guid}", Guid.Empty.ToString("N")), ("{**orderNo}", "AC-ZM3J-J7T7-3Q1C"),
        ("{transactionId}", "tran_1"), ("{source}", "new-api"), ("{**id}", "1"), ("{**reference}", "k1"), ("{upstream}", "deepseek"), ("{month}", "2026-09"), ("{kind}", "currency"), ("{key}", "1"), ("{code}", "1-1"), ("/{**path}", ""),
    ];

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, string route, string token)
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        foreach (var (part, value) in Values)
            path = path.Replace(part, value, StringComparison.Ordinal);
        Assert.DoesNotContain('{', path);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Headers.Add("X-CSRF-Token", token);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static bool IsLedToSignIn(HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location!.OriginalString.StartsWith("/sign-in", StringComparison.Ordinal);
}
