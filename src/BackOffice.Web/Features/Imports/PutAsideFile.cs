using System.Globalization;
using System.Text;
using BackOffice.Data.Imports;
using BackOffice.Jobs;

namespace BackOffice.Web.Features.Imports;

/// <summary>All records an import put aside, as CSV for a spreadsheet: with a byte order mark, so that it reads UTF-8, and nothing in it that it would take for a formula.</summary>
public static class PutAsideFile
{
    private const int Portion = 1000;

    public static async Task WriteAsync(ImportRow import, ImportQueries queries, Texts texts, Stream stream, CancellationToken token)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync(Line(texts["PutAside.Record"], texts["PutAside.Line"], texts["PutAside.Field"], texts["PutAside.Reason"]));
        // Portion by portion: an open reader would hold SQLite's log for as long as the download is slow.
        for (var after = 0L; ;)
        {
            var rows = await queries.PutAsidesAsync(import.Id, after, Portion, token);
            if (rows.Count == 0)
                return;
            foreach (var (ordinal, aside) in rows)
                await writer.WriteLineAsync(Line(Number(ordinal), Number(aside.Line), aside.Reason.Field, texts.Of(aside.Reason)));
            after = rows[^1].Ordinal;
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Line(params string[] fields) => string.Join(',', fields.Select(Field));

    private static string Field(string text)
    {
        var harmless = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return harmless.AsSpan().IndexOfAny(",\"\r\n") < 0 ? harmless : $"\"{harmless.Replace("\"", "\"\"")}\"";
    }
}
