using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>What tokens of a console model cost the customer, in credits: a dated row. Decimals are exact, in millionths. Source: settlement rules 5.</summary>
/// <param name="Id">The row's id; 0 for the default.</param>
/// <param name="Name">The console's model name, canonical.</param>
/// <param name="InputWeightMicro">Credits of an uncached input token.</param>
/// <param name="DivisorMicro">A cached input token costs the input weight divided by this; more than 0.</param>
/// <param name="CacheWriteWeightMicro">Credits of a token written to a cache.</param>
/// <param name="OutputWeightMicro">Credits of an output token.</param>
/// <param name="ValidFrom">First instant, UTC, the start of a business day; null: always before.</param>
/// <param name="ValidUntil">First instant not included, UTC, the start of a business day; null: no end is set.</param>
public sealed record CreditRule(
    long Id, string Name, long InputWeightMicro, long DivisorMicro, long CacheWriteWeightMicro, long OutputWeightMicro, DateTime? ValidFrom, DateTime? ValidUntil)
    : DatedRow(Id, ValidFrom, ValidUntil)
{
    internal const long Micro = 1_000_000;

    /// <summary>The greatest weight and divisor, in millionths: a million.</summary>
    public const long MostMicro = 1_000_000L * Micro;

    /// <summary>What holds of a model without a rule: input 1, a cached input token a fiftieth, cache writes 1, output 1.</summary>
    public static readonly CreditRule Default = new(0, "", Micro, 50 * Micro, Micro, Micro, null, null);

    /// <summary>Credits of tokens, exact: to be summed before it is rounded.</summary>
    public Fraction Credits(TokenCounts tokens)
    {
        var (micro, reads) = Parts(tokens);
        return new Fraction(micro, Micro) + new Fraction(reads, DivisorMicro);
    }

    /// <summary>The two parts of what tokens cost: in millionths of a credit, and what is to be divided by <see cref="DivisorMicro"/>.</summary>
    internal (Int128 Micro, Int128 Reads) Parts(in TokenCounts tokens) => (
        (Int128)tokens.UncachedInput * InputWeightMicro + ((Int128)tokens.CacheWrite5m + tokens.CacheWrite1h) * CacheWriteWeightMicro + (Int128)tokens.Output * OutputWeightMicro,
        (Int128)tokens.CacheRead * InputWeightMicro);

    /// <inheritdoc/>
    public override bool Excludes(DatedRow other) => other is CreditRule rule && rule.Name == Name;

    /// <inheritdoc/>
    public override Refusal Overlap() => Overlap(string.Join(" / ", new[] { InputWeightMicro, DivisorMicro, CacheWriteWeightMicro, OutputWeightMicro }.Select(RateRules.PriceText)));

    /// <summary>Whether a rule may be so: weights of 0 to a million, a divisor above 0 and up to it.</summary>
    public static Refusal? Check(CreditRule rule) =>
        Weight(rule.InputWeightMicro, "input_weight") ?? (rule.DivisorMicro <= 0 ? new Refusal("DivisorNotPositive", "cached_divisor") : Weight(rule.DivisorMicro, "cached_divisor"))
            ?? Weight(rule.CacheWriteWeightMicro, "cache_write_weight") ?? Weight(rule.OutputWeightMicro, "output_weight");

    private static Refusal? Weight(long micro, string field) => micro switch
    {
        < 0 => new Refusal("RateNegative", field, micro.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        > MostMicro => new Refusal("FactorAbove", field, RateRules.PriceText(micro), RateRules.PriceText(MostMicro)),
        _ => null,
    };
}

/// <summary>The credit rules by console model name and business day. Holds no state of its own, so several threads may ask it.</summary>
/// <param name="rules">All rules that may matter; of one name no two hold for one instant.</param>
/// <param name="shop">The business days.</param>
public sealed class CreditBook(IEnumerable<CreditRule> rules, BusinessTime shop)
{
    private readonly Dictionary<string, CreditRule[]> byName = rules.GroupBy(rule => ModelNames.Canonical(rule.Name)).ToDictionary(group => group.Key, group => group.ToArray());

    /// <summary>The rule of a console model on a business day; the default one when none holds. Rules change at the start of a day, so one holds for all of it.</summary>
    public CreditRule RuleOf(string consoleName, DateOnly day)
    {
        if (!byName.TryGetValue(ModelNames.Canonical(consoleName), out var dated))
            return CreditRule.Default;
        var start = shop.StartOf(day);
        return Array.Find(dated, rule => !(rule.ValidFrom > start) && !(rule.ValidUntil <= start)) ?? CreditRule.Default;
    }
}
