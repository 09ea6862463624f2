using System.Buffers;
using System.Text;
using System.Text.Unicode;
using BackOffice.Domain;

namespace BackOffice.Jobs.Imports;

/// <summary>
/// Reads RFC 4180 records from UTF-8. It is our own because a record that cannot be read must cost one physical line and no more: libraries
/// stop there, or lose their way in an open quotation mark until the end of the file.
/// </summary>
public sealed class CsvRecords(Stream stream, params string[] columns)
{
    /// <summary>Longest record, in bytes without its line end.</summary>
    public const int LongestRecord = 64 * 1024;

    /// <summary>Most physical lines that a record with quoted line breaks may span.</summary>
    public const int MostLines = 100;

    private const int MostHeaderColumns = 64;

    private static readonly SearchValues<byte> FieldEnds = SearchValues.Create(",\n"u8);

    private readonly ByteWindow window = new(stream, LongestRecord + 2);
    private readonly byte[] unquoted = new byte[LongestRecord + 2];
    private readonly (int From, int Until)[] fields = new (int, int)[Math.Max(MostHeaderColumns, columns.Length)];
    private int[]? places;
    private int count;
    private int length;
    private int firstLine;
    private bool isUnquoted;

    /// <summary>Physical line, from 1 (the header), on which the record begins.</summary>
    public long Line { get; private set; }

    /// <summary>Why the record cannot be read; its fields must not be looked at then.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Bytes of the stream dealt with so far, the present record among them.</summary>
    public long BytesRead => window.Position + length;

    /// <summary>The record as it stands, without its line end.</summary>
    public ReadOnlySpan<byte> Raw => WithoutLineEnd(window.Ahead[..length]);

    /// <summary>The field of a column, by its place among the columns wanted, as UTF-8 without its quotation marks.</summary>
    public ReadOnlySpan<byte> this[int column] => Field(places![column]);

    /// <summary>Goes to the next record; blank lines are passed over.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="RefusedException">At the first call only: the file is no such file, or its header is wrong.</exception>
    public bool Read()
    {
        places ??= ReadHeader();
        if (!Next())
            return false;
        if (Refusal is null && count != columns.Length)
            Refusal = new Refusal("FieldCountWrong", "", Invariant(count), Invariant(columns.Length));
        if (Refusal is not null)
            ResumeAfterFirstLine();
        return true;
    }

    /// <summary>
    /// Gives the lines after the first one back, when the record spans several: if the quotation mark that opened it was a slip, they are
    /// records of their own.
    /// </summary>
    public void ResumeAfterFirstLine() => length = firstLine;

    private bool Next()
    {
        ReadOnlySpan<byte> line;
        do
        {
            window.Pass(length);
            length = 0;
            Line = window.Line;
            var fits = window.TryLine(out firstLine);
            line = WithoutLineEnd(window.Ahead[..firstLine]);
            if (!fits || line.Length > LongestRecord)
            {
                window.PassLine();
                firstLine = 0;
                Refusal = new Refusal("LineTooLong", "", "64 KB");
                return true;
            }
            length = firstLine;
        }
        while (length > 0 && line.IndexOfAnyExcept((byte)' ', (byte)'\t') < 0);
        if (length == 0)
            return false;
        count = 0;
        isUnquoted = line.Contains((byte)'"');
        Refusal = isUnquoted ? SplitQuoted() : Split(line);
        if (Refusal is null && !Utf8.IsValid(window.Ahead[..length]))
            Refusal = new Refusal("LineNotUtf8", "");
        return true;
    }

    private Refusal? Split(ReadOnlySpan<byte> line)
    {
        var from = 0;
        while (true)
        {
            var comma = line[from..].IndexOf((byte)',');
            if (comma < 0)
                break;
            AddField(from, from + comma);
            from += comma + 1;
        }
        AddField(from, line.Length);
        return null;
    }

    private Refusal? SplitQuoted()
    {
        var ahead = window.Ahead[..Math.Min(window.Ahead.Length, LongestRecord + 2)];
        var isRest = window.HasAll && ahead.Length == window.Ahead.Length;
        var at = 0;
        var written = 0;
        while (true)
        {
            var from = written;
            if (!ahead[at..].StartsWith((byte)'"'))
                TakePlain(ahead, ref at, ref written);
            else if (!TakeQuoted(ahead, ref at, ref written))
                return new Refusal("QuoteNotClosed", "");
            AddField(from, written);
            var rest = ahead[at..];
            if (rest.StartsWith((byte)','))
            {
                at++;
                continue;
            }
            var lineEnd = rest.StartsWith("\r\n"u8) ? 2 : rest.StartsWith((byte)'\n') || rest.SequenceEqual("\r"u8) ? 1 : 0;
            if (lineEnd == 0 && !(isRest && rest.IsEmpty))
                return new Refusal(at < firstLine ? "QuoteMisplaced" : "QuoteNotClosed", "");
            length = at + lineEnd;
            return ahead[..length].Count((byte)'\n') > MostLines ? new Refusal("QuoteNotClosed", "") : null;
        }
    }

    /// <summary>Takes a field in quotation marks; false when nothing closes it.</summary>
    private bool TakeQuoted(ReadOnlySpan<byte> ahead, ref int at, ref int written)
    {
        at++;
        while (true)
        {
            var text = ahead[at..];
            var mark = text.IndexOf((byte)'"');
            if (mark < 0)
                return false;
            text[..mark].CopyTo(unquoted.AsSpan(written));
            written += mark;
            at += mark + 1;
            if (!ahead[at..].StartsWith((byte)'"'))
                return true;
            unquoted[written++] = (byte)'"';
            at++;
        }
    }

    /// <summary>Takes a field without quotation marks, up to its end or to the first mark in it, which may not stand there.</summary>
    private void TakePlain(ReadOnlySpan<byte> ahead, ref int at, ref int written)
    {
        var text = ahead[at..];
        var end = text.IndexOfAny(FieldEnds);
        var isLast = end < 0 || text[end] == '\n';
        text = end < 0 ? text : text[..end];
        text = isLast ? WithoutCarriageReturn(text) : text;
        var mark = text.IndexOf((byte)'"');
        text = mark < 0 ? text : text[..mark];
        text.CopyTo(unquoted.AsSpan(written));
        written += text.Length;
        at += text.Length;
    }

    private void AddField(int from, int until)
    {
        if (count < fields.Length)
            fields[count] = (from, until);
        count++;
    }

    private ReadOnlySpan<byte> Field(int place)
    {
        var (from, until) = fields[place];
        return (isUnquoted ? unquoted : window.Ahead)[from..until];
    }

    private int[] ReadHeader()
    {
        FileStart.Check(window, "CSV UTF-8");
        if (!Next())
            throw new RefusedException(new Refusal("FileEmpty", ""));
        var header = window.Ahead[..firstLine];
        if (Refusal?.Code == "LineNotUtf8")
            throw new RefusedException(new Refusal("FileNotUtf8", ""));
        if (Refusal is not null)
            throw new RefusedException(CsvHeader.WhyWrong(header, [], columns));
        var names = Enumerable.Range(0, Math.Min(count, fields.Length)).Select(place => Encoding.UTF8.GetString(Field(place))).ToArray();
        if (count != columns.Length || names.Except(columns).Any() || columns.Except(names).Any())
            throw new RefusedException(CsvHeader.WhyWrong(header, names, columns));
        return [.. columns.Select(column => Array.IndexOf(names, column))];
    }

    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> line) =>
        WithoutCarriageReturn(line.EndsWith((byte)'\n') ? line[..^1] : line);

    private static ReadOnlySpan<byte> WithoutCarriageReturn(ReadOnlySpan<byte> text) => text.EndsWith((byte)'\r') ? text[..^1] : text;

    private static string Invariant(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
