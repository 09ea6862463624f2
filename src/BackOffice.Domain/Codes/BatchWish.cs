using System.Globalization;
using System.Numerics;
using BackOffice.Domain.Packages;

namespace BackOffice.Domain.Codes;

/// <summary>How the codes of a batch reach the console (codes rules 4). The word in lower case stands in the row.</summary>
public enum PublishWay
{
    /// <summary>A script that somebody runs at the console's database.</summary>
    Script,

    /// <summary>An insert over a connection to the console's database.</summary>
    Database,

    /// <summary>The console makes the codes itself, a hundred a call.</summary>
    Api,
}

/// <summary>A batch that somebody wishes, as far as rules can judge it (codes rules 1, 3, 4).</summary>
/// <param name="PackageTokens">Tokens of one unit of the package, 1 or more.</param>
/// <param name="Units">Units that one code is worth.</param>
/// <param name="Count">Codes wanted.</param>
/// <param name="Format">How they look.</param>
/// <param name="Prefix">As it was typed; empty for none.</param>
/// <param name="PublishBy">How they reach the console.</param>
/// <param name="Note">What it is for, in the requester's words.</param>
/// <param name="ExpiresAt">UTC; null when the codes do not expire.</param>
public sealed record BatchWish(long PackageTokens, int Units, long Count, CodeFormat Format, string Prefix, PublishWay PublishBy, string Note, DateTime? ExpiresAt)
{
    /// <summary>Codes of the largest batch.</summary>
    public const int MostCodes = 10_000_000;

    /// <summary>Units of the largest code: what an order may have.</summary>
    public const int MostUnits = 100_000;

    /// <summary>Characters of the longest note.</summary>
    public const int LongestNote = 200;

    /// <summary>Largest quota of one code: what a row holds.</summary>
    public const long MostQuota = PackageRules.MostTokens;

    /// <summary>Tokens of one code; more than a row holds when the wish is refused for that.</summary>
    public Int128 Tokens => (Int128)PackageTokens * Units;

    /// <summary>Tokens of all codes together.</summary>
    public Int128 TotalTokens => Tokens * Count;

    /// <summary>The prefix in capitals; empty for none, and when it is none.</summary>
    public string CleanPrefix => RedemptionCode.PrefixOf(Prefix) ?? "";

    /// <summary>Quota of one code at the console: package tokens x units x quota per token, cut to a whole number (codes rules 4).</summary>
    /// <param name="quotaPerToken">More than 0, at most a million.</param>
    /// <returns>Null when it would be 0, or more than the console can hold.</returns>
    public long? Quota(decimal quotaPerToken)
    {
        if (Tokens < 1 || Tokens > MostQuota || quotaPerToken <= 0)
            return null;
        // Exactly, in whole numbers: a decimal is its digits over a power of ten.
        var bits = decimal.GetBits(quotaPerToken);
        var digits = ((BigInteger)(uint)bits[2] << 64) | ((BigInteger)(uint)bits[1] << 32) | (uint)bits[0];
        var quota = (BigInteger)(long)Tokens * digits / BigInteger.Pow(10, bits[3] >> 16 & 0xFF);
        return quota >= 1 && quota <= MostQuota ? (long)quota : null;
    }

    /// <summary>Everything that is wrong with the wish, each about the field it names.</summary>
    /// <param name="codesOfFormat">Codes of the same format that there are already, 0 or more.</param>
    /// <param name="quotaPerToken">Of the console.</param>
    /// <param name="now">The clock, UTC.</param>
    public IEnumerable<Refusal> Refusals(long codesOfFormat, decimal quotaPerToken, DateTime now)
    {
        if (PackageTokens < 1)
            yield return new Refusal("PackageWithoutTokens", "package");
        var countsAreRight = true;
        if (Count is < 1 or > MostCodes)
            yield return Wrong("CodeCountOutOfRange", "count", Count, MostCodes);
        if (Units is < 1 or > MostUnits)
            yield return Wrong("UnitsOutOfRange", "units", Units, MostUnits);
        if (countsAreRight && PackageTokens >= 1 && Quota(quotaPerToken) is null)
            yield return new Refusal("QuotaOutOfRange", "units", Text(Units), quotaPerToken.ToString(CultureInfo.InvariantCulture));
        foreach (var refusal in PrefixRefusals())
            yield return refusal;
        if (PublishBy == PublishWay.Api && Format != CodeFormat.Console)
            yield return new Refusal("ApiMakesConsoleCodes", "format");
        if (Note.Length > LongestNote)
            yield return new Refusal("NoteTooLong", "note", Text(Note.Length), Text(LongestNote));
        if (ExpiresAt <= now)
            yield return new Refusal("ExpiryPassed", "expires");
        if (countsAreRight && CodeStrength.Of(Format, codesOfFormat + Count).Lacking is > 0 and var lacking)
            yield return new Refusal("CodesTooWeak", "format", Text(lacking));

        Refusal Wrong(string code, string field, long given, long most)
        {
            countsAreRight = false;
            return new Refusal(code, field, Text(given), Text(most));
        }
    }

    private IEnumerable<Refusal> PrefixRefusals()
    {
        if (string.IsNullOrWhiteSpace(Prefix))
            yield break;
        if (Format == CodeFormat.Console)
            yield return new Refusal("ConsoleCodeHasNoPrefix", "prefix");
        else if (RedemptionCode.PrefixOf(Prefix) is null)
            yield return new Refusal("PrefixUnusable", "prefix", Prefix.Trim(), Text(RedemptionCode.LongestPrefix));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
