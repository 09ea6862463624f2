using System.Globalization;
using System.Net;
using BackOffice.Data.Migrations;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Jobs.Metrics;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;

namespace BackOffice.Jobs;

/// <summary>What can be set (DESIGN 7), read once at the start. A wrong setting stops the start with one sentence that names it.</summary>
public sealed record Settings
{
    public required DatabaseSettings Database { get; init; }

    /// <summary>Where the program keeps its files, absolute.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Folder of the key ring, absolute.</summary>
    public required string KeyRing { get; init; }

    /// <summary>Folder of finished reports, absolute.</summary>
    public required string ReportsDirectory { get; init; }

    public required BusinessTime Business { get; init; }

    public required string CreemMode { get; init; }

    public required int GraceMinutes { get; init; }

    public required long ToleranceMinor { get; init; }

    /// <summary>When the nightly reconciliation starts, on the shop's clock.</summary>
    public required TimeOnly NightlyAt { get; init; }

    public required BackupSettings Backup { get; init; }

    /// <summary>When the audit trail is walked, on the shop's clock.</summary>
    public required TimeOnly AuditCheckAt { get; init; }

    /// <summary>When the console is asked which codes were redeemed, on the shop's clock; hourly as well where its database can be read.</summary>
    public required TimeOnly RedemptionsAt { get; init; }

    /// <summary>When settlements of the running and the last month are computed, on the shop's clock.</summary>
    public required TimeOnly SettlementsAt { get; init; }

    /// <summary>When the sums of usage are proved, on the shop's clock.</summary>
    public required TimeOnly UsageProofAt { get; init; }

    /// <summary>When what is of no use any more is thrown away, on the shop's clock.</summary>
    public required TimeOnly HousekeepingAt { get; init; }

    /// <summary>Days an uploaded file waits for an answer.</summary>
    public required int UploadDays { get; init; }

    /// <summary>Days that rows about nights and messages are kept.</summary>
    public required int HistoryDays { get; init; }

    /// <summary>When a person is told how the night went, on the shop's clock.</summary>
    public required TimeOnly MorningReportAt { get; init; }

    /// <summary>Above which amounts a finding is accepted by two people; null when it is not set, which counts as off.</summary>
    public required ApprovalLimits? AcceptAbove { get; init; }

    /// <summary>Above how many codes, and tokens, an act on codes takes two people; null where it is not set, which counts as off.</summary>
    public required CodeLimitSettings Codes { get; init; }

    /// <summary>Stock that lasts less days than this counts as low.</summary>
    public int LowStockDays { get; init; } = 7;

    public required AlarmSettings Alarm { get; init; }

    public required MailSettings Mail { get; init; }

    public required ConsoleSettings Console { get; init; }

    public required HangfireSettings Hangfire { get; init; }

    public required MetricsSettings Metrics { get; init; }

    /// <summary>A statement that takes as long is told in the log by its name.</summary>
    public required TimeSpan SlowSql { get; init; }

    /// <summary>Names in the same sections that mean nothing here: most likely slips.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    public string UploadsDirectory => Path.Combine(DataDirectory, "uploads");

    private const string AcceptAboveName = "Approvals:AcceptAbove";
    private const string CodesAboveName = "Approvals:CodesAbove";
    private const string TokensAboveName = "Approvals:TokensAbove";

    /// <summary>Outside Development, whoever runs the shop says above which amounts two people are needed, be it that none are (DESIGN 6).</summary>
    /// <exception cref="SettingException">A limit is not set.</exception>
    public void RequireLimits()
    {
        if (AcceptAbove is null)
            throw new SettingException(AcceptAboveName, $"it is not set. Write above which amounts two people accept a difference, in minor units, like '{SettingsReader.LimitsExample}', or {ApprovalLimits.OffWord}.");
        if (Codes.CodesAbove is null)
            throw new SettingException(CodesAboveName, $"it is not set. Write above how many codes of a day two people issue, void or export them, like 100000, or {ApprovalLimits.OffWord}.");
        if (Codes.TokensAbove is null)
            throw new SettingException(TokensAboveName, $"it is not set. Write above how many tokens of a day two people issue, void or export codes, like 1000000000000, or {ApprovalLimits.OffWord}.");
    }

    public static Settings From(IConfiguration configuration)
    {
        var read = new SettingsReader(configuration);
        var dataDirectory = Absolute(read.Text("Data:Directory", "data"));
        var provider = read.OneOf<DatabaseProvider>("Database:Provider", DatabaseProvider.Sqlite);
        var settings = new Settings
        {
            Database = new DatabaseSettings(provider, ConnectionString(read, provider, dataDirectory)),
            DataDirectory = dataDirectory,
            KeyRing = provider == DatabaseProvider.Sqlite ? Absolute(read.Text("Vault:KeyRing", Path.Combine(dataDirectory, "keys"))) : Absolute(read.Required("Vault:KeyRing")),
            ReportsDirectory = Absolute(read.Text("Reports:Directory", Path.Combine(dataDirectory, "reports"))),
            Business = new BusinessTime(read.Zone("Business:TimeZone", "Asia/Shanghai")),
            CreemMode = read.Text("Creem:Mode", "prod"),
            GraceMinutes = read.Number("Reconciliation:GraceMinutes", 30, 0, 100_000),
            ToleranceMinor = read.Number("Reconciliation:ToleranceMinor", 0, 0, 1_000_000),
            NightlyAt = read.Time("Schedule:NightlyReconciliation", new TimeOnly(2, 30)),
            Backup = Backups(read, dataDirectory),
            AuditCheckAt = read.Time("Schedule:NightlyAuditCheck", new TimeOnly(4, 30)),
            RedemptionsAt = read.Time("Schedule:NightlyRedemptions", new TimeOnly(1, 30)),
            SettlementsAt = read.Time("Schedule:NightlySettlements", new TimeOnly(3, 30)),
            UsageProofAt = read.Time("Schedule:NightlyUsageProof", new TimeOnly(4, 0)),
            HousekeepingAt = read.Time("Schedule:Housekeeping", new TimeOnly(4, 30)),
            UploadDays = read.Number("Housekeeping:UploadDays", 14, 1, 3650),
            HistoryDays = read.Number("Housekeeping:HistoryDays", 400, 31, 36_500),
            MorningReportAt = read.Time("Schedule:MorningReport", new TimeOnly(7, 0)),
            AcceptAbove = read.Limits(AcceptAboveName),
            Codes = new CodeLimitSettings(read.CodeLimit(CodesAboveName), read.CodeLimit(TokensAboveName)),
            LowStockDays = read.Number("Codes:LowStockDays", 7, 1, 365),
            Alarm = new AlarmSettings(read.Email("Alarm:Email"), read.SecretAddress("Alarm:Webhook")),
            Mail = MailSettings.Read(read, Absolute),
            Console = ConsoleSettings.Read(read, Absolute),
            Metrics = new MetricsSettings(read.Loopback("Metrics:Address"), read.Number("Metrics:Port", 0, 0, 65535)),
            SlowSql = TimeSpan.FromMilliseconds(read.Number("Database:SlowSqlMilliseconds", 500, 1, 3_600_000)),
            Hangfire = new HangfireSettings(
                Storage(read, provider),
                read.Flag("Hangfire:Server", true),
                read.Number("Hangfire:Workers", 2, 1, 64)),
        };
        return settings with { Unread = read.Unread() };
    }

    // Both hosts, started from their source folders or from anywhere else in the checkout, mean the same data folder; an installed program means its working directory.
    private static string Absolute(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "BackOffice.sln")))
                return Path.GetFullPath(path, folder.FullName);
        }
        return Path.GetFullPath(path);
    }

    private static string ConnectionString(SettingsReader read, DatabaseProvider provider, string dataDirectory)
    {
        if (provider == DatabaseProvider.SqlServer)
            return SqlServerConnectionString(read.Required("ConnectionStrings:BackOffice"));
        var text = read.Text("ConnectionStrings:BackOffice", "");
        if (text.Length == 0)
            return new SqliteConnectionStringBuilder { DataSource = Path.Combine(dataDirectory, "backoffice.db") }.ConnectionString;
        try
        {
            var builder = new SqliteConnectionStringBuilder(text);
            builder.DataSource = Absolute(builder.DataSource);
            return builder.ConnectionString;
        }
        catch (ArgumentException)
        {
            throw new SettingException("ConnectionStrings:BackOffice", "it is not a connection string of SQLite. Write 'Data Source=path/to/backoffice.db', or set Database:Provider to SqlServer.");
        }
    }

    private static string SqlServerConnectionString(string text)
    {
        try
        {
            return new SqlConnectionStringBuilder(text).ConnectionString;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new SettingException("ConnectionStrings:BackOffice", "it is not a connection string of SQL Server. Write it like 'Server=...;Database=...', or set Database:Provider to Sqlite.");
        }
    }

    private static BackupSettings Backups(SettingsReader read, string dataDirectory)
    {
        var folder = Absolute(read.Text("Backup:Directory", Path.Combine(dataDirectory, "backups")));
        return new BackupSettings(
            folder,
            Absolute(read.Text("Backup:KeysDirectory", folder)),
            read.Number("Backup:Keep", 7, 0, 1000),
            read.Time("Schedule:NightlyBackup", new TimeOnly(4, 30)));
    }

    private static HangfireStorage Storage(SettingsReader read, DatabaseProvider provider)
    {
        var storage = read.OneOf("Hangfire:Storage", provider == DatabaseProvider.Sqlite ? HangfireStorage.InMemory : HangfireStorage.SqlServer);
        return storage == HangfireStorage.SqlServer && provider == DatabaseProvider.Sqlite
            ? throw new SettingException("Hangfire:Storage", "SqlServer needs Database:Provider SqlServer. Write InMemory, or leave it out.")
            : storage;
    }
}

public enum HangfireStorage
{
    InMemory,
    SqlServer,
}

/// <param name="Storage">Where Hangfire keeps what it is about to do. Losing it loses nothing: the rows are the queue.</param>
/// <param name="Server">Whether this process works.</param>
/// <param name="Workers">How many jobs at once.</param>
public sealed record HangfireSettings(HangfireStorage Storage, bool Server, int Workers);

/// <param name="Directory">Folder of the nightly copies, absolute.</param>
/// <param name="KeysDirectory">Folder of the key ring's copies, absolute: best on another disk.</param>
/// <param name="Keep">How many copies stay; 0 means no nightly backup.</param>
/// <param name="At">When the nightly backup starts, on the shop's clock.</param>
public sealed record BackupSettings(string Directory, string KeysDirectory, int Keep, TimeOnly At);

/// <param name="CodesAbove">As it was set: a limit, or off; null when it is not set.</param>
/// <param name="TokensAbove">As it was set: a limit, or off; null when it is not set.</param>
public sealed record CodeLimitSettings(CodeLimitSetting? CodesAbove, CodeLimitSetting? TokensAbove)
{
    /// <summary>What is not set counts as off.</summary>
    public CodeLimits Limits { get; } = new(CodesAbove?.Most, TokensAbove?.Most);
}

/// <param name="Most">Above it a second person is needed; null for off.</param>
public sealed record CodeLimitSetting(long? Most);

/// <param name="Email">Who is told when something failed; null when nobody is by mail.</param>
/// <param name="Webhook">Where to post it as well; a secret. Null when nowhere.</param>
public sealed record AlarmSettings(string? Email, Uri? Webhook)
{
    /// <summary>Not the address: who logs the settings must not log it.</summary>
    public override string ToString() => $"{Email ?? "no mail"}, {(Webhook is null ? "no webhook" : "a webhook")}";
}

public enum MailSecurity
{
    StartTls,
    Tls,
    None,
}

/// <param name="Host">Name of the SMTP server; null when there is none.</param>
/// <param name="Port">Its port.</param>
/// <param name="Security">How the connection is protected.</param>
/// <param name="User">Name to sign in with; null when the server asks for none.</param>
/// <param name="Password">A secret.</param>
/// <param name="From">Sender of what is sent.</param>
/// <param name="Folder">Absolute; mails are laid there instead of being sent. Null to send them.</param>
public sealed record MailSettings(string? Host, int Port, MailSecurity Security, string? User, string? Password, string From, string? Folder)
{
    public bool IsOn => Host is not null || Folder is not null;

    internal static MailSettings Read(SettingsReader read, Func<string, string> absolute)
    {
        var host = read.Optional("Mail:Host");
        var security = read.OneOf("Mail:Security", MailSecurity.StartTls);
        var mail = new MailSettings(
            host,
            read.Number("Mail:Port", security == MailSecurity.Tls ? 465 : 587, 1, 65535),
            security,
            read.Optional("Mail:User"),
            read.Optional("Mail:Password"),
            read.Email("Mail:From") ?? "",
            read.Optional("Mail:Folder") is { } folder ? absolute(folder) : null);
        return mail.IsOn && mail.From.Length == 0 ? throw new SettingException("Mail:From", "it is not set. Give the address that mails come from, or leave Mail:Host and Mail:Folder out.") : mail;
    }

    /// <summary>Not the password.</summary>
    public override string ToString() => $"{Host ?? Folder ?? "no mail"}";
}

/// <summary>A setting cannot be used; the message names it and says what would be right, and never quotes a value that may be secret.</summary>
public sealed class SettingException(string name, string trouble) : Exception($"Setting {name}: {trouble}");

internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly HashSet<string> _read = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> Unread() =>
        [.. _read.Select(name => name.Split(':')[0]).Distinct().SelectMany(section => configuration.GetSection(section).GetChildren()).Select(child => child.Path).Where(path => !_read.Contains(path))];

    public string Text(string name, string otherwise) => Value(name)?.Trim() is { Length: > 0 } value ? value : otherwise;

    public string? Optional(string name) => Text(name, "") is { Length: > 0 } value ? value : null;

    public string? Email(string name)
    {
        if (Optional(name) is not { } value)
            return null;
        return EmailAddress.IsOne(EmailAddress.Canonical(value)) ? EmailAddress.Canonical(value) : throw new SettingException(name, $"'{value}' is no e-mail address. Write it like oncall@example.com.");
    }

    // The value may be a secret and is not quoted.
    public Uri? SecretAddress(string name, string trouble = "it is no address that can be posted to. Write one that begins with https://.")
    {
        if (Optional(name) is not { } value)
            return null;
        return Uri.TryCreate(value, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? address
            : throw new SettingException(name, trouble);
    }

    // Ends in a slash, so that what follows is added to it. What was written may hold a password and is not quoted.
    public Uri? BaseAddress(string name)
    {
        if (SecretAddress(name, "it is no address of a console. Write one that begins with https://, or with http:// on this machine.") is not { } address)
            return null;
        return address is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 }
            ? new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/")
            : throw new SettingException(name, "it says more than where the console is. Write the address alone, without name, password or question mark.");
    }

    /// <summary>One of some words, the first being meant where nothing is written.</summary>
    public string Word(string name, string otherwise, params string[] others)
    {
        if (Optional(name) is not { } value)
            return otherwise;
        string[] words = [.. otherwise.Length == 0 ? [] : new[] { otherwise }, .. others];
        return Array.Find(words, word => string.Equals(word, value, StringComparison.OrdinalIgnoreCase))
            ?? throw new SettingException(name, $"'{value}' is not known. Write {string.Join(" or ", words)}.");
    }

    public decimal Fraction(string name, decimal otherwise, int most, int decimals)
    {
        if (Optional(name) is not { } value)
            return otherwise;
        return decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most && number.Scale <= decimals
            ? number
            : throw new SettingException(name, $"'{value}' cannot be used. Write a number above 0 and up to {most}, with a point and at most {decimals} decimals, like 0.5.");
    }

    public const string LimitsExample = "CNY 10000; USD 1500";

    public ApprovalLimits? Limits(string name)
    {
        if (Optional(name) is not { } value)
            return null;
        return ApprovalLimits.Parse(value) ?? throw new SettingException(name, $"'{value}' cannot be used. Write a limit in minor units for each currency, like '{LimitsExample}', or {ApprovalLimits.OffWord}.");
    }

    public CodeLimitSetting? CodeLimit(string name)
    {
        if (Optional(name) is not { } value)
            return null;
        return CodeLimits.TryParse(value, out var most) ? new CodeLimitSetting(most) : throw new SettingException(name, $"'{value}' cannot be used. Write a whole number, or {ApprovalLimits.OffWord}.");
    }

    // This machine unless set otherwise.
    public IPAddress Loopback(string name) =>
        Optional(name) is not { } value ? IPAddress.Loopback
        : IPAddress.TryParse(value, out var address) ? address
        : throw new SettingException(name, $"'{value}' is no IP address. Write one like 127.0.0.1.");

    public string Required(string name) =>
        Value(name) is { Length: > 0 } value ? value : throw new SettingException(name, "it is not set. With SQL Server it must be.");

    public T OneOf<T>(string name, T otherwise) where T : struct, Enum
    {
        if (Value(name) is not { Length: > 0 } value)
            return otherwise;
        return Enum.TryParse<T>(value, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) && !char.IsDigit(value[0])
            ? parsed
            : throw new SettingException(name, $"'{value}' is not known. Write {string.Join(" or ", Enum.GetNames<T>())}.");
    }

    public int Number(string name, int otherwise, int least, int most)
    {
        if (Value(name) is not { Length: > 0 } value)
            return otherwise;
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new SettingException(name, $"'{value}' cannot be used. Write a whole number from {least} to {most}.");
    }

    public bool Flag(string name, bool otherwise)
    {
        if (Value(name) is not { Length: > 0 } value)
            return otherwise;
        return bool.TryParse(value, out var flag) ? flag : throw new SettingException(name, $"'{value}' cannot be used. Write true or false.");
    }

    public TimeOnly Time(string name, TimeOnly otherwise)
    {
        if (Value(name) is not { Length: > 0 } value)
            return otherwise;
        return TimeOnly.TryParseExact(value, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : throw new SettingException(name, $"'{value}' is not a time of day. Write it like 02:30.");
    }

    public DateOnly? Day(string name)
    {
        if (Optional(name) is not { } value)
            return null;
        return DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2020 and <= 2100
            ? day
            : throw new SettingException(name, $"'{value}' is no day. Write one like 2026-09-01, not before 2020.");
    }

    public TimeZoneInfo Zone(string name, string otherwise)
    {
        var value = Text(name, otherwise);
        return TimeZoneInfo.TryFindSystemTimeZoneById(value, out var zone)
            ? zone
            : throw new SettingException(name, $"'{value}' is not a time zone of this machine. Write one like Asia/Shanghai.");
    }

    private string? Value(string name)
    {
        _read.Add(name);
        return configuration[name];
    }
}
