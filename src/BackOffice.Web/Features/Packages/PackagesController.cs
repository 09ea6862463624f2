using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Packages;

/// <summary>What do we sell, at what price, from when?</summary>
[Allow(Act.SeeCatalogue)]
public sealed class PackagesController(PackageQueries packages, PriceQueries prices, AuditQueries audit, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    private const int Rows = 50;
    private const int WithdrawnRows = 20;

    [HttpGet("/packages")]
    public async Task<ViewResult> IndexAsync(CancellationToken token)
    {
        var now = Now;
        return View("Index", new PackageList(await packages.ListAsync(token), await prices.InForceAsync(now, token)));
    }

    [HttpGet("/packages/{slug}")]
    public async Task<IActionResult> ShowAsync(string slug, string? at, string? before, string? after, CancellationToken token)
    {
        if (await packages.FindAsync(slug, token) is not { } package)
            return NotFound();
        var (now, refusals) = (Now, new List<Refusal>());
        var asked = Typed.Instant(at, "at", shop, refusals);
        foreach (var refusal in refusals)
        {
            ModelState.AddRefusal(texts, refusal, texts["Packages.At"]);
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }
        return View("Show", new PackagePage(
            package,
            await prices.InForceAsync(slug, asked ?? now, token),
            asked ?? now,
            string.IsNullOrWhiteSpace(at) ? null : at,
            await prices.HistoryAsync(slug, PriceListPlace.Read(before, after), Rows, token),
            await prices.WithdrawnAsync(slug, WithdrawnRows, token),
            await ActsAsync(slug, token),
            now));
    }

    [HttpGet("/packages/{slug}/prices/rows.{format}")]
    public async Task<IActionResult> FileAsync(string slug, string format, CancellationToken token)
    {
        if (await packages.FindAsync(slug, token) is null)
            return NotFound();
        var (now, acts) = (Now, await ActsAsync(slug, token));
        var columns = new RowColumns<PriceRow>(texts, shop, now)
            .Time(texts["Packages.ValidFrom"], price => price.ValidFrom)
            .Time(texts["Packages.ValidUntil"], price => price.ValidUntil)
            .Text(texts["Packages.Purpose"], price => PackageWords.Purpose(texts, price.Purpose))
            .Text(texts["Packages.TaxMode"], price => price.TaxMode is { } mode ? texts["TaxMode." + mode] : null)
            .Text(texts["Packages.CreemProduct"], price => price.CreemProductId)
            .Money(texts["Packages.Amount"], price => price.AmountMinor, price => price.Currency)
            .Currency(price => price.Currency)
            .Text(texts["Packages.State"], price => texts["State." + PackagePage.StateOf(price, now)])
            .Text(texts["Packages.By"], price => acts.Added(price)?.Who);
        var rows = KeyedPage.AllAsync<PriceRow, PricePlace>(
            (place, stop) => prices.HistoryAsync(slug, place, RowsFile.Portion, stop), price => new PricePlace(price.ValidFrom, price.Purpose, price.Currency, Newer: false), token);
        return new RowsFile<PriceRow>("prices", format, columns, rows);
    }

    private async Task<PriceActs> ActsAsync(string slug, CancellationToken token)
    {
        var page = await audit.ListAsync(new AuditFilter { Subject = AuditSubject.Of("package", slug) }, null, PriceActs.Read, token);
        return new PriceActs(page.Rows);
    }

    private DateTime Now => clock.UtcNow();
}

/// <summary>Packages in the shop's order with the prices that hold.</summary>
public sealed record PackageList(IReadOnlyList<PackageRow> Packages, IReadOnlyList<PriceRow> Prices)
{
    public IEnumerable<PriceRow> InForce(PackageRow package, string purpose) => Prices.Where(price => price.Package == package.Slug && price.Purpose == purpose);

    /// <summary>Without a charge price nothing can be bought.</summary>
    public int OnSale => Packages.Count(package => package.Active && InForce(package, "charge").Any());
}
