using System.Globalization;
using System.Numerics;
using BackOffice.Domain;

namespace BackOffice.Web.Shared;

public enum MoneyStyle
{
    /// <summary>¥22.00: where one currency rules the page.</summary>
    Symbol,

    /// <summary>CNY 22.00: where several currencies can meet.</summary>
    Code,

    /// <summary>22.00: in a column whose header names the currency.</summary>
    Bare,
}

/// <summary>Figures as pages show them, alike in both languages: a point, commas between thousands, a true minus sign.</summary>
public static class Figures
{
    private const char Minus = '\u2212';

    public static string Money(Money money, MoneyStyle style = MoneyStyle.Symbol, bool plus = false)
    {
        var text = money.ToInvariantString().TrimStart('-');
        var point = text.IndexOf('.');
        var amount = point < 0 ? Grouped(text) : Grouped(text[..point]) + text[point..];
        var sign = money.Minor < 0 ? Minus.ToString() : plus && money.Minor > 0 ? "+" : "";
        return style switch
        {
            MoneyStyle.Symbol when Symbol(money.Currency) is { } symbol => sign + symbol + amount,
            MoneyStyle.Symbol or MoneyStyle.Code => $"{money.Currency} {sign}{amount}",
            MoneyStyle.Bare => sign + amount,
            _ => throw new ArgumentOutOfRangeException(nameof(style), style, "Not a style."),
        };
    }

    public static string Count(long count) =>
        (count < 0 ? Minus.ToString() : "") + Grouped(Int128.Abs(count).ToString(CultureInfo.InvariantCulture));

    /// <summary>Tokens of many codes together: more than 64 bits hold.</summary>
    public static string Count(Int128 count) => Grouped(count.ToString(CultureInfo.InvariantCulture));

    /// <summary>3.77 × 10²²: of what nobody counts, cut after three figures; a million and less as it is.</summary>
    public static string Power(BigInteger count)
    {
        var digits = count.ToString(CultureInfo.InvariantCulture);
        if (digits.Length <= 7)
            return Grouped(digits);
        var exponent = (digits.Length - 1).ToString(CultureInfo.InvariantCulture);
        return $"{digits[0]}.{digits[1..3]} × 10{string.Concat(exponent.Select(digit => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit - '0']))}";
    }

    /// <summary>1,234.567890123: an amount of 10^-9 of the currency's unit, with all nine decimals.</summary>
    public static string Nano(long nano, bool plus = false)
    {
        var digits = Int128.Abs(nano).ToString(CultureInfo.InvariantCulture).PadLeft(10, '0');
        return (nano < 0 ? Minus.ToString() : plus && nano > 0 ? "+" : "") + Grouped(digits[..^9]) + "." + digits[^9..];
    }

    /// <summary>The same for machines: a plain minus sign, nothing between thousands.</summary>
    public static string NanoPlain(long nano) => Nano(nano).Replace(Minus, '-').Replace(",", "", StringComparison.Ordinal);

    /// <summary>A difference: always with its sign, nothing as 0.</summary>
    public static string WithSign(long difference) => (difference > 0 ? "+" : "") + Count(difference);

    /// <summary>5M, 4.99M, 812: cut after two decimals, not rounded up to what is not there.</summary>
    public static string ShortTokens(long tokens) => tokens switch
    {
        < 0 => Minus + ShortTokens(-tokens),
        >= 1_000_000_000 => Cut(tokens, 1_000_000_000) + "B",
        >= 1_000_000 => Cut(tokens, 1_000_000) + "M",
        >= 10_000 => Cut(tokens, 1_000) + "K",
        _ => Count(tokens),
    };

    /// <summary>812 B, 12.4 KB, 3.99 GB: thousands, as file managers and disks count, cut like tokens.</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 1_000_000_000 => Cut(bytes, 1_000_000_000) + " GB",
        >= 1_000_000 => Cut(bytes, 1_000_000) + " MB",
        >= 1_000 => Cut(bytes, 1_000) + " KB",
        _ => Count(bytes) + " B",
    };

    private static string Cut(long tokens, long unit) =>
        (decimal.Truncate(tokens * 100m / unit) / 100m).ToString("#,0.##", CultureInfo.InvariantCulture);

    // The yen writes ¥ too, so only the yuan has the sign here.
    private static string? Symbol(string currency) => currency switch
    {
        "CNY" => "¥",
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        _ => null,
    };

    private static string Grouped(string digits)
    {
        for (var at = digits.Length - 3; at > 0; at -= 3)
            digits = digits.Insert(at, ",");
        return digits;
    }
}
