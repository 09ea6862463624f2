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

/// <summary>Packages are added, named and placed, retired and brought back.</summary>
[Allow(Act.RunCatalogue), Reauthenticate]
public sealed class PackageActsController(PackageQueries packages, PriceQueries prices, PackageStore store, Texts texts, TimeProvider clock) : Controller
{
    [HttpGet("/packages/new")]
    public async Task<ViewResult> NewAsync(CancellationToken token)
    {
        var last = (await packages.ListAsync(token)).Select(package => package.Position).DefaultIfEmpty(0).Max();
        return View("New", new PackageForm { Position = Address.Text(Math.Min(last + 1, PackageRules.LastPosition)) });
    }

    [HttpPost("/packages")]
    public async Task<IActionResult> AddAsync([FromForm] PackageForm form, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        if (form.ReadNew(refusals) is { } package && await Acting.DoAsync(() => store.AddAsync(package, HttpContext.Who(), token), refusals))
            return Done(package.Slug, texts["Packages.AddedNow"]);
        return Refused(refusals, () => View("New", form));
    }

    [HttpGet("/packages/{slug}/edit")]
    public async Task<IActionResult> EditAsync(string slug, CancellationToken token) =>
        await packages.FindAsync(slug, token) is { } package ? View("Edit", PackageForm.Of(package)) : NotFound();

    [HttpPost("/packages/{slug}")]
    public async Task<IActionResult> ChangeAsync(string slug, [FromForm] PackageForm form, CancellationToken token)
    {
        if (await packages.FindAsync(slug, token) is null)
            return NotFound();
        var refusals = new List<Refusal>();
        if (form.ReadChange(slug, refusals) is { } change && await Acting.DoAsync(() => store.ChangeAsync(change, HttpContext.Who(), token), refusals))
            return Done(slug, texts["Packages.ChangedNow"]);
        return Refused(refusals, () => View("Edit", form with { Slug = slug }));
    }

    [HttpGet("/packages/{slug}/retirement")]
    public Task<IActionResult> RetirementAsync(string slug, CancellationToken token) => StatePageAsync(slug, null, token);

    [HttpPost("/packages/{slug}/retirement")]
    public Task<IActionResult> RetireAsync(string slug, [FromForm] string? reason, [FromForm] string? version, CancellationToken token) => SetActiveAsync(slug, version, false, reason, token);

    [HttpGet("/packages/{slug}/return")]
    public Task<IActionResult> ReturnAsync(string slug, CancellationToken token) => StatePageAsync(slug, null, token);

    [HttpPost("/packages/{slug}/return")]
    public Task<IActionResult> BringBackAsync(string slug, [FromForm] string? reason, [FromForm] string? version, CancellationToken token) => SetActiveAsync(slug, version, true, reason, token);

    private async Task<IActionResult> SetActiveAsync(string slug, string? version, bool active, string? reason, CancellationToken token)
    {
        if (await packages.FindAsync(slug, token) is null)
            return NotFound();
        var refusals = new List<Refusal>();
        if (Acting.Reason(reason, refusals) is { } why && await Acting.DoAsync(() => store.SetActiveAsync(slug, Address.Number(version) ?? 0, active, why, HttpContext.Who(), token), refusals))
            return Done(slug, active ? texts["Packages.BroughtBackNow"] : texts["Packages.RetiredNow"]);
        AddErrors(refusals);
        return await StatePageAsync(slug, reason, token);
    }

    // One page for both ways: what it offers is the way that is left.
    private async Task<IActionResult> StatePageAsync(string slug, string? reason, CancellationToken token)
    {
        if (await packages.FindAsync(slug, token) is not { } package)
            return NotFound();
        var now = clock.UtcNow();
        return View("State", new PackageStatePage(package, await prices.SoldAsync(slug, "charge", now.AddDays(-PriceImpact.Days), now, token), reason));
    }

    private RedirectResult Done(string slug, string sentence)
    {
        TempData["Done"] = sentence;
        return Redirect(Links.Package(slug));
    }

    private ViewResult Refused(List<Refusal> refusals, Func<ViewResult> form)
    {
        AddErrors(refusals);
        return form();
    }

    private void AddErrors(List<Refusal> refusals)
    {
        foreach (var refusal in refusals)
            ModelState.AddActRefusal(texts, refusal, "Package.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
    }
}
