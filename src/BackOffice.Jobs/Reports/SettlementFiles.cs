using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Reports;

/// <summary>A settlement for machines (DESIGN 6): CSV and JSON, CRLF, invariant, the same bytes for the same figures.</summary>
public static class SettlementFiles
{
    private static readonly JsonWriterOptions Format = new() { Indented = true, NewLine = "\r\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One row per line.</summary>
    public static string Csv(SettlementDocument settlement)
    {
        var isAdjusted = settlement.Lines.Any(line => line.Adjusts is not null);
        var text = new StringBuilder("upstream,model,part,band,valid_from,tokens,price_per_million,amount_nano,currency").Append(isAdjusted ? ",adjusts\r\n" : "\r\n");
        foreach (var line in settlement.Lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Field(settlement.Upstream)},{Field(line.Model)},{TokenParts.NameOf(line.Part)},{PriceBands.NameOf(line.Band)},{Instant(line.ValidFrom)},");
            text.Append(CultureInfo.InvariantCulture, $"{line.Tokens},{RateRules.PriceText(line.PriceMicro)},{line.AmountNano},{line.Currency}").Append(isAdjusted ? "," + line.Adjusts : "").Append("\r\n");
        }
        return text.ToString();
    }

    /// <summary>One object.</summary>
    /// <exception cref="InvalidOperationException">The settlement's findings were not looked for.</exception>
    public static byte[] Json(SettlementDocument settlement)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, Format))
        {
            json.WriteStartObject();
            json.WriteString("upstream", settlement.Upstream);
            json.WriteString("period", settlement.Period);
            WriteLines(json, settlement);
            json.WriteNumber("total_nano", settlement.Total.TotalNano);
            json.WriteNumber("payable_minor", settlement.Total.PayableMinor);
            json.WriteNumber("residue_nano", settlement.Total.ResidueNano);
            json.WriteString("currency", settlement.Currency);
            json.WriteString("cache_hit_rate", settlement.HitRate);
            if (settlement.SavingNano is { } saving)
                json.WriteNumber("cache_saving_nano", saving);
            else
                json.WriteNull("cache_saving_nano");
            json.WriteNumber("reads", settlement.Reads);
            json.WriteNumber("input", settlement.Input);
            WriteUnpriced(json, settlement);
            WriteFindings(json, settlement);
            json.WriteEndObject();
        }
        output.Write("\r\n"u8);
        return output.ToArray();
    }

    private static void WriteLines(Utf8JsonWriter json, SettlementDocument settlement)
    {
        var isAdjusted = settlement.Lines.Any(line => line.Adjusts is not null);
        json.WriteStartArray("lines");
        foreach (var line in settlement.Lines)
        {
            json.WriteStartObject();
            json.WriteString("upstream", settlement.Upstream);
            json.WriteString("model", line.Model);
            json.WriteString("part", TokenParts.NameOf(line.Part));
            json.WriteString("band", PriceBands.NameOf(line.Band));
            json.WriteString("valid_from", Instant(line.ValidFrom));
            json.WriteNumber("tokens", line.Tokens);
            json.WriteString("price_per_million", RateRules.PriceText(line.PriceMicro));
            json.WriteNumber("amount_nano", line.AmountNano);
            json.WriteString("currency", line.Currency);
            if (isAdjusted)
                json.WriteString("adjusts", line.Adjusts);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteUnpriced(Utf8JsonWriter json, SettlementDocument settlement)
    {
        json.WriteStartArray("unpriced");
        foreach (var line in settlement.Unpriced)
        {
            json.WriteStartObject();
            json.WriteString("name", line.Name);
            json.WriteString("reason", line.Reason);
            json.WriteString("part", TokenParts.NameOf(line.Part));
            json.WriteNumber("tokens", line.Tokens);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteFindings(Utf8JsonWriter json, SettlementDocument settlement)
    {
        json.WriteStartArray("findings");
        foreach (var (_, line, detail) in settlement.Findings ?? throw new InvalidOperationException("The findings were not looked for."))
        {
            json.WriteStartObject();
            json.WriteString("kind", line.Kind);
            json.WriteString("subject", line.Subject);
            json.WriteString("priority", line.Priority);
            WriteNumber(json, "count", detail.Count);
            WriteNumber(json, "tokens", detail.Tokens);
            WriteNumber(json, "credits", detail.Credits);
            WriteNumber(json, "quota", detail.Quota);
            json.WriteString("currency", line.Currency);
            WriteNumber(json, "expected_minor", line.ExpectedMinor);
            WriteNumber(json, "actual_minor", line.ActualMinor);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } told)
            json.WriteNumber(name, told);
        else
            json.WriteNull(name);
    }

    private static string? Instant(DateTime? instant) => instant?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Field(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
