using BackOffice.Data.Rates;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Web.Security;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Settlement;

/// <summary>Which customers' keys cost most of what an upstream's month comes to? A page of its own: it reads every key's days.</summary>
[Allow(Act.SeeMoney)]
public sealed class SettlementKeysController(SettlementStore store, KeyQueries keys, RateQueries rates) : Controller
{
    private const int Rows = 100;

    [HttpGet("/settlements/{upstream}/{month}/keys")]
    public async Task<IActionResult> IndexAsync(string upstream, string month, CancellationToken token)
    {
        if (SettlementPeriod.Parse(month) is not { } day || !(await rates.UpstreamsAsync(token)).Contains(upstream))
            return NotFound();
        var settlement = await store.SeeAsync(upstream, day, token);
        return View("SettlementKeys", new SettlementKeysPage(settlement, await keys.CostsAsync(upstream, day, settlement.Currency, Rows, token)));
    }
}

/// <summary>A month by customers' keys.</summary>
/// <param name="Settlement">The month.</param>
/// <param name="Costs">What keys cost of it.</param>
public sealed record SettlementKeysPage(SettlementDocument Settlement, KeyCosts Costs);
