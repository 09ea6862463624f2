namespace BackOffice.Jobs.Reports.Workbooks;

/// <summary>
/// Deflate (RFC 1951) whose output is fixed for ever. The framework's own compressor may answer with other bytes after an update or on another
/// processor (remarks of DeflateStream), and a report must be the same bytes at any later time and on any machine (reconciliation rules 3).
/// One block with the fixed code and the nearest of the longest matches: about a quarter larger than the framework's output.
/// </summary>
internal sealed class ReproducibleDeflate(Stream output) : Stream
{
    private const int Window = 32_768;
    private const int ShortestMatch = 3;
    private const int LongestMatch = 258;
    private const int Tries = 24;
    private const int EndOfBlock = 256;

    private static readonly int[] LengthStarts = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
    private static readonly int[] LengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    private static readonly int[] DistanceStarts =
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
    private static readonly int[] DistanceBits = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    private static readonly uint[] Remainders = [.. Enumerable.Range(0, 256).Select(RemainderOf)];

    private readonly byte[] input = new byte[8 * Window];
    private readonly byte[] packed = new byte[65_536];
    private readonly long[] newest = NoPositions(1 << 15);
    private readonly long[] older = NoPositions(Window);
    private long inputStart;
    private int filled;
    private int done;
    private int packedLength;
    private ulong bits;
    private int bitCount;
    private bool begun;
    private uint remainder = uint.MaxValue;

    /// <summary>CRC-32 of the bytes taken in, as zip wants it.</summary>
    public uint Checksum => ~remainder;

    /// <summary>Bytes taken in.</summary>
    public long UncompressedLength { get; private set; }

    /// <summary>Bytes given out, complete after <see cref="Finish"/>.</summary>
    public long CompressedLength { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        UncompressedLength += buffer.Length;
        foreach (var value in buffer)
            remainder = remainder >> 8 ^ Remainders[(remainder ^ value) & 0xFF];
        while (buffer.Length > 0)
        {
            if (filled == input.Length)
                MakeRoom();
            var taken = Math.Min(buffer.Length, input.Length - filled);
            buffer[..taken].CopyTo(input.AsSpan(filled));
            filled += taken;
            buffer = buffer[taken..];
        }
    }

    /// <summary>Writes what is left and the end mark. Nothing may be written afterwards.</summary>
    public void Finish()
    {
        Compress(filled);
        PutSymbol(EndOfBlock);
        PutBits(0, (8 - bitCount % 8) % 8);
        FlushPacked();
    }

    /// <summary>Does nothing: where the caller flushes must not show in the bytes.</summary>
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static uint RemainderOf(int value)
    {
        var remainder = (uint)value;
        for (var bit = 0; bit < 8; bit++)
            remainder = (remainder & 1) == 0 ? remainder >> 1 : remainder >> 1 ^ 0xEDB88320;
        return remainder;
    }

    private static long[] NoPositions(int count)
    {
        var positions = new long[count];
        Array.Fill(positions, -1);
        return positions;
    }

    // Matches near the end wait for the bytes that may lengthen them, so that the output does not depend on how the input was cut.
    private void MakeRoom()
    {
        Compress(filled - LongestMatch);
        var drop = done - Window;
        Buffer.BlockCopy(input, drop, input, 0, filled - drop);
        inputStart += drop;
        filled -= drop;
        done -= drop;
    }

    private void Compress(int until)
    {
        if (!begun)
            PutBits(0b011, 3); // last block, fixed code
        begun = true;
        while (done < until)
        {
            var (length, distance) = LongestEarlier(done);
            if (length < ShortestMatch)
            {
                PutSymbol(input[done]);
                Remember(done++);
                continue;
            }
            PutMatch(length, distance);
            for (var end = done + length; done < end; done++)
                Remember(done);
        }
    }

    private (int Length, int Distance) LongestEarlier(int at)
    {
        var limit = Math.Min(LongestMatch, filled - at);
        if (limit < ShortestMatch)
            return (0, 0);
        var (length, distance) = (0, 0);
        var candidate = newest[Hash(at)];
        for (var tries = Tries; tries > 0 && candidate >= 0 && inputStart + at - candidate <= Window && length < limit; tries--)
        {
            var same = input.AsSpan(at, limit).CommonPrefixLength(input.AsSpan((int)(candidate - inputStart), limit));
            if (same > length)
                (length, distance) = (same, (int)(inputStart + at - candidate));
            var next = older[candidate % Window];
            candidate = next < candidate ? next : -1;
        }
        return (length, distance);
    }

    private void Remember(int at)
    {
        if (filled - at < ShortestMatch)
            return;
        var hash = Hash(at);
        older[(inputStart + at) % Window] = newest[hash];
        newest[hash] = inputStart + at;
    }

    private int Hash(int at) => (int)((((uint)input[at] << 16 | (uint)input[at + 1] << 8 | input[at + 2]) * 2_654_435_761UL & uint.MaxValue) >> 17);

    private void PutMatch(int length, int distance)
    {
        var lengthCode = CodeOf(LengthStarts, length);
        PutSymbol(EndOfBlock + 1 + lengthCode);
        PutBits(length - LengthStarts[lengthCode], LengthBits[lengthCode]);
        var distanceCode = CodeOf(DistanceStarts, distance);
        PutBits(Reversed(distanceCode, 5), 5);
        PutBits(distance - DistanceStarts[distanceCode], DistanceBits[distanceCode]);
    }

    private static int CodeOf(int[] starts, int value)
    {
        var found = Array.BinarySearch(starts, value);
        return found >= 0 ? found : ~found - 1;
    }

    // The fixed code of RFC 1951, 3.2.6.
    private void PutSymbol(int symbol)
    {
        if (symbol < 144)
            PutBits(Reversed(0x30 + symbol, 8), 8);
        else if (symbol < 256)
            PutBits(Reversed(0x190 + symbol - 144, 9), 9);
        else if (symbol < 280)
            PutBits(Reversed(symbol - 256, 7), 7);
        else
            PutBits(Reversed(0xC0 + symbol - 280, 8), 8);
    }

    private static int Reversed(int code, int count)
    {
        var reversed = 0;
        for (; count > 0; count--, code >>= 1)
            reversed = reversed << 1 | code & 1;
        return reversed;
    }

    private void PutBits(int value, int count)
    {
        bits |= (ulong)value << bitCount;
        for (bitCount += count; bitCount >= 8; bitCount -= 8, bits >>= 8)
        {
            if (packedLength == packed.Length)
                FlushPacked();
            packed[packedLength++] = (byte)(bits & 0xFF);
        }
    }

    private void FlushPacked()
    {
        output.Write(packed, 0, packedLength);
        CompressedLength += packedLength;
        packedLength = 0;
    }
}
