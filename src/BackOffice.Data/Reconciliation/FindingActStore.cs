using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Staff;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Reconciliation;

/// <summary>
/// What people do to findings (reconciliation rules 5): each method is one act in one transaction, with its event and its audit row. Two who act on the same
/// finding at once: the second is refused. An act that changes the state is dated after the change before it, so that the latest event is always one.
/// </summary>
public sealed class FindingActStore(Database database)
{
    /// <summary>Gives an open finding to somebody, or to nobody.</summary>
    /// <param name="act">Who does it, to what.</param>
    /// <param name="assignee">Canonical e-mail; null for nobody.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It changed since it was read, is not open, or the person may not work on findings.</exception>
    public Task AssignAsync(FindingAct act, string? assignee, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var before = await HoldAsync(session, act, token).ConfigureAwait(false);
            Require(before, "open");
            if (assignee is not null && !await session.GetAsync<bool>(MayWork, new StaffArgs(assignee, StaffQueries.RolesThatMay(Act.WorkOnMoney)), token).ConfigureAwait(false))
                throw new RefusedException(new Refusal("AssigneeUnknown", "assignee", assignee));
            await session.ExecuteAsync(SetAssignee, new AssigneeArgs(act.Id, assignee), token).ConfigureAwait(false);
            await RecordAsync(session, act, before, FindingEventKind.Assigned, await LatestHashAsync(session, act.Id, token).ConfigureAwait(false), session.At, assignee, token).ConfigureAwait(false);
            await AppendAsync(session, act, AuditActions.FindingAssigned, before, new { before.Assignee }, new { Assignee = assignee }, null, token).ConfigureAwait(false);
        }, token);

    /// <summary>Adds a comment, whatever the state and whoever was there in between: nothing is lost by it.</summary>
    /// <param name="act">Who, on what; its version does not matter, and its reason is the comment.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">There is no such finding.</exception>
    public Task CommentAsync(FindingAct act, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            await session.ExecuteAsync(AdvanceAnyVersion, new FindingQueries.ById(act.Id), token).ConfigureAwait(false);
            var finding = await session.FindAsync<FindingRow>(FindingQueries.ReadOne, new FindingQueries.ById(act.Id), token).ConfigureAwait(false) ?? throw Changed();
            await RecordAsync(session, act, finding, FindingEventKind.Commented, await LatestHashAsync(session, act.Id, token).ConfigureAwait(false), session.At, null, token).ConfigureAwait(false);
            await AppendAsync(session, act, AuditActions.FindingCommented, finding, null, null, null, token).ConfigureAwait(false);
        }, token);

    /// <summary>Writes the difference off: it stays accepted until its facts are others than those (reconciliation rules 4, State).</summary>
    /// <param name="act">Who, what and why.</param>
    /// <param name="facts">The finding as it was judged and looked at.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It changed since it was read, or is not open.</exception>
    public Task AcceptAsync(FindingAct act, FindingLine facts, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, session => AcceptAsync(session, act, facts, null, token), token);

    /// <summary>The same within the transaction in which a second person approves it.</summary>
    /// <param name="session">That transaction.</param>
    /// <param name="act">Who asked, for what and why.</param>
    /// <param name="facts">The finding as judged now.</param>
    /// <param name="second">Who approves, and by which request; null when nobody had to.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It changed since it was read, or is not open.</exception>
    public static async Task AcceptAsync(WriteSession session, FindingAct act, FindingLine facts, SecondPerson? second, CancellationToken token = default)
    {
        var before = await HoldAsync(session, act, token).ConfigureAwait(false);
        Require(before, "open");
        var at = After(session, before);
        await session.ExecuteAsync(SetAccepted, new AcceptArgs(act.Id, facts.OrderNo, facts.Currency, facts.ExpectedMinor, facts.ActualMinor, at), token).ConfigureAwait(false);
        await RecordAsync(session, act, before, FindingEventKind.Accepted, facts.FactsHash, at, null, token).ConfigureAwait(false);
        var details = new { facts.Kind, facts.Subject, facts.OrderNo, facts.Currency, facts.ExpectedMinor, facts.ActualMinor, facts.FactsHash, Approval = second?.Number, RequestedBy = second is null ? null : act.By };
        await AppendAsync(session, second is null ? act : act with { By = second.By }, AuditActions.FindingAccepted, before, new { before.State }, new { State = "accepted" }, details, token).ConfigureAwait(false);
    }

    /// <summary>Says that it is settled: the next run opens it again if it still sees it.</summary>
    /// <param name="act">Who, what and why.</param>
    /// <param name="facts">The finding as judged now.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It changed since it was read, or is not open.</exception>
    public Task ResolveAsync(FindingAct act, FindingLine facts, CancellationToken token = default) =>
        ChangeStateAsync(act, "resolved", FindingEventKind.ResolvedByPerson, AuditActions.FindingResolved, facts.FactsHash, token, "open");

    /// <summary>Opens what a person resolved or accepted.</summary>
    /// <exception cref="RefusedException">It changed since it was read, or is neither.</exception>
    public Task ReopenAsync(FindingAct act, CancellationToken token = default) =>
        ChangeStateAsync(act, "open", FindingEventKind.Reopened, AuditActions.FindingReopened, null, token, "resolved", "accepted");

    private Task ChangeStateAsync(FindingAct act, string state, FindingEventKind kind, string action, byte[]? factsHash, CancellationToken token, params string[] from) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var before = await HoldAsync(session, act, token).ConfigureAwait(false);
            Require(before, from);
            var at = After(session, before);
            var hash = factsHash ?? await LatestHashAsync(session, act.Id, token).ConfigureAwait(false);
            await session.ExecuteAsync(SetState, new StateArgs(act.Id, state, at), token).ConfigureAwait(false);
            await RecordAsync(session, act, before, kind, hash, at, null, token).ConfigureAwait(false);
            await AppendAsync(session, act, action, before, new { before.State }, new { State = state }, null, token).ConfigureAwait(false);
        }, token);

    // First in the transaction: it holds the finding until the end, on SQL Server by the lock of its row, on SQLite by the gate.
    private static async Task<FindingRow> HoldAsync(WriteSession session, FindingAct act, CancellationToken token)
    {
        if (await session.ExecuteAsync(AdvanceVersion, new Versioned(act.Id, act.Version), token).ConfigureAwait(false) != 1)
            throw Changed();
        return await session.GetAsync<FindingRow>(FindingQueries.ReadOne, new FindingQueries.ById(act.Id), token).ConfigureAwait(false);
    }

    private static void Require(FindingRow finding, params string[] states)
    {
        if (!states.Contains(finding.State))
            throw Changed();
    }

    private static RefusedException Changed() => new(new Refusal("FindingChanged", ""));

    private static DateTime After(WriteSession session, FindingRow before) => session.At > before.ChangedAt ? session.At : before.ChangedAt.AddMilliseconds(1);

    private static async Task<byte[]> LatestHashAsync(WriteSession session, Guid id, CancellationToken token) =>
        (await session.GetAsync<Judged>(ReadLatest, new FindingQueries.ById(id), token).ConfigureAwait(false)).FactsHash;

    private static Task<int> RecordAsync(WriteSession session, FindingAct act, FindingRow finding, FindingEventKind kind, byte[] factsHash, DateTime at, string? assignee, CancellationToken token) =>
        session.ExecuteAsync(InsertEvent, new EventArgs(Ids.New(at), finding.Id, FindingWords.Event(kind), factsHash, at, act.By, act.Reason, assignee), token);

    private static Task<long> AppendAsync(WriteSession session, FindingAct act, string action, FindingRow finding, object? before, object? after, object? details, CancellationToken token) =>
        AuditLog.AppendAsync(session, new AuditAct
        {
            Who = act.By,
            Action = action,
            Subject = Subject(finding.Id),
            Reason = act.Reason,
            Before = before,
            After = after,
            Details = details ?? new { finding.Kind, finding.Subject },
        }, token);

    /// <summary>How the audit trail names a finding.</summary>
    public static string Subject(Guid id) => AuditSubject.Of("finding", id.ToString("N"));

    /// <summary>A finding as it was read.</summary>
    public sealed record Versioned(Guid Id, long Version);

    /// <summary>Who is to work on it.</summary>
    public sealed record AssigneeArgs(Guid Id, string? Assignee);

    /// <summary>Somebody, and the roles that may.</summary>
    public sealed record StaffArgs(string Email, IReadOnlyList<string> Roles);

    /// <summary>A state and since when.</summary>
    public sealed record StateArgs(Guid Id, string State, DateTime ChangedAt);

    /// <summary>What is accepted.</summary>
    public sealed record AcceptArgs(Guid Id, string? OrderNo, string? Currency, long? ExpectedMinor, long? ActualMinor, DateTime ChangedAt);

    /// <summary>An event that a person made.</summary>
    public sealed record EventArgs(Guid Id, Guid FindingId, string Kind, byte[] FactsHash, DateTime RecordedAt, string RecordedBy, string? Reason, string? Assignee);

    /// <summary>Takes the row's lock.</summary>
    public static readonly Sql<Versioned> AdvanceVersion = new("UPDATE Findings SET Version = Version + 1 WHERE Id = @Id AND Version = @Version");

    /// <summary>Takes the row's lock, whoever was there before.</summary>
    public static readonly Sql<FindingQueries.ById> AdvanceAnyVersion = new("UPDATE Findings SET Version = Version + 1 WHERE Id = @Id");

    /// <summary>Given to somebody.</summary>
    public static readonly Sql<AssigneeArgs> SetAssignee = new("UPDATE Findings SET Assignee = @Assignee WHERE Id = @Id");

    /// <summary>Another state.</summary>
    public static readonly Sql<StateArgs> SetState = new("UPDATE Findings SET State = @State, ChangedAt = @ChangedAt WHERE Id = @Id");

    /// <summary>Written off, with the facts as they are.</summary>
    public static readonly Sql<AcceptArgs> SetAccepted = new("""
        UPDATE Findings
        SET State = 'accepted', OrderNo = @OrderNo, Currency = @Currency, ExpectedMinor = @ExpectedMinor, ActualMinor = @ActualMinor, ChangedAt = @ChangedAt
        WHERE Id = @Id
        """);

    /// <summary>Whether somebody may sign in and work on findings.</summary>
    public static readonly Sql<StaffArgs> MayWork = new("""
        SELECT CASE WHEN EXISTS (SELECT 1 FROM Staff WHERE Email = @Email AND DisabledAt IS NULL AND Role IN @Roles) THEN 1 ELSE 0 END
        """);

    /// <summary>The event that gave a finding its state.</summary>
    public static readonly Sql<FindingQueries.ById> ReadLatest = new("""
        SELECT e.FactsHash
        FROM FindingEvents e
        WHERE e.FindingId = @Id AND e.Kind NOT IN ('assigned', 'commented')
            AND NOT EXISTS (
                SELECT 1 FROM FindingEvents later
                WHERE later.FindingId = e.FindingId AND later.Kind NOT IN ('assigned', 'commented')
                    AND (later.RecordedAt > e.RecordedAt OR (later.RecordedAt = e.RecordedAt AND later.Id > e.Id)))
        """);

    /// <summary>What a person did.</summary>
    public static readonly Sql<EventArgs> InsertEvent = new("""
        INSERT INTO FindingEvents (Id, FindingId, Kind, FactsHash, RecordedAt, RecordedBy, Reason, Assignee)
        VALUES (@Id, @FindingId, @Kind, @FactsHash, @RecordedAt, @RecordedBy, @Reason, @Assignee)
        """);

    private sealed class Judged
    {
        public byte[] FactsHash { get; init; } = [];
    }
}

/// <summary>What somebody does to a finding.</summary>
/// <param name="Id">Which finding.</param>
/// <param name="Version">The version that was read.</param>
/// <param name="By">E-mail of who does it.</param>
/// <param name="Reason">Why, or the comment; at most <see cref="AuditLog.LongestReason"/> characters. Null for an assignment.</param>
public sealed record FindingAct(Guid Id, long Version, string By, string? Reason = null);

/// <summary>The second person of an act that takes two.</summary>
/// <param name="By">E-mail of who approves.</param>
/// <param name="Number">The request's number.</param>
public sealed record SecondPerson(string By, long Number);
