using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>
/// A font cut down to the code points of one document. Skia embeds a font as a whole, which would be 10 MB each, and tells a reader of the text
/// the first code point that has a glyph, which need not be the one that was written: 一 and the radical ⼀ share one. Here every code point has a
/// glyph of its own, in their order; one that the font lacks is drawn as the box that stands for what is missing, and is read back all the same.
/// </summary>
internal static class FontSubset
{
    // A glyph's number has 16 bits, and parts of composite glyphs need some. What comes after that many is drawn as the box too, but not read back.
    private const int MostCodePoints = 60_000;

    public static byte[] Of(TrueTypeFont font, IEnumerable<int> codePoints)
    {
        var kept = codePoints.Distinct().Order().Take(MostCodePoints).ToList();
        var glyphs = Glyphs(font, kept);
        var (outlines, offsets) = Outlines(font, glyphs);
        return Assemble(new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["OS/2"] = font.Table("OS/2").ToArray(),
            ["cmap"] = CodePoints(kept),
            ["glyf"] = outlines,
            ["head"] = With(With32(font.Table("head").ToArray(), 8, 0), 50, 1),
            ["hhea"] = With(font.Table("hhea").ToArray(), 34, glyphs.Count),
            ["hmtx"] = Metrics(font, glyphs),
            ["loca"] = offsets,
            ["maxp"] = With(font.Table("maxp").ToArray(), 4, glyphs.Count),
            ["name"] = font.Table("name").ToArray(),
            // Version 3: glyphs have no names.
            ["post"] = With32(font.Table("post")[..32].ToArray(), 0, 0x00030000),
        });
    }

    /// <summary>The font's glyphs in their new order: the box, one for each code point, and whatever these are put together from.</summary>
    private static List<int> Glyphs(TrueTypeFont font, List<int> codePoints)
    {
        List<int> glyphs = [0, .. codePoints.Select(font.GlyphOf)];
        var known = glyphs.ToHashSet();
        for (var i = 0; i < glyphs.Count; i++)
            foreach (var part in Parts(font.Outline(glyphs[i])))
                if (known.Add(part.Glyph))
                    glyphs.Add(part.Glyph);
        return glyphs;
    }

    private static (byte[] Outlines, byte[] Offsets) Outlines(TrueTypeFont font, List<int> glyphs)
    {
        var places = new Dictionary<int, int>();
        foreach (var (place, glyph) in glyphs.Index())
            places.TryAdd(glyph, place);
        var outlines = new ArrayBufferWriter<byte>();
        var offsets = new ArrayBufferWriter<byte>();
        foreach (var glyph in glyphs)
        {
            Put32(offsets, (uint)outlines.WrittenCount);
            var outline = font.Outline(glyph).ToArray();
            foreach (var part in Parts(outline))
                With(outline, part.At, places[part.Glyph]);
            Put(outlines, outline);
        }
        Put32(offsets, (uint)outlines.WrittenCount);
        return (outlines.WrittenSpan.ToArray(), offsets.WrittenSpan.ToArray());
    }

    /// <summary>The glyphs that a composite glyph is put together from, with where in its outline each is named.</summary>
    private static List<(int At, int Glyph)> Parts(ReadOnlySpan<byte> outline)
    {
        const int wordArguments = 0x0001, scale = 0x0008, more = 0x0020, twoScales = 0x0040, matrix = 0x0080;
        var parts = new List<(int At, int Glyph)>();
        if (outline.Length == 0 || (TrueTypeFont.U16(outline, 0) & 0x8000) == 0)
            return parts;
        int flags, at = 10;
        do
        {
            flags = TrueTypeFont.U16(outline, at);
            parts.Add((at + 2, TrueTypeFont.U16(outline, at + 2)));
            at += 4 + ((flags & wordArguments) != 0 ? 4 : 2);
            at += (flags & scale) != 0 ? 2 : (flags & twoScales) != 0 ? 4 : (flags & matrix) != 0 ? 8 : 0;
        }
        while ((flags & more) != 0);
        return parts;
    }

    private static byte[] Metrics(TrueTypeFont font, List<int> glyphs)
    {
        var metrics = new byte[4 * glyphs.Count];
        foreach (var (place, glyph) in glyphs.Index())
            With(With(metrics, 4 * place, font.Advance(glyph)), 4 * place + 2, font.LeftBearing(glyph));
        return metrics;
    }

    /// <summary>A character map of one subtable, format 12; code points that follow each other are one group.</summary>
    private static byte[] CodePoints(List<int> codePoints)
    {
        var groups = new List<(int First, int Last, int Glyph)>();
        foreach (var (index, codePoint) in codePoints.Index())
            if (groups.Count > 0 && groups[^1].Last == codePoint - 1)
                groups[^1] = groups[^1] with { Last = codePoint };
            else
                groups.Add((codePoint, codePoint, index + 1));
        var map = new ArrayBufferWriter<byte>();
        // One subtable, platform 3, encoding 10, at byte 12; format 12, its length, no language.
        foreach (var word in new[] { 1, (3 << 16) | 10, 12, 12 << 16, 16 + 12 * groups.Count, 0, groups.Count })
            Put32(map, (uint)word);
        foreach (var (first, last, glyph) in groups)
        {
            Put32(map, (uint)first);
            Put32(map, (uint)last);
            Put32(map, (uint)glyph);
        }
        return map.WrittenSpan.ToArray();
    }

    private static byte[] Assemble(SortedDictionary<string, byte[]> tables)
    {
        var font = new ArrayBufferWriter<byte>();
        var power = (int)Math.Log2(tables.Count);
        foreach (var word in new[] { 0x00010000, (tables.Count << 16) | (16 << power), (power << 16) | (16 * tables.Count - (16 << power)) })
            Put32(font, (uint)word);
        var offset = 12 + 16 * tables.Count;
        foreach (var (tag, table) in tables)
        {
            Put(font, Encoding.ASCII.GetBytes(tag));
            Put32(font, Sum(table));
            Put32(font, (uint)offset);
            Put32(font, (uint)table.Length);
            offset += Padded(table.Length);
        }
        var head = font.WrittenCount + tables.TakeWhile(table => table.Key != "head").Sum(table => Padded(table.Value.Length));
        foreach (var table in tables.Values)
            Put(font, table);
        var bytes = font.WrittenSpan.ToArray();
        return With32(bytes, head + 8, unchecked(0xB1B0AFBA - Sum(bytes)));
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var at = 0; at < bytes.Length; at++)
            sum = unchecked(sum + ((uint)bytes[at] << (8 * (3 - at % 4))));
        return sum;
    }

    private static int Padded(int length) => (length + 3) / 4 * 4;

    private static void Put(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> bytes)
    {
        to.Write(bytes);
        to.Write(new byte[Padded(bytes.Length) - bytes.Length]);
    }

    private static void Put32(ArrayBufferWriter<byte> to, uint number)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to.GetSpan(4), number);
        to.Advance(4);
    }

    private static byte[] With(byte[] bytes, int at, int number)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)number);
        return bytes;
    }

    private static byte[] With32(byte[] bytes, int at, uint number)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), number);
        return bytes;
    }
}
