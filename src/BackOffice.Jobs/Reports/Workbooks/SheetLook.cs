using BackOffice.Domain;
using ClosedXML.Excel;

namespace BackOffice.Jobs.Reports.Workbooks;

/// <summary>How a workbook looks: one set of fonts, colours, number formats and page set-up for all reports.</summary>
internal sealed class SheetLook(Texts texts)
{
    public const string Count = "#,##0";
    public const string Text = "@";

    private static readonly XLColor Ink = XLColor.FromHtml("#1F2933");
    private static readonly XLColor Muted = XLColor.FromHtml("#5F6570");
    private static readonly XLColor Line = XLColor.FromHtml("#DFE3E8");
    private static readonly XLColor Ground = XLColor.FromHtml("#EEF0F2");
    private static readonly XLColor Accent = XLColor.FromHtml("#0B5CAD");

    // Tones of the interface guide, section 4: text on ground.
    private static readonly (XLColor Text, XLColor Ground) Good = (XLColor.FromHtml("#176B2C"), XLColor.FromHtml("#E4F5E8"));
    private static readonly (XLColor Text, XLColor Ground) Wrong = (XLColor.FromHtml("#A81F1F"), XLColor.FromHtml("#FDEAEA"));
    private static readonly (XLColor Text, XLColor Ground) Waiting = (XLColor.FromHtml("#8A4B00"), XLColor.FromHtml("#FDF1DC"));
    private static readonly (XLColor Text, XLColor Ground) Resting = (XLColor.FromHtml("#4A4F57"), Ground);

    /// <summary>Money in major units with the decimals of its currency.</summary>
    public static string Money(int decimals) => Grouped(decimals);

    /// <summary>A difference: it shows its sign.</summary>
    public static string Difference(int decimals) => $"+{Grouped(decimals)};-{Grouped(decimals)};{Grouped(decimals)}";

    public static decimal Major(long minor, string currency) => minor / Power(Currencies.Decimals(currency));

    public XLWorkbook NewWorkbook(string title, string subject)
    {
        var workbook = new XLWorkbook();
        workbook.Style.Font.FontName = texts.IsChinese ? "Microsoft YaHei" : "Calibri";
        workbook.Style.Font.FontSize = texts.IsChinese ? 10 : 11;
        workbook.Style.Font.FontColor = Ink;
        workbook.Style.Alignment.Vertical = XLAlignmentVerticalValues.Center;
        workbook.Properties.Title = title;
        workbook.Properties.Subject = subject;
        workbook.Properties.Author = "AiCredits back office";
        return workbook;
    }

    /// <summary>Text that stays text, whatever it looks like, also when somebody edits the cell.</summary>
    public static IXLCell Put(IXLCell cell, string text)
    {
        cell.Style.NumberFormat.Format = Text;
        return cell.SetValue(text).SetDataType(XLDataType.Text);
    }

    public static void PutNumber(IXLCell cell, decimal number, string format)
    {
        cell.Style.NumberFormat.Format = format;
        cell.Value = number;
    }

    public static void PutFormula(IXLCell cell, string formula, string format)
    {
        cell.Style.NumberFormat.Format = format;
        cell.FormulaA1 = formula;
    }

    public static void Title(IXLWorksheet sheet, string title, string subtitle)
    {
        Put(sheet.Cell(1, 1), title).Style.Font.SetBold().Font.SetFontSize(16);
        Put(sheet.Cell(2, 1), subtitle).Style.Font.SetFontColor(Muted);
        sheet.Row(1).Height = 27;
        sheet.Row(2).Height = 18;
    }

    public static void Heading(IXLCell cell, string text) => Put(cell, text).Style.Font.SetBold().Font.SetFontSize(12);

    public static void Note(IXLCell cell, string text) => Put(cell, text).Style.Font.SetFontColor(Muted);

    /// <summary>The header of a table; the columns named by number hold numbers and are aligned with them.</summary>
    public static void Header(IXLRange row, IEnumerable<string> names, Func<int, bool> isNumber)
    {
        foreach (var (index, name) in names.Index())
            Put(row.Cell(1, index + 1), name).Style.Alignment.Horizontal = isNumber(index + 1) ? XLAlignmentHorizontalValues.Right : XLAlignmentHorizontalValues.Left;
        row.Style.Font.SetBold().Font.SetFontColor(Muted).Fill.SetBackgroundColor(Ground).Alignment.SetWrapText();
        row.Style.Border.SetBottomBorder(XLBorderStyleValues.Thin).Border.SetBottomBorderColor(Muted);
        row.FirstRow().WorksheetRow().Height = 21;
    }

    /// <summary>Filter buttons on a table; they cover the right end of a header cell, so the names of number columns make room.</summary>
    public static void Filter(IXLRange table)
    {
        table.SetAutoFilter();
        foreach (var name in table.FirstRow().Cells(cell => cell.Style.Alignment.Horizontal == XLAlignmentHorizontalValues.Right))
            name.Style.Alignment.Indent = 2;
    }

    public static void Body(IXLRange rows) => rows.Style.Border.SetBottomBorder(XLBorderStyleValues.Thin).Border.SetBottomBorderColor(Line);

    public static void Total(IXLRange row) =>
        row.Style.Font.SetBold().Border.SetTopBorder(XLBorderStyleValues.Thin).Border.SetTopBorderColor(Ink).Border.SetBottomBorder(XLBorderStyleValues.Thin).Border.SetBottomBorderColor(Line);

    public static void Code(IXLStyle style) => style.Font.SetFontName("Consolas").Font.SetFontSize(10).NumberFormat.SetFormat(Text);

    public static void Link(IXLCell cell, string target)
    {
        cell.Hyperlink = new XLHyperlink(target);
        cell.Style.Font.SetFontColor(Accent).Font.SetUnderline();
    }

    public static void State(IXLRange cells, bool good) => Tone(cells.Style, good ? Good : Wrong);

    public static void Priority(IXLStyle style, string priority)
    {
        Tone(style, priority switch { "P1" => Wrong, "P2" => Waiting, _ => Resting });
        style.NumberFormat.Format = Text;
    }

    public static void Widths(IXLWorksheet sheet, params IEnumerable<double> widths)
    {
        foreach (var (index, width) in widths.Index())
            sheet.Column(index + 1).Width = width;
    }

    /// <summary>A4 landscape, fitted to the width, the header on each page, the foot says what this is and which page.</summary>
    public void Page(IXLWorksheet sheet, IXLRange area, string foot, int headerRow)
    {
        sheet.ShowGridLines = false;
        sheet.RowHeight = 18;
        sheet.SheetView.FreezeRows(headerRow);
        var page = sheet.PageSetup;
        page.PaperSize = XLPaperSize.A4Paper;
        page.PageOrientation = XLPageOrientation.Landscape;
        page.PagesWide = 1;
        page.PagesTall = 0;
        page.SetRowsToRepeatAtTop(headerRow, headerRow);
        page.PrintAreas.Add(area.RangeAddress.ToString());
        page.Margins.SetLeft(0.5).SetRight(0.5).SetTop(0.6).SetBottom(0.7).SetHeader(0.3).SetFooter(0.3);
        page.Footer.Left.AddText(foot.Replace("&", "&&", StringComparison.Ordinal));
        page.Footer.Right.AddText(texts["Report.Page", "&P", "&N"]);
    }

    private static string Grouped(int decimals) => decimals == 0 ? Count : $"{Count}.{new string('0', decimals)}";

    private static decimal Power(int decimals) => decimals == 0 ? 1 : 10 * Power(decimals - 1);

    private static void Tone(IXLStyle style, (XLColor Text, XLColor Ground) tone) =>
        style.Font.SetBold().Font.SetFontColor(tone.Text).Fill.SetBackgroundColor(tone.Ground);
}
