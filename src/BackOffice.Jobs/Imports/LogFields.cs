using System.Globalization;
using System.Text.Json;
using BackOffice.Domain;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Imports;

/// <summary>
/// Reads members of a log row one by one and keeps the first refusal; what it answers after that is never looked at. A null member is a missing one.
/// </summary>
/// <param name="json">The object; undefined is an empty one.</param>
/// <param name="prefix">Before the names that refusals tell.</param>
internal sealed class LogFields(JsonElement json, string prefix = "")
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = JsonObjectsFile.Options.MaxDepth };
    private static readonly DateTime Last = new(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // Zeros before it may stand in a number that is not too large.
    private const int LongestNumber = 400;

    public Refusal? Refusal { get; private set; }

    public void Take(Refusal? refusal) => Refusal ??= refusal;

    /// <summary>A whole JSON number; 12.0 is one, text is none.</summary>
    public long? Whole(string name, long least, long most)
    {
        if (Value(name) is not { } value)
        {
            Refuse(name, "FieldBlank");
            return null;
        }
        return WholeOf(name, value, least, most);
    }

    public long? WholeOrNull(string name) => Value(name) is { ValueKind: JsonValueKind.Number } value && TryWhole(value, out var number) ? number : null;

    public long Tokens(string name) => Whole(name, 0, UsageRules.MostTokens) ?? 0;

    public long? TokensOrNull(string name) => Value(name) is { } value ? WholeOf(name, value, 0, UsageRules.MostTokens) : null;

    public long? Quota(string name) => Value(name) is { } value ? WholeOf(name, value, -UsageRules.MostTokens, UsageRules.MostTokens) : null;

    public string? Id(string name)
    {
        if (Value(name) is { ValueKind: JsonValueKind.String } text && text.GetString()!.Trim() is { Length: > 0 and <= UsageRow.LongestId } id)
            return id;
        return Whole(name, 0, long.MaxValue)?.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Unix seconds; refused before 2020 and more than a day ahead, and told even so: what is put aside is of that month.</summary>
    public DateTime? Instant(string name, DateTime now)
    {
        if (Whole(name, long.MinValue, long.MaxValue) is not { } seconds)
            return null;
        if (seconds > (Last - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond)
        {
            Refuse(name, "EpochNotSeconds", Shown(Value(name)!.Value), (seconds / 1000).ToString(CultureInfo.InvariantCulture));
            return null;
        }
        var instant = seconds < 0 ? DateTime.UnixEpoch : DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond);
        Take(UsageRow.WhyNotThen(instant, now, prefix + name));
        return instant;
    }

    public string? NameOrNull(string name, int longest = UsageRow.LongestName)
    {
        var text = Text(name);
        if (text.Length > longest)
            Refuse(name, "TextTooLong", longest.ToString(CultureInfo.InvariantCulture));
        return text.Length == 0 ? null : text;
    }

    /// <summary>Text, '' when it is missing.</summary>
    public string Text(string name)
    {
        if (Value(name) is not { } value)
            return "";
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString()!;
        Refuse(name, "JsonNotText", Shown(value));
        return "";
    }

    public bool IsTrue(string name) => Value(name) is { ValueKind: JsonValueKind.True };

    public bool Is(string name, string text) => Value(name) is { ValueKind: JsonValueKind.String } value && value.ValueEquals(text);

    /// <summary>JSON in a string, or the object itself; empty and missing are an object without members: null.</summary>
    public JsonDocument? Nested(string name)
    {
        if (Value(name) is not { } value)
            return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        if (string.IsNullOrWhiteSpace(text))
            return null;
        try
        {
            var document = JsonDocument.Parse(text, Deep);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            if (document.RootElement.ValueKind != JsonValueKind.Null)
                Refuse(name, "LogMemberNotAnObject");
            document.Dispose();
        }
        catch (JsonException)
        {
            Refuse(name, "JsonUnreadable");
        }
        return null;
    }

    private long? WholeOf(string name, JsonElement value, long least, long most)
    {
        if (value.ValueKind != JsonValueKind.Number || !TryWhole(value, out var number))
            Refuse(name, "JsonNotWhole", Shown(value));
        else if (number < least || number > most)
            Refuse(name, number < 0 && least == 0 ? "NumberNegative" : "NumberOutOfRange", Shown(value), least.ToString(CultureInfo.InvariantCulture), most.ToString(CultureInfo.InvariantCulture));
        else
            return number;
        return null;
    }

    private static bool TryWhole(JsonElement value, out long number)
    {
        if (value.TryGetInt64(out number))
            return true;
        return TryWhole(value.GetRawText(), out number);
    }

    // By its digits: 12.0 and 1.2e1 are whole, and 1e-40 is not 0.
    private static bool TryWhole(string json, out long number)
    {
        number = 0;
        var parts = json.Split('e', 'E');
        var places = 0;
        if (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out places))
            return false;
        var sign = parts[0].StartsWith('-') ? "-" : "";
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var digits = parts[0].Replace(".", "", StringComparison.Ordinal)[sign.Length..];
        var whole = (point < 0 ? parts[0].Length : point) - sign.Length + (long)places;
        if (digits.AsSpan().IndexOfAnyExcept('0') < 0)
            return true;
        if (whole <= 0 || whole > LongestNumber || (whole < digits.Length && digits.AsSpan((int)whole).IndexOfAnyExcept('0') >= 0))
            return false;
        return long.TryParse(sign + digits.PadRight((int)whole, '0')[..(int)whole], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    private JsonElement? Value(string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private void Refuse(string name, string code, params string[] args) => Refusal ??= new Refusal(code, prefix + name, args);

    private static string Shown(JsonElement value) => Quoted.Text(value.GetRawText());
}
