using System.Data.Common;
using BackOffice.Jobs.Integrations.OneApi;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace BackOffice.Web.Tests.Integrations;

/// <summary>Which console made the table.</summary>
public enum ConsoleMake
{
    OneApi,
    NewApi2025,
    NewApi,
}

/// <summary>The table of redemption codes as each console's own migrations make it (one-api.md 8), in a database of its own.</summary>
internal sealed class ConsoleTables(ConsoleEngine engine, string connectionString, string? folder) : IAsyncDisposable
{
    private const string Sqlite = """
        CREATE TABLE `redemptions` (`id` integer PRIMARY KEY AUTOINCREMENT,`user_id` integer,`key` char(32),`status` integer DEFAULT 1,`name` text,`quota` bigint DEFAULT 100,`created_time` bigint,`redeemed_time` bigint{0});
        CREATE UNIQUE INDEX `idx_redemptions_key` ON `redemptions`(`key`);
        CREATE INDEX `idx_redemptions_name` ON `redemptions`(`name`);
        """;

    private const string PostgreSql = """
        CREATE TABLE "redemptions" ("id" bigserial,"user_id" bigint,"key" char(32),"status" bigint DEFAULT 1,"name" text,"quota" bigint DEFAULT 100,"created_time" bigint,"redeemed_time" bigint{0},PRIMARY KEY ("id"));
        CREATE UNIQUE INDEX "idx_redemptions_key" ON "redemptions" ("key");
        CREATE INDEX "idx_redemptions_name" ON "redemptions" ("name");
        """;

    /// <summary>A console's user who owns what we write.</summary>
    public const int UserId = 7;

    public ConsoleDatabase Database => Through(connectionString);

    public string ConnectionString => connectionString;

    public static async Task<ConsoleTables> MakeAsync(ConsoleEngine engine, ConsoleMake make, PostgresServer postgres)
    {
        var folder = engine == ConsoleEngine.Sqlite ? Directory.CreateTempSubdirectory("backoffice-console-").FullName : null;
        var tables = new ConsoleTables(engine, folder is null ? await postgres.DatabaseAsync() : $"Data Source={Path.Combine(folder, "one-api.db")};Pooling=false", folder);
        var more = make switch
        {
            ConsoleMake.OneApi => "",
            ConsoleMake.NewApi2025 => $",used_user_id bigint,deleted_at {(engine == ConsoleEngine.Sqlite ? "datetime" : "timestamptz")}",
            _ => $",used_user_id bigint,deleted_at {(engine == ConsoleEngine.Sqlite ? "datetime" : "timestamptz")},expired_time bigint",
        };
        await tables.ExecuteAsync((engine == ConsoleEngine.Sqlite ? Sqlite : PostgreSql).Replace("{0}", more, StringComparison.Ordinal));
        return tables;
    }

    /// <summary>The direct way by another account.</summary>
    public ConsoleDatabase Through(string connection) => new(new ConsoleSettings(null, null, UserId, null, 1, 50, new ConsoleDatabaseSettings(engine, connection)));

    public async Task ExecuteAsync(string script)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = script;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Each row of the answer, its values side by side.</summary>
    public async Task<List<string>> RowsAsync(string query)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = query;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => FormattableString.Invariant($"{reader.GetValue(column)}")).Select(Unfilled)));
        return rows;
    }

    // PostgreSQL fills a char(32) up.
    private static string Unfilled(string value) => value.Length == 32 ? value.TrimEnd(' ') : value;

    public ValueTask DisposeAsync()
    {
        if (folder is not null)
            Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<DbConnection> OpenAsync()
    {
        DbConnection connection = engine == ConsoleEngine.Sqlite ? new SqliteConnection(connectionString) : new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        return connection;
    }
}
