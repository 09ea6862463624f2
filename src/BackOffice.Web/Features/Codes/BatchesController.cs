using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Codes;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Htmx;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>Which batches exist, in which state; how far is one, and where are its codes?</summary>
[Allow(Act.SeeCatalogue)]
public sealed class BatchesController(
    BatchQueries batches, BatchStore store, CodeQueries codes, CodeTaskStore tasks, ApprovalQueries approvals, PackageQueries packages, IBackgroundJobClient jobs, BusinessTime shop,
    Texts texts, TimeProvider clock) : Controller
{
    private const int Rows = 50;
    private const int Sampled = 3;

    [HttpGet("/codes/batches")]
    public async Task<ViewResult> IndexAsync(BatchListQuery query, string? before, string? after, CancellationToken token) =>
        View("Batches", new BatchListPage(query, await batches.ListAsync(query.Filter, BatchListQuery.Place(before, after), Rows, token), await packages.ListAsync(token)));

    [HttpGet("/codes/batches/rows.{format}")]
    public async Task<RowsFile<BatchRow>> FileAsync(BatchListQuery query, string format, CancellationToken token)
    {
        var sold = await packages.ListAsync(token);
        var columns = new RowColumns<BatchRow>(texts, shop, clock.UtcNow())
            .Number(texts["Batches.Batch"], batch => batch.Number)
            .Text(texts["Orders.Field.package"], batch => sold.NameOf(batch.Package, texts))
            .Number(texts["Orders.UnitsColumn"], batch => batch.Units)
            .Number(texts["Batches.Codes"], batch => batch.Wanted)
            .Number(texts["Batches.TokensEach"], batch => batch.Tokens)
            .Text(texts["Batches.State"], batch => texts["State." + CodeWords.StateOf(batch)])
            .Number(texts["State.available"], batch => batch.Available)
            .Number(texts["State.allocated"], batch => batch.Allocated)
            .Number(texts["State.delivered"], batch => batch.Delivered)
            .Number(texts["State.redeemed"], batch => batch.Redeemed)
            .Number(texts["State.void"], batch => batch.Voided)
            .Time(texts["Batch.PublishedAt"], batch => batch.PublishedAt)
            .Time(texts["Batches.RequestedAt"], batch => batch.RequestedAt)
            .Text(texts["Batches.By"], batch => batch.RequestedBy)
            .Text(texts["NewBatch.note"], batch => batch.Note);
        var rows = KeyedPage.AllAsync<BatchRow, BatchPlace>((place, stop) => batches.ListAsync(query.Filter, place, RowsFile.Portion, stop), row => new BatchPlace(row.Number, IsBefore: false), token);
        return new RowsFile<BatchRow>("code-batches", format, columns, rows);
    }

    [HttpGet("/codes/batches/{number:long}")]
    public async Task<IActionResult> ShowAsync(long number, CancellationToken token) =>
        await batches.FindAsync(number, token) is { } batch ? View("Batch", await PageAsync(batch, -1, token)) : NotFound();

    /// <summary>While the codes are made, how far it is; afterwards the whole page's content anew.</summary>
    [HttpGet("/codes/batches/{number:long}/progress")]
    public async Task<IActionResult> ProgressAsync(long number, string? told, CancellationToken token)
    {
        if (await batches.FindAsync(number, token) is not { } batch)
            return NotFound();
        var quarter = (int)Math.Min(Address.Number(told) ?? 0, 4);
        if (batch.Status is "approved" or "generating")
            return this.Poll(BatchPage.ProgressOf(batch, texts, clock.UtcNow(), quarter));
        Response.StatusCode = PollExtensions.StopPolling;
        Response.Htmx(htmx => htmx.Retarget("#batch").Reswap("outerHTML"));
        return PartialView("_Batch", await PageAsync(batch, quarter, token));
    }

    [HttpPost("/codes/batches/{number:long}/resumption"), Allow(Act.RunCatalogue)]
    public async Task<IActionResult> ResumeAsync(long number, CancellationToken token)
    {
        if (await batches.FindAsync(number, token) is not { } batch)
            return NotFound();
        var refusals = new List<Refusal>();
        if (await Acting.DoAsync(() => store.ResumeAsync(number, HttpContext.Who(), token), refusals))
            jobs.Enqueue<BatchJob>(job => job.RunAsync(batch.Id, CancellationToken.None));
        else
            TempData["Refused"] = texts.Of(refusals[0]);
        return Redirect(Links.Batch(number));
    }

    /// <summary>What had failed to be done to its codes, alone or as part of a list, is tried again.</summary>
    [HttpPost("/codes/batches/{number:long}/tasks/{task:long}/resumption"), Allow(Act.RunCatalogue)]
    public async Task<IActionResult> ResumeTaskAsync(long number, long task, CancellationToken token)
    {
        if (!(await tasks.OpenOfBatchAsync(number, token)).Exists(one => one.Number == task))
            return NotFound();
        var refusals = new List<Refusal>();
        CodeTaskRow? resumed = null;
        if (await Acting.DoAsync(async () => resumed = await tasks.ResumeAsync(task, HttpContext.Who(), token), refusals))
            jobs.Enqueue<CodeTaskJob>(job => job.RunAsync(resumed!.Id, CancellationToken.None));
        else
            TempData["Refused"] = texts.Of(refusals[0]);
        return Redirect(Links.Batch(number));
    }

    private async Task<BatchPage> PageAsync(BatchRow batch, int told, CancellationToken token)
    {
        var subject = Address.Text(batch.Number);
        var asked = (await approvals.OfSubjectAsync(BatchStore.ApprovalKind, subject, token)).Concat(await approvals.OfSubjectAsync(BatchVoiding.Word, subject, token));
        return new BatchPage(batch, (await packages.ListAsync(token)).NameOf(batch.Package, texts), BatchPage.ProgressOf(batch, texts, clock.UtcNow(), told))
        {
            Approvals = [.. asked.OrderBy(approval => approval.Number)],
            Events = await batches.EventsAsync(batch.Number, token),
            Days = [.. (await codes.DaysAsync(batch.Number, token)).TakeLast(BatchPage.MostDays).Reverse()],
            Sample = batch.Made == 0 ? [] : await codes.SampleAsync(batch.Number, Sampled, token),
            Tasks = await tasks.OpenOfBatchAsync(batch.Number, token),
        };
    }
}
