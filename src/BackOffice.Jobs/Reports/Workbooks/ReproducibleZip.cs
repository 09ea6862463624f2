using System.Buffers.Binary;
using System.Text;

namespace BackOffice.Jobs.Reports.Workbooks;

/// <summary>
/// A zip archive (PKWARE's APPNOTE) whose bytes follow from the names and contents alone: every time is 1980-01-01, every entry is deflated by
/// <see cref="ReproducibleDeflate"/>. Written from front to back, up to 4 GB.
/// </summary>
internal sealed class ReproducibleZip(Stream output)
{
    private const ushort Version = 20;
    private const ushort SizesFollowAndNameIsUtf8 = 0x0808;
    private const ushort Deflated = 8;
    private const uint Midnight19800101 = 0x0021_0000;

    private readonly List<Entry> entries = [];
    private uint position;

    /// <summary>Adds an entry; its content is what the callback writes, and need not fit into memory.</summary>
    public async Task AddAsync(string name, Func<Stream, Task> writeAsync)
    {
        var start = position;
        var encodedName = Encoding.UTF8.GetBytes(name);
        Put(Join(U32(0x04034b50), U16(Version), U16(SizesFollowAndNameIsUtf8), U16(Deflated), U32(Midnight19800101), U32(0), U32(0), U32(0), U16(encodedName.Length), U16(0), encodedName));
        var deflate = new ReproducibleDeflate(output);
        await writeAsync(deflate);
        deflate.Finish();
        var entry = new Entry(encodedName, start, deflate.Checksum, checked((uint)deflate.CompressedLength), checked((uint)deflate.UncompressedLength));
        position = checked(position + entry.Compressed);
        Put(Join(U32(0x08074b50), U32(entry.Checksum), U32(entry.Compressed), U32(entry.Uncompressed)));
        entries.Add(entry);
    }

    /// <summary>Writes the directory at the end.</summary>
    public void Finish()
    {
        var start = position;
        foreach (var entry in entries)
            Put(Join(
                U32(0x02014b50), U16(Version), U16(Version), U16(SizesFollowAndNameIsUtf8), U16(Deflated), U32(Midnight19800101), U32(entry.Checksum), U32(entry.Compressed), U32(entry.Uncompressed),
                U16(entry.Name.Length), U16(0), U16(0), U16(0), U16(0), U32(0), U32(entry.Start), entry.Name));
        Put(Join(U32(0x06054b50), U16(0), U16(0), U16(entries.Count), U16(entries.Count), U32(position - start), U32(start), U16(0)));
    }

    private static byte[] Join(params IEnumerable<byte[]> fields) => [.. fields.SelectMany(field => field)];

    private static byte[] U16(int value)
    {
        var field = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(field, checked((ushort)value));
        return field;
    }

    private static byte[] U32(uint value)
    {
        var field = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(field, value);
        return field;
    }

    private void Put(byte[] bytes)
    {
        output.Write(bytes);
        position = checked(position + (uint)bytes.Length);
    }

    private sealed record Entry(byte[] Name, uint Start, uint Checksum, uint Compressed, uint Uncompressed);
}
