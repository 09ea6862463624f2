using BackOffice.Data.Demo;
using BackOffice.Data.Engine;
using BackOffice.Data.Home;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Data.Migrations;
using BackOffice.Data.Orders;
using BackOffice.Data.Packages;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Reports;
using BackOffice.Jobs.Demo;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Jobs.Reports;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.SqlServer;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs;

/// <summary>What both hosts are made of.</summary>
public static class Services
{
    public static IServiceCollection AddBackOffice(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(settings.Business);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new Database(settings.Database.Dialect(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new Migrator(settings.Database, line => provider.GetRequiredService<ILogger<Migrator>>().LogInformation("{Migration}", line)));
        services.AddSingleton(provider => new VaultOfSecrets(provider.GetRequiredService<Database>(), KeyRing(settings)));
        services.AddSingleton<DatabaseStart>();
        services.AddSingleton<Work>();
        AddStores(services);
        services.AddTransient<ImportDesk>().AddTransient<ImportJob>();
        services.AddTransient<RunDesk>().AddTransient<ReconcileJob>();
        services.AddTransient<NightSchedule>().AddTransient<NightlyJob>();
        services.AddTransient<ReportJob>();
        services.AddTransient<DemoShop>();
        return services;
    }

    /// <summary>Hangfire as the alarm clock: its storage may be lost at any time.</summary>
    public static IServiceCollection AddAlarmClock(this IServiceCollection services, Settings settings)
    {
        services.AddHangfire(hangfire =>
        {
            hangfire.SetDataCompatibilityLevel(CompatibilityLevel.Version_180).UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings();
            if (settings.Hangfire.Storage == HangfireStorage.SqlServer)
                hangfire.UseSqlServerStorage(settings.Database.ConnectionString, new SqlServerStorageOptions { PrepareSchemaIfNecessary = true });
            else
                hangfire.UseInMemoryStorage(new InMemoryStorageOptions());
        });
        services.AddTransient<Sweeper>();
        if (!settings.Hangfire.Server)
            return services;
        services.AddHangfireServer(server => server.WorkerCount = settings.Hangfire.Workers);
        services.AddHostedService<Schedule>();
        return services;
    }

    private static void AddStores(IServiceCollection services)
    {
        services.AddSingleton<ImportStore>().AddSingleton<ImportQueries>();
        services.AddSingleton<JobRunStore>().AddSingleton<WorkQueries>();
        services.AddSingleton<OrderQueries>().AddSingleton<PackageQueries>();
        services.AddSingleton<HomeQueries>();
        services.AddSingleton<RunStore>().AddSingleton<RunQueries>().AddSingleton<RunResultQueries>().AddSingleton<RunFindingQueries>();
        services.AddSingleton<FindingStore>().AddSingleton<FindingQueries>().AddSingleton<FindingFactsReader>();
        services.AddSingleton<ReportStore>().AddSingleton<ReportQueries>();
        services.AddSingleton<DemoStore>();
    }

    // A ring of its own, apart from the one that cookies use: what it wraps must open for ever.
    private static IDataProtectionProvider KeyRing(Settings settings) =>
        DataProtectionProvider.Create(new DirectoryInfo(settings.KeyRing), ring => ring.SetApplicationName("AiCredits.BackOffice"));
}
