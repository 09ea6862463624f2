using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Migrations;
using BackOffice.Data.Rates;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Tests;

public sealed class SettlementStoreTests
{
    [Theory, EachEngine]
    public async Task What_is_approved_never_changes_and_what_comes_late_adjusts_the_next_open_month(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:00:00", 1_000_000), UsageShop.Record("2", "2026-09-10T03:00:00", 2_000_000));
        await shop.ApproveAsync(8);
        await shop.UseAsync(UsageShop.Record("3", "2026-08-11T03:00:00", 500_000, 1));
        Assert.Equal(1_000_000_000, (await shop.Store.DraftAsync("acme", new DateOnly(2026, 8, 1))).Total.TotalNano);

        var september = await shop.DraftAsync(9);
        Assert.Equal(
            [(null, TokenPart.UncachedInput, 2_000_000L), ("2026-08", TokenPart.Output, 1L), ("2026-08", TokenPart.UncachedInput, 500_000L)],
            september.Lines.OrderBy(line => line.Adjusts, StringComparer.Ordinal).ThenByDescending(line => line.Part).Select(line => (line.Adjusts, line.Part, line.Tokens)));
        Assert.Equal((2_500_005_000L, 2_000_000L), (september.Total.TotalNano, september.Input));
        Assert.All((await shop.DraftAsync(10)).Lines, line => Assert.Null(line.Adjusts));

        // Once September is approved too, what came for August before stays there, and what comes now goes to October.
        await shop.ApproveAsync(9);
        await shop.UseAsync(UsageShop.Record("4", "2026-08-12T03:00:00", 7), UsageShop.Record("5", "2026-09-12T03:00:00", 11));
        Assert.Equal(
            [("2026-08", 7L), ("2026-09", 11L)],
            (await shop.DraftAsync(10)).Lines.OrderBy(line => line.Adjusts, StringComparer.Ordinal).Select(line => (line.Adjusts, line.Tokens)));
        Assert.Equal(2_500_005_000L, (await shop.Store.DraftAsync("acme", new DateOnly(2026, 9, 1))).Total.TotalNano);
    }

    [Theory, EachEngine]
    public async Task Nobody_approves_what_was_not_seen_what_is_blocked_or_what_is_not_over(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:00:00", 1_000_000));
        var seen = await shop.DraftAsync(8);
        var wanted = new SettlementWanted("acme", "2026-08", SettlementStore.HashOf(seen), "mara@example.com");
        await shop.UseAsync(UsageShop.Record("2", "2026-08-10T03:00:00", 5));
        await RefusedAsync("SettlementChanged", wanted);

        await shop.UseAsync(UsageShop.Record("3", "2026-08-10T03:00:00", 5, model: "unheard"));
        await RefusedAsync("SettlementBlocked", wanted);
        await RefusedAsync("SettlementNotOver", wanted with { Period = "2099-01" });

        await shop.TakeAsync(new MappingIntake("UTC"), new Domain.Imports.ImportedMapping { Line = 1, Row = new(0, "unheard", "acme", "-", null, null) });
        await shop.ApproveAsync(8);
        await RefusedAsync("SettlementNotDraft", wanted with { Hash = SettlementStore.HashOf(await shop.DraftAsync(8)) });
        Assert.Equal("approved", (await shop.Queries.FindAsync("acme", "2026-08"))!.Status);
        await shop.Store.CloseAsync("acme", "2026-08", "mara@example.com", "Paid");
        await BatchStoreTests.RefusedAsync("SettlementNotApproved", () => shop.Store.CloseAsync("acme", "2026-08", "mara@example.com", "Paid"));

        Task RefusedAsync(string code, SettlementWanted what) => BatchStoreTests.RefusedAsync(
            code, () => shop.Database.WriteAsync(WriteRank.Request, session => SettlementStore.ApproveAsync(session, what, "ilya@example.com", CancellationToken.None)));
    }

    [Theory, EachEngine]
    public async Task A_row_that_an_approved_settlement_used_does_not_end_before(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:10:00", 1_000_000));
        await shop.ApproveAsync(8);

        var early = Assert.Single(await shop.TakeAsync(new PriceIntake("UTC"), UsageShop.Price(TokenPart.UncachedInput, 1_000_000, until: At("2026-08-10T03:00:00"))));
        Assert.Equal((OutcomeKind.PutAside, "RateUsedAfterEnd"), (early.Kind, early.Reason!.Code));
        Assert.Equal(OutcomeKind.Ending, Assert.Single(await shop.TakeAsync(new PriceIntake("UTC"), UsageShop.Price(TokenPart.UncachedInput, 1_000_000, until: At("2026-08-10T03:15:00")))).Kind);
        Assert.Equal(OutcomeKind.New, Assert.Single(await shop.TakeAsync(new PriceIntake("UTC"), UsageShop.Price(TokenPart.UncachedInput, 9_000_000, At("2026-08-10T03:15:00")))).Kind);
        Assert.Equal(1_000_000_000, (await shop.Store.DraftAsync("acme", new DateOnly(2026, 8, 1))).Total.TotalNano);
    }

    [Theory, EachEngine]
    public async Task What_an_approved_settlement_is_made_of_stays_what_it_was(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:00:00", 1_000_000), UsageShop.Record("2", "2026-08-11T03:00:00", 5, 7));
        var draft = await shop.Store.ViewAsync("acme", new DateOnly(2026, 8, 1));
        await shop.ApproveAsync(8);
        await shop.UseAsync(UsageShop.Record("3", "2026-08-11T03:00:00", 500_000, 1), UsageShop.Record("4", "2026-08-11T03:00:00", 9, model: "unheard"));
        await shop.TakeAsync(new PriceIntake("UTC"), UsageShop.Price(TokenPart.Output, 5_000_000, until: At("2026-09-01T00:00:00")));

        var approved = await shop.Store.ViewAsync("acme", new DateOnly(2026, 8, 1));
        Assert.True(approved.Document.IsApproved);
        Assert.Equal(Told(draft), Told(approved));
        Assert.Equal(2, approved.Details.Count);
        // What came late is part of September's, on the day it is of.
        var september = await shop.Store.ViewAsync("acme", new DateOnly(2026, 9, 1));
        Assert.Equal([("2026-08", new DateOnly(2026, 8, 11), 500_000L)], september.Details.Where(detail => detail.Mapping.Model == "m-1").Select(detail => (detail.Adjusts!, detail.Day, detail.Tokens.UncachedInput)));

        static IEnumerable<(DateOnly, string, TokenCounts, long, long?)> Told(SettlementView view) =>
            view.Details.OrderBy(detail => detail.Day).Select(detail => (detail.Day, detail.Names.ConsoleName, detail.Tokens, detail.Records, detail.PriceOf(TokenPart.UncachedInput)?.Id));
    }

    [Theory, EachEngine]
    public async Task What_was_approved_is_told_from_the_holidays_and_channels_of_then(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var (rates, month) = (new RateStore(shop.Database), new DateOnly(2026, 8, 1));
        await rates.AddUpstreamAsync("kimi", "CNY", "Asia/Shanghai", "x", "mara@example.com");
        await rates.AddAsync(RateTables.Calendars, BandCalendar.DeepSeek(0) with { Upstream = "acme" }, false, "x", "mara@example.com");
        foreach (var (band, micro) in new[] { (PriceBand.Peak, 20_000_000), (PriceBand.OffPeak, 10_000_000) })
            await rates.AddAsync(RateTables.Prices, new PriceRow(0, "acme", "m-2", TokenPart.Output, band, "CNY", micro, null, null), false, "x", "mara@example.com");
        foreach (var upstream in new[] { "acme", "kimi" })
            await rates.AddAsync(RateTables.Mappings, new MappingRow(0, "both", upstream, "m-2", null, null), false, "x", "mara@example.com");
        // A Monday at 10:00 of Shanghai.
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T02:00:00", 0, 1_000_000, model: "both") with { Channel = "3" });
        await rates.SetChannelAsync("new-api", "3", "acme", null, "x", "mara@example.com");
        await shop.ApproveAsync(8);

        await rates.AddHolidaysAsync("acme", [new(2026, 8, 10)], "forgotten", "mara@example.com");
        await rates.SetChannelAsync("new-api", "3", "kimi", new DateTime(2026, 8, 31, 16, 0, 0, DateTimeKind.Utc), "moved", "mara@example.com");
        var approved = await shop.Store.ViewAsync("acme", month);
        Assert.Equal((20_000_000_000L, PriceBand.Peak), (approved.Document.Total.TotalNano, Assert.Single(approved.Details).PriceOf(TokenPart.Output)!.Band));
        // What comes late is of whom the channel was then, by the holidays of now.
        await shop.UseAsync(UsageShop.Record("2", "2026-08-10T02:00:00", 0, 1_000_000, model: "both") with { Channel = "3" });
        Assert.Single((await shop.Store.ViewAsync("acme", month)).Details);
        Assert.Equal([("2026-08", PriceBand.OffPeak)], (await shop.DraftAsync(9)).Lines.Select(line => (line.Adjusts!, line.Band)));
    }

    [Theory, EachEngine]
    public async Task Usage_that_is_counted_goes_to_no_other_upstream(DatabaseProvider engine)
    {
        const string by = "mara@example.com";
        await using var shop = await UsageShop.OnAsync(engine);
        var rates = new RateStore(shop.Database);
        await rates.AddUpstreamAsync("kimi", "CNY", "Asia/Shanghai", "x", by);
        foreach (var upstream in new[] { "acme", "kimi" })
            await rates.AddAsync(RateTables.Mappings, new MappingRow(0, "both", upstream, "m-1", null, null), false, "x", by);
        await rates.AddAsync(RateTables.Mappings, new MappingRow(0, "slip", "kimi", "m-1", new DateTime(2026, 7, 31, 16, 0, 0, DateTimeKind.Utc), null), false, "x", by);
        await shop.UseAsync(
            UsageShop.Record("1", "2026-08-10T02:00:00", 7_000_000, model: "both") with { Channel = "7" },
            UsageShop.Record("2", "2026-08-10T02:00:00", 8_000_000, model: "both") with { Channel = "8" },
            UsageShop.Record("3", "2026-08-11T02:00:00", 9_000_000, model: "slip"));
        await rates.SetChannelAsync("new-api", "7", "acme", null, "x", by);
        await rates.SetChannelAsync("new-api", "8", "kimi", null, "x", by);
        await shop.ApproveAsync(8);
        var (mine, theirs) = ((await shop.DraftAsync(8)).Records, await KimiAsync());
        Assert.Equal((1, 17_000_000), (mine, theirs));

        // Neither may acme lose what it counted, nor kimi what acme can no longer count.
        await BatchStoreTests.RefusedAsync("UsageCounted", () => rates.SetChannelAsync("new-api", "7", "kimi", null, "swapped", by));
        await BatchStoreTests.RefusedAsync("UsageCounted", () => rates.SetChannelAsync("new-api", "8", "acme", null, "swapped", by));
        await rates.SetChannelAsync("new-api", "8", "acme", new DateTime(2026, 8, 10, 2, 15, 0, DateTimeKind.Utc), "swapped", by);
        await BatchStoreTests.RefusedAsync("UsageCounted", () => rates.SetChannelAsync("new-api", "8", "acme", new DateTime(2026, 8, 10, 2, 0, 0, DateTimeKind.Utc), "swapped", by));

        var slip = Assert.Single(await new RateQueries(shop.Database).RowsAsync(RateTables.Mappings, "kimi"), kept => ((MappingRow)kept.Row).Name == "slip");
        await rates.WithdrawAsync(RateTables.Mappings, "kimi", slip.Key, "slip", by);
        Assert.Equal(8_000_000, await KimiAsync());
        var right = new MappingRow(0, "slip", "acme", "m-1", null, null);
        await BatchStoreTests.RefusedAsync("UsageCounted", () => rates.AddAsync(RateTables.Mappings, right, false, "right", by));
        var byFile = Assert.Single(await shop.TakeAsync(new MappingIntake("Asia/Shanghai"), new ImportedMapping { Line = 1, Row = right }));
        Assert.Equal((OutcomeKind.PutAside, "UsageCounted"), (byFile.Kind, byFile.Reason!.Code));
        await rates.AddAsync(RateTables.Mappings, right with { ValidFrom = new DateTime(2026, 8, 31, 16, 0, 0, DateTimeKind.Utc) }, false, "from now on", by);
        await rates.AddAsync(RateTables.Mappings, right with { Upstream = "kimi", ValidUntil = new DateTime(2026, 8, 31, 16, 0, 0, DateTimeKind.Utc) }, false, "as it was", by);
        Assert.Equal(17_000_000, await KimiAsync());

        // What came after the approval is nobody's yet.
        await shop.UseAsync(UsageShop.Record("4", "2026-08-12T02:00:00", 1_000_000, model: "late") with { Channel = "9" });
        await rates.AddAsync(RateTables.Mappings, new MappingRow(0, "late", "acme", "m-1", null, null), false, "x", by);
        Assert.Equal(["2026-08"], (await shop.DraftAsync(9)).Lines.Select(line => line.Adjusts!));

        async Task<long> KimiAsync()
        {
            var draft = await shop.Store.DraftAsync("kimi", new DateOnly(2026, 8, 1));
            return draft.Lines.Sum(line => line.Tokens) + draft.Unpriced.Where(group => group.Reason == "unpriced_part").Sum(group => group.Tokens);
        }
    }

    [Theory, EachEngine]
    public async Task A_refusal_names_the_first_instant_that_can_be_and_what_was_taken_back_stops_nothing(DatabaseProvider engine)
    {
        const string by = "mara@example.com";
        await using var shop = await UsageShop.OnAsync(engine);
        var rates = new RateStore(shop.Database);
        await rates.AddUpstreamAsync("kimi", "CNY", "Asia/Shanghai", "x", by);
        await shop.UseAsync(
            UsageShop.Record("1", "2026-08-10T02:00:00", 7), UsageShop.Record("2", "2026-09-10T02:00:00", 8), UsageShop.Record("3", "2026-08-11T02:00:00", 9, model: "gone"));
        // The record comes to be one of another name: of the first nothing is left.
        await shop.UseAsync(UsageShop.Record("3", "2026-08-11T02:00:00", 9));
        await shop.Asides.ReplaceAsync(await shop.AsideAsync("3"), UsageShop.Business, by, "the console was wrong");
        await shop.ApproveAsync(8);
        await shop.ApproveAsync(9);
        await rates.AddAsync(RateTables.Mappings, new MappingRow(0, "gone", "acme", "m-1", null, null), false, "x", by);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => rates.AddAsync(RateTables.Mappings, new MappingRow(0, "chat", "kimi", "m-1", null, null), false, "x", by));
        Assert.Equal(("UsageCounted", "valid_from"), (refused.Refusal.Code, refused.Refusal.Field));
        Assert.Equal(["chat", "2026-09", "acme", "2026-09-30T16:00Z"], refused.Refusal.Args);
        await rates.AddAsync(RateTables.Mappings, new MappingRow(0, "chat", "kimi", "m-1", new DateTime(2026, 9, 30, 16, 0, 0, DateTimeKind.Utc), null), false, "x", by);
    }

    [Theory, EachEngine]
    public async Task Other_prices_are_tried_and_nothing_is_kept_of_it(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:00:00", 1_000_000, 1_000_000));
        await shop.ApproveAsync(8);
        var real = await shop.Store.SeeAsync("acme", new DateOnly(2026, 8, 1));
        var what = await shop.Store.WhatIfAsync("acme", new DateOnly(2026, 8, 1), rows => rows.Select(row => row with { PriceMicro = row.PriceMicro * 2 }));
        Assert.Equal((6_000_000_000L, 12_000_000_000L), (real.Total.TotalNano, what.Total.TotalNano));
        Assert.False(what.IsApproved);
        Assert.Equal(real.ToJson(), (await shop.Store.SeeAsync("acme", new DateOnly(2026, 8, 1))).ToJson());
    }

    [Theory, EachEngine]
    public async Task A_credit_rule_that_an_approved_settlement_used_does_not_end_before_its_month_does(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var rates = new RateStore(shop.Database);
        foreach (var name in new[] { "chat", "never" })
            await rates.AddAsync(RateTables.Credits, CreditRule.Default with { Name = name }, false, "agreed", "mara@example.com");
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:00:00", 1_000_000));
        await shop.ApproveAsync(8);

        // Rows of a fresh shop are numbered from 1; the month ends on Shanghai's clock.
        await BatchStoreTests.RefusedAsync("RateUsedAfterEnd", () => rates.EndAsync(RateTables.Credits, null, "1", At("2026-08-30T16:00:00"), "over", "mara@example.com"));
        await rates.EndAsync(RateTables.Credits, null, "1", At("2026-08-31T16:00:00"), "over", "mara@example.com");
        await rates.EndAsync(RateTables.Credits, null, "2", At("2026-08-01T16:00:00"), "over", "mara@example.com");
    }

    private static DateTime At(string text) => DateTime.SpecifyKind(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc);
}
