using BackOffice.Data.Rates;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports;
using BackOffice.Web.Security;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Settlement;

/// <summary>A settlement as a file, made at once in the reader's language.</summary>
[Allow(Act.SeeMoney)]
public sealed class SettlementReportController(SettlementReports reports, RateQueries rates, Texts texts) : Controller
{
    private static readonly Dictionary<string, string> Types = new()
    {
        ["xlsx"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ["pdf"] = "application/pdf",
        ["csv"] = "text/csv; charset=utf-8",
        ["json"] = "application/json",
    };

    [HttpGet("/settlements/{upstream}/{month}/report.{format}")]
    public async Task<IActionResult> FileAsync(string upstream, string month, string format, CancellationToken token)
    {
        if (SettlementPeriod.Parse(month) is not { } day || !Types.TryGetValue(format, out var type) || !(await rates.UpstreamsAsync(token)).Contains(upstream))
            return NotFound();
        var file = new MemoryStream();
        await reports.WriteAsync(upstream, day, format, texts, HttpContext.Who(), file, token);
        file.Position = 0;
        return File(file, type, $"settlement-{upstream}-{SettlementPeriod.NameOf(day)}.{format}");
    }
}
