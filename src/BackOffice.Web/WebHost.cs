using System.Text.Encodings.Web;
using System.Text.Unicode;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Jobs.Demo;
using BackOffice.Jobs.Metrics;
using BackOffice.Web.Features.Codes;
using BackOffice.Web.Features.Errors;
using BackOffice.Web.Features.Health;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Razor;
using Microsoft.Extensions.WebEncoders;

namespace BackOffice.Web;

public sealed class WebHost
{
    // Import files; they are streamed to disk.
    private const long LargestRequest = 4L * 1024 * 1024 * 1024;
    private const string DefaultAddress = "http://localhost:5080";

    public static async Task<int> Main(string[] args)
    {
        WebApplication app;
        try
        {
            app = Build(args);
            await app.Services.GetRequiredService<DatabaseStart>().RequireAsync(app.Environment.IsDevelopment(), CancellationToken.None);
            if (app.Environment.IsDevelopment())
                await LoadDemoAsync(app.Services);
        }
        catch (Exception failure) when (failure is not HostAbortedException)
        {
            await Console.Error.WriteLineAsync(Trouble.Sentence(failure));
            return 1;
        }
        await using (app)
        {
            app.Lifetime.ApplicationStarted.Register(() => PrintAddresses(app.Services.GetRequiredService<IServer>()));
            try
            {
                await app.RunAsync();
                return 0;
            }
            catch (Exception failure)
            {
                await Console.Error.WriteLineAsync(WhyItEnded(failure));
                return 1;
            }
        }
    }

    private static string WhyItEnded(Exception failure) => failure is IOException { InnerException: AddressInUseException }
        ? Texts.English.WithField(new Refusal("AddressInUse", "Urls"))
        : Trouble.Sentence(failure);

    // Null when the shop has orders of its own: those are what the developer wants to see.
    private static async Task LoadDemoAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var staff = scope.ServiceProvider.GetRequiredService<DemoStaff>();
        await staff.AddAsync(CancellationToken.None);
        if (staff.Password is { } password)
            Console.WriteLine(Texts.English["Start.DemoStaff", string.Join(", ", DemoStaff.Emails), password]);
        if (await scope.ServiceProvider.GetRequiredService<DemoShop>().LoadAsync(DemoShop.UsualOrders, DemoShop.UsualSeed, CancellationToken.None) is { Added: > 0 } loaded)
            Console.WriteLine(Texts.English["Start.Demo", loaded.Orders, loaded.Planted]);
    }

    private static WebApplication Build(string[] args)
    {
        // Beside the program and not in the folder it is started from, which may be any: the settings there keep strangers' host names out, and addresses out of the log.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        ListenAddresses.Require(builder.Configuration);
        if (!ListenAddresses.All(builder.Configuration).Any())
            builder.WebHost.UseUrls(DefaultAddress);
        builder.WebHost.UseStaticWebAssets(); // In every environment, for a host run from its build; a published one has its files beside it.
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestRequest;
        });
        builder.Logging.AddOfficeLog(builder.Configuration);
        var settings = Settings.From(builder.Configuration);
        if (!builder.Environment.IsDevelopment())
            settings.RequireLimits();
        AddServices(builder.Services, settings);

        var app = builder.Build();
        Configure(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, Settings settings)
    {
        services.AddBackOffice(settings).AddAlarmClock(settings).AddMetricsPort(settings);
        services.AddSingleton<RequestLog>();
        services.AddTransient<StockBook>().AddTransient<CodesAskedBook>();
        services.AddSingleton<IExternalScopeProvider, ScopesWithoutAddresses>();
        services.AddDataProtection().SetApplicationName("AiCredits.BackOffice.Cookies").PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(settings.DataDirectory, "cookie-keys")));
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database");
        services.Configure<ForwardedHeadersOptions>(forwarded => forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto); // from a proxy on this machine
        Sessions.Add(services);
        Access.Add(services);
        Languages.Add(services);
        Antiforgery.Add(services);
        services.AddControllersWithViews(mvc => mvc.Filters.Add(new AutoValidateAntiforgeryTokenAttribute()))
            .AddCookieTempDataProvider(tempData => tempData.Cookie.Name = "message");
        services.Configure<WebEncoderOptions>(encoder => encoder.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All)); // Chinese as it stands, not as numbers
        services.Configure<RazorViewEngineOptions>(razor => razor.ViewLocationExpanders.Add(new FeatureViews()));
    }

    private static void Configure(WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<RequestLog>().WriteAsync);
        app.UseForwardedHeaders();
        app.Use(HostCookies.NameAsync);
        app.UseWhen(context => !EngineRoom.Has(context), pages => pages.UseSecurityHeaders(Headers.Strict()));
        app.UseWhen(EngineRoom.Has, room => room.UseSecurityHeaders(Headers.EngineRoom()));
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/error",
            StatusCodeSelector = ErrorController.StatusOf,
        });
        app.UseStatusCodePagesWithReExecute("/error");
        app.UseRequestLocalization();
        app.Use(Languages.SwitchAsync);
        app.UseRouting();
        app.Use(RequestLog.NoteRouteAsync);
        app.Use(OtherSites.RefuseAsync);
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapStaticAssets().AllowAnonymous();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready").AllowAnonymous();
        app.MapControllers().WithStaticAssets();
        EngineRoom.Map(app);
    }

    private static void PrintAddresses(IServer server)
    {
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            Console.WriteLine(Texts.English["Start.Address", address]);
    }
}
