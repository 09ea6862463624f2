using System.Globalization;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Reports.Workbooks;
using ClosedXML.Excel;

namespace BackOffice.Jobs.Reports;

/// <summary>
/// A run as a workbook for people: summary, statement, bridge, packages, and every finding. The designed sheets are ClosedXML's;
/// the rows of findings are streamed past it, so that memory stays flat however many there are.
/// </summary>
public sealed partial class ReconciliationWorkbook(ReconciliationReport report, Texts texts)
{
    private const int HeaderRow = 4;

    private readonly SheetLook look = new(texts);
    private readonly List<StatementLine> statement = [.. report.StatementByCurrency];
    private readonly List<BridgeLine> bridge = [.. report.BridgeInOrder];

    /// <summary>Findings on one sheet; Excel's own limit is 1,048,576 rows. What is more goes to a further sheet.</summary>
    internal int RowsPerSheet { get; init; } = 1_000_000;

    /// <summary>Writes to the stream from front to back. The stream is written synchronously: give a file, not a response.</summary>
    public async Task WriteAsync(Stream output, CancellationToken cancellation)
    {
        if (report.Balanced && NotClosing().Any())
            throw new InvalidOperationException($"The run is said to balance, but its bridge does not close in {string.Join(", ", NotClosing())}.");
        using var workbook = look.NewWorkbook(texts["RunReport.Title"], Days);
        var summary = workbook.AddWorksheet(texts["RunReport.Summary"]);
        AddStatement(workbook.AddWorksheet(texts["RunReport.Statement"]));
        AddBridge(workbook.AddWorksheet(texts["RunReport.Bridge"]));
        AddPackages(workbook.AddWorksheet(texts["RunReport.Packages"]));
        AddSummary(summary);
        AddFindings(workbook);
        await using var findings = FindingsByPriorityAsync(cancellation).GetAsyncEnumerator(cancellation);
        await WorkbookNormaliser.WriteAsync(workbook, StreamedFindings(findings), report.AsOf, output);
        if (await findings.MoveNextAsync())
            throw new InvalidOperationException($"More findings came than the {FindingCount} that were counted.");
    }

    /// <summary>The window as people say it: the last day is part of it.</summary>
    private string Days
    {
        get
        {
            var last = report.UntilDay.AddDays(-1);
            return last <= report.FromDay ? Day(report.FromDay) : texts["Report.Days", Day(report.FromDay), Day(last)];
        }
    }

    private string Foot => texts["RunReport.Foot", texts["RunReport.Title"], Days, Instant(report.AsOf)];

    // Numbers and times are put into words here: what a culture makes of them may change with the machine's data.
    private static string Number(long number) => number.ToString("#,##0", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private string Instant(DateTime instant)
    {
        var local = report.BusinessTime.ToLocal(instant).ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        return $"{local} ({report.BusinessTime.OffsetName(instant)})";
    }

    private static string Reference(IXLCell cell) => $"'{cell.Worksheet.Name}'!{cell.Address}";
}
