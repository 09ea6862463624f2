using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using BackOffice.Domain;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Imports;

/// <summary>One log row of a New API or One API console, read by the rules (settlement rules 1; one-api.md 7).</summary>
/// <param name="IsOther">It is no consumption and no refund: nothing to us.</param>
/// <param name="Record">The record; null when it was refused.</param>
/// <param name="Refusal">Why it was put aside.</param>
/// <param name="Id">Its id, when that could be read.</param>
/// <param name="OccurredAt">When it happened, UTC, when that could be read.</param>
internal readonly record struct ConsoleLog(bool IsOther, UsageRecord? Record, Refusal? Refusal, string? Id, DateTime? OccurredAt)
{
    private const int Consume = 2;
    private const int Refund = 6;

    public static ConsoleLog Read(ReadOnlySpan<byte> utf8, long line, bool isNewApi, DateTime now)
    {
        if (!Utf8.IsValid(utf8))
            return new(false, null, new Refusal("LineNotUtf8", ""), null, null);
        try
        {
            var reader = new Utf8JsonReader(utf8, JsonObjectsFile.Options);
            using var json = JsonDocument.ParseValue(ref reader);
            // Throws when anything but space follows the object.
            reader.Read();
            return json.RootElement.ValueKind == JsonValueKind.Object ? Read(json.RootElement, line, isNewApi, now) : new(false, null, new Refusal("LogRowNotAnObject", ""), null, null);
        }
        catch (JsonException)
        {
            return new(false, null, new Refusal("LogLineBroken", ""), null, null);
        }
        catch (InvalidOperationException)
        {
            // The escape of half a surrogate pair: valid JSON, but no text.
            return new(false, null, new Refusal("TextNotUnicode", ""), null, null);
        }
    }

    private static ConsoleLog Read(JsonElement json, long line, bool isNewApi, DateTime now)
    {
        var fields = new LogFields(json);
        var type = fields.Whole("type", long.MinValue, long.MaxValue);
        if (fields.Refusal is null && type != Consume && !(isNewApi && type == Refund))
            return new(true, null, null, null, null);
        var id = fields.Id("id");
        var at = fields.Instant("created_at", now);
        var record = new UsageRecord
        {
            Line = line,
            ExternalId = id ?? "",
            OccurredAt = at ?? default,
            ConsoleName = fields.NameOrNull("model_name") ?? "",
            UpstreamName = null,
            Key = UsageRules.KeyReference(isNewApi ? fields.WholeOrNull("token_id") : null, fields.NameOrNull("token_name", UsageRow.LongestTokenName)),
            Channel = fields.WholeOrNull("channel")?.ToString(CultureInfo.InvariantCulture),
            Tokens = TokenCounts.None,
            ChargedQuota = fields.Quota("quota"),
            Flags = UsageFlags.None,
        };
        var read = !isNewApi ? OneApi(record, fields) : type == Refund ? Refunded(record) : NewApi(record, fields);
        // What has no tokens needs no name.
        if (!read.Tokens.IsNone && string.IsNullOrWhiteSpace(read.ConsoleName))
            fields.Take(new Refusal("FieldBlank", "model_name"));
        return fields.Refusal is { } refusal ? new(false, null, refusal, id, at) : new(false, read, null, id, at);
    }

    private static UsageRecord OneApi(UsageRecord record, LogFields fields) =>
        record with { Tokens = UsageRules.OfOneApi(fields.Tokens("prompt_tokens"), fields.Tokens("completion_tokens"), out var flags), Flags = flags };

    private static UsageRecord Refunded(UsageRecord record) => record with { ChargedQuota = record.ChargedQuota is { } quota ? UsageRules.ChargedByRefund(quota) : null, Flags = UsageFlags.Refund };

    private static UsageRecord NewApi(UsageRecord record, LogFields fields)
    {
        using var document = fields.Nested("other");
        var other = new LogFields(document?.RootElement ?? default, "other.");
        var figures = new NewApiFigures(
            Prompt: fields.Tokens("prompt_tokens"),
            Completion: fields.Tokens("completion_tokens"),
            CacheTokens: other.TokensOrNull("cache_tokens") ?? 0,
            Write5m: other.TokensOrNull("cache_creation_tokens_5m") ?? 0,
            Write1h: other.TokensOrNull("cache_creation_tokens_1h") ?? 0,
            CacheCreation: other.TokensOrNull("cache_creation_tokens") ?? 0,
            CacheWrite: other.TokensOrNull("cache_write_tokens") ?? 0,
            InputTotal: other.TokensOrNull("input_tokens_total"),
            IsAnthropic: other.IsTrue("claude") || other.Is("usage_semantic", "anthropic"));
        fields.Take(other.Refusal);
        if (fields.Refusal is not null)
            return record;
        var tokens = figures.Normalise(out var flags);
        var upstreamName = other.NameOrNull("upstream_model_name");
        fields.Take(other.Refusal);
        return record with { Tokens = tokens, Flags = flags, UpstreamName = upstreamName };
    }
}
