using System.Globalization;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports.Pdf;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;

namespace BackOffice.Web.Tests.Reports;

/// <summary>PDFs to write, and how they are read back.</summary>
internal static class PdfCast
{
    public static readonly PdfColumn<int>[] Columns =
    [
        new("Order 订单", 20, PdfCells.Code, Order),
        new("Customer", 30, PdfCells.Words, row => row % 10 == 0 ? "Aster Limited, who wants every word of a rather long name to be written out" : "紫菀有限公司"),
        new("Tokens", 14, PdfCells.Number, row => (5_000_000 + row).ToString("#,##0", CultureInfo.InvariantCulture)),
    ];

    public static string Order(int row) => FormattableString.Invariant($"AC-{row:00000000}");

    public static PdfReport Report(Texts texts, params PdfSection[] sections) => new(texts, new BusinessTime(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")))
    {
        Title = texts.IsChinese ? "2026 年 10 月结算单" : "Settlement of October 2026",
        Subtitle = texts.IsChinese ? "应付供应商 $1,234.57。" : "Payable to the supplier: $1,234.57.",
        Who = "mara@example.com",
        AsOf = new DateTime(2026, 10, 31, 16, 0, 5, DateTimeKind.Utc),
        Sections = sections,
    };

    public static async Task<byte[]> WriteAsync(PdfReport report)
    {
        using var output = new MemoryStream();
        await report.WriteAsync(output, CancellationToken.None);
        return output.ToArray();
    }

    /// <summary>What stands on each page, in the order in which it was drawn.</summary>
    public static async Task<List<string>> ReadAsync(PdfReport report)
    {
        using var document = PdfDocument.Open(await WriteAsync(report));
        return [.. document.GetPages().Select(page => page.Text)];
    }

    /// <summary>The report's one page.</summary>
    public static async Task<IReadOnlyList<Letter>> LettersAsync(params PdfSection[] sections)
    {
        using var document = PdfDocument.Open(await WriteAsync(Report(Texts.English, sections)));
        return Assert.Single(document.GetPages()).Letters;
    }

    /// <summary>The lines of these letters: what is drawn one after the other on one base.</summary>
    public static List<string> Lines(IEnumerable<Letter> letters)
    {
        var lines = new List<string>();
        double? @base = null;
        foreach (var letter in letters)
        {
            if (@base is { } last && Math.Abs(letter.StartBaseLine.Y - last) < 0.01)
                lines[^1] += letter.Value;
            else
                lines.Add(letter.Value);
            @base = letter.StartBaseLine.Y;
        }
        return lines;
    }
}
