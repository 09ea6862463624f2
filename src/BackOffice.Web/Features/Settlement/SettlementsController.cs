using BackOffice.Data.Approvals;
using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Jobs.Settlement;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Settlement;

/// <summary>What do we owe each upstream, month by month, and what stops the approval?</summary>
[Allow(Act.SeeMoney)]
public sealed class SettlementsController(
    SettlementQueries settlements, SettlementStore store, SettlementDesk desk, EarningsQueries earnings, RateQueries rates, ApprovalQueries approvals, BusinessTime shop, Texts texts,
    TimeProvider clock) : Controller
{
    [HttpGet("/settlements")]
    public Task<ViewResult> IndexAsync(CancellationToken token) => ListAsync(null, null, token);

    [HttpGet("/settlements/rows.{format}")]
    public async Task<RowsFile<SettlementRow>> FileAsync(string format, CancellationToken token)
    {
        var columns = new RowColumns<SettlementRow>(texts, shop, clock.UtcNow())
            .Text(texts["Settlements.Upstream"], row => row.Upstream)
            .Text(texts["Settlements.Month"], row => row.Period)
            .Text(texts["Settlements.State"], row => texts["State." + row.Status])
            .Money(texts["Settlement.Payable"], row => row.PayableMinor, row => row.Currency)
            .Currency(row => row.Currency)
            .Text(texts["Settlement.Total"], row => Figures.NanoPlain(row.TotalNano))
            .Text(texts["Settlement.HitRate"], row => row.HitRate)
            .Number(texts["Settlement.Records"], row => row.Records)
            .Number(texts["Settlement.Blockers"], row => row.Blockers)
            .Time(texts["Settlement.ComputedAt"], row => row.ComputedAt);
        return new RowsFile<SettlementRow>("settlements", format, columns, (await settlements.ListAsync(token)).ToAsyncEnumerable());
    }

    /// <summary>Opens a month: it is computed and stands in the list from then on.</summary>
    [HttpPost("/settlements"), Allow(Act.WorkOnMoney)]
    public async Task<IActionResult> OpenAsync([FromForm] string? upstream, [FromForm] string? month, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        SettlementDocument? settlement = null;
        if (SettlementPeriod.Parse(month?.Trim() ?? "") is not { } day)
            refusals.Add(new Refusal("MonthUnreadable", "month", month?.Trim() ?? ""));
        else if (day > shop.DayOf(clock.UtcNow()).AddDays(1))
            refusals.Add(new Refusal("MonthAhead", "month", SettlementPeriod.NameOf(day)));
        else if (await Acting.DoAsync(async () => settlement = await store.DraftAsync(ModelNames.Canonical(upstream ?? ""), day, HttpContext.Who(), token), refusals))
            return Redirect(SettlementWords.Url(settlement!.Upstream, settlement.Period));
        ModelState.AddActRefusal(texts, refusals[0], "Settlements.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await ListAsync(upstream, month, token);
    }

    [HttpGet("/settlements/{upstream}/{month}")]
    public async Task<IActionResult> ShowAsync(string upstream, string month, CancellationToken token) => await PageAsync(upstream, month, token) is { } page ? View("Settlement", page) : NotFound();

    [HttpGet("/settlements/{upstream}/{month}/rows.{format}")]
    public async Task<IActionResult> LinesAsync(string upstream, string month, string format, CancellationToken token)
    {
        if (SettlementPeriod.Parse(month) is not { } day || !(await rates.UpstreamsAsync(token)).Contains(upstream))
            return NotFound();
        var settlement = await store.SeeAsync(upstream, day, token);
        var columns = new RowColumns<SettlementLine>(texts, shop, clock.UtcNow())
            .Text(texts["Settlement.Model"], line => line.Model)
            .Text(texts["Settlement.Part"], line => texts["Part." + TokenParts.NameOf(line.Part)])
            .Text(texts["Settlement.Band"], line => texts["Band." + PriceBands.NameOf(line.Band)])
            .Time(texts["Settlement.PriceFrom"], line => line.ValidFrom)
            .Number(texts["Settlement.Tokens"], line => line.Tokens)
            .Text(texts["Settlement.Price"], line => RateRules.PriceText(line.PriceMicro))
            .Text(texts["Settlement.Amount"], line => Figures.NanoPlain(line.AmountNano))
            .Currency(line => line.Currency)
            .Text(texts["Settlement.Adjusts"], line => line.Adjusts)
            .Number(texts["Settlement.PriceRow"], line => line.PriceId);
        return new RowsFile<SettlementLine>($"settlement-lines-{settlement.Upstream}-{settlement.Period}", format, columns, settlement.Lines.ToAsyncEnumerable());
    }

    /// <summary>Asks a second person to approve the figures of the page.</summary>
    [HttpPost("/settlements/{upstream}/{month}/approval"), Allow(Act.Sign), Reauthenticate]
    public async Task<IActionResult> RequestAsync(string upstream, string month, [FromForm] string? seen, [FromForm] string? reason, CancellationToken token)
    {
        if (await PageAsync(upstream, month, token) is not { } page)
            return NotFound();
        var refusals = new List<Refusal>();
        var request = 0L;
        if (Acting.Reason(reason, refusals) is { } why
            && await Acting.DoAsync(async () => request = await desk.RequestAsync(page.Settlement.Upstream, SettlementPeriod.Parse(month)!.Value, seen ?? "", why, HttpContext.Who(), token), refusals))
        {
            TempData["Done"] = texts["Settlement.AskedNow", request];
            return Redirect(page.Url);
        }
        ModelState.AddActRefusal(texts, refusals[0], "Settlements.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("Settlement", page with { Reason = reason });
    }

    /// <summary>Closes what was approved: it is paid and nothing of it is open.</summary>
    [HttpPost("/settlements/{upstream}/{month}/closing"), Allow(Act.Sign), Reauthenticate]
    public async Task<IActionResult> CloseAsync(string upstream, string month, [FromForm] string? reason, CancellationToken token)
    {
        if (await PageAsync(upstream, month, token) is not { } page)
            return NotFound();
        var refusals = new List<Refusal>();
        if (Acting.Reason(reason, refusals) is { } why
            && await Acting.DoAsync(() => store.CloseAsync(page.Settlement.Upstream, page.Settlement.Period, HttpContext.Who(), why, token), refusals))
        {
            TempData["Done"] = texts["Settlement.ClosedNow", SettlementWords.Title(texts, page.Settlement.Upstream, page.Settlement.Period)];
            return Redirect(page.Url);
        }
        ModelState.AddActRefusal(texts, refusals[0], "Settlements.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("Settlement", page with { Reason = reason });
    }

    private async Task<ViewResult> ListAsync(string? upstream, string? month, CancellationToken token)
    {
        var last = shop.DayOf(clock.UtcNow()).AddMonths(-1);
        return View("Settlements", new SettlementsPage(await settlements.ListAsync(token), await rates.UpstreamsAsync(token), upstream, month ?? SettlementPeriod.NameOf(last)));
    }

    private async Task<SettlementPage?> PageAsync(string upstream, string month, CancellationToken token)
    {
        if (SettlementPeriod.Parse(month) is not { } day || !(await rates.UpstreamsAsync(token)).Contains(upstream))
            return null;
        var view = await store.ViewAsync(upstream, day, token);
        var document = view.Document;
        var waiting = (await approvals.OfSubjectAsync(SettlementStore.ApprovalKind, SettlementDesk.SubjectOf(upstream, document.Period), token)).LastOrDefault(one => one.IsPending);
        var earned = await earnings.OfAsync(view, token);
        return new SettlementPage(view, await settlements.FindAsync(upstream, document.Period, token), waiting, SettlementStore.WhyBlocked(document, clock.UtcNow()), earned);
    }
}
