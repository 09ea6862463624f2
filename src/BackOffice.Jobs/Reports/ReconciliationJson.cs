using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Jobs.Reports;

/// <summary>
/// A run for machines, as one JSON object (DESIGN 6). A closed period freezes the SHA-256 of this file (reconciliation rules 7):
/// the order of members and the white space are part of the format.
/// </summary>
public static class ReconciliationJson
{
    private static readonly JsonWriterOptions Format = new() { Indented = true, NewLine = "\r\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(ReconciliationReport report, Stream output, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(output, Format);
        json.WriteStartObject();
        WriteParameters(json, report);
        json.WriteStartArray("findings");
        await foreach (var finding in report.CheckedFindingsAsync(cancellation))
        {
            WriteFinding(json, finding);
            if (json.BytesPending > 65_536)
                await json.FlushAsync(cancellation);
        }
        json.WriteEndArray();
        WriteStatement(json, report.StatementByCurrency);
        WriteBridge(json, report.BridgeInOrder);
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
        await output.WriteAsync("\r\n"u8.ToArray(), cancellation);
    }

    private static void WriteParameters(Utf8JsonWriter json, ReconciliationReport report)
    {
        json.WriteString("from", Day(report.FromDay));
        json.WriteString("until", Day(report.UntilDay));
        if (report.AsOfGiven)
            json.WriteString("as_of", Instant(report.AsOf));
        if (report.KnownAsOfGiven)
            json.WriteString("known_as_of", Instant(report.KnownAsOf));
    }

    private static void WriteFinding(Utf8JsonWriter json, FindingLine finding)
    {
        json.WriteStartObject();
        json.WriteString("kind", finding.Kind);
        json.WriteString("subject", finding.Subject);
        json.WriteString("order_no", finding.OrderNo);
        json.WriteString("transaction_id", finding.TransactionId);
        json.WriteString("currency", finding.Currency);
        WriteNumber(json, "expected_minor", finding.ExpectedMinor);
        WriteNumber(json, "actual_minor", finding.ActualMinor);
        json.WriteString("priority", finding.Priority);
        json.WriteEndObject();
    }

    private static void WriteStatement(Utf8JsonWriter json, IEnumerable<StatementLine> statement)
    {
        json.WriteStartArray("statement");
        foreach (var line in statement)
        {
            json.WriteStartObject();
            json.WriteString("currency", line.Currency);
            json.WriteNumber("transactions", line.Transactions);
            json.WriteNumber("gross_paid", line.GrossPaidMinor);
            json.WriteNumber("tax", line.TaxMinor);
            json.WriteNumber("refunded", line.RefundedMinor);
            json.WriteNumber("charged_back", line.ChargedBackMinor);
            json.WriteNumber("tax_returned", line.TaxReturnedMinor);
            WriteNumber(json, "fees", line.FeesMinor);
            WriteNumber(json, "net", line.NetMinor);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteBridge(Utf8JsonWriter json, IEnumerable<BridgeLine> bridge)
    {
        json.WriteStartArray("bridge");
        foreach (var line in bridge)
        {
            json.WriteStartObject();
            json.WriteString("currency", line.Currency);
            json.WriteString("bucket", line.Bucket);
            json.WriteNumber("transactions", line.Transactions);
            json.WriteNumber("amount_minor", line.AmountMinor);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value)
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Instant(DateTime instant) => instant.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
