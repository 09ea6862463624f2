using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Reports;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports;
using BackOffice.Web.Features.Reconciliation;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Htmx;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Reports;

[Allow(Act.SeeMoney)]
public sealed class ReportsController(
    ReportQueries queries, ReportStore store, RunQueries runs, ReportJob job, IBackgroundJobClient jobs, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    private const int Rows = 50;

    [HttpGet("/reports")]
    public async Task<ViewResult> IndexAsync(string? below, string? above, CancellationToken token) =>
        View("Index", await queries.ListAsync(Address.Number(below), Address.Number(above), Rows, token));

    [HttpGet("/reports/rows.{format}")]
    public RowsFile<ListedReport> ListFile(string format)
    {
        var columns = new RowColumns<ListedReport>(texts, shop, clock.UtcNow())
            .Number(texts["Reports.Report"], report => report.Number)
            .Number(texts["Runs.Run"], report => report.RunNumber)
            .Day(texts["Runs.FirstDay"], report => report.FromDay)
            .Day(texts["Runs.LastDay"], report => report.UntilDay.AddDays(-1))
            .Text(texts["Reports.File"], report => texts[ReportFiles.WordsKey(report.Format, report.Language)])
            .Time(texts["Reports.Asked"], report => report.RequestedAt)
            .Text(texts["Runs.By"], report => report.RequestedBy)
            .Number(texts["Reports.SizeInBytes"], report => report.Size)
            .Text(texts["Runs.State"], report => texts["State." + ReportPage.StateOf(report.Status, report.Attempts > 0)]);
        return new RowsFile<ListedReport>(
            "reports", format, columns, KeyedPage.AllAsync<ListedReport, long?>((below, stop) => queries.ListAsync(below, null, RowsFile.Portion, stop), report => report.Number));
    }

    [HttpGet("/reports/{number:long}")]
    public async Task<IActionResult> ShowAsync(long number, CancellationToken token) =>
        await store.FindAsync(number, token) is { } report ? View("Show", await PageAsync(report, -1, token)) : NotFound();

    /// <summary>While the file is written, how far it is; afterwards the whole page's content anew.</summary>
    [HttpGet("/reports/{number:long}/progress")]
    public async Task<IActionResult> ProgressAsync(long number, string? told, CancellationToken token)
    {
        if (await store.FindAsync(number, token) is not { } report)
            return NotFound();
        var page = await PageAsync(report, (int)Math.Min(Address.Number(told) ?? 0, 4), token);
        if (page.IsMoving)
            return this.Poll(page.Progress);
        Response.StatusCode = PollExtensions.StopPolling;
        Response.Htmx(htmx => htmx.Retarget("#report").Reswap("outerHTML"));
        return PartialView("_Report", page);
    }

    [HttpGet("/reports/{number:long}/file")]
    public async Task<IActionResult> FileAsync(long number, CancellationToken token)
    {
        if (await store.FindAsync(number, token) is not { } report)
            return NotFound();
        if (report.Status != "done")
            return Conflict();
        var path = job.PathOf(report);
        return System.IO.File.Exists(path) ? PhysicalFile(path, ReportFiles.ContentType(report.Format), report.FileName) : NotFound();
    }

    /// <summary>Asks for a file of a run. Asked for twice it is one report; one that failed is written again.</summary>
    [HttpPost("/reports"), Allow(Act.WorkOnMoney)]
    public async Task<IActionResult> AskAsync([FromForm] string? run, [FromForm] string? format, [FromForm] string? language, CancellationToken token)
    {
        if (Address.OneOf(format, ReportFiles.Formats) is not { } known || Address.OneOf(language, ReportFiles.Languages) is not { } inLanguage)
            return BadRequest();
        if (await runs.FindAsync(Address.Number(run) ?? 0, token) is not { } subject)
            return NotFound();
        if (!RunPage.HasEndedWell(subject))
            return Conflict();
        var report = await store.AskAsync(
            new NewReport(subject.Id, known, inLanguage, ReportFiles.Name(subject, known, inLanguage), subject.FindingsSeen, HttpContext.Who()), token);
        if (report.Status != "done")
            jobs.Enqueue<ReportJob>(writer => writer.RunAsync(report.Id, CancellationToken.None));
        return Redirect(Links.Report(report.Number));
    }

    private async Task<ReportPage> PageAsync(ReportRow report, int told, CancellationToken token) =>
        new(report, await runs.GetAsync(report.SubjectId, token), ReportPage.ProgressOf(report, texts, clock.GetUtcNow().UtcDateTime, told));
}
