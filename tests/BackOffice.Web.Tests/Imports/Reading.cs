using System.Text;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Jobs.Imports;

namespace BackOffice.Web.Tests.Imports;

/// <summary>All that a file gave: its records, and the sentences of those put aside.</summary>
internal sealed record Reading<T>(IReadOnlyList<T> Records, IReadOnlyList<string> Asides) where T : class;

internal static class Reading
{
    public static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    public static Reading<T> All<T>(string name, ImportFile<T> file) where T : class
    {
        var records = new List<T>();
        var asides = new List<string>();
        while (file.TryRead(out var record, out var aside))
        {
            Assert.True(record is null != aside is null);
            if (record is not null)
                records.Add(record);
            else
                asides.Add(RefusalText.OfRecord(name, aside!, Texts.English));
        }
        return new Reading<T>(records, asides);
    }

    public static Reading<Domain.Imports.ImportedOrder> Orders(string text) => All("orders.csv", new OrdersFile(Bytes(text)));

    public static Reading<Domain.Imports.ImportedDelivery> Deliveries(string text) => All("deliveries.csv", new DeliveriesFile(Bytes(text)));

    public static Reading<Domain.Imports.ImportedTransaction> Creem(string text) => All("creem.json", new CreemFile(Bytes(text)));

    public static string WholeRefusal<T>(string name, ImportFile<T> file) where T : class
    {
        var refused = Assert.Throws<RefusedException>(() => file.TryRead(out _, out _));
        return RefusalText.OfFile(name, refused.Refusal, Texts.English);
    }
}

/// <summary>Gives its bytes in pieces, as a network or a slow disk would.</summary>
internal sealed class PiecesStream(byte[] bytes, params int[] pieces) : MemoryStream(bytes)
{
    private int turn;

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, pieces[turn++ % pieces.Length]));
}

/// <summary>A beginning, one byte repeated many times, and an end: a file far larger than memory should hold.</summary>
internal sealed class LongLineStream(string beginning, byte filling, long length, string end) : Stream
{
    private readonly byte[] head = Encoding.UTF8.GetBytes(beginning);
    private readonly byte[] tail = Encoding.UTF8.GetBytes(end);
    private long at;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => head.Length + length + tail.Length;
    public override long Position { get => at; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var target = buffer.AsSpan(offset, count);
        var read = at < head.Length ? Copy(head.AsSpan((int)at), target)
            : at < head.Length + length ? Fill(target[..(int)Math.Min(count, head.Length + length - at)])
            : Copy(tail.AsSpan((int)(at - head.Length - length)), target);
        at += read;
        return read;
    }

    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var count = Math.Min(source.Length, target.Length);
        source[..count].CopyTo(target);
        return count;
    }

    private int Fill(Span<byte> target)
    {
        target.Fill(filling);
        return target.Length;
    }
}
