using System.Buffers;
using System.Globalization;
using System.Text;

namespace BackOffice.Jobs.Imports;

/// <summary>How much of a wrong value a refusal may show.</summary>
internal static class Quoted
{
    /// <summary>Longest part of a value that is shown, in characters.</summary>
    public const int Longest = 60;

    private const string Withheld = "…";

    private static readonly SearchValues<char> FigureCharacters = SearchValues.Create("0123456789 .,:+-/'TZ");

    /// <summary>The value, cut, with unprintable characters replaced; nothing of it when it may be an e-mail address that slipped into another column.</summary>
    public static string Text(string value) => value.Contains('@') ? Withheld : Printable(value);

    /// <inheritdoc cref="Text(string)"/>
    public static string Text(ReadOnlySpan<byte> utf8) => Text(Encoding.UTF8.GetString(utf8));

    /// <summary>The value when it is made like a number or an instant, else nothing of it: a secret may have slipped into the column.</summary>
    public static string Figures(ReadOnlySpan<byte> utf8)
    {
        var value = Encoding.UTF8.GetString(utf8);
        return value.AsSpan().ContainsAnyExcept(FigureCharacters) ? Withheld : Printable(value);
    }

    private static string Printable(string value)
    {
        var shown = new StringBuilder(Longest + 1);
        foreach (var rune in value.EnumerateRunes())
        {
            if (shown.Length + rune.Utf16SequenceLength > Longest)
                return shown.Append('…').ToString();
            shown.Append(IsPrintable(rune) ? rune.ToString() : "\uFFFD");
        }
        return shown.ToString();
    }

    // Format characters can turn the direction of the line or hide a part of it.
    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
