using System.Globalization;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs.Reports.Workbooks;
using ClosedXML.Excel;

namespace BackOffice.Jobs.Reports;

/// <summary>
/// A settlement as a workbook: a cover that puts the program's figures beside those that the workbook computes itself, lines whose amounts are formulas over tokens and price, and
/// what they are made of.
/// </summary>
public sealed class SettlementWorkbook(SettlementReport report, Texts texts)
{
    private const int HeaderRow = 4;
    private const int FirstLine = HeaderRow + 1;
    private const int TokensColumn = 8;
    private const string Nine = "#,##0.000000000";

    private readonly SheetLook look = new(texts);
    private readonly SettlementDocument settlement = report.Settlement;

    private int LastLine => HeaderRow + Math.Max(1, settlement.Lines.Count);

    /// <summary>Writes it; the stream is written synchronously: give a file or memory.</summary>
    public async Task WriteAsync(Stream output)
    {
        using var workbook = look.NewWorkbook(report.Title(texts), report.State(texts));
        var cover = workbook.AddWorksheet(texts["SettlementReport.Cover"]);
        var lines = workbook.AddWorksheet(texts["Settlement.Lines"]);
        AddLines(lines);
        AddCover(cover, lines.Name);
        AddGroups(workbook.AddWorksheet(texts["SettlementReport.ByDay"]), texts["Settlement.Day"], report.View.ByDay, day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        AddGroups(workbook.AddWorksheet(texts["SettlementReport.ByModel"]), texts["Settlement.Model"], SettlementReport.WithAdjustments(texts, report.View, report.View.ByModel), Named);
        AddGroups(workbook.AddWorksheet(texts["SettlementReport.ByChannel"]), texts["Settlement.Channel"], SettlementReport.WithAdjustments(texts, report.View, report.View.ByChannel), Named);
        AddKeys(workbook.AddWorksheet(texts["SettlementReport.ByKey"]));
        AddFindings(workbook.AddWorksheet(texts["SettlementReport.Findings"]));
        AddPrices(workbook.AddWorksheet(texts["SettlementReport.Prices"]));
        await WorkbookNormaliser.WriteAsync(workbook, [], report.AsOf, output);
    }

    private string Named(string name) => name.Length == 0 ? texts["Settlement.NoName"] : name;

    // The program's figure, the workbook's own from its lines, and the difference, which is 0.
    private void AddCover(IXLWorksheet sheet, string lines)
    {
        SheetLook.Title(sheet, report.Title(texts), report.State(texts));
        SheetLook.Header(
            sheet.Range(HeaderRow, 1, HeaderRow, 4),
            [texts["SettlementReport.Figure"], texts["SettlementReport.Settled"], texts["SettlementReport.Recomputed"], texts["WhatIf.Difference"]], column => column > 1);
        var row = HeaderRow;
        foreach (var total in settlement.Totals)
        {
            var decimals = Currencies.Decimals(total.Currency);
            var sum = $"SUMIF('{lines}'!G{FirstLine}:G{LastLine},\"{total.Currency}\",'{lines}'!K{FirstLine}:K{LastLine})";
            AddFigure(sheet, ++row, texts["SettlementReport.TotalNano", total.Currency], total.TotalNano, sum, SheetLook.Count);
            AddFigure(
                sheet, ++row, texts["SettlementReport.Payable", total.Currency], SheetLook.Major(total.PayableMinor, total.Currency),
                $"SIGN(C{row - 1})*INT(ABS(C{row - 1})/10^{9 - decimals}+0.5)/10^{decimals}", SheetLook.Money(decimals));
            AddFigure(sheet, ++row, texts["SettlementReport.ResidueNano", total.Currency], total.ResidueNano, $"ROUND(C{row - 1}*10^9,0)-C{row - 2}", SheetLook.Count);
        }
        AddFigure(sheet, ++row, texts["SettlementReport.LineTokens"], settlement.Lines.Sum(line => (decimal)line.Tokens), $"SUM('{lines}'!H{FirstLine}:H{LastLine})", SheetLook.Count);
        SheetLook.Body(sheet.Range(FirstLine, 1, row, 4));
        foreach (var (name, value) in Facts())
        {
            SheetLook.Put(sheet.Cell(++row, 1), name);
            SheetLook.Put(sheet.Cell(row, 2), value).Style.Alignment.Horizontal = XLAlignmentHorizontalValues.Right;
        }
        SheetLook.Note(sheet.Cell(row + 2, 1), texts["SettlementReport.CoverNote"]);
        SheetLook.Note(sheet.Cell(row + 3, 1), texts["SettlementReport.Hash", SettlementStore.HashOf(settlement)]);
        SheetLook.Widths(sheet, 46, 34, 34, 18);
        Finish(sheet, row + 3, 4);
    }

    private static void AddFigure(IXLWorksheet sheet, int row, string name, decimal value, string formula, string format)
    {
        SheetLook.Put(sheet.Cell(row, 1), name);
        SheetLook.PutNumber(sheet.Cell(row, 2), value, format);
        SheetLook.PutFormula(sheet.Cell(row, 3), formula, format);
        SheetLook.PutFormula(sheet.Cell(row, 4), $"C{row}-B{row}", format);
    }

    private IEnumerable<(string Name, string Value)> Facts()
    {
        yield return (texts["Settlement.HitRate"], settlement.HitRate ?? "—");
        yield return (texts["SettlementReport.Saving", settlement.Currency], settlement.SavingNano is { } saving ? SettlementReport.Units(saving).ToString(Nine, CultureInfo.InvariantCulture) : "—");
        yield return (texts["Settlement.Records"], settlement.Records.ToString("#,##0", CultureInfo.InvariantCulture));
        foreach (var revenue in report.Earned.Earnings.Revenue)
            yield return (texts["SettlementReport.Revenue", revenue.Currency], revenue.ToInvariantString());
        if (report.Earned.Earnings is { Revenue.Count: > 0, Margin: { } margin })
            yield return (texts["SettlementReport.Margin", margin.Currency], margin.ToInvariantString());
        yield return (texts["SettlementReport.AsOf"], report.Instant(report.AsOf));
    }

    private void AddLines(IXLWorksheet sheet)
    {
        string[] names =
        [
            texts["Settlement.Model"], texts["Settlement.Part"], texts["Settlement.Band"], texts["SettlementReport.Since"], texts["Settlement.Adjusts"], texts["Settlement.PriceRow"],
            texts["SettlementReport.Currency"], texts["Settlement.Tokens"], texts["Settlement.Price"], texts["SettlementReport.Exact"], texts["SettlementReport.AmountNano"], texts["Settlement.Amount"],
        ];
        SheetLook.Title(sheet, texts["Settlement.Lines"], texts["Settlement.LinesWhat"]);
        SheetLook.Header(sheet.Range(HeaderRow, 1, HeaderRow, names.Length), names, column => column is 6 or >= TokensColumn);
        var row = HeaderRow;
        foreach (var line in settlement.Lines)
            AddLine(sheet, ++row, line);
        if (settlement.Lines.Count == 0)
            SheetLook.Note(sheet.Cell(++row, 1), texts["SettlementReport.NoLines"]);
        else
            SheetLook.Body(sheet.Range(FirstLine, 1, row, names.Length));
        SheetLook.Widths(sheet, 24, 18, 12, 20, 11, 10, 10, 20, 14, 24, 22, 22);
        Finish(sheet, row, names.Length);
    }

    private void AddLine(IXLWorksheet sheet, int row, SettlementLine line)
    {
        SheetLook.Put(sheet.Cell(row, 1), line.Model);
        SheetLook.Put(sheet.Cell(row, 2), texts["Part." + TokenParts.NameOf(line.Part)]);
        SheetLook.Put(sheet.Cell(row, 3), texts["Band." + PriceBands.NameOf(line.Band)]);
        SheetLook.Put(sheet.Cell(row, 4), line.ValidFrom is { } from ? report.Time.ToLocal(from).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "");
        SheetLook.Put(sheet.Cell(row, 5), line.Adjusts ?? "");
        SheetLook.PutNumber(sheet.Cell(row, 6), line.PriceId, "0");
        SheetLook.Put(sheet.Cell(row, 7), line.Currency);
        SheetLook.PutNumber(sheet.Cell(row, TokensColumn), line.Tokens, SheetLook.Count);
        SheetLook.PutNumber(sheet.Cell(row, 9), line.PriceMicro / 1_000_000m, "#,##0.######");
        // Tokens x price in millionths / 1000, and that rounded half to even: a spreadsheet's own ROUND rounds halves away from zero.
        SheetLook.PutFormula(sheet.Cell(row, 10), $"ABS(H{row})*ROUND(I{row}*1000000,0)/1000", "#,##0.000");
        SheetLook.PutFormula(sheet.Cell(row, 11), $"SIGN(H{row})*(ROUND(J{row},0)-IF(J{row}-2*INT(J{row}/2)=0.5,1,0))", SheetLook.Count);
        SheetLook.PutFormula(sheet.Cell(row, 12), $"K{row}/10^9", Nine);
    }

    private void AddGroups<TKey>(IXLWorksheet sheet, string keyName, IReadOnlyList<SettlementGroup<TKey>> groups, Func<TKey, string> nameOf)
    {
        string[] names =
        [
            keyName, .. TokenParts.All.Select(part => texts["Part." + TokenParts.NameOf(part)]), texts["Settlement.Unpriced"], texts["Settlement.HitRate"], texts["Settlement.Records"],
            texts["Settlement.AmountIn", settlement.Currency],
        ];
        SheetLook.Title(sheet, sheet.Name, texts["SettlementReport.GroupsNote"]);
        SheetLook.Header(sheet.Range(HeaderRow, 1, HeaderRow, names.Length), names, column => column > 1);
        var row = HeaderRow;
        foreach (var group in groups)
        {
            SheetLook.Put(sheet.Cell(++row, 1), nameOf(group.Key));
            foreach (var (place, part) in TokenParts.All.Index())
                SheetLook.PutNumber(sheet.Cell(row, 2 + place), group.Tokens[part], SheetLook.Count);
            SheetLook.PutNumber(sheet.Cell(row, 7), (decimal)group.Unpriced.Input + group.Unpriced.Output, SheetLook.Count);
            if (group.HitRate is { } rate)
                SheetLook.PutNumber(sheet.Cell(row, 8), decimal.Parse(rate, CultureInfo.InvariantCulture), "0.000000");
            SheetLook.PutNumber(sheet.Cell(row, 9), group.Records, SheetLook.Count);
            if (!group.IsUnpriced)
                SheetLook.PutNumber(sheet.Cell(row, 10), SettlementReport.Units(group.AmountNano), Nine);
        }
        AddGroupsTotal(sheet, row, names.Length);
    }

    private void AddGroupsTotal(IXLWorksheet sheet, int last, int width)
    {
        if (last == HeaderRow)
        {
            SheetLook.Note(sheet.Cell(last + 1, 1), texts["SettlementReport.NoLines"]);
        }
        else
        {
            SheetLook.Body(sheet.Range(FirstLine, 1, last, width));
            SheetLook.Put(sheet.Cell(last + 1, 1), texts["Report.Total"]);
            foreach (var column in new[] { 2, 3, 4, 5, 6, 7, 9, 10 })
                SheetLook.PutFormula(sheet.Cell(last + 1, column), $"SUM({sheet.Cell(FirstLine, column).Address}:{sheet.Cell(last, column).Address})", column == 10 ? Nine : SheetLook.Count);
            SheetLook.Total(sheet.Range(last + 1, 1, last + 1, width));
        }
        SheetLook.Widths(sheet, 26, 18, 18, 18, 18, 18, 16, 14, 14, 24);
        Finish(sheet, last + 1, width);
    }

    private void AddKeys(IXLWorksheet sheet)
    {
        SheetLook.Title(sheet, sheet.Name, texts["SettlementReport.KeysNote"]);
        SheetLook.Header(
            sheet.Range(HeaderRow, 1, HeaderRow, 4), [texts["Keys.Source"], texts["Keys.Key"], texts["Keys.Records"], texts["Settlement.AmountIn", settlement.Currency]], column => column > 2);
        var row = HeaderRow;
        foreach (var key in report.Keys.Rows)
        {
            SheetLook.Put(sheet.Cell(++row, 1), key.Source);
            SheetLook.Put(sheet.Cell(row, 2), key.Reference);
            SheetLook.PutNumber(sheet.Cell(row, 3), key.Records, SheetLook.Count);
            SheetLook.PutNumber(sheet.Cell(row, 4), SettlementReport.Units(key.CostNano), Nine);
        }
        if (report.Keys.OtherKeys > 0)
        {
            SheetLook.Put(sheet.Cell(++row, 2), texts["SettlementReport.OtherKeys", report.Keys.OtherKeys]);
            SheetLook.PutNumber(sheet.Cell(row, 4), SettlementReport.Units(report.Keys.OtherNano), Nine);
        }
        if (row == HeaderRow)
            SheetLook.Note(sheet.Cell(++row, 1), texts["SettlementReport.NoLines"]);
        else
            SheetLook.Body(sheet.Range(FirstLine, 1, row, 4));
        SheetLook.Widths(sheet, 20, 34, 14, 24);
        Finish(sheet, row, 4);
    }

    private void AddFindings(IXLWorksheet sheet)
    {
        SheetLook.Title(sheet, texts["SettlementReport.Findings"], texts["SettlementReport.FindingsNote"]);
        SheetLook.Header(sheet.Range(HeaderRow, 1, HeaderRow, 4), [texts["SettlementReport.Finding"], texts["Settlement.Model"], texts["Settlement.Part"], texts["SettlementReport.Count"]], column => column == 4);
        var row = HeaderRow;
        foreach (var line in settlement.Unpriced)
        {
            SheetLook.Put(sheet.Cell(++row, 1), texts["Unpriced." + line.Reason]);
            SheetLook.Put(sheet.Cell(row, 2), line.Name);
            SheetLook.Put(sheet.Cell(row, 3), texts["Part." + TokenParts.NameOf(line.Part)]);
            SheetLook.PutNumber(sheet.Cell(row, 4), line.Tokens, SheetLook.Count);
        }
        foreach (var blocker in settlement.Blockers)
        {
            SheetLook.Put(sheet.Cell(++row, 1), texts["Blocker." + blocker.Kind, blocker.Count]);
            SheetLook.PutNumber(sheet.Cell(row, 4), blocker.Count, SheetLook.Count);
        }
        if (row == HeaderRow)
            SheetLook.Note(sheet.Cell(++row, 1), texts["SettlementReport.NoFindings"]);
        else
            SheetLook.Body(sheet.Range(FirstLine, 1, row, 4));
        SheetLook.Widths(sheet, 44, 34, 22, 20);
        Finish(sheet, row, 4);
    }

    private void AddPrices(IXLWorksheet sheet)
    {
        SheetLook.Title(sheet, texts["SettlementReport.Prices"], texts["SettlementReport.PricesNote"]);
        SheetLook.Header(
            sheet.Range(HeaderRow, 1, HeaderRow, 8),
            [
                texts["Settlement.PriceRow"], texts["Settlement.Model"], texts["Settlement.Part"], texts["Settlement.Band"], texts["SettlementReport.Currency"], texts["Settlement.Price"],
                texts["SettlementReport.Since"], texts["SettlementReport.Until"],
            ],
            column => column is 1 or 6);
        var row = HeaderRow;
        foreach (var price in report.Prices)
        {
            SheetLook.PutNumber(sheet.Cell(++row, 1), price.Id, "0");
            SheetLook.Put(sheet.Cell(row, 2), price.Model);
            SheetLook.Put(sheet.Cell(row, 3), texts["Part." + TokenParts.NameOf(price.Part)]);
            SheetLook.Put(sheet.Cell(row, 4), texts["Band." + PriceBands.NameOf(price.Band)]);
            SheetLook.Put(sheet.Cell(row, 5), price.Currency);
            SheetLook.PutNumber(sheet.Cell(row, 6), price.PriceMicro / 1_000_000m, "#,##0.######");
            SheetLook.Put(sheet.Cell(row, 7), price.ValidFrom is { } from ? report.Instant(from) : "");
            SheetLook.Put(sheet.Cell(row, 8), price.ValidUntil is { } until ? report.Instant(until) : "");
        }
        if (row == HeaderRow)
            SheetLook.Note(sheet.Cell(++row, 1), texts["SettlementReport.NoLines"]);
        else
            SheetLook.Body(sheet.Range(FirstLine, 1, row, 8));
        SheetLook.Widths(sheet, 11, 26, 20, 12, 10, 14, 32, 32);
        Finish(sheet, row, 8);
    }

    private void Finish(IXLWorksheet sheet, int last, int width) =>
        look.Page(sheet, sheet.Range(1, 1, last, width), texts["Liability.Foot", report.Title(texts), report.Instant(report.AsOf)], HeaderRow);
}
