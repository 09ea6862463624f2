using BackOffice.Data.Engine;
using BackOffice.Data.Home;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Reconciliation;

public sealed class FindingsController(FindingQueries findings, HomeQueries home, FindingFactsReader facts, Settings settings, TimeProvider clock) : Controller
{
    private const int Rows = 50;

    [HttpGet("/findings")]
    public async Task<ViewResult> IndexAsync(FindingsAddress address, CancellationToken token)
    {
        var wanted = address.Known();
        var page = await findings.ListAsync(wanted.Filter(settings.Business, Today), address.Place(), Rows, token);
        return View("Findings", new FindingsPage(wanted, page, await home.WaitingAsync(token), settings.Business, Today));
    }

    [HttpGet("/findings/{id:guid}")]
    public async Task<IActionResult> ShowAsync(Guid id, CancellationToken token)
    {
        if (await findings.FindAsync(id, token) is not { } finding)
            return NotFound();
        var known = await facts.ReadAsync(finding, RunOf(clock.UtcNow()), token);
        return View("Finding", new FindingPage(finding, known, await findings.EventsAsync(id, token), settings.Business, Today));
    }

    private DateOnly Today => settings.Business.DayOf(clock.UtcNow());

    // What a run that would begin now goes by; its window does not matter, because the finding names what is judged.
    private RunParameters RunOf(DateTime now) => new()
    {
        From = now,
        Until = now,
        AsOf = now,
        KnownAsOf = now,
        Grace = TimeSpan.FromMinutes(settings.GraceMinutes),
        ToleranceMinor = settings.ToleranceMinor,
        Mode = settings.CreemMode,
    };
}
