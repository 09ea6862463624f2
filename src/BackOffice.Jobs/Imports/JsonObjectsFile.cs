using System.Text.Json;
using BackOffice.Domain;

namespace BackOffice.Jobs.Imports;

/// <summary>The objects of a JSON file, whichever form it has: an array, an array of pages, one page, or one object a line.</summary>
/// <param name="stream">The file.</param>
/// <param name="isLog">It is a log, of one object a line unless it begins as an array of objects: its first line may be broken as any other.</param>
internal sealed class JsonObjectsFile(Stream stream, bool isLog = false)
{
    /// <summary>Longest object, in bytes.</summary>
    public const int LongestObject = 1024 * 1024;

    /// <summary>How the JSON of files is read: what nobody looks at may be as deep as it likes, within reason.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = 1000 };

    private readonly ByteWindow window = new(stream, LongestObject + 2);
    private JsonObjects? objects;

    /// <summary>Bytes of the stream dealt with so far.</summary>
    public long BytesRead => window.Position;

    /// <inheritdoc cref="JsonObjects.Line"/>
    public long Line => objects!.Line;

    /// <inheritdoc cref="JsonObjects.Refusal"/>
    public Refusal? Refusal => objects!.Refusal;

    /// <inheritdoc cref="JsonObjects.Utf8"/>
    public ReadOnlySpan<byte> Utf8 => objects!.Utf8;

    /// <summary>Goes to the next object; false at the end of the file.</summary>
    /// <exception cref="RefusedException">At the first call only: the file is no such file.</exception>
    public bool Read()
    {
        objects ??= Begin();
        return objects.Read();
    }

    private JsonObjects Begin()
    {
        FileStart.Check(window, "JSON");
        var first = window.Ahead.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0)
            throw new RefusedException(new Refusal("FileEmpty", ""));
        var start = window.Ahead[first..];
        if (isLog && (start[0] == '[' ? !IsArrayOfObjects(start) : start[0] != '{' && HasObjectLine(start)))
            return new JsonLines(window);
        if (start[0] is not ((byte)'[' or (byte)'{'))
            throw new RefusedException(new Refusal(isLog ? "LogNotJson" : "FileNotJson", ""));
        return start[0] == '{' && IsLine(start) ? new JsonLines(window) : new JsonValues(window, LongestObject);
    }

    // What is cut off within the first object may still be one.
    private static bool IsArrayOfObjects(ReadOnlySpan<byte> start)
    {
        try
        {
            var reader = new Utf8JsonReader(start, isFinalBlock: false, new JsonReaderState(Options));
            reader.Read();
            if (!reader.Read())
                return true;
            // An array of nothing is the whole file, or a line of it.
            if (reader.TokenType == JsonTokenType.EndArray)
                return !start[(int)reader.BytesConsumed..].ContainsAnyExcept(" \t\r\n"u8);
            if (reader.TokenType != JsonTokenType.StartObject)
                return false;
            reader.TrySkip(); // throws where the object is broken
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool HasObjectLine(ReadOnlySpan<byte> start)
    {
        foreach (var line in start.Split((byte)'\n'))
        {
            if (start[line].TrimStart(" \t"u8).StartsWith((byte)'{'))
                return true;
        }
        return false;
    }

    /// <summary>Whether an object is one of many lines: no page, and whole on its line or broken. One that spans lines is one of many values.</summary>
    private static bool IsLine(ReadOnlySpan<byte> start)
    {
        try
        {
            var reader = new Utf8JsonReader(start, isFinalBlock: false, new JsonReaderState(Options));
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
