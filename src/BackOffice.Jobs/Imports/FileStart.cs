using BackOffice.Domain;

namespace BackOffice.Jobs.Imports;

/// <summary>Looks at the first bytes of a file for what no line of it can mend: it is empty, of another encoding, or no text at all.</summary>
internal static class FileStart
{
    /// <param name="window">At the beginning of the stream; a byte order mark of UTF-8 is passed.</param>
    /// <param name="wanted">The form the file should have, as the sentence names it.</param>
    /// <exception cref="RefusedException">The file cannot be read.</exception>
    public static void Check(ByteWindow window, string wanted)
    {
        window.Fill();
        if (window.Ahead.StartsWith("\uFEFF"u8))
            window.Pass(3);
        var start = window.Ahead;
        if (start.IsEmpty)
            throw new RefusedException(new Refusal("FileEmpty", ""));
        if (start.StartsWith("PK\x03\x04"u8) || start.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]))
            throw new RefusedException(new Refusal("FileIsWorkbook", "", wanted));
        if (IsUtf16(start))
            throw new RefusedException(new Refusal("FileIsUtf16", ""));
        if (FirstLine(start).ContainsAny(ControlBytes))
            throw new RefusedException(new Refusal("FileIsBinary", "", wanted));
    }

    private static readonly System.Buffers.SearchValues<byte> ControlBytes =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(0, 32).Where(value => value is not ('\t' or '\n' or '\r')).Select(value => (byte)value), 0x7F]);

    // Without a byte order mark, a zero beside the first character gives UTF-16 away: the first character of these files is ASCII.
    private static bool IsUtf16(ReadOnlySpan<byte> start) =>
        start.Length >= 2 && ((start[0], start[1]) is (0xFF, 0xFE) or (0xFE, 0xFF) || (start[0] == 0) != (start[1] == 0));

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> start)
    {
        var beginning = start[..Math.Min(start.Length, 512)];
        var end = beginning.IndexOf((byte)'\n');
        return end < 0 ? beginning : beginning[..end];
    }
}
