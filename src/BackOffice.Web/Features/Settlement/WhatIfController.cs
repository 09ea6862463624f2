using BackOffice.Data.Rates;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Settlement;

/// <summary>What would a month have come to under other prices? The answer stands in the address and is kept nowhere.</summary>
[Allow(Act.SeeMoney)]
public sealed class WhatIfController(SettlementStore store, RateQueries rates, Texts texts) : Controller
{
    [HttpGet("/settlements/{upstream}/{month}/what-if")]
    public async Task<IActionResult> ShowAsync(string upstream, string month, CancellationToken token)
    {
        if (SettlementPeriod.Parse(month) is not { } day || !(await rates.UpstreamsAsync(token)).Contains(upstream))
            return NotFound();
        var real = await store.SeeAsync(upstream, day, token);
        var page = new WhatIfPage(real, WhatIfPage.PricesOf(real, Request.Query), null);
        var (changed, filled) = (new Dictionary<long, long>(), new Dictionary<(string, TokenPart), long>());
        foreach (var price in page.Prices.Where(price => price.Typed.Length > 0))
        {
            if (RateRules.ReadPrice(price.Typed, price.Field, out var micro) is { } refusal)
                ModelState.AddRefusal(texts, refusal, price.Label(texts));
            else if (price.Row is { } row)
                changed[row] = micro;
            else
                filled[(price.Model, price.Part)] = micro;
        }
        if (!ModelState.IsValid)
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        else if (changed.Count + filled.Count > 0)
            page = page with { Other = await OtherAsync(real, day, new OtherPrices(changed, filled), token) };
        return View("WhatIf", page);
    }

    private async Task<SettlementDocument> OtherAsync(SettlementDocument real, DateOnly month, OtherPrices prices, CancellationToken token)
    {
        var hasBands = (await rates.BookAsync(token)).BandAt(real.Upstream, Quarters.Of(real.From)) is not PriceBand.All;
        return await store.WhatIfAsync(real.Upstream, month, rows => prices.Of(rows, real.Upstream, real.Currency, hasBands), token);
    }
}

/// <summary>A month beside what it would have been.</summary>
/// <param name="Real">As it is.</param>
/// <param name="Prices">What may be changed, and what was typed.</param>
/// <param name="Other">As it would have been; null until a price is typed.</param>
public sealed record WhatIfPage(SettlementDocument Real, IReadOnlyList<WhatIfPrice> Prices, SettlementDocument? Other)
{
    public string Url => $"{SettlementWords.Url(Real.Upstream, Real.Period)}/what-if";

    /// <summary>The prices of a month's lines and the parts that have none, with what the address says of them.</summary>
    public static IReadOnlyList<WhatIfPrice> PricesOf(SettlementDocument real, IQueryCollection typed) =>
        [.. Changeable(real).Select(price => price with { Typed = typed[price.Field].ToString().Trim() })];

    private static IEnumerable<WhatIfPrice> Changeable(SettlementDocument real) =>
    [
        .. real.Lines.DistinctBy(line => line.PriceId).Select(line => new WhatIfPrice(
            FormattableString.Invariant($"price.{line.PriceId}"), line.PriceId, line.Model, line.Part, line.Band, line.Currency, line.PriceMicro, line.ValidFrom, "")),
        .. real.Unpriced.Where(line => line.Reason == UnpricedReasons.UnpricedPart).DistinctBy(line => (line.Name, line.Part)).Select(line => new WhatIfPrice(
            $"new.{TokenParts.NameOf(line.Part)}.{line.Name}", null, line.Name, line.Part, PriceBand.All, real.Currency, null, null, "")),
    ];

    /// <summary>Lines side by side: those of one price row and origin.</summary>
    public IEnumerable<(SettlementLine? Now, SettlementLine? Then)> Lines()
    {
        var then = Other!.Lines.ToDictionary(line => (line.PriceId, line.Adjusts, line.Band));
        foreach (var line in Real.Lines)
        {
            then.Remove((line.PriceId, line.Adjusts, line.Band), out var other);
            yield return (line, other);
        }
        foreach (var line in Other.Lines.Where(line => then.ContainsKey((line.PriceId, line.Adjusts, line.Band))))
            yield return (null, line);
    }
}

/// <summary>A price that may be another.</summary>
/// <param name="Field">Its name in the address.</param>
/// <param name="Row">Number of its row; null where no row holds.</param>
/// <param name="Model">The model.</param>
/// <param name="Part">The part of the tokens.</param>
/// <param name="Band">The hours.</param>
/// <param name="Currency">The currency.</param>
/// <param name="PriceMicro">As it is, in millionths of the unit a million.</param>
/// <param name="ValidFrom">Since when, UTC.</param>
/// <param name="Typed">What was typed for it.</param>
public sealed record WhatIfPrice(
    string Field, long? Row, string Model, TokenPart Part, PriceBand Band, string Currency, long? PriceMicro, DateTime? ValidFrom, string Typed)
{
    public string Label(Texts texts) => texts["WhatIf.Label", Model, texts["Part." + TokenParts.NameOf(Part)], texts["Band." + PriceBands.NameOf(Band)]];
}
