using System.Globalization;
using System.Numerics;

namespace BackOffice.Domain.Settlement;

/// <summary>An exact fraction in lowest terms. Rounded only where a rule names the place and the way.</summary>
public readonly struct Fraction : IEquatable<Fraction>, IComparable<Fraction>
{
    // One less, so that the default value is 0/1 and not 0/0.
    private readonly BigInteger denominatorLessOne;

    /// <summary>The fraction <paramref name="numerator"/> / <paramref name="denominator"/>.</summary>
    /// <exception cref="DivideByZeroException">The denominator is 0.</exception>
    public Fraction(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero)
            throw new DivideByZeroException();
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        Numerator = numerator / divisor;
        denominatorLessOne = denominator / divisor - 1;
    }

    /// <summary>Carries the sign.</summary>
    public BigInteger Numerator { get; }

    /// <summary>At least 1.</summary>
    public BigInteger Denominator => denominatorLessOne + 1;

    /// <summary>0.</summary>
    public static Fraction Zero => default;

    /// <summary>A decimal number, exactly.</summary>
    public static Fraction Of(decimal value)
    {
        var bits = decimal.GetBits(value);
        var digits = ((BigInteger)(uint)bits[2] << 64) + ((BigInteger)(uint)bits[1] << 32) + (uint)bits[0];
        return new Fraction(value < 0 ? -digits : digits, BigInteger.Pow(10, (bits[3] >> 16) & 0xFF));
    }

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Numerator.Sign;

    /// <summary>Without its sign.</summary>
    public Fraction Abs() => Sign < 0 ? -this : this;

    /// <summary>The nearest whole number; of two equally near ones the even one.</summary>
    public BigInteger RoundHalfEven() => Round(floor => !floor.IsEven);

    /// <summary>The nearest whole number; of two equally near ones the one further from zero.</summary>
    public BigInteger RoundHalfAway() => Round(floor => floor.Sign >= 0);

    /// <summary>A whole number as a fraction.</summary>
    public static implicit operator Fraction(long value) => new(value, 1);

    /// <summary>A whole number as a fraction.</summary>
    public static implicit operator Fraction(BigInteger value) => new(value, 1);

#pragma warning disable CS1591 // what an operator of fractions does is its sign
    public static Fraction operator +(Fraction left, Fraction right) => new(left.Numerator * right.Denominator + right.Numerator * left.Denominator, left.Denominator * right.Denominator);

    public static Fraction operator -(Fraction left, Fraction right) => left + -right;

    public static Fraction operator -(Fraction value) => new(-value.Numerator, value.Denominator);

    public static Fraction operator *(Fraction left, Fraction right) => new(left.Numerator * right.Numerator, left.Denominator * right.Denominator);

    public static Fraction operator /(Fraction left, Fraction right) => new(left.Numerator * right.Denominator, left.Denominator * right.Numerator);

    public static bool operator ==(Fraction left, Fraction right) => left.Equals(right);

    public static bool operator !=(Fraction left, Fraction right) => !left.Equals(right);

    public static bool operator <(Fraction left, Fraction right) => left.CompareTo(right) < 0;

    public static bool operator >(Fraction left, Fraction right) => left.CompareTo(right) > 0;

    public static bool operator <=(Fraction left, Fraction right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Fraction left, Fraction right) => left.CompareTo(right) >= 0;
#pragma warning restore CS1591

    /// <inheritdoc />
    public int CompareTo(Fraction other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    /// <inheritdoc />
    public bool Equals(Fraction other) => Numerator == other.Numerator && denominatorLessOne == other.denominatorLessOne;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is Fraction other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Numerator, denominatorLessOne);

    /// <summary>As <c>3/7</c>, or <c>5</c> when whole.</summary>
    public override string ToString() => Denominator.IsOne ? Numerator.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");

    private BigInteger Round(Func<BigInteger, bool> halfGoesUp)
    {
        var floor = BigInteger.DivRem(Numerator, Denominator, out var rest);
        if (rest.Sign < 0)
            (floor, rest) = (floor - 1, rest + Denominator);
        var half = (rest * 2).CompareTo(Denominator);
        return half > 0 || (half == 0 && halfGoesUp(floor)) ? floor + 1 : floor;
    }
}
