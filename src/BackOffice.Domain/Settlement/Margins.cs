using System.Numerics;

namespace BackOffice.Domain.Settlement;

/// <summary>What orders with a transaction standing were sold for in one list currency.</summary>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="ListMinor">Sum of their list amounts, minor units.</param>
public readonly record struct SoldAtList(string Currency, Int128 ListMinor);

/// <summary>A dated exchange rate as an exact ratio: one unit of <paramref name="From"/> is <paramref name="Rate"/> units of <paramref name="To"/>.</summary>
/// <param name="Id">The row's id.</param>
/// <param name="From">ISO 4217 code.</param>
/// <param name="To">ISO 4217 code.</param>
/// <param name="Rate">Major units for a major unit; more than 0.</param>
/// <param name="ValidFrom">First instant, UTC; null: always before.</param>
/// <param name="ValidUntil">First instant not included, UTC; null: no end is set.</param>
public sealed record ExchangeRate(long Id, string From, string To, Fraction Rate, DateTime? ValidFrom, DateTime? ValidUntil) : DatedRow(Id, ValidFrom, ValidUntil)
{
    /// <summary>The rate in 10^-9, as it is kept.</summary>
    public long RateNano => (long)(Rate * SettlementMath.NanoPerUnit).RoundHalfEven();

    /// <inheritdoc/>
    public override bool Excludes(DatedRow other) => other is ExchangeRate rate && rate.From == From && rate.To == To;

    /// <inheritdoc/>
    public override Refusal Overlap() => Overlap($"1 {From} = {RateRules.RateText(RateNano)} {To}");
}

/// <summary>Estimates of what a period brought in and left over. Source: settlement rules 5.</summary>
public static class Margins
{
    /// <summary>
    /// The estimated revenue of a period: credits x list amounts / tokens sold, for each list currency, rounded half away from zero.
    /// </summary>
    /// <param name="credits">Credits used in the period.</param>
    /// <param name="sold">Orders created before the period's end that have a transaction standing then, by list currency.</param>
    /// <param name="tokensSold">Tokens of all of those orders, all currencies together.</param>
    /// <returns>One amount a currency, in the order given; none when no tokens were sold.</returns>
    /// <exception cref="OverflowException">An amount leaves 64 bits.</exception>
    public static IReadOnlyList<Money> Revenue(Fraction credits, IEnumerable<SoldAtList> sold, Int128 tokensSold) =>
        tokensSold == 0 ? [] : [.. sold.Select(list => new Money((long)(credits * (BigInteger)list.ListMinor / (BigInteger)tokensSold).RoundHalfAway(), list.Currency))];

    /// <summary>Revenue less payable, in the currency of the payable, rounded half away from zero once.</summary>
    /// <param name="revenue">The revenue by currency.</param>
    /// <param name="payable">What the upstream is to be paid.</param>
    /// <param name="rates">The exchange rates; either direction of a pair will do, since the ratio is exact.</param>
    /// <param name="until">End of the period, UTC: the rate that holds at the instant before counts.</param>
    /// <returns>Null when a rate is wanted and none holds: a margin is not guessed.</returns>
    /// <exception cref="OverflowException">The margin leaves 64 bits.</exception>
    public static Money? Margin(IEnumerable<Money> revenue, Money payable, IReadOnlyCollection<ExchangeRate> rates, DateTime until)
    {
        var sum = Fraction.Zero;
        foreach (var amount in revenue)
        {
            if (Minor(amount, payable.Currency, rates, until.AddTicks(-1)) is not { } converted)
                return null;
            sum += converted;
        }
        return new Money((long)(sum - payable.Minor).RoundHalfAway(), payable.Currency);
    }

    /// <summary>What a credit brings in by the same estimate, 10^-9 of a currency's unit, exact: by it keys are put in order and held against what they cost.</summary>
    /// <param name="sold">Orders created before the period's end that have a transaction standing then, by list currency.</param>
    /// <param name="tokensSold">Tokens of all of those orders.</param>
    /// <param name="currency">The currency wanted.</param>
    /// <param name="rates">The exchange rates.</param>
    /// <param name="until">End of the period, UTC: the rate that holds at the instant before counts.</param>
    /// <returns>Null when nothing was sold, or a rate is wanted and none holds: what a credit brings in is not guessed.</returns>
    public static Fraction? NanoPerCredit(IEnumerable<SoldAtList> sold, Int128 tokensSold, string currency, IReadOnlyCollection<ExchangeRate> rates, DateTime until)
    {
        if (tokensSold == 0)
            return null;
        var sum = Fraction.Zero;
        foreach (var list in sold)
        {
            if (UnitsOf(list.Currency, currency, rates, until) is not { } rate)
                return null;
            sum += (BigInteger)list.ListMinor * SettlementMath.NanoPerMinor(list.Currency) * rate;
        }
        return sum / (BigInteger)tokensSold;
    }

    /// <summary>Units of one currency for a unit of another, by the rate that holds at a period's last instant; null when none does.</summary>
    public static Fraction? UnitsOf(string from, string to, IReadOnlyCollection<ExchangeRate> rates, DateTime until) => from == to ? 1 : RateAt(from, to, rates, until.AddTicks(-1));

    private static Fraction? Minor(Money amount, string currency, IReadOnlyCollection<ExchangeRate> rates, DateTime at)
    {
        if (amount.Currency == currency)
            return amount.Minor;
        if (RateAt(amount.Currency, currency, rates, at) is not { } rate)
            return null;
        return new Fraction((BigInteger)amount.Minor * SettlementMath.NanoPerMinor(amount.Currency), SettlementMath.NanoPerMinor(currency)) * rate;
    }

    // The rate of the asked direction stands before the other one turned round.
    private static Fraction? RateAt(string from, string to, IReadOnlyCollection<ExchangeRate> rates, DateTime at) =>
        rates.FirstOrDefault(rate => rate.From == from && rate.To == to && rate.Holds(at))?.Rate
        ?? (rates.FirstOrDefault(rate => rate.From == to && rate.To == from && rate.Holds(at)) is { } turned ? 1 / turned.Rate : null);
}
