using System.Globalization;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Reports.Workbooks;
using ClosedXML.Excel;

namespace BackOffice.Jobs.Reports;

public sealed partial class ReconciliationWorkbook
{
    private const int FindingsColumn = 7;

    /// <summary>The first sheet: the answer, what it rests on and the money on the left, the findings by kind on the right.</summary>
    private void AddSummary(IXLWorksheet sheet)
    {
        SheetLook.Title(sheet, texts["RunReport.Title"], Days);
        var answer = sheet.Range(3, 1, 3, FindingsColumn + 3);
        SheetLook.Put(answer.FirstCell(), Answer());
        SheetLook.State(answer, report.Balanced);
        sheet.Row(3).Height = 24;
        var end = Math.Max(AddMoney(sheet, AddParameters(sheet, 5)), AddKinds(sheet, 5));
        SheetLook.Widths(sheet, 22, 16, 18, 18, 18, 4, 30, 28, 12, 12);
        look.Page(sheet, sheet.Range(1, 1, end, FindingsColumn + 3), Foot, 3);
        sheet.PageSetup.PagesTall = 1;
    }

    private string Answer()
    {
        var findings = Number(FindingCount);
        var urgent = Number(report.FindingCounts.Where(kind => FindingKinds.Priority(kind.Key) == "P1").Sum(kind => kind.Value));
        if (report.Balanced)
            return texts["RunReport.BalancedAnswer", findings, urgent];
        var amounts = string.Join(", ", NotClosing().Select(currency => $"{currency} {new Money(Unexplained(currency).Minor, currency).ToInvariantString()}"));
        return amounts.Length == 0 ? texts["RunReport.BrokenAnswer", findings, urgent] : texts["RunReport.BrokenAnswer.By", amounts, findings, urgent];
    }

    private int AddParameters(IXLWorksheet sheet, int row)
    {
        SheetLook.Heading(sheet.Cell(row++, 1), texts["RunReport.Parameters"]);
        (string Name, string Value)[] parameters =
        [
            ("State", texts[report.Balanced ? "RunReport.Balanced" : "RunReport.Broken"]),
            ("Window", Days),
            ("Begins", Instant(report.From)),
            ("EndsBefore", Instant(report.Until)),
            ("AsOf", Instant(report.AsOf)),
            ("KnownAsOf", Instant(report.KnownAsOf)),
            ("Zone", report.BusinessTime.Zone.Id),
            ("Grace", texts["Report.Minutes", (report.Grace.Ticks / (decimal)TimeSpan.TicksPerMinute).ToString("0.###", CultureInfo.InvariantCulture)]),
            ("Tolerance", texts["RunReport.MinorUnits", Number(report.ToleranceMinor)]),
        ];
        foreach (var (name, value) in parameters)
        {
            SheetLook.Note(sheet.Cell(row, 1), texts["RunReport." + name]);
            SheetLook.Put(sheet.Cell(row, 2), value);
            SheetLook.Body(sheet.Range(row, 1, row++, 5));
        }
        return row + 1;
    }

    private int AddMoney(IXLWorksheet sheet, int row)
    {
        SheetLook.Heading(sheet.Cell(row++, 1), texts["RunReport.Money"]);
        string[] columns = ["Report.Currency", "RunReport.Transactions", "RunReport.GrossPaid", "RunReport.Net", "RunReport.Unexplained"];
        SheetLook.Header(sheet.Range(row, 1, row++, 5), columns.Select(column => texts[column]), column => column > 1);
        foreach (var currency in CurrenciesInOrder())
        {
            SheetLook.Put(sheet.Cell(row, 1), currency);
            var money = SheetLook.Money(Currencies.Decimals(currency));
            if (statementCells.TryGetValue(currency, out var cells))
            {
                SheetLook.PutFormula(sheet.Cell(row, 2), Reference(cells.Transactions), SheetLook.Count);
                SheetLook.PutFormula(sheet.Cell(row, 3), Reference(cells.GrossPaid), money);
                if (cells.Net.HasFormula)
                    SheetLook.PutFormula(sheet.Cell(row, 4), Reference(cells.Net), money);
            }
            SheetLook.PutFormula(sheet.Cell(row, 5), Reference(unexplainedCells[currency]), money);
            SheetLook.Body(sheet.Range(row, 1, row, 5));
            SheetLook.State(sheet.Cell(row++, 5).AsRange(), Unexplained(currency) == (0, 0));
        }
        SheetLook.Note(sheet.Cell(row, 1), texts[statement.Count == 0 ? "RunReport.NoTransactions" : "RunReport.MoneyNote"]);
        return row;
    }

    private int AddKinds(IXLWorksheet sheet, int row)
    {
        SheetLook.Heading(sheet.Cell(row++, FindingsColumn), texts["RunReport.Kinds"]);
        string[] columns = ["RunReport.Finding", "Report.Code", "RunReport.Priority", "RunReport.Count"];
        SheetLook.Header(sheet.Range(row, FindingsColumn, row++, FindingsColumn + 3), columns.Select(column => texts[column]), column => column == 4);
        var first = row;
        foreach (var kind in FindingKinds.InOrder)
        {
            var count = report.FindingCounts.GetValueOrDefault(kind);
            SheetLook.Put(sheet.Cell(row, FindingsColumn), texts["Kind." + kind]);
            SheetLook.Code(SheetLook.Put(sheet.Cell(row, FindingsColumn + 1), kind).Style);
            SheetLook.Put(sheet.Cell(row, FindingsColumn + 2), FindingKinds.Priority(kind));
            SheetLook.PutNumber(sheet.Cell(row, FindingsColumn + 3), count, SheetLook.Count);
            if (count > 0)
            {
                SheetLook.Link(sheet.Cell(row, FindingsColumn), FirstCellOf(kind));
                SheetLook.Priority(sheet.Cell(row, FindingsColumn + 2).Style, FindingKinds.Priority(kind));
            }
            SheetLook.Body(sheet.Range(row, FindingsColumn, row++, FindingsColumn + 3));
        }
        SheetLook.Put(sheet.Cell(row, FindingsColumn), texts["Report.Total"]);
        SheetLook.PutFormula(sheet.Cell(row, FindingsColumn + 3), $"SUM({sheet.Cell(first, FindingsColumn + 3).Address}:{sheet.Cell(row - 1, FindingsColumn + 3).Address})", SheetLook.Count);
        SheetLook.Total(sheet.Range(row, FindingsColumn, row, FindingsColumn + 3));
        return row;
    }
}
