using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Reconciliation;

public sealed class FindingsController(FindingQueries findings, BusinessTime shop, TimeProvider clock) : Controller
{
    private const int Rows = 50;

    [HttpGet("/findings")]
    public async Task<ViewResult> IndexAsync(FindingsAddress address, CancellationToken token)
    {
        var today = shop.DayOf(clock.GetUtcNow().UtcDateTime);
        var wanted = address.Known();
        return View("Findings", new FindingsPage(wanted, await findings.ListAsync(wanted.Filter(shop, today), address.Place(), Rows, token), shop, today));
    }
}
