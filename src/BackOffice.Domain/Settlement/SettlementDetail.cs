using System.Numerics;
using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>What a settlement is made of: usage of one set of names on one day, while one mapping and one price a part hold.</summary>
/// <param name="Day">The local day of the billing zone.</param>
/// <param name="Names">The names its records carry.</param>
/// <param name="Adjusts">The approved period it came too late for; null for the settlement's own.</param>
/// <param name="Mapping">What the names stand for.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Records">Number of its records.</param>
/// <param name="Prices">The price of each part in the order of <see cref="TokenParts.All"/>; null where none holds, and of what is not mapped.</param>
public sealed record SettlementDetail(
    DateOnly Day, UsageNames Names, string? Adjusts, Mapping Mapping, TokenCounts Tokens, long Records, IReadOnlyList<PriceRow?> Prices)
{
    /// <summary>The price row of a part; null where none holds.</summary>
    public PriceRow? PriceOf(TokenPart part) => Prices[(int)part];

    /// <summary>What the tokens of a part cost, exactly, in 10^-12 of the currency unit; null without a price in that currency.</summary>
    /// <param name="part">The part.</param>
    /// <param name="currency">ISO 4217 code.</param>
    public Int128? Pico(TokenPart part, string currency) => PriceOf(part) is { } price && price.Currency == currency ? (Int128)Tokens[part] * price.PriceMicro : null;
}

/// <summary>A group of a settlement's usage: a day, a model, a channel. Amounts are of one currency, exact until they are shown.</summary>
/// <typeparam name="TKey">By what it is grouped.</typeparam>
/// <param name="Key">The group.</param>
/// <param name="Tokens">Its tokens, without those that have no price.</param>
/// <param name="Unpriced">Its tokens without a price.</param>
/// <param name="Records">Number of its records.</param>
/// <param name="PicoByPart">Amounts in the order of <see cref="TokenParts.All"/>, 10^-12 of the currency unit.</param>
public sealed record SettlementGroup<TKey>(TKey Key, TokenCounts Tokens, TokenCounts Unpriced, long Records, IReadOnlyList<Int128> PicoByPart)
{
    /// <summary>Its amount, 10^-9 of the currency unit, rounded half to even once: groups need not add up to the settlement's lines in the last digit, which are rounded by themselves.</summary>
    public long AmountNano => NanoOf(PicoByPart.Aggregate(Int128.Zero, (sum, pico) => sum + pico));

    /// <summary>Whether all of its tokens lack a price: then its amount is not known, and no 0.</summary>
    public bool IsUnpriced => Tokens.IsNone && !Unpriced.IsNone;

    /// <summary>The amount of one part, 10^-9 of the currency unit, rounded half to even.</summary>
    public long AmountNanoOf(TokenPart part) => NanoOf(PicoByPart[(int)part]);

    /// <summary>Cache reads of input with six decimals, unpriced ones too; null without input.</summary>
    public string? HitRate => SettlementMath.HitRate(Tokens.CacheRead + Unpriced.CacheRead, Tokens.Input + Unpriced.Input) is { } rate ? SettlementMath.SixDecimals(rate) : null;

    private static long NanoOf(Int128 pico) => (long)new Fraction((BigInteger)pico, 1000).RoundHalfEven();
}

/// <summary>Groups what a settlement is made of.</summary>
public static class SettlementGroups
{
    /// <summary>Groups by whatever is asked, in the order of the keys. What is not tokens is left out; what has no price counts with its tokens only.</summary>
    /// <param name="details">What is grouped.</param>
    /// <param name="currency">Amounts in another one are left out.</param>
    /// <param name="keyOf">The group of a detail.</param>
    public static IReadOnlyList<SettlementGroup<TKey>> By<TKey>(IEnumerable<SettlementDetail> details, string currency, Func<SettlementDetail, TKey> keyOf) where TKey : notnull =>
    [
        .. details.Where(detail => detail.Mapping.Kind is not MappingKind.NotTokens).GroupBy(keyOf).Select(group => Sum(group.Key, group, currency)).OrderBy(group => group.Key),
    ];

    private static SettlementGroup<TKey> Sum<TKey>(TKey key, IEnumerable<SettlementDetail> details, string currency)
    {
        var (tokens, unpriced, records, pico) = (TokenCounts.None, TokenCounts.None, 0L, new Int128[TokenParts.All.Count]);
        foreach (var detail in details)
        {
            records += detail.Records;
            foreach (var part in TokenParts.All)
            {
                var counts = TokenCounts.Of(part, detail.Tokens[part]);
                (tokens, unpriced) = detail.PriceOf(part) is null ? (tokens, unpriced + counts) : (tokens + counts, unpriced);
                pico[(int)part] += detail.Pico(part, currency) ?? 0;
            }
        }
        return new SettlementGroup<TKey>(key, tokens, unpriced, records, pico);
    }
}
