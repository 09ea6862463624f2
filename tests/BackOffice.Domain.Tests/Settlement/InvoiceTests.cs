using System.Numerics;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using CsCheck;

namespace BackOffice.Domain.Tests.Settlement;

public sealed class InvoiceTests
{
    [Fact]
    public void An_invoice_that_agrees_differs_in_nothing() =>
        Assert.Equal(new Variance(0, 0, 0, 0, 0), Compare([Line("m", TokenPart.Output, 10, 40)], null, [Ours("m", TokenPart.Output, 10, 40)]).Variance);

    // Ours 10 at 4; theirs 12 at 5: two more at our price, twelve at one more.
    [Fact]
    public void Output_differs_by_quantity_and_price() =>
        Assert.Equal(new Variance(8, 0, 12, 0, 0), Compare([Line("m", TokenPart.Output, 12, 60)], null, [Ours("m", TokenPart.Output, 10, 40)]).Variance);

    // Ours 60 at 1 and 40 at 11: 5 on average. Theirs 50 and 60 at the same prices: ten more at 5, and 710 where 110 at the average are 550.
    [Fact]
    public void Input_differs_by_quantity_mix_and_price()
    {
        SettlementLine[] ours = [Ours("m", TokenPart.UncachedInput, 40, 440), Ours("m", TokenPart.CacheRead, 60, 60)];
        Assert.Equal(
            new Variance(50, 160, 0, 0, 0), Compare([Line("m", TokenPart.CacheRead, 50, 50), Line("m", TokenPart.UncachedInput, 60, 660)], null, ours).Variance);
        Assert.Equal(
            new Variance(50, 160, 60, 0, 0), Compare([Line("m", TokenPart.CacheRead, 50, 50), Line("m", TokenPart.UncachedInput, 60, 720)], null, ours).Variance);
    }

    [Fact]
    public void A_total_of_the_input_adds_the_parts_up_on_both_sides_and_has_no_mix()
    {
        SettlementLine[] ours = [Ours("m", TokenPart.UncachedInput, 40, 440), Ours("m", TokenPart.CacheRead, 60, 60)];
        Assert.Equal(new Variance(50, 0, 110, 0, 0), Compare([Line("m", null, 110, 660)], null, ours).Variance);
        Assert.Equal(new Variance(50, 0, 110, 0, 0), Compare([Line("m", null, 60, 600), Line("m", TokenPart.CacheRead, 50, 60)], null, ours).Variance);
    }

    [Fact]
    public void What_one_side_lacks_and_amounts_without_tokens_are_unmapped()
    {
        Assert.Equal(new Variance(0, 0, 0, 60 - 40, 0), Compare([Line("a", TokenPart.Output, 12, 60)], null, [Ours("b", TokenPart.Output, 10, 40)]).Variance);
        Assert.Equal(new Variance(0, 0, 0, 60 - 40, 0), Compare([Line("a", TokenPart.Output, 0, 60)], null, [Ours("a", TokenPart.Output, 10, 40)]).Variance);
        Assert.Equal(
            new Variance(0, 0, 0, 5, 0),
            Compare([Line("a", TokenPart.UncachedInput, 3, 9), Line("a", TokenPart.CacheRead, 3, 5)], null, [Ours("a", TokenPart.UncachedInput, 3, 9)]).Variance);
    }

    [Theory]
    [InlineData(10_000_040, false)]
    [InlineData(10_000_041, true)]
    [InlineData(-9_999_960, false)]
    [InlineData(-9_999_961, true)]
    public void A_rounding_of_more_than_a_minor_unit_is_unexplained(long stated, bool unexplained)
    {
        var difference = Compare([Line("m", TokenPart.Output, 10, 40)], stated, [Ours("m", TokenPart.Output, 10, 40)]);
        Assert.Equal((unexplained, stated - 40, stated, 40L), (difference.IsUnexplained, difference.Variance.Rounding, difference.InvoiceNano, difference.OursNano));
    }

    [Fact]
    public void Days_and_bands_are_added_up_and_models_go_through_the_mappings()
    {
        var difference = InvoiceComparison.Compare(
            [Line("A", TokenPart.Output, 5, 20) with { Day = new(2026, 9, 1) }, Line("a-old", TokenPart.Output, 5, 20) with { Day = new(2026, 9, 2) }], null,
            [Ours("a", TokenPart.Output, 4, 10), Ours("a", TokenPart.Output, 6, 30) with { Band = PriceBand.Peak }, Ours("a", TokenPart.Output, 6, 30) with { Currency = "USD" }], "CNY", _ => "a");
        Assert.Equal(new ModelVariance("a", 10, 10, 40, 40, new Variance(0, 0, 0, 0, 0)), Assert.Single(difference.Models));
    }

    [Fact]
    public void Halves_of_a_nano_go_to_even_and_what_they_leave_to_rounding()
    {
        // Ours 2 at 1/2; theirs 3 at 1/3 and a half: quantity 0.5, price -0.5.
        var variance = Compare([Line("m", TokenPart.Output, 3, 1)], null, [Ours("m", TokenPart.Output, 2, 1)]).Variance;
        Assert.Equal(new Variance(0, 0, 0, 0, 0), variance);
        // Ours 2 at 3/2; theirs 3 for 3: quantity 1.5, price -1.5.
        Assert.Equal(new Variance(2, 0, -2, 0, 0), Compare([Line("m", TokenPart.Output, 3, 3)], null, [Ours("m", TokenPart.Output, 2, 3)]).Variance);
    }

    [Fact]
    public void Of_any_invoice_the_five_figures_sum_exactly_and_each_is_the_rules_own()
    {
        var part = Gen.Int[0, 5].Select(place => place == 5 ? (TokenPart?)null : TokenParts.All[place]);
        var count = Gen.OneOf(Gen.Const(0L), Gen.Long[1, 9], Gen.Long[1, 1_000_000]);
        var nano = Gen.OneOf(Gen.Const(0L), Gen.Long[1, 9], Gen.Long[1, 100_000_000_000]);
        var line = Gen.Select(Gen.Int[0, 2], part, count, nano, (model, of, tokens, amount) => Line($"m{model}", of, tokens, amount));
        var ours = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 4], count, nano, (model, of, tokens, amount) => Ours($"m{model}", TokenParts.All[of], tokens, amount));
        Gen.Select(line.Array[0, 12], ours.Array[0, 12], Gen.Select(Gen.Bool, Gen.Long[-1_000_000, 1_000_000_000_000])).Sample((invoice, settled, stated) =>
        {
            var difference = Compare(invoice, stated.Item1 ? stated.Item2 : null, settled);
            var total = stated.Item1 ? stated.Item2 : invoice.Sum(one => one.AmountNano);
            Assert.Equal((Int128)total - settled.Sum(one => one.AmountNano), difference.Variance.Total);
            Assert.All(difference.Models, model => Assert.Equal((Int128)model.InvoiceNano - model.OursNano, model.Variance.Total));
            Assert.Equal(Plain(invoice, settled), (difference.Variance.Quantity, difference.Variance.Mix, difference.Variance.Price, difference.Variance.Unmapped));
        }, iter: 500);
    }

    [Fact]
    public void A_figure_that_leaves_64_bits_is_refused() => Assert.Equal(
        "SettlementTooLarge",
        Assert.Throws<RefusedException>(() => Compare([Line("m", TokenPart.Output, 1_000_000_000_000, 1)], null, [Ours("m", TokenPart.Output, 1, 1_000_000_000)])).Refusal.Code);

    // The formulas of settlement rules 7 as they stand there, without the shortcuts of the comparison.
    private static (BigInteger Quantity, BigInteger Mix, BigInteger Price, BigInteger Unmapped) Plain(InvoiceLine[] invoice, SettlementLine[] ours)
    {
        Fraction quantity = 0, mix = 0, price = 0, unmapped = 0;
        foreach (var model in invoice.Select(line => line.Model).Concat(ours.Select(line => line.Model)).Distinct())
        {
            var whole = invoice.Any(line => line.Model == model && line.Part is null);
            string Group(TokenPart? part) => part is { } one && (!whole || one is TokenPart.Output) ? TokenParts.NameOf(one) : "input";
            var groups = TokenParts.All.Select(part => Group(part)).Distinct().Select(group =>
            (
                IsOutput: group == "output",
                I: (Fraction)invoice.Where(line => line.Model == model && Group(line.Part) == group).Sum(line => line.Tokens),
                Ia: (Fraction)invoice.Where(line => line.Model == model && Group(line.Part) == group).Sum(line => line.AmountNano),
                O: (Fraction)ours.Where(line => line.Model == model && Group(line.Part) == group).Sum(line => line.Tokens),
                Oa: (Fraction)ours.Where(line => line.Model == model && Group(line.Part) == group).Sum(line => line.AmountNano))).ToList();
            foreach (var one in groups.Where(one => one.I.Sign == 0 || one.O.Sign == 0))
                unmapped += one.Ia - one.Oa;
            var both = groups.Where(one => one.I.Sign != 0 && one.O.Sign != 0).ToList();
            foreach (var one in both.Where(one => one.IsOutput))
            {
                quantity += (one.I - one.O) * (one.Oa / one.O);
                price += one.I * (one.Ia / one.I - one.Oa / one.O);
            }
            var inputs = both.Where(one => !one.IsOutput).ToList();
            if (inputs.Count == 0)
                continue;
            var (totalI, totalO) = (inputs.Aggregate(Fraction.Zero, (sum, k) => sum + k.I), inputs.Aggregate(Fraction.Zero, (sum, k) => sum + k.O));
            var average = inputs.Aggregate(Fraction.Zero, (sum, k) => sum + k.O * (k.Oa / k.O)) / totalO;
            quantity += (totalI - totalO) * average;
            mix += inputs.Aggregate(Fraction.Zero, (sum, k) => sum + k.I * (k.Oa / k.O)) - totalI * average;
            price += inputs.Aggregate(Fraction.Zero, (sum, k) => sum + k.I * (k.Ia / k.I - k.Oa / k.O));
        }
        return (quantity.RoundHalfEven(), mix.RoundHalfEven(), price.RoundHalfEven(), unmapped.RoundHalfEven());
    }

    private static InvoiceDifference Compare(InvoiceLine[] invoice, long? stated, SettlementLine[] ours) =>
        InvoiceComparison.Compare(invoice, stated, ours, "CNY", line => ModelNames.Canonical(line.Model));

    private static InvoiceLine Line(string model, TokenPart? part, long tokens, long nano) => new(null, model, part, tokens, nano);

    private static SettlementLine Ours(string model, TokenPart part, long tokens, long nano) => new(model, part, PriceBand.All, 1, null, null, 1, tokens, nano, "CNY", null, 1);
}
