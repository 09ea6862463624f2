using System.Buffers;
using System.Globalization;
using System.Text;

namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>Text made fit to be drawn: without what cannot be seen, and broken into lines where English and Chinese may be broken.</summary>
internal static class PdfWords
{
    private const string Ellipsis = "…";

    // Chinese punctuation that may not begin a line, and that may not end one (GB/T 15834, 5.1).
    private const string NotFirst = "，。、；：？！）》」』】〉〕…—·％%”’.,;:?!)]}";
    private const string NotLast = "（《「『【〈〔“‘([{¥$";

    // Where a word that is wider than its line is broken rather than anywhere: an address, an id.
    private const string Joints = "@/-_=&?";

    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Concat(Enumerable.Range('一', '鿿' - '一' + 1)).Select(letter => (char)letter)]);

    /// <summary>
    /// One line: whatever breaks lines is a space, and what has no shape is left out, direction marks above all: they would show the text in another
    /// order than it has. Control characters, and halves of pairs, show that something stands there.
    /// </summary>
    public static string Clean(string text)
    {
        if (text.AsSpan().IndexOfAnyExcept(Plain) < 0)
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\t' or '\n' or '\r' or 0x85 or 0x2028 or 0x2029)
                clean.Append(' ');
            else if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control)
                clean.Append('\uFFFD');
            else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format && rune.Value is not (>= 0xFE00 and <= 0xFE0F))
                clean.Append(rune);
        }
        return clean.ToString();
    }

    /// <summary>The lines of a clean text; a word is broken only where it is wider than the line, and what is more than so many lines is cut.</summary>
    public static List<string> Lines(PdfFonts fonts, PdfStyle style, string text, float width, int most = int.MaxValue)
    {
        if (fonts.Width(style, text) <= width)
            return [text];
        var lines = new List<string>();
        var rest = text.TrimEnd();
        while (rest.Length > 0 && lines.Count < most)
        {
            var end = EndOfLine(fonts, style, rest, width);
            lines.Add(rest[..end].TrimEnd());
            rest = rest[end..].TrimStart();
        }
        if (rest.Length > 0)
            lines[^1] = Cut(fonts, style, lines[^1] + Ellipsis, width);
        return lines;
    }

    /// <summary>One line: what is too wide ends in an ellipsis.</summary>
    public static string Cut(PdfFonts fonts, PdfStyle style, string text, float width)
    {
        if (fonts.Width(style, text) <= width)
            return text;
        var used = fonts.Width(style, Ellipsis);
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            used += fonts.Width(style, rune);
            if (used > width)
                break;
            end += rune.Utf16SequenceLength;
        }
        return text[..end].TrimEnd() + Ellipsis;
    }

    private static int EndOfLine(PdfFonts fonts, PdfStyle style, string text, float width)
    {
        int at = 0, breakable = 0, joint = 0;
        var used = 0f;
        var before = default(Rune);
        foreach (var rune in text.EnumerateRunes())
        {
            if (at > 0 && MayBreak(before, rune))
                breakable = at;
            if (at > 0 && IsIn(Joints, before))
                joint = at;
            used += fonts.Width(style, rune);
            if (used > width && at > 0 && !Rune.IsWhiteSpace(rune))
                return breakable > 0 ? breakable : joint > 0 ? joint : at;
            at += rune.Utf16SequenceLength;
            before = rune;
        }
        return text.Length;
    }

    private static bool MayBreak(Rune before, Rune after)
    {
        if (Rune.IsWhiteSpace(before))
            return !Rune.IsWhiteSpace(after);
        return (IsWide(before) || IsWide(after)) && !IsIn(NotLast, before) && !IsIn(NotFirst, after) && !Rune.IsWhiteSpace(after);
    }

    private static bool IsWide(Rune rune) => rune.Value >= 0x2E80;

    private static bool IsIn(string set, Rune rune) => rune.IsBmp && set.Contains((char)rune.Value);
}
