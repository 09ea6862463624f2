using BackOffice.Data.Home;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Home;

public sealed class HomeController(HomeQueries home, ImportQueries imports, JobRunStore nights) : Controller
{
    [HttpGet("/")]
    public async Task<ViewResult> IndexAsync(CancellationToken token)
    {
        var waiting = await home.WaitingAsync(token);
        var lastImports = await imports.ListAsync(long.MaxValue, 5, token);
        var lastNight = (await nights.ListAsync(null, 1, token)).FirstOrDefault();
        return View("Index", new HomePage(waiting, lastImports, lastNight));
    }
}

public sealed record HomePage(WaitingWork Waiting, IReadOnlyList<ImportRow> LastImports, ListedJobRun? LastNight)
{
    public bool IsEmptyShop => LastImports.Count == 0 && LastNight is null;

    public bool LastNightFailed => LastNight is { Status: "failed" } or { RunStatus: "broken" };

    public bool IsAllClear => !LastNightFailed && Waiting is { OpenP1: 0, OpenP2: 0, CheckedImports: 0 };
}
