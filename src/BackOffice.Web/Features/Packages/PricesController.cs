using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Packages;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Packages;

/// <summary>Prices are added, ended, withdrawn. Each act has a page that says before what it will change and what it would have meant.</summary>
[Allow(Act.RunCatalogue), Reauthenticate]
public sealed class PricesController(PackageQueries packages, PriceQueries prices, PriceStore store, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    [HttpGet("/packages/{slug}/prices/new")]
    public async Task<IActionResult> NewAsync(string slug, [FromQuery] PriceForm form, CancellationToken token) =>
        await packages.FindAsync(slug, token) is { } package ? View("NewPrice", new NewPricePage(package, form)) : NotFound();

    [HttpGet("/packages/{slug}/prices/preview")]
    public async Task<IActionResult> PreviewAsync(string slug, [FromQuery] PriceForm form, CancellationToken token) =>
        await packages.FindAsync(slug, token) is { } package ? await PreviewAsync(package, form, null, [], token) : NotFound();

    [HttpPost("/packages/{slug}/prices")]
    public async Task<IActionResult> AddAsync(string slug, [FromForm] PriceForm form, [FromForm] string? version, [FromForm] string? reason, CancellationToken token)
    {
        if (await packages.FindAsync(slug, token) is not { } package)
            return NotFound();
        var refusals = new List<Refusal>();
        if (form.Read(slug, shop, refusals) is not { } wanted)
            return Form(package, form, refusals);
        if (Acting.Reason(reason, refusals) is { } why && await Acting.DoAsync(() => store.AddAsync(wanted, Address.Number(version) ?? 0, why, HttpContext.Who(), token), refusals))
            return Done(slug, texts["Prices.AddedNow", PackageWords.Price(wanted.AmountMinor, wanted.Series.Currency)]);
        return refusals.Exists(refusal => refusal.Field is not ("" or "reason")) ? Form(package, form, refusals) : await PreviewAsync(package, form, reason, refusals, token);
    }

    [HttpGet("/packages/{slug}/prices/end")]
    public Task<IActionResult> EndAsync(string slug, [FromQuery] PriceAddress address, CancellationToken token) => PricePageAsync(slug, address, "EndPrice", null, null, token);

    [HttpPost("/packages/{slug}/prices/end")]
    public async Task<IActionResult> EndNowAsync(
        string slug, [FromForm] PriceAddress address, [FromForm] string? until, [FromForm] string? version, [FromForm] string? reason, CancellationToken token)
    {
        if (address.Key(slug) is not { } key)
            return NotFound();
        var refusals = new List<Refusal>();
        var end = Typed.Instant(until, "until", shop, refusals);
        var why = Acting.Reason(reason, refusals);
        if (refusals.Count == 0 && await Acting.DoAsync(() => store.EndAsync(key, Address.Number(version) ?? 0, end, why!, HttpContext.Who(), token), refusals))
            return Done(slug, texts["Prices.EndedNow"]);
        AddErrors(refusals);
        return await PricePageAsync(slug, address, "EndPrice", until, reason, token);
    }

    [HttpGet("/packages/{slug}/prices/withdrawal")]
    public Task<IActionResult> WithdrawalAsync(string slug, [FromQuery] PriceAddress address, CancellationToken token) => PricePageAsync(slug, address, "WithdrawPrice", null, null, token);

    [HttpPost("/packages/{slug}/prices/withdrawal")]
    public async Task<IActionResult> WithdrawAsync(string slug, [FromForm] PriceAddress address, [FromForm] string? version, [FromForm] string? reason, CancellationToken token)
    {
        if (address.Key(slug) is not { } key)
            return NotFound();
        var refusals = new List<Refusal>();
        if (Acting.Reason(reason, refusals) is { } why && await Acting.DoAsync(() => store.WithdrawAsync(key, Address.Number(version) ?? 0, why, HttpContext.Who(), token), refusals))
            return Done(slug, texts["Prices.WithdrawnNow"]);
        AddErrors(refusals);
        return await PricePageAsync(slug, address, "WithdrawPrice", null, reason, token);
    }

    // Refusals there are already stand on the preview; new ones lead to the form.
    private async Task<IActionResult> PreviewAsync(PackageRow package, PriceForm form, string? reason, List<Refusal> known, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        if (form.Read(package.Slug, shop, refusals) is not { } wanted)
            return Form(package, form, refusals);
        var now = Now;
        var span = new PriceSpan(wanted.From ?? now, wanted.Until);
        var series = await prices.SeriesAsync(wanted.Series, token);
        if (PriceRules.Add(series.Select(price => price.Span), span, wanted.EndsPresent, now, shop, out var ended) is { } refusal)
            return Form(package, form, [.. known, refusal]);
        AddErrors(known);
        var impact = await ImpactAsync(wanted.Series, wanted.AmountMinor, token);
        return View("Preview", new PricePreview(package, form, wanted, series.Find(price => price.Span.Holds(span.From)), ended is not null, impact, reason));
    }

    private async Task<IActionResult> PricePageAsync(string slug, PriceAddress address, string view, string? until, string? reason, CancellationToken token)
    {
        if (await packages.FindAsync(slug, token) is not { } package || address.Key(slug) is not { } key)
            return NotFound();
        if (await prices.FindAsync(key, token) is not { } price)
            return ModelState.IsValid ? NotFound() : Gone(slug); // withdrawn by somebody else, meanwhile
        return View(view, new PriceEndPage(package, price, await ImpactAsync(new PriceSeries(slug, key.Purpose, key.Currency), null, token), until, reason));
    }

    private RedirectResult Gone(string slug)
    {
        TempData["Refused"] = texts.Of(new Refusal("PackageChanged", ""));
        return Redirect(Links.Package(slug));
    }

    private async Task<PriceImpact> ImpactAsync(PriceSeries series, long? amountMinor, CancellationToken token)
    {
        var now = Now;
        return new PriceImpact(await prices.SoldAsync(series.Package, series.Purpose, now.AddDays(-PriceImpact.Days), now, token), series.Purpose, series.Currency, amountMinor);
    }

    private RedirectResult Done(string slug, string sentence)
    {
        TempData["Done"] = sentence;
        return Redirect(Links.Package(slug));
    }

    private ViewResult Form(PackageRow package, PriceForm form, List<Refusal> refusals)
    {
        AddErrors(refusals);
        return View("NewPrice", new NewPricePage(package, form));
    }

    private void AddErrors(List<Refusal> refusals)
    {
        if (refusals.Count == 0)
            return;
        foreach (var refusal in refusals)
            ModelState.AddActRefusal(texts, refusal, "Price.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
    }

    private DateTime Now => clock.UtcNow();
}
