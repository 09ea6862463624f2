using System.Globalization;
using BackOffice.Data.Imports;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports.Tables;

namespace BackOffice.Web.Features.Imports;

/// <summary>All records an import put aside, as CSV for a spreadsheet.</summary>
public static class PutAsideFile
{
    private const int Portion = 1000;

    public static async Task WriteAsync(ImportRow import, ImportQueries queries, Texts texts, Stream stream, CancellationToken token)
    {
        await using var writer = SpreadsheetCsv.Open(stream);
        await writer.WriteLineAsync(SpreadsheetCsv.Line(texts["PutAside.Record"], texts["PutAside.Line"], texts["PutAside.Field"], texts["PutAside.Reason"]));
        // Portion by portion: an open reader would hold SQLite's log for as long as the download is slow.
        for (var after = 0L; ;)
        {
            var rows = await queries.PutAsidesAsync(import.Id, after, Portion, token);
            if (rows.Count == 0)
                return;
            foreach (var (ordinal, aside) in rows)
                await writer.WriteLineAsync(SpreadsheetCsv.Line(Number(ordinal), Number(aside.Line), aside.Reason.Field, texts.Of(aside.Reason)));
            after = rows[^1].Ordinal;
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
