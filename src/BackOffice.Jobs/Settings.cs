using System.Globalization;
using BackOffice.Data.Migrations;
using BackOffice.Domain;
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

    public required HangfireSettings Hangfire { get; init; }

    /// <summary>Names in the same sections that mean nothing here: most likely slips.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    public string UploadsDirectory => Path.Combine(DataDirectory, "uploads");

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

/// <summary>A setting cannot be used; the message names it and says what would be right, and never quotes a value that may be secret.</summary>
public sealed class SettingException(string name, string trouble) : Exception($"Setting {name}: {trouble}");

internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly HashSet<string> _read = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> Unread() =>
        [.. _read.Select(name => name.Split(':')[0]).Distinct().SelectMany(section => configuration.GetSection(section).GetChildren()).Select(child => child.Path).Where(path => !_read.Contains(path))];

    public string Text(string name, string otherwise) => Value(name)?.Trim() is { Length: > 0 } value ? value : otherwise;

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
