using System.Globalization;
using System.Numerics;

namespace BackOffice.Domain.Settlement;

/// <summary>The arithmetic of settlement rules 4. Products are taken in 128 bits; money is rounded here and nowhere else.</summary>
public static class SettlementMath
{
    /// <summary>Nanos of one unit of any currency.</summary>
    public const long NanoPerUnit = 1_000_000_000;

    private const long MicroPerUnit = 1_000_000;

    /// <summary>What tokens cost: tokens x price / 1000 in 10^-9 of the currency unit, rounded half to even.</summary>
    /// <param name="tokens">Tokens; negative where an adjustment takes some off.</param>
    /// <param name="priceMicro">Price of a million tokens in millionths of the unit.</param>
    /// <exception cref="RefusedException">The amount leaves 64 bits: <c>SettlementTooLarge</c>.</exception>
    public static long AmountNano(long tokens, long priceMicro)
    {
        var product = (Int128)tokens * priceMicro;
        var (amount, rest) = Int128.DivRem(product, 1000);
        var twice = Int128.Abs(rest) * 2;
        if (twice > 1000 || (twice == 1000 && Int128.IsOddInteger(amount)))
            amount += Int128.Sign(product);
        return Fit(amount);
    }

    /// <summary>Nanos of one minor unit of a currency.</summary>
    public static long NanoPerMinor(string currency)
    {
        var nano = NanoPerUnit;
        for (var decimals = Currencies.Decimals(currency); decimals > 0; decimals--)
            nano /= 10;
        return nano;
    }

    /// <summary>A total in minor units, rounded half away from zero.</summary>
    /// <param name="totalNano">The total in 10^-9 of the unit.</param>
    /// <param name="currency">ISO 4217 code.</param>
    public static long Payable(long totalNano, string currency) => Money.MultiplyRounded(totalNano, 1, NanoPerMinor(currency));

    /// <summary>The sums of a currency: total, payable and what rounding it left.</summary>
    /// <exception cref="RefusedException">A figure leaves 64 bits: <c>SettlementTooLarge</c>.</exception>
    public static CurrencyTotal Total(string currency, Int128 totalNano)
    {
        var total = Fit(totalNano);
        var payable = Payable(total, currency);
        return new CurrencyTotal(currency, total, payable, Fit((Int128)payable * NanoPerMinor(currency) - total));
    }

    /// <summary>Share of reads in the input; null without input.</summary>
    public static Fraction? HitRate(long reads, long input) => input == 0 ? null : new Fraction(reads, input);

    /// <summary>A fraction with six decimals, rounded half to even: <c>0.520976</c>.</summary>
    public static string SixDecimals(Fraction value)
    {
        var micro = (value * MicroPerUnit).RoundHalfEven();
        var digits = BigInteger.Abs(micro).ToString(CultureInfo.InvariantCulture).PadLeft(7, '0');
        return $"{(micro.Sign < 0 ? "-" : "")}{digits[..^6]}.{digits[^6..]}";
    }

    /// <summary>A number of 64 bits, or a refusal.</summary>
    /// <exception cref="RefusedException"><c>SettlementTooLarge</c>: a price or a count is a slip, since nine thousand million units would fit.</exception>
    public static long Fit(Int128 value) => Fit((BigInteger)value);

    /// <inheritdoc cref="Fit(Int128)"/>
    public static long Fit(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? (long)value : throw new RefusedException(new Refusal("SettlementTooLarge", ""));
}
