using BackOffice.Data.Approvals;
using BackOffice.Data.Audit;
using BackOffice.Data.Backups;
using BackOffice.Data.Codes;
using BackOffice.Data.Demo;
using BackOffice.Data.Engine;
using BackOffice.Data.Home;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Data.Migrations;
using BackOffice.Data.Orders;
using BackOffice.Data.Outbox;
using BackOffice.Data.Packages;
using BackOffice.Data.Payments;
using BackOffice.Data.Rates;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Reports;
using BackOffice.Data.Search;
using BackOffice.Data.Settlement;
using BackOffice.Data.Staff;
using BackOffice.Data.Usage;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs.Approvals;
using BackOffice.Jobs.Audit;
using BackOffice.Jobs.Backups;
using BackOffice.Jobs.Checks;
using BackOffice.Jobs.Codes;
using BackOffice.Jobs.Demo;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Orders;
using BackOffice.Jobs.Outbox;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Jobs.Reports;
using BackOffice.Jobs.Settlement;
using BackOffice.Jobs.Staff;
using BackOffice.Jobs.Usage;
using Hangfire;
using Hangfire.AspNetCore;
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
        services.AddSingleton(provider => new Database(settings.Database.Dialect(), provider.GetRequiredService<TimeProvider>(), Slow(provider, settings)));
        services.AddSingleton(provider => new Migrator(settings.Database, line => provider.GetRequiredService<ILogger<Migrator>>().LogInformation("{Migration}", line)));
        services.AddSingleton(provider => new VaultOfSecrets(provider.GetRequiredService<Database>(), KeyRing(settings)));
        services.AddSingleton<DatabaseStart>();
        services.AddSingleton<Work>();
        AddStores(services);
        services.AddSingleton(provider => new KeyQueries(provider.GetRequiredService<Database>(), provider.GetRequiredService<EarningsQueries>(), settings.Business, Fraction.Of(settings.Console.QuotaPerToken)));
        services.AddSingleton(provider => new EarningsQueries(provider.GetRequiredService<Database>(), settings.Business, settings.CreemMode));
        services.AddTransient<ImportDesk>().AddTransient<ImportJob>();
        services.AddTransient<RunDesk>().AddTransient<ReconcileJob>();
        services.AddTransient<FindingDesk>();
        services.AddTransient<BatchDesk>().AddTransient<BatchJob>().AddTransient<VoidDesk>().AddTransient<CodeTaskJob>();
        services.AddTransient<ConsoleMaker>().AddTransient<ConsolePublisher>().AddTransient<RedemptionJob>().AddTransient<Night, RedemptionNight>();
        services.AddTransient<CodeExportDesk>().AddTransient<CodeExportJob>().AddTransient<TwoPersonAct, CodeExportAct>();
        services.AddTransient<TwoPersonAct, BatchIssue>().AddTransient<TwoPersonAct, BatchVoiding>().AddTransient<TwoPersonAct, ListVoiding>();
        services.AddTransient<SettlementDesk>().AddTransient<TwoPersonAct, SettlementApproval>().AddTransient<Night, SettlementNight>();
        services.AddTransient<UsagePullJob>().AddTransient<UsageProofJob>().AddTransient<Night, UsageProofNight>();
        services.AddTransient<ApprovalDesk>().AddTransient<TwoPersonAct, FindingAcceptance>();
        services.AddTransient<NightSchedule>().AddTransient<NightWatch>().AddTransient<NightDesk>().AddTransient<NightlyJob>();
        services.AddTransient<Night, ReconciliationNight>().AddTransient<Night, BackupNight>().AddTransient<Night, AuditNight>().AddTransient<Night, HousekeepingNight>().AddTransient<Night, MorningReport>();
        services.AddSingleton<Alarm>().AddTransient<OutboxJob>().AddTransient<MailSender>().AddSingleton<WebhookSender>();
        services.AddSingleton(provider => new ConsoleClient(settings.Console, provider.GetRequiredService<TimeProvider>())).AddSingleton(new ConsoleDatabase(settings.Console));
        services.AddTransient<Checkup>().AddTransient<ConnectionDesk>();
        services.AddTransient(provider => new ShopBackup(settings.Database, settings.KeyRing, provider.GetRequiredService<TimeProvider>()));
        services.AddTransient(provider => new ShopRestore(settings.Database, settings.KeyRing, OpenRing, provider.GetRequiredService<TimeProvider>()));
        services.AddTransient<ReportJob>().AddTransient<OrderStatusJob>();
        services.AddTransient<DemoShop>().AddTransient<DemoCodes>().AddTransient<DemoUsage>();
        StaffIdentity.Add(services);
        services.AddScoped<StaffDesk>().AddScoped<SignInDesk>().AddScoped<DemoStaff>();
        return services;
    }

    /// <summary>Hangfire as the alarm clock: its storage may be lost at any time.</summary>
    public static IServiceCollection AddAlarmClock(this IServiceCollection services, Settings settings)
    {
        // Of this host alone: Hangfire's own ways to set a storage, and what makes its jobs, are one for the process.
        services.AddSingleton(provider => Storage(settings, provider.GetRequiredService<IGlobalConfiguration>()));
        services.AddSingleton<JobActivator, AspNetCoreJobActivator>();
        services.AddHangfire((provider, hangfire) =>
        {
            hangfire.UseLogProvider(new HangfireLog(provider.GetRequiredService<ILoggerFactory>()));
            hangfire.SetDataCompatibilityLevel(CompatibilityLevel.Version_180).UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings();
        });
        services.AddTransient<Sweeper>();
        if (!settings.Hangfire.Server)
            return services;
        services.AddHangfireServer(server => server.WorkerCount = settings.Hangfire.Workers);
        services.AddHostedService<Schedule>();
        return services;
    }

    // The configuration is made first: a storage writes its log where that says.
    private static JobStorage Storage(Settings settings, IGlobalConfiguration _) => settings.Hangfire.Storage == HangfireStorage.SqlServer
        ? new SqlServerStorage(settings.Database.ConnectionString, new SqlServerStorageOptions { PrepareSchemaIfNecessary = true })
        : new InMemoryStorage(new InMemoryStorageOptions());

    private static void AddStores(IServiceCollection services)
    {
        services.AddSingleton<ImportStore>().AddSingleton<ImportQueries>();
        services.AddSingleton<JobRunStore>().AddSingleton<JobRunQueries>().AddSingleton<WorkQueries>().AddSingleton<OutboxStore>().AddSingleton<HousekeepingStore>();
        services.AddSingleton<OrderQueries>().AddSingleton<PackageQueries>().AddSingleton<PackageStore>();
        services.AddSingleton<PriceQueries>().AddSingleton<PriceStore>();
        services.AddSingleton<PaymentQueries>().AddSingleton<SearchQueries>();
        services.AddSingleton<RevealStore>().AddSingleton<ErasureStore>();
        services.AddSingleton<HomeQueries>();
        services.AddSingleton<RunStore>().AddSingleton<RunQueries>().AddSingleton<RunResultQueries>().AddSingleton<RunFindingQueries>();
        services.AddSingleton<FindingStore>().AddSingleton<FindingQueries>().AddSingleton<FindingFactsReader>().AddSingleton<CodeFindingReader>();
        services.AddSingleton<FindingActStore>().AddSingleton<ApprovalStore>().AddSingleton<ApprovalQueries>();
        services.AddSingleton<RateQueries>().AddSingleton<RateStore>().AddSingleton<SettlementQueries>().AddSingleton<SettlementStore>().AddSingleton<SettlementReports>().AddSingleton<SettlementFindingReader>().AddSingleton<SettlementFindingStore>().AddSingleton<InvoiceQueries>().AddSingleton<InvoiceStore>().AddSingleton<UsageAsideStore>().AddSingleton<UsageAsideQueries>();
        services.AddSingleton<UsageQueries>().AddSingleton<UsageDays>().AddSingleton<UsageProof>().AddSingleton<UsageProofStore>().AddSingleton<UsagePullStore>();
        services.AddSingleton<ReportStore>().AddSingleton<ReportQueries>();
        services.AddSingleton<CodeDice>(System.Security.Cryptography.RandomNumberGenerator.Fill);
        services.AddSingleton<BatchStore>().AddSingleton<BatchQueries>().AddSingleton<BatchMaker>().AddSingleton<CodeQueries>();
        services.AddSingleton<CodeStock>().AddSingleton<CodeVoids>().AddSingleton<CodeRevealStore>().AddSingleton<CodeTaskStore>().AddSingleton<CodeExportStore>();
        services.AddSingleton<RedemptionIntake>().AddSingleton<ConsoleCallStore>().AddSingleton<ConsoleCodeQueries>();
        services.AddSingleton<DemoStore>();
        services.AddSingleton<StaffStore>().AddSingleton<StaffQueries>().AddSingleton<SignInTries>();
        services.AddSingleton<AuditQueries>().AddSingleton<AuditVerifier>();
    }

    private static SlowStatements Slow(IServiceProvider provider, Settings settings)
    {
        var log = provider.GetRequiredService<ILogger<Database>>();
        return new(settings.SlowSql, (name, took) => log.LogWarning("Slow SQL: {Statement} took {Milliseconds} ms", name, (long)took.TotalMilliseconds));
    }

    // A ring of its own, apart from the one that cookies use: what it wraps must open for ever.
    private static IDataProtectionProvider KeyRing(Settings settings) => OpenRing(settings.KeyRing);

    private static IDataProtectionProvider OpenRing(string folder) =>
        DataProtectionProvider.Create(new DirectoryInfo(folder), ring => ring.SetApplicationName("AiCredits.BackOffice"));
}
