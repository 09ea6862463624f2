using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Migrations;
using BackOffice.Data.Rates;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Reconciliation;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Tests;

public sealed class RateStoreTests
{
    private const string Mara = "mara@example.com";

    [Theory, EachEngine]
    public async Task A_row_is_added_ended_once_and_never_changed_with_an_audit_row_for_each_act(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var (store, queries) = (new RateStore(shop.Database), new RateQueries(shop.Database));
        await store.AddAsync(RateTables.Prices, Price("m-2", PriceBand.All, 7), false, "the page of today", Mara);
        var kept = (await queries.RowsAsync(RateTables.Prices, "acme")).Single(row => row.Row is PriceRow { Model: "m-2" });
        Assert.Equal(("the page of today", Mara), (kept.Origin, kept.RecordedBy));

        await store.EndAsync(RateTables.Prices, "acme", kept.Key, At("2026-09-10T04:00:00"), "it changed", Mara);
        await BatchStoreTests.RefusedAsync("RateHasEnd", () => store.EndAsync(RateTables.Prices, "acme", kept.Key, At("2026-10-10T04:00:00"), "it changed", Mara));
        await store.AddAsync(RateTables.Prices, Price("m-2", PriceBand.All, 8, At("2026-09-10T04:00:00")), false, "the page of today", Mara);
        Assert.Equal([(7L, "2026-09-10 04:00"), (8L, "")], (await queries.RowsAsync(RateTables.Prices, "acme")).Select(row => (PriceRow)row.Row).Where(row => row.Model == "m-2")
            .OrderBy(row => row.PriceMicro).Select(row => (row.PriceMicro, row.ValidUntil is { } end ? end.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture) : "")));
        Assert.Equal(
            ["rate.added upstream:acme the page of today", "rate.ended upstream:acme it changed", "rate.added upstream:acme the page of today"],
            await shop.ListAsync<string>("SELECT CONCAT(Action, ' ', Subject, ' ', Reason) FROM AuditEntries ORDER BY Sequence"));
    }

    [Theory, EachEngine]
    public async Task Rows_that_would_hold_together_are_refused_and_a_row_that_makes_room_ends_where_the_new_one_begins(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var (store, from) = (new RateStore(shop.Database), At("2026-10-01T00:00:00"));
        await store.AddAsync(RateTables.Prices, Price("m-2", PriceBand.Peak, 7), false, "x", Mara);
        await store.AddAsync(RateTables.Prices, Price("m-2", PriceBand.OffPeak, 3), false, "x", Mara);
        await BatchStoreTests.RefusedAsync("PriceRowOverlaps", () => store.AddAsync(RateTables.Prices, Price("m-2", PriceBand.All, 9, from), false, "x", Mara));
        await BatchStoreTests.RefusedAsync("RateNotOnQuarterHour", () => store.AddAsync(RateTables.Prices, Price("m-2", PriceBand.All, 9, from.AddMinutes(1)), true, "x", Mara));
        await store.AddAsync(RateTables.Prices, Price("m-2", PriceBand.All, 9, from), true, "x", Mara);
        var book = await new RateQueries(shop.Database).BookAsync();
        Assert.Equal(9, book.PriceAt("acme", "m-2", TokenPart.Output, Quarters.Of(from))!.PriceMicro);
        // Without a calendar neither of the two held before.
        Assert.Null(book.PriceAt("acme", "m-2", TokenPart.Output, Quarters.Of(from) - 1));
        Assert.Equal(["7 end", "3 end", "9"], await shop.ListAsync<string>("SELECT CONCAT(PriceMicro, CASE WHEN ValidUntil IS NULL THEN '' ELSE ' end' END) FROM UpstreamPrices WHERE Model = 'm-2' ORDER BY Number"));

        await BatchStoreTests.RefusedAsync("MappingRowOverlaps", () => store.AddAsync(RateTables.Mappings, new MappingRow(0, "chat", "acme", "m-2", from, null), false, "x", Mara));
        await BatchStoreTests.RefusedAsync("RateRowOverlaps", () => store.AddAsync(RateTables.Currencies, new CurrencyRow(0, "acme", "USD", from, null), false, "x", Mara));
        await store.AddAsync(RateTables.Mappings, new MappingRow(0, "chat", "acme", "m-2", from, null), true, "x", Mara);
        await store.AddAsync(RateTables.Currencies, new CurrencyRow(0, "acme", "USD", from, null), true, "x", Mara);
        book = await new RateQueries(shop.Database).BookAsync();
        Assert.Equal(("m-2", "USD", "CNY"), (book.Map("x", "acme", "chat", null, null, Quarters.Of(from)).Model, book.TermsAt("acme", Quarters.Of(from))!.Currency, book.TermsAt("acme", Quarters.Of(from) - 1)!.Currency));
    }

    [Theory, EachEngine]
    public async Task What_an_approved_settlement_used_does_not_end_before_also_to_make_room(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:10:00", 1_000_000));
        await shop.ApproveAsync(8);
        var (store, queries) = (new RateStore(shop.Database), new RateQueries(shop.Database));
        var price = (await queries.RowsAsync(RateTables.Prices, "acme")).Single(row => row.Row is PriceRow { Part: TokenPart.UncachedInput });
        await BatchStoreTests.RefusedAsync("RateUsedAfterEnd", () => store.EndAsync(RateTables.Prices, "acme", price.Key, At("2026-08-10T03:00:00"), "x", Mara));
        var early = (PriceRow)price.Row with { Id = 0, PriceMicro = 5, ValidFrom = At("2026-08-10T03:00:00") };
        await BatchStoreTests.RefusedAsync("RateUsedAfterEnd", () => store.AddAsync(RateTables.Prices, early, true, "x", Mara));
        await store.AddAsync(RateTables.Prices, early with { ValidFrom = At("2026-08-10T03:15:00") }, true, "x", Mara);

        // Currency and calendar were used by all of the month.
        var currency = (await queries.RowsAsync(RateTables.Currencies, "acme")).Single();
        await BatchStoreTests.RefusedAsync("RateUsedAfterEnd", () => store.EndAsync(RateTables.Currencies, "acme", currency.Key, At("2026-08-20T00:00:00"), "x", Mara));
        await store.EndAsync(RateTables.Currencies, "acme", currency.Key, At("2026-08-31T16:00:00"), "x", Mara);
        Assert.Equal(1_000_000_000, (await shop.Store.DraftAsync("acme", new DateOnly(2026, 8, 1))).Total.TotalNano);
    }

    [Theory, EachEngine]
    public async Task The_starting_set_is_taken_over_once_and_leaves_out_what_would_overlap(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var (store, queries) = (new RateStore(home.Database), new RateQueries(home.Database));
        Assert.Empty(await queries.RowsAsync(RateTables.Prices, "deepseek"));
        await store.AddAsync(RateTables.Prices, new PriceRow(0, "deepseek", "deepseek-flash", TokenPart.Output, PriceBand.All, "CNY", 5_000_000, At("2026-09-01T00:00:00"), null), false, "mine", Mara);
        var taken = await store.TakeStartingSetAsync(Mara);
        // Both bands of output, before and since September.
        Assert.Equal((StartingRates.All.Count - 4, 4), (taken.Count(change => change.Adds), taken.Count(change => change.Refusal?.Code == "PriceRowOverlaps")));
        var again = await store.TakeStartingSetAsync(Mara);
        Assert.Equal((0, 4), (again.Count(change => change.Adds), again.Count(change => change.Refusal is not null)));
        Assert.Single(await home.Database.ReadAsync(session => session.ListAsync<long>(new Sql("SELECT Sequence FROM AuditEntries WHERE Action = 'rate.starting_set_taken'"))));

        // The present prices of the reference, in the band of the instant: a Tuesday at 10:00 and at 20:00 of Beijing.
        var book = await queries.BookAsync();
        foreach (var (at, hit, miss) in new[] { ("2026-10-20T02:00:00", 40_000L, 2_000_000L), ("2026-10-20T12:00:00", 20_000L, 1_000_000L) })
            Assert.Equal((hit, miss), (book.PriceAt("deepseek", "deepseek-flash", TokenPart.CacheRead, Quarters.Of(At(at)))!.PriceMicro, book.PriceAt("deepseek", "deepseek-flash", TokenPart.UncachedInput, Quarters.Of(At(at)))!.PriceMicro));
        Assert.All((await queries.RowsAsync(RateTables.Prices, "deepseek")).Where(row => row.Origin != "mine"), row => Assert.Contains("as of 2026-10-27", row.Origin));

        // A row that was ended since is there; nothing adds it once more.
        var open = (await queries.RowsAsync(RateTables.Prices, "deepseek")).First(row => row.Row is PriceRow { Model: "deepseek-v4-pro", Currency: "CNY" });
        await store.EndAsync(RateTables.Prices, "deepseek", open.Key, At("2026-12-01T00:00:00"), "announced", Mara);
        Assert.Equal(0, (await store.TakeStartingSetAsync(Mara)).Count(change => change.Adds));
    }

    [Theory, EachEngine]
    public async Task An_act_that_breaks_off_leaves_nothing(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var store = new RateStore(shop.Database);
        var rows = await RowsAsync();
        var nobody = new string('x', 400); // the audit row, which comes last, refuses such a name
        await Assert.ThrowsAnyAsync<Exception>(() => store.TakeStartingSetAsync(nobody));
        await Assert.ThrowsAnyAsync<Exception>(() => store.AddAsync(RateTables.Mappings, new MappingRow(0, "chat", "acme", "m-2", At("2026-10-01T00:00:00"), null), true, "x", nobody));
        await Assert.ThrowsAnyAsync<Exception>(() => store.AddUpstreamAsync("kimi", "CNY", "UTC", "x", nobody));
        Assert.Equal(rows, await RowsAsync());

        async Task<List<string>> RowsAsync() => await shop.ListAsync<string>("""
            SELECT CONCAT(Number, Model, CASE WHEN ValidUntil IS NULL THEN '' ELSE 'end' END) AS Line FROM UpstreamPrices
            UNION ALL SELECT CONCAT(Number, Name, CASE WHEN ValidUntil IS NULL THEN '' ELSE 'end' END) FROM ModelMappings
            UNION ALL SELECT Name FROM Upstreams
            ORDER BY 1
            """);
    }

    [Theory, EachEngine]
    public async Task Holidays_calendars_and_channels_change_the_band_and_the_upstream(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var (store, queries) = (new RateStore(shop.Database), new RateQueries(shop.Database));
        await store.AddUpstreamAsync("kimi", "CNY", "Asia/Shanghai", "contract", Mara);
        await BatchStoreTests.RefusedAsync("UpstreamExists", () => store.AddUpstreamAsync("kimi", "USD", "UTC", "contract", Mara));
        await store.AddAsync(RateTables.Calendars, BandCalendar.DeepSeek(0) with { Upstream = "kimi" }, false, "contract", Mara);
        var tuesday = Quarters.Of(At("2026-12-15T02:00:00"));
        Assert.Equal(PriceBand.Peak, (await queries.BookAsync()).BandAt("kimi", tuesday));
        Assert.Equal(2, await store.AddHolidaysAsync("kimi", [new(2026, 12, 15), new(2026, 12, 16)], "notice", Mara));
        Assert.Equal(0, await store.AddHolidaysAsync("kimi", [new(2026, 12, 15)], "notice", Mara));
        Assert.Equal(BandReason.Holiday, (await queries.BookAsync()).CalendarAt("kimi", tuesday)!.ReasonAt(Quarters.Start(tuesday)));

        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:10:00", 1, model: "both") with { Channel = "3" });
        foreach (var upstream in new[] { "acme", "kimi" })
            await store.AddAsync(RateTables.Mappings, new MappingRow(0, "both", upstream, "m-1", null, null), false, "x", Mara);
        Assert.Equal(MappingKind.Unmapped, (await queries.BookAsync()).Map("new-api", null, "both", null, "3", tuesday).Kind);
        Assert.Equal([("new-api", "3", null)], (await queries.ChannelsAsync()).Select(row => (row.Source, row.Channel, row.Upstream)));
        await store.SetChannelAsync("new-api", "3", "acme", null, "contract", Mara);
        Assert.Equal("acme", (await queries.BookAsync()).Map("new-api", null, "both", null, "3", tuesday).Upstream);
        await BatchStoreTests.RefusedAsync("ChannelIsSo", () => store.SetChannelAsync("new-api", "3", "acme", null, "contract", Mara));
        await BatchStoreTests.RefusedAsync("ConsoleUnknown", () => store.SetChannelAsync("other", "3", "acme", null, "contract", Mara));
        await BatchStoreTests.RefusedAsync("UpstreamUnknown", () => store.SetChannelAsync("new-api", "3", "nobody", null, "contract", Mara));
        await store.SetChannelAsync("new-api", "3", null, null, "contract", Mara);
        Assert.Equal([("new-api", "3", null)], (await queries.ChannelsAsync()).Select(row => (row.Source, row.Channel, row.Upstream)));
    }

    [Theory, EachEngine]
    public async Task A_slip_is_withdrawn_and_the_right_row_takes_its_place_unless_an_approved_settlement_used_it(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var (store, queries, from) = (new RateStore(shop.Database), new RateQueries(shop.Database), At("2026-08-01T00:00:00"));
        var slip = Price("m-2", PriceBand.All, 70, from);
        await store.AddAsync(RateTables.Prices, slip, false, "x", Mara);
        await store.AddAsync(RateTables.Mappings, new MappingRow(0, "talk", "acme", "m-3", from, null), false, "x", Mara);
        await WithdrawAsync(RateTables.Prices, row => row is PriceRow { Model: "m-2" });
        await WithdrawAsync(RateTables.Mappings, row => row is MappingRow { Name: "talk" });
        await store.AddAsync(RateTables.Prices, slip with { PriceMicro = 7 }, false, "x", Mara);
        await store.AddAsync(RateTables.Mappings, new MappingRow(0, "talk", "acme", "m-2", from, null), false, "x", Mara);
        var book = await queries.BookAsync();
        Assert.Equal(("m-2", 7), (book.Map("x", "acme", "talk", null, null, Quarters.Of(from)).Model, book.PriceAt("acme", "m-2", TokenPart.Output, Quarters.Of(from))!.PriceMicro));
        Assert.Equal(2, (await shop.ListAsync<string>("SELECT Subject FROM AuditEntries WHERE Action = 'rate.withdrawn'")).Count);
        // The file with the slip comes again.
        var again = Assert.Single(await shop.TakeAsync(new PriceIntake("UTC"), new ImportedPrice { Line = 1, Row = slip }));
        Assert.Equal((OutcomeKind.PutAside, "RateWithdrawn"), (again.Kind, again.Reason!.Code));

        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:10:00", 0, 1_000_000, model: "talk"));
        await shop.ApproveAsync(8);
        await BatchStoreTests.RefusedAsync("RateUsedAfterEnd", () => WithdrawAsync(RateTables.Prices, row => row is PriceRow { Model: "m-2", PriceMicro: 7 }));
        // Fees are known by where they begin.
        await store.AddAsync(RateTables.Fees, new FeeRule("USD", 39_000, 40, from, null), false, "x", Mara);
        var fee = Assert.Single(await queries.RowsAsync(RateTables.Fees, null));
        await Assert.ThrowsAsync<ArgumentException>(() => store.WithdrawAsync(RateTables.Fees, null, fee.Key, "x", Mara));

        async Task WithdrawAsync(RateTable table, Predicate<DatedRow> which) =>
            await store.WithdrawAsync(table, "acme", (await queries.RowsAsync(table, "acme")).Single(row => which(row.Row)).Key, "a slip", Mara);
    }

    [Theory, EachEngine]
    public async Task A_mapping_to_no_tokens_that_an_approved_settlement_used_is_not_withdrawn(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var (store, queries) = (new RateStore(shop.Database), new RateQueries(shop.Database));
        await store.AddAsync(RateTables.Mappings, new MappingRow(0, "speech", "acme", "-", At("2026-08-01T00:00:00"), null), false, "x", Mara);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:10:00", 5, model: "speech"), UsageShop.Record("2", "2026-08-10T03:10:00", 5));
        await shop.ApproveAsync(8);
        var row = (await queries.RowsAsync(RateTables.Mappings, "acme")).Single(kept => kept.Row is MappingRow { Name: "speech" });
        await BatchStoreTests.RefusedAsync("RateUsedAfterEnd", () => store.WithdrawAsync(RateTables.Mappings, "acme", row.Key, "x", Mara));
    }

    [Theory, EachEngine]
    public async Task The_first_price_tells_what_an_upstream_bills_in_wherever_it_is_added(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var (store, queries, quarter) = (new RateStore(shop.Database), new RateQueries(shop.Database), Quarters.Of(At("2026-08-10T03:00:00")));
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:10:00", 5) with { Upstream = "kimi" }, UsageShop.Record("2", "2026-08-10T03:10:00", 5) with { Upstream = "kimi" });
        Assert.Equal(("CNY", UsageShop.Business.Zone.Id), ((await queries.BookAsync()).TermsAt("kimi", quarter)!.Currency, (await queries.BookAsync()).TermsAt("kimi", quarter)!.Zone.Id));
        Assert.Single(await shop.ListAsync<string>("SELECT Subject FROM AuditEntries WHERE Action = 'rate.upstream_added' AND Subject = 'upstream:kimi'"));
        // What a record has named is still added with its zone; once.
        await store.AddUpstreamAsync("kimi", "USD", "UTC", "contract", Mara);
        Assert.Equal(("USD", "UTC"), ((await queries.BookAsync()).TermsAt("kimi", quarter)!.Currency, (await queries.BookAsync()).TermsAt("kimi", quarter)!.Zone.Id));
        await BatchStoreTests.RefusedAsync("UpstreamExists", () => store.AddUpstreamAsync("kimi", "CNY", "UTC", "contract", Mara));

        await shop.UseAsync(UsageShop.Record("3", "2026-08-10T03:10:00", 5) with { Upstream = "glm" });
        await store.AddAsync(RateTables.Prices, new PriceRow(0, "glm", "m-9", TokenPart.UncachedInput, PriceBand.All, "USD", 1, null, null), false, "x", Mara);
        Assert.Equal("USD", (await queries.BookAsync()).TermsAt("glm", quarter)!.Currency);
    }

    [Theory, EachEngine]
    public async Task Before_the_first_currency_and_when_it_is_withdrawn_the_shops_own_stands_for_it(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var (store, queries, from) = (new RateStore(shop.Database), new RateQueries(shop.Database), At("2026-10-01T00:00:00"));
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:10:00", 5) with { Upstream = "kimi" });
        await store.AddAsync(RateTables.Currencies, new CurrencyRow(0, "kimi", "USD", from, null), false, "x", Mara);
        Assert.Equal(["CNY", "USD"], await TermsAsync());
        await store.WithdrawAsync(RateTables.Currencies, "kimi", (await queries.RowsAsync(RateTables.Currencies, "kimi")).Single().Key, "a slip", Mara);
        Assert.Equal(["CNY", "CNY"], await TermsAsync());
        await store.AddAsync(RateTables.Prices, new PriceRow(0, "kimi", "m-9", TokenPart.Output, PriceBand.All, "EUR", 1, null, null), false, "x", Mara);
        Assert.Equal(["EUR", "EUR"], await TermsAsync());

        async Task<string[]> TermsAsync()
        {
            var book = await queries.BookAsync();
            return [.. new[] { Quarters.Of(from) - 1, Quarters.Of(from) }.Select(quarter => book.TermsAt("kimi", quarter)!.Currency)];
        }
    }

    [Theory, EachEngine]
    public async Task Holidays_become_ordinary_days_again_once(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var (store, queries) = (new RateStore(home.Database), new RateQueries(home.Database));
        var known = (await queries.HolidaysAsync("deepseek")).Count;
        await store.AddHolidaysAsync("deepseek", [new(2026, 12, 15)], "notice", Mara);
        Assert.Equal(1, await store.RemoveHolidaysAsync("deepseek", [new(2026, 12, 15), new(2026, 12, 16)], "a slip", Mara));
        Assert.Equal(0, await store.RemoveHolidaysAsync("deepseek", [new(2026, 12, 15)], "a slip", Mara));
        Assert.Equal(known, (await queries.HolidaysAsync("deepseek")).Count);
        Assert.Equal(PriceBand.Peak, (await queries.BookAsync()).BandAt("deepseek", Quarters.Of(At("2026-12-15T02:00:00"))));
        Assert.Equal("a slip", Assert.Single(await home.Database.ReadAsync(session => session.ListAsync<string>(new Sql("SELECT Reason FROM AuditEntries WHERE Action = 'rate.holidays_removed'")))));
    }

    [Theory, EachEngine]
    public async Task Credits_exchange_and_fees_come_back_as_they_were_added_and_an_end_of_fees_is_not_known_before(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var (store, queries, from) = (new RateStore(home.Database), new RateQueries(home.Database), At("2026-09-30T16:00:00"));
        (RateTable Table, DatedRow Row)[] rows =
        [
            (RateTables.Credits, CreditRule.Default with { Name = "chat", OutputWeightMicro = 2_500_000 }),
            (RateTables.Exchange, new ExchangeRate(0, "USD", "CNY", new Fraction(7_123_456_789, SettlementMath.NanoPerUnit), null, null)),
            (RateTables.Fees, new FeeRule("USD", 39_000, 40, At("2026-01-01T00:00:00"), null)),
        ];
        foreach (var (table, row) in rows)
        {
            await store.AddAsync(table, row, false, "contract", Mara);
            var kept = Assert.Single(await queries.RowsAsync(table, null));
            Assert.Equal(row, kept.Row with { Id = 0 });
            await BatchStoreTests.RefusedAsync("RateRowOverlaps", () => store.AddAsync(table, row with { ValidFrom = from }, false, "contract", Mara));
        }
        var before = (await home.Database.WriteAsync(WriteRank.Request, session => Task.FromResult(session.At))).AddMilliseconds(1);
        await Task.Delay(5, TestContext.Current.CancellationToken);
        foreach (var (table, row) in rows)
            await store.AddAsync(table, row with { ValidFrom = from }, true, "contract", Mara);
        var runs = new RunStore(home.Database);
        Assert.Equal([(null, 39_000L)], (await runs.FeesAsync(before)).Select(fee => (fee.ValidUntil, fee.PartsPerMillion)));
        Assert.Equal([from, (DateTime?)null], (await runs.FeesAsync(before.AddHours(1))).Select(fee => fee.ValidUntil));
    }

    private static PriceRow Price(string model, PriceBand band, long micro, DateTime? from = null, DateTime? until = null) => new(0, "acme", model, TokenPart.Output, band, "CNY", micro, from, until);

    private static DateTime At(string text) => DateTime.SpecifyKind(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc);
}
