using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Settlement;

/// <summary>
/// Moves the findings of a month to what its draft has, with an event for each change. Only findings of the same scope are touched: no run of the reconciliation touches these, and
/// no draft those of a run. What happened to a finding after the draft was begun is newer than what the draft saw, and stays. May be repeated.
/// </summary>
public sealed class SettlementFindingStore(Database database, SettlementFindingReader reader)
{
    private const int MostTries = 5;

    /// <summary>Reads what a settlement has, and opens, opens again and clears accordingly.</summary>
    /// <param name="settlement">The settlement.</param>
    /// <param name="knownAsOf">When its reading began, UTC.</param>
    /// <param name="by">Who computes it.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>What it has.</returns>
    public async Task<IReadOnlyList<SettlementFinding>> ApplyAsync(SettlementDocument settlement, DateTime knownAsOf, string by, CancellationToken token = default)
    {
        var findings = await reader.OfAsync(settlement, token).ConfigureAwait(false);
        foreach (var scope in new[] { SettlementFindingReader.ScopeOf(settlement), settlement.Period })
            await ApplyAsync(scope, [.. findings.Where(finding => finding.Scope == scope)], knownAsOf, by, token).ConfigureAwait(false);
        return findings;
    }

    private async Task ApplyAsync(string scope, IReadOnlyList<SettlementFinding> findings, DateTime knownAsOf, string by, CancellationToken token)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                var stored = await database.ReadAsync(session => session.ListAsync<StoredRow>(ReadScope, new OfScope(scope), token), token).ConfigureAwait(false);
                await WriteAsync(ChangesOf(findings, stored, knownAsOf), scope, knownAsOf, by, token).ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when ((database.Dialect.IsUniqueViolation(failure) || database.Dialect.IsDeadlock(failure)) && tries < MostTries)
            {
                // Another draft opened the same: now it is there.
            }
        }
    }

    private static List<Change> ChangesOf(IReadOnlyList<SettlementFinding> findings, List<StoredRow> stored, DateTime knownAsOf)
    {
        var left = stored.ToDictionary(row => (row.Kind, row.Subject));
        var changes = new List<Change>();
        foreach (var finding in findings)
        {
            left.Remove((finding.Line.Kind, finding.Line.Subject), out var row);
            var next = FindingState.Next(row?.Latest, finding.Line, knownAsOf);
            if (row is null || next is not null || (row.State == "open" && row.Detail != finding.Detail.ToJson()))
                changes.Add(new Change(finding, row, next));
        }
        changes.AddRange(left.Values.Where(row => row.State == "open").Select(row => new Change(null, row, FindingEventKind.ResolvedAutomatically)));
        return changes.FindAll(change => change.Row is null || change.Row.ChangedAt <= knownAsOf);
    }

    private async Task WriteAsync(List<Change> changes, string scope, DateTime knownAsOf, string by, CancellationToken token)
    {
        for (var next = 0; next < changes.Count;)
        {
            next = await database.WriteAsync(WriteRank.Job, async session =>
            {
                var done = next;
                do
                    await WriteAsync(session, changes[done++], scope, knownAsOf, by, token).ConfigureAwait(false);
                while (done < changes.Count && !session.ShouldEnd);
                return done;
            }, token).ConfigureAwait(false);
        }
    }

    private static async Task WriteAsync(WriteSession session, Change change, string scope, DateTime knownAsOf, string by, CancellationToken token)
    {
        var (finding, row, kind) = change;
        var id = row?.Id ?? Ids.New(session.At);
        var touched = (finding, row) switch
        {
            (null, _) => await session.ExecuteAsync(FindingStore.ClearFinding, new FindingStore.ClearArgs(id, row!.ChangedAt, session.At), token).ConfigureAwait(false),
            (_, null) => await session.ExecuteAsync(Open, OpenArgs.Of(id, scope, finding, knownAsOf, session.At), token).ConfigureAwait(false),
            _ when kind is null => await session.ExecuteAsync(Refresh, new RefreshArgs(id, finding.Line.Currency, finding.Line.ExpectedMinor, finding.Line.ActualMinor, finding.Detail.ToJson(), row.ChangedAt), token).ConfigureAwait(false),
            _ => await session.ExecuteAsync(Reopen, new ReopenArgs(id, finding.Line.Currency, finding.Line.ExpectedMinor, finding.Line.ActualMinor, finding.Detail.ToJson(), row.ChangedAt, session.At), token).ConfigureAwait(false),
        };
        // Nothing touched: somebody was first, and knew more.
        if (touched > 0 && kind is { } happened)
            await session.ExecuteAsync(FindingStore.InsertEvent, new FindingStore.EventArgs(Ids.New(session.At), id, FindingWords.Event(happened), null, finding?.Line.FactsHash ?? row!.FactsHash, session.At, by), token).ConfigureAwait(false);
    }

    private sealed record Change(SettlementFinding? Finding, StoredRow? Row, FindingEventKind? Kind);

    /// <summary>Which scope.</summary>
    public sealed record OfScope(string Scope);

    /// <summary>A finding seen for the first time.</summary>
    public sealed record OpenArgs(
        Guid Id, string Kind, string Subject, string Priority, string Scope, string Detail, string? Currency, long? ExpectedMinor, long? ActualMinor, DateTime FirstSeenAt, DateTime ChangedAt)
    {
        internal static OpenArgs Of(Guid id, string scope, SettlementFinding finding, DateTime firstSeenAt, DateTime at) => new(
            id, finding.Line.Kind, finding.Line.Subject, finding.Line.Priority, scope, finding.Detail.ToJson(), finding.Line.Currency, finding.Line.ExpectedMinor, finding.Line.ActualMinor, firstSeenAt, at);
    }

    /// <summary>A finding seen again, as long as its state is of the instant that was read.</summary>
    public sealed record ReopenArgs(Guid Id, string? Currency, long? ExpectedMinor, long? ActualMinor, string Detail, DateTime ReadAt, DateTime ChangedAt);

    /// <summary>An open finding whose facts are others by now.</summary>
    public sealed record RefreshArgs(Guid Id, string? Currency, long? ExpectedMinor, long? ActualMinor, string Detail, DateTime ReadAt);

    /// <summary>The findings of a scope, each with the event that gave it its state.</summary>
    public static readonly Sql<OfScope> ReadScope = new("""
        SELECT f.Id, f.Kind, f.Subject, f.State, f.ChangedAt, f.Detail, e.Kind AS LastKind, e.RecordedAt AS LastAt, e.FactsHash
        FROM Findings f
        JOIN FindingEvents e ON e.Id = (
            SELECT x.Id FROM FindingEvents x
            WHERE x.FindingId = f.Id AND x.Kind NOT IN ('assigned', 'commented') AND NOT EXISTS (
                SELECT 1 FROM FindingEvents later
                WHERE later.FindingId = x.FindingId AND later.Kind NOT IN ('assigned', 'commented')
                    AND (later.RecordedAt > x.RecordedAt OR (later.RecordedAt = x.RecordedAt AND later.Id > x.Id))))
        WHERE f.Scope = @Scope
        """);

    /// <summary>A new finding.</summary>
    public static readonly Sql<OpenArgs> Open = new("""
        INSERT INTO Findings (Id, Kind, Subject, Priority, State, Scope, Detail, Currency, ExpectedMinor, ActualMinor, FirstSeenAt, ChangedAt, Version)
        VALUES (@Id, @Kind, @Subject, @Priority, 'open', @Scope, @Detail, @Currency, @ExpectedMinor, @ActualMinor, @FirstSeenAt, @ChangedAt, 1)
        """);

    /// <summary>Seen again.</summary>
    public static readonly Sql<ReopenArgs> Reopen = new("""
        UPDATE Findings
        SET Version = Version + 1, State = 'open', Currency = @Currency, ExpectedMinor = @ExpectedMinor, ActualMinor = @ActualMinor, Detail = @Detail, ChangedAt = @ChangedAt
        WHERE Id = @Id AND ChangedAt = @ReadAt
        """);

    /// <summary>Still open, with other facts: what a person accepts is checked against them in any case.</summary>
    public static readonly Sql<RefreshArgs> Refresh = new("""
        UPDATE Findings
        SET Currency = @Currency, ExpectedMinor = @ExpectedMinor, ActualMinor = @ActualMinor, Detail = @Detail
        WHERE Id = @Id AND State = 'open' AND ChangedAt = @ReadAt
        """);

    private sealed class StoredRow
    {
        public Guid Id { get; init; }

        public string Kind { get; init; } = "";

        public string Subject { get; init; } = "";

        public string State { get; init; } = "";

        public DateTime ChangedAt { get; init; }

        public string? Detail { get; init; }

        public string LastKind { get; init; } = "";

        public DateTime LastAt { get; init; }

        public byte[] FactsHash { get; init; } = [];

        public FindingEvent Latest => new(FindingWords.Event(LastKind), LastAt, FactsHash);
    }
}
