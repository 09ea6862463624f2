using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Rates;

/// <summary>What tokens cost customers, what currencies are worth, what Creem takes, whose channels are: lists with the form of a new row.</summary>
[Allow(Act.SeeMoney)]
public sealed class RulesController(RateQueries rates, RateStore store, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    [HttpGet("/rates/credits")]
    public Task<ViewResult> CreditsAsync([FromQuery] RateForm form, CancellationToken token) => ListAsync(RateTables.Credits, "Credits", form, token);

    [HttpPost("/rates/credits"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> AddCreditAsync([FromForm] RateForm form, CancellationToken token) =>
        AddAsync(RateTables.Credits, "Credits", RuleLists.Credits, form, refusals => form.ReadCredit(shop, refusals), token);

    [HttpGet("/rates/exchange")]
    public Task<ViewResult> ExchangeAsync([FromQuery] RateForm form, CancellationToken token) => ListAsync(RateTables.Exchange, "Exchange", form, token);

    [HttpPost("/rates/exchange"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> AddExchangeAsync([FromForm] RateForm form, CancellationToken token) =>
        AddAsync(RateTables.Exchange, "Exchange", RuleLists.Exchange, form, refusals => form.ReadExchange(shop, refusals), token);

    [HttpGet("/rates/fees")]
    public Task<ViewResult> FeesAsync([FromQuery] RateForm form, CancellationToken token) => ListAsync(RateTables.Fees, "Fees", form, token);

    [HttpPost("/rates/fees"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> AddFeeAsync([FromForm] RateForm form, CancellationToken token) =>
        AddAsync(RateTables.Fees, "Fees", RuleLists.Fees, form, refusals => form.ReadFee(shop, refusals), token);

    [HttpGet("/rates/channels")]
    public async Task<ViewResult> ChannelsAsync([FromQuery] RateForm form, CancellationToken token) =>
        View("Channels", new ChannelsPage(await rates.ChannelsAsync(token), await rates.ConsolesAsync(token), await rates.UpstreamsAsync(token), form));

    /// <summary>Says whose a channel is.</summary>
    [HttpPost("/rates/channels"), Allow(Act.WorkOnMoney)]
    public async Task<IActionResult> SetChannelAsync([FromForm] RateForm form, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        var (channel, upstream, reason) = (form.ReadChannel(refusals), ModelNames.CanonicalOrNull(form.Upstream), form.ReadReason(refusals));
        var from = form.ReadFrom(shop, refusals);
        if (refusals.Count == 0 && await Acting.DoAsync(() => store.SetChannelAsync(form.Console ?? "", channel, upstream, from, reason!, HttpContext.Who(), token), refusals))
            return Done(RuleLists.Channels, texts["Rates.ChannelSetNow", $"{form.Console}/{channel}", upstream ?? texts["Rates.NoUpstream"]]);
        AddErrors(refusals);
        return await ChannelsAsync(form, token);
    }

    private async Task<IActionResult> AddAsync(RateTable table, string view, string path, RateForm form, Func<List<Refusal>, DatedRow?> read, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        var (row, reason) = (read(refusals), form.ReadReason(refusals));
        if (refusals.Count == 0 && await Acting.DoAsync(() => store.AddAsync(table, row!, form.MakesRoom, reason!, HttpContext.Who(), token), refusals))
            return Done(path, texts["Rates.AddedNow", RateWords.Row(texts, row!)]);
        AddErrors(refusals);
        return await ListAsync(table, view, form, token);
    }

    private async Task<ViewResult> ListAsync(RateTable table, string view, RateForm form, CancellationToken token) =>
        View(view, new RuleListPage(table, await rates.RowsAsync(table, null, token), form, clock.UtcNow()));

    private RedirectResult Done(string address, string sentence)
    {
        TempData["Done"] = sentence;
        return Redirect(address);
    }

    private void AddErrors(List<Refusal> refusals)
    {
        foreach (var refusal in refusals)
            ModelState.AddActRefusal(texts, refusal, "Rates.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
    }
}
