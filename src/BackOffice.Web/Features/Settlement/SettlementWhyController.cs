using System.Globalization;
using System.Numerics;
using BackOffice.Data.Rates;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Web.Features.Usage;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Settlement;

/// <summary>Why is a figure of a settlement what it is: formula, price row, mapping rows, the records behind it?</summary>
[Allow(Act.SeeMoney)]
public sealed class SettlementWhyController(SettlementStore store, RateQueries rates) : Controller
{
    [HttpGet("/settlements/{upstream}/{month}/why")]
    public async Task<IActionResult> TotalsAsync(string upstream, string month, CancellationToken token) =>
        await ViewOfAsync(upstream, month, token) is { } view ? View("Why", new WhyPage(view.Document, view.Details)) : NotFound();

    [HttpGet("/settlements/{upstream}/{month}/why/{price:long}")]
    public async Task<IActionResult> LineAsync(string upstream, string month, long price, string? adjusts, CancellationToken token)
    {
        if (await ViewOfAsync(upstream, month, token) is not { } view || view.Document.Lines.FirstOrDefault(one => one.PriceId == price && one.Adjusts == adjusts) is not { } line)
            return NotFound();
        return View("WhyLine", new WhyLinePage(view.Document, line, [.. view.Details.Where(detail => detail.Adjusts == adjusts && detail.PriceOf(line.Part)?.Id == price && detail.Tokens[line.Part] != 0)]));
    }

    private async Task<SettlementView?> ViewOfAsync(string upstream, string month, CancellationToken token) =>
        SettlementPeriod.Parse(month) is { } day && (await rates.UpstreamsAsync(token)).Contains(upstream) ? await store.ViewAsync(upstream, day, token) : null;
}

/// <summary>The figures of a whole month, taken apart.</summary>
/// <param name="Settlement">They.</param>
/// <param name="Details">What they are made of.</param>
public sealed record WhyPage(SettlementDocument Settlement, IReadOnlyList<SettlementDetail> Details)
{
    /// <summary>What the cache saved, pair by pair: a price of reading and the price the same tokens would have had.</summary>
    public IReadOnlyList<SavingPair> Savings =>
    [
        .. Details.Where(detail => detail is { Adjusts: null, Mapping.Kind: MappingKind.Mapped } && detail.Tokens.CacheRead != 0 && detail.PriceOf(TokenPart.CacheRead)?.Currency == Settlement.Currency)
            .GroupBy(detail => (Read: detail.PriceOf(TokenPart.CacheRead)!, Uncached: detail.PriceOf(TokenPart.UncachedInput)))
            .Select(pair => new SavingPair(pair.Key.Read, pair.Key.Uncached, pair.Sum(detail => detail.Tokens.CacheRead)))
            .OrderBy(pair => pair.Read.Id).ThenBy(pair => pair.Uncached?.Id),
    ];

    /// <summary>Nanos in a minor unit of the currency.</summary>
    public long NanoPerMinor => SettlementMath.NanoPerMinor(Settlement.Currency);
}

/// <summary>Tokens read from a cache at one price that would have had another one.</summary>
/// <param name="Read">The price of reading.</param>
/// <param name="Uncached">The price of the same tokens without a cache; null: none holds, and the saving cannot be said.</param>
/// <param name="Tokens">The tokens.</param>
public sealed record SavingPair(PriceRow Read, PriceRow? Uncached, long Tokens)
{
    /// <summary>What they would have cost, 10^-9 of the unit.</summary>
    public long? WouldCostNano => Uncached is null ? null : SettlementMath.AmountNano(Tokens, Uncached.PriceMicro);
}

/// <summary>One line of a month, taken apart.</summary>
/// <param name="Settlement">The month.</param>
/// <param name="Line">The line.</param>
/// <param name="Details">What it is made of.</param>
public sealed record WhyLinePage(SettlementDocument Settlement, SettlementLine Line, IReadOnlyList<SettlementDetail> Details)
{
    /// <summary>The product before it is rounded, with all its twelve decimals.</summary>
    public string Exact
    {
        get
        {
            var pico = (Int128)Line.Tokens * Line.PriceMicro;
            var digits = Int128.Abs(pico).ToString(CultureInfo.InvariantCulture).PadLeft(13, '0');
            return $"{(pico < 0 ? "-" : "")}{digits[..^12]}.{digits[^12..]}";
        }
    }

    /// <summary>Whether rounding changed it.</summary>
    public bool IsRounded => (Int128)Line.Tokens * Line.PriceMicro % 1000 != 0;

    /// <summary>The names that came to the line, by the mapping row that brought them there.</summary>
    public IReadOnlyList<WhyNames> Names =>
    [
        .. Details.GroupBy(detail => (detail.Mapping.MappingId, detail.Names))
            .Select(group => new WhyNames(group.Key.Names, group.Key.MappingId!.Value, group.Sum(detail => detail.Tokens[Line.Part]), group.Sum(detail => detail.Records)))
            .OrderByDescending(names => names.Tokens).ThenBy(names => names.Mapping),
    ];

    /// <summary>The list of the records behind a set of names, from the first to the last day that it came to the line.</summary>
    public string RecordsUrl(WhyNames names)
    {
        var days = Details.Where(detail => detail.Names == names.Names).Select(detail => detail.Day).ToList();
        return Records(names.Names, days.Min(), days.Max());
    }

    /// <summary>The same of one day; null where several sets of names came to the line: a list has one.</summary>
    public string? RecordsUrl(DateOnly day) => Names is [var names] ? Records(names.Names, day, day) : null;

    private static string Records(UsageNames names, DateOnly first, DateOnly last) =>
        new UsageAddress { Source = names.Source, Model = names.ConsoleName, Channel = names.Channel, Upstream = names.Upstream, From = Address.Text(first), To = Address.Text(last) }.Url();

    /// <summary>By local day.</summary>
    public IReadOnlyList<(DateOnly Day, long Tokens, long AmountNano, long Records)> Days =>
    [
        .. Details.GroupBy(detail => detail.Day).OrderBy(group => group.Key).Select(group =>
        {
            var tokens = group.Sum(detail => detail.Tokens[Line.Part]);
            return (group.Key, tokens, (long)new Fraction((BigInteger)tokens * Line.PriceMicro, 1000).RoundHalfEven(), group.Sum(detail => detail.Records));
        }),
    ];
}

/// <summary>Usage under one set of names.</summary>
/// <param name="Names">The names.</param>
/// <param name="Mapping">Number of the mapping row.</param>
/// <param name="Tokens">Tokens of the line's part.</param>
/// <param name="Records">Records while the price held, those without tokens of the part among them.</param>
public sealed record WhyNames(UsageNames Names, long Mapping, long Tokens, long Records);
