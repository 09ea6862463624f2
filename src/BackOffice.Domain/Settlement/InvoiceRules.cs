using System.Globalization;

namespace BackOffice.Domain.Settlement;

/// <summary>How an upstream's invoice is read. Source: settlement rules 7.</summary>
public static class InvoiceRules
{
    /// <summary>The word of a line about all input parts together.</summary>
    public const string Input = "input";

    /// <summary>The most tokens of a line: a thousand lines of them still fit 64 bits.</summary>
    public const long MostTokens = 1_000_000_000_000_000;

    private const int Decimals = 9;
    private const int WholeDigits = 9;

    /// <summary>Reads an amount in units of its currency: a point, at most nine decimals; negative where something is given back.</summary>
    /// <param name="text">The text, trimmed.</param>
    /// <param name="field">Field that a refusal names.</param>
    /// <param name="nano">The amount in 10^-9 of the unit.</param>
    /// <returns>The refusal, or null when <paramref name="nano"/> holds the amount.</returns>
    public static Refusal? ReadAmount(string text, string field, out long nano)
    {
        nano = 0;
        if (text.Length == 0)
            return new Refusal("InvoiceAmountMissing", field);
        var isNegative = text[0] == '-';
        var parts = text[(isNegative ? 1 : 0)..].Split('.');
        if (parts.Length > 2 || parts.Any(part => part.Length == 0 || part.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0))
            return new Refusal("InvoiceAmountUnreadable", field, text);
        var fraction = parts.Length == 2 ? parts[1] : "";
        if (fraction.Length > Decimals)
            return new Refusal("InvoiceAmountTooFine", field, text, fraction.Length.ToString(CultureInfo.InvariantCulture));
        if (parts[0].TrimStart('0').Length > WholeDigits)
            return new Refusal("InvoiceAmountTooLarge", field, text);
        nano = long.Parse(parts[0] + fraction.PadRight(Decimals, '0'), NumberStyles.None, CultureInfo.InvariantCulture) * (isNegative ? -1 : 1);
        return null;
    }
}

/// <summary>One model's part on the invoice and here; <c>input</c> where the invoice tells no more than that of the model.</summary>
/// <param name="Model">The upstream's model.</param>
/// <param name="Part">Word of the part, or <see cref="InvoiceRules.Input"/>.</param>
/// <param name="OurTokens">Our tokens.</param>
/// <param name="OursNano">Our amount, 10^-9 of the unit.</param>
/// <param name="InvoiceTokens">Tokens on the invoice.</param>
/// <param name="InvoiceNano">Amount on the invoice, 10^-9 of the unit.</param>
public sealed record PartDifference(string Model, string Part, long OurTokens, long OursNano, long InvoiceTokens, long InvoiceNano)
{
    /// <summary>Tokens of the invoice less ours.</summary>
    public long Tokens => InvoiceTokens - OurTokens;

    /// <summary>The invoice less ours, 10^-9 of the unit.</summary>
    public long Nano => InvoiceNano - OursNano;
}
