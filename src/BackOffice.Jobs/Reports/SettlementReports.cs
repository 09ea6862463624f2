using System.Text;
using BackOffice.Data.Engine;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;

namespace BackOffice.Jobs.Reports;

/// <summary>Makes the files of a settlement: a workbook and a PDF for people, in their language, CSV and JSON for machines (DESIGN 6).</summary>
public sealed class SettlementReports(
    SettlementStore store, SettlementQueries queries, SettlementFindingReader findings, EarningsQueries earnings, KeyQueries keys, Settings settings, TimeProvider clock)
{
    /// <summary>The formats, as file endings.</summary>
    public static readonly IReadOnlyList<string> Formats = ["xlsx", "pdf", "csv", "json"];

    /// <summary>Writes one, as things are now or as they were approved.</summary>
    /// <param name="upstream">The upstream, canonical.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="texts">The reader's language.</param>
    /// <param name="who">Who has it made.</param>
    /// <param name="output">Empty; a file or memory, not a response.</param>
    /// <param name="token">To stop.</param>
    /// <exception cref="RefusedException">The upstream is not known, or there is no such format.</exception>
    public async Task WriteAsync(string upstream, DateOnly month, string format, Texts texts, string who, Stream output, CancellationToken token)
    {
        if (!Formats.Contains(format))
            throw new RefusedException(new Refusal("FormatUnknown", "format", format, string.Join(", ", Formats.Select(one => "." + one))));
        var view = await store.ViewAsync(upstream, month, token).ConfigureAwait(false);
        var document = view.Document;
        if (format is "csv")
            await output.WriteAsync(Encoding.UTF8.GetBytes(SettlementFiles.Csv(document)), token).ConfigureAwait(false);
        else if (format is "json")
            await output.WriteAsync(SettlementFiles.Json(document with { Findings = await findings.OfAsync(document, token).ConfigureAwait(false) }), token).ConfigureAwait(false);
        else
            await WriteForPeopleAsync(view, format, texts, who, output, token).ConfigureAwait(false);
    }

    private async Task WriteForPeopleAsync(SettlementView view, string format, Texts texts, string who, Stream output, CancellationToken token)
    {
        var document = view.Document;
        var row = await queries.FindAsync(document.Upstream, document.Period, token).ConfigureAwait(false);
        var earned = await earnings.OfAsync(view, token).ConfigureAwait(false);
        var costs = await keys.CostsAsync(document.Upstream, SettlementPeriod.Parse(document.Period)!.Value, document.Currency, KeyCosts.Most, token).ConfigureAwait(false);
        var report = new SettlementReport(view, costs, earned, row, document.IsApproved && row?.ApprovedAt is { } approved ? approved : clock.UtcNow(), settings.Business);
        if (format is "pdf")
            await new SettlementPdf(report, texts).WriteAsync(output, who, token).ConfigureAwait(false);
        else
            await new SettlementWorkbook(report, texts).WriteAsync(output).ConfigureAwait(false);
    }
}
