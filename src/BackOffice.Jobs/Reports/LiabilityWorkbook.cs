using System.Globalization;
using BackOffice.Data.Codes;
using BackOffice.Domain;
using BackOffice.Jobs.Reports.Workbooks;
using ClosedXML.Excel;

namespace BackOffice.Jobs.Reports;

/// <summary>
/// Codes liability as a workbook: credit outstanding by package and by batch, in codes, tokens and list money. Outstanding is what somebody holds and has not redeemed: delivered codes,
/// those taken for orders, and those that left the building as a file. What lies in stock is shown beside it and is owed to nobody.
/// </summary>
/// <param name="batches">Every batch that was made, by number.</param>
/// <param name="packageNames">Names of packages by slug, in the reader's language.</param>
/// <param name="texts">The reader's language.</param>
/// <param name="time">The shop's clock.</param>
/// <param name="asOf">The instant of whose state the figures are, UTC.</param>
public sealed class LiabilityWorkbook(IReadOnlyList<BatchRow> batches, IReadOnlyDictionary<string, string> packageNames, Texts texts, BusinessTime time, DateTime asOf)
{
    private const int HeaderRow = 4;
    private const int FirstFigure = 8;

    private readonly SheetLook look = new(texts);

    /// <summary>Codes of a batch that somebody holds and has not redeemed.</summary>
    public static long Outstanding(BatchRow batch) => batch.Delivered + batch.Allocated + (batch is { ExportedAt: not null, IsVoid: false } ? batch.Available : 0);

    /// <summary>Writes it; the stream is written synchronously: give a file or memory.</summary>
    public async Task WriteAsync(Stream output)
    {
        using var workbook = look.NewWorkbook(texts["Liability.Title"], Instant());
        AddPackages(workbook.AddWorksheet(texts["Liability.ByPackage"]));
        AddBatches(workbook.AddWorksheet(texts["Liability.ByBatch"]));
        await WorkbookNormaliser.WriteAsync(workbook, [], asOf, output);
    }

    private void AddPackages(IXLWorksheet sheet)
    {
        SheetLook.Title(sheet, texts["Liability.Title"], texts["Liability.Answer", Instant()]);
        string[] titles = ["Package", "Units", "Currency", "Outstanding", "OutstandingTokens", "OutstandingList", "Stock", "StockTokens"];
        SheetLook.Header(sheet.Range(HeaderRow, 1, HeaderRow, titles.Length), titles.Select(name => texts["Liability." + name]), column => column is 2 or > 3);
        var row = HeaderRow;
        foreach (var group in batches.GroupBy(batch => (batch.Package, batch.Units, batch.ListCurrency)).OrderBy(group => group.Key.Package, StringComparer.Ordinal).ThenBy(group => group.Key.Units))
        {
            row++;
            SheetLook.Put(sheet.Cell(row, 1), Name(group.Key.Package));
            SheetLook.PutNumber(sheet.Cell(row, 2), group.Key.Units, SheetLook.Count);
            SheetLook.Put(sheet.Cell(row, 3), group.Key.ListCurrency ?? "—");
            SheetLook.PutNumber(sheet.Cell(row, 4), group.Sum(Outstanding), SheetLook.Count);
            SheetLook.PutNumber(sheet.Cell(row, 5), group.Sum(batch => (decimal)Outstanding(batch) * batch.Tokens), SheetLook.Count);
            PutMoney(sheet.Cell(row, 6), group.Sum(batch => List(batch, Outstanding(batch)) ?? 0), group.Key.ListCurrency);
            SheetLook.PutNumber(sheet.Cell(row, 7), group.Sum(Stock), SheetLook.Count);
            SheetLook.PutNumber(sheet.Cell(row, 8), group.Sum(batch => (decimal)Stock(batch) * batch.Tokens), SheetLook.Count);
        }
        Finish(sheet, row, titles.Length, [4, 5, 7, 8], 26, 10, 12, 16, 26, 20, 14, 26);
    }

    private void AddBatches(IXLWorksheet sheet)
    {
        SheetLook.Title(sheet, texts["Liability.ByBatch"], texts["Liability.Answer", Instant()]);
        string[] titles =
        [
            "Batch", "State", "Package", "Units", "TokensEach", "Currency", "ListEach",
            "Made", "Available", "Allocated", "Delivered", "Redeemed", "Void", "Outstanding", "OutstandingTokens", "OutstandingList",
        ];
        SheetLook.Header(sheet.Range(HeaderRow, 1, HeaderRow, titles.Length), titles.Select(name => texts["Liability." + name]), column => column is 1 or 4 or 5 or >= 7);
        var row = HeaderRow;
        foreach (var batch in batches)
        {
            row++;
            SheetLook.PutNumber(sheet.Cell(row, 1), batch.Number, "0");
            SheetLook.Put(sheet.Cell(row, 2), texts["BatchState." + batch.Status]);
            SheetLook.Put(sheet.Cell(row, 3), Name(batch.Package));
            SheetLook.PutNumber(sheet.Cell(row, 4), batch.Units, SheetLook.Count);
            SheetLook.PutNumber(sheet.Cell(row, 5), batch.Tokens, SheetLook.Count);
            SheetLook.Put(sheet.Cell(row, 6), batch.ListCurrency ?? "—");
            PutMoney(sheet.Cell(row, 7), List(batch, 1), batch.ListCurrency);
            foreach (var (index, codes) in new long[] { batch.Made, batch.Available, batch.Allocated, batch.Delivered, batch.Redeemed, batch.Voided, Outstanding(batch) }.Index())
                SheetLook.PutNumber(sheet.Cell(row, FirstFigure + index), codes, SheetLook.Count);
            // Formulas, so that whoever checks sees what a figure is made of.
            SheetLook.PutFormula(sheet.Cell(row, 15), $"N{row}*E{row}", SheetLook.Count);
            if (batch is { ListMinor: not null, ListCurrency: { } currency })
                SheetLook.PutFormula(sheet.Cell(row, 16), $"N{row}*G{row}", SheetLook.Money(Currencies.Decimals(currency)));
        }
        Finish(sheet, row, titles.Length, [8, 9, 10, 11, 12, 13, 14, 15], 10, 14, 22, 9, 18, 10, 14, 14, 14, 12, 14, 14, 14, 14, 24, 20);
    }

    // Currencies are never summed, so money has no total.
    private void Finish(IXLWorksheet sheet, int last, int width, int[] summed, params double[] widths)
    {
        var total = last + 1;
        if (last == HeaderRow)
        {
            SheetLook.Note(sheet.Cell(total, 1), texts["Liability.None"]);
        }
        else
        {
            SheetLook.Body(sheet.Range(HeaderRow + 1, 1, last, width));
            SheetLook.Put(sheet.Cell(total, 1), texts["Report.Total"]);
            foreach (var column in summed)
                SheetLook.PutFormula(sheet.Cell(total, column), $"SUM({sheet.Cell(HeaderRow + 1, column).Address}:{sheet.Cell(last, column).Address})", SheetLook.Count);
            SheetLook.Total(sheet.Range(total, 1, total, width));
            SheetLook.Filter(sheet.Range(HeaderRow, 1, last, width));
        }
        SheetLook.Widths(sheet, widths);
        look.Page(sheet, sheet.Range(1, 1, total, width), texts["Liability.Foot", texts["Liability.Title"], Instant()], HeaderRow);
    }

    private static void PutMoney(IXLCell cell, decimal? major, string? currency)
    {
        if (major is { } amount && currency is not null)
            SheetLook.PutNumber(cell, amount, SheetLook.Money(Currencies.Decimals(currency)));
    }

    private static decimal? List(BatchRow batch, long codes) => batch is { ListMinor: { } minor, ListCurrency: { } currency } ? SheetLook.Major(minor, currency) * codes : null;

    private static long Stock(BatchRow batch) => batch is { Status: "ready", ExportedAt: null } ? batch.Available : 0;

    private string Name(string slug) => packageNames.GetValueOrDefault(slug, slug);

    private string Instant() => $"{time.ToLocal(asOf).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} ({time.OffsetName(asOf)})";
}
