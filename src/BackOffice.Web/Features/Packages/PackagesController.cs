using BackOffice.Data.Packages;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Packages;

/// <summary>What is sold. Prices in force stand by their package, the others below, because a price is never edited.</summary>
public sealed class PackagesController(PackageQueries queries, TimeProvider clock) : Controller
{
    [HttpGet("/packages")]
    public async Task<ViewResult> IndexAsync(CancellationToken token)
    {
        var packages = await queries.ListAsync(token);
        var prices = await queries.PricesAsync(token);
        return View("Index", new PackageList(packages, prices, clock.GetUtcNow().UtcDateTime));
    }
}

/// <summary>Packages in the shop's order with all their prices, as of an instant.</summary>
public sealed record PackageList(IReadOnlyList<PackageRow> Packages, IReadOnlyList<PriceRow> Prices, DateTime At)
{
    public bool IsOver(PriceRow price) => price.ValidUntil <= At;

    public bool IsToCome(PriceRow price) => price.ValidFrom > At;

    public IEnumerable<PriceRow> InForce(PackageRow package, string purpose) =>
        Prices.Where(price => price.Package == package.Slug && price.Purpose == purpose && !IsOver(price) && !IsToCome(price));

    /// <summary>Without a charge price nothing can be bought.</summary>
    public int OnSale => Packages.Count(package => package.Active && InForce(package, "charge").Any());
}
