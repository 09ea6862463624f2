namespace BackOffice.Domain.Imports;

/// <summary>One line of orders.csv, read and checked for itself; whether its package is sold and its number is free is known only to the store.</summary>
public sealed record ImportedOrder
{
    /// <summary>Line of the file on which the record begins, from 1 (the header).</summary>
    public required long Line { get; init; }

    /// <summary>Public order number, printable ASCII, trimmed.</summary>
    public required string OrderNo { get; init; }

    /// <summary>Slug of the package, such as <c>trial</c>.</summary>
    public required string Package { get; init; }

    /// <summary>Packages bought, 1 to 100,000.</summary>
    public required int Units { get; init; }

    /// <summary>The customer's address, trimmed and lower-case.</summary>
    public required string CustomerEmail { get; init; }

    /// <summary>List price of all units.</summary>
    public required Money List { get; init; }

    /// <summary>What the customer was to be charged for all units.</summary>
    public required Money Charge { get; init; }

    /// <summary>Whether the charge contains the tax (<c>inclusive</c>) or tax comes on top (<c>exclusive</c>).</summary>
    public required bool TaxInclusive { get; init; }

    /// <summary>Creem's order id (<c>ord_</c>), when the order reached Creem.</summary>
    public required string? CreemOrderId { get; init; }

    /// <summary>When the order was made, UTC, whole milliseconds.</summary>
    public required DateTime CreatedAt { get; init; }
}

/// <summary>One line of deliveries.csv.</summary>
public sealed record ImportedDelivery
{
    /// <summary>Line of the file on which the record begins, from 1 (the header).</summary>
    public required long Line { get; init; }

    /// <summary>Order it was made for.</summary>
    public required string OrderNo { get; init; }

    /// <summary>One of <see cref="Orders.DeliveryKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Tokens handed out, 0 or more.</summary>
    public required long Tokens { get; init; }

    /// <summary>The key or code itself: in memory only, sealed before it is stored, never logged or shown.</summary>
    public required string Secret { get; init; }

    /// <summary>Reference at the console, when there is one.</summary>
    public required string? Reference { get; init; }

    /// <summary>When it was made, UTC, whole milliseconds.</summary>
    public required DateTime DeliveredAt { get; init; }

    /// <summary>When it was taken back, UTC, whole milliseconds; null when it was not, or the line does not say.</summary>
    public required DateTime? RevokedAt { get; init; }

    /// <summary>Without the secret, so that no log or exception can carry it.</summary>
    public override string ToString() => $"delivery of line {Line}";
}

/// <summary>One transaction of a Creem file, as one observation.</summary>
public sealed record ImportedTransaction
{
    /// <summary>Line of the file on which the object begins, from 1.</summary>
    public required long Line { get; init; }

    /// <summary>Creem's id, <c>tran_</c>.</summary>
    public required string TransactionId { get; init; }

    /// <summary>Creem's word, as it stands; unknown words are kept.</summary>
    public required string Status { get; init; }

    /// <summary>Creem's mode (<c>prod</c>, <c>test</c>); null when missing.</summary>
    public string? Mode { get; init; }

    /// <summary>ISO 4217 code in capitals.</summary>
    public string? Currency { get; init; }

    /// <summary>Creem's <c>amount</c>, minor units.</summary>
    public long? AmountMinor { get; init; }

    /// <summary>Creem's <c>amount_paid</c>, minor units.</summary>
    public long? AmountPaidMinor { get; init; }

    /// <summary>Creem's <c>tax_amount</c>, minor units.</summary>
    public long? TaxMinor { get; init; }

    /// <summary>Creem's <c>discount_amount</c> without its sign, minor units.</summary>
    public long? DiscountMinor { get; init; }

    /// <summary>Creem's <c>refunded_amount</c>, minor units.</summary>
    public long? RefundedMinor { get; init; }

    /// <summary>Creem's order (<c>ord_</c>); an expanded object counts by its id.</summary>
    public string? CreemOrderId { get; init; }

    /// <summary>The checkout's <c>request_id</c>, which is our order number, where the record carries it.</summary>
    public string? RequestId { get; init; }

    /// <summary>Country of the tax, ISO alpha-2.</summary>
    public string? TaxCountry { get; init; }

    /// <summary>Creem's <c>customer</c> (<c>cust_</c>).</summary>
    public string? CustomerId { get; init; }

    /// <summary>The transaction's own <c>created_at</c>, UTC, whole milliseconds.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>First 16 bytes of SHA-256 over the fields in their normal form: the same record, written differently, has one hash.</summary>
    public required byte[] PayloadHash { get; init; }
}

/// <summary>A record of a file that was not taken in: kept with its line and reason, counted and shown, never half done.</summary>
/// <param name="Line">Line of the file on which the record begins, from 1.</param>
/// <param name="Reason">Which field is wrong and what would be right.</param>
/// <param name="Usage">What else is known of a record of usage: it stops the approval of its month until a person has said what to do. Null for other files.</param>
public sealed record PutAside(long Line, Refusal Reason, UsageAside? Usage = null);

/// <summary>A record of usage that was put aside.</summary>
/// <param name="Fingerprint">16 bytes of a hash of the line, or of the other content of a record that is there: the same again asks nothing again.</param>
/// <param name="ExternalId">The record's id, where it could be read.</param>
/// <param name="OccurredAt">When it happened, UTC, where that could be read; null stops every month.</param>
/// <param name="Conflict">The record itself, where one with other content is there under its id; null where the line could not be read.</param>
/// <param name="StoredAt">When the stored record happened, UTC.</param>
public sealed record UsageAside(byte[] Fingerprint, string? ExternalId, DateTime? OccurredAt, Usage.UsageRecord? Conflict = null, DateTime? StoredAt = null);
