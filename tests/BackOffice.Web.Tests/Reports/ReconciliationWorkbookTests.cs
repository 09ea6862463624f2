using System.Globalization;
using System.IO.Compression;
using System.Xml;
using System.Xml.Linq;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports;
using ClosedXML.Excel;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Validation;

namespace BackOffice.Web.Tests.Reports;

public class ReconciliationWorkbookTests
{
    private static readonly XNamespace Spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    public static TheoryData<string> Languages => ["en", "zh-Hans"];

    [Theory, MemberData(nameof(Languages))]
    public async Task The_workbook_follows_the_format_s_schema(string language)
    {
        foreach (var report in new[] { ReportCast.Report, ReportCast.Broken, ReportCast.Empty })
        {
            using var package = SpreadsheetDocument.Open(new MemoryStream(await ReportCast.WorkbookAsync(report, In(language))), false);
            Assert.Empty(new OpenXmlValidator(FileFormatVersions.Office2016).Validate(package, TestContext.Current.CancellationToken).Select(error => $"{error.Part?.Uri} {error.Path?.XPath} {error.Description}"));
        }
    }

    [Fact]
    public async Task The_sheets_speak_both_languages()
    {
        using var english = await OpenAsync(ReportCast.Report, Texts.English);
        using var chinese = await OpenAsync(ReportCast.Report, Texts.Chinese);
        Assert.Equal(["Summary", "Statement", "Bridge", "By package", "Findings"], english.Worksheets.Select(sheet => sheet.Name));
        Assert.Equal(["概要", "收款汇总", "勾稽表", "按套餐", "差异"], chinese.Worksheets.Select(sheet => sheet.Name));
        Assert.Equal("Balanced: the bridge explains every payment. Findings: 6, of which P1: 1.", english.Worksheet(1).Cell("A3").GetString());
        Assert.Equal("已轧平：勾稽表解释了每一笔收款。差异 6 条，其中 P1 1 条。", chinese.Worksheet(1).Cell("A3").GetString());
        Assert.Equal(["Trial", "=2+2"], english.Worksheet(4).Cells("A5:A6").Select(cell => cell.GetString()));
        Assert.Equal(["体验包", "=2+2"], chinese.Worksheet(4).Cells("A5:A6").Select(cell => cell.GetString()));
    }

    [Fact]
    public async Task No_word_of_the_other_language_is_left()
    {
        using var english = await OpenAsync(ReportCast.Broken, Texts.English);
        Assert.DoesNotContain(Words(english), word => word.Any(letter => letter > 0x2E80));
        using var chinese = await OpenAsync(ReportCast.Broken, Texts.Chinese);
        string[] codes = [.. ReconciliationReportWords(), "P1", "P2", "P3", "USD", "CNY", "JPY", "KWD", "EUR", "Asia/Shanghai", "trial"];
        Assert.DoesNotContain(Words(chinese), word => word.Any(char.IsAsciiLetter) && !word.Any(letter => letter > 0x2E80) && !codes.Contains(word) && !word.Contains("(UTC+8)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_summary_says_what_the_run_rests_on()
    {
        using var workbook = await OpenAsync(ReportCast.Report, Texts.English);
        var sheet = workbook.Worksheet(1);
        Assert.Equal("2026-10-01 to 2026-10-31", sheet.Cell("A2").GetString());
        Assert.Equal(
            ["Balanced", "2026-10-01 to 2026-10-31", "2026-10-01 00:00:00 (UTC+8)", "2026-11-01 00:00:00 (UTC+8)", "2026-11-01 00:00:00 (UTC+8)", "2026-11-02 02:30:07.12 (UTC+8)", "Asia/Shanghai", "30 min", "0 minor units of the currency, per transaction"],
            sheet.Cells("B6:B14").Select(cell => cell.GetString()));
    }

    [Fact]
    public async Task The_summary_counts_every_kind_and_leads_to_its_first_finding()
    {
        using var workbook = await OpenAsync(ReportCast.Report, Texts.English);
        var (sheet, findings) = (workbook.Worksheet(1), workbook.Worksheet("Findings"));
        var rows = sheet.RowsUsed().Where(row => FindingKinds.InOrder.Contains(row.Cell("H").GetString())).ToList();
        Assert.Equal(FindingKinds.InOrder, rows.Select(row => row.Cell("H").GetString()));
        foreach (var row in rows)
        {
            var kind = row.Cell("H").GetString();
            var count = ReportCast.Findings.Count(finding => finding.Kind == kind);
            Assert.Equal(count, row.Cell("J").GetValue<int>());
            Assert.Equal(FindingKinds.Priority(kind), row.Cell("I").GetString());
            Assert.Equal(count > 0, row.Cell("G").HasHyperlink);
            if (count > 0)
                Assert.Equal(kind, findings.Row(findings.Cell(row.Cell("G").Hyperlink.InternalAddress.Split('!')[1]).Address.RowNumber).Cell("C").GetString());
        }
        Assert.Equal(6, rows[^1].RowBelow().Cell("J").GetValue<int>());
    }

    [Fact]
    public async Task The_statement_adds_up_column_by_column_with_the_decimals_of_its_currency()
    {
        using var workbook = await OpenAsync(ReportCast.Report, Texts.English);
        var sheet = workbook.Worksheet("Statement");
        Assert.Equal(["Line", "CNY", "JPY", "KWD", "USD", "How it is counted"], sheet.Row(4).CellsUsed().Select(cell => cell.GetString()));
        Assert.Equal([3m, 12345.67m, -987.65m, -24m, -18.99m, 3.45m, -617.28m, 10701.20m], Numbers(sheet.Cells("E5:E12")));
        Assert.Equal([4m, 0.30m, -0.10m, 0m, 0m, 0m, -0.03m, 0.17m], Numbers(sheet.Cells("B5:B12")));
        Assert.Equal([1m, 12.350m, 0m, 0m, 0m, 0m, -0.001m, 12.349m], Numbers(sheet.Cells("D5:D12")));
        Assert.Equal(["#,##0.00", "#,##0", "#,##0.000", "#,##0.00"], sheet.Cells("B6:E6").Select(cell => cell.Style.NumberFormat.Format));
        Assert.Equal("ROUND(SUM(E6:E11),2)", sheet.Cell("E12").FormulaA1);
    }

    [Fact]
    public async Task Fees_and_net_are_blank_without_a_fee_row_and_a_note_says_so()
    {
        using var workbook = await OpenAsync(ReportCast.Report, Texts.English);
        var sheet = workbook.Worksheet("Statement");
        Assert.Equal([2m, 4300m, -200m, 0m, 0m, 0m], Numbers(sheet.Cells("C5:C10")));
        Assert.True(sheet.Cell("C11").IsEmpty() && sheet.Cell("C12").IsEmpty());
        Assert.Equal("Fees and net are blank where a transaction has no fee row.", sheet.Cell("A14").GetString());
        Assert.True(RowOf(workbook.Worksheet("Summary"), "JPY").Cell("D").IsEmpty());
    }

    [Fact]
    public async Task The_bridge_gives_the_gross_of_the_statement()
    {
        using var workbook = await OpenAsync(ReportCast.Report, Texts.English);
        var sheet = workbook.Worksheet("Bridge");
        Assert.Equal(
            ["duplicate_payment", "payment_without_order", "amount_mismatch", "refunded_settled", "within_grace", "matched"], sheet.Cells("B5:B10").Select(cell => cell.GetString()));
        Assert.Equal([0m, 8.99m, 0m, 0m, 0m, 12336.68m, 12345.67m, 12345.67m, 0m], Numbers(sheet.Cells("J5:J13")));
        Assert.Equal([0m, 1m, 0m, 0m, 0m, 2m, 3m, 3m, 0m], Numbers(sheet.Cells("I5:I13")));
        Assert.Equal(["closes", "closes", "closes", "closes"], sheet.Row(14).CellsUsed(cell => cell.HasFormula).Select(cell => cell.GetString()));
    }

    [Fact]
    public async Task A_broken_run_shows_what_is_unexplained_on_the_first_page_and_in_the_bridge()
    {
        using var workbook = await OpenAsync(ReportCast.Broken, Texts.English);
        Assert.Equal("Broken: the bridge does not close, CNY 0.10 unexplained. The run cannot close a period. Findings: 6, of which P1: 1.", workbook.Worksheet(1).Cell("A3").GetString());
        Assert.Equal("Broken", workbook.Worksheet(1).Cell("B6").GetString());
        Assert.Equal(0.10m, RowOf(workbook.Worksheet(1), "CNY").Cell("E").GetValue<decimal>());
        var unexplained = RowOf(workbook.Worksheet("Bridge"), "Unexplained");
        Assert.Equal((1m, 0.10m), (unexplained.Cell("C").GetValue<decimal>(), unexplained.Cell("D").GetValue<decimal>()));
        Assert.Equal("does not close", unexplained.RowBelow().Cell("D").GetString());
        Assert.Equal("closes", unexplained.RowBelow().Cell("J").GetString());
    }

    [Fact]
    public async Task A_run_whose_bridge_is_empty_leaves_everything_unexplained()
    {
        using var workbook = await OpenAsync(ReportCast.Broken with { Bridge = [new BridgeLine("EUR", "matched", 1, 899)], Statement = [ReportCast.Report.Statement[1]] }, Texts.English);
        Assert.Equal("Broken: the bridge does not close, CNY 0.30, EUR -8.99 unexplained. The run cannot close a period. Findings: 6, of which P1: 1.", workbook.Worksheet(1).Cell("A3").GetString());
        Assert.Equal([4m, 0.30m, -1m, -8.99m], Numbers(RowOf(workbook.Worksheet("Bridge"), "Unexplained").Cells(3, 6)));

        using var empty = await OpenAsync(ReportCast.Broken with { Bridge = [], Statement = [ReportCast.Report.Statement[1]] }, Texts.English);
        Assert.Equal([4m, 0.30m], Numbers(RowOf(empty.Worksheet("Bridge"), "Unexplained").Cells(3, 4)));
    }

    [Fact]
    public async Task A_run_that_is_said_to_balance_and_does_not_is_refused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReportCast.WorkbookAsync(ReportCast.Broken with { Balanced = true }, Texts.English));

    [Fact]
    public async Task A_statement_that_does_not_add_up_is_refused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReportCast.WorkbookAsync(ReportCast.Report with { Statement = [new StatementLine("CNY", 1, 100, 0, 0, 0, 0, 0, 99)] }, Texts.English));

    [Fact]
    public async Task Each_finding_has_its_row_urgent_ones_first()
    {
        using var workbook = await OpenAsync(ReportCast.Report, Texts.English);
        var sheet = workbook.Worksheet("Findings");
        var rows = sheet.RowsUsed().Skip(1).Select(row => string.Join('|', row.Cells(1, 10).Select(cell => Convert.ToString(cell.Value, CultureInfo.InvariantCulture)))).ToList();
        Assert.Equal(
            [
                "P1|Paid, not delivered|paid_not_delivered|AC-TKV1-XV7K-BWFE|AC-TKV1-XV7K-BWFE|||||",
                "P2|Amount differs|amount_mismatch|tran_Jpy|AC-ZM3J-J7T7-3Q1C|tran_Jpy|JPY|2200|2100|-100",
                "P2|Amount differs|amount_mismatch|tran_Kwd|AC-6Z6J-DN4W-HECY|tran_Kwd|KWD|12.345|12.35|0.005",
                "P2|Currency differs|currency_mismatch|tran_Eur|AC-XJDF-55BD-FK9Q|tran_Eur|EUR|||",
                "P2|Duplicate payment|duplicate_payment|=1+1|=1+1|||||",
                "P2|Payment without order|payment_without_order|tran_,\"Usd||tran_,\"Usd|USD||8.99|",
            ],
            rows);
        Assert.Equal(["#,##0", "#,##0", "+#,##0;-#,##0;#,##0"], sheet.Cells("H3:J3").Select(cell => cell.Style.NumberFormat.Format));
        Assert.Equal(["#,##0.000", "#,##0.000", "+#,##0.000;-#,##0.000;#,##0.000"], sheet.Cells("H4:J4").Select(cell => cell.Style.NumberFormat.Format));
        Assert.Equal("#,##0.00", sheet.Cell("I7").Style.NumberFormat.Format);
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("+cmd|' /C calc'!A0")]
    [InlineData("@SUM(A1)")]
    [InlineData("-2+3")]
    [InlineData("'text")]
    [InlineData("118-42")]
    [InlineData("0123456789")]
    [InlineData(" spaces ")]
    [InlineData("line\nbreak")]
    [InlineData("line\r\nbreak")]
    [InlineData("bell\u0007 and _x0041_")]
    [InlineData("half \ud83d pair")]
    public async Task Text_stays_the_text_it_is(string text)
    {
        var report = ReportCast.Report.With(new FindingLine { Kind = "duplicate_payment", Subject = text, OrderNo = text, FactsHash = [] }) with { Packages = [new PackageLine(text, 1, 1, 1, 1, 1, 1, 1, 1)] };
        using var package = SpreadsheetDocument.Open(new MemoryStream(await ReportCast.WorkbookAsync(report, Texts.English)), false);
        var cell = XDocument.Load(Part(package, "Findings").GetStream()).Descendants(Spreadsheet + "c").Single(cell => cell.Attribute("r")!.Value == "D2");
        Assert.Equal("inlineStr", cell.Attribute("t")!.Value);
        Assert.Empty(Part(package, "Findings").Worksheet.Descendants<DocumentFormat.OpenXml.Spreadsheet.CellFormula>());
        Assert.Equal(text, Decoded(cell.Value));

        using var workbook = await OpenAsync(report, Texts.English);
        foreach (var shown in new[] { workbook.Worksheet("Findings").Cell("D2"), workbook.Worksheet("By package").Cell("A5") })
        {
            Assert.False(shown.HasFormula);
            Assert.Equal("@", shown.Style.NumberFormat.Format);
            Assert.Equal(XLDataType.Text, shown.DataType);
        }
    }

    [Theory, MemberData(nameof(Languages))]
    public async Task Every_formula_carries_its_value_for_readers_that_do_not_calculate(string language)
    {
        using var archive = new ZipArchive(new MemoryStream(await ReportCast.WorkbookAsync(ReportCast.Report, In(language))), ZipArchiveMode.Read);
        var formulas = archive.Entries.Where(entry => entry.FullName.StartsWith("xl/worksheets/", StringComparison.Ordinal))
            .SelectMany(entry => XDocument.Load(entry.Open()).Descendants(Spreadsheet + "f")).ToList();
        Assert.Equal(55, formulas.Count);
        Assert.All(formulas, formula => Assert.NotEqual("", formula.Parent!.Element(Spreadsheet + "v")!.Value));
        Assert.Contains(formulas, formula => formula.Value == "ROUND(SUM(E6:E11),2)" && formula.Parent!.Element(Spreadsheet + "v")!.Value == "10701.2");
        Assert.Contains(formulas, formula => formula.Value == "ROUND(SUM(B6:B11),2)" && formula.Parent!.Element(Spreadsheet + "v")!.Value == "0.17");
    }

    [Theory, MemberData(nameof(Languages))]
    public async Task Packages_have_their_figures_and_their_totals(string language)
    {
        using var workbook = await OpenAsync(ReportCast.Report, In(language));
        var sheet = workbook.Worksheet(4);
        Assert.Equal([3m, 15_000_000m, 2m, 10_000_000m, 1m, 5_000_000m, 1m, 5_000_000m], Numbers(sheet.Cells("C5:J5")));
        Assert.Equal([4m, 24_000_000m, 2m, 10_000_000m, 1m, 5_000_000m, 2m, 14_000_000m], Numbers(sheet.Cells("C7:J7")));
        Assert.Equal("A4:J6", sheet.AutoFilter.Range.RangeAddress.ToString());
    }

    [Theory, MemberData(nameof(Languages))]
    public async Task Each_sheet_is_set_up_to_be_read_and_printed(string language)
    {
        using var workbook = await OpenAsync(ReportCast.Report, In(language));
        int[] headers = [3, 4, 4, 4, 1];
        foreach (var (sheet, header) in workbook.Worksheets.Zip(headers))
        {
            Assert.Equal(header, sheet.SheetView.SplitRow);
            Assert.Equal((header, header), (sheet.PageSetup.FirstRowToRepeatAtTop, sheet.PageSetup.LastRowToRepeatAtTop));
            Assert.Equal((XLPaperSize.A4Paper, XLPageOrientation.Landscape, 1), (sheet.PageSetup.PaperSize, sheet.PageSetup.PageOrientation, sheet.PageSetup.PagesWide));
            Assert.Equal(sheet.RangeUsed().RangeAddress.LastAddress.RowNumber, sheet.PageSetup.PrintAreas.Single().RangeAddress.LastAddress.RowNumber);
            Assert.Equal(language == "en" ? "Page &P of &N" : "第 &P 页，共 &N 页", sheet.PageSetup.Footer.Right.GetText(XLHFOccurrence.OddPages));
            Assert.Contains("2026-10-01", sheet.PageSetup.Footer.Left.GetText(XLHFOccurrence.OddPages), StringComparison.Ordinal);
        }
        Assert.Equal("A1:J7", workbook.Worksheet(5).AutoFilter.Range.RangeAddress.ToString());
    }

    [Fact]
    public async Task The_properties_come_from_the_run_and_not_from_the_clock()
    {
        using var package = SpreadsheetDocument.Open(new MemoryStream(await ReportCast.WorkbookAsync(ReportCast.Report, Texts.English)), false);
        Assert.Equal((ReportCast.November, ReportCast.November), (package.PackageProperties.Created!.Value.ToUniversalTime(), package.PackageProperties.Modified!.Value.ToUniversalTime()));
        Assert.Equal(("Reconciliation report", "2026-10-01 to 2026-10-31"), (package.PackageProperties.Title, package.PackageProperties.Subject));
        Assert.Equal(("AiCredits back office", "AiCredits back office"), (package.PackageProperties.Creator, package.PackageProperties.LastModifiedBy));
    }

    [Theory, MemberData(nameof(Languages))]
    public async Task A_window_with_nothing_in_it_says_so_on_each_sheet(string language)
    {
        using var workbook = await OpenAsync(ReportCast.Empty, In(language));
        string[] notes = language == "en"
            ? ["No money-in transactions in this window.", "No money-in transactions in this window.", "No money-in transactions in this window.", "Nothing was sold, paid or delivered in this window.", "No differences."]
            : ["本区间内没有已到账款项。", "本区间内没有已到账款项。", "本区间内没有已到账款项。", "本区间内没有售出、付款或交付。", "没有差异。"];
        foreach (var (sheet, note) in workbook.Worksheets.Zip(notes))
            Assert.Contains(note, sheet.Column(1).CellsUsed().Select(cell => cell.GetString()));
    }

    [Fact]
    public async Task A_window_of_one_day_is_named_by_that_day()
    {
        using var workbook = await OpenAsync(ReportCast.Empty with { UntilDay = new DateOnly(2026, 10, 2) }, Texts.English);
        Assert.Equal("2026-10-01", workbook.Worksheet(1).Cell("A2").GetString());
    }

    [Fact]
    public async Task Fifty_thousand_findings_are_all_there()
    {
        var findings = Enumerable.Range(0, 50_000).Select(number => new FindingLine { Kind = "amount_mismatch", Subject = $"tran_{number:D6}", Currency = "USD", ExpectedMinor = 899, ActualMinor = number, FactsHash = [] }).ToArray();
        var rows = SubjectsAndActuals(await ReportCast.WorkbookAsync(ReportCast.Report.With(findings), Texts.English));
        Assert.Equal(findings.Select(finding => (finding.Subject, (finding.ActualMinor!.Value / 100m).ToString("0.00", CultureInfo.InvariantCulture))), rows);
    }

    [Fact]
    public async Task Findings_beyond_a_full_sheet_go_on_to_the_next_and_links_follow_them()
    {
        var kinds = FindingKinds.InOrder.Order(StringComparer.Ordinal);
        var report = ReportCast.Report.With([.. kinds.SelectMany(kind => Enumerable.Range(0, 5).Select(number => new FindingLine { Kind = kind, Subject = $"AC-{number}", FactsHash = [] }))]);
        using var output = new MemoryStream();
        await new ReconciliationWorkbook(report, Texts.English) { RowsPerSheet = 7 }.WriteAsync(output, TestContext.Current.CancellationToken);
        using var workbook = new XLWorkbook(output);

        var sheets = workbook.Worksheets.Where(sheet => sheet.Name.StartsWith("Findings", StringComparison.Ordinal)).ToList();
        Assert.Equal(["Findings", .. Enumerable.Range(2, 13).Select(number => $"Findings {number}")], sheets.Select(sheet => sheet.Name));
        var rows = sheets.SelectMany(sheet => sheet.RowsUsed().Skip(1)).Select(row => $"{row.Cell("A").GetString()} {row.Cell("C").GetString()} {row.Cell("D").GetString()}").ToList();
        Assert.Equal(kinds.SelectMany(kind => Enumerable.Range(0, 5).Select(number => $"{FindingKinds.Priority(kind)} {kind} AC-{number}")).Order(StringComparer.Ordinal), rows);
        foreach (var row in workbook.Worksheet(1).RowsUsed().Where(row => row.Cell("G").HasHyperlink))
        {
            var target = row.Cell("G").Hyperlink.InternalAddress.Split('!');
            var finding = workbook.Worksheet(target[0].Trim('\'')).Cell(target[1]).WorksheetRow();
            Assert.Equal((row.Cell("H").GetString(), "AC-0"), (finding.Cell("C").GetString(), finding.Cell("D").GetString()));
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(0)]
    public async Task Findings_that_are_not_as_many_as_were_counted_are_refused(long counted)
    {
        var report = ReportCast.Report.With([.. Enumerable.Range(0, 6).Select(number => new FindingLine { Kind = "duplicate_payment", Subject = $"AC-{number}", FactsHash = [] })]) with
        {
            FindingCounts = new Dictionary<string, long> { ["duplicate_payment"] = counted },
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => new ReconciliationWorkbook(report, Texts.English) { RowsPerSheet = 5 }.WriteAsync(new MemoryStream(), TestContext.Current.CancellationToken));
    }

    private static Texts In(string language) => language == "en" ? Texts.English : Texts.Chinese;

    private static async Task<XLWorkbook> OpenAsync(ReconciliationReport report, Texts texts) => new(new MemoryStream(await ReportCast.WorkbookAsync(report, texts)));

    private static IEnumerable<decimal> Numbers(IXLCells cells) => cells.Select(cell => cell.GetValue<decimal>());

    private static IXLRow RowOf(IXLWorksheet sheet, string first) => sheet.Column(1).CellsUsed().First(cell => cell.GetString() == first).WorksheetRow();

    private static IEnumerable<string> Words(XLWorkbook workbook) => workbook.Worksheets.SelectMany(sheet => sheet.CellsUsed(cell => cell.DataType == XLDataType.Text).Select(cell => cell.GetString()));

    private static IEnumerable<string> ReconciliationReportWords() =>
        FindingKinds.InOrder.Concat(["charged_back_settled", "refunded_settled", "within_grace", "matched"]).Concat(ReportCast.Findings.SelectMany(finding => new[] { finding.Subject, finding.OrderNo ?? "" }));

    private static WorksheetPart Part(SpreadsheetDocument package, string sheet) =>
        (WorksheetPart)package.WorkbookPart!.GetPartById(package.WorkbookPart.Workbook.Descendants<DocumentFormat.OpenXml.Spreadsheet.Sheet>().Single(part => part.Name == sheet).Id!);

    // As a spreadsheet program reads _x0007_ (ECMA-376 part 1, 22.9.2.19).
    private static string Decoded(string text) => System.Text.RegularExpressions.Regex.Replace(text, "_x([0-9A-F]{4})_", found => ((char)Convert.ToInt32(found.Groups[1].Value, 16)).ToString());

    private static IEnumerable<(string Subject, string Actual)> SubjectsAndActuals(byte[] workbook)
    {
        using var archive = new ZipArchive(new MemoryStream(workbook), ZipArchiveMode.Read);
        using var reader = XmlReader.Create(archive.GetEntry("xl/worksheets/sheet5.xml")!.Open());
        for (reader.ReadToFollowing("row"); reader.ReadToFollowing("row");)
        {
            var cells = XElement.Load(reader.ReadSubtree()).Elements().ToDictionary(cell => cell.Attribute("r")!.Value[..1], cell => cell.Value);
            yield return (cells["D"], cells["I"]);
        }
    }
}
