using BackOffice.Data.Imports;
using BackOffice.Data.Migrations;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Tests;

public sealed class UsageIntakeTests
{
    [Theory, EachEngine]
    public async Task A_refund_that_says_nothing_of_what_it_gave_back_repeats_one_that_says_nothing_was(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var refund = UsageShop.Record("1", "2026-08-10T03:00:00", 0, quota: 0) with { Flags = UsageFlags.Refund };
        Assert.Equal(OutcomeKind.New, Assert.Single(await shop.UseAsync(refund)).Kind);
        Assert.Equal(OutcomeKind.Repeated, Assert.Single(await shop.UseAsync(refund with { ChargedQuota = null })).Kind);
        Assert.Equal(OutcomeKind.PutAside, Assert.Single(await shop.UseAsync(refund with { ChargedQuota = -5 })).Kind);
        var other = refund with { ExternalId = "2" };
        Assert.Equal([OutcomeKind.New, OutcomeKind.Repeated, OutcomeKind.PutAside], (await shop.UseAsync(other, other with { ChargedQuota = null }, other with { ChargedQuota = -5 })).Select(outcome => outcome.Kind));
    }

    [Theory, EachEngine]
    public async Task The_same_record_again_is_a_repeat_and_another_content_a_conflict(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var record = UsageShop.Record("7", "2026-09-01T03:00:00", 100, 5, quota: 9);
        Assert.Equal([OutcomeKind.New, OutcomeKind.Repeated], Kinds(await shop.UseAsync(record, record)));
        Assert.Equal([OutcomeKind.Repeated], Kinds(await shop.UseAsync(record with { Line = 12, Flags = UsageFlags.WriteSplitMissing })));
        UsageRecord[] others =
        [
            record with { Tokens = new TokenCounts(101, 0, 0, 0, 5) }, record with { ChargedQuota = null }, record with { ChargedQuota = 8 }, record with { Key = "id:2" },
            record with { ConsoleName = "chat2" }, record with { UpstreamName = "m" }, record with { Channel = "3" }, record with { OccurredAt = record.OccurredAt.AddSeconds(1) },
            record with { Flags = UsageFlags.Refund },
        ];
        Assert.All(Kinds(await shop.UseAsync(others)), kind => Assert.Equal(OutcomeKind.PutAside, kind));
        Assert.All(Kinds(await shop.UseAsync(others)), kind => Assert.Equal(OutcomeKind.PutAside, kind));

        Assert.Equal([9L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageAsides WHERE State = 'open' AND Kind = 'conflict'"));
        Assert.Equal([1L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageRecords"));
        await shop.AssertSumsAsync();
    }

    [Theory, EachEngine]
    public async Task Sums_are_the_records_added_up_by_quarter_and_by_key_and_day(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(
            UsageShop.Record("1", "2026-09-01T15:59:59", 10, 1, quota: 4), UsageShop.Record("2", "2026-09-01T16:00:00", 20, 2, quota: 5), UsageShop.Record("3", "2026-09-01T16:14:59", 30, 3),
            UsageShop.Record("4", "2026-09-01T16:15:00", 40, 4, quota: 6), UsageShop.Record("5", "2026-09-01T16:15:00", 50, 5, quota: 7, key: "id:2"),
            UsageShop.Record("6", "2026-09-01T16:15:00", 0, 0, quota: -3) with { Flags = UsageFlags.Refund });

        await shop.AssertSumsAsync();
        Assert.Equal(
            ["2026-09-01|1|1|10|4|0|0", "2026-09-02|1|0|30|0|1|-3", "2026-09-02|1|1|60|11|0|0", "2026-09-02|2|1|50|7|0|0"],
            (await shop.ListAsync<KeyLine>("SELECT Day, KeyId, CAST(Charged AS int) AS Charged, UncachedInput, ChargedQuota, Refunds, RefundedQuota FROM KeyRollups ORDER BY Day, KeyId, Charged")).Select(line => line.Text));
    }

    [Theory, EachEngine]
    public async Task Eight_imports_of_the_same_records_at_once_store_each_once(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var databases = new[] { shop.Database, shop.Home.Another() };
        var records = Enumerable.Range(1, 300).Select(i => UsageShop.Record($"{i}", "2026-09-01T03:00:00", i, key: $"id:{i % 7}")).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var from = 0; from < records.Length; from += 50)
            {
                for (var tries = 0; ; tries++)
                {
                    try
                    {
                        await UsageShop.UseAsync(databases[worker % 2], records[from..(from + 50)]);
                        break;
                    }
                    catch (Exception failure) when (tries < 20 && (shop.Database.Dialect.IsUniqueViolation(failure) || shop.Database.Dialect.IsDeadlock(failure)))
                    {
                        // Another one was first: this time its rows are found.
                    }
                }
            }
        })));

        Assert.Equal([300L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageRecords"));
        await shop.AssertSumsAsync();
    }

    [Theory, EachEngine]
    public async Task A_conflict_is_kept_or_replaced_by_a_person_and_then_asks_nothing_again(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var (one, two) = (UsageShop.Record("1", "2026-09-01T03:00:00", 100, quota: 3), UsageShop.Record("2", "2026-09-01T03:00:00", 100));
        var (oneElse, twoElse) = (one with { Tokens = new TokenCounts(7, 0, 0, 0, 1) }, two with { OccurredAt = two.OccurredAt.AddDays(40), Key = "id:9", ConsoleName = "chat" });
        await shop.UseAsync(one, two);
        await shop.UseAsync(oneElse, twoElse);
        Assert.Equal([("conflicting_record", 2L)], (await shop.DraftAsync(9)).AllBlockers.Select(blocker => (blocker.Kind, blocker.Count)));
        Assert.Equal([("conflicting_record", 1L)], (await shop.DraftAsync(10)).AllBlockers.Select(blocker => (blocker.Kind, blocker.Count)));

        await shop.Asides.KeepAsync(await shop.AsideAsync("1"), "mara@example.com", "The later one is a test");
        await shop.Asides.ReplaceAsync(await shop.AsideAsync("2"), UsageShop.Business, "mara@example.com", "The clock was wrong");

        await BatchStoreTests.RefusedAsync("UsageDecided", async () => await shop.Asides.KeepAsync(await shop.AsideAsync("1"), "mara@example.com", "Again"));
        Assert.Empty((await shop.DraftAsync(9)).AllBlockers);
        Assert.Equal(100, (await shop.DraftAsync(9)).Input);
        Assert.Equal(100, (await shop.DraftAsync(10)).Input);
        await shop.AssertSumsAsync();
        Assert.Equal([OutcomeKind.Repeated, OutcomeKind.Repeated, OutcomeKind.Repeated, OutcomeKind.Repeated], Kinds(await shop.UseAsync(one, oneElse, two, twoElse)));
        Assert.Equal([2L], await shop.ListAsync<long>("SELECT COUNT(*) FROM AuditEntries WHERE Action LIKE 'usage.%'"));
    }

    [Theory, EachEngine]
    public async Task Spaces_at_the_end_of_a_name_make_no_other_name(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var record = UsageShop.Record("1", "2026-09-01T03:00:00", 100, key: "name:k1") with { UpstreamName = "m-1" };
        UsageRecord[] spaced = [record with { ExternalId = "2", ConsoleName = "chat " }, record with { ExternalId = "3", Key = "name:k1 " }, record with { ExternalId = "4", UpstreamName = "m-1 " }];
        Assert.All(Kinds(await shop.UseAsync(record)), kind => Assert.Equal(OutcomeKind.New, kind));
        Assert.All(Kinds(await shop.UseAsync(spaced)), kind => Assert.Equal(OutcomeKind.New, kind));

        Assert.All(Kinds(await shop.UseAsync([record, .. spaced, spaced[0] with { ConsoleName = "chat" }])), kind => Assert.Equal(OutcomeKind.Repeated, kind));
        Assert.Equal([1L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageNames"));
        Assert.Equal([1L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageKeys"));
        await shop.AssertSumsAsync();
    }

    [Theory, EachEngine]
    public async Task A_conflict_with_the_longest_names_in_Chinese_is_kept_whole(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        string Long(int length) => new('\u6a21', length);
        var record = UsageShop.Record("1", "2026-09-01T03:00:00", 100, quota: 3);
        var other = record with { Upstream = Long(40), ConsoleName = Long(120), UpstreamName = Long(120), Key = "name:" + Long(115), Channel = Long(40) };
        await shop.UseAsync(record);
        Assert.Equal([OutcomeKind.PutAside], Kinds(await shop.UseAsync(other)));

        await shop.Asides.ReplaceAsync(await shop.AsideAsync("1"), UsageShop.Business, "mara@example.com", "The later one is right");

        Assert.Equal([OutcomeKind.Repeated], Kinds(await shop.UseAsync(other)));
        await shop.AssertSumsAsync();
    }

    private static List<OutcomeKind> Kinds(Outcome[] outcomes) => [.. outcomes.Select(outcome => outcome.Kind)];

    private sealed class KeyLine
    {
        public DateOnly Day { get; init; }

        public int KeyId { get; init; }

        public int Charged { get; init; }

        public long UncachedInput { get; init; }

        public long ChargedQuota { get; init; }

        public long Refunds { get; init; }

        public long RefundedQuota { get; init; }

        public string Text => FormattableString.Invariant($"{Day:yyyy-MM-dd}|{KeyId}|{Charged}|{UncachedInput}|{ChargedQuota}|{Refunds}|{RefundedQuota}");
    }
}
