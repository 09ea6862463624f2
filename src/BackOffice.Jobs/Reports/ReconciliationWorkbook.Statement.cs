using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Reports.Workbooks;
using ClosedXML.Excel;

namespace BackOffice.Jobs.Reports;

public sealed partial class ReconciliationWorkbook
{
    private readonly Dictionary<string, StatementCells> statementCells = [];

    /// <summary>One column a currency, gross to net; what lowers the net is negative, so that the column adds up.</summary>
    private void AddStatement(IXLWorksheet sheet)
    {
        SheetLook.Title(sheet, texts["RunReport.Statement"], texts["RunReport.StatementNote", Days, Instant(report.AsOf)]);
        string[] lines = ["Transactions", "GrossPaid", "Tax", "Refunded", "ChargedBack", "TaxReturned", "Fees", "Net"];
        var basis = statement.Count + 2;
        var header = sheet.Range(HeaderRow, 1, HeaderRow, basis);
        SheetLook.Header(header, [texts["RunReport.Line"], .. statement.Select(line => line.Currency), texts["RunReport.Basis"]], column => column > 1 && column < basis);
        foreach (var (index, line) in lines.Index())
        {
            SheetLook.Put(sheet.Cell(HeaderRow + 1 + index, 1), texts["RunReport." + line]);
            SheetLook.Note(sheet.Cell(HeaderRow + 1 + index, basis), texts[$"RunReport.{line}.Basis"]);
        }
        var last = HeaderRow + lines.Length;
        SheetLook.Body(sheet.Range(HeaderRow + 1, 1, last, basis));
        foreach (var (index, line) in statement.Index())
            AddStatementColumn(sheet, index + 2, line);
        SheetLook.Total(sheet.Range(last, 1, last, basis));
        sheet.Column(basis).Cells(HeaderRow, last).Style.Alignment.SetIndent(1);
        if (statement.Any(line => line.NetMinor is null))
            SheetLook.Note(sheet.Cell(last + 2, 1), texts["RunReport.NoFeeRow"]);
        if (statement.Count == 0)
            SheetLook.Note(sheet.Cell(last + 2, 1), texts["RunReport.NoTransactions"]);
        SheetLook.Widths(sheet, [24, .. statement.Select(_ => 18.0), 72]);
        look.Page(sheet, sheet.Range(1, 1, last + 2, basis), Foot, HeaderRow);
    }

    private void AddStatementColumn(IXLWorksheet sheet, int column, StatementLine line)
    {
        var decimals = Currencies.Decimals(line.Currency);
        long?[] amounts = [line.GrossPaidMinor, -line.TaxMinor, -line.RefundedMinor, -line.ChargedBackMinor, line.TaxReturnedMinor, -line.FeesMinor];
        var cells = new StatementCells(sheet.Cell(HeaderRow + 1, column), sheet.Cell(HeaderRow + 2, column), sheet.Cell(HeaderRow + 8, column));
        SheetLook.PutNumber(cells.Transactions, line.Transactions, SheetLook.Count);
        foreach (var (index, amount) in amounts.Index())
            if (amount is { } minor)
                SheetLook.PutNumber(sheet.Cell(HeaderRow + 2 + index, column), SheetLook.Major(minor, line.Currency), SheetLook.Money(decimals));
        if (line.NetMinor is not null)
            SheetLook.PutFormula(cells.Net, $"ROUND(SUM({cells.GrossPaid.Address}:{cells.Net.CellAbove().Address}),{decimals})", SheetLook.Money(decimals));
        if (line.NetMinor is { } net && net != amounts.Sum())
            throw new InvalidOperationException($"The statement in {line.Currency} does not add up to its net.");
        statementCells.Add(line.Currency, cells);
    }

    private sealed record StatementCells(IXLCell Transactions, IXLCell GrossPaid, IXLCell Net);
}
