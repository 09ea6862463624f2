using BackOffice.Domain.Packages;
using CsCheck;

namespace BackOffice.Domain.Tests.Packages;

public sealed class PriceRulesTests
{
    private static readonly DateTime Now = new(2026, 11, 10, 4, 0, 0, DateTimeKind.Utc);
    private static readonly BusinessTime Shop = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));

    // Hours from now; a blank end is none. Present prices, then the wanted one.
    [Theory]
    [InlineData("", 0, null, false, null, null)]
    [InlineData("", 1, 2, false, null, null)]
    [InlineData("", -1, null, false, "PriceStartsInPast", null)]
    [InlineData("", 2, 2, false, "PriceEndsBeforeStart", null)]
    [InlineData("", 2, 1, false, "PriceEndsBeforeStart", null)]
    [InlineData("-9..", 1, null, false, "PriceMeetsOpen", null)]
    [InlineData("-9..", 1, null, true, null, -9)]
    [InlineData("-9..", 1, 2, true, null, -9)]
    [InlineData("-9..", 0, null, true, null, -9)]
    [InlineData("-9..1", 1, null, false, null, null)]
    [InlineData("-9..2", 1, null, true, "PriceMeetsEnded", null)]
    [InlineData("-9..-8 -8..", 0, null, true, null, -8)]
    [InlineData("5..", 1, null, true, "PriceMeetsLater", null)]
    [InlineData("5..", 1, 5, false, null, null)]
    [InlineData("5..", 1, 6, true, "PriceMeetsLater", null)]
    [InlineData("5..", 5, null, true, "PriceMeetsLater", null)]
    [InlineData("5..6", 6, null, false, null, null)]
    [InlineData("-9..5 5..", 1, 2, true, "PriceMeetsEnded", null)]
    [InlineData("-9..1 5..", 1, 5, false, null, null)]
    [InlineData("5..6 7..8", 1, null, true, "PriceMeetsLater", null)]
    [InlineData("0..", 0, null, true, "PriceMeetsLater", null)]
    public void A_price_may_be_added_where_no_other_one_holds(string present, int from, int? until, bool endsPresent, string? refused, int? ends)
    {
        var refusal = PriceRules.Add(Spans(present), Span(from, until), endsPresent, Now, Shop, out var ended);
        Assert.Equal(refused, refusal?.Code);
        Assert.Equal(ends is { } hours ? Now.AddHours(hours) : null, refusal is null ? ended : null);
    }

    [Fact]
    public void A_refusal_names_the_other_price_on_the_shops_clock()
    {
        var refusal = PriceRules.Add([Span(-1, null)], Span(1, null), false, Now, Shop, out _);
        Assert.Equal(["2026-11-10 11:00"], refusal!.Args);
        Assert.Equal("from", refusal.Field);
    }

    [Theory]
    [InlineData(-9, null, 0, null)]
    [InlineData(-9, null, 3, null)]
    [InlineData(-9, null, -1, "PriceEndsInPast")]
    [InlineData(-9, 5, 3, "PriceHasEnd")]
    [InlineData(-9, -5, 3, "PriceHasEnd")]
    [InlineData(5, null, 6, null)]
    [InlineData(5, null, 5, "PriceEndsBeforeStart")]
    [InlineData(5, null, 0, "PriceEndsBeforeStart")]
    public void An_end_is_set_once_and_not_in_the_past(int from, int? until, int end, string? refused) =>
        Assert.Equal(refused, PriceRules.End(Span(from, until), Now.AddHours(end), Now, Shop)?.Code);

    [Theory]
    [InlineData(1, null)]
    [InlineData(0, "PriceHasBegun")]
    [InlineData(-1, "PriceHasBegun")]
    public void A_price_is_withdrawn_before_it_begins(int from, string? refused) => Assert.Equal(refused, PriceRules.Withdraw(Span(from, null), Now, Shop)?.Code);

    [Fact]
    public void A_price_holds_from_its_start_to_before_its_end()
    {
        var span = Span(0, 1);
        Assert.False(span.Holds(Now.AddMilliseconds(-1)));
        Assert.True(span.Holds(Now));
        Assert.True(span.Holds(Now.AddHours(1).AddMilliseconds(-1)));
        Assert.False(span.Holds(Now.AddHours(1)));
        Assert.True(Span(0, null).Holds(DateTime.MaxValue));
    }

    // Whatever is added in whatever order, ends included: at no instant two prices hold.
    [Fact]
    public void No_two_prices_ever_hold_at_one_instant() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 15], Gen.Bool).Array[1, 40].Sample(plans =>
        {
            var prices = new List<PriceSpan>();
            foreach (var (from, hours, endsPresent) in plans)
            {
                var wanted = Span(from, hours == 0 ? null : from + hours);
                if (PriceRules.Add(prices, wanted, endsPresent, Now, Shop, out var start) is not null)
                    continue;
                if (start is { } begins)
                    prices[prices.FindIndex(price => price.From == begins)] = new PriceSpan(begins, wanted.From);
                prices.Add(wanted);
            }
            return prices.Count > 0 && Enumerable.Range(0, 100).All(hour => prices.Count(price => price.Holds(Now.AddHours(hour))) <= 1);
        });

    [Fact]
    public void What_orders_would_have_come_to_is_taken_in_128_bits()
    {
        var sold = new Sold("CNY", 50_000_000, 5_000_000_000_000, Int128.Parse("50000000000000000000", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(Int128.Parse("4999999999995000000000000", System.Globalization.CultureInfo.InvariantCulture), sold.At(999_999_999_999));
    }

    [Theory]
    [InlineData("starter", true)]
    [InlineData("a-1", true)]
    [InlineData("", false)]
    [InlineData("new", false)]
    [InlineData("Starter", false)]
    [InlineData("a/b", false)]
    [InlineData("套餐", false)]
    [InlineData("a234567890123456789012345678901234567890", true)]
    [InlineData("a2345678901234567890123456789012345678901", false)]
    public void A_slug_is_short_and_plain(string text, bool isOne) => Assert.Equal(isOne, PackageRules.IsSlug(text));

    [Theory]
    [InlineData("prod_1EFWfxtwu2LDFLxhbFMWF6", true)]
    [InlineData("prod_", false)]
    [InlineData("1EFWfxtwu2LDFLxhbFMWF6", false)]
    [InlineData("prod_a b", false)]
    [InlineData("prod_a<b", false)]
    public void A_product_at_Creem_has_its_prefix(string text, bool isOne) => Assert.Equal(isOne, PackageRules.IsCreemProduct(text));

    private static PriceSpan Span(int from, int? until) => new(Now.AddHours(from), until is { } end ? Now.AddHours(end) : null);

    private static List<PriceSpan> Spans(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(span => span.Split("..")).Select(ends => Span(Number(ends[0]), ends[1].Length == 0 ? null : Number(ends[1])))];

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
