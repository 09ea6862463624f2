namespace BackOffice.Domain.Reconciliation;

/// <summary>What can happen to a finding (reconciliation rules 4 and 5).</summary>
public enum FindingEventKind
{
    /// <summary>A run saw it for the first time.</summary>
    Opened,

    /// <summary>A run saw it again.</summary>
    Reopened,

    /// <summary>A run no longer saw it.</summary>
    ResolvedAutomatically,

    /// <summary>A person resolved it.</summary>
    ResolvedByPerson,

    /// <summary>A person wrote the difference off.</summary>
    Accepted,

    /// <summary>A person took it, was given it or gave it away; the state stays.</summary>
    Assigned,

    /// <summary>A person said something about it; the state stays.</summary>
    Commented,
}

/// <summary>One event in the life of a finding.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="RecordedAt">When, UTC.</param>
/// <param name="AcceptedFactsHash">Of an acceptance: the <see cref="FindingLine.FactsHash"/> that was accepted.</param>
public sealed record FindingEvent(FindingEventKind Kind, DateTime RecordedAt, byte[]? AcceptedFactsHash = null);

/// <summary>How runs and people move a finding (reconciliation rules 4, State).</summary>
public static class FindingState
{
    /// <summary>The event that gave a finding its state: the last one but assignments and comments; null when no run has seen it.</summary>
    /// <param name="events">Its events in the order in which they were recorded.</param>
    public static FindingEvent? Latest(IEnumerable<FindingEvent> events) => events.LastOrDefault(one => one.Kind is not (FindingEventKind.Assigned or FindingEventKind.Commented));

    /// <summary>Whether the finding is open after its latest event.</summary>
    public static bool IsOpen(FindingEvent? latest) => latest?.Kind is FindingEventKind.Opened or FindingEventKind.Reopened;

    /// <summary>Whether the finding brings what it names into the scope of a run: it is open, or a person resolved it and no run has judged since.</summary>
    /// <param name="latest">Its latest event up to the run's <see cref="RunParameters.KnownAsOf"/>.</param>
    /// <param name="judgedUpTo">The latest <see cref="RunParameters.KnownAsOf"/>, before this run's own, of a run that may change findings; null when there was none.</param>
    public static bool BringsIntoScope(FindingEvent? latest, DateTime? judgedUpTo) =>
        IsOpen(latest) || (latest is { Kind: FindingEventKind.ResolvedByPerson } && !(judgedUpTo > latest.RecordedAt));

    /// <summary>What a run that has the finding in scope adds to it; null when nothing changes.</summary>
    /// <param name="latest">Its latest event; null when no run has seen it.</param>
    /// <param name="seen">The finding as the run sees it; null when it does not hold.</param>
    /// <param name="knownAsOf">The run's.</param>
    public static FindingEventKind? Next(FindingEvent? latest, FindingLine? seen, DateTime knownAsOf)
    {
        if (seen is null)
            return IsOpen(latest) ? FindingEventKind.ResolvedAutomatically : null;
        return latest switch
        {
            null => FindingEventKind.Opened,
            { Kind: FindingEventKind.ResolvedAutomatically } => FindingEventKind.Reopened,
            { Kind: FindingEventKind.ResolvedByPerson } when knownAsOf > latest.RecordedAt => FindingEventKind.Reopened,
            // What was accepted after the run began to know is newer than what the run saw.
            { Kind: FindingEventKind.Accepted } when knownAsOf > latest.RecordedAt && !seen.FactsHash.AsSpan().SequenceEqual(latest.AcceptedFactsHash) => FindingEventKind.Reopened,
            _ => null,
        };
    }

    /// <summary>Whether a run looks back: one that has changed findings saw more of the world, or knew more. Such a run writes only its own rows.</summary>
    /// <param name="run">The run.</param>
    /// <param name="lastChanging">The last run that changed any finding; null when there was none.</param>
    public static bool LooksBack(RunParameters run, RunParameters? lastChanging) =>
        lastChanging is not null && (run.AsOf < lastChanging.AsOf || run.KnownAsOf < lastChanging.KnownAsOf);
}
