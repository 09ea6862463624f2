using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Imports;
using BackOffice.Jobs;
using BackOffice.Jobs.Imports;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Htmx;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Imports;

[Allow(Act.TakeIn)]
public sealed class ImportsController(ImportQueries queries, ImportStore store, ImportDesk desk, IBackgroundJobClient jobs, BusinessTime shop, TimeProvider clock, Texts texts) : Controller
{
    private const int Rows = 50;

    [HttpGet("/imports")]
    public async Task<ViewResult> IndexAsync(string? below, string? above, CancellationToken token) =>
        View("Index", await queries.ListAsync(Address.Number(below), Address.Number(above), Rows, token));

    [HttpGet("/imports/rows.{format}")]
    public RowsFile<ImportRow> File(string format)
    {
        var columns = new RowColumns<ImportRow>(texts, shop, clock.UtcNow())
            .Number(texts["Imports.Import"], import => import.Number)
            .Text(texts["Imports.File"], import => import.FileName)
            .Text(texts["Imports.Kind"], import => texts["ImportKind." + import.Kind])
            .Time(texts["Imports.RequestedAt"], import => import.RequestedAt)
            .Number(texts["Imports.Read"], import => import.RecordsRead)
            .Number(texts["Imports.Fresh"], import => import.RecordsNew)
            .Number(texts["Imports.Repeated"], import => import.RecordsRepeated)
            .Number(texts["Imports.PutAside"], import => import.RecordsPutAside)
            .Text(texts["Imports.State"], import => texts["State." + ImportStates.Of(import)]);
        return new RowsFile<ImportRow>(
            "imports", format, columns, KeyedPage.AllAsync<ImportRow, long?>((below, stop) => queries.ListAsync(below, null, RowsFile.Portion, stop), import => import.Number));
    }

    [HttpGet("/imports/{number:long}")]
    public async Task<IActionResult> ShowAsync(long number, string? after, string? before, CancellationToken token) =>
        await queries.FindAsync(number, token) is { } import
            ? View("Show", await PageAsync(import, Address.Number(after), Address.Number(before), -1, token))
            : NotFound();

    /// <summary>While the work goes on, its progress; when it has ended, the whole page's content anew, because everything on it has changed.</summary>
    [HttpGet("/imports/{number:long}/progress")]
    public async Task<IActionResult> ProgressAsync(long number, string? told, CancellationToken token)
    {
        if (await queries.FindAsync(number, token) is not { } import)
            return NotFound();
        var page = await PageAsync(import, null, null, (int)Math.Min(Address.Number(told) ?? 0, 4), token);
        if (page.IsMoving)
            return this.Poll(page.Progress);
        Response.StatusCode = PollExtensions.StopPolling;
        Response.Htmx(htmx => htmx.Retarget("#import").Reswap("outerHTML"));
        return PartialView("_Import", page);
    }

    [HttpPost("/imports/{number:long}/confirmation")]
    public Task<IActionResult> ConfirmAsync(long number, CancellationToken token) =>
        ActAsync(number, import => import.Stage == "take", import => store.ConfirmAsync(import.Id, HttpContext.Who(), token), token);

    [HttpPost("/imports/{number:long}/check")]
    public async Task<IActionResult> CheckAgainAsync(long number, [FromForm] string? kind, CancellationToken token) =>
        kind is not null && ImportDesk.Kinds.Contains(kind)
            ? await ActAsync(number, import => import.Status is "pending" or "running", import => store.CheckAgainAsync(import.Id, kind, HttpContext.Who(), token), token)
            : BadRequest();

    [HttpPost("/imports/{number:long}/retry")]
    public Task<IActionResult> RetryAsync(long number, CancellationToken token) =>
        ActAsync(number, import => import.Status is "pending" or "running", import => store.RetryAsync(import.Id, HttpContext.Who(), token), token);

    [HttpPost("/imports/{number:long}/cancellation")]
    public async Task<IActionResult> CancelAsync(long number, CancellationToken token)
    {
        if (await queries.FindAsync(number, token) is not { } import)
            return NotFound();
        return import.Status == "cancelled" || await desk.CancelAsync(import, HttpContext.Who(), token) ? Redirect(Links.Import(number)) : Conflict();
    }

    [HttpGet("/imports/{number:long}/put-aside.csv")]
    public async Task PutAsideFileAsync(long number, CancellationToken token)
    {
        if (await queries.FindAsync(number, token) is not { } import)
        {
            Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        Response.ContentType = "text/csv; charset=utf-8";
        Response.Headers.ContentDisposition = FormattableString.Invariant($"attachment; filename=\"import-{number}-put-aside.csv\"");
        await PutAsideFile.WriteAsync(import, queries, texts, Response.Body, token);
    }

    // Pressed twice, an act finds its work under way: no refusal then, the page shows it.
    private async Task<IActionResult> ActAsync(long number, Func<ImportRow, bool> isUnderWay, Func<ImportRow, Task<bool>> act, CancellationToken token)
    {
        if (await queries.FindAsync(number, token) is not { } import)
            return NotFound();
        var id = import.Id;
        if (await act(import))
            jobs.Enqueue<ImportJob>(job => job.RunAsync(id, CancellationToken.None));
        else if (!isUnderWay(await queries.GetAsync(id, token)))
            return Conflict();
        return Redirect(Links.Import(number));
    }

    private async Task<ImportPage> PageAsync(ImportRow import, long? after, long? before, int told, CancellationToken token)
    {
        var putAsides = import.Status is "pending" or "running" || import.RecordsPutAside == 0
            ? new KeyedPage<(long, PutAside)>([], false, false)
            : await queries.PutAsidePageAsync(import.Id, after, before, Rows, token);
        return new ImportPage(import, putAsides, ImportPage.ProgressOf(import, texts, clock.GetUtcNow().UtcDateTime, told));
    }
}
