using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;

namespace BackOffice.Data.Tests;

/// <summary>
/// A database for one test. On SQLite it is the test's own; on SQL Server the tests of a run share one, so they use fresh ids and assert on their own rows.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly List<Database> _opened = [];
    private readonly TimeProvider _clock;

    private TestDatabase(DatabaseSettings settings, TimeProvider clock)
    {
        Settings = settings;
        _clock = clock;
        Database = Another();
    }

    public DatabaseSettings Settings { get; }

    public Database Database { get; }

    /// <summary>A migrated database of the engine; skips the test where there is no SQL Server.</summary>
    public static async Task<TestDatabase> OnAsync(DatabaseProvider engine, TimeProvider? clock = null)
    {
        var engines = await Engines.CurrentAsync();
        return new TestDatabase(new DatabaseSettings(engine, await engines.MigratedAsync(engine)), clock ?? TimeProvider.System);
    }

    /// <summary>A migrated database that no other test uses, on SQL Server too: for what there is only one of.</summary>
    public static async Task<TestDatabase> OfItsOwnAsync(DatabaseProvider engine, TimeProvider? clock = null)
    {
        if (engine == DatabaseProvider.Sqlite)
            return await OnAsync(engine, clock);
        var settings = await EmptyAsync(engine);
        await new Migrator(settings, _ => { }).MigrateAsync();
        return new TestDatabase(settings, clock ?? TimeProvider.System);
    }

    /// <summary>Settings of a database of the test's own to which nothing was ever applied.</summary>
    public static async Task<DatabaseSettings> EmptyAsync(DatabaseProvider engine)
    {
        var engines = await Engines.CurrentAsync();
        return engine == DatabaseProvider.Sqlite
            ? new DatabaseSettings(engine, $"Data Source={engines.NewPath()}")
            : new DatabaseSettings(engine, await (await engines.ServerAsync()).CreateDatabaseAsync());
    }

    /// <summary>The same database as another process would have it: other connections, and on SQLite a write gate of its own.</summary>
    public Database Another()
    {
        var database = new Database(Settings.Dialect(), _clock);
        _opened.Add(database);
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _opened)
            await database.DisposeAsync();
    }
}
