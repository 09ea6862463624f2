using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace BackOffice.Jobs.Integrations.OneApi;

/// <summary>
/// A row of the console's log, cut down to what usage is read from, as JSON in one order of members whichever way it came: no text of the row, no user and no address of one.
/// </summary>
/// <param name="Id">The console's number; null when it has none that can be read.</param>
/// <param name="CreatedAt">Seconds since 1970; null when that cannot be read.</param>
/// <param name="Json">The members, as they stood.</param>
public sealed record ConsoleLogRow(long? Id, long? CreatedAt, ReadOnlyMemory<byte> Json)
{
    private static readonly string[] Members = ["id", "created_at", "type", "model_name", "token_id", "token_name", "channel", "quota", "prompt_tokens", "completion_tokens", "other"];

    /// <summary>Its number only.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"row {Id}");

    internal static ConsoleLogRow Of(JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object)
            return new ConsoleLogRow(null, null, Encoding.UTF8.GetBytes(row.GetRawText()));
        return new ConsoleLogRow(Whole(row, "id"), Whole(row, "created_at"), Written(json =>
        {
            foreach (var name in Members)
            {
                if (!row.TryGetProperty(name, out var value))
                    continue;
                json.WritePropertyName(name);
                json.WriteRawValue(value.GetRawText(), skipInputValidation: true);
            }
        }));
    }

    // SQLite keeps in a column what it was given, whatever the column's type: it is judged as it stands.
    internal static ConsoleLogRow Of(DbDataReader row)
    {
        var values = Enumerable.Range(0, row.FieldCount).ToDictionary(row.GetName, row.GetValue, StringComparer.Ordinal);
        return new ConsoleLogRow(values["id"] as long?, Number(values["created_at"]), Written(json =>
        {
            foreach (var name in Members.Where(values.ContainsKey))
                Write(json, name, values[name]);
        }));
    }

    private static void Write(Utf8JsonWriter json, string name, object value)
    {
        if (Number(value) is { } number)
            json.WriteNumber(name, number);
        else if (value is double fraction && double.IsFinite(fraction))
            json.WriteNumber(name, fraction);
        else if (value is not DBNull)
            json.WriteString(name, value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture));
    }

    private static long? Number(object value) => value is long or int or short ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;

    private static long? Whole(JsonElement row, string name) => row.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static byte[] Written(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
