using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>Maps and prices an engine's sums, one after the other in any order, and adds them up into a draft (settlement rules 2 to 4).</summary>
internal sealed class DraftSums(RateBook book, string upstream, string currency)
{
    private readonly Dictionary<(string Model, TokenPart Part, PriceRow Price, string? Adjusts), LineSum> lines = [];
    private readonly Dictionary<(string Name, string Reason, TokenPart Part, string? Adjusts), long> unpriced = [];
    private readonly Dictionary<(string Name, string? Adjusts), (TokenCounts Tokens, long Records)> notTokens = [];
    private readonly Dictionary<(PriceRow Read, PriceRow? Uncached), long> savings = [];
    private readonly RowUses mappingUses = new();
    private readonly RowUses priceUses = new();
    private TokenCounts elsewhere;
    private TokenCounts here;
    private long records;

    /// <summary>Adds usage during which one mapping and one price a part hold.</summary>
    /// <param name="names">Its names.</param>
    /// <param name="quarter">Any of its quarter-hours.</param>
    /// <param name="adjusts">The approved period it is of; null for the settlement's own.</param>
    /// <param name="sum">Its tokens and records.</param>
    public void Add(UsageNames names, long quarter, string? adjusts, UsageSum sum)
    {
        var mapping = book.Map(names, quarter);
        if (mapping.Upstream is { } other && other != upstream)
            elsewhere += sum.Tokens;
        else if (mapping.Kind is MappingKind.NotTokens)
            AddNotTokens(names.Shown, mapping, adjusts, sum);
        else if (mapping.Kind is MappingKind.Mapped)
            AddMapped(mapping, quarter, adjusts, sum);
        else if (!sum.Tokens.IsNone)
            AddUnmapped(names.Shown, adjusts, sum);
    }

    /// <summary>The draft.</summary>
    /// <param name="period">Name of the month.</param>
    /// <param name="added">Tokens of all records, as they were counted when they came in.</param>
    public SettlementDraft Draft(string period, TokenCounts added)
    {
        var priced = Lines();
        var groups = Unpriced();
        return new SettlementDraft
        {
            Upstream = upstream,
            Period = period,
            Currency = currency,
            Lines = priced,
            Unpriced = groups,
            NotTokens = NotTokens(),
            Totals = Totals(priced),
            CacheHitRate = SettlementMath.HitRate(here.CacheRead, here.Input),
            CacheSavingNano = Saving(priced),
            Reads = here.CacheRead,
            Input = here.Input,
            Records = records,
            Check = new PeriodCheck(
                notTokens.Values.Aggregate(added - elsewhere, (rest, one) => rest - one.Tokens), Sum(priced.Select(line => (line.Part, line.Tokens))), Sum(groups.Select(group => (group.Part, group.Tokens)))),
            MappingUses = mappingUses.InOrder(),
            PriceUses = priceUses.InOrder(),
        };
    }

    private void AddNotTokens(string name, Mapping mapping, string? adjusts, UsageSum sum)
    {
        foreach (var part in TokenParts.All)
        {
            if (sum.Tokens[part] != 0)
                mappingUses.Add(mapping.MappingId!.Value, sum.Used(part));
        }
        var (tokens, count) = notTokens.GetValueOrDefault((name, adjusts));
        notTokens[(name, adjusts)] = (tokens + sum.Tokens, count + sum.Records);
    }

    private void AddUnmapped(string name, string? adjusts, UsageSum sum)
    {
        CountRecords(adjusts, sum);
        foreach (var part in TokenParts.All)
            AddUnpriced(name, UnpricedReasons.UnmappedModel, part, adjusts, sum.Tokens[part]);
    }

    private void AddMapped(Mapping mapping, long quarter, string? adjusts, UsageSum sum)
    {
        CountRecords(adjusts, sum);
        if (sum.Tokens.IsNone)
            return;
        if (adjusts is null)
            here += sum.Tokens;
        foreach (var part in TokenParts.All)
        {
            if (sum.Tokens[part] != 0)
                mappingUses.Add(mapping.MappingId!.Value, sum.Used(part));
            AddPart(mapping.Model!, part, quarter, adjusts, sum);
        }
    }

    private void AddPart(string model, TokenPart part, long quarter, string? adjusts, UsageSum sum)
    {
        var price = book.PriceAt(upstream, model, part, quarter);
        if (price is null)
        {
            AddUnpriced(model, UnpricedReasons.UnpricedPart, part, adjusts, sum.Tokens[part]);
            return;
        }
        var key = (model, part, price, adjusts);
        if (!lines.TryGetValue(key, out var line))
            lines[key] = line = new LineSum();
        line.Add(part, sum);
        if (sum.Tokens[part] == 0)
            return;
        priceUses.Add(price.Id, sum.Used(part));
        if (part is TokenPart.CacheRead && adjusts is null)
            AddSaving(price, book.PriceAt(upstream, model, TokenPart.UncachedInput, quarter), sum);
    }

    private void AddSaving(PriceRow read, PriceRow? uncached, UsageSum sum)
    {
        if (uncached is not null)
            priceUses.Add(uncached.Id, sum.Used(TokenPart.CacheRead));
        savings[(read, uncached)] = savings.GetValueOrDefault((read, uncached)) + sum.Tokens.CacheRead;
    }

    private void AddUnpriced(string name, string reason, TokenPart part, string? adjusts, long tokens)
    {
        var key = (name, reason, part, adjusts);
        unpriced[key] = unpriced.GetValueOrDefault(key) + tokens;
    }

    private void CountRecords(string? adjusts, UsageSum sum)
    {
        if (adjusts is null)
            records += sum.Records;
    }

    private List<SettlementLine> Lines() =>
    [
        .. lines.Where(pair => pair.Value.Tokens != 0).Select(pair => pair.Value.Line(pair.Key.Model, pair.Key.Part, pair.Key.Price, pair.Key.Adjusts))
            .OrderBy(line => line.Model, StringComparer.Ordinal)
            .ThenBy(line => TokenParts.NameOf(line.Part), StringComparer.Ordinal)
            .ThenBy(line => PriceBands.NameOf(line.Band), StringComparer.Ordinal)
            .ThenBy(line => line.ValidFrom ?? DateTime.MinValue)
            .ThenBy(line => line.Adjusts, StringComparer.Ordinal)
            .ThenBy(line => line.PriceId),
    ];

    private List<UnpricedLine> Unpriced() =>
    [
        .. unpriced.Where(pair => pair.Value != 0).Select(pair => new UnpricedLine(pair.Key.Name, pair.Key.Reason, pair.Key.Part, pair.Value, pair.Key.Adjusts))
            .OrderBy(line => line.Name, StringComparer.Ordinal)
            .ThenBy(line => line.Reason, StringComparer.Ordinal)
            .ThenBy(line => TokenParts.NameOf(line.Part), StringComparer.Ordinal)
            .ThenBy(line => line.Adjusts, StringComparer.Ordinal),
    ];

    private List<NotTokensLine> NotTokens() =>
    [
        .. notTokens.Select(pair => new NotTokensLine(pair.Key.Name, pair.Value.Tokens, pair.Value.Records, pair.Key.Adjusts))
            .OrderBy(line => line.Name, StringComparer.Ordinal)
            .ThenBy(line => line.Adjusts, StringComparer.Ordinal),
    ];

    // The billing currency stands first, with 0 where no line is in it.
    private List<CurrencyTotal> Totals(List<SettlementLine> priced) =>
    [
        .. priced.Select(line => line.Currency).Append(currency).Distinct()
            .OrderBy(code => code != currency).ThenBy(code => code, StringComparer.Ordinal)
            .Select(code => SettlementMath.Total(code, AmountNano(priced.Where(line => line.Currency == code)))),
    ];

    // Null where something read has no price to compare with: also what was read while another currency was billed.
    private long? Saving(List<SettlementLine> priced)
    {
        var reads = priced.Where(line => line is { Part: TokenPart.CacheRead, Adjusts: null }).ToList();
        if (reads.Exists(line => line.Currency != currency) || savings.Keys.Any(pair => pair.Uncached is null))
            return null;
        var uncached = savings.Aggregate(Int128.Zero, (sum, pair) => sum + SettlementMath.AmountNano(pair.Value, pair.Key.Uncached!.PriceMicro));
        return SettlementMath.Fit(uncached - AmountNano(reads));
    }

    private static Int128 AmountNano(IEnumerable<SettlementLine> lines) => lines.Aggregate(Int128.Zero, (sum, line) => sum + line.AmountNano);

    private static TokenCounts Sum(IEnumerable<(TokenPart Part, long Tokens)> tokens) =>
        tokens.Aggregate(TokenCounts.None, (sum, one) => sum + TokenCounts.Of(one.Part, one.Tokens));

    private sealed class LineSum
    {
        private long records;

        public long Tokens { get; private set; }

        public void Add(TokenPart part, UsageSum sum)
        {
            Tokens += sum.Tokens[part];
            records += sum.Records;
        }

        public SettlementLine Line(string model, TokenPart part, PriceRow price, string? adjusts) => new(
            model, part, price.Band, price.Id, price.ValidFrom, price.ValidUntil, price.PriceMicro, Tokens, SettlementMath.AmountNano(Tokens, price.PriceMicro),
            price.Currency, adjusts, records);
    }

    private sealed class RowUses
    {
        private readonly SortedDictionary<long, (long First, long Last)> uses = [];

        public void Add(long id, (long First, long Last) use)
        {
            var known = uses.GetValueOrDefault(id, use);
            uses[id] = (Math.Min(known.First, use.First), Math.Max(known.Last, use.Last));
        }

        public List<RowUse> InOrder() => [.. uses.Select(use => new RowUse(use.Key, Quarters.Start(use.Value.First), Quarters.Start(use.Value.Last + 1)))];
    }
}
