using System.Buffers;

namespace BackOffice.Domain.Orders;

/// <summary>
/// The alphabet and the check character that order numbers and friendly redemption codes share.
/// Source: codes rules 1: 32 characters without I, L, O, U; arithmetic in GF(32) with the polynomial x^5 + x^2 + 1.
/// </summary>
public static class PublicCode
{
    /// <summary>The 32 characters; the value of a character is its position.</summary>
    public const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly SearchValues<char> InAlphabet = SearchValues.Create(Alphabet);

    /// <summary>The check character of a body: finds every single wrong character and every swap of two.</summary>
    /// <exception cref="ArgumentException">The body has a character outside the alphabet.</exception>
    public static char CheckCharacter(ReadOnlySpan<char> body)
    {
        var check = 0;
        foreach (var character in body)
        {
            var value = Alphabet.IndexOf(character);
            if (value < 0)
                throw new ArgumentException($"'{character}' is not in the alphabet.", nameof(body));
            check = Double(check ^ value);
        }
        return Alphabet[check];
    }

    /// <summary>Upper case, without spaces and hyphens, O read as 0, I and L as 1: what a person may have typed for it.</summary>
    public static string Clean(string typed)
    {
        Span<char> cleaned = typed.Length <= 256 ? stackalloc char[typed.Length] : new char[typed.Length];
        var length = 0;
        foreach (var character in typed)
        {
            if (char.IsWhiteSpace(character) || character is '-' or '‐' or '‑' or '–')
                continue;
            cleaned[length++] = char.ToUpperInvariant(character) switch
            {
                'O' => '0',
                'I' or 'L' => '1',
                var other => other,
            };
        }
        return new string(cleaned[..length]);
    }

    /// <summary>Whether the text is of the alphabet only and its last character is the check character of the rest.</summary>
    public static bool IsWhole(ReadOnlySpan<char> text) =>
        text.Length > 1 && text.IndexOfAnyExcept(InAlphabet) < 0 && CheckCharacter(text[..^1]) == text[^1];

    private static int Double(int value) => (value << 1) ^ ((value & 16) != 0 ? 0b100101 : 0);
}
