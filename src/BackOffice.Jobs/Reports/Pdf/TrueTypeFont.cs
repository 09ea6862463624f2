using System.Buffers.Binary;
using System.Text;

namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>What a PDF needs of a TrueType font (OpenType 1.9): which glyph a code point has, how wide it is, and how it is drawn.</summary>
internal sealed class TrueTypeFont
{
    private const int PageSize = 256;

    private readonly byte[] bytes;
    private readonly Dictionary<string, Range> tables = [];
    private readonly ushort[]?[] glyphs = new ushort[]?[0x110000 / PageSize];
    private readonly bool hasLongOffsets;
    private readonly int metrics;

    public TrueTypeFont(byte[] bytes)
    {
        this.bytes = bytes;
        for (var entry = 12; entry < 12 + 16 * U16(bytes, 4); entry += 16)
            tables[Encoding.ASCII.GetString(bytes, entry, 4)] = new Range(S32(bytes, entry + 8), S32(bytes, entry + 8) + S32(bytes, entry + 12));
        UnitsPerEm = U16(Table("head"), 18);
        hasLongOffsets = U16(Table("head"), 50) == 1;
        metrics = U16(Table("hhea"), 34);
        ReadCodePoints(Table("cmap"));
    }

    public int UnitsPerEm { get; }

    public ReadOnlySpan<byte> Table(string tag) => bytes.AsSpan(tables[tag]);

    /// <summary>0, the glyph for what the font lacks, when it has none of its own.</summary>
    public int GlyphOf(int codePoint) => glyphs[codePoint / PageSize]?[codePoint % PageSize] ?? 0;

    public int Advance(int glyph) => U16(Table("hmtx"), 4 * Math.Min(glyph, metrics - 1));

    public int AdvanceOf(int codePoint) => Advance(GlyphOf(codePoint));

    public int LeftBearing(int glyph) => U16(Table("hmtx"), glyph < metrics ? 4 * glyph + 2 : 4 * metrics + 2 * (glyph - metrics));

    /// <summary>The bytes of a glyph's outline; none for a space.</summary>
    public ReadOnlySpan<byte> Outline(int glyph) => Table("glyf")[Offset(glyph)..Offset(glyph + 1)];

    internal static int U16(ReadOnlySpan<byte> from, int at) => BinaryPrimitives.ReadUInt16BigEndian(from[at..]);

    private static int S32(ReadOnlySpan<byte> from, int at) => BinaryPrimitives.ReadInt32BigEndian(from[at..]);

    private int Offset(int glyph) => hasLongOffsets ? S32(Table("loca"), 4 * glyph) : 2 * U16(Table("loca"), 2 * glyph);

    // Format 12 knows every plane, format 4 only the first: the better one of those that are there.
    private void ReadCodePoints(ReadOnlySpan<byte> cmap)
    {
        var formats = new Dictionary<int, int>();
        for (var i = 0; i < U16(cmap, 2); i++)
        {
            var offset = S32(cmap, 4 + 8 * i + 4);
            formats[U16(cmap, offset)] = offset;
        }
        if (formats.TryGetValue(12, out var groups))
            ReadGroups(cmap[groups..]);
        else
            ReadSegments(cmap[formats[4]..]);
    }

    private void ReadGroups(ReadOnlySpan<byte> map)
    {
        for (var at = 16; at < 16 + 12 * S32(map, 12); at += 12)
        {
            var first = S32(map, at);
            for (var codePoint = first; codePoint <= S32(map, at + 4); codePoint++)
                Add(codePoint, S32(map, at + 8) + codePoint - first);
        }
    }

    private void ReadSegments(ReadOnlySpan<byte> map)
    {
        var doubled = U16(map, 6);
        for (var segment = 0; segment < doubled; segment += 2)
        {
            var first = U16(map, 16 + doubled + segment);
            var delta = U16(map, 16 + 2 * doubled + segment);
            var place = 16 + 3 * doubled + segment;
            for (var codePoint = first; codePoint <= U16(map, 14 + segment) && codePoint < 0xFFFF; codePoint++)
            {
                var glyph = U16(map, place) == 0 ? codePoint : U16(map, place + U16(map, place) + 2 * (codePoint - first));
                Add(codePoint, glyph == 0 ? 0 : (glyph + delta) & 0xFFFF);
            }
        }
    }

    private void Add(int codePoint, int glyph) => (glyphs[codePoint / PageSize] ??= new ushort[PageSize])[codePoint % PageSize] = (ushort)glyph;
}
