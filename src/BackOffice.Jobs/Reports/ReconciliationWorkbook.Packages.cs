using BackOffice.Jobs.Reports.Workbooks;
using ClosedXML.Excel;

namespace BackOffice.Jobs.Reports;

public sealed partial class ReconciliationWorkbook
{
    private void AddPackages(IXLWorksheet sheet)
    {
        string[] numbers = ["OrdersSold", "TokensSold", "OrdersPaid", "TokensPaid", "KeysDelivered", "KeyTokens", "CodesDelivered", "CodeTokens"];
        var width = 2 + numbers.Length;
        SheetLook.Title(sheet, texts["RunReport.Packages"], texts["RunReport.PackagesNote"]);
        SheetLook.Header(sheet.Range(HeaderRow, 1, HeaderRow, width), [texts["RunReport.Package"], texts["Report.Code"], .. numbers.Select(name => texts["RunReport." + name])], column => column > 2);
        foreach (var (index, line) in report.Packages.Index())
        {
            var row = HeaderRow + 1 + index;
            SheetLook.Put(sheet.Cell(row, 1), PackageName(line.Package));
            SheetLook.Code(SheetLook.Put(sheet.Cell(row, 2), line.Package).Style);
            long[] figures = [line.SoldOrders, line.SoldTokens, line.PaidOrders, line.PaidTokens, line.KeysDelivered, line.KeyTokens, line.CodesDelivered, line.CodeTokens];
            foreach (var (column, figure) in figures.Index())
                SheetLook.PutNumber(sheet.Cell(row, 3 + column), figure, SheetLook.Count);
        }
        var total = HeaderRow + 1 + report.Packages.Count;
        if (report.Packages.Count > 0)
            AddPackageTotals(sheet, total, width);
        else
            SheetLook.Note(sheet.Cell(total, 1), texts["RunReport.NoPackages"]);
        SheetLook.Widths(sheet, 26, 22, 18, 20, 18, 20, 18, 20, 18, 20);
        look.Page(sheet, sheet.Range(1, 1, total, width), Foot, HeaderRow);
    }

    private void AddPackageTotals(IXLWorksheet sheet, int total, int width)
    {
        SheetLook.Body(sheet.Range(HeaderRow + 1, 1, total - 1, width));
        SheetLook.Put(sheet.Cell(total, 1), texts["Report.Total"]);
        for (var column = 3; column <= width; column++)
            SheetLook.PutFormula(sheet.Cell(total, column), $"SUM({sheet.Cell(HeaderRow + 1, column).Address}:{sheet.Cell(total - 1, column).Address})", SheetLook.Count);
        SheetLook.Total(sheet.Range(total, 1, total, width));
        SheetLook.Filter(sheet.Range(HeaderRow, 1, total - 1, width));
    }

    private string PackageName(string slug) =>
        !report.PackageNames.TryGetValue(slug, out var name) ? slug : texts.IsChinese ? name.Chinese : name.English;
}
