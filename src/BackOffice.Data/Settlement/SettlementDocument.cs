using System.Text.Json;
using System.Text.Json.Serialization;
using BackOffice.Domain.Settlement;

namespace BackOffice.Data.Settlement;

/// <summary>What else than tokens without a price stops an approval (settlement rules 6).</summary>
public static class SettlementBlockers
{
    /// <summary>A record came again with other content.</summary>
    public const string Conflict = "conflicting_record";

    /// <summary>Rows that could not be read.</summary>
    public const string PutAside = "put_aside";
}

/// <summary>Something that stops the approval.</summary>
/// <param name="Kind">One of <see cref="SettlementBlockers"/>, or an <see cref="UnpricedReasons"/>.</param>
/// <param name="Count">How many there are.</param>
public sealed record SettlementBlocker(string Kind, long Count);

/// <summary>
/// A settlement as pages and files show it: all its figures, and nothing that would have to be looked up. Of an approved one it is what was approved, for ever.
/// </summary>
public sealed record SettlementDocument
{
    private static readonly JsonSerializerOptions Format = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Of a draft.</summary>
    public SettlementDocument(SettlementDraft draft, SettlementPeriod period)
    {
        (Upstream, Period, From, Until) = (draft.Upstream, period.Name, period.From, period.Until);
        (Currency, Lines, Unpriced, NotTokens, Totals) = (draft.Currency, draft.Lines, draft.Unpriced, draft.NotTokens, draft.Totals);
        (HitRate, SavingNano, Reads, Input, Records, Check) = (draft.CacheHitRateText, draft.CacheSavingNano, draft.Reads, draft.Input, draft.Records, draft.Check);
        (MappingUses, PriceUses) = (draft.MappingUses, draft.PriceUses);
    }

    /// <summary>For reading back.</summary>
    [JsonConstructor]
    public SettlementDocument()
    {
    }

    /// <summary>The upstream, canonical.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>The month, <c>2026-09</c>.</summary>
    public string Period { get; init; } = "";

    /// <summary>First instant of the month, UTC.</summary>
    public DateTime From { get; init; }

    /// <summary>First instant after it, UTC.</summary>
    public DateTime Until { get; init; }

    /// <summary>What the upstream bills in.</summary>
    public string Currency { get; init; } = "";

    /// <summary>The lines, in the order of files.</summary>
    public IReadOnlyList<SettlementLine> Lines { get; init; } = [];

    /// <summary>Tokens without a price.</summary>
    public IReadOnlyList<UnpricedLine> Unpriced { get; init; } = [];

    /// <summary>Records that are no tokens.</summary>
    public IReadOnlyList<NotTokensLine> NotTokens { get; init; } = [];

    /// <summary>Totals, that of <see cref="Currency"/> first.</summary>
    public IReadOnlyList<CurrencyTotal> Totals { get; init; } = [];

    /// <summary>Cache reads of input, six decimals; null without input.</summary>
    public string? HitRate { get; init; }

    /// <summary>What the cache saved, in nano; null when it cannot be said.</summary>
    public long? SavingNano { get; init; }

    /// <summary>Tokens read from a cache.</summary>
    public long Reads { get; init; }

    /// <summary>Tokens of input.</summary>
    public long Input { get; init; }

    /// <summary>The month's own records here.</summary>
    public long Records { get; init; }

    /// <summary>Tokens of records against tokens of lines.</summary>
    public PeriodCheck Check { get; init; } = new(Domain.Usage.TokenCounts.None, Domain.Usage.TokenCounts.None, Domain.Usage.TokenCounts.None);

    /// <summary>Mapping rows that were used.</summary>
    public IReadOnlyList<RowUse> MappingUses { get; init; } = [];

    /// <summary>Price rows that were used.</summary>
    public IReadOnlyList<RowUse> PriceUses { get; init; } = [];

    /// <summary>What was put aside and waits for a person.</summary>
    public IReadOnlyList<SettlementBlocker> Blockers { get; init; } = [];

    /// <summary>Its findings, ordered by kind and subject (ordinal); null where they were not looked for.</summary>
    [JsonIgnore]
    public IReadOnlyList<SettlementFinding>? Findings { get; init; }

    /// <summary>Whether it was approved: it is what was kept then, and not computed now.</summary>
    [JsonIgnore]
    public bool IsApproved { get; init; }

    /// <summary>Everything that stops the approval, by kind.</summary>
    [JsonIgnore]
    public IReadOnlyList<SettlementBlocker> AllBlockers =>
        [.. Unpriced.GroupBy(line => line.Reason, StringComparer.Ordinal).Select(group => new SettlementBlocker(group.Key, group.Select(line => line.Name).Distinct(StringComparer.Ordinal).Count()))
            .Concat(Blockers).OrderBy(blocker => blocker.Kind, StringComparer.Ordinal)];

    /// <summary>The total of <see cref="Currency"/>.</summary>
    [JsonIgnore]
    public CurrencyTotal Total => Totals[0];

    /// <summary>As it is kept.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>As it was kept.</summary>
    public static SettlementDocument Read(string json) => JsonSerializer.Deserialize<SettlementDocument>(json, Format)! with { IsApproved = true };
}
