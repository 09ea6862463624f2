using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Settlement;

/// <summary>What one key came to in a month, as far as it is added up.</summary>
/// <param name="key">The key's row.</param>
public sealed class KeySums(int key)
{
    private readonly Dictionary<string, CostSum> _costs = new(1, StringComparer.Ordinal);
    private bool _hasUnpriced;

    /// <summary>The key's row.</summary>
    public int Key => key;

    /// <summary>Credits of all its days, each rounded by itself.</summary>
    public long Credits { get; private set; }

    /// <summary>Credits of the records whose charge is known.</summary>
    public long KnownCredits { get; private set; }

    /// <summary>What the console took for those, quota units.</summary>
    public long KnownQuota { get; private set; }

    /// <summary>Days on which the two differ by more than a credit a record.</summary>
    public int DaysDiffering { get; private set; }

    /// <summary>Refunds, and what they gave back in quota units: negative.</summary>
    public long Refunds { get; private set; }

    /// <inheritdoc cref="Refunds"/>
    public long RefundQuota { get; private set; }

    /// <summary>Tokens of all its records.</summary>
    public TokenCounts Tokens { get; private set; }

    /// <summary>Its records but refunds.</summary>
    public long Records { get; private set; }

    /// <summary>Whether some of its tokens may have no price: its cost is more than is known.</summary>
    public bool HasUnpriced => _hasUnpriced;

    /// <summary>What it cost, by currency.</summary>
    public IReadOnlyDictionary<string, CostSum> Costs => _costs;

    internal void Add(KeyDayLine line, KeyReading.DayCost cost)
    {
        Credits = checked(Credits + line.Credits);
        KnownCredits = checked(KnownCredits + line.KnownCredits);
        KnownQuota = checked(KnownQuota + line.KnownQuota);
        DaysDiffering += line.Differs ? 1 : 0;
        Refunds += line.Refunds;
        RefundQuota = checked(RefundQuota + line.RefundQuota);
        Tokens += line.Tokens;
        Records += line.Records;
        cost.AddTo(_costs, ref _hasUnpriced);
    }
}

/// <summary>All keys of a business month.</summary>
public sealed class KeyMonth
{
    private readonly IReadOnlyCollection<ExchangeRate> _rates;
    private readonly DateTime _until;

    internal KeyMonth(DateOnly from, IReadOnlyList<KeySums> keys, SoldTokens sold, IReadOnlyCollection<ExchangeRate> rates, DateTime until, Fraction quotaPerToken)
    {
        (From, Keys, Sold, _rates, _until) = (from, keys, sold, rates, until);
        var costs = keys.SelectMany(key => key.Costs).GroupBy(cost => cost.Key, StringComparer.Ordinal).Select(group => (Currency: group.Key, Nano: group.Aggregate(Int128.Zero, (sum, cost) => sum + cost.Value.Nano))).ToList();
        Currency = costs.OrderByDescending(cost => cost.Nano).ThenBy(cost => cost.Currency, StringComparer.Ordinal).Select(cost => cost.Currency).FirstOrDefault() ?? sold.Lists.Select(list => list.Currency).FirstOrDefault();
        NanoPerCredit = Currency is null ? null : Margins.NanoPerCredit(sold.Lists, sold.Tokens, Currency, rates, until);
        Charged = keys.Aggregate(Int128.Zero, (sum, key) => sum + key.KnownQuota) is var quota ? new Fraction(quota, 1) / quotaPerToken : default;
    }

    /// <summary>First day of the month.</summary>
    public DateOnly From { get; }

    /// <summary>Every key with usage or refunds, in no order.</summary>
    public IReadOnlyList<KeySums> Keys { get; }

    /// <summary>What was sold by the month's end: the price of a credit.</summary>
    public SoldTokens Sold { get; }

    /// <summary>The currency margins are in: that of most of the costs; null when there is none.</summary>
    public string? Currency { get; }

    /// <summary>What a credit brought in, 10^-9 of the unit of <see cref="Currency"/>; null when nothing was sold, or an exchange rate is wanted and none holds.</summary>
    public Fraction? NanoPerCredit { get; }

    /// <summary>What the console took, in credits.</summary>
    public Fraction Charged { get; }

    /// <summary>Credits of all keys.</summary>
    public Int128 Credits => Keys.Aggregate(Int128.Zero, (sum, key) => sum + key.Credits);

    /// <summary>The keys in order, the greatest use of credits first.</summary>
    public IEnumerable<KeySums> ByCredits => Keys.OrderByDescending(key => key.Credits).ThenBy(key => key.Key);

    /// <summary>The keys in order, the greatest loss first; by credits where margins are not known.</summary>
    public IEnumerable<KeySums> ByLoss => NanoPerCredit is null ? ByCredits : Keys.Select(key => (Key: key, Margin: About(key))).OrderBy(one => one.Margin ?? Int128.MaxValue).ThenBy(one => one.Key.Key).Select(one => one.Key);

    /// <summary>How many keys cost more than they earn; null when that is not known.</summary>
    public int? Losing => NanoPerCredit is null ? null : Keys.Count(key => About(key) < 0);

    /// <summary>Costs in one currency, 10^-9 of its unit, exact; null when a rate is wanted and none holds.</summary>
    internal Fraction? Converted(IEnumerable<(string Currency, long Nano)> costs, string currency)
    {
        var sum = Fraction.Zero;
        foreach (var (from, nano) in costs)
        {
            if (Margins.UnitsOf(from, currency, _rates, _until) is not { } rate)
                return null;
            sum += nano * rate;
        }
        return sum;
    }

    // Rounded down to a nano: for putting keys in order only.
    private Int128? About(KeySums key)
    {
        var perCredit = NanoPerCredit!.Value;
        var margin = Floor(key.Credits * perCredit.Numerator, perCredit.Denominator);
        foreach (var (currency, cost) in key.Costs)
        {
            if (Margins.UnitsOf(currency, Currency!, _rates, _until) is not { } rate)
                return null;
            margin -= Floor(cost.Nano * rate.Numerator, rate.Denominator);
        }
        return margin;
    }

    private static Int128 Floor(System.Numerics.BigInteger numerator, System.Numerics.BigInteger denominator) => (Int128)(numerator / denominator);
}

/// <summary>A key as lists show it.</summary>
/// <param name="Source">The console.</param>
/// <param name="Reference">The key, <c>id:97</c>; blank for what names none.</param>
/// <param name="Credits">Credits by the dated rules, its days rounded by themselves.</param>
/// <param name="KnownCredits">Those of the records whose charge is known.</param>
/// <param name="Charged">What the console took for those, in credits, exact.</param>
/// <param name="Difference">Credits of known records less what was taken.</param>
/// <param name="DaysDiffering">Days on which that is more than a credit a record.</param>
/// <param name="Refunds">Refunds.</param>
/// <param name="Refunded">What they gave back, in credits: negative.</param>
/// <param name="Tokens">Tokens.</param>
/// <param name="Records">Records but refunds.</param>
/// <param name="Revenue">Its share of what was sold, by list currency.</param>
/// <param name="Costs">What it cost, 10^-9 of the currency's unit, each rounded half to even once.</param>
/// <param name="HasUnpriced">Whether some of its tokens may have no price.</param>
/// <param name="MarginNano">Exact revenue less cost in the month's currency, 10^-9 of the unit; null when it is not known.</param>
public sealed record KeyRow(
    string Source, string Reference, long Credits, long KnownCredits, Fraction Charged, Fraction Difference, int DaysDiffering, long Refunds, Fraction Refunded, TokenCounts Tokens, long Records,
    IReadOnlyList<Money> Revenue, IReadOnlyList<(string Currency, long Nano)> Costs, bool HasUnpriced, long? MarginNano)
{
    /// <summary>Whether it costs more than it earns.</summary>
    public bool IsLosing => MarginNano < 0;
}

/// <summary>A model of a key's month.</summary>
/// <param name="Name">As the console calls it.</param>
/// <param name="Tokens">Tokens.</param>
/// <param name="Records">Records but refunds.</param>
/// <param name="Credits">Credits, rounded half away from zero once.</param>
public sealed record KeyModel(string Name, TokenCounts Tokens, long Records, long Credits);

/// <summary>A key's month.</summary>
/// <param name="Key">What it comes to.</param>
/// <param name="Currency">The currency of its margin: that of most of its costs; null when there is none.</param>
/// <param name="Days">Its days.</param>
/// <param name="Models">Its models, by name (ordinal).</param>
public sealed record KeyPageFigures(KeyRow Key, string? Currency, IReadOnlyList<KeyDayLine> Days, IReadOnlyList<KeyModel> Models);

/// <summary>What customers' keys cost of an upstream's business month, the dearest first.</summary>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Rows">The dearest.</param>
/// <param name="OtherKeys">How many more there are.</param>
/// <param name="OtherNano">What those cost together, 10^-9 of the unit.</param>
public sealed record KeyCosts(string Currency, IReadOnlyList<KeyCost> Rows, int OtherKeys, long OtherNano)
{
    /// <summary>As many keys as a list or a file shows by name.</summary>
    public const int Most = 1_000;
}

/// <summary>What a key cost: its tokens of each day, names and part at the day's average of the same.</summary>
/// <param name="Source">The console.</param>
/// <param name="Reference">The key, <c>id:97</c>; blank for what names none.</param>
/// <param name="Records">Its records but refunds, those of other upstreams among them.</param>
/// <param name="CostNano">10^-9 of the unit, rounded down.</param>
public sealed record KeyCost(string Source, string Reference, long Records, long CostNano);
