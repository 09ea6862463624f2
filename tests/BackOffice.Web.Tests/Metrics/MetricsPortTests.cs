using System.Globalization;
using System.Net;
using System.Net.Sockets;
using BackOffice.Data.Jobs;
using BackOffice.Jobs;
using BackOffice.Jobs.Audit;
using BackOffice.Jobs.Nights;
using BackOffice.Web.Tests.CommandLine;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Metrics;

/// <summary>Figures for Prometheus, on a port of their own and on no other.</summary>
public sealed class MetricsPortTests(Site site) : IClassFixture<Site>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_port_tells_requests_by_route_jobs_queues_nights_and_the_gate()
    {
        var port = FreePort();
        await using var measured = WithPort(port);
        using var client = measured.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Add("Cookie", site.Cookie(Domain.Access.Role.Support));
        await client.GetStringIgnoringStatusAsync("/orders/AC-ZM3J-J7T7-3Q1C");
        await client.GetStringIgnoringStatusAsync("/orders?text=AC-ZM3J-J7T7-3Q1C");
        var nights = measured.Services.GetRequiredService<JobRunStore>();
        await nights.AddAsync("waits", "2026-11-10", Token);
        var id = (await nights.AddAsync(AuditNight.JobName, "2026-11-10", Token))!.Value;
        await using (var scope = measured.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<NightlyJob>().RunAsync(id, Token);

        using var prometheus = new HttpClient { BaseAddress = new Uri(FormattableString.Invariant($"http://127.0.0.1:{port}")) };
        var told = await prometheus.GetStringAsync("/metrics", Token);

        Assert.Matches("http_server_request_duration_seconds_count\\{[^}]*http_route=\"orders\"", told);
        Assert.DoesNotContain("ZM3J", told, StringComparison.Ordinal);
        Assert.Matches("backoffice_queue_length\\{[^}]*queue=\"night\"[^}]*\\} 1\\s", told);
        Assert.Matches("backoffice_queue_length\\{[^}]*queue=\"message\"[^}]*\\} 0\\s", told);
        Assert.Contains("backoffice_queue_oldest_age_seconds{", told, StringComparison.Ordinal);
        Assert.Matches("backoffice_night_last_success_seconds\\{[^}]*night=\"nightly-audit-check\"", told);
        Assert.Matches("backoffice_job_duration_seconds_count\\{[^}]*kind=\"nightly-audit-check\"[^}]*outcome=\"done\"", told);
        Assert.Contains("backoffice_gate_wait_seconds_count{", told, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await prometheus.GetAsync("/", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/metrics", Token)).StatusCode); // the site's own
    }

    [Fact]
    public async Task Without_a_port_nothing_listens_and_the_site_has_no_such_page()
    {
        using var client = site.Visitor();
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/metrics", Token)).StatusCode);
        Assert.Null(site.Services.GetService<OpenTelemetry.Metrics.MeterProvider>());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var folder = ShopFolder.Migrated();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var program = Path.Combine(AppContext.BaseDirectory, "BackOffice.Web.dll");
        (await Worker.RunCommandAsync(folder, Worker.Dotnet, program, "--urls", "http://127.0.0.1:0", "--Approvals:AcceptAbove", "off", "--Approvals:CodesAbove", "off", "--Approvals:TokensAbove", "off", "--Metrics:Port", port)).IsRefused("Metrics:Port:", port);
    }

    [Theory]
    [InlineData("Metrics:Port", "70000")]
    [InlineData("Metrics:Port", "-1")]
    [InlineData("Metrics:Address", "everywhere")]
    [InlineData("Database:SlowSqlMilliseconds", "0")]
    [InlineData("Database:SlowSqlMilliseconds", "soon")]
    public void A_wrong_setting_is_named(string name, string value)
    {
        using var folder = ShopFolder.Empty();
        Assert.StartsWith($"Setting {name}:", Assert.Throws<SettingException>(() => folder.Settings((name, value))).Message, StringComparison.Ordinal);
    }

    private WebApplicationFactory<WebHost> WithPort(int port) => site.WithWebHostBuilder(host => host.UseSetting("Metrics:Port", port.ToString(CultureInfo.InvariantCulture)));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
