using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>One line of a settlement: a model, a part, a price (settlement rules 4), and for an adjustment the period it is of (6).</summary>
/// <param name="Model">The upstream's model.</param>
/// <param name="Part">Part of the tokens.</param>
/// <param name="Band">Band of the price.</param>
/// <param name="PriceId">Id of the price row.</param>
/// <param name="ValidFrom">First instant of the price, UTC; null: always before.</param>
/// <param name="ValidUntil">End of the price, UTC, as it was when the draft was made; null: none.</param>
/// <param name="PriceMicro">Price of a million tokens in millionths of the currency unit.</param>
/// <param name="Tokens">Tokens, never 0; negative only in an adjustment.</param>
/// <param name="AmountNano">Amount in 10^-9 of the currency unit, rounded half to even.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Adjusts">The approved period the tokens are of, <c>2026-08</c>; null for the settlement's own.</param>
/// <param name="Records">Records of the model while the price held, those without tokens of the part among them.</param>
public sealed record SettlementLine(
    string Model, TokenPart Part, PriceBand Band, long PriceId, DateTime? ValidFrom, DateTime? ValidUntil, long PriceMicro, long Tokens, long AmountNano,
    string Currency, string? Adjusts, long Records);

/// <summary>Why tokens have no price; both block the approval.</summary>
public static class UnpricedReasons
{
    /// <summary>No mapping says what the name stands for, or two upstreams do.</summary>
    public const string UnmappedModel = "unmapped_model";

    /// <summary>The model is known and has no price for the part at that time.</summary>
    public const string UnpricedPart = "unpriced_part";
}

/// <summary>Tokens that could not be priced: never 0, never another price (settlement rules 2 and 3).</summary>
/// <param name="Name">For <c>unmapped_model</c> the upstream's name of the model when the rows have it, else the console's; for <c>unpriced_part</c> the upstream's model. Canonical.</param>
/// <param name="Reason">One of <see cref="UnpricedReasons"/>.</param>
/// <param name="Part">Part of the tokens.</param>
/// <param name="Tokens">Tokens, never 0.</param>
/// <param name="Adjusts">The approved period the tokens are of; null for the settlement's own.</param>
public sealed record UnpricedLine(string Name, string Reason, TokenPart Part, long Tokens, string? Adjusts);

/// <summary>Records that a mapping to <c>-</c> says are not tokens: they count none and are listed (settlement rules 2).</summary>
/// <param name="Name">The upstream's name of the model when the rows have it, else the console's; canonical.</param>
/// <param name="Tokens">What the rows said.</param>
/// <param name="Records">Number of records.</param>
/// <param name="Adjusts">The approved period they are of; null for the settlement's own.</param>
public sealed record NotTokensLine(string Name, TokenCounts Tokens, long Records, string? Adjusts);

/// <summary>What the lines of one currency come to (settlement rules 4).</summary>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="TotalNano">Sum of the lines' amounts, 10^-9 of the unit.</param>
/// <param name="PayableMinor">The same in minor units, rounded half away from zero.</param>
/// <param name="ResidueNano">Payable less total, 10^-9 of the unit: shown, never hidden.</param>
public sealed record CurrencyTotal(string Currency, long TotalNano, long PayableMinor, long ResidueNano);

/// <summary>The check of the period (settlement rules 4): tokens of records against tokens of lines and unpriced groups, part by part, adjustments included.</summary>
/// <param name="Records">Tokens of the records that stand on this settlement.</param>
/// <param name="Lines">Tokens of its lines.</param>
/// <param name="Unpriced">Tokens that could not be priced.</param>
public sealed record PeriodCheck(TokenCounts Records, TokenCounts Lines, TokenCounts Unpriced)
{
    /// <summary>Whether both sides agree in every part; when not, the run is broken.</summary>
    public bool IsClosed => Records == Lines + Unpriced;
}

/// <summary>A row that a settlement used, and when: a row may not be ended before what an approved settlement used it for (settlement rules 3).</summary>
/// <param name="Id">Id of the row.</param>
/// <param name="UsedFrom">Start of the first quarter-hour it was used for, UTC.</param>
/// <param name="UsedUntil">End of the last quarter-hour it was used for, UTC.</param>
public sealed record RowUse(long Id, DateTime UsedFrom, DateTime UsedUntil);

/// <summary>A settlement as its records, mappings and prices make it: the same whenever and in whatever order it is computed (settlement rules 4 and 6).</summary>
public sealed record SettlementDraft
{
    /// <summary>The upstream.</summary>
    public required string Upstream { get; init; }

    /// <summary>The month, <c>2026-09</c>.</summary>
    public required string Period { get; init; }

    /// <summary>Billing currency at the month's first instant.</summary>
    public required string Currency { get; init; }

    /// <summary>The lines, ordered by model, part, band, valid from (blank first), adjusted period (own first); words ordinal.</summary>
    public required IReadOnlyList<SettlementLine> Lines { get; init; }

    /// <summary>Tokens without a price, ordered by name, reason, part, adjusted period (own first).</summary>
    public required IReadOnlyList<UnpricedLine> Unpriced { get; init; }

    /// <summary>Records that are not tokens, ordered by name, adjusted period (own first).</summary>
    public required IReadOnlyList<NotTokensLine> NotTokens { get; init; }

    /// <summary>What each currency comes to: <see cref="Currency"/> first; others only where adjustments or a change of terms brought lines in them.</summary>
    public required IReadOnlyList<CurrencyTotal> Totals { get; init; }

    /// <summary>Exact share of the input that was read from a cache, over the period's own mapped records; null without input.</summary>
    public required Fraction? CacheHitRate { get; init; }

    /// <summary>What the cache saved, 10^-9 of the unit of <see cref="Currency"/>; null when some read has no uncached price to compare with.</summary>
    public required long? CacheSavingNano { get; init; }

    /// <summary>Tokens read from a cache, of the period's own mapped records, unpriced ones too.</summary>
    public required long Reads { get; init; }

    /// <summary>Input tokens of the same records.</summary>
    public required long Input { get; init; }

    /// <summary>The period's own records that stand here: those of this upstream's models, and unmapped ones with tokens.</summary>
    public required long Records { get; init; }

    /// <summary>The check of the period.</summary>
    public required PeriodCheck Check { get; init; }

    /// <summary>The mapping rows it used, by id.</summary>
    public required IReadOnlyList<RowUse> MappingUses { get; init; }

    /// <summary>The price rows it used, those that the cache saving was measured by among them, by id.</summary>
    public required IReadOnlyList<RowUse> PriceUses { get; init; }

    /// <summary>Ids of the mapping rows it used.</summary>
    public IReadOnlyList<long> MappingIds => [.. MappingUses.Select(use => use.Id)];

    /// <summary>Ids of the price rows it used.</summary>
    public IReadOnlyList<long> PriceIds => [.. PriceUses.Select(use => use.Id)];

    /// <summary>Sum of the amounts in <see cref="Currency"/>, 10^-9 of its unit.</summary>
    public long TotalNano => Totals[0].TotalNano;

    /// <summary>What is to be paid in <see cref="Currency"/>, minor units.</summary>
    public long PayableMinor => Totals[0].PayableMinor;

    /// <summary>Payable less total in <see cref="Currency"/>, 10^-9 of its unit.</summary>
    public long ResidueNano => Totals[0].ResidueNano;

    /// <summary>The hit rate with six decimals, rounded half to even; null without input.</summary>
    public string? CacheHitRateText => CacheHitRate is { } rate ? SettlementMath.SixDecimals(rate) : null;

    /// <summary>Whether tokens without a price block the approval. Conflicting records and rows put aside block it too; the draft knows nothing of them.</summary>
    public bool IsBlocked => Unpriced.Count > 0;
}
