using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Data.Usage;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Tests;

/// <summary>The list of records: each filter shows exactly its records, and its pages follow each other both ways.</summary>
public sealed class UsageQueriesTests
{
    private static readonly string[] Models = ["chat", "Chat ", "reason", "draw"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, EachEngine]
    public async Task Each_filter_shows_its_records_on_pages_that_follow_each_other_both_ways(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var records = Enumerable.Range(1, 240).Select(Record).ToArray();
        foreach (var some in records.Chunk(40))
            await shop.UseAsync(some);
        await UsageShop.TakeInAsync(shop.Database, "other", UsageShop.Record("1", "2026-09-01T03:00:00", 1, key: "id:1"));
        var queries = new UsageQueries(shop.Database);
        foreach (var (filter, fits) in Filters())
        {
            var expected = records.Where(record => fits(record)).Select(record => "new-api/" + record.ExternalId).ToList();
            if (filter is { Source: null, Channel: null, Upstream: null, Key: null, Flag: null } && filter.Model is null or "CHAT" && filter.From == 0)
                expected.Add("other/1");
            var rows = await KeyedPage.AllAsync<UsageRow, UsagePlace>((place, stop) => queries.ListAsync(filter, place, 7, stop), row => PlaceOf(row, newer: false), Token).ToListAsync(Token);
            Assert.Equal(expected.Order(StringComparer.Ordinal), rows.Select(Name).Order(StringComparer.Ordinal));
            Assert.Equal(rows.Select(row => row.Quarter).OrderDescending(), rows.Select(row => row.Quarter));
            await WalkBackAsync(queries, filter, rows);
        }
    }

    [Theory, EachEngine]
    public async Task A_key_of_several_consoles_wants_one_of_them(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-09-01T03:00:00", 1));
        await UsageShop.TakeInAsync(shop.Database, "other", UsageShop.Record("1", "2026-09-01T03:00:00", 1));
        var queries = new UsageQueries(shop.Database);

        await BatchStoreTests.RefusedAsync("UsageKeyOfSeveral", () => queries.ListAsync(new UsageFilter { Key = "id:1" }, null, 10, Token));

        Assert.Equal("other/1", Name((await queries.ListAsync(new UsageFilter { Key = "id:1", Source = "other" }, null, 10, Token)).Rows.Single()));
        Assert.Empty((await queries.ListAsync(new UsageFilter { Key = "id:9" }, null, 10, Token)).Rows);
        Assert.Equal("other", (await queries.FindAsync("other", "1", Token))!.Source);
        Assert.Null(await queries.FindAsync("other", "2", Token));
    }

    [Theory]
    [InlineData("0-10", "", "0-10")]
    [InlineData("0-10", "0-10", "")]
    [InlineData("0-10", "0-4", "4-10")]
    [InlineData("0-10", "2-4 6-7", "0-2 4-6 7-10")]
    [InlineData("3-10", "0-4 8-12", "4-8")]
    [InlineData("0-3", "5-8", "0-3")]
    public void What_no_window_covers_is_a_gap(string all, string windows, string gaps) => Assert.Equal(gaps, string.Join(' ', Window(all).Without(windows.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Window))
        .Select(gap => FormattableString.Invariant($"{gap.FromAt.Minute}-{gap.UntilAt.Minute}"))));

    private static UsageWindow Window(string text) => new(Minute(text.Split('-')[0]), Minute(text.Split('-')[1]));

    private static DateTime Minute(string text) => new(2026, 9, 1, 0, int.Parse(text, System.Globalization.CultureInfo.InvariantCulture), 0, DateTimeKind.Utc);

    private static UsageRecord Record(int number) => UsageShop.Record($"{number}", "2026-09-01T00:00:00", number, key: $"id:{number % 4}", model: Models[number % 4]) with
    {
        OccurredAt = new DateTime(2026, 9, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(number * 6),
        UpstreamName = number % 5 == 0 ? "chat" : null,
        Upstream = number % 7 == 0 ? "acme" : null,
        Channel = $"{number % 3}",
        Flags = number % 11 == 0 ? UsageFlags.CacheUnknown | UsageFlags.WriteSplitMissing : UsageFlags.None,
    };

    private static IEnumerable<(UsageFilter Filter, Func<UsageRecord, bool> Fits)> Filters()
    {
        var (from, until) = (Record(50).OccurredAt, Record(150).OccurredAt);
        var quarters = new UsageFilter { From = (int)Quarters.Of(from), Until = (int)Quarters.Of(until) };
        bool Between(UsageRecord record) => Quarters.Of(record.OccurredAt) >= Quarters.Of(from) && Quarters.Of(record.OccurredAt) < Quarters.Of(until);
        yield return (new UsageFilter(), _ => true);
        yield return (quarters, Between);
        yield return (new UsageFilter { Model = "CHAT" }, record => record.ConsoleName.Trim().Equals("chat", StringComparison.OrdinalIgnoreCase) || record.UpstreamName == "chat");
        yield return (new UsageFilter { Model = "nothing", Source = "new-api" }, _ => false);
        yield return (new UsageFilter { Source = "new-api" }, _ => true);
        yield return (new UsageFilter { Channel = "1", Upstream = " Acme" }, record => record.Channel == "1" && record.Upstream == "acme");
        yield return (new UsageFilter { Flag = UsageFlags.CacheUnknown }, record => record.Flags.HasFlag(UsageFlags.CacheUnknown));
        yield return (new UsageFilter { Key = "id:2" }, record => record.Key == "id:2");
        yield return (quarters with { Key = "id:3", Source = "new-api", Channel = "2", Flag = UsageFlags.None }, record => record.Key == "id:3" && record.Channel == "2" && Between(record));
        yield return (quarters with { Key = "id:3", Model = "draw", Source = "new-api" }, record => record.Key == "id:3" && (record.ConsoleName == "draw" || record.UpstreamName == "draw") && Between(record));
    }

    private static async Task WalkBackAsync(UsageQueries queries, UsageFilter filter, List<UsageRow> rows)
    {
        for (var at = rows.Count - 1; at > 7; at -= 7)
        {
            var page = await queries.ListAsync(filter, PlaceOf(rows[at], newer: true), 7, Token);
            Assert.Equal(rows[(at - 7)..at].Select(Name), page.Rows.Select(Name));
            Assert.True(page is { HasBefore: true, HasAfter: true });
        }
    }

    private static UsagePlace PlaceOf(UsageRow row, bool newer) => new(row.Quarter, row.NamesId, row.SourceId, row.ExternalId, newer);

    private static string Name(UsageRow row) => $"{row.Source}/{row.ExternalId}";
}
