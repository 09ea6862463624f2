using System.Collections;
using System.Text;
using SkiaSharp;

namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>The faces a document is set in; <see cref="Code"/> has one width for every character and knows no Chinese.</summary>
internal enum PdfFace { Regular, Bold, Code }

/// <summary>
/// The fonts of one document: whole while it is measured, then cut down to the code points that were met. Widths are sums of the font's own
/// advances, which is what Skia draws without shaping, so that measuring needs no Skia.
/// </summary>
internal sealed class PdfFonts : IDisposable
{
    private static readonly string[] Files = ["NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf", "RobotoMono_400Regular.ttf"];

    private readonly TrueTypeFont[] whole = [.. Files.Select(file => new TrueTypeFont(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fonts", file))))];
    private readonly BitArray[] met = [.. Files.Select(_ => new BitArray(0x110000))];
    private readonly Dictionary<(PdfFace Face, float Size), SKFont> sized = [];
    private SKTypeface[] cut = [];

    public float Width(PdfStyle style, ReadOnlySpan<char> text)
    {
        var font = whole[(int)style.Face];
        var units = 0;
        foreach (var rune in text.EnumerateRunes())
            units += font.AdvanceOf(rune.Value);
        return units * style.Size / font.UnitsPerEm;
    }

    public float Width(PdfStyle style, Rune rune) => whole[(int)style.Face].AdvanceOf(rune.Value) * style.Size / whole[(int)style.Face].UnitsPerEm;

    /// <summary>The style, in another face where its own lacks a character of the text.</summary>
    public PdfStyle Fitting(PdfStyle style, string text)
    {
        if (style.Face == PdfFace.Code)
            foreach (var rune in text.EnumerateRunes())
                if (whole[(int)PdfFace.Code].GlyphOf(rune.Value) == 0)
                    return style with { Face = PdfFace.Regular };
        return style;
    }

    /// <summary>Notes the code points of a text that is drawn; once the fonts are cut, there can be no new ones.</summary>
    public void Meet(PdfFace face, string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (cut.Length == 0)
                met[(int)face][rune.Value] = true;
            else if (!met[(int)face][rune.Value])
                throw new InvalidOperationException("The rows were not the same when they were read again.");
        }
    }

    public void Cut() => cut = [.. whole.Select((font, face) => Typeface(FontSubset.Of(font, CodePoints(met[face]))))];

    public SKFont At(PdfStyle style)
    {
        if (!sized.TryGetValue((style.Face, style.Size), out var font))
        {
            // Anything else spaces the characters unevenly.
            font = new SKFont(cut[(int)style.Face], style.Size) { Subpixel = true, LinearMetrics = true, Hinting = SKFontHinting.None };
            sized.Add((style.Face, style.Size), font);
        }
        return font;
    }

    public void Dispose()
    {
        foreach (var font in sized.Values)
            font.Dispose();
        foreach (var typeface in cut)
            typeface.Dispose();
    }

    private static SKTypeface Typeface(byte[] font)
    {
        using var data = SKData.CreateCopy(font);
        return SKTypeface.FromData(data) ?? throw new InvalidOperationException("Skia cannot read the font that was cut down.");
    }

    private static IEnumerable<int> CodePoints(BitArray met)
    {
        for (var codePoint = 0; codePoint < met.Length; codePoint++)
            if (met[codePoint])
                yield return codePoint;
    }
}
