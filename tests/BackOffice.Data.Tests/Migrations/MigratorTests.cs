using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using Microsoft.Data.Sqlite;

namespace BackOffice.Data.Tests;

/// <summary>Alone: who waits for the application lock of a server looks every three seconds, and should not miss it for another test's migration.</summary>
[Collection(Alone)]
public sealed partial class MigratorTests
{
    private const string Alone = "Alone";
    private static readonly Sql Applied = new("SELECT version, name, checksum, installed_on FROM SchemaVersions WHERE type = 0 ORDER BY version");
    private static readonly Sql CountPackages = new("SELECT COUNT(*) FROM Packages");
    private static readonly Sql Future = new("""
        INSERT INTO SchemaVersions (type, version, description, name, checksum, installed_by, success)
        VALUES (0, '9999', 'future', 'V9999__future.sql', 'none', 'a newer program', 1)
        """);
    private static readonly Sql Change = new("UPDATE SchemaVersions SET checksum = 'of another text' WHERE version = '0001'");
    private static readonly Sql ForgetLast = new("DELETE FROM SchemaVersions WHERE type = 0 AND version = (SELECT MAX(version) FROM SchemaVersions WHERE type = 0)");

    [Theory, EachEngine]
    public async Task An_empty_database_gets_every_script_and_a_second_run_changes_nothing(DatabaseProvider engine)
    {
        var settings = await TestDatabase.EmptyAsync(engine);
        var migrator = new Migrator(settings, _ => { });
        Assert.Equal(SchemaState.Missing, await migrator.StateAsync());

        await migrator.MigrateAsync();
        Assert.Equal(SchemaState.Current, await migrator.StateAsync());
        var first = await ReadAsync<AppliedScript>(settings, Applied);
        await new Migrator(settings, _ => { }).MigrateAsync();

        Assert.Equal(ScriptNames(engine), first.Select(script => script.Name));
        Assert.Equal(first, await ReadAsync<AppliedScript>(settings, Applied));
        Assert.Equal([4], await ReadAsync<long>(settings, CountPackages));
    }

    [Theory, EachEngine]
    public async Task Several_at_once_apply_each_script_once(DatabaseProvider engine)
    {
        var settings = await TestDatabase.EmptyAsync(engine);
        var several = engine == DatabaseProvider.Sqlite ? 5 : 3; // who waits on SQL Server looks every three seconds

        await Task.WhenAll(Enumerable.Range(0, several).Select(_ => Task.Run(() => new Migrator(settings, _ => { }).MigrateAsync())));

        Assert.Equal(ScriptNames(engine), (await ReadAsync<AppliedScript>(settings, Applied)).Select(script => script.Name));
        Assert.Equal([4], await ReadAsync<long>(settings, CountPackages));
    }

    [Fact]
    public async Task Several_processes_at_once_apply_each_script_once()
    {
        var settings = await TestDatabase.EmptyAsync(DatabaseProvider.Sqlite);
        var program = Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name + ".dll");

        var processes = Enumerable.Range(0, 3).Select(_ => Process.Start("dotnet", ["exec", program, Program.Migrate, settings.SqliteFile])).ToList();
        await Task.WhenAll(processes.Select(process => process.WaitForExitAsync())).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.All(processes, process => Assert.Equal(0, process.ExitCode));
        Assert.Equal(ScriptNames(DatabaseProvider.Sqlite), (await ReadAsync<AppliedScript>(settings, Applied)).Select(script => script.Name));
        processes.ForEach(process => process.Dispose());
    }

    [Theory, EachEngine]
    public async Task A_newer_database_is_refused_in_words_for_a_person_and_left_alone(DatabaseProvider engine)
    {
        var settings = await MigratedAsync(engine);
        await WriteAsync(settings, Future);
        var before = await ReadAsync<AppliedScript>(settings, Applied);
        var migrator = new Migrator(settings, _ => { });

        var refusal = await Assert.ThrowsAsync<NewerDatabaseException>(() => migrator.MigrateAsync());

        Assert.Contains("V9999__future.sql", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        await Assert.ThrowsAsync<NewerDatabaseException>(() => migrator.StateAsync());
        Assert.Equal(before, await ReadAsync<AppliedScript>(settings, Applied));
    }

    [Theory, EachEngine]
    public async Task A_script_that_was_changed_after_it_was_applied_is_refused(DatabaseProvider engine)
    {
        var settings = await MigratedAsync(engine);
        await WriteAsync(settings, Change);

        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => new Migrator(settings, _ => { }).MigrateAsync());

        Assert.Contains("V0001__packages.sql", refusal.Message, StringComparison.Ordinal);
    }

    [Theory, EachEngine]
    public async Task A_database_that_lacks_a_script_is_older(DatabaseProvider engine)
    {
        var settings = await MigratedAsync(engine);
        await WriteAsync(settings, ForgetLast);

        Assert.Equal(SchemaState.Older, await new Migrator(settings, _ => { }).StateAsync());
    }

    [Fact]
    public async Task A_SQLite_database_is_made_with_its_folder_and_keeps_a_log_of_writes()
    {
        var folder = (await Engines.CurrentAsync()).NewPath();
        var settings = new DatabaseSettings(DatabaseProvider.Sqlite, $"Data Source={Path.Combine(folder, "data", "backoffice.db")}");

        await new Migrator(settings, _ => { }).MigrateAsync();

        await using var connection = new SqliteConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        Assert.Equal("wal", await command.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    [InlineData(DatabaseProvider.SqlServer)]
    public void Scripts_are_numbered_without_repeating_a_number(DatabaseProvider engine)
    {
        var names = ScriptNames(engine);

        Assert.All(names, name => Assert.Matches(WellFormed(), name));
        Assert.Equal(names.Count, names.Select(name => name[..5]).Distinct().Count());
    }

    [Fact]
    public void Scripts_use_only_the_placeholders_there_are()
    {
        foreach (var engine in Enum.GetValues<DatabaseProvider>())
            Assert.All(MigratedSchema.Scripts(engine), script => Assert.DoesNotContain("${", script, StringComparison.Ordinal));
    }

    [Fact]
    public void The_program_carries_the_scripts_of_the_repository_and_no_others()
    {
        var source = Path.Combine(Repository.Root, "db", "migrations");
        var carried = Path.Combine(AppContext.BaseDirectory, "migrations");

        // A script renamed in the repository stays in the output of an older build and would be applied beside the new one: build anew.
        Assert.Equal(ScriptsBelow(source), ScriptsBelow(carried));
    }

    [Fact]
    public void What_fails_after_a_changed_constraint_is_not_passed_over()
    {
        using var connection = new ScriptConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE Things (A int NOT NULL CONSTRAINT CK_Things_A CHECK (A > 5));
            ALTER TABLE Things DROP CONSTRAINT CK_Things_A;
            ALTER TABLE Things ADD CONSTRAINT CK_Things_A CHECK (A > 7);
            INSERT INTO Things (A) VALUES (6);
            """;

        Assert.Contains("CK_Things_A", Assert.Throws<SqliteException>(() => command.ExecuteNonQuery()).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> ScriptsBelow(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => !file.EndsWith(".md", StringComparison.Ordinal))
        .Select(file => Path.GetRelativePath(folder, file))
        .Order(StringComparer.Ordinal);

    private static List<string> ScriptNames(DatabaseProvider engine) =>
        [.. Migrator.Folders(engine).SelectMany(folder => Directory.EnumerateFiles(folder)).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private static async Task<DatabaseSettings> MigratedAsync(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        return home.Settings;
    }

    private static async Task<List<T>> ReadAsync<T>(DatabaseSettings settings, Sql sql)
    {
        await using var database = new Database(settings.Dialect(), TimeProvider.System);
        return await database.ReadAsync(session => session.ListAsync<T>(sql));
    }

    private static async Task WriteAsync(DatabaseSettings settings, Sql sql)
    {
        await using var database = new Database(settings.Dialect(), TimeProvider.System);
        Assert.Equal(1, await database.WriteAsync(WriteRank.Job, session => session.ExecuteAsync(sql)));
    }

    [GeneratedRegex(@"^V\d{4}__[a-z][a-z_]*\.sql$")]
    private static partial Regex WellFormed();

    private sealed record AppliedScript
    {
        public string Version { get; init; } = "";

        public string Name { get; init; } = "";

        public string Checksum { get; init; } = "";

        public DateTime Installed_On { get; init; }
    }

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class RunsAlone;
}
