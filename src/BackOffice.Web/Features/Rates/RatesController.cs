using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Rates;

/// <summary>Which price holds at this instant?</summary>
[Allow(Act.SeeMoney)]
public sealed class RatesController(RateQueries rates, RateStore store, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    [HttpGet("/rates")]
    public async Task<ViewResult> IndexAsync(CancellationToken token)
    {
        var waiting = (await store.StartingSetAsync(token)).Count(change => change.Adds);
        return View("Index", new RatesPage(await rates.SummariesAsync(token), await rates.BookAsync(token), waiting, Now));
    }

    [HttpGet("/rates/upstreams/{upstream}")]
    public async Task<IActionResult> ShowAsync(string upstream, CancellationToken token)
    {
        if ((await rates.SummariesAsync(token)).Find(one => one.Name == upstream) is not { } summary)
            return NotFound();
        return View("Upstream", new UpstreamPage(
            summary.Name, summary.Zone, await rates.RowsAsync(RateTables.Prices, upstream, token), await rates.RowsAsync(RateTables.Mappings, upstream, token),
            await rates.RowsAsync(RateTables.Currencies, upstream, token), await rates.RowsAsync(RateTables.Calendars, upstream, token), await rates.HolidaysAsync(upstream, token), Now));
    }

    /// <summary>The prices of an upstream, ended ones too.</summary>
    [HttpGet("/rates/upstreams/{upstream}/rows.{format}")]
    public async Task<IActionResult> FileAsync(string upstream, string format, CancellationToken token)
    {
        if (!(await rates.UpstreamsAsync(token)).Contains(upstream))
            return NotFound();
        var now = Now;
        var columns = new RowColumns<KeptRow>(texts, shop, now)
            .Number(texts["Rates.Row"], kept => kept.Row.Id)
            .Text(texts["Settlement.Model"], kept => ((PriceRow)kept.Row).Model)
            .Text(texts["Settlement.Part"], kept => texts["Part." + TokenParts.NameOf(((PriceRow)kept.Row).Part)])
            .Text(texts["Settlement.Band"], kept => texts["Band." + PriceBands.NameOf(((PriceRow)kept.Row).Band)])
            .Currency(kept => ((PriceRow)kept.Row).Currency)
            .Text(texts["Settlement.Price"], kept => RateRules.PriceText(((PriceRow)kept.Row).PriceMicro))
            .Time(texts["Rates.From"], kept => kept.Row.ValidFrom)
            .Time(texts["Rates.Until"], kept => kept.Row.ValidUntil)
            .Text(texts["Settlements.State"], kept => texts["State." + RateWords.StateOf(kept.Row, now)])
            .Text(texts["Rates.Origin"], kept => kept.Origin)
            .Text(texts["Rates.By"], kept => kept.RecordedBy);
        return new RowsFile<KeptRow>($"prices-{upstream}", format, columns, RateWords.InOrder(await rates.RowsAsync(RateTables.Prices, upstream, token), now).ToAsyncEnumerable());
    }

    [HttpGet("/rates/price")]
    public async Task<ViewResult> PriceAtAsync(PriceQuestion question, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        var at = Typed.Instant(question.At, "at", shop, refusals);
        foreach (var refusal in refusals)
        {
            ModelState.AddActRefusal(texts, refusal, "Rates.Field.");
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }
        var answer = question.IsAsked && refusals.Count == 0 ? new PriceAnswer(await rates.BookAsync(token), question, at ?? Now) : null;
        return View("PriceAt", new PriceAtPage(question, answer, await rates.UpstreamsAsync(token), await rates.ConsolesAsync(token)));
    }

    private DateTime Now => clock.UtcNow();
}
