using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using static BackOffice.Domain.Tests.Settlement.Shelf;

namespace BackOffice.Domain.Tests.Settlement;

public sealed class SettlementTests
{
    [Fact]
    public void Records_of_another_upstream_stand_on_its_settlement_and_unmapped_ones_of_nobody_on_both()
    {
        var shelf = Priced().Mapping("k", "k3", upstream: "kimi").Price("k3", TokenPart.Output, "100", upstream: "kimi");
        shelf.Terms.Add(new UpstreamTerms("kimi", "CNY", Beijing, null, null));
        shelf.Channels["console/5"] = "kimi";
        shelf.Use("m", Output(1)).Use("k", Output(2)).Use("nobody", Output(4)).Use("nobody", Output(8), channel: "5").Use("nobody", Output(16), upstream: "deepseek");

        var deepseek = shelf.Settle();
        Assert.Equal(1, Assert.Single(deepseek.Lines).Tokens);
        Assert.Equal(4 + 16, Assert.Single(deepseek.Unpriced).Tokens);
        Assert.Equal(3, deepseek.Records);

        var kimi = shelf.Settle("kimi");
        Assert.Equal(2, Assert.Single(kimi.Lines).Tokens);
        Assert.Equal(4 + 8, Assert.Single(kimi.Unpriced).Tokens);
        Assert.True(deepseek.Check.IsClosed && kimi.Check.IsClosed);
    }

    [Fact]
    public void What_is_not_tokens_counts_none_and_is_listed()
    {
        var draft = Priced().Mapping("audio-1", "-").Use("Audio-1", new(5_000, 0, 0, 0, 3), records: 2).Use("m", Output(1)).Settle();
        Assert.Equal(new NotTokensLine("audio-1", new(5_000, 0, 0, 0, 3), 2, null), Assert.Single(draft.NotTokens));
        Assert.Equal((0L, 1L), (draft.Input, draft.Records));
        Assert.True(draft.Check.IsClosed);
        Assert.False(draft.IsBlocked);
    }

    [Fact]
    public void An_unmapped_name_is_the_upstreams_when_the_row_has_it()
    {
        var draft = Priced().Use("Nobody", Output(1), upstreamName: " Never-Heard-Of ").Use("Nobody", Output(2)).Settle();
        Assert.Equal(["never-heard-of", "nobody"], draft.Unpriced.Select(line => line.Name));
    }

    [Fact]
    public void Late_usage_stands_on_lines_of_its_own_counts_in_the_total_and_nowhere_else()
    {
        var shelf = Priced().Price("m", TokenPart.CacheRead, "0.1").Price("m", TokenPart.UncachedInput, "1");
        var own = shelf.Use("m", new(100, 50, 0, 0, 7)).Settle();
        var with = shelf.Late("2026-08", "m", new(1_000, 500, 0, 0, 70), "2026-08-20 10:00").Late("2026-07", "m", Output(3), "2026-07-20 10:00").Settle();

        Assert.Equal((own.Reads, own.Input, own.CacheHitRate, own.CacheSavingNano, own.Records), (with.Reads, with.Input, with.CacheHitRate, with.CacheSavingNano, with.Records));
        Assert.Equal(own.Lines, with.Lines.Where(line => line.Adjusts is null));
        Assert.Equal(own.TotalNano + (1_000 * 1_000 + 500 * 100 + 70 * 4_000) + 3 * 4_000, with.TotalNano);
        Assert.Equal([null, "2026-07", "2026-08"], with.Lines.Where(line => line.Part is TokenPart.Output).Select(line => line.Adjusts));
        Assert.True(with.Check.IsClosed);
    }

    [Fact]
    public void Late_usage_is_rounded_by_itself()
    {
        var draft = new Shelf().Mapping("m", "m").Price("m", TokenPart.Output, "0.0005").Use("m", Output(3)).Late("2026-08", "m", Output(3), "2026-08-20 10:00").Settle();
        Assert.Equal([2L, 2L], draft.Lines.Select(line => line.AmountNano));
    }

    [Fact]
    public void A_replaced_record_takes_off_what_it_was_and_adds_what_it_is()
    {
        var draft = Priced().Late("2026-08", "m", Output(-10), "2026-08-20 10:00").Late("2026-08", "m", Output(4), "2026-08-20 10:00").Settle();
        Assert.Equal((-6L, -24_000L), (Assert.Single(draft.Lines).Tokens, draft.TotalNano));
        Assert.Equal(0, draft.PayableMinor);
        Assert.Equal(24_000, draft.ResidueNano);
        Assert.Empty(Priced().Late("2026-08", "m", Output(-10), "2026-08-20 10:00").Late("2026-08", "m", Output(10), "2026-08-20 10:00").Settle().Lines);
    }

    [Fact]
    public void Late_usage_without_a_price_blocks_too()
    {
        var draft = Priced().Late("2026-08", "nobody", Output(1), "2026-08-20 10:00").Settle();
        Assert.Equal("2026-08", Assert.Single(draft.Unpriced).Adjusts);
        Assert.True(draft.Check.IsClosed);
    }

    [Fact]
    public void Cells_belong_into_their_month_and_late_ones_before_it()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Priced().Use("m", Output(1), "2026-08-31 23:59").Settle());
        Assert.Throws<ArgumentOutOfRangeException>(() => Priced().Use("m", Output(1), "2026-10-01 00:00").Settle());
        Assert.Throws<ArgumentOutOfRangeException>(() => Priced().Late("2026-08", "m", Output(1), "2026-09-01 00:00").Settle());
        Assert.Throws<ArgumentOutOfRangeException>(() => Priced().Late("2026-09", "m", Output(1), "2026-08-01 00:00").Settle());
        Assert.Equal(2, Priced().Use("m", Output(1), "2026-09-01 00:00").Use("m", Output(1), "2026-09-30 23:59").Settle().Records);
        Assert.Equal("UpstreamUnknown", Assert.Throws<RefusedException>(() => Priced().Settle("kimi")).Refusal.Code);
    }

    [Fact]
    public void Lines_are_ordered_by_model_part_band_start_and_period()
    {
        var draft = new Shelf().Mapping("b", "b").Mapping("a", "a")
            .Price("b", TokenPart.Output, "1", until: "2026-09-10 12:00").Price("b", TokenPart.Output, "2", from: "2026-09-10 12:00")
            .Price("a", TokenPart.UncachedInput, "8", PriceBand.Peak).Price("a", TokenPart.UncachedInput, "4", PriceBand.OffPeak).Price("a", TokenPart.CacheWrite5m, "1")
            .Use("b", Output(1), "2026-09-20 10:00").Use("b", Output(1), "2026-09-02 10:00").Late("2026-08", "b", Output(1), "2026-08-02 10:00")
            .Use("a", new(1, 0, 1, 0, 0), "2026-09-02 10:00").Use("a", new(1, 0, 0, 0, 0), "2026-09-20 10:00").Settle();
        Assert.Equal(
            ["a cache_write_5m all  ", "a uncached_input off_peak  ", "a uncached_input peak  ", "b output all  ", "b output all  2026-08", "b output all 2026-09-10 "],
            draft.Lines.Select(line => $"{line.Model} {TokenParts.NameOf(line.Part)} {PriceBands.NameOf(line.Band)} {line.ValidFrom:yyyy-MM-dd} {line.Adjusts}"));
    }

    // Two reads of a thousand at 0.1 and 0.2, whose uncached prices are 1 and 2.
    [Fact]
    public void What_the_cache_saved_is_the_uncached_price_of_the_same_instants_less_what_was_paid()
    {
        var shelf = new Shelf().Mapping("m", "m").Price("m", TokenPart.CacheRead, "0.1", PriceBand.OffPeak).Price("m", TokenPart.CacheRead, "0.2", PriceBand.Peak)
            .Price("m", TokenPart.UncachedInput, "1", PriceBand.OffPeak).Use("m", new(0, 1_000, 0, 0, 0), "2026-09-20 10:00");
        Assert.Equal(900_000, shelf.Settle().CacheSavingNano);
        shelf.Use("m", new(0, 1_000, 0, 0, 0), "2026-09-21 10:00");
        Assert.Null(shelf.Settle().CacheSavingNano);
        shelf.Price("m", TokenPart.UncachedInput, "2", PriceBand.Peak);
        Assert.Equal(900_000 + 1_800_000, shelf.Settle().CacheSavingNano);
        Assert.Equal([1L, 2L, 3L, 4L], shelf.Settle().PriceIds);
    }

    [Fact]
    public void Reads_without_a_price_count_in_the_hit_rate_and_not_in_the_saving()
    {
        var draft = Priced().Use("m", new(1, 2, 0, 0, 0)).Use("nobody", new(50, 50, 0, 0, 0)).Settle();
        Assert.Equal((2L, 3L, "0.666667", 0L), (draft.Reads, draft.Input, draft.CacheHitRateText, draft.CacheSavingNano));
        Assert.Equal(new Fraction(2, 3), draft.CacheHitRate);
    }

    [Fact]
    public void Without_input_there_is_no_hit_rate()
    {
        var draft = Priced().Use("m", Output(1)).Settle();
        Assert.Null(draft.CacheHitRate);
        Assert.Null(draft.CacheHitRateText);
    }

    [Theory]
    [InlineData(1, 2_000_000, "0.000000")]
    [InlineData(3, 2_000_000, "0.000002")]
    [InlineData(5, 2_000_000, "0.000002")]
    [InlineData(7, 7, "1.000000")]
    [InlineData(0, 7, "0.000000")]
    public void A_hit_rate_has_six_decimals_half_to_even(long reads, long input, string text) => Assert.Equal(text, SettlementMath.SixDecimals(SettlementMath.HitRate(reads, input)!.Value));

    [Theory]
    [InlineData("CNY", 5_000_000, 1, 5_000_000)]
    [InlineData("CNY", 4_999_999, 0, -4_999_999)]
    [InlineData("CNY", -5_000_000, -1, -5_000_000)]
    [InlineData("CNY", 751_832_638_021, 75_183, -2_638_021)]
    [InlineData("JPY", 1_500_000_000, 2, 500_000_000)]
    [InlineData("KWD", 1_500_000, 2, 500_000)]
    public void Payable_is_rounded_half_away_from_zero_and_the_residue_shown(string currency, long nano, long minor, long residue) =>
        Assert.Equal(new CurrencyTotal(currency, nano, minor, residue), SettlementMath.Total(currency, nano));

    [Fact]
    public void Currencies_are_never_summed()
    {
        var shelf = Priced().Price("m", TokenPart.Output, "0.6", currency: "USD");
        shelf.Terms[0] = shelf.Terms[0] with { Currency = "USD", ValidUntil = September.From };
        shelf.Terms.Add(new UpstreamTerms("deepseek", "CNY", Beijing, September.From, null));
        var draft = shelf.Use("m", Output(1_000)).Late("2026-08", "m", Output(1_000), "2026-08-20 10:00").Settle();
        Assert.Equal([new CurrencyTotal("CNY", 4_000_000, 0, -4_000_000), new CurrencyTotal("USD", 600_000, 0, -600_000)], draft.Totals);
        Assert.Equal(4_000_000, draft.TotalNano);
    }

    [Fact]
    public void A_draft_says_which_rows_it_used_and_for_when()
    {
        var draft = Priced().Mapping("unused", "m2").Price("m", TokenPart.CacheRead, "1").Use("m", Output(1), "2026-09-02 10:07").Use("m", Output(1), "2026-09-03 10:59").Settle();
        Assert.Equal(new RowUse(101, At("2026-09-02 10:00"), At("2026-09-03 11:00")), Assert.Single(draft.MappingUses));
        Assert.Equal(new RowUse(1, At("2026-09-02 10:00"), At("2026-09-03 11:00")), Assert.Single(draft.PriceUses));
    }

    [Fact]
    public void An_empty_month_comes_to_nothing()
    {
        var draft = Priced().Settle();
        Assert.Equal(new CurrencyTotal("CNY", 0, 0, 0), Assert.Single(draft.Totals));
        Assert.Equal((0L, 0L, 0L, "2026-09"), (draft.Reads, draft.Records, draft.CacheSavingNano, draft.Period));
        Assert.True(draft.Check.IsClosed);
    }

    [Fact]
    public void The_fresh_calendar_lists_the_holidays_of_2026() => Assert.Equal(33, BandCalendar.DeepSeek(1).Holidays.Count);

    private static Shelf Priced() => new Shelf().Mapping("m", "m").Price("m", TokenPart.Output, "4");

    private static TokenCounts Output(long tokens) => TokenCounts.Of(TokenPart.Output, tokens);
}
