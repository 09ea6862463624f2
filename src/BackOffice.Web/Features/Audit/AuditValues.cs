using System.Globalization;
using System.Text.Json;
using BackOffice.Data.Audit;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Audit;

/// <summary>A value of a row as the page shows it.</summary>
/// <param name="Words">In words or figures; null when there is none.</param>
/// <param name="At">An instant, UTC.</param>
public sealed record AuditValue(string? Words, DateTime? At = null)
{
    public static readonly AuditValue None = new(Words: null);
}

/// <summary>A value before and after an act.</summary>
public sealed record AuditChange(string Field, AuditValue Before, AuditValue After);

/// <summary>What a row keeps of an act, taken apart: what it changed, and what else belongs to it. What cannot be taken apart is shown as it stands.</summary>
public sealed record AuditValues(IReadOnlyList<AuditChange> Changes, IReadOnlyList<(string Field, AuditValue Value)> Others, string? Unreadable)
{
    private const string MinorUnits = "_minor";

    public static AuditValues Of(AuditEntry row, Texts texts)
    {
        if (row.Details is null)
            return new AuditValues([], [], null);
        try
        {
            using var document = JsonDocument.Parse(row.Details);
            var (before, after, others) = (Part("before"), Part("after"), Part("details"));
            var changes = before.Concat(after).Select(value => value.Field).Distinct()
                .Select(field => new AuditChange(AuditWords.Field(texts, field), Value(before, field), Value(after, field)));
            return new AuditValues([.. changes], [.. others.Select(other => (AuditWords.Field(texts, other.Field), other.Value))], null);

            List<(string Field, AuditValue Value)> Part(string name) => document.RootElement.TryGetProperty(name, out var part) ? Read(part, name, texts) : [];
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return new AuditValues([], [], row.Details); // somebody has been at it: the chain tells
        }
    }

    private static AuditValue Value(List<(string Field, AuditValue Value)> values, string field) => values.Find(value => value.Field == field).Value ?? AuditValue.None;

    private static List<(string Field, AuditValue Value)> Read(JsonElement part, string name, Texts texts)
    {
        if (part.ValueKind != JsonValueKind.Object)
            return [(name, Value(part, null, texts))];
        var currency = part.TryGetProperty("currency", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        return [.. part.EnumerateObject().Select(property => (property.Name, Value(property.Value, property.Name.EndsWith(MinorUnits, StringComparison.Ordinal) ? currency : null, texts)))];
    }

    private static AuditValue Value(JsonElement value, string? currency, Texts texts) => value.ValueKind switch
    {
        JsonValueKind.Null => AuditValue.None,
        JsonValueKind.True => new AuditValue(texts["Audit.Yes"]),
        JsonValueKind.False => new AuditValue(texts["Audit.No"]),
        JsonValueKind.Number when value.TryGetInt64(out var number) => new AuditValue(currency is null ? Figures.Count(number) : Figures.Money(new Money(number, currency), MoneyStyle.Code)),
        JsonValueKind.String => OfText(value.GetString()!),
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => new AuditValue(string.Join(", ", value.EnumerateArray().Select(item => item.GetString()))),
        _ => new AuditValue(value.GetRawText()),
    };

    private static AuditValue OfText(string text) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var instant) && instant.Kind == DateTimeKind.Utc
            ? new AuditValue(null, instant)
            : new AuditValue(text);
}

/// <summary>What a row's page shows.</summary>
public sealed record AuditEntryPage(AuditEntry Entry, AuditValues Values, bool HasNext);
