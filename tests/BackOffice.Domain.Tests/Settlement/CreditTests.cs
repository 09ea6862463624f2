using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using CsCheck;
using static BackOffice.Domain.Tests.Settlement.Shelf;

namespace BackOffice.Domain.Tests.Settlement;

public sealed class CreditTests
{
    private static readonly DateOnly Day = new(2026, 9, 10);
    private static readonly BusinessTime Shop = new(Beijing);

    [Fact]
    public void Credits_are_summed_before_they_are_rounded()
    {
        var credits = Credits([]);
        for (var i = 0; i < 50; i++)
            credits.Add(Cell("m", new(0, 1, 0, 0, 0), quota: 0));
        Assert.Equal(1, Assert.Single(credits.Lines()).Credits);
    }

    [Theory]
    [InlineData(25, 1)]
    [InlineData(24, 0)]
    [InlineData(75, 2)]
    public void Half_a_credit_is_rounded_away_from_zero(long reads, long credits)
    {
        var day = Credits([]);
        day.Add(Cell("m", new(0, reads, 0, 0, 0), quota: 0));
        Assert.Equal(credits, Assert.Single(day.Lines()).Credits);
    }

    // Whatever a day's rules and numbers are, it is rounded as its exact fraction is: rules that divide alike, rules that do not, and what 128 bits do not hold.
    [Fact]
    public void A_day_is_rounded_as_its_exact_fraction_is() =>
        Gen.Select(Gen.Long[1, 1_000_000_000_000], Gen.Long[1, 1_000_000_000_000], Gen.OneOf(Gen.Long[0, 10_000_000], Gen.Long[0, 1_000_000_000_000]), Gen.OneOf(Gen.Long[0, 300], Gen.Long[0, 9_000_000_000]), Gen.Bool).Sample(
            (divisor, other, weight, tokens, isAlike) =>
            {
                var (one, two) = (new CreditRule(1, "a", weight, divisor, weight / 2, weight / 3, null, null), new CreditRule(2, "b", weight / 5, isAlike ? divisor : other, 1_000_000, 1, null, null));
                var (first, second) = (new TokenCounts(tokens, tokens * 3, tokens / 2, 1, tokens), new TokenCounts(1, tokens, 0, tokens, 2));
                var day = new KeyDaySum();
                day.Add(one, new KeyCell(null, "a", Day, first, 1, first, 1, 0, 0, 0));
                day.Add(two, new KeyCell(null, "b", Day, second, 1, TokenCounts.None, 0, 0, 0, 0));
                var (all, known) = ((one.Credits(first) + two.Credits(second)).RoundHalfAway(), one.Credits(first).RoundHalfAway());
                if (all > long.MaxValue)
                {
                    Assert.Throws<OverflowException>(() => day.Line(null, Day, 1));
                    return;
                }
                var line = day.Line(null, Day, new Fraction(3, 7));
                Assert.Equal((all, known), ((System.Numerics.BigInteger)line.Credits, (System.Numerics.BigInteger)line.KnownCredits));
                Assert.Equal(line.Difference.Abs() > line.KnownRecords, line.Differs);
            });

    [Fact]
    public void Weights_are_exact_decimals()
    {
        var rule = new CreditRule(1, "m", 1_500_000, 30_000_000, 1_250_000, 4_000_001, null, null);
        Assert.Null(CreditRule.Check(rule));
        Assert.Equal(
            new Fraction(100 * 3, 2) + new Fraction(7 * 3, 2 * 30) + new Fraction((3 + 4) * 5, 4) + new Fraction(2 * 4_000_001L, 1_000_000), rule.Credits(new(100, 7, 3, 4, 2)));
        Assert.Equal(14, CreditRule.Default.Credits(new(1, 50, 3, 4, 5)));
    }

    [Fact]
    public void A_rule_with_a_divisor_of_0_or_a_negative_weight_is_refused()
    {
        Assert.Equal("DivisorNotPositive", CreditRule.Check(CreditRule.Default with { DivisorMicro = 0 })?.Code);
        Assert.Equal("input_weight", CreditRule.Check(CreditRule.Default with { InputWeightMicro = -1 })?.Field);
        Assert.Equal("cache_write_weight", CreditRule.Check(CreditRule.Default with { CacheWriteWeightMicro = -1 })?.Field);
        Assert.Equal("cached_divisor", CreditRule.Check(CreditRule.Default with { DivisorMicro = CreditRule.MostMicro + 1 })?.Field);
        Assert.Equal("FactorAbove", CreditRule.Check(CreditRule.Default with { CacheWriteWeightMicro = CreditRule.MostMicro + 1 })?.Code);
        Assert.Null(CreditRule.Check(new CreditRule(0, "", CreditRule.MostMicro, CreditRule.MostMicro, CreditRule.MostMicro, CreditRule.MostMicro, null, null)));
        Assert.Equal("output_weight", CreditRule.Check(CreditRule.Default with { OutputWeightMicro = -1 })?.Field);
    }

    [Fact]
    public void A_rule_holds_for_its_name_from_its_day_on()
    {
        var book = new CreditBook(
            [CreditRule.Default with { Id = 1, Name = "m", ValidUntil = At("2026-09-10 00:00") }, CreditRule.Default with { Id = 2, Name = "m", ValidFrom = At("2026-09-10 00:00") }], Shop);
        Assert.Equal([1L, 2L], new[] { Day.AddDays(-1), Day }.Select(day => book.RuleOf(" M ", day).Id));
        Assert.Same(CreditRule.Default, book.RuleOf("other", Day));
        Assert.Same(CreditRule.Default, new CreditBook([CreditRule.Default with { Id = 2, Name = "m", ValidFrom = At("2026-09-11 00:00") }], Shop).RuleOf("m", Day));
    }

    // 100 credits of one record or of two against what was taken, one quota unit a credit.
    [Theory]
    [InlineData(100, 1, false)]
    [InlineData(101, 1, false)]
    [InlineData(99, 1, false)]
    [InlineData(102, 1, true)]
    [InlineData(98, 1, true)]
    [InlineData(102, 2, false)]
    [InlineData(103, 2, true)]
    public void A_charge_may_differ_by_a_credit_a_record(long quota, long records, bool differs)
    {
        var credits = Credits([]);
        credits.Add(Cell("m", new(0, 0, 0, 0, 100), quota, records));
        var line = Assert.Single(credits.Lines());
        Assert.Equal((differs, new Fraction(100 - quota, 1)), (line.Differs, line.Difference));
    }

    [Fact]
    public void Models_of_a_day_are_judged_together_and_keys_and_days_apart()
    {
        var credits = Credits([CreditRule.Default with { Id = 5, Name = "double", OutputWeightMicro = 2_000_000 }]);
        credits.Add(Cell("m", new(0, 0, 0, 0, 100), quota: 150));
        credits.Add(Cell("double", new(0, 0, 0, 0, 100), quota: 150));
        credits.Add(Cell("m", new(0, 0, 0, 0, 7), quota: 7) with { Day = Day.AddDays(1) });
        credits.Add(Cell("m", new(0, 0, 0, 0, 9), quota: 99) with { Key = null });
        Assert.Equal(
            [(null, Day, 9L, true), ("id:1", Day, 300L, false), ("id:1", Day.AddDays(1), 7L, false)],
            credits.Lines().Select(line => (line.Key, line.Day, line.Credits, line.Differs)));
        Assert.Equal([5L], credits.RuleIds);
    }

    [Fact]
    public void Only_records_with_a_known_charge_are_compared_and_refunds_stand_beside()
    {
        var credits = Credits([]);
        credits.Add(new KeyCell("id:1", "m", Day, new(0, 0, 0, 0, 500), 3, new(0, 0, 0, 0, 100), 1, 100, 2, -40));
        var line = Assert.Single(credits.Lines());
        Assert.Equal((500L, 100L, false, 2L, -40L, 3L), (line.Credits, line.KnownCredits, line.Differs, line.Refunds, line.RefundQuota, line.Records));
    }

    [Fact]
    public void Quota_units_of_a_credit_may_be_a_ratio()
    {
        var credits = new KeyDayCredits(new CreditBook([], Shop), new Fraction(3, 2));
        credits.Add(Cell("m", new(0, 0, 0, 0, 100), quota: 151));
        Assert.Equal(new Fraction(-2, 3), Assert.Single(credits.Lines()).Difference);
    }

    [Fact]
    public void Revenue_shares_the_list_amounts_by_tokens_used()
    {
        var revenue = Margins.Revenue(1_500_000, [new("CNY", 2_200), new("USD", 500)], 5_000_000);
        Assert.Equal([new Money(660, "CNY"), new Money(150, "USD")], revenue);
        Assert.Equal(new Money(1, "CNY"), Assert.Single(Margins.Revenue(1, [new("CNY", 1)], 2)));
        Assert.Empty(Margins.Revenue(1, [new("CNY", 1)], 0));
    }

    [Fact]
    public void A_margin_in_other_currencies_takes_the_rate_of_the_periods_last_instant_and_is_not_guessed()
    {
        var until = At("2026-10-01 00:00");
        var rate = new ExchangeRate(1, "USD", "CNY", new Fraction(71, 10), null, until);
        Assert.Equal(new Money(660 + 1_065 - 1_000, "CNY"), Margins.Margin([new(660, "CNY"), new(150, "USD")], new(1_000, "CNY"), [rate], until));
        Assert.Equal(new Money(100 - 10, "USD"), Margins.Margin([new(710, "CNY")], new(10, "USD"), [rate], until));
        Assert.Null(Margins.Margin([new(710, "CNY")], new(10, "USD"), [rate with { ValidFrom = until, ValidUntil = null }], until));
        Assert.Null(Margins.Margin([new(710, "CNY")], new(10, "EUR"), [rate], until));
        Assert.Equal(new Money(700, "CNY"), Margins.Margin([new(710, "CNY")], new(10, "CNY"), [], until));
        Assert.Equal(new Money(710 - 10, "CNY"), Margins.Margin([new(100, "JPY")], new(10, "CNY"), [new(2, "JPY", "CNY", new Fraction(71, 1000), null, null)], until));
    }

    private static KeyDayCredits Credits(IEnumerable<CreditRule> rules) => new(new CreditBook(rules, Shop), 1);

    private static KeyCell Cell(string name, TokenCounts tokens, long quota, long records = 1) => new("id:1", name, Day, tokens, records, tokens, records, quota, 0, 0);
}
