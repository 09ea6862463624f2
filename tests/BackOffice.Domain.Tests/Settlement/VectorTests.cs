using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using static BackOffice.Domain.Tests.Settlement.Shelf;

namespace BackOffice.Domain.Tests.Settlement;

/// <summary>The vectors of settlement rules 8 that are about mapping, price and money; those about a row's form are in NewApiFiguresTests.</summary>
public sealed class VectorTests
{
    [Fact]
    public void A_prompt_with_hits_costs_its_parts_at_their_own_prices()
    {
        var draft = Flash().Use("deepseek-chat", new(20_000, 80_000, 0, 0, 5_000)).Settle();
        Assert.Equal([240_000L, 3_000_000L, 3_000_000L], draft.Lines.Select(line => line.AmountNano).Order());
        Assert.Equal(6_240_000, draft.TotalNano);
    }

    [Fact]
    public void The_same_prompt_in_credits_costs_a_fiftieth_for_its_hits() =>
        Assert.Equal(26_600, CreditRule.Default.Credits(new(20_000, 80_000, 0, 0, 5_000)));

    [Theory]
    [InlineData("2026-11-20 17:59:59", true)]
    [InlineData("2026-11-20 18:00:00", false)]
    [InlineData("2026-11-20 09:00:00", true)]
    [InlineData("2026-11-20 08:59:59", false)]
    [InlineData("2026-11-20 12:00:00", false)]
    [InlineData("2026-11-20 14:00:00", true)]
    [InlineData("2026-11-21 10:00:00", false)]
    [InlineData("2026-10-01 10:00:00", false)]
    [InlineData("2026-09-25 10:00:00", false)]
    [InlineData("2026-09-20 10:00:00", false)]
    [InlineData("2026-10-08 10:00:00", true)]
    [InlineData("2026-02-23 10:00:00", false)]
    [InlineData("2026-02-24 10:00:00", true)]
    public void Peak_is_on_the_Beijing_clock_without_its_ends_holidays_and_weekends(string local, bool peak) => Assert.Equal(peak, BandCalendar.DeepSeek(1).IsPeak(At(local)));

    [Fact]
    public void Where_one_price_ends_and_the_next_begins_the_beginning_one_holds()
    {
        var draft = Named("m").Price("m", TokenPart.Output, "4", until: "2026-09-10 12:00").Price("m", TokenPart.Output, "8", from: "2026-09-10 12:00")
            .Use("m", new(0, 0, 0, 0, 1), "2026-09-10 11:59:59").Use("m", new(0, 0, 0, 0, 10), "2026-09-10 12:00").Settle();
        Assert.Equal([(4_000_000L, 1L), (8_000_000L, 10L)], draft.Lines.Select(line => (line.PriceMicro, line.Tokens)));
    }

    [Fact]
    public void A_name_without_mapping_and_a_part_without_price_stand_unpriced_and_block()
    {
        var draft = Flash().Use("mystery", new(7, 0, 0, 0, 3)).Use("deepseek-chat", new(0, 0, 11, 0, 0)).Settle();
        Assert.Equal(
            [
                new UnpricedLine("deepseek-flash", UnpricedReasons.UnpricedPart, TokenPart.CacheWrite5m, 11, null),
                new UnpricedLine("mystery", UnpricedReasons.UnmappedModel, TokenPart.Output, 3, null),
                new UnpricedLine("mystery", UnpricedReasons.UnmappedModel, TokenPart.UncachedInput, 7, null),
            ],
            draft.Unpriced);
        Assert.True(draft.IsBlocked);
        Assert.Empty(draft.Lines);
        Assert.True(draft.Check.IsClosed);
    }

    [Theory]
    [InlineData(3, "0.15", 450)]
    [InlineData(1, "0.0005", 0)]
    [InlineData(3, "0.0005", 2)]
    [InlineData(5, "0.0005", 2)]
    [InlineData(-1, "0.0005", 0)]
    [InlineData(-3, "0.0005", -2)]
    [InlineData(1, "0.000501", 1)]
    [InlineData(1, "0.000499", 0)]
    [InlineData(1_000_000, "0.000001", 1_000)]
    [InlineData(999, "0", 0)]
    public void An_amount_is_rounded_half_to_even_at_the_nano(long tokens, string price, long nano)
    {
        Assert.Null(RateRules.ReadPrice(price, "p", out var micro));
        Assert.Equal(nano, SettlementMath.AmountNano(tokens, micro));
    }

    private static Shelf Flash() => Named("deepseek-chat", "deepseek-flash")
        .Price("deepseek-flash", TokenPart.CacheRead, "0.003").Price("deepseek-flash", TokenPart.UncachedInput, "0.15").Price("deepseek-flash", TokenPart.Output, "0.60");

    private static Shelf Named(string name, string? model = null) => new Shelf().Mapping(name, model ?? name);
}
