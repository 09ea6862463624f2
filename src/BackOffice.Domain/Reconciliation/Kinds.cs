namespace BackOffice.Domain.Reconciliation;

/// <summary>The kinds of findings in the order of reconciliation rules 4; their words stand in files, addresses and rows.</summary>
public static class FindingKinds
{
#pragma warning disable CS1591 // the names are the rule's own, explained there and in the glossary
    public const string SecretDeliveredTwice = "secret_delivered_twice";
    public const string DeliveredNotPaid = "delivered_not_paid";
    public const string RefundedStillLive = "refunded_still_live";
    public const string ChargedBackStillLive = "charged_back_still_live";
    public const string PaidNotDelivered = "paid_not_delivered";
    public const string RevokedButPaid = "revoked_but_paid";
    public const string RedeemedUnexpectedly = "redeemed_unexpectedly";
    public const string DuplicatePayment = "duplicate_payment";
    public const string DuplicateDelivery = "duplicate_delivery";
    public const string PaymentWithoutOrder = "payment_without_order";
    public const string CurrencyMismatch = "currency_mismatch";
    public const string AmountMismatch = "amount_mismatch";
    public const string WrongQuota = "wrong_quota";
    public const string VoidedCodeDelivered = "voided_code_delivered";
    public const string ConflictingRecord = "conflicting_record";
    public const string ProviderRecordMissing = "provider_record_missing";
    public const string PartiallyRefundedLive = "partially_refunded_live";
    public const string UnknownStatus = "unknown_status";
    public const string WebhookMissing = "webhook_missing";
    public const string UnmappedModel = "unmapped_model";
    public const string UnpricedPart = "unpriced_part";
    public const string UsagePutAside = "usage_put_aside";
    public const string ChargedDiffers = "charged_differs";
    public const string InvoiceUnexplained = "invoice_unexplained";
#pragma warning restore CS1591

    /// <summary>All kinds in table order: the order in which the bridge tries them.</summary>
    public static readonly IReadOnlyList<string> InOrder =
    [
        SecretDeliveredTwice, DeliveredNotPaid, RefundedStillLive, ChargedBackStillLive, PaidNotDelivered, RevokedButPaid, RedeemedUnexpectedly,
        DuplicatePayment, DuplicateDelivery, PaymentWithoutOrder, CurrencyMismatch, AmountMismatch, WrongQuota, VoidedCodeDelivered, ConflictingRecord,
        ProviderRecordMissing, PartiallyRefundedLive, UnknownStatus, WebhookMissing,
    ];

    /// <summary>
    /// The kinds that drafts of settlements open and clear (settlement rules 2, 3, 5, 6 and 7); the first four stop an approval. <see cref="ConflictingRecord"/> is there of
    /// records of usage, and in <see cref="InOrder"/> of transactions.
    /// </summary>
    public static readonly IReadOnlyList<string> OfSettlement = [UnmappedModel, UnpricedPart, ConflictingRecord, UsagePutAside, InvoiceUnexplained, ChargedDiffers];

    /// <summary>Every kind once: those of reconciliation, then those of settlements.</summary>
    public static readonly IReadOnlyList<string> All = [.. InOrder.Union(OfSettlement)];

    /// <summary><c>P1</c>, <c>P2</c> or <c>P3</c> (reconciliation rules 4).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The word is no kind.</exception>
    public static string Priority(string kind) => kind switch
    {
        SecretDeliveredTwice or DeliveredNotPaid or RefundedStillLive or ChargedBackStillLive or PaidNotDelivered or RevokedButPaid or RedeemedUnexpectedly => "P1",
        PartiallyRefundedLive or UnknownStatus or WebhookMissing or ChargedDiffers => "P3",
        DuplicatePayment or DuplicateDelivery or PaymentWithoutOrder or CurrencyMismatch or AmountMismatch or WrongQuota or VoidedCodeDelivered
            or ConflictingRecord or ProviderRecordMissing or UnmappedModel or UnpricedPart or UsagePutAside or InvoiceUnexplained => "P2",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of finding."),
    };
}

/// <summary>The buckets of the bridge that are no finding (reconciliation rules 6).</summary>
public static class BridgeBuckets
{
    /// <summary>Charged back, and nothing of its order is live or another transaction of the order stands.</summary>
    public const string ChargedBackSettled = "charged_back_settled";

    /// <summary>Refunded, and nothing of its order is live or another transaction of the order stands.</summary>
    public const string RefundedSettled = "refunded_settled";

    /// <summary>Stands, not delivered yet, younger than the grace.</summary>
    public const string WithinGrace = "within_grace";

    /// <summary>Stands, with a live delivery.</summary>
    public const string Matched = "matched";
}
