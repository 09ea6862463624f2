using BackOffice.Data.Jobs;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.JobRuns;

/// <summary>Whether last night's work ended well, and what works or waits now.</summary>
public sealed class JobRunsController(JobRunStore nights, WorkQueries work) : Controller
{
    private const int Rows = 50;

    [HttpGet("/job-runs")]
    public async Task<ViewResult> IndexAsync(Guid? before, Guid? after, CancellationToken token) =>
        View("Index", new JobRunsPage(await PageAsync(before, after, token), await work.ListAsync(token)));

    private async Task<Page<ListedJobRun>> PageAsync(Guid? before, Guid? after, CancellationToken token)
    {
        if (after is { } id)
        {
            var newer = await nights.ListAfterAsync(id, Rows + 1, token);
            if (newer.Count > Rows)
                return new Page<ListedJobRun>([.. newer.Take(Rows).Reverse()], true, true);
            before = null;
        }
        var rows = await nights.ListAsync(before, Rows + 1, token);
        return new Page<ListedJobRun>([.. rows.Take(Rows)], before is not null, rows.Count > Rows);
    }
}

public sealed record JobRunsPage(Page<ListedJobRun> Nights, IReadOnlyList<WorkRow> Now);

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
