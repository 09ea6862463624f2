namespace BackOffice.Domain.Reconciliation;

/// <summary>How much money a finding is about: what the limits for accepting it are held against (<see cref="Access.ApprovalLimits"/>).</summary>
public static class FindingStake
{
    /// <summary>
    /// Of an amount that differs, the difference, without its sign. Of another finding of a transaction, what was paid. Of an order, its charge amount and, by
    /// currency, all that came in for it: either may be what is written off.
    /// </summary>
    /// <param name="line">The finding as judged.</param>
    /// <param name="transaction">The transaction it is about; null when it is about an order.</param>
    /// <param name="order">The order; null when there is none.</param>
    /// <param name="ofOrder">The transactions of the order.</param>
    public static IReadOnlyList<Money> Of(FindingLine line, TransactionState? transaction, OrderFacts? order, IEnumerable<TransactionState> ofOrder)
    {
        if (line is { Kind: FindingKinds.AmountMismatch or FindingKinds.InvoiceUnexplained, Currency: { } currency, ExpectedMinor: { } expected, ActualMinor: { } actual })
            return [new Money(Math.Abs(actual - expected), currency)];
        if (transaction is not null)
            return [new Money(transaction.PaidMinor, transaction.Currency)];
        var paid = ofOrder.Where(state => state.IsMoneyIn).GroupBy(state => state.Currency, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.Select(state => new Money(state.PaidMinor, state.Currency)).Aggregate((one, other) => one + other));
        return order is null ? [.. paid] : [new Money(order.ChargeMinor, order.ChargeCurrency), .. paid];
    }
}
