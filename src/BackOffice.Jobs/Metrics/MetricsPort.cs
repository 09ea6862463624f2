using System.Net;
using BackOffice.Data.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;

namespace BackOffice.Jobs.Metrics;

/// <summary>
/// Answers <c>GET /metrics</c> for Prometheus on a port of its own, where one is set. Never on the site's: whoever reaches the pages would read how busy the shop is.
/// </summary>
internal sealed class MetricsPort(Settings settings, MeterProvider meters, ShopGauges gauges) : IHostedService, IAsyncDisposable
{
    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Empty: nothing of the site's settings, addresses least of all, means this one.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(settings.Metrics.Address, settings.Metrics.Port);
        });
        _app = builder.Build();
        _app.Use(async (HttpContext context, RequestDelegate next) =>
        {
            if (context.Features.Get<IHttpMetricsTagsFeature>() is { } tags)
                tags.MetricsDisabled = true; // who asks is not counted among the shop's visitors
            await gauges.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
            await next(context).ConfigureAwait(false);
        });
        _app.UseOpenTelemetryPrometheusScrapingEndpoint(meters, null, "/metrics", null, null);
        try
        {
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            throw new SettingException("Metrics:Port", FormattableString.Invariant($"another program, or the site itself, has port {settings.Metrics.Port}. Give another one, or 0 for none."));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <param name="Address">Where Prometheus may come from; this machine alone unless set otherwise.</param>
/// <param name="Port">Its port; 0 for none.</param>
public sealed record MetricsSettings(IPAddress Address, int Port);

public static class MetricsServices
{
    /// <summary>Measures are listened to where a port is set; else nothing is.</summary>
    public static IServiceCollection AddMetricsPort(this IServiceCollection services, Settings settings)
    {
        if (settings.Metrics.Port == 0)
            return services;
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(Measures.Name, "Microsoft.AspNetCore.Hosting")
            // Routes, never addresses: an order's address opens its delivery.
            .AddView("http.server.request.duration", new MetricStreamConfiguration { TagKeys = ["http.request.method", "http.route", "http.response.status_code"] })
            .AddView("http.server.active_requests", MetricStreamConfiguration.Drop)
            .AddPrometheusExporter());
        services.AddSingleton<ShopGauges>();
        services.AddHostedService<MetricsPort>();
        return services;
    }
}
