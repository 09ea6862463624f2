using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Jobs.Integrations.OneApi;
using Microsoft.Data.Sqlite;

namespace BackOffice.Web.Tests.Integrations;

/// <summary>The console's own tables, written and read directly: once as often as asked, never over what is another's or spent.</summary>
public sealed class ConsoleDatabaseTests(PostgresServer postgres)
{
    /// <summary>What the operator's guide has the console's keeper grant.</summary>
    internal const string Grants = """
        GRANT SELECT (id, "key", status, name, quota, redeemed_time, used_user_id, deleted_at, expired_time) ON redemptions TO backoffice;
        GRANT INSERT (user_id, "key", status, name, quota, created_time, redeemed_time, expired_time) ON redemptions TO backoffice;
        GRANT UPDATE (status) ON redemptions TO backoffice;
        GRANT USAGE ON SEQUENCE redemptions_id_seq TO backoffice;
        """;

    public static TheoryData<ConsoleEngine, ConsoleMake> Tables => ConsoleScriptTests.Tables;

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Tables))]
    public async Task It_says_what_the_table_has(ConsoleEngine engine, ConsoleMake make)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, make, postgres);
        Assert.Equal(new ConsoleColumns(make != ConsoleMake.OneApi, make != ConsoleMake.OneApi, make == ConsoleMake.NewApi), await tables.Database.ColumnsAsync(None));
    }

    [Theory, MemberData(nameof(Tables))]
    public async Task A_slice_is_added_once_however_often_it_is_given(ConsoleEngine engine, ConsoleMake make)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, make, postgres);
        var codes = ConsoleScriptTests.Codes(2000);
        Assert.Equal(new ConsolePublished(1500, 0), await tables.Database.InsertAsync([.. codes.Take(1500)], None));
        Assert.Equal(new ConsolePublished(500, 1500), await tables.Database.InsertAsync(codes, None));
        Assert.Equal(new ConsolePublished(0, 2000), await tables.Database.InsertAsync(codes, None));
        Assert.Equal(new ConsolePublished(0, 0), await tables.Database.InsertAsync([], None));
        var expiry = make == ConsoleMake.NewApi ? ", expired_time" : "";
        Assert.Equal(
            codes.Select(code => FormattableString.Invariant($"7|{code.Key}|1|{code.Name}|{code.Quota}|{ConsoleRules.Seconds(code.CreatedAt)}|0{(expiry.Length > 0 ? "|0" : "")}")).Order(StringComparer.Ordinal),
            (await tables.RowsAsync($"""SELECT user_id, "key", status, name, quota, created_time, redeemed_time{expiry} FROM redemptions""")).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Tables))]
    public async Task Two_that_write_the_same_slice_at_once_add_each_code_once(ConsoleEngine engine, ConsoleMake make)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, make, postgres);
        var codes = ConsoleScriptTests.Codes(500);
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => tables.Database.InsertAsync(codes, None))));
        Assert.Equal((500, 500), (both.Sum(one => one.Added), both.Sum(one => one.WereThere)));
        Assert.Equal(["500"], await tables.RowsAsync("SELECT COUNT(*) FROM redemptions"));
    }

    [Theory]
    [InlineData(ConsoleEngine.Sqlite, "quota = 1", "ConsoleKeyTaken")]
    [InlineData(ConsoleEngine.Sqlite, "name = 'other'", "ConsoleKeyTaken")]
    [InlineData(ConsoleEngine.Sqlite, "status = 3", "ConsoleKeyUsed")]
    [InlineData(ConsoleEngine.Sqlite, "deleted_at = '2026-11-27 00:00:00'", "ConsoleKeyGone")]
    [InlineData(ConsoleEngine.PostgreSql, "quota = 1", "ConsoleKeyTaken")]
    [InlineData(ConsoleEngine.PostgreSql, "name = 'other'", "ConsoleKeyTaken")]
    [InlineData(ConsoleEngine.PostgreSql, "status = 3", "ConsoleKeyUsed")]
    [InlineData(ConsoleEngine.PostgreSql, "deleted_at = '2026-11-27 00:00:00'", "ConsoleKeyGone")]
    public async Task A_key_that_is_anothers_or_spent_stops_the_whole_slice(ConsoleEngine engine, string difference, string code)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, ConsoleMake.NewApi, postgres);
        var codes = ConsoleScriptTests.Codes(20);
        await tables.Database.InsertAsync([.. codes.Take(5)], None);
        await tables.ExecuteAsync($"UPDATE redemptions SET {difference} WHERE id = 4");
        var key = Assert.Single(await tables.RowsAsync("""SELECT "key" FROM redemptions WHERE id = 4"""));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => tables.Database.InsertAsync(codes, None));
        Assert.Equal(new Refusal(code, "", key[^4..]).ToString(), refused.Refusal.ToString());
        Assert.Equal(key[^4..], Assert.Single(refused.Refusal.Args));
        Assert.DoesNotContain(key, refused.ToString(), StringComparison.Ordinal);
        Assert.Contains("Nothing of this slice was written.", Texts.English.Of(refused.Refusal));
        Assert.Equal(["5"], await tables.RowsAsync("SELECT COUNT(*) FROM redemptions"));
    }

    [Theory, MemberData(nameof(Tables))]
    public async Task A_code_expires_where_the_table_can_say_so_and_is_refused_elsewhere(ConsoleEngine engine, ConsoleMake make)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, make, postgres);
        ConsoleCode[] codes = [ConsoleScriptTests.Codes(1)[0] with { ExpiresAt = DateTime.UnixEpoch.AddSeconds(1_800_000_000) }];
        if (make == ConsoleMake.NewApi)
        {
            await tables.Database.InsertAsync(codes, None);
            Assert.Equal(["1800000000"], await tables.RowsAsync("SELECT expired_time FROM redemptions"));
        }
        else
        {
            Assert.Equal("ConsoleNoExpiry", (await Assert.ThrowsAsync<RefusedException>(() => tables.Database.InsertAsync(codes, None))).Refusal.Code);
        }
    }

    [Theory, MemberData(nameof(Tables))]
    public async Task What_nobody_used_is_disabled_and_every_other_key_is_accounted_for(ConsoleEngine engine, ConsoleMake make)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, make, postgres);
        var codes = ConsoleScriptTests.Codes(30);
        await tables.Database.InsertAsync(codes, None);
        await tables.ExecuteAsync($"UPDATE redemptions SET status = 3, redeemed_time = 5 WHERE \"key\" IN ('{codes[0].Key}', '{codes[1].Key}')");
        await tables.ExecuteAsync($"UPDATE redemptions SET status = 2 WHERE \"key\" = '{codes[2].Key}'");
        List<string> keys = [.. codes.Take(10).Select(code => code.Key), "unknown"];
        var first = await tables.Database.DisableAsync(keys, None);
        Assert.Equal((7, 1), (first.Disabled, first.WereDisabled));
        Assert.Equal(new[] { codes[0].Key, codes[1].Key }.Order(), first.UsedKeys.Order());
        Assert.Equal(["unknown"], first.UnknownKeys);
        var second = await tables.Database.DisableAsync(keys, None);
        Assert.Equal((0, 8, 2, 1), (second.Disabled, second.WereDisabled, second.UsedKeys.Count, second.UnknownKeys.Count));
        Assert.Equal(["1|20", "2|8", "3|2"], await tables.RowsAsync("SELECT status, COUNT(*) FROM redemptions GROUP BY status ORDER BY status"));
        Assert.Equal(0, (await tables.Database.DisableAsync([], None)).Disabled);
        Assert.DoesNotContain(codes[0].Key, first.ToString(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Tables))]
    public async Task What_was_redeemed_since_is_read_oldest_first_also_what_is_hidden(ConsoleEngine engine, ConsoleMake make)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, make, postgres);
        var codes = ConsoleScriptTests.Codes(9);
        await tables.Database.InsertAsync(codes, None);
        var user = make == ConsoleMake.OneApi ? "" : ", used_user_id = 40 + id";
        await tables.ExecuteAsync($"UPDATE redemptions SET status = 3, redeemed_time = 1000 - id{user} WHERE id <= 5");
        if (make != ConsoleMake.OneApi)
            await tables.ExecuteAsync("UPDATE redemptions SET deleted_at = '2026-11-27 00:00:00' WHERE id = 3");
        var read = new List<ConsoleRedeemed>();
        await foreach (var one in tables.Database.ReadRedeemedAsync(DateTime.UnixEpoch.AddSeconds(996), None))
            read.Add(one);
        Assert.Equal([4, 3, 2, 1], read.Select(one => one.Id));
        Assert.Equal([996, 997, 998, 999], read.Select(one => ConsoleRules.Seconds(one.RedeemedAt)));
        Assert.All(read, one => Assert.Equal(make == ConsoleMake.OneApi ? null : 40 + one.Id, one.UsedBy));
        Assert.All(read, one => Assert.Contains(one.Key, codes.Select(code => code.Key)));
        Assert.All(read, one => Assert.DoesNotContain(one.Key, one.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ConsoleEngine.Sqlite)]
    [InlineData(ConsoleEngine.PostgreSql)]
    public async Task Pages_of_one_and_the_same_second_leave_none_out(ConsoleEngine engine)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, ConsoleMake.OneApi, postgres);
        var numbers = engine == ConsoleEngine.Sqlite ? "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20005)" : "WITH n AS (SELECT i FROM generate_series(1, 20005) i)";
        var key = engine == ConsoleEngine.Sqlite ? "printf('%032d', i)" : "lpad(i::text, 32, '0')";
        await tables.ExecuteAsync($"{numbers} INSERT INTO redemptions (user_id, \"key\", status, name, quota, created_time, redeemed_time) SELECT 1, {key}, 3, 'x', 1, 1, 100 + i / 15000 FROM n");
        var ids = new HashSet<long>();
        var count = 0;
        await foreach (var one in tables.Database.ReadRedeemedAsync(DateTime.UnixEpoch, None))
        {
            ids.Add(one.Id);
            count++;
        }
        Assert.Equal((20_005, 20_005), (count, ids.Count));
    }

    [Fact]
    public async Task The_rights_of_the_guide_are_enough_and_no_more_than_it_says()
    {
        await using var tables = await ConsoleTables.MakeAsync(ConsoleEngine.PostgreSql, ConsoleMake.NewApi, postgres);
        await tables.ExecuteAsync($"DO $$ BEGIN CREATE ROLE backoffice LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; {Grants}");
        var mine = tables.ConnectionString.Replace("Username=console", "Username=backoffice", StringComparison.Ordinal);
        var database = tables.Through(mine);
        var codes = ConsoleScriptTests.Codes(10);
        Assert.Equal(new ConsolePublished(10, 0), await database.InsertAsync(codes, None));
        Assert.Equal(new ConsolePublished(0, 10), await database.InsertAsync(codes, None));
        Assert.Equal(1, (await database.DisableAsync([codes[0].Key], None)).Disabled);
        await tables.ExecuteAsync("UPDATE redemptions SET status = 3, redeemed_time = 5 WHERE id = 2");
        await foreach (var one in database.ReadRedeemedAsync(DateTime.UnixEpoch, None))
            Assert.Equal(2, one.Id);
        Assert.Contains(Grants.ReplaceLineEndings("\n"), File.ReadAllText(Path.Combine(Repository.Root, "docs", "operating.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);

        await tables.ExecuteAsync("REVOKE UPDATE (status) ON redemptions FROM backoffice");
        var failure = await Assert.ThrowsAsync<ConsoleException>(() => database.DisableAsync([codes[1].Key], None));
        Assert.Equal(("ConsoleDatabaseRight", false), (failure.Refusal.Code, failure.IsPassing));
        await tables.ExecuteAsync("REVOKE SELECT (used_user_id) ON redemptions FROM backoffice");
        Assert.False((await database.ColumnsAsync(None)).UsedBy);
        await tables.ExecuteAsync("REVOKE SELECT (\"key\") ON redemptions FROM backoffice");
        Assert.Equal("key", Assert.Single((await Assert.ThrowsAsync<ConsoleException>(() => database.ColumnsAsync(None))).Refusal.Args));
    }

    [Theory]
    [InlineData(ConsoleEngine.Sqlite)]
    [InlineData(ConsoleEngine.PostgreSql)]
    public async Task A_database_of_something_else_says_what_is_missing(ConsoleEngine engine)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, ConsoleMake.OneApi, postgres);
        await tables.ExecuteAsync("ALTER TABLE redemptions DROP COLUMN quota");
        Assert.Equal("quota", Assert.Single((await Assert.ThrowsAsync<ConsoleException>(() => tables.Database.ColumnsAsync(None))).Refusal.Args));
        await tables.ExecuteAsync("DROP TABLE redemptions");
        Assert.Equal("ConsoleTableMissing", (await Assert.ThrowsAsync<ConsoleException>(() => tables.Database.ColumnsAsync(None))).Refusal.Code);
        await Assert.ThrowsAsync<ConsoleException>(() => tables.Database.InsertAsync(ConsoleScriptTests.Codes(1), None));
        Assert.Equal("ConsoleDatabaseAnswered", (await Assert.ThrowsAsync<ConsoleException>(() => tables.Database.DisableAsync(["0123"], None))).Refusal.Code);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_made_and_a_server_that_is_not_there_is_told_without_its_password()
    {
        var file = Path.Combine(Path.GetTempPath(), "no-console-of-" + Environment.ProcessId + ".db");
        using var folder = ShopFolder.Empty();
        var sqlite = new ConsoleDatabase(folder.Settings(("Console:Database", "Sqlite"), ("Console:ConnectionString", $"Data Source={file}"), ("Console:UserId", "7")).Console);
        Assert.Equal("ConsoleDatabaseSilent", (await Assert.ThrowsAsync<ConsoleException>(() => sqlite.ColumnsAsync(None))).Refusal.Code);
        Assert.False(File.Exists(file));
        var server = new ConsoleDatabase(folder.Settings(("Console:Database", "PostgreSql"), ("Console:ConnectionString", "Host=127.0.0.1;Port=9;Username=x;Password=s3cret;Timeout=2"), ("Console:UserId", "7")).Console);
        var failure = await Assert.ThrowsAsync<ConsoleException>(() => server.ColumnsAsync(None));
        Assert.Equal(("ConsoleDatabaseSilent", true), (failure.Refusal.Code, failure.IsPassing));
        Assert.DoesNotContain("s3cret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_the_console_holds_is_told_as_busy()
    {
        await using var tables = await ConsoleTables.MakeAsync(ConsoleEngine.Sqlite, ConsoleMake.OneApi, postgres);
        await using var holder = new SqliteConnection(tables.ConnectionString);
        await holder.OpenAsync(None);
        await using var held = await holder.BeginTransactionAsync(None);
        var failure = await Assert.ThrowsAsync<ConsoleException>(() => tables.Through(tables.ConnectionString + ";Default Timeout=1").InsertAsync(ConsoleScriptTests.Codes(1), None));
        Assert.Equal(("ConsoleDatabaseBusy", true), (failure.Refusal.Code, failure.IsPassing));
    }

    [Fact]
    public async Task What_no_code_can_be_is_refused_before_anything_is_opened()
    {
        var database = new ConsoleDatabase(new ConsoleSettings(null, null, 7, null, 1, 50, null));
        await Assert.ThrowsAsync<RefusedException>(() => database.InsertAsync([new ConsoleCode("0123", "a", 0, DateTime.UnixEpoch)], None));
        await Assert.ThrowsAsync<RefusedException>(() => database.DisableAsync(["' OR 1=1 --"], None));
        Assert.Equal("ConsoleNotSet", (await Assert.ThrowsAsync<RefusedException>(() => database.ColumnsAsync(None))).Refusal.Code);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => database.InsertAsync(ConsoleScriptTests.Codes(ConsoleDatabase.LargestSlice + 1), None));
    }
}
