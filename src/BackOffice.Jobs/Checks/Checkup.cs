using System.Globalization;
using BackOffice.Data.Backups;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Migrations;
using BackOffice.Data.Outbox;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Jobs.CommandLine;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Outbox;
using BackOffice.Jobs.Usage;
using Microsoft.Extensions.DependencyInjection;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Checks;

/// <summary>Whether everything the program needs is there, and how it is set: the same facts for <c>doctor</c> and for the page. Changes nothing, and tells no secret.</summary>
/// <remarks>What opens the key ring is asked for only once the ring is known to be there: to open an empty one would make a new key in it.</remarks>
public sealed class Checkup(Settings settings, Migrator migrator, Database database, Alarm alarm, IServiceProvider services)
{
    // A night, and the time until somebody looks.
    private static readonly TimeSpan OldBackup = TimeSpan.FromHours(30);

    // Three hours were missed.
    private static readonly TimeSpan OldPull = TimeSpan.FromHours(3);

    // Somebody is looking at an empty page meanwhile.
    private static readonly TimeSpan ConsolePatience = TimeSpan.FromSeconds(10);

    /// <summary>Every fact, in the order in which one builds on the other.</summary>
    public async Task<IReadOnlyList<CheckFact>> RunAsync(CancellationToken token)
    {
        var facts = new List<CheckFact> { Understood(), await DatabaseAsync(token).ConfigureAwait(false) };
        var hasDatabase = facts[^1].State == CheckState.Ok;
        if (hasDatabase)
            facts.Add(await EngineAsync(token).ConfigureAwait(false));
        facts.Add(Guarded("key_ring", "Vault:KeyRing", KeyRing));
        if (hasDatabase && facts[^1].State != CheckState.Fail)
            facts.Add(await VaultAsync(token).ConfigureAwait(false));
        facts.Add(Guarded("disk", "Data:Directory", Disk));
        facts.Add(Guarded("backup", "Backup:Directory, Backup:Keep", Backup));
        facts.Add(Told());
        facts.AddRange(await ChannelsAsync(hasDatabase, token).ConfigureAwait(false));
        facts.Add(new("creem", CheckState.Off, texts => texts["Check.Creem", settings.CreemMode], "Creem:Mode"));
        facts.Add(await ConsoleAsync(token).ConfigureAwait(false));
        facts.Add(await ConsoleDatabaseAsync(token).ConfigureAwait(false));
        facts.Add(await UsagePullAsync(hasDatabase, token).ConfigureAwait(false));
        facts.Add(Workers());
        if (hasDatabase)
            facts.AddRange(await NightsAsync(token).ConfigureAwait(false));
        facts.Add(SecondPerson());
        facts.Add(CodesBySecondPerson());
        facts.Add(new("code_stock", CheckState.Ok, texts => texts["Check.CodeStock", settings.LowStockDays], "Codes:LowStockDays"));
        facts.Add(Limits());
        facts.Add(Measured());
        return facts;
    }

    private CheckFact Understood() => settings.Unread.Count == 0
        ? new("settings", CheckState.Ok, texts => texts["Check.Settings", settings.Database.Provider, settings.Business.Zone.Id], "Database:Provider, Business:TimeZone")
        : new("settings", CheckState.Warn, texts => texts["Check.Unread", string.Join(", ", settings.Unread)], null);

    private async Task<CheckFact> DatabaseAsync(CancellationToken token)
    {
        try
        {
            return await migrator.StateAsync(token).ConfigureAwait(false) switch
            {
                SchemaState.Current => new("database", CheckState.Ok, texts => texts["Check.Database"], "ConnectionStrings:BackOffice"),
                SchemaState.Older => new("database", CheckState.Fail, texts => texts["Check.DatabaseOlder"], "ConnectionStrings:BackOffice"),
                _ => new("database", CheckState.Fail, texts => texts["Check.DatabaseNone"], "ConnectionStrings:BackOffice"),
            };
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return Failed("database", failure, "ConnectionStrings:BackOffice");
        }
    }

    private async Task<CheckFact> EngineAsync(CancellationToken token)
    {
        const string setting = "Database:Provider";
        await using var session = await database.OpenAsync(token).ConfigureAwait(false);
        var version = session.EngineVersion;
        if (settings.Database.Provider == DatabaseProvider.SqlServer)
        {
            return await session.GetAsync<bool>(ReadSnapshotSetting, token: token).ConfigureAwait(false)
                ? new("engine", CheckState.Ok, texts => texts["Check.Snapshot", version], setting)
                : new("engine", CheckState.Warn, texts => texts["Check.SnapshotOff", version], setting);
        }
        var size = new FileInfo(settings.Database.SqliteFile).Length;
        const long largeBytes = 20_000_000_000; // about 10 million orders with their payments and deliveries (DESIGN 1)
        return size < largeBytes
            ? new("engine", CheckState.Ok, texts => texts["Check.Sqlite", version, Number(size / 1_000_000.0, "0.0")], setting)
            : new("engine", CheckState.Warn, texts => texts["Check.SqliteLarge", version, size / 1_000_000_000], setting);
    }

    private CheckFact KeyRing()
    {
        const string setting = "Vault:KeyRing";
        if (!Directory.Exists(settings.KeyRing) || !Directory.EnumerateFiles(settings.KeyRing, "key-*.xml").Any())
            return new("key_ring", CheckState.Fail, texts => texts["Check.KeyRingNone", settings.KeyRing], setting);
        var beside = settings.Database.Provider == DatabaseProvider.Sqlite && IsIn(settings.KeyRing, Path.GetDirectoryName(settings.Database.SqliteFile)!);
        return beside && !Office.IsDevelopment
            ? new("key_ring", CheckState.Warn, texts => texts["Check.KeyRingBeside"], setting)
            : new("key_ring", CheckState.Ok, _ => settings.KeyRing, setting);
    }

    private async Task<CheckFact> VaultAsync(CancellationToken token)
    {
        try
        {
            await services.GetRequiredService<VaultOfSecrets>().RequireAsync(token).ConfigureAwait(false);
            return new("vault", CheckState.Ok, texts => texts["Check.Vault"], "Vault:KeyRing");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return Failed("vault", failure, "Vault:KeyRing");
        }
    }

    private CheckFact Disk()
    {
        var there = settings.DataDirectory;
        while (!Directory.Exists(there))
            there = Path.GetDirectoryName(there)!;
        var free = new DriveInfo(there).AvailableFreeSpace;
        return free > 1_000_000_000
            ? new("disk", CheckState.Ok, texts => texts["Check.Disk", free / 1_000_000_000, settings.DataDirectory], "Data:Directory")
            : new("disk", CheckState.Warn, texts => texts["Check.DiskLow", free / 1_000_000, settings.DataDirectory], "Data:Directory");
    }

    private CheckFact Backup()
    {
        const string setting = "Backup:Directory, Backup:Keep";
        var folder = settings.Backup.Directory;
        if (settings.Database.Provider == DatabaseProvider.SqlServer)
            return new("backup", CheckState.Ok, texts => texts["Check.BackupOfServer", settings.Backup.KeysDirectory], setting);
        if (BackupShelf.Copies(folder) is not [var newest, ..])
            return new("backup", CheckState.Warn, texts => texts["Check.BackupNone", folder], setting);
        var age = Now - newest.TakenAt;
        string Age(Texts texts) => texts["Check.BackupAge", Number(Math.Max(0, age.TotalHours), "0.0"), newest.Path];
        if (age > OldBackup)
            return new("backup", CheckState.Warn, texts => $"{Age(texts)} {texts["Check.BackupOld"]}", setting, newest.TakenAt);
        return !Office.IsDevelopment && IsIn(folder + Path.DirectorySeparatorChar, settings.DataDirectory)
            ? new("backup", CheckState.Warn, texts => $"{Age(texts)} {texts["Check.BackupBeside"]}", setting, newest.TakenAt)
            : new("backup", CheckState.Ok, Age, setting, newest.TakenAt);
    }

    private CheckFact Told() => alarm.Channels.Count > 0
        ? new("alarm", CheckState.Ok, texts => texts["Check.Alarm", string.Join(texts["Check.And"], alarm.Channels.Select(channel => texts["Check.Channel." + channel]))], "Alarm:Email, Alarm:Webhook")
        : new("alarm", CheckState.Warn, texts => texts["Check.AlarmNone"], "Alarm:Email, Alarm:Webhook");

    private async Task<IEnumerable<CheckFact>> ChannelsAsync(bool hasDatabase, CancellationToken token) =>
    [
        await ChannelAsync(OutboxChannels.Mail, "Alarm:Email, Mail:Host, Mail:From", texts => texts[
            settings.Mail.Folder is not null ? "Check.MailLaidDown" : settings.Mail.Password is null ? "Check.MailSent" : "Check.MailSentSignedIn"], hasDatabase, token).ConfigureAwait(false),
        await ChannelAsync(OutboxChannels.Webhook, "Alarm:Webhook", texts => texts["Check.WebhookPosted"], hasDatabase, token).ConfigureAwait(false),
    ];

    private async Task<CheckFact> ChannelAsync(string channel, string setting, Func<Texts, string> way, bool hasDatabase, CancellationToken token)
    {
        if (!alarm.Channels.Contains(channel))
            return new(channel, CheckState.Off, texts => texts["Check.ChannelOff." + channel], setting);
        if (!hasDatabase)
            return new(channel, CheckState.Set, way, setting);
        var outbox = services.GetRequiredService<OutboxStore>();
        var (sent, failed) = (await outbox.FindNewestAsync("done", channel, token).ConfigureAwait(false), await outbox.FindNewestAsync("failed", channel, token).ConfigureAwait(false));
        var waiting = await outbox.FindNewestAsync("pending", channel, token).ConfigureAwait(false);
        var broken = new[] { failed, waiting }.OfType<OutboxMessage>().Where(one => one.FailureReason is not null && !(one.RecordedAt < sent?.RecordedAt)).MaxBy(one => one.RecordedAt);
        return broken is not null
            ? new(channel, CheckState.Warn, texts => $"{way(texts)} {texts["Check.ChannelFailed", texts.WithField(broken.FailureReason!)]}", setting, sent?.EndedAt)
            : new(channel, sent is null ? CheckState.Set : CheckState.Ok, texts => sent is null ? $"{way(texts)} {texts["Check.ChannelUntried"]}" : way(texts), setting, sent?.EndedAt);
    }

    private async Task<CheckFact> ConsoleAsync(CancellationToken token)
    {
        const string setting = "Console:BaseUrl, Console:AccessToken, Console:UserId, Console:Flavour, Console:QuotaPerToken, Console:RequestsPerMinute";
        if (!settings.Console.IsOn)
            return new("console", CheckState.Off, texts => texts["Check.Console"], setting);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(ConsolePatience);
        try
        {
            var (status, flavour) = await services.GetRequiredService<ConsoleClient>().LookAsync(patience.Token).ConfigureAwait(false);
            string Is(Texts texts) => texts["Check.ConsoleConnected", NameOf(flavour), Said(status.Version), Exact(status.QuotaPerUnit), Exact(settings.Console.QuotaPerToken), settings.Console.RequestsPerMinute];
            return settings.Console.Flavour is { } set && set != flavour
                ? new("console", CheckState.Warn, texts => $"{Is(texts)} {texts["Check.ConsoleFlavourDiffers", NameOf(flavour)]}", setting)
                : new("console", CheckState.Ok, Is, setting);
        }
        catch (Exception failure) when (!token.IsCancellationRequested)
        {
            var trouble = failure is OperationCanceledException ? new Refusal("ConsoleSilent", "") : Trouble.Of(failure);
            return new("console", CheckState.Warn, texts => texts.WithField(trouble), setting);
        }
    }

    private async Task<CheckFact> ConsoleDatabaseAsync(CancellationToken token)
    {
        const string setting = "Console:Database, Console:ConnectionString";
        var console = services.GetRequiredService<ConsoleDatabase>();
        if (!console.IsOn)
            return new("console_database", CheckState.Off, texts => texts["Check.ConsoleDatabaseOff"], setting);
        try
        {
            var columns = await console.ColumnsAsync(token).ConfigureAwait(false);
            return new("console_database", CheckState.Ok, texts => texts[columns.UsedBy ? "Check.ConsoleDatabaseWho" : "Check.ConsoleDatabaseNobody", console.Engine], setting);
        }
        catch (Exception failure) when (!token.IsCancellationRequested)
        {
            return new("console_database", CheckState.Warn, texts => texts.WithField(Trouble.Of(failure)), setting);
        }
    }

    private async Task<CheckFact> UsagePullAsync(bool hasDatabase, CancellationToken token)
    {
        const string setting = "Console:Usage, Console:SourceName, Console:UsageFrom";
        if (settings.Console.UsageBy is not { } way)
            return new("usage_pull", CheckState.Off, texts => texts["Check.UsagePullOff"], setting);
        string By(Texts texts) => texts[way == UsageWay.Database ? "Check.UsagePullDatabase" : "Check.UsagePullApi"];
        var row = hasDatabase ? await services.GetRequiredService<UsagePullStore>().FindAsync(UsagePullJob.Console, token).ConfigureAwait(false) : null;
        if (row?.FailureReason is { } reason)
            return new("usage_pull", CheckState.Warn, texts => $"{By(texts)} {texts["Check.UsagePullFailed", texts.WithField(reason)]}", setting, row.DoneAt);
        if (row?.DoneAt is not { } doneAt)
            return new("usage_pull", CheckState.Set, texts => $"{By(texts)} {texts["Check.UsagePullNever"]}", setting);
        return new("usage_pull", Now - doneAt > OldPull ? CheckState.Warn : CheckState.Ok, By, setting, doneAt);
    }

    private static string NameOf(ConsoleFlavour flavour) => flavour == ConsoleFlavour.OneApi ? "One API" : "New API";

    private static string Exact(decimal? number) => number is null ? "—" : number.Value.ToString("#,0.#########", CultureInfo.InvariantCulture);

    // Somebody else's word: no longer than one.
    private static string Said(string word) => word.Length == 0 ? "—" : word.Length > 40 ? word[..40] + "…" : word;

    private CheckFact Workers() => settings.Hangfire.Server
        ? new("workers", CheckState.Ok, texts => texts["Check.Workers", settings.Hangfire.Workers, settings.Hangfire.Storage], "Hangfire:Server, Hangfire:Workers, Hangfire:Storage")
        : new("workers", CheckState.Off, texts => texts["Check.WorkersOff"], "Hangfire:Server");

    private async Task<List<CheckFact>> NightsAsync(CancellationToken token)
    {
        var runs = services.GetRequiredService<JobRunQueries>();
        var facts = new List<CheckFact>();
        foreach (var night in services.GetServices<Night>())
        {
            var newest = await runs.FindNewestAsync(night.Name, token).ConfigureAwait(false);
            var done = await runs.FindNewestDoneAsync(night.Name, token).ConfigureAwait(false);
            facts.Add(Of(night, newest, done?.EndedAt));
        }
        return facts;
    }

    private CheckFact Of(Night night, JobRunRow? newest, DateTime? lastAt)
    {
        var at = night.At.ToString("HH:mm", CultureInfo.InvariantCulture);
        if (!night.IsOn)
            return new(night.Name, CheckState.Off, texts => texts["Check.NightOff", at], SettingOf(night), lastAt);
        return newest is { Status: "failed", FailureReason: { } reason }
            ? new(night.Name, CheckState.Warn, texts => texts["Check.NightFailed", at, newest.Argument, texts.WithField(reason)], SettingOf(night), lastAt, NextOf(night))
            : new(night.Name, CheckState.Ok, texts => texts[newest is null ? "Check.NightNever" : "Check.Night", at], SettingOf(night), lastAt, NextOf(night));
    }

    private DateTime? NextOf(Night night)
    {
        var next = night.LastDue(settings.Business.ToLocal(Now)).AddDays(1);
        return settings.Business.InstantOf(next.ToDateTime(night.At)) ?? settings.Business.InstantOf(next.ToDateTime(night.At).AddHours(1));
    }

    private static string SettingOf(Night night) => night.Name switch
    {
        Reconciliation.ReconciliationNight.JobName => "Schedule:NightlyReconciliation",
        Backups.BackupNight.JobName => "Schedule:NightlyBackup, Backup:Keep",
        Audit.AuditNight.JobName => "Schedule:NightlyAuditCheck",
        Codes.RedemptionNight.JobName => "Schedule:NightlyRedemptions",
        Settlement.SettlementNight.JobName => "Schedule:NightlySettlements",
        UsageProofNight.JobName => "Schedule:NightlyUsageProof",
        HousekeepingNight.JobName => "Schedule:Housekeeping, Housekeeping:UploadDays, Housekeeping:HistoryDays",
        _ => "Schedule:MorningReport, Alarm:Email, Alarm:Webhook",
    };

    private CheckFact SecondPerson() => settings.AcceptAbove is null && !Office.IsDevelopment
        ? new("second_person", CheckState.Warn, texts => texts["Check.SecondPersonUnset"], "Approvals:AcceptAbove")
        : new("second_person", CheckState.Ok, texts => settings.AcceptAbove is not { AreOn: true } ? texts["Check.SecondPersonOff"] : texts["Check.SecondPerson", settings.AcceptAbove], "Approvals:AcceptAbove");

    private CheckFact CodesBySecondPerson()
    {
        const string names = "Approvals:CodesAbove, Approvals:TokensAbove";
        var (codes, tokens) = (settings.Codes.CodesAbove, settings.Codes.TokensAbove);
        if ((codes is null || tokens is null) && !Office.IsDevelopment)
            return new("second_person_codes", CheckState.Warn, texts => texts["Check.CodesBySecondPersonUnset"], names);
        return new("second_person_codes", CheckState.Ok, texts => texts["Check.CodesBySecondPerson", Limit(texts, codes?.Most), Limit(texts, tokens?.Most)], names);

        static string Limit(Texts texts, long? most) => most is { } number ? Number(number, "#,0") : texts["Check.NoLimit"];
    }

    private CheckFact Limits() => new(
        "limits", CheckState.Ok, texts => texts["Check.Limits", settings.GraceMinutes, settings.ToleranceMinor], "Reconciliation:GraceMinutes, Reconciliation:ToleranceMinor");

    private CheckFact Measured() => settings.Metrics.Port == 0
        ? new("metrics", CheckState.Off, texts => texts["Check.MetricsOff", Number(settings.SlowSql.TotalMilliseconds, "0")], "Metrics:Port, Database:SlowSqlMilliseconds")
        : new("metrics", CheckState.Set, texts => texts["Check.Metrics", settings.Metrics.Address, Number(settings.Metrics.Port, "0"), Number(settings.SlowSql.TotalMilliseconds, "0")], "Metrics:Port, Metrics:Address, Database:SlowSqlMilliseconds");

    private static CheckFact Guarded(string check, string setting, Func<CheckFact> look)
    {
        try
        {
            return look();
        }
        catch (Exception failure)
        {
            return Failed(check, failure, setting);
        }
    }

    private static CheckFact Failed(string check, Exception failure, string setting) => new(check, CheckState.Fail, texts => texts.WithField(Trouble.Of(failure)), setting);

    private DateTime Now => database.Clock.UtcNow();

    private static bool IsIn(string path, string folder) => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Whether readers wait for writers (two-engines 5).</summary>
    public static readonly Sql ReadSnapshotSetting = new("SELECT is_read_committed_snapshot_on FROM sys.databases WHERE database_id = DB_ID()");
}

/// <summary>What a fact comes to.</summary>
public enum CheckState
{
    /// <summary>It is there and works.</summary>
    Ok,

    /// <summary>It is set up; whether it works has not been seen yet.</summary>
    Set,

    /// <summary>It is not set up, and what needs it is off.</summary>
    Off,

    /// <summary>It works, or the program does, but somebody should look.</summary>
    Warn,

    /// <summary>The program cannot work.</summary>
    Fail,
}

/// <param name="Check">What was looked at; its name is the text <c>Check.Name.{Check}</c> or, for a night, <c>Job.{Check}</c>.</param>
/// <param name="State">What it comes to.</param>
/// <param name="Says">The sentence.</param>
/// <param name="Setting">Which settings change it; null when none does.</param>
/// <param name="LastAt">When it last went well, UTC.</param>
/// <param name="NextAt">When it is due again, UTC.</param>
public sealed record CheckFact(string Check, CheckState State, Func<Texts, string> Says, string? Setting, DateTime? LastAt = null, DateTime? NextAt = null)
{
    public IReadOnlyList<string> Settings => Setting?.Split(", ") ?? [];

    /// <summary>Whether it is work that is done once a day.</summary>
    public bool IsNight => Setting?.StartsWith("Schedule:", StringComparison.Ordinal) == true;

    public string Name(Texts texts) => texts.Find("Job." + Check) ?? texts["Check.Name." + Check];
}
