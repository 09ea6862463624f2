using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;

namespace BackOffice.Data.Tests;

public sealed class AuditLogTests
{
    [Theory, EachEngine]
    public async Task Eight_writers_of_four_processes_make_one_chain(DatabaseProvider engine)
    {
        const int acts = 25;
        await using var chain = await Chain.OnAsync(engine, 0);
        var processes = Enumerable.Range(0, 4).Select(_ => chain.Home.Another()).ToList();

        var numbers = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            var told = new List<long>();
            for (var i = 0; i < acts; i++)
            {
                told.Add(await processes[writer % 4].WriteAsync(WriteRank.Request, async session =>
                {
                    await session.NextNumberAsync($"writer {writer}"); // the act itself
                    return await AuditLog.AppendAsync(session, Chain.Act(i) with { Who = $"writer {writer}" });
                }));
            }
            return told;
        })));

        Assert.Equal(Enumerable.Range(1, 8 * acts).Select(number => (long)number), numbers.SelectMany(told => told).Order());
        Assert.All(numbers, told => Assert.Equal(told.Order(), told));
        var verdict = await chain.VerifyAsync();
        Assert.Equal((true, 8L * acts), (verdict.IsWhole, verdict.Rows));
    }

    [Theory, EachEngine]
    public async Task A_chain_is_whole_while_it_grows(DatabaseProvider engine)
    {
        await using var chain = await Chain.OnAsync(engine, 1);
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
                await chain.ActAsync(Chain.Act(i));
        });

        var seen = 0L;
        for (var i = 0; i < 30 || seen <= 1; i++)
        {
            var verdict = await chain.VerifyAsync();
            Assert.True(verdict.IsWhole, verdict.ToString());
            Assert.True(verdict.Last >= seen);
            seen = verdict.Last;
        }
        await stop.CancelAsync();
        await writer;
    }

    [Theory, EachEngine]
    public async Task An_act_that_did_not_happen_is_not_on_record(DatabaseProvider engine)
    {
        await using var chain = await Chain.OnAsync(engine, 1);

        await Assert.ThrowsAsync<InvalidOperationException>(() => chain.Home.Database.WriteAsync(WriteRank.Request, async session =>
        {
            await AuditLog.AppendAsync(session, Chain.Act(2));
            throw new InvalidOperationException("The act failed.");
        }));
        Assert.Equal(2, await chain.ActAsync(Chain.Act(3)));

        Assert.True((await chain.VerifyAsync()).IsWhole);
        Assert.Equal(["price:1", "price:3"], (await chain.RowsAsync()).Select(row => row.Subject));
    }

    [Theory, EachEngine]
    public async Task Odd_text_in_every_field_is_kept_as_it_is(DatabaseProvider engine)
    {
        string[] odd =
        [
            "👩‍👧 'single' \"double\" `back` \\ / <script>alert(1)</script> &amp; 中文，。", " spaces around \t\r\n", "=1+1", "e\u0301 and \u00e9", "\u202etxet", "%_[!",
        ];
        await using var chain = await Chain.OnAsync(engine, 0);
        foreach (var text in odd)
            await chain.ActAsync(new AuditAct { Who = text, Action = text[..Math.Min(text.Length, 10)], Subject = text, Reason = text, Before = new { Text = text }, Details = new Dictionary<string, string> { [text] = text } });

        Assert.True((await chain.VerifyAsync()).IsWhole);
        var rows = await chain.RowsAsync();
        Assert.Equal(odd, rows.Select(row => row.Who));
        Assert.Equal(odd, rows.Select(row => row.Subject));
        Assert.Equal(odd, rows.Select(row => row.Reason));
        Assert.Equal(odd, rows.Select(row => JsonDocument.Parse(row.Details!).RootElement.GetProperty("before").GetProperty("text").GetString()));
    }

    [Theory, EachEngine]
    public async Task Text_that_no_engine_keeps_is_replaced_before_it_is_hashed(DatabaseProvider engine)
    {
        await using var chain = await Chain.OnAsync(engine, 0);

        await chain.ActAsync(Chain.Act(1) with { Who = "half \ud83d", Reason = "a\0b", Before = new { Text = "half \udc00, nothing \0" } });

        var row = Assert.Single(await chain.RowsAsync());
        Assert.True((await chain.VerifyAsync()).IsWhole);
        Assert.Equal(("half \ufffd", "a\ufffdb"), (row.Who, row.Reason));
    }

    [Fact]
    public async Task What_does_not_fit_a_row_is_refused_and_nothing_is_written()
    {
        await using var chain = await Chain.OnAsync(DatabaseProvider.Sqlite, 0);
        var act = Chain.Act(1);
        AuditAct[] unfit =
        [
            act with { Who = "" }, act with { Who = new string('w', 321) }, act with { Action = "" }, act with { Action = new string('a', 61) },
            act with { Subject = "" }, act with { Subject = new string('s', 201) }, act with { Reason = new string('r', AuditLog.LongestReason + 1) },
            act with { Details = new { List = new string('x', 40_000) } },
        ];

        foreach (var one in unfit)
            await Assert.ThrowsAsync<ArgumentException>(() => chain.ActAsync(one));
        await chain.ActAsync(act with { Who = new string('中', 320), Action = new string('a', 60), Subject = new string('s', 200), Reason = new string('中', AuditLog.LongestReason), Details = new { List = new string('x', 32_000) } });

        Assert.Single(await chain.RowsAsync());
        Assert.True((await chain.VerifyAsync()).IsWhole);
    }

    [Fact]
    public async Task What_looks_like_a_secret_is_refused()
    {
        await using var chain = await Chain.OnAsync(DatabaseProvider.Sqlite, 0);
        object[] secrets =
        [
            new { Password = "x" }, new { NewPasswordHash = "x" }, new { Key = new { ApiKey = "sk-1" } }, new { TotpSecret = new byte[] { 1 } },
            new[] { new { RecoveryCodes = new[] { "x" } } }, new Dictionary<string, string> { ["CREEM_API_KEY"] = "x" },
        ];
        object[] harmless = [new { PasswordChanged = true }, new { RecoveryCodesLeft = 8 }, new { SecretLastFour = "2HVD" }, new { Kind = "api_key" }, new { ApiKey = (string?)null }];

        foreach (var secret in secrets)
            await Assert.ThrowsAsync<ArgumentException>(() => chain.ActAsync(Chain.Act(1) with { Details = secret }));
        foreach (var one in harmless)
            await chain.ActAsync(Chain.Act(1) with { After = one });
    }

    [Fact]
    public async Task The_same_values_make_the_same_details_in_any_order()
    {
        await using var chain = await Chain.OnAsync(DatabaseProvider.Sqlite, 0);
        var at = new DateTime(2026, 11, 10, 6, 32, 6, DateTimeKind.Utc);
        await chain.ActAsync(Chain.Act(1) with { Before = null, After = new { ValidFrom = at, AmountMinor = 2200L, Hash = new byte[] { 0xAB, 1 }, On = new DateOnly(2026, 11, 10), Engine = DatabaseProvider.SqlServer }, Details = new { Active = true, None = (string?)null } });
        await chain.ActAsync(Chain.Act(2) with { Before = null, After = new Dictionary<string, object> { ["on"] = "2026-11-10", ["engine"] = "sql_server", ["hash"] = "ab01", ["amount_minor"] = 2200, ["valid_from"] = at }, Details = new { None = (string?)null, Active = true } });
        await chain.ActAsync(Chain.Act(3) with { Before = null, After = null });

        var rows = await chain.RowsAsync();

        Assert.Equal("""{"after":{"amount_minor":2200,"engine":"sql_server","hash":"ab01","on":"2026-11-10","valid_from":"2026-11-10T06:32:06Z"},"details":{"active":true,"none":null}}""", rows[0].Details);
        Assert.Equal(rows[0].Details, rows[1].Details);
        Assert.Null(rows[2].Details);
    }

    [Fact]
    public void A_hash_is_made_as_the_decision_says()
    {
        var row = new AuditEntry
        {
            Sequence = 258,
            At = new DateTime(2026, 11, 10, 6, 32, 6, 123, DateTimeKind.Utc),
            Who = "mara@example.com",
            Action = "price.changed",
            Subject = "价格:1",
            Details = "{}",
            PreviousHash = [.. Enumerable.Range(0, 32).Select(i => (byte)i)],
        };
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write("AiCredits audit 1\n"u8);
        writer.Write((byte[])[0, 0, 0, 0, 0, 0, 1, 2]);
        writer.Write(Convert.FromHexString((1794292326123L * 10_000).ToString("x16", System.Globalization.CultureInfo.InvariantCulture)));
        writer.Write((byte[])[0, 0, 0, 16, .. "mara@example.com"u8, 0, 0, 0, 13, .. "price.changed"u8, 0, 0, 0, 8, .. "价格:1"u8, 255, 255, 255, 255, 0, 0, 0, 2, .. "{}"u8]);
        writer.Write(row.PreviousHash);
        writer.Flush();

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray())), Convert.ToHexStringLower(row.ComputeHash()));
    }

    [Fact]
    public void The_hash_of_a_list_tells_lists_apart()
    {
        string[][] lists = [[], [""], ["a", "b"], ["ab"], ["b", "a"], ["a", "b", ""], ["1:a", "b"], ["中"]];

        Assert.Equal(lists.Length, lists.Select(AuditLog.HashOf).Distinct().Count());
        Assert.Equal(AuditLog.HashOf(["a", "b"]), AuditLog.HashOf(new List<string> { "a", "b" }));
        Assert.Equal(64, AuditLog.HashOf([]).Length);
    }
}
