using BackOffice.Data.Imports;
using BackOffice.Jobs;
using BackOffice.Jobs.Imports;
using BackOffice.Web.Shared;
using Hangfire;
using Htmx;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Imports;

public sealed class ImportsController(ImportQueries queries, ImportStore store, ImportDesk desk, IBackgroundJobClient jobs, TimeProvider clock, Texts texts) : Controller
{
    private const int Rows = 50;

    [HttpGet("/imports")]
    public async Task<ViewResult> IndexAsync(long? below, long? above, CancellationToken token)
    {
        if (above is { } number)
        {
            var newer = await queries.ListAboveAsync(number, Rows + 1, token);
            if (newer.Count > Rows)
                return View("Index", new Page<ImportRow>([.. newer.Take(Rows).Reverse()], true, true));
            below = null; // so near to the newest that the first page holds them all
        }
        var rows = await queries.ListAsync(below ?? long.MaxValue, Rows + 1, token);
        return View("Index", new Page<ImportRow>([.. rows.Take(Rows)], below is not null, rows.Count > Rows));
    }

    [HttpGet("/imports/{number:long}")]
    public async Task<IActionResult> ShowAsync(long number, long? after, long? before, CancellationToken token) =>
        await queries.FindAsync(number, token) is { } import ? View("Show", await PageAsync(import, after, before, -1, token)) : NotFound();

    /// <summary>While the work goes on, its progress; when it has ended, the whole page's content anew, because everything on it has changed.</summary>
    [HttpGet("/imports/{number:long}/progress")]
    public async Task<IActionResult> ProgressAsync(long number, int told, CancellationToken token)
    {
        if (await queries.FindAsync(number, token) is not { } import)
            return NotFound();
        var page = await PageAsync(import, null, null, told, token);
        if (page.IsMoving)
            return this.Poll(page.Progress);
        Response.StatusCode = PollExtensions.StopPolling;
        Response.Htmx(htmx => htmx.Retarget("#import").Reswap("outerHTML"));
        return PartialView("_Import", page);
    }

    [HttpPost("/imports/{number:long}/confirmation")]
    public Task<IActionResult> ConfirmAsync(long number, CancellationToken token) =>
        ActAsync(number, import => import.Stage == "take", import => store.ConfirmAsync(import.Id, token), token);

    [HttpPost("/imports/{number:long}/check")]
    public async Task<IActionResult> CheckAgainAsync(long number, [FromForm] string? kind, CancellationToken token) =>
        kind is not null && ImportDesk.Kinds.Contains(kind)
            ? await ActAsync(number, import => import.Status is "pending" or "running", import => store.CheckAgainAsync(import.Id, kind, token), token)
            : BadRequest();

    [HttpPost("/imports/{number:long}/retry")]
    public Task<IActionResult> RetryAsync(long number, CancellationToken token) =>
        ActAsync(number, import => import.Status is "pending" or "running", import => store.RetryAsync(import.Id, token), token);

    [HttpPost("/imports/{number:long}/cancellation")]
    public async Task<IActionResult> CancelAsync(long number, CancellationToken token)
    {
        if (await queries.FindAsync(number, token) is not { } import)
            return NotFound();
        return import.Status == "cancelled" || await desk.CancelAsync(import, token) ? Redirect(Links.Import(number)) : Conflict();
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
        var isMoving = import.Status is "pending" or "running";
        var putAsides = isMoving || import.RecordsPutAside == 0 ? PutAsidePage.None : await PutAsidesAsync(import.Id, after, before, token);
        return new ImportPage(import, putAsides, ImportPage.ProgressOf(import, texts, clock.GetUtcNow().UtcDateTime, told));
    }

    private async Task<PutAsidePage> PutAsidesAsync(Guid id, long? after, long? before, CancellationToken token)
    {
        if (before is { } ordinal)
        {
            var earlier = await queries.PutAsidesBeforeAsync(id, ordinal, Rows + 1, token);
            if (earlier.Count > Rows)
                return new PutAsidePage([.. earlier.Take(Rows).Reverse()], true, true);
            after = null;
        }
        var rows = await queries.PutAsidesAsync(id, after ?? 0, Rows + 1, token);
        return new PutAsidePage([.. rows.Take(Rows)], after is not null, rows.Count > Rows);
    }
}
