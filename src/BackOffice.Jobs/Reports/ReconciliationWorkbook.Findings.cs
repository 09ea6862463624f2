using System.Globalization;
using System.Runtime.CompilerServices;
using System.Xml;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Reports.Workbooks;
using ClosedXML.Excel;

namespace BackOffice.Jobs.Reports;

public sealed partial class ReconciliationWorkbook
{
    private const int FirstFindingRow = 2;
    private const int MostDecimals = 3;

    // Places of the styles in the row that stands for the findings.
    private const int PlainStyle = 3;
    private const int CodeStyle = 4;
    private const int MoneyStyles = 5;
    private const int DifferenceStyles = MoneyStyles + MostDecimals + 1;

    private static readonly string[] Priorities = ["P1", "P2", "P3"];
    private static readonly string[] FindingColumns =
    [
        "RunReport.Priority", "RunReport.Finding", "Report.Code", "RunReport.Subject", "RunReport.Order", "RunReport.Transaction", "Report.Currency", "RunReport.Expected", "RunReport.Actual",
        "RunReport.Difference",
    ];

    private long FindingCount => report.FindingCounts.Values.Sum();

    private int FindingSheets => (int)Math.Max(1, (FindingCount + RowsPerSheet - 1) / RowsPerSheet);

    private void AddFindings(XLWorkbook workbook)
    {
        for (var sheet = 0; sheet < FindingSheets; sheet++)
            AddFindingSheet(workbook.AddWorksheet(FindingSheet(sheet)), (int)Math.Min(RowsPerSheet, FindingCount - (long)sheet * RowsPerSheet));
    }

    private string FindingSheet(int index) => index == 0 ? texts["RunReport.Findings"] : texts["RunReport.Findings.More", Number(index + 1)];

    private void AddFindingSheet(IXLWorksheet sheet, int rows)
    {
        var header = sheet.Range(1, 1, 1, FindingColumns.Length);
        SheetLook.Header(header, FindingColumns.Select(column => texts[column]), column => column >= 8);
        SheetLook.Widths(sheet, 10, 28, 28, 33, 22, 33, 11, 16, 16, 16);
        if (rows == 0)
            SheetLook.Note(sheet.Cell(FirstFindingRow, 1), texts["RunReport.NoFindings"]);
        else
            AddStandIn(sheet);
        var table = sheet.Range(1, 1, 1 + Math.Max(rows, 1), FindingColumns.Length);
        SheetLook.Filter(table);
        look.Page(sheet, table, Foot, 1);
    }

    private static void AddStandIn(IXLWorksheet sheet)
    {
        foreach (var (index, priority) in Priorities.Index())
            SheetLook.Priority(sheet.Cell(FirstFindingRow, 1 + index).Style, priority);
        sheet.Cell(FirstFindingRow, 1 + PlainStyle).Style.NumberFormat.Format = SheetLook.Text;
        SheetLook.Code(sheet.Cell(FirstFindingRow, 1 + CodeStyle).Style);
        for (var decimals = 0; decimals <= MostDecimals; decimals++)
        {
            sheet.Cell(FirstFindingRow, 1 + MoneyStyles + decimals).Style.NumberFormat.Format = SheetLook.Money(decimals);
            sheet.Cell(FirstFindingRow, 1 + DifferenceStyles + decimals).Style.NumberFormat.Format = SheetLook.Difference(decimals);
        }
        SheetLook.Body(sheet.Range(FirstFindingRow, 1, FirstFindingRow, 1 + DifferenceStyles + MostDecimals));
    }

    /// <summary>Where the first finding of a kind will stand, when they come by priority, then kind.</summary>
    private string FirstCellOf(string kind)
    {
        var before = report.FindingCounts.Where(other => string.CompareOrdinal(FindingKinds.Priority(other.Key) + other.Key, FindingKinds.Priority(kind) + kind) < 0).Sum(other => other.Value);
        var (sheet, row) = Math.DivRem(before, RowsPerSheet);
        return string.Create(CultureInfo.InvariantCulture, $"'{FindingSheet((int)sheet)}'!A{row + FirstFindingRow}");
    }

    private List<StreamedRows> StreamedFindings(IAsyncEnumerator<FindingLine> findings) =>
        [.. Enumerable.Range(0, FindingCount == 0 ? 0 : FindingSheets).Select(sheet => new StreamedRows(FindingSheet(sheet), FirstFindingRow, (xml, styles) => WriteRowsAsync(xml, styles, findings)))];

    // Read once a priority, because the urgent ones come first and to sort them would be to hold them.
    private async IAsyncEnumerable<FindingLine> FindingsByPriorityAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var priority in Priorities)
            await foreach (var finding in report.CheckedFindingsAsync(cancellation))
                if (finding.Priority == priority)
                    yield return finding;
    }

    private async Task WriteRowsAsync(XmlWriter xml, IReadOnlyList<string> styles, IAsyncEnumerator<FindingLine> findings)
    {
        for (var row = FirstFindingRow; row < FirstFindingRow + RowsPerSheet && await findings.MoveNextAsync(); row++)
            WriteRow(new RowWriter(xml, row), styles, findings.Current);
    }

    private void WriteRow(RowWriter row, IReadOnlyList<string> styles, FindingLine finding)
    {
        var decimals = finding.Currency is null ? 0 : Currencies.Decimals(finding.Currency);
        row.Text(styles[Array.IndexOf(Priorities, finding.Priority)], finding.Priority);
        row.Text(styles[PlainStyle], texts["Kind." + finding.Kind]);
        row.Text(styles[CodeStyle], finding.Kind);
        row.Text(styles[CodeStyle], finding.Subject);
        row.Text(styles[CodeStyle], finding.OrderNo);
        row.Text(styles[CodeStyle], finding.TransactionId);
        row.Text(styles[PlainStyle], finding.Currency);
        row.Number(styles[MoneyStyles + decimals], Major(finding.ExpectedMinor, finding.Currency));
        row.Number(styles[MoneyStyles + decimals], Major(finding.ActualMinor, finding.Currency));
        row.Number(styles[DifferenceStyles + decimals], Major(finding.ActualMinor - finding.ExpectedMinor, finding.Currency));
        row.End();
    }

    private static string? Major(long? minor, string? currency) =>
        minor is { } amount ? new Money(amount, currency ?? throw new InvalidOperationException("An amount without a currency.")).ToInvariantString() : null;
}
