namespace BackOffice.Domain.Reconciliation;

/// <summary>A transaction as it was at an instant, with the amounts of reconciliation rules 2. Minor units, UTC.</summary>
public sealed record TransactionState
{
    /// <summary>ISO 4217's code for no currency: a transaction that tells none and belongs to no order.</summary>
    public const string NoCurrency = "XXX";

    /// <summary>Creem's id, <c>tran_</c>.</summary>
    public required string Id { get; init; }

    /// <summary>When the transaction was made.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Rank of the state.</summary>
    public required StepRank Rank { get; init; }

    /// <summary>Creem's mode; null counts as the shop's.</summary>
    public required string? Mode { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public required string Currency { get; init; }

    /// <summary>Amount paid, with tax.</summary>
    public required long PaidMinor { get; init; }

    /// <summary>Tax in the amount paid.</summary>
    public required long TaxMinor { get; init; }

    /// <summary>Discount for all units, without sign.</summary>
    public required long DiscountMinor { get; init; }

    /// <summary>Refunded, with tax: at least the amount paid when it is refunded; 0 when a partial refund does not tell its amount.</summary>
    public required long RefundedMinor { get; init; }

    /// <summary>Our order it belongs to; null when none is known.</summary>
    public required string? OrderNo { get; init; }

    /// <summary>Two observations contradict each other, or two ways link it to different orders.</summary>
    public required bool IsConflicting { get; init; }

    /// <summary>Normal status.</summary>
    public NormalStatus Status => StatusWords.Normal(Rank);

    /// <summary>Money came in: paid, refunded or charged back.</summary>
    public bool IsMoneyIn => StatusWords.IsMoneyIn(Status);

    /// <summary>It is paid: we have the money, perhaps less a partial refund.</summary>
    public bool Stands => Status is NormalStatus.Paid;

    /// <summary>It stands and was refunded in part, also when the part is not told.</summary>
    public bool IsPartlyRefunded => Rank is StepRank.PartlyRefunded;

    /// <summary>What the payment was for the goods alone: without tax where the price excludes it.</summary>
    public long NetMinor(OrderFacts order) => order.TaxInclusive ? PaidMinor : PaidMinor - TaxMinor;

    /// <summary>What the payment should have been for the goods alone.</summary>
    public long ExpectedMinor(OrderFacts order) => order.ChargeMinor - DiscountMinor;

    /// <summary>Tax that goes back with a refund or a chargeback, rounded half away from zero (rules 6).</summary>
    public long TaxReturnedMinor()
    {
        if (Status is NormalStatus.ChargedBack)
            return TaxMinor;
        return PaidMinor == 0 ? 0 : Money.MultiplyRounded(RefundedMinor, TaxMinor, PaidMinor);
    }
}
