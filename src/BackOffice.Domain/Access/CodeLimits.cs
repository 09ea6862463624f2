using System.Globalization;

namespace BackOffice.Domain.Access;

/// <summary>Above how many codes, or tokens in total, an act on codes needs a second person (codes rules 3); null for no limit.</summary>
/// <param name="CodesAbove">Codes, 0 or more.</param>
/// <param name="TokensAbove">Tokens, 0 or more.</param>
public sealed record CodeLimits(long? CodesAbove, long? TokensAbove)
{
    /// <summary>Nothing needs a second person.</summary>
    public static readonly CodeLimits Off = new(null, null);

    /// <summary>Reads one limit: a whole number from 0, or <c>off</c>.</summary>
    /// <returns>False when it is neither.</returns>
    public static bool TryParse(string text, out long? limit)
    {
        limit = null;
        if (text.Trim().Equals(ApprovalLimits.OffWord, StringComparison.OrdinalIgnoreCase))
            return true;
        if (!long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        limit = number;
        return true;
    }

    /// <summary>Whether so much needs a second person.</summary>
    public bool AreExceeded(Int128 codes, Int128 tokens) => codes > CodesAbove || tokens > TokensAbove;
}
