using BackOffice.Data.Home;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Jobs.Reconciliation;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Home;

public sealed class HomeController(HomeQueries home, ImportQueries imports, JobRunStore nights) : Controller
{
    [HttpGet("/")]
    public async Task<ViewResult> IndexAsync(CancellationToken token)
    {
        var waiting = await home.WaitingAsync(token);
        var lastImports = (await imports.ListAsync(null, null, 5, token)).Rows;
        var lastNights = (await nights.ListAsync(NightlyJob.Name, null, null, 1, token)).Rows;
        return View("Index", new HomePage(waiting, lastImports, lastNights.Count == 0 ? null : lastNights[0]));
    }
}

public sealed record HomePage(WaitingWork Waiting, IReadOnlyList<ImportRow> LastImports, ListedJobRun? LastNight)
{
    public bool IsEmptyShop => LastImports.Count == 0 && LastNight is null;

    public bool LastNightFailed => LastNight is { Status: "failed" } or { RunStatus: "broken" };

    public bool IsAllClear => !LastNightFailed && Waiting is { OpenP1: 0, OpenP2: 0, CheckedImports: 0 };
}
