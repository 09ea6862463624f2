using BackOffice.Data.Audit;
using BackOffice.Data.Demo;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Data.Packages;
using BackOffice.Domain;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Data.Tests;

public sealed class PriceStoreTests
{
    private static readonly DateTime Morning = new(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc);
    private static readonly BusinessTime Shop = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(Morning, TimeSpan.Zero));
    private readonly string _slug = $"p-{Ids.New(DateTime.UnixEpoch):N}";

    [Theory, EachEngine]
    public async Task A_price_that_ends_the_one_before_leaves_no_gap_and_no_overlap(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        var (store, queries) = (new PriceStore(home.Database, Shop), new PriceQueries(home.Database));
        await store.AddAsync(Wanted(299), 1, "first", "mara@example.com");
        await store.AddAsync(Wanted(349, from: Morning.AddDays(7), endsPresent: true), 2, "dearer", "mara@example.com");

        var series = await queries.SeriesAsync(Series);
        Assert.Equal([(299L, Morning, (DateTime?)Morning.AddDays(7)), (349L, Morning.AddDays(7), null)], series.Select(price => (price.AmountMinor, price.ValidFrom, price.ValidUntil)));
        Assert.Equal(299, Assert.Single(await queries.InForceAsync(_slug, Morning.AddDays(7).AddMilliseconds(-1))).AmountMinor);
        Assert.Equal(349, Assert.Single(await queries.InForceAsync(_slug, Morning.AddDays(7))).AmountMinor);
        Assert.Empty(await queries.InForceAsync(_slug, Morning.AddMilliseconds(-1)));
        Assert.Equal(299, Assert.Single(await queries.InForceAsync(Morning), price => price.Package == _slug).AmountMinor);
    }

    [Theory, EachEngine]
    public async Task A_price_that_meets_another_one_is_refused_and_leaves_nothing(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        var store = new PriceStore(home.Database, Shop);
        await store.AddAsync(Wanted(299), 1, "first", "mara@example.com");
        Assert.Equal("PriceMeetsOpen", await RefusedAsync(() => store.AddAsync(Wanted(349, from: Morning.AddDays(7)), 2, "dearer", "mara@example.com")));
        Assert.Equal("PriceStartsInPast", await RefusedAsync(() => store.AddAsync(Wanted(349, from: Morning.AddDays(-7), until: Morning.AddDays(-6)), 2, "older", "mara@example.com")));
        Assert.Single(await new PriceQueries(home.Database).SeriesAsync(Series));
        Assert.Equal(2, (await PackageAsync(home)).Version);
        Assert.Equal([AuditActions.PriceAdded, AuditActions.PackageAdded], (await ActsAsync(home)).Select(act => act.Action));

        // Another currency and another purpose are other series.
        await store.AddAsync(Wanted(349, currency: "EUR"), 2, "euro", "mara@example.com");
        await store.AddAsync(Wanted(2200, purpose: "list"), 3, "list", "mara@example.com");
    }

    [Theory, EachEngine]
    public async Task An_end_is_set_once(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        var (store, queries) = (new PriceStore(home.Database, Shop), new PriceQueries(home.Database));
        await store.AddAsync(Wanted(299), 1, "first", "mara@example.com");
        var key = (await queries.SeriesAsync(Series))[0].Key;
        Assert.Equal("PriceEndsInPast", await RefusedAsync(async () =>
        {
            _clock.Advance(TimeSpan.FromHours(2));
            await store.EndAsync(key, 2, Morning.AddHours(1), "late", "mara@example.com");
        }));
        await store.EndAsync(key, 2, null, "over", "mara@example.com");
        Assert.Equal(Morning.AddHours(2), (await queries.FindAsync(key))!.ValidUntil);
        Assert.Equal("PriceHasEnd", await RefusedAsync(() => store.EndAsync(key, 3, Morning.AddDays(9), "again", "mara@example.com")));
        await store.AddAsync(Wanted(349), 3, "the next", "mara@example.com");
    }

    [Theory, EachEngine]
    public async Task A_price_is_withdrawn_before_it_begins_and_stays_on_record(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        var (store, queries) = (new PriceStore(home.Database, Shop), new PriceQueries(home.Database));
        await store.AddAsync(Wanted(349, from: Morning.AddDays(7), product: "prod_1"), 1, "dearer", "mara@example.com");
        var key = (await queries.SeriesAsync(Series))[0].Key;
        await store.WithdrawAsync(key, 2, "not now", "ilya@example.com");
        Assert.Null(await queries.FindAsync(key));
        var withdrawn = Assert.Single(await queries.WithdrawnAsync(_slug, 20));
        Assert.Equal((349L, "ilya@example.com", Morning, key, "prod_1"), (withdrawn.AmountMinor, withdrawn.WithdrawnBy, withdrawn.WithdrawnAt, withdrawn.Key, withdrawn.CreemProductId));

        // The instant is free again; the second one begins and stays.
        await store.AddAsync(Wanted(359, from: Morning.AddDays(7)), 3, "once more", "mara@example.com");
        _clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal("PriceHasBegun", await RefusedAsync(() => store.WithdrawAsync(key, 4, "too late", "mara@example.com")));
    }

    [Theory, EachEngine]
    public async Task Who_acts_on_what_somebody_else_changed_is_refused(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        var (packages, store) = (new PackageStore(home.Database), new PriceStore(home.Database, Shop));
        await packages.ChangeAsync(new PackageChange(_slug, 1, "Big", "大包", "Everybody", "所有人", 7), "mara@example.com");
        Assert.Equal("PackageChanged", await RefusedAsync(() => packages.ChangeAsync(new PackageChange(_slug, 1, "Small", "小包", "Nobody", "无人", 8), "ilya@example.com")));
        Assert.Equal("PackageChanged", await RefusedAsync(() => packages.SetActiveAsync(_slug, 1, false, "gone", "ilya@example.com")));
        Assert.Equal("PackageChanged", await RefusedAsync(() => store.AddAsync(Wanted(299), 1, "first", "ilya@example.com")));
        await packages.SetActiveAsync(_slug, 2, false, "gone", "mara@example.com");
        Assert.Equal("PackageChanged", await RefusedAsync(() => packages.SetActiveAsync(_slug, 3, false, "gone twice", "ilya@example.com")));
        var package = await PackageAsync(home);
        Assert.Equal(("Big", "大包", false, 7, 3L), (package.NameEnglish, package.NameChinese, package.Active, package.Position, package.Version));
        Assert.Equal("PackageExists", await RefusedAsync(() => packages.AddAsync(New(), "mara@example.com")));
    }

    [Theory, EachEngine]
    public async Task What_is_done_stands_in_the_audit_trail_with_before_and_after(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        var store = new PriceStore(home.Database, Shop);
        await store.AddAsync(Wanted(299), 1, "first", "mara@example.com");
        await store.AddAsync(Wanted(349, from: Morning.AddDays(7), endsPresent: true), 2, "dearer", "mara@example.com");
        var act = (await ActsAsync(home))[0];
        Assert.Equal((AuditActions.PriceAdded, $"package:{_slug}", "dearer", "mara@example.com"), (act.Action, act.Subject, act.Reason, act.Who));
        Assert.Equal(
            """{"after":{"amount_minor":349,"creem_product_id":null,"currency":"USD","purpose":"charge","tax_mode":"exclusive","valid_from":"2026-11-17T01:00:00Z","valid_until":null},"before":{"amount_minor":299,"creem_product_id":null,"currency":"USD","purpose":"charge","tax_mode":"exclusive","valid_from":"2026-11-10T01:00:00Z","valid_until":null},"details":{"ended_from":"2026-11-10T01:00:00Z","ended_until":"2026-11-17T01:00:00Z"}}""",
            act.Details);
    }

    // Eight writers over two processes, each with the version it just read, a demo among them: some come second and read again, some meet a price that is there.
    [Theory, EachEngine]
    public async Task Eight_writers_at_once_never_make_two_prices_hold_together(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        Database[] processes = [home.Database, home.Another()];
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() => WriteAsync(processes[writer % 2], writer))));
        var counts = outcomes.SelectMany(one => one).GroupBy(code => code).ToDictionary(group => group.Key, group => group.Count());

        var series = await new PriceQueries(home.Database).SeriesAsync(Series);
        Assert.All(series.Zip(series.Skip(1)), pair => Assert.True(pair.First.ValidUntil <= pair.Second.ValidFrom, $"{pair.First} meets {pair.Second}"));
        Assert.Equal(series.Count, counts["added"]);
        Assert.True(counts["added"] > 1, "Nothing was added.");
        Assert.True(counts.Keys.Except(["added", "PackageChanged", "PriceMeetsOpen", "PriceMeetsEnded", "PriceMeetsLater"]).ToList() is [], string.Join(", ", counts.Keys));
        Assert.Equal(counts["added"] + 1, (await ActsAsync(home)).Count);
    }

    [Theory, EachEngine]
    public async Task Of_eight_who_press_the_same_button_one_is_served(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        Database[] processes = [home.Database, home.Another()];
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() => OutcomeAsync(() => new PriceStore(processes[writer % 2], Shop).AddAsync(Wanted(299 + writer), 1, "first", "mara@example.com")))));
        Assert.Equal(["added", .. Enumerable.Repeat("PackageChanged", 7)], outcomes.OrderBy(outcome => outcome == "added" ? 0 : 1));
        Assert.Single(await new PriceQueries(home.Database).SeriesAsync(Series));
    }

    [Theory, EachEngine]
    public async Task The_index_forbids_a_second_price_without_an_end(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        await InsertAsync(home, Morning, null);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => InsertAsync(home, Morning.AddDays(1), null));
        Assert.True(home.Database.Dialect.IsUniqueViolation(failure));
        await Assert.ThrowsAnyAsync<Exception>(() => InsertAsync(home, Morning.AddDays(2), Morning.AddDays(2)));
        await InsertAsync(home, Morning.AddDays(2), Morning.AddDays(3));
    }

    [Theory, EachEngine]
    public async Task A_demo_adds_its_price_once_beside_what_people_add(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        var demo = new DemoStore(home.Database);
        var price = new ChargePrice(_slug, "USD", 299, "exclusive", "prod_1", Morning.AddDays(-90));
        await demo.AddSettingsAsync([price], []);
        await demo.AddSettingsAsync([price], []);
        Assert.Single(await new PriceQueries(home.Database).SeriesAsync(Series));
        Assert.Equal("PackageChanged", await RefusedAsync(() => new PriceStore(home.Database, Shop).AddAsync(Wanted(349), 1, "read before", "mara@example.com")));
    }

    [Theory, EachEngine]
    public async Task The_history_is_walked_both_ways_without_gaps(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        var queries = new PriceQueries(home.Database);
        for (var day = 0; day < 7; day++)
            foreach (var (purpose, currency) in new[] { ("list", "CNY"), ("charge", "USD"), ("charge", "EUR") })
                await InsertAsync(home, Morning.AddDays(day), Morning.AddDays(day + 1), purpose, currency);
        var (seen, place) = (new List<PriceRow>(), (PricePlace?)null);
        while (true)
        {
            var page = await queries.HistoryAsync(_slug, place, 4);
            seen.AddRange(page.Rows);
            if (!page.HasAfter)
                break;
            place = Place(page.Rows[^1], newer: false);
        }
        Assert.Equal(21, seen.Distinct().Count());
        Assert.Equal(seen.OrderByDescending(price => price.ValidFrom).ThenByDescending(price => price.Purpose, StringComparer.Ordinal).ThenByDescending(price => price.Currency, StringComparer.Ordinal), seen);
        Assert.Equal(seen[9..13], (await queries.HistoryAsync(_slug, Place(seen[13], newer: true), 4)).Rows);
        Assert.Equal(seen[..4], (await queries.HistoryAsync(_slug, Place(seen[2], newer: true), 4)).Rows);

        static PricePlace Place(PriceRow price, bool newer) => new(price.ValidFrom, price.Purpose, price.Currency, newer);
    }

    [Theory, EachEngine]
    public async Task Orders_are_summed_by_currency_within_the_days_and_beyond_64_bits(DatabaseProvider engine)
    {
        await using var home = await HomeAsync(engine);
        await OrderAsync(home, Morning.AddDays(-29), "USD", 598, 2);
        await OrderAsync(home, Morning.AddDays(-1), "USD", 299, 1);
        await OrderAsync(home, Morning.AddDays(-1), "EUR", 250, 1);
        await OrderAsync(home, Morning.AddDays(-30).AddMilliseconds(-1), "USD", 1, 1);
        await OrderAsync(home, Morning, "USD", 1, 1);
        var queries = new PriceQueries(home.Database);
        var charged = await queries.SoldAsync(_slug, "charge", Morning.AddDays(-30), Morning);
        Assert.Equal([("EUR", 1L, 1L, (Int128)250), ("USD", 2L, 3L, (Int128)897)], charged.Select(sold => (sold.Currency, sold.Orders, sold.Units, sold.Minor)));
        var listed = Assert.Single(await queries.SoldAsync(_slug, "list", Morning.AddDays(-30), Morning));
        Assert.Equal(("CNY", 3L, 4L, (Int128)8800), (listed.Currency, listed.Orders, listed.Units, listed.Minor));
        Assert.Empty(await queries.SoldAsync("nothing", "charge", Morning.AddDays(-30), Morning));
    }

    private PriceSeries Series => new(_slug, "charge", "USD");

    private NewPackage New() => new(_slug, "Trial", "体验包", "Quick test", "快速试用", 5_000_000, 9);

    private WantedPrice Wanted(long minor, DateTime? from = null, DateTime? until = null, bool endsPresent = false, string currency = "USD", string purpose = "charge", string? product = null) =>
        new(new PriceSeries(_slug, purpose, currency), minor, purpose == "charge" ? "exclusive" : null, product, from, until, endsPresent);

    private async Task<TestDatabase> HomeAsync(DatabaseProvider engine)
    {
        var home = await TestDatabase.OnAsync(engine, _clock);
        await new PackageStore(home.Database).AddAsync(New(), "mara@example.com");
        return home;
    }

    private async Task<List<string>> WriteAsync(Database database, int writer)
    {
        var outcomes = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            var version = (await new PackageQueries(database).FindAsync(_slug))!.Version;
            var throwOfDice = (writer * 25 + i) * 7919; // spread over the hours, the same in every run
            var from = Morning.AddHours(throwOfDice % 211);
            var wanted = Wanted(300 + i, from, throwOfDice % 6 == 0 ? null : from.AddHours(1 + throwOfDice % 5), endsPresent: throwOfDice % 2 == 0);
            outcomes.Add(await OutcomeAsync(() => new PriceStore(database, Shop).AddAsync(wanted, version, "one of many", $"writer{writer}@example.com")));
        }
        return outcomes;
    }

    private async Task<PackageRow> PackageAsync(TestDatabase home) => (await new PackageQueries(home.Database).FindAsync(_slug))!;

    private async Task<IReadOnlyList<AuditEntry>> ActsAsync(TestDatabase home) =>
        (await new AuditQueries(home.Database).ListAsync(new AuditFilter { Subject = $"package:{_slug}" }, null, 1000)).Rows;

    private Task<int> InsertAsync(TestDatabase home, DateTime from, DateTime? until, string purpose = "charge", string currency = "USD") => home.Database.WriteAsync(
        WriteRank.Request, session => session.ExecuteAsync(PriceStore.Insert, new PriceStore.PriceArgs(_slug, purpose, currency, 299, null, null, from, until)));

    private Task<int> OrderAsync(TestDatabase home, DateTime at, string currency, long minor, int units) => home.Database.WriteAsync(
        WriteRank.Request, session => session.ExecuteAsync(InsertOrder, new NewOrder($"AC-{Ids.New(at):N}", _slug, units, units * 2200, currency, minor, at)));

    private static async Task<string> OutcomeAsync(Func<Task> act)
    {
        try
        {
            await act();
            return "added";
        }
        catch (RefusedException refused)
        {
            return refused.Refusal.Code;
        }
    }

    private static async Task<string> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<RefusedException>(act)).Refusal.Code;

    public sealed record NewOrder(string OrderNo, string Package, int Units, long ListMinor, string ChargeCurrency, long ChargeMinor, DateTime At);

    public static readonly Sql<NewOrder> InsertOrder = new("""
        INSERT INTO Orders (OrderNo, Package, Units, Tokens, CustomerEmail, ListCurrency, ListMinor, ChargeCurrency, ChargeMinor, TaxMode, Source, CreatedAt, RecordedAt)
        VALUES (@OrderNo, @Package, @Units, 5000000, 'aster@example.com', 'CNY', @ListMinor, @ChargeCurrency, @ChargeMinor, 'exclusive', 'file', @At, @At)
        """);
}
