using System.Data.Common;
using BackOffice.Data.Audit;
using BackOffice.Data.Migrations;
using Microsoft.Data.Sqlite;

namespace BackOffice.Data.Tests;

public sealed class TamperingTests
{
    private const int Acts = 9;

    [Theory, EachEngine]
    public async Task A_chain_nobody_touched_is_whole(DatabaseProvider engine)
    {
        await using var chain = await Chain.OnAsync(engine, 0);
        Assert.Equal(new AuditVerdict(0, 0, new AuditHead(), null), await chain.VerifyAsync());

        for (var i = 1; i <= Acts; i++)
            await chain.ActAsync(Chain.Act(i));

        var verdict = await chain.VerifyAsync(await chain.HeadAsync());
        Assert.True(verdict.IsWhole, verdict.ToString());
        Assert.Equal((Acts, Acts), (verdict.Rows, verdict.Head!.Sequence));
    }

    [Theory, EachEngine]
    public async Task Any_value_that_was_changed_is_found(DatabaseProvider engine)
    {
        (string Column, Func<AuditEntry, AuditEntry> Change)[] changes =
        [
            ("At", row => row with { At = row.At.AddMilliseconds(1) }),
            ("Who", row => row with { Who = row.Who + "x" }),
            ("Action", row => row with { Action = "price.chanced" }),
            ("Subject", row => row with { Subject = row.Subject.ToUpperInvariant() }),
            ("Reason", row => row with { Reason = row.Reason is null ? "" : null }),
            ("Details", row => row with { Details = row.Details + " " }),
            ("Details gone", row => row with { Details = null }),
            ("a letter moved from one column to the next", row => row with { Action = row.Action + row.Subject[0], Subject = row.Subject[1..] }),
            ("PreviousHash", row => row with { PreviousHash = Flipped(row.PreviousHash) }),
            ("Hash", row => row with { Hash = Flipped(row.Hash) }),
        ];
        await using var chain = await Chain.OnAsync(engine, Acts);
        var (rows, head) = (await chain.RowsAsync(), await chain.HeadAsync());

        foreach (var (column, change) in changes)
        {
            foreach (var number in new[] { 1, 5, Acts })
            {
                await chain.PutAsync(rows.Select(row => row.Sequence == number ? change(row) : row), head);

                Assert.Equal((column, new AuditBreak(number, AuditBreakKind.Changed)), (column, (await chain.VerifyAsync()).Break));
            }
        }
        await chain.PutAsync(rows, head);
        Assert.True((await chain.VerifyAsync()).IsWhole);
    }

    [Theory, EachEngine]
    public async Task Any_row_that_was_removed_is_found(DatabaseProvider engine)
    {
        await using var chain = await Chain.OnAsync(engine, Acts);
        var (rows, head) = (await chain.RowsAsync(), await chain.HeadAsync());

        foreach (var number in new[] { 1, 5, Acts })
        {
            await chain.PutAsync(rows.Where(row => row.Sequence != number), head);
            Assert.Equal(new AuditBreak(number, AuditBreakKind.Removed), (await chain.VerifyAsync()).Break);
        }
        await chain.PutAsync([], head);
        Assert.Equal(new AuditBreak(1, AuditBreakKind.Removed), (await chain.VerifyAsync()).Break);
        // The gap closed by giving the rows after it new numbers.
        await chain.PutAsync(Renumbered(rows.Where(row => row.Sequence != 5)), head with { Sequence = Acts - 1 });
        Assert.Equal(new AuditBreak(5, AuditBreakKind.Moved, 6), (await chain.VerifyAsync()).Break);
    }

    [Theory, EachEngine]
    public async Task Rows_that_were_swapped_are_found(DatabaseProvider engine)
    {
        await using var chain = await Chain.OnAsync(engine, Acts);
        var (rows, head) = (await chain.RowsAsync(), await chain.HeadAsync());

        foreach (var (one, other) in new[] { (3, 7), (3, 4), (1, Acts) })
        {
            await chain.PutAsync(rows.Select(row => row.Sequence == one ? row with { Sequence = other } : row.Sequence == other ? row with { Sequence = one } : row), head);
            Assert.Equal(new AuditBreak(one, AuditBreakKind.Moved, other), (await chain.VerifyAsync()).Break);
        }
    }

    [Theory, EachEngine]
    public async Task Rows_that_were_put_in_are_found_however_well_they_are_forged(DatabaseProvider engine)
    {
        await using var chain = await Chain.OnAsync(engine, Acts);
        var (rows, head) = (await chain.RowsAsync(), await chain.HeadAsync());
        var extra = rows[0] with { Subject = "price:extra" };
        AuditEntry After(int number) => Chain.Forged(extra with { Sequence = number + 1, PreviousHash = rows[number - 1].Hash });

        // In the middle, the others numbered anew. With the right link the index has two rows that follow one; so with another.
        var twice = await Assert.ThrowsAnyAsync<DbException>(() => chain.PutAsync(Renumbered([.. rows.Take(4), After(4), .. rows.Skip(4)]), head with { Sequence = Acts + 1 }));
        Assert.True(chain.Home.Database.Dialect.IsUniqueViolation(twice), twice.Message);
        await chain.PutAsync(Renumbered([.. rows.Take(4), Chain.Forged(After(4) with { PreviousHash = Flipped(rows[3].Hash) }), .. rows.Skip(4)]), head with { Sequence = Acts + 1 });
        Assert.Equal(new AuditBreak(5, AuditBreakKind.Unlinked), (await chain.VerifyAsync()).Break);
        // At the end, the head left as it was.
        await chain.PutAsync([.. rows, After(Acts)], head);
        Assert.Equal(new AuditBreak(Acts + 1, AuditBreakKind.Inserted), (await chain.VerifyAsync()).Break);
        // In the place of another: the next one tells.
        await chain.PutAsync(rows.Select(row => row.Sequence == 5 ? Chain.Forged(row with { Who = "nobody@example.com" }) : row), head);
        Assert.Equal(new AuditBreak(6, AuditBreakKind.Unlinked), (await chain.VerifyAsync()).Break);
        // In the place of the last: the head tells.
        await chain.PutAsync(rows.Select(row => row.Sequence == Acts ? Chain.Forged(row with { Who = "nobody@example.com" }) : row), head);
        Assert.Equal(new AuditBreak(Acts, AuditBreakKind.HeadDiffers), (await chain.VerifyAsync()).Break);
    }

    [Theory, EachEngine]
    public async Task A_head_that_was_changed_is_found(DatabaseProvider engine)
    {
        await using var chain = await Chain.OnAsync(engine, Acts);
        var (rows, head) = (await chain.RowsAsync(), await chain.HeadAsync());
        (AuditHead? Head, AuditBreak Break)[] heads =
        [
            (head with { Hash = Flipped(head.Hash!) }, new AuditBreak(Acts, AuditBreakKind.HeadDiffers)),
            (head with { Hash = null }, new AuditBreak(Acts, AuditBreakKind.HeadDiffers)),
            (head with { Sequence = Acts + 1 }, new AuditBreak(Acts, AuditBreakKind.HeadDiffers)),
            (head with { Sequence = Acts - 1 }, new AuditBreak(Acts, AuditBreakKind.HeadDiffers)),
            (head with { Sequence = 0, Hash = null }, new AuditBreak(1, AuditBreakKind.Inserted)),
            (Chain.HeadOf(rows[..5]), new AuditBreak(6, AuditBreakKind.Inserted)),
            (null, new AuditBreak(Acts, AuditBreakKind.HeadDiffers)),
        ];

        foreach (var (changed, broken) in heads)
        {
            await chain.PutAsync(rows, changed);
            Assert.Equal(broken, (await chain.VerifyAsync()).Break);
        }
        await Assert.ThrowsAsync<InvalidOperationException>(() => chain.ActAsync(Chain.Act(1)));
    }

    [Theory, EachEngine]
    public async Task A_chain_rewritten_whole_is_found_by_a_head_that_was_noted(DatabaseProvider engine)
    {
        await using var chain = await Chain.OnAsync(engine, Acts);
        var (rows, noted) = (await chain.RowsAsync(), await chain.HeadAsync());

        var rewritten = Chain.Relinked(rows.Select(row => row.Sequence == 5 ? row with { Who = "nobody@example.com" } : row));
        await chain.PutAsync(rewritten, Chain.HeadOf(rewritten));
        Assert.True((await chain.VerifyAsync()).IsWhole);
        Assert.Equal(new AuditBreak(Acts, AuditBreakKind.Rewritten), (await chain.VerifyAsync(noted)).Break);

        await chain.PutAsync(rows[..7], Chain.HeadOf(rows[..7]));
        Assert.True((await chain.VerifyAsync()).IsWhole);
        Assert.Equal(new AuditBreak(8, AuditBreakKind.Removed), (await chain.VerifyAsync(noted)).Break);

        await chain.PutAsync(rows, noted);
        await chain.ActAsync(Chain.Act(10));
        Assert.True((await chain.VerifyAsync(noted)).IsWhole);
    }

    [Theory]
    [InlineData("UPDATE AuditEntries SET Sequence = 0 WHERE Sequence = 5", 0, AuditBreakKind.Inserted)]
    [InlineData("UPDATE AuditEntries SET Sequence = -4 WHERE Sequence = 5", -4, AuditBreakKind.Inserted)]
    [InlineData("UPDATE AuditEntries SET At = 'yesterday' WHERE Sequence = 5", 5, AuditBreakKind.Changed)]
    [InlineData("UPDATE AuditEntries SET Who = x'6d61' WHERE Sequence = 5", 5, AuditBreakKind.Changed)]
    [InlineData("UPDATE AuditEntries SET Hash = 'none' WHERE Sequence = 5", 5, AuditBreakKind.Changed)]
    [InlineData("UPDATE AuditEntries SET PreviousHash = x'' WHERE Sequence = 5", 5, AuditBreakKind.Changed)]
    [InlineData("UPDATE AuditEntries SET At = At || '0001' WHERE Sequence = 5", 5, AuditBreakKind.Changed)]
    public async Task What_SQLite_takes_for_a_value_is_found_as_well(string tampering, long number, AuditBreakKind kind)
    {
        await using var chain = await Chain.OnAsync(DatabaseProvider.Sqlite, Acts);
        await using (var connection = new SqliteConnection(chain.Home.Settings.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA ignore_check_constraints = 1; " + tampering;
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        Assert.Equal(new AuditBreak(number, kind), (await chain.VerifyAsync()).Break);
    }

    [Fact]
    public async Task A_long_chain_is_walked_to_its_end()
    {
        const int many = 120_000;
        await using var chain = await Chain.OnAsync(DatabaseProvider.Sqlite, 1);
        var first = (await chain.RowsAsync())[0];
        var rows = Chain.Relinked(Enumerable.Range(1, many).Select(i => first with { Subject = AuditSubject.Of("price", i) }));

        await chain.PutAsync(rows, Chain.HeadOf(rows));
        Assert.Equal(new AuditVerdict(0, many, Chain.HeadOf(rows), null) with { Head = null }, await chain.VerifyAsync() with { Head = null });
        foreach (var number in new[] { 50_000, 50_001, 100_000, many - 1 })
        {
            await chain.PutAsync(rows.Where(row => row.Sequence != number), Chain.HeadOf(rows));
            Assert.Equal(new AuditBreak(number, AuditBreakKind.Removed), (await chain.VerifyAsync()).Break);
        }
    }

    [Fact]
    public async Task The_newest_rows_can_be_walked_alone()
    {
        await using var chain = await Chain.OnAsync(DatabaseProvider.Sqlite, Acts);
        var (rows, head) = (await chain.RowsAsync(), await chain.HeadAsync());
        await chain.PutAsync(rows.Select(row => row.Sequence == 5 ? row with { Reason = "changed" } : row), head);
        var verifier = new AuditVerifier(chain.Home.Database);

        var newest = await verifier.VerifyNewestAsync(4);

        Assert.Equal((true, 5L, 4L), (newest.IsWhole, newest.After, newest.Rows));
        Assert.Equal(new AuditBreak(5, AuditBreakKind.Changed), (await verifier.VerifyNewestAsync(5)).Break);
        Assert.Equal(new AuditBreak(5, AuditBreakKind.Changed), (await verifier.VerifyNewestAsync(1000)).Break);
        await chain.PutAsync(rows.Where(row => row.Sequence != 5), head);
        Assert.Equal(new AuditBreak(5, AuditBreakKind.Removed), (await verifier.VerifyNewestAsync(4)).Break);
    }

    private static IEnumerable<AuditEntry> Renumbered(IEnumerable<AuditEntry> rows) => rows.Select((row, i) => row with { Sequence = i + 1 });

    private static byte[] Flipped(byte[] hash) => [.. hash[..31], (byte)(hash[31] ^ 1)];
}
