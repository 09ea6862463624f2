using System.Runtime.CompilerServices;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Jobs.Reports;

/// <summary>
/// The figures of one reconciliation run, finished: what its files are written from. It holds neither the run's number nor a wall-clock time,
/// so that a second run with the same parameters gives the same bytes (reconciliation rules 3).
/// </summary>
public sealed record ReconciliationReport
{
    /// <summary>Buckets of the bridge in the order in which a transaction tries them (reconciliation rules 6).</summary>
    internal static readonly string[] Buckets =
        [.. FindingKinds.InOrder, BridgeBuckets.ChargedBackSettled, BridgeBuckets.RefundedSettled, BridgeBuckets.WithinGrace, BridgeBuckets.Matched];

    /// <summary>First business day of the window.</summary>
    public required DateOnly FromDay { get; init; }

    /// <summary>First business day after the window.</summary>
    public required DateOnly UntilDay { get; init; }

    /// <summary>Start of the window, UTC.</summary>
    public required DateTime From { get; init; }

    /// <summary>End of the window, UTC, not part of it.</summary>
    public required DateTime Until { get; init; }

    /// <summary>The instant of whose state the figures are, UTC.</summary>
    public required DateTime AsOf { get; init; }

    /// <summary>Only what was recorded up to this instant was read, UTC.</summary>
    public required DateTime KnownAsOf { get; init; }

    /// <summary>Whether <see cref="AsOf"/> was asked for; only then does the JSON name it.</summary>
    public bool AsOfGiven { get; init; }

    /// <summary>Whether <see cref="KnownAsOf"/> was asked for; only then does the JSON name it.</summary>
    public bool KnownAsOfGiven { get; init; }

    /// <summary>The shop's days and clock.</summary>
    public required BusinessTime BusinessTime { get; init; }

    public required TimeSpan Grace { get; init; }

    /// <summary>Largest difference that is no finding, in minor units of the transaction's currency.</summary>
    public required long ToleranceMinor { get; init; }

    /// <summary>False when the run is broken: its bridge leaves a transaction or an amount unexplained.</summary>
    public required bool Balanced { get; init; }

    public required IReadOnlyList<StatementLine> Statement { get; init; }

    public required IReadOnlyList<BridgeLine> Bridge { get; init; }

    /// <summary>In the order in which the packages are shown.</summary>
    public required IReadOnlyList<PackageLine> Packages { get; init; }

    /// <summary>By slug; a package without a name is shown by its slug.</summary>
    public required IReadOnlyDictionary<string, PackageName> PackageNames { get; init; }

    /// <summary>How many findings of each kind <see cref="Findings"/> will give; a kind that is not named has none.</summary>
    public required IReadOnlyDictionary<string, long> FindingCounts { get; init; }

    /// <summary>By kind, then subject, both ordinal. Never held as a whole; each enumeration begins anew, for a workbook reads them once a priority.</summary>
    public required IAsyncEnumerable<FindingLine> Findings { get; init; }

    internal IEnumerable<StatementLine> StatementByCurrency => Statement.OrderBy(line => line.Currency, StringComparer.Ordinal);

    internal IEnumerable<BridgeLine> BridgeInOrder => Bridge.OrderBy(line => line.Currency, StringComparer.Ordinal).ThenBy(line => PlaceOf(line.Bucket));

    /// <summary>The findings as they come, proved on the way to be ordered, unrepeated and as many as were counted.</summary>
    /// <exception cref="InvalidOperationException">They are not: a file would be wrong or incomplete.</exception>
    internal async IAsyncEnumerable<FindingLine> CheckedFindingsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        FindingLine? last = null;
        await foreach (var finding in Findings.WithCancellation(cancellation))
        {
            if (last is not null && !Follows(last, finding))
                throw new InvalidOperationException($"Findings must come by kind, then subject: {finding.Kind} {finding.Subject} came after {last.Kind} {last.Subject}.");
            last = finding;
            seen[finding.Kind] = seen.GetValueOrDefault(finding.Kind) + 1;
            yield return finding;
        }
        foreach (var kind in FindingCounts.Keys.Union(seen.Keys, StringComparer.Ordinal))
            if (seen.GetValueOrDefault(kind) != FindingCounts.GetValueOrDefault(kind))
                throw new InvalidOperationException($"{kind}: {FindingCounts.GetValueOrDefault(kind)} findings were counted, {seen.GetValueOrDefault(kind)} came.");
    }

    private static int PlaceOf(string bucket) =>
        Array.IndexOf(Buckets, bucket) is >= 0 and var place ? place : throw new InvalidOperationException($"The bridge has no bucket {bucket}.");

    private static bool Follows(FindingLine last, FindingLine next)
    {
        var byKind = string.CompareOrdinal(last.Kind, next.Kind);
        return byKind < 0 || (byKind == 0 && string.CompareOrdinal(last.Subject, next.Subject) < 0);
    }
}

/// <summary>The name of a package in both languages.</summary>
public sealed record PackageName(string English, string Chinese);
