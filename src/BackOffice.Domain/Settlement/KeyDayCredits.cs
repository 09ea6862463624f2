using System.Numerics;
using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>Usage of one key under one console model on one business day.</summary>
/// <param name="Key">The customer's key, <c>id:97</c> or <c>name:k036</c>; null when the rows name none.</param>
/// <param name="ConsoleName">The model as the console calls it.</param>
/// <param name="Day">The business day.</param>
/// <param name="Tokens">Tokens of all consume records.</param>
/// <param name="Records">Number of consume records.</param>
/// <param name="KnownTokens">Tokens of the consume records whose charge is known.</param>
/// <param name="KnownRecords">Number of those records.</param>
/// <param name="KnownQuota">Sum of their charges, quota units, signed.</param>
/// <param name="Refunds">Number of refund records.</param>
/// <param name="RefundQuota">Sum of their charges, quota units: negative.</param>
public readonly record struct KeyCell(
    string? Key, string ConsoleName, DateOnly Day, TokenCounts Tokens, long Records, TokenCounts KnownTokens, long KnownRecords, long KnownQuota, long Refunds, long RefundQuota);

/// <summary>What a key's use of a day costs in credits, and what the console took for it.</summary>
/// <param name="Key">The customer's key; null when the rows name none.</param>
/// <param name="Day">The business day.</param>
/// <param name="Tokens">Tokens of all consume records, all models together.</param>
/// <param name="Records">Number of consume records.</param>
/// <param name="Credits">Credits of all consume records, summed exactly and rounded half away from zero.</param>
/// <param name="KnownRecords">Number of consume records whose charge is known.</param>
/// <param name="KnownCredits">Credits of those records, rounded in the same way.</param>
/// <param name="KnownQuota">What the console took for them, quota units.</param>
/// <param name="QuotaPerToken">Quota units the console takes for one credit, more than 0.</param>
/// <param name="Refunds">Number of refund records, shown beside it.</param>
/// <param name="RefundQuota">What the console gave back, quota units: negative.</param>
public sealed record KeyDayLine(
    string? Key, DateOnly Day, TokenCounts Tokens, long Records, long Credits, long KnownRecords, long KnownCredits, long KnownQuota, Fraction QuotaPerToken,
    long Refunds, long RefundQuota)
{
    /// <summary>Credits less what was taken, in credits; over records with a known charge. Exact.</summary>
    public Fraction Difference => KnownCredits - KnownQuota / QuotaPerToken;

    /// <summary>Whether that is more than one credit a record: the finding <c>charged_differs</c>.</summary>
    public bool Differs =>
        BigInteger.Abs(KnownCredits * QuotaPerToken.Numerator - KnownQuota * QuotaPerToken.Denominator) > KnownRecords * QuotaPerToken.Numerator;
}

/// <summary>Credits by (key, business day), of cells fed in any order. Not for several threads. Source: settlement rules 5.</summary>
/// <param name="book">The credit rules.</param>
/// <param name="quotaPerToken">Quota units the console takes for one credit: the setting, more than 0.</param>
public sealed class KeyDayCredits(CreditBook book, Fraction quotaPerToken)
{
    /// <summary>The finding of a day whose charge is too far from its credits.</summary>
    public const string ChargedDiffers = "charged_differs";

    private readonly Dictionary<(string Key, DateOnly Day), KeyDaySum> days = [];
    private readonly Dictionary<(string Name, DateOnly Day), CreditRule> rules = [];
    private readonly SortedSet<long> ruleIds = [];

    /// <summary>Ids of the credit rules used, ascending; the default one has none.</summary>
    public IReadOnlyCollection<long> RuleIds => ruleIds;

    /// <summary>Adds a cell.</summary>
    public void Add(in KeyCell cell)
    {
        if (!rules.TryGetValue((cell.ConsoleName, cell.Day), out var rule))
            rules[(cell.ConsoleName, cell.Day)] = rule = book.RuleOf(cell.ConsoleName, cell.Day);
        if (rule.Id != 0 && !cell.Tokens.IsNone)
            ruleIds.Add(rule.Id);
        if (!days.TryGetValue((cell.Key ?? "", cell.Day), out var day))
            days[(cell.Key ?? "", cell.Day)] = day = new KeyDaySum();
        day.Add(rule, cell);
    }

    /// <summary>The days of all keys, by key (ordinal, without key first) and day.</summary>
    /// <exception cref="OverflowException">Credits leave 64 bits.</exception>
    public IReadOnlyList<KeyDayLine> Lines() =>
        [.. days.OrderBy(day => day.Key.Key, StringComparer.Ordinal).ThenBy(day => day.Key.Day).Select(day => day.Value.Line(day.Key.Key.Length == 0 ? null : day.Key.Key, day.Key.Day, quotaPerToken))];
}

/// <summary>What one key used on one business day, under the rules of its models. Not for several threads.</summary>
public sealed class KeyDaySum
{
    // A day has few rules, so the exact fractions are taken once a rule and not once a cell.
    private readonly List<(CreditRule Rule, TokenCounts All, TokenCounts Known)> byRule = new(1);
    private TokenCounts tokens;
    private long records;
    private long knownRecords;
    private long knownQuota;
    private long refunds;
    private long refundQuota;

    /// <summary>Adds a cell of the key and day.</summary>
    /// <param name="rule">The rule of its console model.</param>
    /// <param name="cell">The cell.</param>
    public void Add(CreditRule rule, in KeyCell cell)
    {
        var at = byRule.FindIndex(sums => ReferenceEquals(sums.Rule, rule));
        if (at < 0)
            byRule.Add((rule, cell.Tokens, cell.KnownTokens));
        else
            byRule[at] = (rule, byRule[at].All + cell.Tokens, byRule[at].Known + cell.KnownTokens);
        tokens += cell.Tokens;
        records += cell.Records;
        knownRecords += cell.KnownRecords;
        knownQuota += cell.KnownQuota;
        refunds += cell.Refunds;
        refundQuota += cell.RefundQuota;
    }

    /// <summary>What the day comes to.</summary>
    /// <param name="key">The key; null when the rows name none.</param>
    /// <param name="day">The day.</param>
    /// <param name="quotaPerToken">Quota units the console takes for one credit, more than 0.</param>
    /// <exception cref="OverflowException">Credits leave 64 bits.</exception>
    public KeyDayLine Line(string? key, DateOnly day, Fraction quotaPerToken)
    {
        var credits = Credits(known: false);
        var knownCredits = byRule.TrueForAll(sums => sums.All == sums.Known) ? credits : Credits(known: true);
        return new KeyDayLine(key, day, tokens, records, credits, knownRecords, knownCredits, knownQuota, quotaPerToken, refunds, refundQuota);
    }

    // Hundreds of thousands of days are added up while somebody waits: without fractions, where the rules of the day divide alike and 128 bits hold them.
    private long Credits(bool known)
    {
        if (byRule.Count == 0)
            return 0;
        var divisor = byRule[0].Rule.DivisorMicro;
        var (micro, reads) = (Int128.Zero, Int128.Zero);
        foreach (var (rule, all, ofKnown) in byRule)
        {
            var parts = rule.Parts(known ? ofKnown : all);
            (micro, reads) = (micro + parts.Micro, reads + parts.Reads);
            if (rule.DivisorMicro != divisor)
                return ExactCredits(known);
        }
        var most = Int128.MaxValue / 4 / Math.Max(divisor, CreditRule.Micro);
        if (Int128.Abs(micro) > most || Int128.Abs(reads) > most)
            return ExactCredits(known);
        var numerator = micro * divisor + reads * CreditRule.Micro;
        var denominator = (Int128)divisor * CreditRule.Micro;
        var (whole, rest) = Int128.DivRem(numerator, denominator);
        return checked((long)(Int128.Abs(rest) * 2 < denominator ? whole : whole + Int128.Sign(numerator)));
    }

    private long ExactCredits(bool known) => (long)byRule.Aggregate(Fraction.Zero, (sum, sums) => sum + sums.Rule.Credits(known ? sums.Known : sums.All)).RoundHalfAway();
}
