using System.Collections.Frozen;

namespace BackOffice.Domain.Reconciliation;

/// <summary>All that may bear on one order: the judge leaves out what the run does not know, what is not yet, and what is another order's.</summary>
public sealed record OrderCase
{
    /// <summary>The order.</summary>
    public required OrderFacts Order { get; init; }

    /// <summary>Observations of every transaction that any observation links to the order, all of each transaction, in any order.</summary>
    public IReadOnlyList<Observation> Observations { get; init; } = [];

    /// <summary>Its deliveries with their revocations.</summary>
    public IReadOnlyList<DeliveryFacts> Deliveries { get; init; } = [];

    /// <summary>A finding names the order that is open, or that a person resolved and no run has judged since.</summary>
    public bool NamedByFinding { get; init; }

    /// <summary>Those of its transactions that such a finding names.</summary>
    public IReadOnlySet<string> TransactionsNamedByFinding { get; init; } = FrozenSet<string>.Empty;
}
