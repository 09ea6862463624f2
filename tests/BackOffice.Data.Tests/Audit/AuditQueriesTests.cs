using BackOffice.Data.Audit;
using BackOffice.Data.Migrations;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Data.Tests;

public sealed class AuditQueriesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 10, 6, 0, 0, TimeSpan.Zero);

    [Theory, EachEngine]
    public async Task Pages_lead_through_all_rows_and_back_also_where_instants_are_equal(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider(Start);
        await using var chain = await Chain.OnAsync(engine, 5, clock);
        clock.Advance(TimeSpan.FromMinutes(1));
        for (var i = 6; i <= 12; i++)
            await chain.ActAsync(Chain.Act(i));
        var queries = new AuditQueries(chain.Home.Database);

        var seen = new List<long>();
        var page = await queries.ListAsync(new AuditFilter(), null, 5);
        Assert.False(page.HasBefore);
        for (; ; page = await queries.ListAsync(new AuditFilter(), new AuditPlace(page.Rows[^1].At, page.Rows[^1].Sequence, Newer: false), 5))
        {
            seen.AddRange(page.Rows.Select(row => row.Sequence));
            if (!page.HasAfter)
                break;
        }
        var back = await queries.ListAsync(new AuditFilter(), new AuditPlace(page.Rows[0].At, page.Rows[0].Sequence, Newer: true), 5);

        Assert.Equal([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], seen);
        Assert.Equal([7, 6, 5, 4, 3], back.Rows.Select(row => row.Sequence));
        Assert.True(back is { HasBefore: true, HasAfter: true });
    }

    [Theory, EachEngine]
    public async Task Filters_find_their_rows_alone_and_together(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider(Start);
        await using var chain = await Chain.OnAsync(engine, 0, clock);
        for (var i = 1; i <= 12; i++)
        {
            await chain.ActAsync(Chain.Act(i) with { Action = i % 2 == 0 ? "price.changed" : "price.added", Subject = AuditSubject.Of("price", i % 4) });
            clock.Advance(TimeSpan.FromHours(1));
        }
        var queries = new AuditQueries(chain.Home.Database);
        async Task<List<long>> Of(AuditFilter filter)
        {
            var listed = (await queries.ListAsync(filter, null, 50)).Rows.Select(row => row.Sequence).ToList();
            var streamed = new List<long>();
            await foreach (var row in queries.StreamAsync(filter))
                streamed.Add(row.Sequence);
            Assert.Equal(listed, streamed);
            return listed;
        }

        Assert.Equal([12, 9, 6, 3], await Of(new AuditFilter { Who = "ilya@example.com" }));
        Assert.Equal([11, 9, 7, 5, 3, 1], await Of(new AuditFilter { Action = "price.added" }));
        Assert.Equal([9, 5, 1], await Of(new AuditFilter { Subject = "price:1" }));
        Assert.Equal([9], await Of(new AuditFilter { Who = "ilya@example.com", Action = "price.added", Subject = "price:1" }));
        Assert.Equal([4, 3], await Of(new AuditFilter { From = Start.UtcDateTime.AddHours(2), Until = Start.UtcDateTime.AddHours(4) }));
        Assert.Empty(await Of(new AuditFilter { Who = "Ilya@example.com" }));
    }

    [Fact]
    public async Task More_rows_than_a_portion_are_streamed_each_once()
    {
        await using var chain = await Chain.OnAsync(DatabaseProvider.Sqlite, 1);
        var first = (await chain.RowsAsync())[0];
        var rows = Chain.Relinked(Enumerable.Range(1, 2500).Select(i => first with { Subject = AuditSubject.Of("price", i) }));
        await chain.PutAsync(rows, Chain.HeadOf(rows));

        var streamed = new List<long>();
        await foreach (var row in new AuditQueries(chain.Home.Database).StreamAsync(new AuditFilter()))
            streamed.Add(row.Sequence);

        Assert.Equal(rows.Select(row => row.Sequence).Reverse(), streamed);
    }

    [Fact]
    public async Task The_head_is_told_as_number_and_hash()
    {
        await using var chain = await Chain.OnAsync(DatabaseProvider.Sqlite, 2);
        var queries = new AuditQueries(chain.Home.Database);

        var (head, last) = (await queries.HeadAsync(), await queries.FindAsync(2));

        Assert.Equal($"2:{Convert.ToHexStringLower(last!.Hash)}", head.ToString());
        Assert.Null(await queries.FindAsync(3));
    }
}
