using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Reconciliation;

/// <summary>The findings and their events: identified by kind and subject, for ever; nothing is edited without an event that tells who and when.</summary>
public sealed class FindingStore(Database database)
{
    private const int Portion = 500;

    /// <summary>
    /// Moves the findings to what the run saw: opens, reopens, resolves (reconciliation rules 4, State). A run that looks back changes nothing. May be
    /// repeated: a finding has at most one event of a run.
    /// </summary>
    public async Task ApplyAsync(RunRow run, CancellationToken token = default)
    {
        if (run.LooksBack == true)
            return;
        await ApplySeenAsync(run, token).ConfigureAwait(false);
        await ApplyUnseenAsync(run, token).ConfigureAwait(false);
    }

    private async Task ApplySeenAsync(RunRow run, CancellationToken token)
    {
        var (kind, subject) = ("", "");
        while (true)
        {
            var page = await database.ReadAsync(
                session => session.ListAsync<SeenRow>(ReadSeen, new AfterFinding(run.Id, kind, subject, 0, Portion), token), token).ConfigureAwait(false);
            if (page.Count == 0)
                return;
            (kind, subject) = (page[^1].Kind, page[^1].Subject);
            var changes = page.FindAll(row => !row.HasEventOfRun && FindingState.Next(row.Latest, row.AsLine(), run.KnownAsOf!.Value) is not null);
            await WriteInSlicesAsync(run, changes, (session, row) => ChangeSeenAsync(session, run, row, token), token).ConfigureAwait(false);
        }
    }

    private static async Task ChangeSeenAsync(WriteSession session, RunRow run, SeenRow row, CancellationToken token)
    {
        var change = FindingState.Next(row.Latest, row.AsLine(), run.KnownAsOf!.Value)!.Value;
        var id = row.FindingId ?? Ids.New(session.At);
        if (row.FindingId is null)
            await session.ExecuteAsync(OpenFinding, OpenArgs.Of(id, row.AsLine(), run.KnownAsOf.Value, session.At), token).ConfigureAwait(false);
        else if (await session.ExecuteAsync(ReopenFinding, ReopenArgs.Of(id, row.AsLine(), row.LastAt!.Value, session.At), token).ConfigureAwait(false) == 0)
            return; // a person was first, and knew more
        await session.ExecuteAsync(InsertEvent, new EventArgs(Ids.New(session.At), id, FindingWords.Event(change), run.Id, row.FactsHash, session.At, run.RequestedBy), token).ConfigureAwait(false);
    }

    private async Task ApplyUnseenAsync(RunRow run, CancellationToken token)
    {
        var after = Guid.Empty;
        while (true)
        {
            var page = await database.ReadAsync(
                session => session.ListAsync<UnseenRow>(ReadUnseen, new AfterId(run.Id, run.KnownAsOf!.Value, after, 0, Portion), token), token).ConfigureAwait(false);
            if (page.Count == 0)
                return;
            after = page[^1].Id;
            await WriteInSlicesAsync(run, page, async (session, row) =>
            {
                if (await session.ExecuteAsync(ClearFinding, new ClearArgs(row.Id, row.ChangedAt, session.At), token).ConfigureAwait(false) == 0)
                    return; // a person was first
                var cleared = FindingWords.Event(FindingEventKind.ResolvedAutomatically);
                await session.ExecuteAsync(InsertEvent, new EventArgs(Ids.New(session.At), row.Id, cleared, run.Id, row.FactsHash, session.At, run.RequestedBy), token).ConfigureAwait(false);
            }, token).ConfigureAwait(false);
        }
    }

    private async Task WriteInSlicesAsync<T>(RunRow run, List<T> rows, Func<WriteSession, T, Task> write, CancellationToken token)
    {
        for (var next = 0; next < rows.Count;)
        {
            await database.WriteAsync(WriteRank.Job, async session =>
            {
                await session.ExecuteAsync(NoteChange, new RunId(run.Id), token).ConfigureAwait(false);
                do
                    await write(session, rows[next++]).ConfigureAwait(false);
                while (next < rows.Count && !session.ShouldEnd);
                if (!await RunStore.Queue.RenewAsync(session, run.Id, token).ConfigureAwait(false))
                    throw new LeaseLostException();
            }, token).ConfigureAwait(false);
        }
    }

    /// <summary>Which run.</summary>
    public sealed record RunId(Guid Id);

    /// <summary>After a finding of a run.</summary>
    public sealed record AfterFinding(Guid RunId, string Kind, string Subject, int Skip, int Take) : IPaged;

    /// <summary>Open findings after one, as known to a run.</summary>
    public sealed record AfterId(Guid RunId, DateTime KnownAsOf, Guid After, int Skip, int Take) : IPaged;

    /// <summary>A finding seen for the first time.</summary>
    public sealed record OpenArgs(
        Guid Id, string Kind, string Subject, string Priority, string? OrderNo, string? TransactionId, string? Currency, long? ExpectedMinor, long? ActualMinor,
        DateTime FirstSeenAt, DateTime ChangedAt)
    {
        internal static OpenArgs Of(Guid id, FindingLine line, DateTime firstSeenAt, DateTime at) => new(
            id, line.Kind, line.Subject, line.Priority, line.OrderNo, line.TransactionId, line.Currency, line.ExpectedMinor, line.ActualMinor, firstSeenAt, at);
    }

    /// <summary>A finding seen again, with the facts as they are now, as long as its state is of the instant that was read.</summary>
    public sealed record ReopenArgs(Guid Id, string? OrderNo, string? Currency, long? ExpectedMinor, long? ActualMinor, DateTime ReadAt, DateTime ChangedAt)
    {
        internal static ReopenArgs Of(Guid id, FindingLine line, DateTime readAt, DateTime at) => new(id, line.OrderNo, line.Currency, line.ExpectedMinor, line.ActualMinor, readAt, at);
    }

    /// <summary>A finding no longer seen, as long as its state is of the instant that was read.</summary>
    public sealed record ClearArgs(Guid Id, DateTime ReadAt, DateTime ChangedAt);

    /// <summary>An event of a finding.</summary>
    public sealed record EventArgs(Guid Id, Guid FindingId, string Kind, Guid? RunId, byte[] FactsHash, DateTime RecordedAt, string RecordedBy);

    /// <summary>
    /// What a run saw, each with the finding it is and the event that gave it its state. A run that was killed and taken up finds its own events, also where a
    /// person has acted since.
    /// </summary>
    public static readonly Sql<AfterFinding> ReadSeen = new("""
        SELECT s.Kind, s.Subject, s.OrderNo, s.TransactionId, s.Currency, s.ExpectedMinor, s.ActualMinor, s.FactsHash,
            f.Id AS FindingId, e.Kind AS LastKind, e.RecordedAt AS LastAt, e.FactsHash AS LastFactsHash,
            CASE WHEN EXISTS (SELECT 1 FROM FindingEvents own WHERE own.FindingId = f.Id AND own.RunId = @RunId) THEN 1 ELSE 0 END AS HasEventOfRun
        FROM RunFindings s
        LEFT JOIN Findings f ON f.Kind = s.Kind AND f.Subject = s.Subject
        LEFT JOIN FindingEvents e ON e.Id = (
            SELECT x.Id FROM FindingEvents x
            WHERE x.FindingId = f.Id AND x.Kind NOT IN ('assigned', 'commented') AND NOT EXISTS (
                SELECT 1 FROM FindingEvents later
                WHERE later.FindingId = x.FindingId AND later.Kind NOT IN ('assigned', 'commented')
                    AND (later.RecordedAt > x.RecordedAt OR (later.RecordedAt = x.RecordedAt AND later.Id > x.Id))))
        WHERE s.RunId = @RunId AND s.Kind >= @Kind AND (s.Kind > @Kind OR s.Subject > @Subject)
        ORDER BY s.Kind, s.Subject
        {page}
        """);

    /// <summary>Open findings a run did not see: every open finding is in the scope of every run, but those of settlements, which their drafts clear. What was opened after the run's knowledge is not its to judge.</summary>
    public static readonly Sql<AfterId> ReadUnseen = new("""
        SELECT f.Id, f.ChangedAt, e.FactsHash
        FROM Findings f
        JOIN FindingEvents e ON e.FindingId = f.Id AND e.RecordedAt = f.ChangedAt
        WHERE f.State = 'open' AND f.Scope IS NULL AND f.Id > @After AND f.ChangedAt <= @KnownAsOf AND e.Kind IN ('opened', 'reopened')
            AND NOT EXISTS (SELECT 1 FROM RunFindings s WHERE s.RunId = @RunId AND s.Kind = f.Kind AND s.Subject = f.Subject)
        ORDER BY f.Id
        {page}
        """);

    /// <summary>A new finding.</summary>
    public static readonly Sql<OpenArgs> OpenFinding = new("""
        INSERT INTO Findings (Id, Kind, Subject, Priority, State, OrderNo, TransactionId, Currency, ExpectedMinor, ActualMinor, FirstSeenAt, ChangedAt, Version)
        VALUES (@Id, @Kind, @Subject, @Priority, 'open', @OrderNo, @TransactionId, @Currency, @ExpectedMinor, @ActualMinor, @FirstSeenAt, @ChangedAt, 1)
        """);

    /// <summary>Seen again.</summary>
    public static readonly Sql<ReopenArgs> ReopenFinding = new("""
        UPDATE Findings
        SET Version = Version + 1, State = 'open', OrderNo = @OrderNo, Currency = @Currency, ExpectedMinor = @ExpectedMinor, ActualMinor = @ActualMinor, ChangedAt = @ChangedAt
        WHERE Id = @Id AND ChangedAt = @ReadAt
        """);

    /// <summary>No longer seen.</summary>
    public static readonly Sql<ClearArgs> ClearFinding = new("""
        UPDATE Findings SET Version = Version + 1, State = 'cleared', ChangedAt = @ChangedAt WHERE Id = @Id AND State = 'open' AND ChangedAt = @ReadAt
        """);

    /// <summary>What happened to a finding, by which run.</summary>
    public static readonly Sql<EventArgs> InsertEvent = new("""
        INSERT INTO FindingEvents (Id, FindingId, Kind, RunId, FactsHash, RecordedAt, RecordedBy)
        VALUES (@Id, @FindingId, @Kind, @RunId, @FactsHash, @RecordedAt, @RecordedBy)
        """);

    /// <summary>The run has changed findings: later ones that look further back must not.</summary>
    public static readonly Sql<RunId> NoteChange = new("UPDATE ReconciliationRuns SET ChangedFindings = 1 WHERE Id = @Id");

    private sealed class SeenRow
    {
        public string Kind { get; init; } = "";

        public string Subject { get; init; } = "";

        public string? OrderNo { get; init; }

        public string? TransactionId { get; init; }

        public string? Currency { get; init; }

        public long? ExpectedMinor { get; init; }

        public long? ActualMinor { get; init; }

        public byte[] FactsHash { get; init; } = [];

        public Guid? FindingId { get; init; }

        public string? LastKind { get; init; }

        public DateTime? LastAt { get; init; }

        public byte[]? LastFactsHash { get; init; }

        public bool HasEventOfRun { get; init; }

        public FindingEvent? Latest => LastKind is null ? null : new FindingEvent(FindingWords.Event(LastKind), LastAt!.Value, LastFactsHash);

        public FindingLine AsLine() => new()
        {
            Kind = Kind,
            Subject = Subject,
            OrderNo = OrderNo,
            TransactionId = TransactionId,
            Currency = Currency,
            ExpectedMinor = ExpectedMinor,
            ActualMinor = ActualMinor,
            FactsHash = FactsHash,
        };
    }

    private sealed class UnseenRow
    {
        public Guid Id { get; init; }

        public DateTime ChangedAt { get; init; }

        public byte[] FactsHash { get; init; } = [];
    }
}

/// <summary>The words of findings as rows hold them: lower-case, single.</summary>
public static class FindingWords
{
    /// <summary>The states of a finding: open, resolved by itself, resolved by a person, accepted.</summary>
    public static readonly IReadOnlyList<string> States = ["open", "cleared", "resolved", "accepted"];

    /// <summary>The word of an event.</summary>
    public static string Event(FindingEventKind kind) => kind switch
    {
        FindingEventKind.Opened => "opened",
        FindingEventKind.Reopened => "reopened",
        FindingEventKind.ResolvedAutomatically => "cleared",
        FindingEventKind.ResolvedByPerson => "resolved",
        FindingEventKind.Accepted => "accepted",
        FindingEventKind.Assigned => "assigned",
        FindingEventKind.Commented => "commented",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not an event of a finding."),
    };

    /// <summary>The event of a word.</summary>
    public static FindingEventKind Event(string word) => word switch
    {
        "opened" => FindingEventKind.Opened,
        "reopened" => FindingEventKind.Reopened,
        "cleared" => FindingEventKind.ResolvedAutomatically,
        "resolved" => FindingEventKind.ResolvedByPerson,
        "accepted" => FindingEventKind.Accepted,
        "assigned" => FindingEventKind.Assigned,
        "commented" => FindingEventKind.Commented,
        _ => throw new ArgumentOutOfRangeException(nameof(word), word, "Not an event of a finding."),
    };
}
