namespace BackOffice.Jobs.Imports;

/// <summary>
/// The bytes that lie ahead in a stream: at least <paramref name="reach"/> of them after <see cref="Fill"/>, unless the stream ends before.
/// The memory is four times the reach, however long the file is, and what is read does not depend on how the stream cuts it.
/// </summary>
internal sealed class ByteWindow(Stream stream, int reach)
{
    private readonly byte[] buffer = new byte[4 * reach];
    private int from;
    private int until;

    /// <summary>Whether the stream has ended, so that <see cref="Ahead"/> is all that is left.</summary>
    public bool HasAll { get; private set; }

    /// <summary>Bytes passed since the beginning of the stream.</summary>
    public long Position { get; private set; }

    /// <summary>Physical line, from 1, on which <see cref="Ahead"/> begins.</summary>
    public long Line { get; private set; } = 1;

    public ReadOnlySpan<byte> Ahead => buffer.AsSpan(from, until - from);

    public void Fill()
    {
        if (HasAll || until - from >= reach)
            return;
        Ahead.CopyTo(buffer);
        (from, until) = (0, until - from);
        while (until < buffer.Length && !HasAll)
        {
            var count = stream.Read(buffer, until, buffer.Length - until);
            HasAll = count == 0;
            until += count;
        }
    }

    public void Pass(int count)
    {
        Line += Ahead[..count].Count((byte)'\n');
        from += count;
        Position += count;
    }

    /// <summary>Finds the end of the line that lies ahead.</summary>
    /// <param name="length">Bytes of the line with its line end.</param>
    /// <returns>False when the line is longer than the reach.</returns>
    public bool TryLine(out int length)
    {
        Fill();
        length = Ahead[..Math.Min(Ahead.Length, reach)].IndexOf((byte)'\n') + 1;
        if (length == 0 && HasAll && Ahead.Length <= reach)
            length = Ahead.Length;
        return length > 0 || Ahead.IsEmpty;
    }

    /// <summary>Passes the rest of the line without keeping it, be it a gigabyte.</summary>
    public void PassLine()
    {
        int length;
        while (!TryLine(out length))
            Pass(reach);
        Pass(length);
    }
}
