using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Tests.Settlement;

/// <summary>What a settlement is made of, and what it would be under other prices.</summary>
public sealed class SettlementDetailTests
{
    private static readonly TokenCounts Some = new(1_000_000, 2_000_000, 0, 0, 500_000);

    [Fact]
    public void Days_models_and_channels_add_up_to_the_lines()
    {
        var shelf = Prices(new Shelf())
            .Use("chat", Some, "2026-09-01 00:00", channel: "3").Use("chat", Some, "2026-09-01 23:59", channel: "4").Use("chat", Some, "2026-09-02 10:00")
            .Use("unheard", Some, "2026-09-02 10:00").Use("sound", Some, "2026-09-03 10:00").Late("2026-08", "chat", Some, "2026-08-31 10:00");
        var (draft, details) = (shelf.Settle(), shelf.Details());

        foreach (var line in draft.Lines)
            Assert.Equal(line.Tokens, details.Where(detail => detail.Adjusts == line.Adjusts && detail.PriceOf(line.Part)?.Id == line.PriceId).Sum(detail => detail.Tokens[line.Part]));
        var days = SettlementGroups.By(details.Where(detail => detail.Adjusts is null), "CNY", detail => detail.Day);
        Assert.Equal([new(2026, 9, 1), new(2026, 9, 2)], days.Select(day => day.Key));
        // A million at 1, two at 0.02 and half a million at 4, twice; the second day is at double prices.
        Assert.Equal([6_080_000_000L, 6_080_000_000L], days.Select(day => day.AmountNano));
        Assert.Equal((Some, 2L), (days[1].Unpriced, days[1].Records));
        Assert.Equal("0.666667", days[0].HitRate);
        var models = SettlementGroups.By(details, "CNY", detail => detail.Mapping.Model ?? "");
        Assert.Equal([("", 0L), ("flash", draft.TotalNano)], models.Select(model => (model.Key, model.AmountNano)));
        Assert.Equal(draft.TotalNano, SettlementGroups.By(details, "CNY", detail => detail.Names.Channel ?? "").Sum(channel => channel.AmountNano));
        Assert.All(SettlementGroups.By(details, "USD", detail => detail.Day), day => Assert.Equal(0, day.AmountNano));
    }

    [Fact]
    public void Other_prices_change_the_rows_named_and_fill_only_where_none_holds()
    {
        var shelf = new Shelf().Mapping("chat", "flash")
            .Price("flash", TokenPart.Output, "4", PriceBand.Peak, from: "2026-09-10 00:00").Price("flash", TokenPart.Output, "2", PriceBand.OffPeak, until: "2026-09-20 00:00")
            .Use("chat", TokenCounts.Of(TokenPart.Output, 1_000_000), "2026-09-01 10:00")
            .Use("chat", TokenCounts.Of(TokenPart.Output, 1_000_000), "2026-09-11 10:00")
            .Use("chat", TokenCounts.Of(TokenPart.Output, 1_000_000), "2026-09-12 10:00")
            .Use("chat", TokenCounts.Of(TokenPart.Output, 1_000_000), "2026-09-26 10:00");
        Assert.Equal(2_000_000, shelf.Settle().Unpriced.Single().Tokens);
        var rows = shelf.Prices.ToList();

        var other = new OtherPrices(new Dictionary<long, long> { [1] = 10_000_000 }, new Dictionary<(string, TokenPart), long> { [("flash", TokenPart.Output)] = 7_000_000 });
        shelf.Prices.Clear();
        shelf.Prices.AddRange(other.Of(rows, "deepseek", "CNY", hasBands: true));
        var draft = shelf.Settle();

        Assert.Empty(draft.Unpriced);
        Assert.Equal(
            [(PriceBand.OffPeak, 2_000_000L, 1_000_000L), (PriceBand.OffPeak, 7_000_000L, 1_000_000L), (PriceBand.Peak, 7_000_000L, 1_000_000L), (PriceBand.Peak, 10_000_000L, 1_000_000L)],
            draft.Lines.Select(line => (line.Band, line.PriceMicro, line.Tokens)).OrderBy(line => line.Band == PriceBand.Peak).ThenBy(line => line.PriceMicro));
        Assert.Equal(2, rows.Count);
    }

    [Fact]
    public void Without_peak_hours_only_rows_of_all_hours_are_filled()
    {
        var rows = new Shelf().Price("flash", TokenPart.Output, "4", PriceBand.Peak).Price("flash", TokenPart.Output, "3", until: "2026-09-20 00:00").Prices;
        rows.RemoveAt(0);
        var other = new OtherPrices(new Dictionary<long, long>(), new Dictionary<(string, TokenPart), long> { [("flash", TokenPart.Output)] = 7_000_000 });
        Assert.Equal(
            [(PriceBand.All, null, Shelf.At("2026-09-20 00:00")), (PriceBand.All, Shelf.At("2026-09-20 00:00"), (DateTime?)null)],
            other.Of(rows, "deepseek", "CNY", hasBands: false).Select(row => (row.Band, row.ValidFrom, row.ValidUntil)));
    }

    private static Shelf Prices(Shelf shelf)
    {
        shelf.Mapping("chat", "flash").Mapping("sound", ModelNames.NotTokens);
        foreach (var (part, off, peak) in new[] { (TokenPart.UncachedInput, "1", "2"), (TokenPart.CacheRead, "0.02", "0.04"), (TokenPart.Output, "4", "8") })
            shelf.Price("flash", part, off, PriceBand.OffPeak).Price("flash", part, peak, PriceBand.Peak);
        return shelf;
    }
}
