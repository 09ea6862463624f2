namespace BackOffice.Domain.Reconciliation;

/// <summary>One finding as a run saw it: what a run's files list, whatever its working state.</summary>
public sealed record FindingLine
{
    /// <summary>One of <see cref="FindingKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Order number or transaction id, as the kind says: with the kind, the finding's identity.</summary>
    public required string Subject { get; init; }

    /// <summary>The order, when known.</summary>
    public string? OrderNo { get; init; }

    /// <summary>The transaction; null for findings of an order.</summary>
    public string? TransactionId { get; init; }

    /// <summary>Currency of the amounts; only where DESIGN 6 asks for it.</summary>
    public string? Currency { get; init; }

    /// <summary>What should have been paid, minor units.</summary>
    public long? ExpectedMinor { get; init; }

    /// <summary>What was paid, minor units.</summary>
    public long? ActualMinor { get; init; }

    /// <summary>First 16 bytes of SHA-256 over the facts it rests on: an accepted finding is reopened only when they changed (rules 4, State).</summary>
    public required byte[] FactsHash { get; init; }

    /// <summary>P1, P2 or P3.</summary>
    public string Priority => FindingKinds.Priority(Kind);
}

/// <summary>The statement of one currency (reconciliation rules 6), minor units; fees and net are null when a transaction has no fee row.</summary>
public sealed record StatementLine(
    string Currency, long Transactions, long GrossPaidMinor, long TaxMinor, long RefundedMinor, long ChargedBackMinor, long TaxReturnedMinor, long? FeesMinor, long? NetMinor);

/// <summary>One bucket of the bridge: a kind of finding or one of <see cref="BridgeBuckets"/>.</summary>
public sealed record BridgeLine(string Currency, string Bucket, long Transactions, long AmountMinor);

/// <summary>Sold, paid and delivered of one package (reconciliation rules 6), in orders, deliveries and tokens.</summary>
public sealed record PackageLine(
    string Package, long SoldOrders, long SoldTokens, long PaidOrders, long PaidTokens, long KeysDelivered, long KeyTokens, long CodesDelivered, long CodeTokens);

/// <summary>Orders of one package that were created in the window, and their tokens.</summary>
public sealed record SoldPackage(string Package, long Orders, long Tokens);
