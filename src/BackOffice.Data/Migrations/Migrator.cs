using System.Data.Common;
using BackOffice.Data.Engine;
using EvolveDb;
using EvolveDb.Configuration;
using EvolveDb.Dialect;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace BackOffice.Data.Migrations;

/// <summary>
/// Brings a database to the version of the program: common scripts and those of the engine, one text for both where placeholders suffice (two-engines 1).
/// Safe when several processes start at once: an application lock on SQL Server, an exclusive lock file beside the database on SQLite.
/// </summary>
public sealed class Migrator(DatabaseSettings settings, Action<string> log)
{
    /// <summary>Names of the scripts that have been applied.</summary>
    public static readonly Sql AppliedScripts = new("SELECT name FROM SchemaVersions WHERE success = 1 AND type = 0");

    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "migrations");

    /// <summary>What stands for the words that the engines do not share.</summary>
    public static IReadOnlyDictionary<string, string> Placeholders(DatabaseProvider provider) => provider == DatabaseProvider.SqlServer
        ? new Dictionary<string, string>
        {
            ["${ordinal}"] = "COLLATE Latin1_General_100_BIN2",
            ["${text}"] = "nvarchar(max)",
            ["${blob}"] = "varbinary(max)",
            ["${mass}"] = "WITH (DATA_COMPRESSION = PAGE)",
            ["${n}"] = "N",
        }
        : new Dictionary<string, string>
        {
            ["${ordinal}"] = "COLLATE BINARY",
            ["${text}"] = "text",
            ["${blob}"] = "blob",
            ["${mass}"] = "WITHOUT ROWID",
            ["${n}"] = "",
        };

    /// <summary>The folders of an engine's scripts, absolute.</summary>
    public static IReadOnlyList<string> Folders(DatabaseProvider provider) =>
        [.. new[] { "common", provider == DatabaseProvider.SqlServer ? "sqlserver" : "sqlite" }.Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists)];

    /// <summary>Makes the database if it is SQLite and missing, applies what is missing, and refuses a database that is newer than the program.</summary>
    /// <exception cref="NewerDatabaseException">The database has scripts this program does not know.</exception>
    public async Task MigrateAsync(CancellationToken token = default)
    {
        await using var turn = await TakeTurnAsync(token).ConfigureAwait(false);
        await using var connection = await ConnectAsync(token).ConfigureAwait(false);
        await using var inUse = settings.Provider == DatabaseProvider.Sqlite ? ShopLock.Share(settings.SqliteFile) : null;
        await RefuseNewerAsync(token).ConfigureAwait(false);
        var evolve = new Evolve(connection, line => log(line), settings.Provider == DatabaseProvider.SqlServer ? DBMS.SQLServer : DBMS.SQLite)
        {
            Locations = Folders(settings.Provider),
            Placeholders = new Dictionary<string, string>(Placeholders(settings.Provider)),
            IsEraseDisabled = true,
            TransactionMode = TransactionKind.CommitEach,
            MetadataTableName = "SchemaVersions",
            CommandTimeout = 3600,
        };
        evolve.Migrate();
    }

    /// <summary>Whether the database is there and has every script of the program; it is refused when it is newer.</summary>
    /// <exception cref="NewerDatabaseException">The database has scripts this program does not know.</exception>
    public async Task<SchemaState> StateAsync(CancellationToken token = default)
    {
        if (settings.Provider == DatabaseProvider.Sqlite && !File.Exists(settings.SqliteFile))
            return SchemaState.Missing;
        var applied = await AppliedAsync(token).ConfigureAwait(false);
        if (applied.Count == 0)
            return SchemaState.Missing;
        var known = KnownScripts(settings.Provider);
        var unknown = applied.Where(name => !known.Contains(name)).ToList();
        if (unknown.Count > 0)
            throw new NewerDatabaseException(unknown[^1]);
        return applied.Count == known.Count ? SchemaState.Current : SchemaState.Older;
    }

    internal static HashSet<string> KnownScripts(DatabaseProvider provider) =>
        [.. Folders(provider).SelectMany(folder => Directory.EnumerateFiles(folder, "V*.sql")).Select(file => ScriptName(Path.GetFileNameWithoutExtension(file)))];

    // Evolve records "V0001__packages.sql" under its full name.
    private static string ScriptName(string file) => file + ".sql";

    private async Task RefuseNewerAsync(CancellationToken token) => await StateAsync(token).ConfigureAwait(false);

    private async Task<List<string>> AppliedAsync(CancellationToken token)
    {
        await using var database = new Database(settings.Dialect(), TimeProvider.System);
        await using var session = await database.OpenAsync(token).ConfigureAwait(false);
        try
        {
            return await session.ListAsync<string>(AppliedScripts, token: token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SqliteException { SqliteErrorCode: 1 } or SqlException { Number: 208 or 33557097 })
        {
            return []; // no such table: nothing has been applied yet
        }
    }

    private async Task<DbConnection> ConnectAsync(CancellationToken token)
    {
        DbConnection connection = settings.Provider == DatabaseProvider.SqlServer
            ? new SqlConnection(settings.ConnectionString)
            : new ScriptConnection(new SqliteConnectionStringBuilder(settings.ConnectionString) { Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false }.ConnectionString);
        await connection.OpenAsync(token).ConfigureAwait(false);
        if (settings.Provider == DatabaseProvider.Sqlite)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;";
            await command.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        }
        return connection;
    }

    // The lock file stays: deleting it on close would let a third process lock a file that a second one is still waiting for.
    private async Task<FileStream?> TakeTurnAsync(CancellationToken token)
    {
        if (settings.Provider != DatabaseProvider.Sqlite)
            return null;
        Directory.CreateDirectory(Path.GetDirectoryName(settings.SqliteFile)!);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(settings.SqliteFile + ".migrating", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < 600 && File.Exists(settings.SqliteFile + ".migrating"))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), token).ConfigureAwait(false);
            }
        }
    }
}

/// <summary>How a database stands to the program's scripts.</summary>
public enum SchemaState
{
    /// <summary>There is no database, or nothing was ever applied to it.</summary>
    Missing,

    /// <summary>Scripts are missing: run <c>migrate</c>.</summary>
    Older,

    /// <summary>Every script has been applied.</summary>
    Current,
}

/// <summary>The database has been migrated by a newer program: this one must not touch it.</summary>
public sealed class NewerDatabaseException(string script)
    : Exception($"The database is newer than this program: it has {script}, which this program does not know. Start the newer program, or restore an older backup.");
