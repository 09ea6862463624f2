using System.Buffers.Binary;
using BackOffice.Jobs.Reports.Pdf;
using CsCheck;
using SkiaSharp;

namespace BackOffice.Web.Tests.Reports;

public sealed class PdfFontTests
{
    private const string Chinese = "NotoSansSC_400Regular.ttf", Mono = "RobotoMono_400Regular.ttf";

    /// <summary>Skia reads both fonts, and draws the same outlines with the same widths from both.</summary>
    [Theory]
    [InlineData(Chinese, "Aé订单结算𠮷一 ")]
    [InlineData(Mono, "0aAéÅǻ—")]
    public void A_cut_font_draws_its_characters_as_the_whole_one_does(string file, string text)
    {
        using var whole = SKTypeface.FromFile(PathOf(file));
        using var cut = Cut(file, CodePoints(text));
        Assert.Equal(whole.UnitsPerEm, cut.UnitsPerEm);
        foreach (var codePoint in CodePoints(text))
            Assert.Equal(Drawn(whole, Glyph(whole, codePoint)), Drawn(cut, Glyph(cut, codePoint)));
    }

    /// <summary>é is put together from e and ´ by number: the numbers change, and the parts are kept though nobody asked for them.</summary>
    [Fact]
    public void A_composite_glyph_keeps_its_parts()
    {
        var font = new TrueTypeFont(File.ReadAllBytes(PathOf(Mono)));
        var composites = Enumerable.Range(0xC0, 0x140).Where(codePoint => font.Outline(font.GlyphOf(codePoint)) is { Length: > 0 } outline && (outline[0] & 0x80) != 0).ToList();
        Assert.True(composites.Count > 50);

        using var whole = SKTypeface.FromFile(PathOf(Mono));
        using var cut = Cut(Mono, composites);
        Assert.True(cut.GlyphCount > composites.Count + 1);
        Assert.All(composites, codePoint => Assert.Equal(Drawn(whole, Glyph(whole, codePoint)), Drawn(cut, Glyph(cut, codePoint))));
    }

    [Fact]
    public void What_the_font_lacks_is_drawn_as_a_box_of_its_own_number()
    {
        using var cut = Cut(Chinese, [0x1F600, 0x1F601, 'a']);
        var box = Drawn(cut, 0);
        Assert.NotEmpty(box.Path);
        Assert.Equal([box, box], [Drawn(cut, Glyph(cut, 0x1F600)), Drawn(cut, Glyph(cut, 0x1F601))]);
        Assert.Equal([1, 2, 3], [Glyph(cut, 'a'), Glyph(cut, 0x1F600), Glyph(cut, 0x1F601)]);
        Assert.Equal(0, Glyph(cut, 'b'));
    }

    [Fact]
    public void The_order_in_which_characters_were_met_does_not_matter()
    {
        var font = new TrueTypeFont(File.ReadAllBytes(PathOf(Chinese)));
        var bytes = FontSubset.Of(font, CodePoints("订单abc一\u2F00"));
        Assert.Equal(bytes, FontSubset.Of(font, CodePoints("\u2F00cab订一单单")));
        Assert.NotEqual(bytes, FontSubset.Of(font, CodePoints("订单abc一")));
        Assert.InRange(bytes.Length, 1_000, 8_000);
    }

    [Fact]
    public void More_characters_than_a_font_can_number_do_not_break_it()
    {
        using var cut = Cut(Chinese, Enumerable.Range(0, 70_000));
        Assert.NotEqual(0, Glyph(cut, '订'));
        Assert.Equal(0, Glyph(cut, 69_999));
    }

    /// <summary>Every table of the file, and the file as a whole, bear the sums that the format asks for.</summary>
    [Fact]
    public void The_sums_are_right()
    {
        var bytes = FontSubset.Of(new TrueTypeFont(File.ReadAllBytes(PathOf(Mono))), CodePoints("sum"));
        Assert.Equal(0xB1B0AFBA, Sum(bytes));
        for (var entry = 12; entry < 12 + 16 * bytes[5]; entry += 16)
        {
            var (offset, length) = ((int)U32(bytes, entry + 8), (int)U32(bytes, entry + 12));
            var table = bytes.AsSpan(offset, (length + 3) / 4 * 4).ToArray();
            if (bytes[entry] == 'h' && bytes[entry + 2] == 'a')
                table.AsSpan(8, 4).Clear();
            Assert.Equal(U32(bytes, entry + 4), Sum(table));
        }
    }

    [Fact]
    public void Lines_hold_all_of_a_text_and_are_as_wide_as_they_may_be()
    {
        using var fonts = new PdfFonts();
        string[] parts = ["a", "word", "客户", "，", "（", "。", " ", "  ", "AC-00000001", "𠮷", "一位名字很长的客户", "incomprehensibilities"];
        var words = Gen.Int[0, parts.Length - 1].List[0, 40].Select(chosen => string.Concat(chosen.Select(part => parts[part])));
        Gen.Select(words, Gen.Float[12, 300]).Sample(
            (text, width) =>
            {
                var lines = PdfWords.Lines(fonts, PdfLook.Cell, text, width);
                Assert.Equal(text.Replace(" ", ""), string.Concat(lines).Replace(" ", ""));
                Assert.All(lines, line => Assert.True(fonts.Width(PdfLook.Cell, line) <= width || line.EnumerateRunes().Count() == 1));
            },
            iter: 2_000);
    }

    [Fact]
    public void A_Chinese_line_does_not_begin_with_a_comma_nor_end_with_an_opening_bracket()
    {
        using var fonts = new PdfFonts();
        for (var width = 40; width < 120; width++)
        {
            var lines = PdfWords.Lines(fonts, PdfLook.Cell, "一位名字很长的客户，希望（把所有内容）都完整地写出来，包括街道、门牌号（与联系方式）。", width);
            Assert.DoesNotContain(lines, line => "，、。）".Contains(line[0], StringComparison.Ordinal) || line[^1] == '（');
        }
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "fonts", file);

    private static SKTypeface Cut(string file, IEnumerable<int> codePoints)
    {
        using var data = SKData.CreateCopy(FontSubset.Of(new TrueTypeFont(File.ReadAllBytes(PathOf(file))), codePoints));
        return SKTypeface.FromData(data);
    }

    private static ushort Glyph(SKTypeface typeface, int codePoint)
    {
        using var font = new SKFont(typeface);
        return font.GetGlyph(codePoint);
    }

    private static (string Path, float Width) Drawn(SKTypeface typeface, ushort glyph)
    {
        using var font = new SKFont(typeface, typeface.UnitsPerEm) { Hinting = SKFontHinting.None, LinearMetrics = true };
        using var path = font.GetGlyphPath(glyph);
        return (path.ToSvgPathData(), font.GetGlyphWidths([glyph])[0]);
    }

    private static IEnumerable<int> CodePoints(string text) => text.EnumerateRunes().Select(rune => rune.Value);

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));

    private static uint Sum(byte[] bytes) => Enumerable.Range(0, bytes.Length / 4).Aggregate(0u, (sum, word) => unchecked(sum + U32(bytes, 4 * word)));
}
