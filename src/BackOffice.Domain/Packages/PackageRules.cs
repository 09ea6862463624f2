namespace BackOffice.Domain.Packages;

/// <summary>What a package may be called.</summary>
public static class PackageRules
{
    /// <summary>Characters of the longest slug.</summary>
    public const int LongestSlug = 40;

    /// <summary>Characters of the longest name.</summary>
    public const int LongestName = 100;

    /// <summary>Characters of the longest text that says who a package is for.</summary>
    public const int LongestAudience = 200;

    /// <summary>Most tokens of one unit: what a row holds.</summary>
    public const long MostTokens = 9_000_000_000_000_000;

    /// <summary>The last place of the shop's page.</summary>
    public const int LastPosition = 100_000;

    /// <summary>The address of the form that adds a package: no package may be called so.</summary>
    public const string ReservedSlug = "new";

    /// <summary>Whether a text is a package's name in files and addresses: lower-case letters, digits and hyphens.</summary>
    public static bool IsSlug(string text) =>
        text.Length is >= 1 and <= LongestSlug && text.All(character => character is >= 'a' and <= 'z' or >= '0' and <= '9' or '-') && text != ReservedSlug;

    /// <summary>Whether a text is the id of a product at Creem: <c>prod_</c> and letters and digits, at most 80 characters. Source: creem.md.</summary>
    public static bool IsCreemProduct(string text) => text.Length is > 5 and <= 80 && text.StartsWith("prod_", StringComparison.Ordinal) && text[5..].All(char.IsAsciiLetterOrDigit);
}
