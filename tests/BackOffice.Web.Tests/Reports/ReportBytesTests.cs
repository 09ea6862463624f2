using System.Diagnostics;
using System.Globalization;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports;
using ClosedXML.Excel;

namespace BackOffice.Web.Tests.Reports;

/// <summary>Two runs with the same parameters give the same bytes, at any later time and on any machine (reconciliation rules 3).</summary>
public class ReportBytesTests
{
    /// <summary>Another value is right only when the words or the look of the workbook were changed on purpose.</summary>
    [Theory]
    [InlineData("en", "bc3c1189cd51c259793445aac04efb1a186ca06dec2ad3550f230e3a57717bb9")]
    [InlineData("zh-Hans", "d9755917e455986052d4906bc55929c8c914dbff98c85c06951c88650e4ffbaa")]
    public async Task The_workbook_has_the_bytes_it_had_before(string language, string sha256) =>
        Assert.Equal(sha256, ReportCast.Sha256(await ReportCast.WorkbookAsync(ReportCast.Report, language == "en" ? Texts.English : Texts.Chinese)));

    [Theory]
    [InlineData("de-DE")]
    [InlineData("ar-SA")]
    [InlineData("fa-IR")]
    [InlineData("th-TH")]
    [InlineData("tr-TR")]
    [InlineData("zh-CN")]
    public async Task The_culture_of_the_thread_does_not_show_in_any_file(string culture)
    {
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        var expected = await AllFilesAsync();
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(culture);
        Assert.Equal(expected, await AllFilesAsync());
    }

    [Fact]
    public async Task Another_process_in_another_zone_and_language_writes_the_same_bytes()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [typeof(ReportBytesTests).Assembly.Location, "-noLogo", "-noColor", "-culture", "ar-SA", "-method", $"{typeof(ReportBytesTests).FullName}.{nameof(The_workbook_has_the_bytes_it_had_before)}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TZ"] = "America/St_Johns" },
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        Assert.Contains("Total: 2,", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_normalised_workbook_can_be_opened_changed_and_saved_again()
    {
        using var workbook = new XLWorkbook(new MemoryStream(await ReportCast.WorkbookAsync(ReportCast.Report, Texts.English)));
        workbook.Worksheet("Findings").Cell("A2").Value = "P3";
        using var saved = new MemoryStream();
        workbook.SaveAs(saved, validate: true);
        using var again = new XLWorkbook(saved);
        Assert.Equal("P3", again.Worksheet("Findings").Cell("A2").GetString());
        Assert.Equal(6, again.Worksheet("Findings").RowsUsed().Skip(1).Count());
    }

    private static async Task<string[]> AllFilesAsync()
    {
        using var csv = new MemoryStream();
        using var json = new MemoryStream();
        await ReconciliationCsv.WriteAsync(ReportCast.Report, csv, TestContext.Current.CancellationToken);
        await ReconciliationJson.WriteAsync(ReportCast.Report, json, TestContext.Current.CancellationToken);
        return [.. new[] { csv.ToArray(), json.ToArray(), await ReportCast.WorkbookAsync(ReportCast.Report, Texts.Chinese) }.Select(ReportCast.Sha256)];
    }
}
