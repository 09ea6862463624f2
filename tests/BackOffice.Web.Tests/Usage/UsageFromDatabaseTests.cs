using System.Globalization;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Web.Tests.Integrations;
using LogTables = BackOffice.Web.Tests.Integrations.ConsoleTables;

namespace BackOffice.Web.Tests.Usage;

/// <summary>The console's own log, read from its database by a place in it: never past what may still be written, never twice, and never written.</summary>
public sealed class UsageFromDatabaseTests(PostgresServer postgres)
{
    public static TheoryData<ConsoleEngine, ConsoleFlavour> Consoles => new()
    {
        { ConsoleEngine.Sqlite, ConsoleFlavour.NewApi }, { ConsoleEngine.Sqlite, ConsoleFlavour.OneApi }, { ConsoleEngine.PostgreSql, ConsoleFlavour.NewApi }, { ConsoleEngine.PostgreSql, ConsoleFlavour.OneApi },
    };

    [Theory, MemberData(nameof(Consoles))]
    public async Task Rows_come_in_as_those_of_a_file_do_and_the_next_hour_goes_on_where_the_last_ended(ConsoleEngine engine, ConsoleFlavour flavour)
    {
        await using var tables = await LogAsync(engine, flavour);
        var rows = UsageOffice.Rows(260, flavour);
        await WriteAsync(tables, flavour, rows[..200]);
        // Written already, but younger than what is read: it and what follows waits.
        await WriteAsync(tables, flavour, UsageOffice.Rows(1, flavour, 910, UsageOffice.Now.AddSeconds(-30), 0));
        await using var office = Office(tables, engine);
        var row = await office.PullAsync();
        Assert.Equal(("done", "database", 200L), (row.Status, row.Way, row.LastId!.Value));
        await WriteAsync(tables, flavour, rows[200..].ConvertAll(one => new Dictionary<string, object?>(one) { ["id"] = (long)one["id"]! + 1000 }));
        office.Clock.MoveTo(UsageOffice.Now.AddHours(1));
        row = await office.PullAsync();
        Assert.Equal((1260L, 0L), (row.LastId!.Value, row.RecordsRepeated));
        await using var quiet = new UsageOffice();
        await quiet.ImportAsync([.. rows[..200], .. UsageOffice.Rows(1, flavour, 910, UsageOffice.Now.AddSeconds(-30), 0), .. rows[200..].ConvertAll(one => new Dictionary<string, object?>(one) { ["id"] = (long)one["id"]! + 1000 })], flavour == ConsoleFlavour.NewApi ? "new-api" : "one-api");
        Assert.Equal(UsageOffice.Figures(quiet.Folder), UsageOffice.Figures(office.Folder));
    }

    [Fact]
    public async Task A_log_that_was_put_back_from_a_copy_is_read_again_from_the_time_that_is_known()
    {
        await using var tables = await LogAsync(ConsoleEngine.Sqlite, ConsoleFlavour.NewApi);
        await WriteAsync(tables, ConsoleFlavour.NewApi, UsageOffice.Rows(50, ConsoleFlavour.NewApi));
        await using var office = Office(tables, ConsoleEngine.Sqlite);
        await office.PullAsync();
        await tables.ExecuteAsync("DELETE FROM logs WHERE id > 40");
        await WriteAsync(tables, ConsoleFlavour.NewApi, UsageOffice.Rows(1, ConsoleFlavour.NewApi, 41, UsageOffice.Now.AddMinutes(20), 0));
        office.Clock.MoveTo(UsageOffice.Now.AddHours(1));
        var row = await office.PullAsync();
        Assert.Equal(("done", 41L), (row.Status, row.LastId!.Value));
        Assert.Equal(0, row.RecordsNew);
        Assert.Equal(1, row.RecordsPutAside); // the number stands for another row now: a person decides
    }

    [Fact]
    public async Task Another_way_than_before_goes_on_where_the_other_ended()
    {
        const ConsoleFlavour flavour = ConsoleFlavour.NewApi;
        await using var tables = await LogAsync(ConsoleEngine.Sqlite, flavour);
        await using var console = await StandInConsole.StartAsync(flavour);
        var rows = UsageOffice.Rows(100, flavour);
        console.Write(rows);
        await WriteAsync(tables, flavour, rows);
        await using var office = new UsageOffice(UsageOffice.Of(console, flavour));
        await office.PullAsync();
        await using var other = new UsageOffice(CopyOf(office.Folder), Settings(tables, ConsoleEngine.Sqlite));
        var more = UsageOffice.Rows(3, flavour, 501, UsageOffice.Now.AddMinutes(5), 0);
        await WriteAsync(tables, flavour, more);
        other.Clock.MoveTo(UsageOffice.Now.AddHours(1));
        var row = await other.PullAsync();
        Assert.Equal(("database", 3L, 503L), (row.Way, row.RecordsRead, row.LastId!.Value));
    }

    [Fact]
    public async Task What_is_no_number_and_a_time_far_ahead_is_put_aside_and_keeps_nothing_back()
    {
        await using var tables = await LogAsync(ConsoleEngine.Sqlite, ConsoleFlavour.NewApi);
        await WriteAsync(tables, ConsoleFlavour.NewApi, UsageOffice.Rows(4, ConsoleFlavour.NewApi));
        await tables.ExecuteAsync("UPDATE logs SET prompt_tokens = 'many' WHERE id = 1; UPDATE logs SET created_at = created_at * 1000 WHERE id = 2; UPDATE logs SET created_at = 'soon' WHERE id = 3");
        await using var office = Office(tables, ConsoleEngine.Sqlite);
        var row = await office.PullAsync();
        Assert.Equal(("done", 4L, 1L, 3L), (row.Status, row.LastId!.Value, row.RecordsNew, row.RecordsPutAside));
        Assert.Equal(["1|JsonNotWhole|prompt_tokens", "2|EpochNotSeconds|created_at", "3|JsonNotWhole|created_at"], ShopRows.Of(office.Folder, "SELECT ExternalId, Code, Field FROM UsageAsides"));
    }

    [Fact]
    public async Task The_database_is_only_read_and_a_console_without_a_log_says_so()
    {
        await using var tables = await LogTables.MakeAsync(ConsoleEngine.Sqlite, ConsoleMake.NewApi, postgres);
        await using var office = Office(tables, ConsoleEngine.Sqlite);
        var failed = await Assert.ThrowsAsync<ConsoleException>(() => office.PullAsync());
        Assert.Equal("ConsoleLogMissing", failed.Refusal.Code);
        Assert.Contains("Mode=ReadOnly", new ConsoleDatabaseSettings(ConsoleEngine.Sqlite, tables.ConnectionString).ReadOnlyConnectionString, StringComparison.Ordinal);
        Assert.Contains("default_transaction_read_only=on", new ConsoleDatabaseSettings(ConsoleEngine.PostgreSql, "Host=h;Database=d").ReadOnlyConnectionString, StringComparison.Ordinal);
    }

    private static UsageOffice Office(LogTables tables, ConsoleEngine engine) => new(Settings(tables, engine));

    private static (string, string)[] Settings(LogTables tables, ConsoleEngine engine) =>
        [("Console:Database", engine.ToString()), ("Console:ConnectionString", tables.ConnectionString), ("Console:UserId", "7")];

    private static ShopFolder CopyOf(ShopFolder folder)
    {
        var copy = ShopFolder.Migrated();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        foreach (var file in Directory.EnumerateFiles(folder.Path, "backoffice.db*"))
            File.Copy(file, Path.Combine(copy.Path, Path.GetFileName(file)), overwrite: true);
        return copy;
    }

    private async Task<LogTables> LogAsync(ConsoleEngine engine, ConsoleFlavour flavour)
    {
        var tables = await LogTables.MakeAsync(engine, flavour == ConsoleFlavour.NewApi ? ConsoleMake.NewApi : ConsoleMake.OneApi, postgres);
        var id = engine == ConsoleEngine.Sqlite ? "id integer PRIMARY KEY AUTOINCREMENT" : "id bigserial PRIMARY KEY";
        var more = flavour == ConsoleFlavour.NewApi ? ",use_time bigint,token_id bigint,\"group\" text,ip text,other text" : ",request_id text,elapsed_time bigint,system_prompt_reset boolean";
        await tables.ExecuteAsync($"CREATE TABLE logs ({id},user_id bigint,created_at bigint,type bigint,content text,username text,token_name text,model_name text,quota bigint,prompt_tokens bigint,completion_tokens bigint,channel_id bigint,is_stream boolean{more})");
        return tables;
    }

    private static Task WriteAsync(LogTables tables, ConsoleFlavour flavour, List<Dictionary<string, object?>> rows)
    {
        string[] columns = ["id", "created_at", "type", "content", "username", "token_name", "model_name", "quota", "prompt_tokens", "completion_tokens", "channel", .. flavour == ConsoleFlavour.NewApi ? ["token_id", "other"] : Array.Empty<string>()];
        var values = rows.Select(row => $"({string.Join(',', columns.Select(column => row[column] is string text ? $"'{text.Replace("'", "''", StringComparison.Ordinal)}'" : Convert.ToString(row[column], CultureInfo.InvariantCulture)))})");
        return tables.ExecuteAsync($"INSERT INTO logs ({string.Join(',', columns).Replace("channel", "channel_id", StringComparison.Ordinal)}) VALUES {string.Join(',', values)}");
    }
}
