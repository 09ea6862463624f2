using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.JobRuns;

/// <summary>Whether last night's work ended well, and what works or waits now.</summary>
public sealed class JobRunsController(JobRunStore nights, WorkQueries work) : Controller
{
    private const int Rows = 50;

    [HttpGet("/job-runs")]
    public async Task<ViewResult> IndexAsync(string? before, string? after, CancellationToken token) =>
        View("Index", new JobRunsPage(await nights.ListAsync(NightlyJob.Name, before, after, Rows, token), await work.ListAsync(token)));
}

public sealed record JobRunsPage(KeyedPage<ListedJobRun> Nights, IReadOnlyList<WorkRow> Now);

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
