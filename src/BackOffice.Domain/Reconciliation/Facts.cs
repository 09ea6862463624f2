namespace BackOffice.Domain.Reconciliation;

/// <summary>The parameters of a run (reconciliation rules 3). Instants are UTC; intervals are half-open.</summary>
public sealed record RunParameters
{
    /// <summary>Start of the window.</summary>
    public required DateTime From { get; init; }

    /// <summary>End of the window, not included.</summary>
    public required DateTime Until { get; init; }

    /// <summary>Only what happened before it counts.</summary>
    public required DateTime AsOf { get; init; }

    /// <summary>Only what was recorded up to it counts.</summary>
    public required DateTime KnownAsOf { get; init; }

    /// <summary>What is younger than this before <see cref="AsOf"/> is not yet missing.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Difference of an amount that is still no finding, minor units.</summary>
    public long ToleranceMinor { get; init; }

    /// <summary>The shop's mode at Creem; transactions of another are never reconciled.</summary>
    public string Mode { get; init; } = "prod";

    /// <summary>Nightly runs: every order and transaction of which a fact was recorded after this is in scope as well.</summary>
    public DateTime? RecordedSince { get; init; }

    /// <summary>Estimated fees, dated.</summary>
    public IReadOnlyList<FeeRow> Fees { get; init; } = [];

    /// <summary>What happened before it is no longer within the grace.</summary>
    public DateTime GraceFrom => AsOf - Grace;

    /// <summary>Whether something that happened at an instant happened in the window, as the run sees it.</summary>
    public bool InWindow(DateTime instant) => instant >= From && instant < Until && instant < AsOf;

    /// <summary>Whether the transaction is of the shop's mode; a missing mode counts as the shop's.</summary>
    public bool Reconciles(TransactionState transaction) => transaction.Mode is null || transaction.Mode == Mode;

    /// <summary>Whether a fact was known to the run but not yet to the nightly run before it.</summary>
    public bool IsNews(DateTime recordedAt) => recordedAt > RecordedSince && recordedAt <= KnownAsOf;
}

/// <summary>Creem's estimated fee for one currency: parts per million of the amount paid, and a fixed part in minor units.</summary>
public sealed record FeeRow(string Currency, long PartsPerMillion, long FixedMinor, DateTime ValidFrom, DateTime? ValidUntil);

/// <summary>What one source said of one transaction at one time (reconciliation rules 1): append-only.</summary>
public record Observation
{
    /// <summary>Creem's id, <c>tran_</c>.</summary>
    public required string TransactionId { get; init; }

    /// <summary>One of <see cref="ObservationSources"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Hash of the fields: the last tie-break between steps.</summary>
    public required byte[] PayloadHash { get; init; }

    /// <summary>When we learnt it, UTC.</summary>
    public required DateTime RecordedAt { get; init; }

    /// <summary>Creem's word for the status, as it came.</summary>
    public required string Status { get; init; }

    /// <summary>Creem's mode; null counts as the shop's.</summary>
    public string? Mode { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public string? Currency { get; init; }

    /// <summary>Minor units.</summary>
    public long? AmountMinor { get; init; }

    /// <summary>Minor units.</summary>
    public long? AmountPaidMinor { get; init; }

    /// <summary><c>amount_due</c> of the checkout event's order, minor units: stands in for a missing amount paid (rules 2).</summary>
    public long? AmountDueMinor { get; init; }

    /// <summary>Minor units.</summary>
    public long? TaxMinor { get; init; }

    /// <summary>Minor units, without sign, for all units.</summary>
    public long? DiscountMinor { get; init; }

    /// <summary>Minor units.</summary>
    public long? RefundedMinor { get; init; }

    /// <summary>Creem's order id.</summary>
    public string? CreemOrderId { get; init; }

    /// <summary>The transaction's own <c>created_at</c>, UTC; null only where the source lacks it.</summary>
    public DateTime? CreatedAt { get; init; }

    /// <summary><c>created_at</c> of the refund or dispute object that carried this observation, UTC; null when there was none.</summary>
    public DateTime? HappenedAt { get; init; }

    /// <summary>Our order whose Creem order id equals <see cref="CreemOrderId"/>, among the orders known at <see cref="RunParameters.KnownAsOf"/>.</summary>
    public string? OrderNoByCreemId { get; init; }

    /// <summary>Our order whose number equals the checkout's <c>request_id</c>, among the orders known then.</summary>
    public string? OrderNoByRequest { get; init; }

    /// <summary>
    /// When we learnt of the later of those two orders, UTC; null when there is none. An order that is recorded after its payment changes whose the
    /// payment is, so it is news of the transaction as well (rules 3).
    /// </summary>
    public DateTime? OrdersRecordedAt { get; init; }
}

/// <summary>Where an observation came from; in the order in which equal steps are taken (reconciliation rules 1).</summary>
public static class ObservationSources
{
    /// <summary>Told by a webhook.</summary>
    public const string Webhook = "webhook";

    /// <summary>Imported from a file.</summary>
    public const string File = "file";

    /// <summary>Read from Creem's API.</summary>
    public const string Api = "api";

    /// <summary>Place of a source among equal steps: webhook, file, api.</summary>
    public static int Place(string source) => source switch
    {
        Webhook => 0,
        File => 1,
        Api => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "Not a source of observations."),
    };
}

/// <summary>An order as sold.</summary>
public sealed record OrderFacts
{
    /// <summary>Public order number.</summary>
    public required string OrderNo { get; init; }

    /// <summary>Slug of the package.</summary>
    public required string Package { get; init; }

    /// <summary>Package tokens x units, as sold.</summary>
    public required long Tokens { get; init; }

    /// <summary>Currency of the charge.</summary>
    public required string ChargeCurrency { get; init; }

    /// <summary>Charge for all units, minor units.</summary>
    public required long ChargeMinor { get; init; }

    /// <summary>Whether the charge contains the tax.</summary>
    public required bool TaxInclusive { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>When we learnt it, UTC.</summary>
    public required DateTime RecordedAt { get; init; }
}

/// <summary>A delivery and its revocation, each with the time we learnt it.</summary>
public sealed record DeliveryFacts
{
    /// <summary>The delivery's id, for the hash of the facts.</summary>
    public required Guid Id { get; init; }

    /// <summary>The order it was made for.</summary>
    public required string OrderNo { get; init; }

    /// <summary>One of <see cref="Orders.DeliveryKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Tokens handed out.</summary>
    public required long Tokens { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTime DeliveredAt { get; init; }

    /// <summary>When we learnt it, UTC.</summary>
    public required DateTime RecordedAt { get; init; }

    /// <summary>When it was revoked, UTC; null when it was not, as far as known at <see cref="RunParameters.KnownAsOf"/>.</summary>
    public DateTime? RevokedAt { get; init; }

    /// <summary>When we learnt of the revocation, UTC.</summary>
    public DateTime? RevocationRecordedAt { get; init; }

    /// <summary>When its code, one of a batch of ours, was made void, UTC: that is on record from the same instant. Null when it was not, and for any other secret.</summary>
    public DateTime? CodeVoidedAt { get; init; }

    /// <summary>When its code was redeemed, UTC; null when it was not, as far as anybody knows.</summary>
    public DateTime? CodeRedeemedAt { get; init; }

    /// <summary>When we learnt that its code was redeemed, UTC.</summary>
    public DateTime? CodeRedemptionRecordedAt { get; init; }

    /// <summary>Whether a run knows of it and it was made before the run's <see cref="RunParameters.AsOf"/>.</summary>
    public bool IsMade(RunParameters run) => RecordedAt <= run.KnownAsOf && DeliveredAt < run.AsOf;

    /// <summary>The revocation as far as a run knows it: null when there is none before its <see cref="RunParameters.AsOf"/>.</summary>
    public DateTime? KnownRevocation(RunParameters run) =>
        RevokedAt < run.AsOf && (RevocationRecordedAt ?? RecordedAt) <= run.KnownAsOf ? RevokedAt : null;

    /// <summary>Live (reconciliation rules 2): made and not revoked.</summary>
    public bool IsLive(RunParameters run) => IsMade(run) && KnownRevocation(run) is null;

    /// <summary>When its code was made void as far as a run knows it: null when that was not before its <see cref="RunParameters.AsOf"/>.</summary>
    public DateTime? KnownVoid(RunParameters run) => CodeVoidedAt < run.AsOf && CodeVoidedAt <= run.KnownAsOf ? CodeVoidedAt : null;

    /// <summary>Whether its code is void and was not redeemed: then the customer holds nothing that works (reconciliation rules 2).</summary>
    public bool IsOfVoidCode(RunParameters run) => KnownVoid(run) is not null && !(CodeRedeemedAt < run.AsOf && CodeRedemptionRecordedAt <= run.KnownAsOf);

    /// <summary>The same with all that is known now.</summary>
    public bool IsOfVoidCodeNow => CodeVoidedAt is not null && CodeRedeemedAt is null;

    /// <summary>Whether the customer holds something that works, with all that is known now: it was not revoked, and its code is not void.</summary>
    public bool WorksNow => RevokedAt is null && !IsOfVoidCodeNow;
}
