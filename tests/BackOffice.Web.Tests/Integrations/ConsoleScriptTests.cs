using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using BackOffice.Domain;
using BackOffice.Jobs.Integrations.OneApi;

namespace BackOffice.Web.Tests.Integrations;

/// <summary>A script for the console's keeper: run on real tables of SQLite and PostgreSQL; for MySQL, of which there is none here, read sign by sign.</summary>
public sealed partial class ConsoleScriptTests(PostgresServer postgres)
{
    internal static readonly DateTime Made = new(2026, 11, 27, 4, 5, 6, 789, DateTimeKind.Utc);
    private const long MadeSeconds = 1_795_752_306;

    /// <summary>What people and mischief call a batch, each of at most 20 bytes.</summary>
    internal static readonly string[] Names =
    [
        "B0417-03", "O'Brien", "');DROP TABLE r;--", "\\'); DELETE FROM r#", "\\", "\\'", "春季'批次", "🎁`x`\"y\"", "%s {0} @Rows $1 :k", "a;b/*c*/--d", "0x27", "''''", "  two  ", "E'\\n'", "12345678901234567890",
    ];

    public static TheoryData<ConsoleEngine, ConsoleMake> Tables
    {
        get
        {
            var data = new TheoryData<ConsoleEngine, ConsoleMake>();
            foreach (var engine in new[] { ConsoleEngine.Sqlite, ConsoleEngine.PostgreSql })
                foreach (var make in Enum.GetValues<ConsoleMake>())
                    data.Add(engine, make);
            return data;
        }
    }

    [Theory, MemberData(nameof(Tables))]
    public async Task It_adds_every_code_as_it_is_and_running_it_again_adds_none(ConsoleEngine engine, ConsoleMake make)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, make, postgres);
        var withExpiry = make == ConsoleMake.NewApi;
        var codes = Codes(1234).Select((code, at) => withExpiry && at % 2 == 0 ? code with { ExpiresAt = Made.AddDays(1) } : code).ToList();
        var script = await InsertsAsync(engine, codes, withExpiry);
        await tables.ExecuteAsync(script);
        await tables.ExecuteAsync(script);
        if (engine == ConsoleEngine.PostgreSql)
            await tables.ExecuteAsync($"SET standard_conforming_strings = off; SET backslash_quote = on; {script}");

        var expiry = withExpiry ? ", expired_time" : "";
        var rows = await tables.RowsAsync($"""SELECT user_id, "key", status, name, quota, created_time, redeemed_time{expiry} FROM redemptions ORDER BY id""");
        Assert.Equal(codes.Select((code, at) => Row(code, withExpiry ? at % 2 == 0 ? $"|{MadeSeconds + 86_400}" : "|0" : "")), rows);
    }

    [Theory, MemberData(nameof(Tables))]
    public async Task It_disables_what_nobody_used_and_nothing_else(ConsoleEngine engine, ConsoleMake make)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, make, postgres);
        var codes = Codes(1100);
        await tables.ExecuteAsync(await InsertsAsync(engine, codes, false));
        await tables.ExecuteAsync("UPDATE redemptions SET status = 3, redeemed_time = 5 WHERE id = 2");
        var script = await TextAsync(to => ConsoleScript.WriteDisablesAsync(to, engine, Stream(codes.Take(1050).Select(code => code.Key)), TestContext.Current.CancellationToken));
        await tables.ExecuteAsync(script);
        await tables.ExecuteAsync(script);
        Assert.Equal(["1|50", "2|1049", "3|1"], await tables.RowsAsync("SELECT status, COUNT(*) FROM redemptions GROUP BY status ORDER BY status"));
    }

    [Fact]
    public async Task For_MySQL_it_holds_nothing_but_what_means_one_thing_in_every_mode()
    {
        var codes = Codes(1234).Select(code => code with { ExpiresAt = Made }).ToList();
        var script = await InsertsAsync(ConsoleEngine.MySql, codes, true);
        Assert.All(script, sign => Assert.True(sign is '\n' or >= ' ' and < '\x7f'));
        var lines = script.Split('\n');
        Assert.StartsWith("-- MySql: ", lines[0]);
        Assert.Equal("", lines[^1]);
        var heads = lines.Where(line => line.StartsWith("INSERT", StringComparison.Ordinal)).ToList();
        Assert.Equal(Enumerable.Repeat("INSERT IGNORE INTO `redemptions` (user_id, `key`, status, name, quota, created_time, redeemed_time, expired_time) VALUES", 3), heads);
        var rows = lines.Where(line => line.StartsWith('(')).ToList();
        Assert.Equal(lines.Length, rows.Count + heads.Count + 2);
        Assert.Equal(3, rows.Count(row => row.EndsWith(");", StringComparison.Ordinal)));
        Assert.Equal(codes.Select(code => (code.Key, code.Name, code.Quota)), rows.Select(row =>
        {
            var match = MySqlRow().Match(row);
            Assert.True(match.Success, row);
            var name = match.Groups["hex"] is { Success: true } hex ? Encoding.UTF8.GetString(Convert.FromHexString(hex.Value)) : match.Groups["plain"].Value;
            return (match.Groups["key"].Value, name, long.Parse(match.Groups["quota"].Value, CultureInfo.InvariantCulture));
        }));
    }

    [Fact]
    public async Task For_MySQL_it_disables_by_keys_that_need_no_escape()
    {
        var script = await TextAsync(to => ConsoleScript.WriteDisablesAsync(to, ConsoleEngine.MySql, Stream(["0123456789abcdef0123456789abcdef", "AB-7K4M-9QXT-2HVD-5RWK"]), TestContext.Current.CancellationToken));
        Assert.Equal("-- MySql: disables redemption codes that nobody has used in the console's table. Running it again changes nothing.\nUPDATE `redemptions` SET status = 2 WHERE status = 1 AND `key` IN (\n'0123456789abcdef0123456789abcdef',\n'AB-7K4M-9QXT-2HVD-5RWK');\n", script);
    }

    [Theory]
    [InlineData("0123", "", 1, "ConsoleNameUnusable")]
    [InlineData("0123", "春季批次甲乙丙", 1, "ConsoleNameUnusable")]
    [InlineData("0123", "a\0b", 1, "ConsoleNameUnusable")]
    [InlineData("0123", "a\r\nb", 1, "ConsoleNameUnusable")]
    [InlineData("0123", "a", 0, "ConsoleQuotaUnusable")]
    [InlineData("0123", "a", -1, "ConsoleQuotaUnusable")]
    [InlineData("", "a", 1, "ConsoleKeyUnusable")]
    [InlineData("0123'--", "a", 1, "ConsoleKeyUnusable")]
    [InlineData("0123456789abcdef0123456789abcdef0", "a", 1, "ConsoleKeyUnusable")]
    public async Task What_the_console_would_take_for_something_else_is_refused(string key, string name, long quota, string code)
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() => InsertsAsync(ConsoleEngine.Sqlite, [new ConsoleCode(key, name, quota, Made)], false));
        Assert.Equal(code, refused.Refusal.Code);
    }

    [Fact]
    public async Task An_expiry_is_never_left_out_silently()
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() => InsertsAsync(ConsoleEngine.Sqlite, [new ConsoleCode("0123", "a", 1, Made, Made)], false));
        Assert.Equal("ConsoleNoExpiry", refused.Refusal.Code);
    }

    [Fact]
    public async Task A_script_of_nothing_runs()
    {
        await using var tables = await ConsoleTables.MakeAsync(ConsoleEngine.Sqlite, ConsoleMake.OneApi, postgres);
        await tables.ExecuteAsync(await InsertsAsync(ConsoleEngine.Sqlite, [], false));
    }

    [Fact]
    public async Task What_is_written_has_left_before_the_rest_is_read()
    {
        using var to = new Measured();
        var furthest = 0L;
        async IAsyncEnumerable<ConsoleCode> Lazily()
        {
            await Task.Yield();
            for (var number = 0; number < 50_000; number++)
            {
                furthest = Math.Max(furthest, number - to.Lines);
                yield return Code(number);
            }
        }
        Assert.Equal(50_000, await ConsoleScript.WriteInsertsAsync(to, ConsoleEngine.PostgreSql, 7, Lazily(), false, TestContext.Current.CancellationToken));
        Assert.InRange(furthest, 1, 3000);
    }

    internal static List<ConsoleCode> Codes(int count) => [.. Enumerable.Range(0, count).Select(Code)];

    private static ConsoleCode Code(int number) => new(
        number % 3 == 0 ? string.Create(CultureInfo.InvariantCulture, $"AB-7K4M-9QXT-2HVD-{number:D4}") : string.Create(CultureInfo.InvariantCulture, $"{number:x32}"),
        Names[number % Names.Length], 5_000_000 + number, Made);

    private static string Row(ConsoleCode code, string expiry) => string.Create(CultureInfo.InvariantCulture, $"7|{code.Key}|1|{code.Name}|{code.Quota}|{MadeSeconds}|0{expiry}");

    private static Task<string> InsertsAsync(ConsoleEngine engine, IEnumerable<ConsoleCode> codes, bool withExpiry) =>
        TextAsync(to => ConsoleScript.WriteInsertsAsync(to, engine, 7, Stream(codes), withExpiry, TestContext.Current.CancellationToken));

    private static async Task<string> TextAsync(Func<Stream, Task<long>> write)
    {
        using var to = new MemoryStream();
        await write(to);
        return Encoding.UTF8.GetString(to.ToArray());
    }

    private static async IAsyncEnumerable<T> Stream<T>(IEnumerable<T> rows)
    {
        await Task.Yield();
        foreach (var row in rows)
            yield return row;
    }

    [GeneratedRegex(@"^\(7, '(?<key>[0-9A-Za-z-]{1,32})', 1, (?:'(?<plain>[0-9A-Za-z\-_. ]{1,20})'|CONVERT\(X'(?<hex>(?:[0-9A-F]{2}){1,20})' USING utf8mb4\)), (?<quota>[0-9]{1,19}), [0-9]{10}, 0, [0-9]{10}\)[,;]$")]
    private static partial Regex MySqlRow();

    private sealed class Measured : MemoryStream
    {
        public long Lines { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer) => Lines += buffer.Count((byte)'\n');

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
