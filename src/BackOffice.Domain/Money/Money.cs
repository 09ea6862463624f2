namespace BackOffice.Domain;

/// <summary>An amount in the minor unit of its currency (cents, fen; whole yen). Negative amounts are refunds and differences.</summary>
/// <param name="Minor">Amount in minor units.</param>
/// <param name="Currency">ISO 4217 code in capitals, such as <c>CNY</c>.</param>
public readonly record struct Money(long Minor, string Currency)
{
    /// <summary>Largest amount that a file or a form may name, in minor units either way: sums of a million of them still fit 64 bits.</summary>
    public const long Limit = 999_999_999_999;

    /// <summary>Adds two amounts of one currency.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static Money operator +(Money left, Money right) =>
        left.Currency == right.Currency
            ? new Money(left.Minor + right.Minor, left.Currency)
            : throw new InvalidOperationException($"{left.Currency} and {right.Currency} cannot be added.");

    /// <summary>
    /// Reads an amount in major units as decimal text (<c>22.00</c>), as import files give it: a point as the decimal sign, no grouping, no symbol.
    /// Source: DESIGN 6, refused when it has more decimals than the currency.
    /// </summary>
    /// <returns>The refusal, or null when <paramref name="money"/> holds the amount.</returns>
    public static Refusal? TryParse(string text, string currency, string field, out Money money)
    {
        money = new Money(0, currency);
        if (text.Length == 0)
            return new Refusal("AmountMissing", field, currency, Example(currency));
        var negative = text[0] == '-';
        var digits = text.AsSpan(negative ? 1 : 0);
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? [] : digits[(point + 1)..];
        if (text.Contains(','))
            return new Refusal("AmountHasComma", field, text, Example(currency));
        if (whole.Length == 0 || !AllDigits(whole) || !AllDigits(fraction) || (point >= 0 && fraction.Length == 0))
            return new Refusal("AmountNotANumber", field, text, Example(currency));
        var decimals = Currencies.Decimals(currency);
        if (fraction.Length > decimals)
            return new Refusal("AmountHasTooManyDecimals", field, text, fraction.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), currency, decimals.ToString(System.Globalization.CultureInfo.InvariantCulture), Example(currency));
        if (whole.TrimStart('0').Length + decimals > 12)
            return new Refusal("AmountTooLarge", field, text, Example(currency));
        long minor = 0;
        foreach (var digit in whole)
            minor = minor * 10 + (digit - '0');
        for (var i = 0; i < decimals; i++)
            minor = minor * 10 + (i < fraction.Length ? fraction[i] - '0' : 0);
        money = new Money(negative ? -minor : minor, currency);
        return null;
    }

    /// <summary>The amount in major units with all its decimals and a point, as files for machines carry it.</summary>
    public string ToInvariantString()
    {
        var decimals = Currencies.Decimals(Currency);
        var digits = Int128.Abs(Minor).ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var sign = Minor < 0 ? "-" : "";
        return decimals == 0 ? sign + digits : $"{sign}{digits[..^decimals]}.{digits[^decimals..]}";
    }

    /// <summary>
    /// <paramref name="value"/> x <paramref name="numerator"/> / <paramref name="denominator"/>, rounded half away from zero
    /// (reconciliation rules 6). The product is taken in 128 bits.
    /// </summary>
    /// <exception cref="DivideByZeroException">The denominator is 0.</exception>
    public static long MultiplyRounded(long value, long numerator, long denominator)
    {
        var product = (Int128)value * numerator;
        var divisor = (Int128)denominator;
        if (divisor < 0)
            (product, divisor) = (-product, -divisor);
        var (quotient, remainder) = Int128.DivRem(product, divisor);
        if (Int128.Abs(remainder) * 2 >= divisor)
            quotient += product < 0 ? -1 : 1;
        return checked((long)quotient);
    }

    private static string Example(string currency) => new Money(Currencies.Decimals(currency) == 0 ? 22 : 22 * Power(Currencies.Decimals(currency)), currency).ToInvariantString();

    private static long Power(int decimals) => decimals == 0 ? 1 : 10 * Power(decimals - 1);

    private static bool AllDigits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;
}
