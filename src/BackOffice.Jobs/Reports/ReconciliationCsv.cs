using System.Buffers;
using System.Globalization;
using System.Text;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Jobs.Reports;

/// <summary>A run's findings for machines (DESIGN 6): CRLF, UTF-8 without BOM, quoted only where RFC 4180 asks for it, never escaped against spreadsheets.</summary>
public static class ReconciliationCsv
{
    private static readonly SearchValues<char> MustBeQuoted = SearchValues.Create(",\"\r\n");

    public static async Task WriteAsync(ReconciliationReport report, Stream output, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), 65_536, leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync("kind,subject,order_no,transaction_id,currency,expected_minor,actual_minor,priority".AsMemory(), cancellation);
        var row = new StringBuilder();
        await foreach (var finding in report.CheckedFindingsAsync(cancellation))
            await writer.WriteLineAsync(Row(row.Clear(), finding), cancellation);
    }

    private static StringBuilder Row(StringBuilder row, FindingLine finding) => row
        .AppendJoin(
            ',',
            Field(finding.Kind),
            Field(finding.Subject),
            Field(finding.OrderNo),
            Field(finding.TransactionId),
            Field(finding.Currency),
            finding.ExpectedMinor?.ToString(CultureInfo.InvariantCulture),
            finding.ActualMinor?.ToString(CultureInfo.InvariantCulture),
            finding.Priority);

    private static string? Field(string? text) =>
        text.AsSpan().ContainsAny(MustBeQuoted) ? $"\"{text!.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
