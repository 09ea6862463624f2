using BackOffice.Data.Jobs;
using BackOffice.Domain.Access;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Running;

/// <summary>The strip on top of every page: what works right now. An empty answer empties it.</summary>
[Allow(Act.Work)]
public sealed class RunningController(WorkQueries queries) : Controller
{
    [HttpGet("/running")]
    public async Task<PartialViewResult> IndexAsync(CancellationToken token)
    {
        Response.Headers.CacheControl = "no-store";
        return PartialView("_Strip", (await queries.ListAsync(token)).FindAll(work => work.Status == "running"));
    }
}

public static class WorkLinks
{
    /// <summary>The page that shows a piece of work.</summary>
    public static string Of(WorkRow work) => work.Kind switch
    {
        "import" => Links.Import(work.Number),
        "run" => Links.Run(work.Number),
        "report" => Links.Report(work.Number),
        "batch" or "settle" or "publish" or "disable" => Links.Batch(work.Number),
        "voidlist" => Links.CodeList(work.Number),
        "usage_proof" => Usage.UsageWords.Proof(work.Number),
        var other => throw new InvalidOperationException($"{other} is no kind of work."),
    };

    /// <summary>Null while it is not known how much there is.</summary>
    public static int? Percent(WorkRow work) => work.Total > 0 ? (int)Int128.Min(100, (Int128)work.Done * 100 / work.Total) : null;
}
