using System.Text.Json;
using BackOffice.Domain;
using BackOffice.Domain.Imports;

namespace BackOffice.Jobs.Imports;

/// <summary>
/// Reads a file of Creem transactions (DESIGN 6): an array of them, an array of pages <c>{items, pagination}</c>, one page, or one transaction per
/// line. A broken line costs itself; in the other forms nothing behind a broken place can be trusted, so that reading ends there.
/// </summary>
public sealed class CreemFile(Stream stream) : ImportFile<ImportedTransaction>
{
    /// <summary>Longest transaction, in bytes.</summary>
    public const int LongestObject = 1024 * 1024;

    private readonly ByteWindow window = new(stream, LongestObject + 2);
    private JsonObjects? objects;

    public override long BytesRead => window.Position;

    private protected override bool ReadNext(out ImportedTransaction? record, out PutAside? aside)
    {
        (record, aside) = (null, null);
        objects ??= Begin();
        if (!objects.Read())
            return false;
        var refusal = objects.Refusal ?? CreemTransaction.Read(objects.Utf8, objects.Line, out record);
        aside = refusal is null ? null : new PutAside(objects.Line, refusal);
        return true;
    }

    private JsonObjects Begin()
    {
        FileStart.Check(window, "JSON");
        var first = window.Ahead.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0)
            throw new RefusedException(new Refusal("FileEmpty", ""));
        var start = window.Ahead[first..];
        if (start[0] is not ((byte)'[' or (byte)'{'))
            throw new RefusedException(new Refusal("FileNotJson", ""));
        return start[0] == '{' && IsLine(start) ? new JsonLines(window) : new JsonValues(window, LongestObject);
    }

    /// <summary>Whether an object is one of many lines: no page, and whole on its line or broken. One that spans lines is one of many values.</summary>
    private static bool IsLine(ReadOnlySpan<byte> start)
    {
        try
        {
            var reader = new Utf8JsonReader(start, isFinalBlock: false, state: default);
            reader.Read();
            var isPage = JsonValues.IsPage(ref reader);
            return isPage is null || (isPage == false && !start[..(int)reader.BytesConsumed].Contains((byte)'\n'));
        }
        catch (JsonException)
        {
            return true;
        }
    }
}
