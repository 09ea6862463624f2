using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BackOffice.Data.Audit;

/// <summary>
/// Before, after and details of an act as one JSON object: no spaces, names in snake case and ordinal order, bytes in hexadecimal. The same values give the
/// same text, whatever order a class declares them in.
/// </summary>
internal static class AuditDetails
{
    private const int MostBytes = 32_768;

    private static readonly string[] SecretNames =
        ["password", "secret", "cipher", "totp", "recovery_code", "security_stamp", "api_key", "private_key", "access_token", "lookup_key"];

    private static readonly JsonSerializerOptions Names = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new Hexadecimal() },
    };

    // Written as it reads: the page escapes what it shows.
    private static readonly JsonWriterOptions AsItReads = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Null when the act has none of the three.</summary>
    /// <exception cref="ArgumentException">It is too long, or looks as if it held a secret.</exception>
    public static string? Of(AuditAct act)
    {
        var parts = new Dictionary<string, object?> { ["before"] = act.Before, ["after"] = act.After, ["details"] = act.Details }.Where(part => part.Value is not null).ToDictionary();
        if (parts.Count == 0)
            return null;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, AsItReads))
            Write(writer, JsonSerializer.SerializeToElement(parts, Names));
        if (stream.Length > MostBytes)
            throw new ArgumentException($"The details of {act.Action} have {stream.Length} bytes, at most {MostBytes}: keep counts and the hash of a list, not the list.", nameof(act));
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    RefuseSecret(property);
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(value.GetString());
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    // A net below the callers' care: that a password was set may be said, with a yes or a number; what it is may not.
    private static void RefuseSecret(JsonProperty property)
    {
        var isValue = property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Object;
        if (isValue && !property.Name.EndsWith("last_four", StringComparison.OrdinalIgnoreCase) && SecretNames.Any(name => property.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
            throw new ArgumentException($"'{property.Name}' must not go into the audit trail: it looks like a secret.");
    }

    private sealed class Hexadecimal : JsonConverter<byte[]>
    {
        public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Convert.FromHexString(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => writer.WriteStringValue(Convert.ToHexStringLower(value));
    }
}
