using System.IO.Compression;
using System.Text;
using BackOffice.Jobs.Reports.Workbooks;
using CsCheck;

namespace BackOffice.Web.Tests.Reports;

public class ReproducibleZipTests
{
    // Few different bytes and many repeats, so that matches of all lengths and distances occur, also across the window.
    private static readonly Gen<byte[]> Repetitive =
        Gen.Select(Gen.Byte[0, 3].Array[1, 400], Gen.Int[1, 1_000], Gen.Byte.Array[0, 50]).Select((piece, times, rest) => Enumerable.Repeat(piece, times).SelectMany(bytes => bytes).Concat(rest).ToArray());

    [Fact]
    public void What_is_deflated_inflates_to_the_same_bytes() =>
        Gen.OneOf(Gen.Byte.Array[0, 2_000], Repetitive).Sample(bytes => Inflate(Deflate(bytes, bytes.Length + 1)).AsSpan().SequenceEqual(bytes), iter: 100);

    [Fact]
    public void The_output_does_not_depend_on_how_the_input_was_cut() =>
        Gen.Select(Repetitive, Gen.Int[1, 10_000]).Sample((bytes, piece) => Deflate(bytes, piece).AsSpan().SequenceEqual(Deflate(bytes, bytes.Length + 1)), iter: 50);

    /// <summary>The value is for ever: another one means that no report made before can be made again to the byte.</summary>
    [Fact]
    public void The_same_input_gives_the_same_bytes_for_ever()
    {
        var text = string.Concat(Enumerable.Range(0, 40_000).Select(number => $"<c r=\"A{number}\"><v>{number * 7919 % 10007}</v></c>"));
        Assert.Equal("7f5cf6a91ff4eeede36dee54e54e1ec1e7d64dd2559109dec1fb4faff4e63b4e", ReportCast.Sha256(Deflate(Encoding.UTF8.GetBytes(text), 4096)));
    }

    [Fact]
    public async Task An_archive_opens_with_names_contents_and_the_one_time()
    {
        using var output = new MemoryStream();
        var zip = new ReproducibleZip(output);
        await zip.AddAsync("a/empty.xml", _ => Task.CompletedTask);
        await zip.AddAsync("订单.xml", content => content.WriteAsync("text"u8.ToArray()).AsTask());
        zip.Finish();

        using var archive = new ZipArchive(output, ZipArchiveMode.Read);
        Assert.Equal(["a/empty.xml", "订单.xml"], archive.Entries.Select(entry => entry.FullName));
        Assert.All(archive.Entries, entry => Assert.Equal(new DateTime(1980, 1, 1), entry.LastWriteTime.DateTime));
        using var reader = new StreamReader(archive.Entries[1].Open());
        Assert.Equal("text", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal("0,999008199", string.Join(',', archive.Entries.Select(entry => entry.Crc32)));
    }

    private static byte[] Deflate(byte[] bytes, int piece)
    {
        using var output = new MemoryStream();
        using var deflate = new ReproducibleDeflate(output);
        foreach (var part in bytes.Chunk(piece))
            deflate.Write(part);
        deflate.Finish();
        Assert.Equal((bytes.Length, output.Length), (deflate.UncompressedLength, deflate.CompressedLength));
        return output.ToArray();
    }

    private static byte[] Inflate(byte[] bytes)
    {
        using var inflate = new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var output = new MemoryStream();
        inflate.CopyTo(output);
        return output.ToArray();
    }
}
