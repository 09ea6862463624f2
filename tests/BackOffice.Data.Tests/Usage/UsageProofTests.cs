using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Data.Usage;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Tests;

/// <summary>Sums of usage that equal their records are proved, and a planted difference of either table is found and named.</summary>
public sealed class UsageProofTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, EachEngine]
    public async Task Sums_that_equal_their_records_are_proved_also_where_a_person_replaced_one(DatabaseProvider engine)
    {
        await using var shop = await FilledAsync(engine);
        await shop.ApproveAsync(9);
        var other = UsageShop.Record("3", "2026-09-05T03:00:00", 5, 5, quota: 3);
        await shop.UseAsync(other);
        await shop.Asides.ReplaceAsync(await shop.AsideAsync("3"), UsageShop.Business, "mara@example.com", "The later one is right");

        var outcome = await ProveAsync(shop);

        Assert.Equal((6, 0), (outcome.Records, outcome.Differences));
        Assert.True((await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageRollups WHERE Era > 1")).Single() > 0);
    }

    [Theory]
    [InlineData("UPDATE UsageRollups SET OutputTokens = OutputTokens + 7 WHERE OutputTokens = 2", "UsageRollups 2026-09-01T15:45Z new-api chat (names 1): records less roll-up: output -7")]
    [InlineData("DELETE FROM UsageRollups WHERE OutputTokens = 2", "UsageRollups 2026-09-01T15:45Z new-api chat (names 1): records less roll-up: records +1, uncached_input +20, output +2, charged_quota +5")]
    [InlineData("UPDATE KeyRollups SET RefundedQuota = -4 WHERE Refunds = 1", "KeyRollups 2026-09-05 id:1 new-api chat (key 1, names 1, not charged): records less roll-up: refunded_quota +1")]
    [InlineData("INSERT INTO KeyRollups (Day, KeyId, NamesId, Charged, Records, UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens, ChargedQuota, Refunds, RefundedQuota) VALUES ('2025-01-01', 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)",
        "KeyRollups 2025-01-01 id:1 new-api chat (key 1, names 1, not charged): records less roll-up: records -1")]
    public async Task A_planted_difference_of_either_table_is_found(string damage, string line)
    {
        await using var shop = await FilledAsync(DatabaseProvider.Sqlite);
        await ChangeAsync(shop, damage);

        var outcome = await ProveAsync(shop);

        Assert.Equal(1, outcome.Differences);
        Assert.Equal(line, outcome.First.Single().ToString());
    }

    [Theory, EachEngine]
    public async Task A_record_that_vanished_differs_in_both_tables(DatabaseProvider engine)
    {
        await using var shop = await FilledAsync(engine);
        await ChangeAsync(shop, "DELETE FROM UsageRecords WHERE ExternalId = '5'");

        var outcome = await ProveAsync(shop);

        Assert.Equal(["KeyRollups", "UsageRollups"], outcome.First.Select(line => line.ToString().Split(' ')[0]).Order());
        Assert.All(outcome.First, line => Assert.Equal(-1, line.By["records"]));
    }

    [Theory, EachEngine]
    public async Task What_comes_in_while_it_is_proved_differs_from_nothing(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var proof = new UsageProof(shop.Database, UsageShop.Business);
        var coming = Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
                await shop.UseAsync([.. Enumerable.Range(0, 20).Select(j => UsageShop.Record($"{i * 20 + j}", $"2026-09-0{1 + j % 3}T03:{i % 60:00}:00", i + 1, j, quota: 1, key: $"id:{j % 5}"))]);
        }, Token);
        var days = UsageProof.DaysOfMonth(new DateOnly(2026, 9, 1)).Take(4).ToList();
        do
            Assert.Empty((await proof.ProveAsync(days, 10, (_, _, _) => Task.CompletedTask, Token)).First);
        while (!coming.IsCompleted);
        await coming;
        Assert.Equal(1200, (await proof.ProveAsync(days, 10, (_, _, _) => Task.CompletedTask, Token)).Records);
    }

    [Theory, EachEngine]
    public async Task Days_that_changed_are_due_and_others_in_turn(DatabaseProvider engine)
    {
        await using var shop = await FilledAsync(engine);
        var days = new UsageDays(shop.Database);
        DateOnly[] all = [new(2026, 9, 1), new(2026, 9, 2), new(2026, 9, 5)];
        Assert.Equal(all, await days.DueAsync(0, Token));
        var later = shop.Database.Clock.UtcNow().AddMinutes(2);
        foreach (var (day, i) in all.Select((day, i) => (day, i)))
            await days.NoteProvedAsync(day, later.AddMinutes(i), Token);
        Assert.Empty(await days.DueAsync(0, Token));
        Assert.Equal(all[..2], await days.DueAsync(2, Token));
        await days.NoteProvedAsync(all[0], later.AddMinutes(9), Token);
        Assert.Equal(all[1..], await days.DueAsync(2, Token));
        // A mark holds for a minute: a proof that began since does not make it old.
        await days.NoteProvedAsync(all[1], shop.Database.Clock.UtcNow(), Token);
        Assert.Equal([all[1]], await days.DueAsync(0, Token));
    }

    [Fact]
    public async Task A_shop_without_usage_has_nothing_to_prove()
    {
        await using var shop = await UsageShop.OnAsync(DatabaseProvider.Sqlite);
        Assert.Empty(await new UsageProof(shop.Database, UsageShop.Business).DaysAsync(Token));
    }

    private static async Task<UsageShop> FilledAsync(DatabaseProvider engine)
    {
        var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(
            UsageShop.Record("1", "2026-09-01T15:45:00", 20, 2, quota: 5), UsageShop.Record("2", "2026-09-01T16:00:00", 30, 3), UsageShop.Record("3", "2026-09-05T03:00:00", 40, 4, quota: 6),
            UsageShop.Record("4", "2026-09-05T03:01:00", 0, 0, quota: -3) with { Flags = UsageFlags.Refund }, UsageShop.Record("5", "2026-09-05T03:20:00", 50, 5, quota: 7, key: "id:2"),
            UsageShop.Record("6", "2026-09-05T03:20:00", 60, 6, key: "id:2"));
        return shop;
    }

    private static async Task<UsageProofOutcome> ProveAsync(UsageShop shop)
    {
        var proof = new UsageProof(shop.Database, UsageShop.Business);
        return await proof.ProveAsync(await proof.DaysAsync(Token), 10, (_, _, _) => Task.CompletedTask, Token);
    }

    private static Task<int> ChangeAsync(UsageShop shop, string sql) => shop.Database.WriteAsync(WriteRank.Job, session => session.ExecuteAsync(new Sql(sql)));
}
