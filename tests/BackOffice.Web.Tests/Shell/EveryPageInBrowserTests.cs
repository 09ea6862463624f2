using System.Text.RegularExpressions;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Tests.Features.Codes;
using BackOffice.Web.Tests.Features.Reconciliation;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Shell;

/// <summary>Every page there is, on a telephone: found by its route, and records by the links that lead to them.</summary>
public sealed partial class EveryPageInBrowserTests(Browser browser)
{
    // No pages: fragments, files, answers without words, and what only a post leads to.
    private static readonly string[] NoPages =
    [
        "/running", "/account/stay", "/error", "/sign-in", "/sign-in/code", "/erasure", "/imports/{number:long}/progress", "/imports/{number:long}/put-aside.csv",
        "/reconciliation/{number:long}/progress", "/reports/{number:long}/progress", "/reports/{number:long}/file",
        "/codes/batches/{number:long}/progress", "/codes/batches/{number:long}/export/progress", "/codes/void/{number:long}/progress",
        "/proofs/{number:long}/progress",
    ];

    // Records that the seeded shop has no link to; their own tests look at them.
    private static readonly string[] Elsewhere =
    [
        "/packages/{slug}/return", "/packages/{slug}/prices/preview", "/packages/{slug}/prices/end", "/packages/{slug}/prices/withdrawal", "/reports/{number:long}", "/job-runs/{id:guid}",
        "/approvals/{number:long}", "/reveal/{id:guid}", "/findings/{id:guid}/acceptance", "/findings/{id:guid}/resolution", "/findings/{id:guid}/reopening",
        "/codes/void/{number:long}", "/codes/batches/{number:long}/publish", "/codes/batches/{number:long}/export",
        "/settlements/{upstream}/{month}", "/settlements/{upstream}/{month}/why", "/settlements/{upstream}/{month}/why/{price:long}", "/settlements/{upstream}/{month}/keys", "/settlements/{upstream}/{month}/what-if", "/settlements/{upstream}/{month}/invoice", "/put-aside/{id:guid}", "/usage/{source}/{**id}", "/keys/{source}/{**reference}", "/proofs/{number:long}", "/rates/ends/{kind}/{key}", "/rates/upstreams/{upstream}/ordinary-days/new",
    ];

    [Theory]
    [InlineData("light", "en")]
    [InlineData("dark", "zh-Hans")]
    public async Task No_page_scrolls_sideways_on_a_telephone(string theme, string language)
    {
        await SeedAsync();
        await using var open = await browser.OpenAsync("/account", 390, theme, language);
        var routes = Routes().Except(NoPages).Where(route => !IsFile(route)).OrderBy(route => route.Contains('{', StringComparison.Ordinal)).ToList();
        var waiting = new Queue<string>(routes.Where(route => !route.Contains('{', StringComparison.Ordinal)));
        var (seen, wrong) = (waiting.ToHashSet(), new List<string>());
        while (waiting.TryDequeue(out var path))
        {
            var answer = await open.Page.GotoAsync(path);
            if (answer?.Ok != true || await open.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
                wrong.Add($"{path} {answer?.Status}");
            foreach (var link in await open.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('main a[href^=\"/\"]')].map(link => link.getAttribute('href'))"))
            {
                if (!IsFile(link) && routes.Find(route => Fits(route, link.Split('?')[0])) is { } route && seen.Add(route))
                    waiting.Enqueue(link);
            }
        }
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
        Assert.Empty(routes.Except(seen).Except(Elsewhere));
    }

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task The_home_of_each_role_stands_in_every_width_theme_and_language(int width, string theme, string language)
    {
        await SeedAsync();
        foreach (var role in Enum.GetValues<Role>())
        {
            await using var open = await browser.OpenAsync("/", width, theme, language, role: role);
            if (Environment.GetEnvironmentVariable("BACKOFFICE_SCREENSHOTS") is { Length: > 0 } folder)
                await open.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"home-{role}-{width}-{theme}-{language}.png"), FullPage = true });
            await open.LooksWellAsync();
        }
    }

    private IEnumerable<string> Routes()
    {
        Site.Stranger().Dispose();
        return Site.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ControllerActionDescriptor>()?.ControllerTypeInfo.Assembly == typeof(WebHost).Assembly)
            .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Distinct();
    }

    private static bool IsFile(string path) => path.Contains("/rows.", StringComparison.Ordinal) || path.Contains("/report.", StringComparison.Ordinal) || path.EndsWith(".pdf", StringComparison.Ordinal) || path.EndsWith(".xlsx", StringComparison.Ordinal);

    private static bool Fits(string route, string path) => Regex.IsMatch(path, $"^{Part().Replace(route, part => part.Groups["what"].Value switch
    {
        "long" => "[0-9]+",
        "guid" => "[0-9a-f]{32}",
        _ => part.Value.StartsWith("{**", StringComparison.Ordinal) ? ".+" : "[^/]+",
    })}$");

    [GeneratedRegex(@"\{[^}:]*(?::(?<what>[a-z]+))?\}")]
    private static partial Regex Part();

    private async Task SeedAsync()
    {
        const string no = "AC-1111-1111-HOME";
        var token = TestContext.Current.CancellationToken;
        if (await Site.Services.GetRequiredService<Data.Orders.OrderQueries>().FindAsync(no, "prod", token) is not null)
            return;
        await Site.MakeBatchAsync(3);
        await new Facts().Order(no, "2026-10-12").Pay("tran_1E86OCk5MNXd3Nq7TLyX2Y", no, "2026-10-12").ImportAsync(Site);
        var day = new DateOnly(2026, 10, 12);
        var run = await Site.Services.GetRequiredService<RunDesk>().AddAsync(day, day.AddDays(1), null, null, "mara@example.com", token);
        await Site.Services.GetRequiredService<ReconcileJob>().RunAsync(run.Id, token);
    }

    private Site Site => browser.Site;
}
