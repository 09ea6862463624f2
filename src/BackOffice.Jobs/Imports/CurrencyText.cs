using BackOffice.Domain;

namespace BackOffice.Jobs.Imports;

/// <summary>The rule for a currency in an import file: three capitals of ISO 4217.</summary>
internal static class CurrencyText
{
    public static Refusal? Check(string code, string field)
    {
        if (Currencies.IsKnown(code))
            return null;
        var capitals = code.ToUpperInvariant();
        return Currencies.IsKnown(capitals)
            ? new Refusal("CurrencyNotInCapitals", field, Quoted.Text(code), capitals)
            : new Refusal("CurrencyUnknown", field, Quoted.Text(code));
    }
}
