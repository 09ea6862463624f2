using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Reports;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Web.Features.Packages;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Htmx;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Reconciliation;

[Allow(Act.SeeMoney)]
public sealed class RunsController(
    RunQueries runs, RunResultQueries results, RunFindingQueries findings, ReportStore reports, PackageQueries packages, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    private const int Rows = 50;

    [HttpGet("/reconciliation")]
    public async Task<ViewResult> IndexAsync(string? below, string? above, CancellationToken token) =>
        View("Runs", await runs.ListAsync(Address.Number(below), Address.Number(above), Rows, token));

    [HttpGet("/reconciliation/rows.{format}")]
    public RowsFile<RunRow> File(string format)
    {
        var columns = new RowColumns<RunRow>(texts, shop, clock.UtcNow())
            .Number(texts["Runs.Run"], run => run.Number)
            .Day(texts["Runs.FirstDay"], run => run.FromDay)
            .Day(texts["Runs.LastDay"], run => run.UntilDay.AddDays(-1))
            .Time(texts["Runs.AsOf"], run => run.AsOf)
            .Text(texts["Runs.State"], run => texts["State." + RunPage.StateOf(run)])
            .Number(texts["Runs.Findings"], run => RunPage.HasEndedWell(run) ? run.FindingsSeen : null)
            .Text(texts["Runs.Origin"], run => texts["Origin." + run.Origin])
            .Text(texts["Runs.By"], run => run.RequestedBy);
        return new RowsFile<RunRow>("runs", format, columns, KeyedPage.AllAsync<RunRow, long?>((below, stop) => runs.ListAsync(below, null, RowsFile.Portion, stop), run => run.Number));
    }

    [HttpGet("/reconciliation/{number:long}")]
    public async Task<IActionResult> ShowAsync(long number, CancellationToken token) =>
        await runs.FindAsync(number, token) is { } run ? View("Run", await PageAsync(run, -1, token)) : NotFound();

    /// <summary>While the run goes on, its progress; when it has ended, the whole page's content anew, because everything on it has changed.</summary>
    [HttpGet("/reconciliation/{number:long}/progress")]
    public async Task<IActionResult> ProgressAsync(long number, string? told, CancellationToken token)
    {
        if (await runs.FindAsync(number, token) is not { } run)
            return NotFound();
        var page = await PageAsync(run, (int)Math.Min(Address.Number(told) ?? 0, 4), token);
        if (page.IsMoving)
            return this.Poll(page.Progress);
        Response.StatusCode = PollExtensions.StopPolling;
        Response.Htmx(htmx => htmx.Retarget("#run").Reswap("outerHTML"));
        return PartialView("_Run", page);
    }

    [HttpGet("/reconciliation/{number:long}/findings")]
    public async Task<IActionResult> FindingsAsync(long number, string? kind, string? after, string? before, CancellationToken token)
    {
        if (await runs.FindAsync(number, token) is not { } run)
            return NotFound();
        var only = Address.OneOf(kind, FindingKinds.InOrder);
        var page = await findings.ListAsync(run.Id, only, RunFindingsPage.Place(after, before), Rows, token);
        return View("RunFindings", new RunFindingsPage(run, only, page));
    }

    private async Task<RunPage> PageAsync(RunRow run, int told, CancellationToken token)
    {
        var progress = RunPage.ProgressOf(run, texts, clock.GetUtcNow().UtcDateTime, told);
        if (!RunPage.HasEndedWell(run))
            return new RunPage(run, progress);
        return new RunPage(run, progress)
        {
            Result = await results.FiguresAsync(run, token),
            Counts = await results.CountsAsync(run.Id, token),
            Packages = (await packages.ListAsync(token)).ToDictionary(package => package.Slug, package => package.Name(texts)),
            Reports = await reports.OfSubjectAsync(run.Id, token),
        };
    }
}
