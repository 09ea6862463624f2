namespace BackOffice.Domain.Usage;

/// <summary>
/// One request's usage in normal form. Its identity is (source, <see cref="ExternalId"/>); the source is the console the file or the client belongs to and
/// stands beside the record. Source: settlement rules 1.
/// </summary>
public sealed record UsageRecord
{
    /// <summary>Line of the file on which the record begins, from 1; 0 when it came from no file.</summary>
    public required long Line { get; init; }

    /// <summary>The source's own id of the record.</summary>
    public required string ExternalId { get; init; }

    /// <summary>When the request took place, UTC.</summary>
    public required DateTime OccurredAt { get; init; }

    /// <summary>The upstream that the record itself names, trimmed and lower-case; only the neutral file has one.</summary>
    public string? Upstream { get; init; }

    /// <summary>The model as the console calls it, as it stands; it is compared through <c>ModelNames.Canonical</c>.</summary>
    public required string ConsoleName { get; init; }

    /// <summary>The model as the upstream calls it, as it stands; null when the row does not have it.</summary>
    public string? UpstreamName { get; init; }

    /// <summary>The customer's key: <c>id:97</c> or <c>name:k036</c>; null when the row names none.</summary>
    public string? Key { get; init; }

    /// <summary>The console's channel id as text; null when the row names none.</summary>
    public string? Channel { get; init; }

    /// <summary>Its tokens; none of them negative.</summary>
    public required TokenCounts Tokens { get; init; }

    /// <summary>What the console took from the customer, in quota units; negative where it gave back, null when unknown.</summary>
    public long? ChargedQuota { get; init; }

    /// <summary>What is to be known of it.</summary>
    public UsageFlags Flags { get; init; }
}
