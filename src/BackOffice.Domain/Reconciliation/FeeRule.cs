using BackOffice.Domain.Settlement;

namespace BackOffice.Domain.Reconciliation;

/// <summary>Creem's estimated fee in one currency for some time: a stored row, known by its currency and beginning. Source: reconciliation rules.</summary>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="PartsPerMillion">Of the amount paid: 3.9 % is 39,000.</param>
/// <param name="FixedMinor">Of each transaction, minor units.</param>
/// <param name="ValidFrom">First instant, UTC, a whole quarter-hour; always set.</param>
/// <param name="ValidUntil">First instant not included, UTC, a whole quarter-hour; null: no end is set.</param>
public sealed record FeeRule(string Currency, long PartsPerMillion, long FixedMinor, DateTime? ValidFrom, DateTime? ValidUntil) : DatedRow(0, ValidFrom, ValidUntil)
{
    /// <summary>The part of the amount in per cent: <c>3.9</c>.</summary>
    public string Percent => RateRules.PriceText(PartsPerMillion * 100);

    /// <inheritdoc/>
    public override bool Excludes(DatedRow other) => other is FeeRule rule && rule.Currency == Currency;

    /// <inheritdoc/>
    public override Refusal Overlap() => Overlap($"{Percent} % + {new Money(FixedMinor, Currency).ToInvariantString()}");
}
