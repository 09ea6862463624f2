using System.Buffers.Binary;
using System.Diagnostics;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Migrations;
using BackOffice.Data.Usage;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Tests;

/// <summary>What was put aside of usage: found by kind, import and month, and decided about one by one or all of an import together.</summary>
public sealed class UsageAsidesTests
{
    private const string Mara = "mara@example.com";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, EachEngine]
    public async Task Each_filter_shows_what_waits_on_pages_that_follow_each_other_both_ways(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var first = await shop.PutAsideAsync([.. Enumerable.Range(0, 20).Select(Line)]);
        var conflicts = await ConflictsAsync(shop, 9);
        await shop.PutAsideAsync(Line(20), Line(21), Line(22));
        var queries = new UsageAsideQueries(shop.Database);
        await shop.Asides.AcceptAsync(await shop.AsideAsync("x0"), Mara, "A slip", Token);
        var all = await AllAsync(queries, new UsageAsideFilter());
        Assert.Equal(31, all.Count);
        var september = (QuarterOf("2026-09-01T00:00"), QuarterOf("2026-10-01T00:00"));
        bool IsOfSeptember(UsageAsideRow row) => row.Quarter is not { } quarter || IsIn(september, quarter) || (row.OtherQuarter is { } other && IsIn(september, other));
        (UsageAsideFilter Filter, Func<UsageAsideRow, bool> Fits)[] filters =
        [
            (new UsageAsideFilter(), _ => true),
            (new UsageAsideFilter { Kind = "conflict" }, row => row.Kind == "conflict"),
            (new UsageAsideFilter { Import = first }, row => row.Import == first),
            (new UsageAsideFilter { Import = 999 }, _ => false),
            (new UsageAsideFilter { Month = september }, IsOfSeptember),
            (new UsageAsideFilter { Kind = "conflict", Import = conflicts, Month = september }, row => row.Kind == "conflict" && IsOfSeptember(row)),
            (new UsageAsideFilter { Kind = "unreadable", Import = first, Month = september }, row => row.Import == first && IsOfSeptember(row)),
        ];
        foreach (var (filter, fits) in filters)
        {
            var rows = await AllAsync(queries, filter);
            Assert.Equal(all.Where(fits).Select(row => row.Id), rows.Select(row => row.Id));
            await WalkBackAsync(queries, filter, rows);
        }
        // Of the lines every third has no time, and every third is of October; of the conflicts one record or both are of September.
        Assert.Equal((15, 9), (all.Count(row => row.Kind == "unreadable" && IsOfSeptember(row)), all.Count(row => row.Kind == "conflict" && IsOfSeptember(row))));
        Assert.Equal([("unreadable", 19L)], (await queries.CountAsync(first, Token)).Select(count => (count.Kind, count.Asides)));
    }

    [Theory, EachEngine]
    public async Task All_unreadable_lines_of_an_import_are_left_out_together_as_one_by_one(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var lines = Enumerable.Range(0, 5).Select(Line).ToArray();
        var import = await shop.PutAsideAsync(lines);
        await shop.PutAsideAsync(Line(5));
        await BatchStoreTests.RefusedAsync("UsageAsidesChanged", () => shop.Asides.AcceptAllAsync(import, 4, Mara, "The wrong console's name", Token));
        await BatchStoreTests.RefusedAsync("UsageAsidesChanged", () => shop.Asides.AcceptAllAsync(import, 6, Mara, "The wrong console's name", Token));
        await BatchStoreTests.RefusedAsync("UsageAsidesChanged", () => shop.Asides.KeepAllAsync(import, 5, Mara, "The wrong console's name", Token));
        Assert.Equal([6L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageAsides WHERE State = 'open'"));
        Assert.Equal([0L], await shop.ListAsync<long>("SELECT COUNT(*) FROM AuditEntries WHERE Action LIKE 'usage.%'"));

        var one = (await new UsageAsideQueries(shop.Database).ListAsync(new UsageAsideFilter { Import = import }, null, 1, Token)).Rows[0].Id;
        await shop.Asides.AcceptAsync(one, Mara, "The wrong console's name", Token);
        await shop.Asides.AcceptAllAsync(import, 4, Mara, "The wrong console's name", Token);
        await BatchStoreTests.RefusedAsync("UsageAsidesChanged", () => shop.Asides.AcceptAllAsync(import, 4, Mara, "Again", Token));
        await BatchStoreTests.RefusedAsync("UsageAsidesChanged", () => shop.Asides.AcceptAllAsync(import, 0, Mara, "Again", Token));

        Assert.Equal(["accepted|mara@example.com|The wrong console's name|5"], await shop.ListAsync<string>("""
            SELECT CONCAT(State, '|', DecidedBy, '|', Reason, '|', COUNT(*)) AS Line
            FROM UsageAsides WHERE State <> 'open' AND DecidedAt IS NOT NULL GROUP BY State, DecidedBy, Reason
            """));
        var entry = (await shop.ListAsync<string>($"SELECT Details FROM AuditEntries WHERE Action = 'usage.accepted' AND Subject = 'import:{import}'")).Single();
        Assert.Matches("\"list_hash\":\"[0-9a-f]{64}\",\"rows\":4", entry);
        await shop.PutAsideAsync(lines);
        Assert.Equal([1L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageAsides WHERE State = 'open'"));
        Assert.Equal([6L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageAsides"));
    }

    [Theory, EachEngine]
    public async Task Of_all_conflicts_of_an_import_the_first_is_kept_together_and_the_file_asks_nothing_again(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var import = await ConflictsAsync(shop, 7);
        var before = await shop.ListAsync<string>("SELECT CONCAT(ExternalId, '|', UncachedInput, '|', OccurredAt) AS Line FROM UsageRecords ORDER BY ExternalId");
        Assert.NotEmpty((await shop.DraftAsync(9)).AllBlockers);

        await shop.Asides.KeepAllAsync(import, 7, Mara, "The first file was right", Token);

        Assert.Empty((await shop.DraftAsync(9)).AllBlockers);
        Assert.Equal([7L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageAsides WHERE State = 'kept'"));
        Assert.Equal(before, await shop.ListAsync<string>("SELECT CONCAT(ExternalId, '|', UncachedInput, '|', OccurredAt) AS Line FROM UsageRecords ORDER BY ExternalId"));
        await shop.AssertSumsAsync();
        await BatchStoreTests.RefusedAsync("UsageAsidesChanged", () => shop.Asides.KeepAllAsync(import, 7, Mara, "Again", Token));
        Assert.Equal([1L], await shop.ListAsync<long>("SELECT COUNT(*) FROM AuditEntries WHERE Action LIKE 'usage.%'"));
        Assert.All(await shop.UseAsync([.. Enumerable.Range(0, 7).Select(Later)]), outcome => Assert.Equal(OutcomeKind.Repeated, outcome.Kind));
        Assert.Equal([0L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageAsides WHERE State = 'open'"));
    }

    [Theory, EachEngine]
    public async Task More_than_a_transaction_takes_is_decided_in_portions_each_on_record(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var import = await shop.PutAsideAsync([.. Enumerable.Range(0, 20_001).Select(Line)]);

        var startedAt = Stopwatch.GetTimestamp();
        await shop.Asides.AcceptAllAsync(import, 20_001, Mara, "The wrong console's name", Token);

        Assert.True(Stopwatch.GetElapsedTime(startedAt) < TimeSpan.FromSeconds(10));
        TestContext.Current.TestOutputHelper?.WriteLine($"{Stopwatch.GetElapsedTime(startedAt)}");
        Assert.Equal([20_001L], await shop.ListAsync<long>("SELECT COUNT(*) FROM UsageAsides WHERE State = 'accepted'"));
        Assert.Equal([2L], await shop.ListAsync<long>($"SELECT COUNT(*) FROM AuditEntries WHERE Action = 'usage.accepted' AND Subject = 'import:{import}'"));
    }

    private static UsageAside Line(int number)
    {
        var fingerprint = new byte[16];
        BinaryPrimitives.WriteInt32BigEndian(fingerprint, number);
        return new UsageAside(fingerprint, $"x{number}", number % 3 == 0 ? null : Instant(number % 3 == 1 ? "2026-09-05T03:00" : "2026-10-05T03:00"));
    }

    // Records of September, and as many with the same ids and another content; the number of the import that brought the others.
    private static async Task<long> ConflictsAsync(UsageShop shop, int count)
    {
        await shop.UseAsync([.. Enumerable.Range(0, count).Select(i => UsageShop.Record($"{i}", "2026-09-05T03:00:00", 100))]);
        await shop.UseAsync([.. Enumerable.Range(0, count).Select(Later)]);
        return await shop.LastImportAsync();
    }

    private static UsageRecord Later(int number) => UsageShop.Record($"{number}", number % 2 == 0 ? "2026-09-05T03:00:00" : "2026-10-05T03:00:00", 101);

    private static Task<List<UsageAsideRow>> AllAsync(UsageAsideQueries queries, UsageAsideFilter filter) =>
        KeyedPage.AllAsync<UsageAsideRow, UsageAsidePlace>((place, stop) => queries.ListAsync(filter, place, 4, stop), row => new UsageAsidePlace(row.RecordedAt, row.Id, IsBefore: false), Token).ToListAsync(Token).AsTask();

    private static async Task WalkBackAsync(UsageAsideQueries queries, UsageAsideFilter filter, List<UsageAsideRow> rows)
    {
        for (var at = rows.Count - 1; at > 4; at -= 4)
        {
            var page = await queries.ListAsync(filter, new UsageAsidePlace(rows[at].RecordedAt, rows[at].Id, IsBefore: true), 4, Token);
            Assert.Equal(rows[(at - 4)..at].Select(row => row.Id), page.Rows.Select(row => row.Id));
            Assert.True(page is { HasBefore: true, HasAfter: true });
        }
    }

    private static bool IsIn((int From, int Until) month, int quarter) => quarter >= month.From && quarter < month.Until;

    private static int QuarterOf(string instant) => checked((int)Quarters.Of(Instant(instant)));

    private static DateTime Instant(string text) => DateTime.Parse(text + ":00Z", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal);
}
