using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Nights;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.JobRuns;

/// <summary>Whether last night's work ended well, and what works or waits now.</summary>
[Allow(Act.RunOffice)]
public sealed class JobRunsController(JobRunQueries runs, WorkQueries work, NightDesk desk, BusinessTime shop, TimeProvider clock, Texts texts) : Controller
{
    private const int Rows = 50;

    [HttpGet("/job-runs")]
    public async Task<ViewResult> IndexAsync([FromQuery] JobRunAddress address, string? before, string? after, CancellationToken token)
    {
        var wanted = address.Known();
        var refused = new List<Refusal>();
        var filter = wanted.Filter(refused);
        foreach (var refusal in refused)
            ModelState.AddRefusal(texts, refusal, texts["JobRuns.Field." + refusal.Field]);
        if (refused.Count > 0)
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var page = refused.Count > 0 ? new KeyedPage<ListedJobRun>([], false, false) : await runs.ListAsync(filter, JobRunAddress.Place(before, after), Rows, token);
        return View("Index", new JobRunsPage(wanted, page, await work.ListAsync(token)));
    }

    [HttpGet("/job-runs/rows.{format}")]
    public IActionResult File([FromQuery] JobRunAddress address, string format)
    {
        var refused = new List<Refusal>();
        var filter = address.Known().Filter(refused);
        if (refused.Count > 0)
            return BadRequest();
        var columns = new RowColumns<ListedJobRun>(texts, shop, clock.UtcNow())
            .Text(texts["JobRuns.Day"], row => row.Argument)
            .Text(texts["JobRuns.Field.job"], row => texts["Job." + row.Job])
            .Number(texts["JobRuns.Run"], row => row.RunNumber)
            .Number(texts["JobRuns.Rows"], row => row.Status == "done" ? row.RowsDone : null)
            .Time(texts["JobRuns.StartedAt"], row => row.StartedAt)
            .Time(texts["JobRuns.EndedAt"], row => row.EndedAt)
            .Text(texts["JobRuns.State"], row => texts["State." + JobRunStates.Of(row)])
            .Text(texts["JobRuns.WhyFailed"], row => row.FailureReason is { } reason ? texts.WithField(reason) : null);
        var rows = KeyedPage.AllAsync<ListedJobRun, JobRunPlace>((place, stop) => runs.ListAsync(filter, place, RowsFile.Portion, stop), row => new JobRunPlace(row.Argument, row.Job, Newer: false));
        return new RowsFile<ListedJobRun>("job-runs", format, columns, rows);
    }

    [HttpGet("/job-runs/{id:guid}")]
    public async Task<IActionResult> ShowAsync(Guid id, CancellationToken token) =>
        await runs.FindAsync(id, token) is var (row, before) ? View("Show", new JobRunPage(row, before, desk.MayRunAgain(row))) : NotFound();

    [HttpPost("/job-runs/{id:guid}/again")]
    public async Task<IActionResult> RunAgainAsync(Guid id, [FromForm] string? reason, CancellationToken token)
    {
        if (await runs.FindAsync(id, token) is null)
            return NotFound();
        var why = reason?.Trim() ?? "";
        try
        {
            if (why.Length is 0 or > Data.Audit.AuditLog.LongestReason)
                throw new RefusedException(new Refusal("ReasonMissing", "reason", Address.Text(Data.Audit.AuditLog.LongestReason)));
            await desk.RunAgainAsync(id, why, HttpContext.Who(), token);
        }
        catch (RefusedException refused)
        {
            ModelState.AddModelError(refused.Refusal.Field, texts.Of(refused.Refusal));
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return await ShowAsync(id, token);
        }
        TempData["Done"] = texts["JobRuns.Again.Done"];
        return Redirect(Links.JobRun(id));
    }
}

/// <param name="Wanted">The filter.</param>
/// <param name="Page">Its rows.</param>
/// <param name="Now">What works or waits.</param>
public sealed record JobRunsPage(JobRunAddress Wanted, KeyedPage<ListedJobRun> Page, IReadOnlyList<WorkRow> Now)
{
    public string? Newer => Page.HasBefore ? Wanted.Url(("after", JobRunAddress.Text(Page.Rows[0]))) : null;

    public string? Older => Page.HasAfter ? Wanted.Url(("before", JobRunAddress.Text(Page.Rows[^1]))) : null;

    public string Filters(Texts texts) => string.Join(", ", Wanted.Chips(texts).Select(chip => chip.Words));
}

/// <param name="Row">The run.</param>
/// <param name="Before">The one before it that ended well.</param>
/// <param name="MayRunAgain">Whether a person may have it done once more.</param>
public sealed record JobRunPage(ListedJobRun Row, JobRunRow? Before, bool MayRunAgain)
{
    public TimeSpan? Took => Row.EndedAt - Row.StartedAt;

    public TimeSpan? TookBefore => Before?.EndedAt - Before?.StartedAt;
}

public static class JobRunStates
{
    /// <summary>The state of a night among <see cref="States"/>.</summary>
    public static string Of(JobRunRow night) => night.Status switch
    {
        "pending" when night.Failure is not null => "retrying",
        "pending" => "queued",
        "running" or "done" or "failed" => night.Status,
        var other => throw new InvalidOperationException($"{other} is no status of a job run."),
    };
}
