using System.Text;
using BackOffice.Domain.Orders;

namespace BackOffice.Domain.Codes;

/// <summary>How the codes of a batch look (codes rules 1).</summary>
public enum CodeFormat
{
    /// <summary>32 lower-case hexadecimal characters, 128 random bits: what One API and New API make themselves.</summary>
    Console,

    /// <summary>A prefix if wished, then <c>XXXX-XXXX-XXXX-XXXX</c>: 15 random characters of 5 bits and a check character. For codes typed by hand.</summary>
    Friendly,
}

/// <summary>Makes redemption codes of dice, and reads what a person typed. A code is bearer money: nothing here keeps one, and no exception holds one.</summary>
public static class RedemptionCode
{
    /// <summary>Random bytes a code takes, whatever its format.</summary>
    public const int Dice = 16;

    /// <summary>Characters of a prefix at most.</summary>
    public const int LongestPrefix = 6;

    private const int Body = 15;

    private const int Friendly = Body + 1;

    /// <summary>The code as it is shown and as the console gets it.</summary>
    /// <param name="format">Of the batch.</param>
    /// <param name="prefix">As <see cref="PrefixOf"/> gives it; empty for none, and with <see cref="CodeFormat.Console"/>.</param>
    /// <param name="dice"><see cref="Dice"/> bytes of the operating system's secure generator.</param>
    /// <exception cref="ArgumentException">There are more or fewer bytes, or a code of the console has a prefix.</exception>
    public static string Make(CodeFormat format, string prefix, ReadOnlySpan<byte> dice)
    {
        if (dice.Length != Dice)
            throw new ArgumentException($"{Dice} random bytes make a code.", nameof(dice));
        if (format == CodeFormat.Friendly)
            return MakeFriendly(prefix, dice);
        if (prefix.Length > 0)
            throw new ArgumentException("A code of the console has no prefix.", nameof(prefix));
        return Convert.ToHexStringLower(dice);
    }

    /// <summary>The form that is compared, of a code as <see cref="Make"/> gives it.</summary>
    public static string CanonicalOf(CodeFormat format, string code) =>
        format == CodeFormat.Console ? code : string.Concat(code.AsSpan(code.Length - 19, 4), code.AsSpan(code.Length - 14, 4), code.AsSpan(code.Length - 9, 4), code.AsSpan(code.Length - 4));

    /// <summary>Characters of a code as it is shown.</summary>
    public static int LengthOf(CodeFormat format, string prefix) => format == CodeFormat.Console ? 2 * Dice : Friendly + 3 + (prefix.Length > 0 ? prefix.Length + 1 : 0);

    /// <summary>The prefix in capitals; null when it is none: 1 to 6 letters A to Z and digits, which every keyboard has.</summary>
    public static string? PrefixOf(string typed)
    {
        var trimmed = typed.Trim();
        return trimmed.Length is > 0 and <= LongestPrefix && trimmed.All(char.IsAsciiLetterOrDigit) ? trimmed.ToUpperInvariant() : null;
    }

    /// <summary>Reads what was typed, in any case, with spaces and hyphens or without, O for 0, I and L for 1, full-width as a Chinese keyboard gives it.</summary>
    public static TypedCode Read(string typed)
    {
        var plain = (IsUnicode(typed) ? typed.Normalize(NormalizationForm.FormKC) : typed).Trim();
        if (plain.Length == 2 * Dice && plain.All(char.IsAsciiHexDigit))
            return new TypedCode(CodeReading.Whole, plain.ToLowerInvariant(), "");
        var cleaned = PublicCode.Clean(plain);
        if (cleaned.Length is < Friendly or > Friendly + LongestPrefix || !cleaned.All(char.IsAsciiLetterOrDigit))
            return new TypedCode(CodeReading.NoCode, "", "");
        var (before, code) = (cleaned[..^Friendly], cleaned[^Friendly..]);
        return PublicCode.IsWhole(code) ? new TypedCode(CodeReading.Whole, code, before) : new TypedCode(CodeReading.Mistyped, "", before);
    }

    // Of each byte the last five bits: 256 is a multiple of 32, so that no character is more likely than another.
    private static string MakeFriendly(string prefix, ReadOnlySpan<byte> dice)
    {
        Span<char> code = stackalloc char[Friendly];
        for (var i = 0; i < Body; i++)
            code[i] = PublicCode.Alphabet[dice[i] & 31];
        code[Body] = PublicCode.CheckCharacter(code[..Body]);
        var hyphen = prefix.Length > 0 ? "-" : "";
        return $"{prefix}{hyphen}{code[..4]}-{code[4..8]}-{code[8..12]}-{code[12..]}";
    }

    // Half a surrogate pair cannot be normalised.
    private static bool IsUnicode(string text) => !text.Any(char.IsSurrogate);
}

/// <summary>What a typed text is.</summary>
public enum CodeReading
{
    /// <summary>A code as it can be one of ours; whether it is says the lookup.</summary>
    Whole,

    /// <summary>As long as a friendly code, but its check character does not fit: a typing error. Said to staff; the public gets the one answer for every failure.</summary>
    Mistyped,

    /// <summary>Nothing like a code.</summary>
    NoCode,
}

/// <summary>A typed text, read.</summary>
/// <param name="Reading">What it is.</param>
/// <param name="Canonical">The form that is compared; empty when it is not whole.</param>
/// <param name="Before">What stood before a friendly code, cleaned: nothing, or it must be the cleaned prefix of the code's batch.</param>
public sealed record TypedCode(CodeReading Reading, string Canonical, string Before)
{
    /// <summary>Whether what stood before the code fits the batch it was found in.</summary>
    /// <param name="prefix">Of the batch; empty for none.</param>
    public bool Fits(string prefix) => Before.Length == 0 || Before == PublicCode.Clean(prefix);

    /// <summary>Without the code.</summary>
    public override string ToString() => Reading.ToString();
}
