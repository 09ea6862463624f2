using BackOffice.Domain.Settlement;
using CsCheck;

namespace BackOffice.Domain.Tests.Settlement;

public sealed class FractionTests
{
    [Theory]
    [InlineData(1, 2, 0, 1)]
    [InlineData(3, 2, 2, 2)]
    [InlineData(5, 2, 2, 3)]
    [InlineData(-1, 2, 0, -1)]
    [InlineData(-3, 2, -2, -2)]
    [InlineData(-5, 2, -2, -3)]
    [InlineData(4, 3, 1, 1)]
    [InlineData(5, 3, 2, 2)]
    [InlineData(-5, 3, -2, -2)]
    [InlineData(5, -3, -2, -2)]
    [InlineData(6, 3, 2, 2)]
    public void Halves_go_to_even_or_away_from_zero(long numerator, long denominator, long even, long away)
    {
        var value = new Fraction(numerator, denominator);
        Assert.Equal(even, value.RoundHalfEven());
        Assert.Equal(away, value.RoundHalfAway());
    }

    [Fact]
    public void Fractions_are_in_lowest_terms_and_compare_by_value()
    {
        Assert.Equal(new Fraction(1, 2), new Fraction(-3, -6));
        Assert.True(new Fraction(1, 2) == new Fraction(2, 4) && new Fraction(1, 2) != new Fraction(1, 3));
        Assert.True(new Fraction(1, 3) < new Fraction(1, 2) && new Fraction(-1, 2) < 0 && 1 > new Fraction(1, 2) && new Fraction(1, 2) <= new Fraction(1, 2) && 1 >= Fraction.Zero);
        Assert.Equal(new Fraction(1, 2).GetHashCode(), new Fraction(2, 4).GetHashCode());
        Assert.False(new Fraction(1, 2).Equals((object)1L));
        Assert.Equal(["0", "-3/7", "5"], new[] { default, new Fraction(3, -7), new Fraction(10, 2) }.Select(value => value.ToString()));
        Assert.Throws<DivideByZeroException>(() => new Fraction(1, 0));
        Assert.Throws<DivideByZeroException>(() => new Fraction(1, 2) / Fraction.Zero);
    }

    [Fact]
    public void Sums_and_products_are_exact()
    {
        var any = Gen.Select(Gen.Long[-1_000_000, 1_000_000], Gen.Long[1, 1_000_000], (numerator, denominator) => new Fraction(numerator, denominator));
        Gen.Select(any, any, any).Sample((one, other, third) =>
        {
            Assert.Equal(one, one + other - other);
            Assert.Equal((one + other) * third, one * third + other * third);
            Assert.Equal(one + (other + third), one + other + third);
            if (other.Sign != 0)
                Assert.Equal(one, one * other / other);
            Assert.True((one.RoundHalfEven() - one).Abs() <= new Fraction(1, 2) && (one.RoundHalfAway() - one).Abs() <= new Fraction(1, 2));
        });
    }
}
