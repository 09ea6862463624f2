using System.Diagnostics;
using System.Globalization;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports.Pdf;
using SkiaSharp;

namespace BackOffice.Benchmarks;

/// <summary>
/// A report of one long table beside a bare draw of as many pages with the same cells: Skia alone, a small font, fixed places, nothing measured,
/// broken or counted.
/// </summary>
internal static class PdfBenchmark
{
    private const int RowsOnAPage = 36;

    private static readonly string[] Packages = ["入门套餐", "标准套餐", "专业套餐", "Starter"];

    private static readonly PdfColumn<int>[] Columns =
    [
        new("订单号", 22, PdfCells.Code, row => Invariant($"AC-202610{1 + row % 31:00}-{row:00000000}")),
        new("客户", 30, PdfCells.Words, row => Invariant($"customer{row % 977}@example.com")),
        new("套餐", 12, PdfCells.Words, row => Packages[row % Packages.Length]),
        new("token 数", 14, PdfCells.Number, row => (5_000_000L + row * 7919L).ToString("#,##0", CultureInfo.InvariantCulture)),
        new("收款 CNY", 12, PdfCells.Number, row => (22 + row % 180 * 0.1m).ToString("#,##0.00", CultureInfo.InvariantCulture)),
        new("付款时间 (UTC+8)", 20, PdfCells.Words, row => Invariant($"2026-10-{1 + row % 31:00} {row % 24:00}:{row % 60:00}")),
    ];

    private static long mostManaged;

    public static async Task RunAsync(IReadOnlyList<int> sizes, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("backoffice-bench-").FullName;
        try
        {
            foreach (var size in sizes)
                await CompareAsync(folder, size, rounds).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Writes the report: seconds, pages, and the most memory the garbage collector had at any look.</summary>
    public static async Task<(double Seconds, int Pages, long ManagedMegabytes)> WriteAsync(string folder, int pages)
    {
        var report = new PdfReport(Texts.Chinese, new BusinessTime(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")))
        {
            Title = "订单",
            Who = "benchmark",
            AsOf = new DateTime(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc),
            Sections = [new PdfTable<int>(Columns, Enumerable.Range(1, pages * RowsOnAPage).Select(Watched))],
        };
        await using var file = File.Create(Path.Combine(folder, "product.pdf"));
        var watch = Stopwatch.StartNew();
        var written = await report.WriteAsync(file, CancellationToken.None).ConfigureAwait(false);
        return (watch.Elapsed.TotalSeconds, written, mostManaged / 1_000_000);
    }

    /// <summary>Draws the same cells with Skia alone.</summary>
    public static double Draw(string folder, int pages)
    {
        using var typeface = SKTypeface.FromFile(Path.Combine(AppContext.BaseDirectory, "fonts", "RobotoMono_400Regular.ttf"));
        using var font = new SKFont(typeface, 8) { Subpixel = true, LinearMetrics = true, Hinting = SKFontHinting.None };
        using var paint = new SKPaint();
        using var file = File.Create(Path.Combine(folder, "bare.pdf"));
        var watch = Stopwatch.StartNew();
        using (var document = SKDocument.CreatePdf(file))
        {
            for (var page = 0; page < pages; page++)
            {
                var canvas = document.BeginPage(595, 842);
                for (var row = 0; row < RowsOnAPage; row++)
                    for (var column = 0; column < Columns.Length; column++)
                        canvas.DrawText(Columns[column].Text(page * RowsOnAPage + row + 1), 48 + 83 * column, 60 + 19 * row, SKTextAlign.Left, font, paint);
                document.EndPage();
            }
            document.Close();
        }
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task CompareAsync(string folder, int size, int rounds)
    {
        var pages = size.ToString(CultureInfo.InvariantCulture);
        List<double> product = [], bare = [], ratios = [];
        var last = Array.Empty<string>();
        for (var round = 0; round < rounds; round++)
        {
            bare.Add((await Child.MeasureAsync("bare-pdf", folder, pages).ConfigureAwait(false)).Seconds);
            last = await Child.FiguresAsync("pdf", folder, pages).ConfigureAwait(false);
            product.Add(double.Parse(last[0], CultureInfo.InvariantCulture));
            ratios.Add(product[^1] / bare[^1]);
        }
        ratios.Sort();
        Console.WriteLine(Invariant($"## A PDF of {last[2]} pages, {size * RowsOnAPage:N0} rows, {new FileInfo(Path.Combine(folder, "product.pdf")).Length / 1000:N0} KB, {rounds} rounds"));
        Console.WriteLine(Invariant(
            $"written in {Median(product):0.00} s, bare draw {Median(bare):0.00} s, ratio {ratios[rounds / 2]:0.00} ({ratios[0]:0.00} to {ratios[^1]:0.00}), peak {last[1]} MB, of it managed {last[3]} MB"));
    }

    private static int Watched(int row)
    {
        if (row % 100 == 0)
            mostManaged = Math.Max(mostManaged, GC.GetTotalMemory(forceFullCollection: false));
        return row;
    }

    private static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
