using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Tests.Settlement;

/// <summary>Errors that other tools made in pricing cached tokens (upstream-pricing.md 1, 8 and 9): each test fails for an engine that makes its error.</summary>
public sealed class KnownErrorsTests
{
    // The worked example: right 0.00624, hits twice 0.01824, hits ignored 0.01800.
    [Fact]
    public void Hits_inside_of_the_prompt_are_billed_once()
    {
        var tokens = new NewApiFigures(100_000, 5_000, 80_000, 0, 0, 0, 0, null, false).Normalise(out _);
        Assert.Equal(6_240_000, Flash().Use("deepseek-chat", tokens).Settle().TotalNano);
    }

    [Fact]
    public void Hits_outside_of_the_prompt_are_not_taken_off_it()
    {
        var tokens = new NewApiFigures(20_000, 5_000, 80_000, 0, 0, 0, 0, null, true).Normalise(out _);
        Assert.Equal(6_240_000, Flash().Use("deepseek-chat", tokens).Settle().TotalNano);
    }

    [Fact]
    public void A_stated_total_decides_though_the_row_is_marked_Anthropic()
    {
        var tokens = new NewApiFigures(100_000, 5_000, 80_000, 0, 0, 0, 0, 100_000, true).Normalise(out _);
        Assert.Equal(6_240_000, Flash().Use("deepseek-chat", tokens).Settle().TotalNano);
    }

    [Fact]
    public void An_unpriced_part_is_not_free()
    {
        var draft = new Shelf().Mapping("m", "m").Price("m", TokenPart.UncachedInput, "1").Use("m", new(1_000_000, 500, 0, 0, 0)).Settle();
        Assert.True(draft.IsBlocked);
        Assert.Equal(new UnpricedLine("m", UnpricedReasons.UnpricedPart, TokenPart.CacheRead, 500, null), Assert.Single(draft.Unpriced));
    }

    [Fact]
    public void A_hit_without_a_price_of_its_own_does_not_fall_back_on_the_price_of_input()
    {
        var draft = new Shelf().Mapping("m", "m").Price("m", TokenPart.UncachedInput, "1").Use("m", new(0, 1_000_000, 0, 0, 0)).Settle();
        Assert.Equal(0, draft.TotalNano);
        Assert.Empty(draft.Lines);
    }

    [Fact]
    public void A_price_of_0_is_a_price()
    {
        var draft = new Shelf().Mapping("m", "m").Price("m", TokenPart.CacheRead, "0").Use("m", new(0, 999, 0, 0, 0)).Settle();
        Assert.False(draft.IsBlocked);
        Assert.Equal((999, 0), (Assert.Single(draft.Lines).Tokens, draft.TotalNano));
    }

    // A request of 9 September that is imported or settled in November costs what held on 9 September.
    [Fact]
    public void The_price_is_that_of_the_request_and_not_the_latest_one()
    {
        var shelf = new Shelf().Mapping("m", "m").Price("m", TokenPart.Output, "4.5", until: "2026-09-10 12:00").Price("m", TokenPart.Output, "4", from: "2026-09-10 12:00");
        Assert.Equal(4_500_000_000, shelf.Use("m", new(0, 0, 0, 0, 1_000_000), "2026-09-09 10:00").Settle().TotalNano);
    }

    [Fact]
    public void A_price_that_changes_inside_of_a_day_splits_the_day()
    {
        var draft = new Shelf().Mapping("m", "m").Price("m", TokenPart.Output, "3", until: "2026-09-10 12:00").Price("m", TokenPart.Output, "5", from: "2026-09-10 12:00")
            .Use("m", new(0, 0, 0, 0, 1_000), "2026-09-10 11:45").Use("m", new(0, 0, 0, 0, 1_000), "2026-09-10 12:00").Settle();
        Assert.Equal([3_000_000L, 5_000_000L], draft.Lines.Select(line => line.AmountNano));
    }

    [Fact]
    public void Written_tokens_are_billed_at_their_own_prices()
    {
        var tokens = new NewApiFigures(2, 0, 589_733, 200, 800, 1_000, 1_088, null, true).Normalise(out _);
        var draft = new Shelf().Mapping("m", "m").Price("m", TokenPart.UncachedInput, "20").Price("m", TokenPart.CacheRead, "2")
            .Price("m", TokenPart.CacheWrite5m, "25").Price("m", TokenPart.CacheWrite1h, "40").Use("m", tokens).Settle();
        Assert.Equal(2L * 20_000 + 589_733L * 2_000 + 288L * 25_000 + 800L * 40_000, draft.TotalNano);
    }

    [Theory]
    [InlineData("2026-09-21 17:59:59", 8)]
    [InlineData("2026-09-21 18:00:00", 4)]
    [InlineData("2026-09-21 08:59:59", 4)]
    [InlineData("2026-09-21 09:00:00", 8)]
    [InlineData("2026-09-25 10:00:00", 4)]
    [InlineData("2026-09-20 10:00:00", 4)]
    public void Peak_prices_end_with_the_window_and_do_not_hold_on_holidays_and_weekends(string at, long price)
    {
        var draft = new Shelf().Mapping("m", "m").Price("m", TokenPart.Output, "8", PriceBand.Peak).Price("m", TokenPart.Output, "4", PriceBand.OffPeak)
            .Use("m", new(0, 0, 0, 0, 1_000_000), at).Settle();
        Assert.Equal(price * 1_000_000_000, draft.TotalNano);
    }

    [Fact]
    public void A_model_is_billed_under_the_name_the_gateway_mapped_it_to()
    {
        var draft = new Shelf().Mapping("deepseek-reasoner", "deepseek-v4-pro").Mapping("deepseek-v4-flash", "deepseek-flash")
            .Price("deepseek-v4-pro", TokenPart.Output, "13.5").Price("deepseek-flash", TokenPart.Output, "4")
            .Use("deepseek-reasoner", new(0, 0, 0, 0, 1_000_000), upstreamName: "deepseek-v4-flash").Settle();
        Assert.Equal("deepseek-flash", Assert.Single(draft.Lines).Model);
        Assert.Equal(4_000_000_000, draft.TotalNano);
    }

    [Fact]
    public void An_alias_is_billed_by_the_model_it_stood_for_at_the_time()
    {
        var draft = new Shelf().Mapping("deepseek-reasoner", "deepseek-flash", until: "2026-09-10 12:00").Mapping("deepseek-reasoner", "deepseek-v4-pro", from: "2026-09-10 12:00")
            .Price("deepseek-v4-pro", TokenPart.Output, "13.5").Price("deepseek-flash", TokenPart.Output, "4")
            .Use("deepseek-reasoner", new(0, 0, 0, 0, 1), "2026-09-10 11:59").Use("deepseek-reasoner", new(0, 0, 0, 0, 2), "2026-09-10 12:00").Settle();
        Assert.Equal([("deepseek-flash", 1L), ("deepseek-v4-pro", 2L)], draft.Lines.Select(line => (line.Model, line.Tokens)));
    }

    [Fact]
    public void An_unknown_model_does_not_take_the_price_of_another()
    {
        var draft = Flash().Use("deepseek-chat-2", new(1_000, 0, 0, 0, 0)).Settle();
        Assert.Equal(("deepseek-chat-2", UnpricedReasons.UnmappedModel), (draft.Unpriced[0].Name, draft.Unpriced[0].Reason));
        Assert.Equal(0, draft.TotalNano);
    }

    [Theory]
    [InlineData(" DeepSeek-Chat ")]
    [InlineData("DEEPSEEK-CHAT")]
    public void Names_compare_trimmed_and_lower_case(string name) => Assert.False(Flash().Use(name, new(1_000, 0, 0, 0, 0)).Settle().IsBlocked);

    // Each alone costs half a nano; rounded one by one they would cost nothing.
    [Fact]
    public void Money_is_rounded_once_a_line_and_not_once_a_record()
    {
        var shelf = new Shelf().Mapping("m", "m").Price("m", TokenPart.Output, "0.0005");
        for (var i = 0; i < 1_000; i++)
            shelf.Use("m", new(0, 0, 0, 0, 1), $"2026-09-{1 + i % 30:00} 10:00");
        Assert.Equal(500, shelf.Settle().TotalNano);
    }

    [Fact]
    public void A_refund_row_takes_no_tokens_off()
    {
        var draft = Flash().Use("deepseek-chat", new(20_000, 80_000, 0, 0, 5_000)).Use("never-heard-of", TokenCounts.None).Use("deepseek-chat", TokenCounts.None).Settle();
        Assert.Equal(6_240_000, draft.TotalNano);
        Assert.False(draft.IsBlocked);
    }

    [Fact]
    public void Products_that_leave_64_bits_are_exact() => Assert.Equal(4_500_000_000_000_000_000, SettlementMath.AmountNano(900_000_000_000_000_000, 5_000));

    [Fact]
    public void What_cannot_be_held_is_refused_and_not_cut_off() =>
        Assert.Equal("SettlementTooLarge", Assert.Throws<RefusedException>(() => SettlementMath.AmountNano(long.MaxValue, 1_001)).Refusal.Code);

    private static Shelf Flash() => new Shelf().Mapping("deepseek-chat", "deepseek-flash")
        .Price("deepseek-flash", TokenPart.CacheRead, "0.003").Price("deepseek-flash", TokenPart.UncachedInput, "0.15").Price("deepseek-flash", TokenPart.Output, "0.60");
}
