using System.Data.Common;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;

namespace BackOffice.Data.Tests;

public sealed class BulkInsertTests
{
    [Theory, EachEngine]
    public async Task Many_rows_come_back_as_they_went_in(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        // Full and empty rows in turn: a value must not stay behind from the row before.
        List<Sample> rows = [.. Enumerable.Range(1, 12).Select(i => i % 3 == 0 ? new Sample { Id = Samples.Id(i), Number = i } : ValuesTests.Full(i))];

        await home.Database.WriteAsync(WriteRank.Job, session => session.BulkInsertAsync(samples.Table, rows));

        var stored = await samples.AllAsync();
        Assert.Equal(rows.Count, stored.Count);
        for (var i = 0; i < rows.Count; i++)
            ValuesTests.Same(rows[i], stored[i]);
    }

    [Theory, EachEngine]
    public async Task One_transaction_fills_several_tables_in_turn(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var (one, two) = (await Samples.CreateAsync(home), await Samples.CreateAsync(home));

        for (var slice = 0; slice < 3; slice++)
        {
            await home.Database.WriteAsync(WriteRank.Job, async session =>
            {
                await session.BulkInsertAsync(one.Table, Slice(slice * 2));
                await session.BulkInsertAsync(two.Table, Slice(slice * 2));
                await session.BulkInsertAsync(one.Table, Slice(slice * 2 + 1));
                await session.BulkInsertAsync(two.Table, []);
            });
        }

        Assert.Equal(600, await one.CountAsync());
        Assert.Equal(300, await two.CountAsync());
        static List<Sample> Slice(int number) => [.. Enumerable.Range(number * 100, 100).Select(i => new Sample { Id = Samples.Id(i), Number = i })];
    }

    [Theory, EachEngine]
    public async Task Rows_of_which_one_repeats_a_key_go_in_not_at_all_and_leave_the_transaction_usable(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        await samples.AddAsync(new Sample { Id = Samples.Id(3), Number = 3 });

        await home.Database.WriteAsync(WriteRank.Job, async session =>
        {
            var rows = Enumerable.Range(1, 5).Select(i => new Sample { Id = Samples.Id(i), Number = i }).ToList();
            var failure = await Assert.ThrowsAnyAsync<DbException>(() => session.BulkInsertAsync(samples.Table, rows));
            Assert.True(home.Database.Dialect.IsUniqueViolation(failure));
            await session.BulkInsertAsync(samples.Table, [new Sample { Id = Samples.Id(7), Number = 7 }]);
        });

        Assert.Equal([3, 7], (await samples.AllAsync()).Select(row => row.Number!.Value));
    }

    [Theory, EachEngine]
    public async Task Checks_hold_for_many_rows_too(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);

        await Assert.ThrowsAnyAsync<DbException>(() => home.Database.WriteAsync(
            WriteRank.Job, session => session.BulkInsertAsync(samples.Table, [new Sample { Id = Samples.Id(1), Number = 1, Small = 101 }])));

        Assert.Equal(0, await samples.CountAsync());
    }

    [Fact]
    public async Task Foreign_keys_hold_for_many_rows_too()
    {
        await using var home = await TestDatabase.OnAsync(DatabaseProvider.Sqlite);
        var prices = new BulkTable<string>(
            "PackagePrices",
            ("Package", typeof(string), package => package),
            ("Purpose", typeof(string), _ => "list"),
            ("Currency", typeof(string), _ => "CNY"),
            ("AmountMinor", typeof(long), _ => 100L),
            ("ValidFrom", typeof(DateTime), _ => DateTime.UnixEpoch));

        await Assert.ThrowsAnyAsync<DbException>(() => home.Database.WriteAsync(WriteRank.Job, session => session.BulkInsertAsync(prices, ["no such package"])));
    }
}
