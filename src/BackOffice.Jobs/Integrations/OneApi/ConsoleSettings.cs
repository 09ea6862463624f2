using BackOffice.Jobs.Imports;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace BackOffice.Jobs.Integrations.OneApi;

/// <summary>Which of the two consoles is spoken to: they share paths, and differ in paging and in what a code remembers.</summary>
public enum ConsoleFlavour
{
    OneApi,
    NewApi,
}

/// <summary>What a console keeps its tables in.</summary>
public enum ConsoleEngine
{
    Sqlite,
    PostgreSql,
    MySql,
}

/// <summary>By which way usage is read from the console.</summary>
public enum UsageWay
{
    /// <summary>By its database where that can be reached, else by its API.</summary>
    Auto,

    Api,

    Database,

    /// <summary>It comes as files.</summary>
    Off,
}

/// <param name="BaseUrl">Address of the console, ending in a slash; null when its API is not used.</param>
/// <param name="AccessToken">System access token of an administrator there; a secret.</param>
/// <param name="UserId">That administrator's number, who owns the codes that are written.</param>
/// <param name="Flavour">Null to find out by asking.</param>
/// <param name="QuotaPerToken">What one sold token is in the console's quota.</param>
/// <param name="RequestsPerMinute">How often this process asks at most.</param>
/// <param name="Database">Null when the console's database is not reached.</param>
public sealed record ConsoleSettings(
    Uri? BaseUrl, string? AccessToken, long? UserId, ConsoleFlavour? Flavour, decimal QuotaPerToken, int RequestsPerMinute, ConsoleDatabaseSettings? Database)
{
    private const string Section = "Console:";
    private const string UsageName = Section + "Usage";
    private const int FinestQuota = 9; // decimals

    /// <summary>Whether the console's API is used.</summary>
    public bool IsOn => BaseUrl is not null;

    /// <summary>By which way usage is to be read.</summary>
    public UsageWay Usage { get; init; }

    /// <summary>What the console's records are kept under; null for the flavour's own name.</summary>
    public string? SourceName { get; init; }

    /// <summary>From which day of the shop on usage is read; null for the month before the first time.</summary>
    public DateOnly? UsageFrom { get; init; }

    /// <summary>The way that is set up; null when usage is not read from the console.</summary>
    public UsageWay? UsageBy => Usage switch
    {
        UsageWay.Off => null,
        UsageWay.Auto => Database is not null ? UsageWay.Database : IsOn ? UsageWay.Api : null,
        var way => way,
    };

    /// <summary>Neither token nor address.</summary>
    public override string ToString() => $"{(IsOn ? "a console" : "no console")}, {(Database is null ? "no database of it" : Database)}";

    internal static ConsoleSettings Read(SettingsReader read, Func<string, string> absolute)
    {
        var (address, secret, user) = (read.BaseAddress(Section + "BaseUrl"), Token(read), read.Optional(Section + "UserId") is null ? null : (long?)read.Number(Section + "UserId", 0, 1, int.MaxValue));
        var database = ConsoleDatabaseSettings.Read(read, absolute);
        if (address is not null && secret is null)
            throw new SettingException(Section + "AccessToken", "it is not set. Give the system access token of an administrator of the console, or leave Console:BaseUrl out.");
        if (user is null && (address is not null || database is not null))
            throw new SettingException(Section + "UserId", "it is not set. Give the number of the console's user whom the access token belongs to, and who owns the codes.");
        var flavour = read.Word(Section + "Flavour", "auto", "one_api", "new_api") switch
        {
            "one_api" => ConsoleFlavour.OneApi,
            "new_api" => ConsoleFlavour.NewApi,
            _ => (ConsoleFlavour?)null,
        };
        var settings = new ConsoleSettings(
            address, secret, user, flavour, read.Fraction(Section + "QuotaPerToken", 1, 1_000_000, FinestQuota), read.Number(Section + "RequestsPerMinute", 50, 1, 10_000), database)
        {
            Usage = read.OneOf(UsageName, UsageWay.Auto),
            SourceName = NameOfSource(read),
            UsageFrom = read.Day(Section + "UsageFrom"),
        };
        return settings.Usage switch
        {
            UsageWay.Api when address is null => throw new SettingException(UsageName, "Api needs Console:BaseUrl. Set it, or leave Console:Usage out."),
            UsageWay.Database when database is null => throw new SettingException(UsageName, "Database needs Console:Database. Set it, or leave Console:Usage out."),
            _ => settings,
        };
    }

    private static string? NameOfSource(SettingsReader read)
    {
        const string name = Section + "SourceName";
        if (read.Optional(name) is not { } given)
            return null;
        return UsageOptions.IsName(given.ToLowerInvariant()) ? given.ToLowerInvariant()
            : throw new SettingException(name, "it is no name of a console. Write up to 40 letters, digits and signs, without spaces and slashes.");
    }

    // The value is a secret and is not quoted. What no header can carry would be quoted by whoever refuses it.
    private static string? Token(SettingsReader read)
    {
        var token = read.Optional(Section + "AccessToken");
        return token is null || token.All(sign => sign is > ' ' and < '\x7f')
            ? token
            : throw new SettingException(Section + "AccessToken", "it has signs that no token has. Write the token alone, without a word before it and without spaces.");
    }
}

/// <param name="Engine">What the console's database is.</param>
/// <param name="ConnectionString">How to reach it; a secret.</param>
public sealed record ConsoleDatabaseSettings(ConsoleEngine Engine, string ConnectionString)
{
    private const string EngineName = "Console:Database";
    private const string ConnectionName = "Console:ConnectionString";

    /// <summary>The same, for what must not change anything there; a secret.</summary>
    public string ReadOnlyConnectionString => Engine == ConsoleEngine.Sqlite
        ? new SqliteConnectionStringBuilder(ConnectionString) { Mode = SqliteOpenMode.ReadOnly }.ConnectionString
        : new NpgsqlConnectionStringBuilder(ConnectionString) { Options = "-c default_transaction_read_only=on" }.ConnectionString;

    /// <summary>Not how to reach it.</summary>
    public override string ToString() => $"a database of {Engine}";

    internal static ConsoleDatabaseSettings? Read(SettingsReader read, Func<string, string> absolute)
    {
        var (engine, connection) = (read.Word(EngineName, "", nameof(ConsoleEngine.Sqlite), nameof(ConsoleEngine.PostgreSql)), read.Optional(ConnectionName));
        if (engine.Length == 0)
            return connection is null ? null : throw new SettingException(EngineName, "it is not set. Write Sqlite or PostgreSql, or leave Console:ConnectionString out.");
        if (connection is null)
            throw new SettingException(ConnectionName, "it is not set. Say how to reach the console's database, or leave Console:Database out.");
        try
        {
            return engine == nameof(ConsoleEngine.Sqlite)
                ? new ConsoleDatabaseSettings(ConsoleEngine.Sqlite, Sqlite(connection, absolute))
                : new ConsoleDatabaseSettings(ConsoleEngine.PostgreSql, PostgreSql(connection));
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException)
        {
            throw new SettingException(ConnectionName, $"it is not a connection string of {engine}. Write it like '{(engine == nameof(ConsoleEngine.Sqlite) ? "Data Source=path/to/one-api.db" : "Host=...;Database=...;Username=...;Password=...")}'.");
        }
    }

    // A file that is not there is no console: it is never made. Nothing is kept open: the file may be put back from a copy at any time.
    private static string Sqlite(string text, Func<string, string> absolute)
    {
        var connection = new SqliteConnectionStringBuilder(text) { Pooling = false };
        if (connection.DataSource.Length == 0)
            throw new FormatException();
        connection.DataSource = absolute(connection.DataSource);
        if (connection.Mode == SqliteOpenMode.ReadWriteCreate)
            connection.Mode = SqliteOpenMode.ReadWrite;
        return connection.ConnectionString;
    }

    // An error's detail would quote keys.
    private static string PostgreSql(string text)
    {
        var connection = new NpgsqlConnectionStringBuilder(text) { IncludeErrorDetail = false };
        return string.IsNullOrEmpty(connection.Host) ? throw new FormatException() : connection.ConnectionString;
    }
}
