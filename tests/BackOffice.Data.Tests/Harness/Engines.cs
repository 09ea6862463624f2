using BackOffice.Data.Migrations;
using Microsoft.Data.Sqlite;

[assembly: AssemblyFixture(typeof(BackOffice.Data.Tests.Engines))]

namespace BackOffice.Data.Tests;

/// <summary>What the tests of a run share: a folder, one migrated SQLite file to be copied, one migrated database on a SQL Server when there is one.</summary>
public sealed class Engines : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("backoffice-tests-");
    private readonly Lazy<Task<string>> _migratedFile;
    private readonly Lazy<Task<SqlServerHome>> _server = new(SqlServerHome.FindAsync);
    private readonly Lazy<Task<string>> _shared;
    private int _files;

    public Engines()
    {
        _migratedFile = new(MigrateFileAsync);
        _shared = new(MigrateSharedAsync);
    }

    public static async Task<Engines> CurrentAsync() =>
        await TestContext.Current.GetFixture<Engines>() ?? throw new InvalidOperationException("Only a test may ask for a database.");

    /// <summary>A path in the run's folder at which nothing is yet.</summary>
    public string NewPath() => Path.Combine(_folder.FullName, $"{Interlocked.Increment(ref _files)}.db");

    /// <summary>The connection string of a migrated database: a copy of one's own on SQLite, the run's on SQL Server.</summary>
    public async Task<string> MigratedAsync(DatabaseProvider engine)
    {
        if (engine == DatabaseProvider.SqlServer)
            return await _shared.Value;
        var file = NewPath();
        File.Copy(await _migratedFile.Value, file);
        return $"Data Source={file}";
    }

    /// <summary>The server; the test is skipped when there is none.</summary>
    public async Task<SqlServerHome> ServerAsync()
    {
        var server = await _server.Value;
        server.SkipUnlessThere();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully)
            await (await _server.Value).DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    private async Task<string> MigrateFileAsync()
    {
        var file = NewPath();
        await new Migrator(new DatabaseSettings(DatabaseProvider.Sqlite, $"Data Source={file}"), _ => { }).MigrateAsync();
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE);"; // everything into the one file that is copied
        await command.ExecuteNonQueryAsync();
        return file;
    }

    private async Task<string> MigrateSharedAsync()
    {
        var connectionString = await (await ServerAsync()).CreateDatabaseAsync();
        await new Migrator(new DatabaseSettings(DatabaseProvider.SqlServer, connectionString), _ => { }).MigrateAsync();
        return connectionString;
    }
}
