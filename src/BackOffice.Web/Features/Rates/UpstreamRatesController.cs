using BackOffice.Data.Rates;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Rates;

/// <summary>Upstreams are made known; rows of theirs are added and ended, never changed.</summary>
[Allow(Act.WorkOnMoney)]
public sealed class UpstreamRatesController(RateQueries rates, RateStore store, BusinessTime shop, Texts texts) : Controller
{
    [HttpGet("/rates/upstreams/new")]
    public ViewResult NewUpstream() => View("NewUpstream", new RateForm { Zone = shop.Zone.Id });

    [HttpPost("/rates/upstreams")]
    public async Task<IActionResult> AddUpstreamAsync([FromForm] RateForm form, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        var (name, currency, zone, reason) = (form.ReadUpstream(refusals), Typed.Currency(form.Currency, "currency", refusals), form.ReadZone(refusals), form.ReadReason(refusals));
        if (refusals.Count == 0 && await Acting.DoAsync(() => store.AddUpstreamAsync(name, currency!, zone!.Id, reason!, HttpContext.Who(), token), refusals))
            return Done(Links.Upstream(name), texts["Rates.UpstreamAddedNow", name]);
        AddErrors(refusals);
        return View("NewUpstream", form);
    }

    [HttpGet("/rates/upstreams/{upstream}/prices/new")]
    public Task<IActionResult> NewPriceAsync(string upstream, [FromQuery] RateForm form, CancellationToken token) => FormAsync(upstream, "prices", form, token);

    [HttpPost("/rates/upstreams/{upstream}/prices")]
    public Task<IActionResult> AddPriceAsync(string upstream, [FromForm] RateForm form, CancellationToken token) =>
        AddAsync(upstream, "prices", RateTables.Prices, form, refusals => form.ReadPrice(upstream, shop, refusals), token);

    [HttpGet("/rates/upstreams/{upstream}/mappings/new")]
    public Task<IActionResult> NewMappingAsync(string upstream, [FromQuery] RateForm form, CancellationToken token) => FormAsync(upstream, "mappings", form, token);

    [HttpPost("/rates/upstreams/{upstream}/mappings")]
    public Task<IActionResult> AddMappingAsync(string upstream, [FromForm] RateForm form, CancellationToken token) =>
        AddAsync(upstream, "mappings", RateTables.Mappings, form, refusals => form.ReadMapping(upstream, shop, refusals), token);

    [HttpGet("/rates/upstreams/{upstream}/currencies/new")]
    public Task<IActionResult> NewCurrencyAsync(string upstream, [FromQuery] RateForm form, CancellationToken token) => FormAsync(upstream, "currencies", form, token);

    [HttpPost("/rates/upstreams/{upstream}/currencies")]
    public Task<IActionResult> AddCurrencyAsync(string upstream, [FromForm] RateForm form, CancellationToken token) =>
        AddAsync(upstream, "currencies", RateTables.Currencies, form, refusals => form.ReadCurrency(upstream, shop, refusals), token);

    [HttpGet("/rates/upstreams/{upstream}/calendars/new")]
    public Task<IActionResult> NewCalendarAsync(string upstream, [FromQuery] RateForm form, CancellationToken token) => FormAsync(upstream, "calendars", form, token);

    [HttpPost("/rates/upstreams/{upstream}/calendars")]
    public Task<IActionResult> AddCalendarAsync(string upstream, [FromForm] RateForm form, CancellationToken token) =>
        AddAsync(upstream, "calendars", RateTables.Calendars, form, refusals => form.ReadCalendar(upstream, shop, refusals), token);

    [HttpGet("/rates/upstreams/{upstream}/holidays/new")]
    public Task<IActionResult> NewHolidaysAsync(string upstream, [FromQuery] RateForm form, CancellationToken token) => FormAsync(upstream, "holidays", form, token);

    [HttpPost("/rates/upstreams/{upstream}/holidays")]
    public Task<IActionResult> AddHolidaysAsync(string upstream, [FromForm] RateForm form, CancellationToken token) =>
        ChangeDaysAsync(upstream, "holidays", "Rates.HolidaysAddedNow", store.AddHolidaysAsync, form, token);

    [HttpGet("/rates/upstreams/{upstream}/ordinary-days/new")]
    public Task<IActionResult> NewOrdinaryDaysAsync(string upstream, [FromQuery] RateForm form, CancellationToken token) => FormAsync(upstream, "ordinary-days", form, token);

    [HttpPost("/rates/upstreams/{upstream}/ordinary-days")]
    public Task<IActionResult> RemoveHolidaysAsync(string upstream, [FromForm] RateForm form, CancellationToken token) =>
        ChangeDaysAsync(upstream, "ordinary-days", "Rates.HolidaysRemovedNow", store.RemoveHolidaysAsync, form, token);

    [HttpGet("/rates/upstreams/{upstream}/ends/{kind}/{key}")]
    public Task<IActionResult> EndAsync(string upstream, string kind, string key, CancellationToken token) => EndPageAsync(upstream, kind, key, new RateForm(), [], token);

    [HttpPost("/rates/upstreams/{upstream}/ends/{kind}/{key}")]
    public Task<IActionResult> EndNowAsync(string upstream, string kind, string key, [FromForm] RateForm form, CancellationToken token) => EndRowAsync(upstream, kind, key, form, token);

    [HttpGet("/rates/ends/{kind}/{key}")]
    public Task<IActionResult> EndRuleAsync(string kind, string key, CancellationToken token) => EndPageAsync(null, kind, key, new RateForm(), [], token);

    [HttpPost("/rates/ends/{kind}/{key}")]
    public Task<IActionResult> EndRuleNowAsync(string kind, string key, [FromForm] RateForm form, CancellationToken token) => EndRowAsync(null, kind, key, form, token);

    [HttpGet("/rates/starting-set")]
    public async Task<ViewResult> StartingSetAsync(CancellationToken token) => View("StartingSet", await store.StartingSetAsync(token));

    [HttpPost("/rates/starting-set")]
    public async Task<IActionResult> TakeStartingSetAsync(CancellationToken token)
    {
        var changes = await store.TakeStartingSetAsync(HttpContext.Who(), token);
        return Done(RatesPage.StartingSet, texts["StartingSet.TakenNow", changes.Count(change => change.Adds), changes.Count(change => change.Refusal is not null)]);
    }

    private async Task<IActionResult> AddAsync(string upstream, string kind, RateTable table, RateForm form, Func<List<Refusal>, DatedRow?> read, CancellationToken token)
    {
        if (!await IsThereAsync(upstream, token))
            return NotFound();
        var refusals = new List<Refusal>();
        var (row, reason) = (read(refusals), form.ReadReason(refusals));
        if (refusals.Count > 0 || !await Acting.DoAsync(() => store.AddAsync(table, row!, form.MakesRoom, reason!, HttpContext.Who(), token), refusals))
            return await RefusedAsync(upstream, kind, form, refusals, token);
        var done = texts["Rates.AddedNow", RateWords.Row(texts, row!)];
        if (row is MappingRow mapping && await LeadsNowhereAsync(mapping, token))
            done = RateWords.Sentences(texts, done, texts["Rates.LeadsNowhereNow", mapping.Model]);
        return Done(new NewRowPage(upstream, kind, form).Back, done);
    }

    private async Task<IActionResult> ChangeDaysAsync(
        string upstream, string kind, string done, Func<string, IReadOnlyCollection<DateOnly>, string, string, CancellationToken, Task<int>> change, RateForm form, CancellationToken token)
    {
        if (!await IsThereAsync(upstream, token))
            return NotFound();
        var refusals = new List<Refusal>();
        var (days, reason, changed) = (form.ReadDays(refusals), form.ReadReason(refusals), 0);
        if (refusals.Count == 0 && await Acting.DoAsync(async () => changed = await change(upstream, days, reason!, HttpContext.Who(), token), refusals))
            return Done(Links.Upstream(upstream), texts[done, changed, days.Count - changed]);
        return await RefusedAsync(upstream, kind, form, refusals, token);
    }

    // Allowed: the price may come later. Until then its tokens stand unpriced, and the month waits.
    private async Task<bool> LeadsNowhereAsync(MappingRow mapping, CancellationToken token) =>
        mapping.Model != ModelNames.NotTokens && !(await rates.RowsAsync(RateTables.Prices, mapping.Upstream, token)).Exists(kept => !kept.Row.IsWithdrawn && ((PriceRow)kept.Row).Model == mapping.Model);

    private async Task<IActionResult> EndRowAsync(string? upstream, string kind, string key, RateForm form, CancellationToken token)
    {
        if (await FindAsync(upstream, kind, key, token) is not ({ } table, { } kept))
            return NotFound();
        var refusals = new List<Refusal>();
        var withdraws = form.Withdraw == "yes" && new EndRowPage(table, kept, form).MayWithdraw;
        DateTime? until = withdraws ? null : form.ReadEnd(table == RateTables.Credits, shop, refusals);
        var reason = form.ReadReason(refusals);
        Task EndAsync() => withdraws
            ? store.WithdrawAsync(table, upstream, key, reason!, HttpContext.Who(), token)
            : store.EndAsync(table, upstream, key, until!.Value, reason!, HttpContext.Who(), token);
        if (refusals.Count == 0 && await Acting.DoAsync(EndAsync, refusals))
            return Done(RateWords.ListUrl(table, kept.Row), texts[withdraws ? "Rates.WithdrawnNow" : "Rates.EndedNow", RateWords.Row(texts, kept.Row)]);
        return await EndPageAsync(upstream, kind, key, form, refusals, token);
    }

    private async Task<IActionResult> EndPageAsync(string? upstream, string kind, string key, RateForm form, List<Refusal> refusals, CancellationToken token)
    {
        if (await FindAsync(upstream, kind, key, token) is not ({ } table, { } kept))
            return NotFound();
        AddErrors(refusals);
        return View("EndRow", new EndRowPage(table, kept, form));
    }

    private async Task<(RateTable? Table, KeptRow? Kept)> FindAsync(string? upstream, string kind, string key, CancellationToken token)
    {
        var table = (upstream is null ? RateTables.OfNobody : RateTables.OfUpstreams).FirstOrDefault(one => one.Kind == kind);
        return (table, table is null ? null : (await rates.RowsAsync(table, upstream, token)).Find(kept => kept.Key == key));
    }

    private async Task<IActionResult> FormAsync(string upstream, string kind, RateForm form, CancellationToken token)
    {
        if (!await IsThereAsync(upstream, token))
            return NotFound();
        var currency = ((await rates.RowsAsync(RateTables.Currencies, upstream, token)).LastOrDefault(kept => kept.Row.ValidUntil is null)?.Row as CurrencyRow)?.Currency;
        return View("NewRow", new NewRowPage(upstream, kind, kind == "currencies" ? form : form with { Currency = form.Currency ?? currency, Zone = form.Zone ?? shop.Zone.Id }));
    }

    private Task<IActionResult> RefusedAsync(string upstream, string kind, RateForm form, List<Refusal> refusals, CancellationToken token)
    {
        AddErrors(refusals);
        return FormAsync(upstream, kind, form, token);
    }

    private async Task<bool> IsThereAsync(string upstream, CancellationToken token) => (await rates.UpstreamsAsync(token)).Contains(upstream);

    private RedirectResult Done(string address, string sentence)
    {
        TempData["Done"] = sentence;
        return Redirect(address);
    }

    private void AddErrors(List<Refusal> refusals)
    {
        foreach (var refusal in refusals)
            ModelState.AddActRefusal(texts, refusal, "Rates.Field.");
        if (refusals.Count > 0)
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
    }
}
