namespace BackOffice.Domain.Orders;

/// <summary>
/// The public order number: <c>AC-</c> and 12 characters in groups of four, 11 random and one check character (DESIGN 4).
/// It is a capability: whoever knows it can look the delivery up, so logs show it masked.
/// </summary>
public static class OrderNumber
{
    /// <summary>Makes a number of 11 random bytes, each of which gives 5 bits.</summary>
    /// <exception cref="ArgumentException">There are not 11 bytes.</exception>
    public static string From(ReadOnlySpan<byte> dice)
    {
        if (dice.Length != 11)
            throw new ArgumentException("Eleven random bytes make a number.", nameof(dice));
        Span<char> body = stackalloc char[12];
        for (var i = 0; i < 11; i++)
            body[i] = PublicCode.Alphabet[dice[i] & 31];
        body[11] = PublicCode.CheckCharacter(body[..11]);
        return $"AC-{body[..4]}-{body[4..8]}-{body[8..]}";
    }

    /// <summary>The number that a person may have meant: any case, with or without hyphens, O for 0, I and L for 1. Null when it is none of ours.</summary>
    public static string? Read(string typed)
    {
        var cleaned = PublicCode.Clean(typed);
        return cleaned.Length == 14 && cleaned.StartsWith("AC", StringComparison.Ordinal) && PublicCode.IsWhole(cleaned.AsSpan(2))
            ? $"AC-{cleaned[2..6]}-{cleaned[6..10]}-{cleaned[10..]}"
            : null;
    }

    /// <summary>The number as logs may show it: the last four characters.</summary>
    public static string Masked(string orderNo) => orderNo.Length <= 4 ? "…" : "…" + orderNo[^4..];
}
