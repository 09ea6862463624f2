using BackOffice.Data.Engine;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Reconciliation;

/// <summary>
/// Reads findings for the queue and for a finding's own page. The queue goes by priority, then age: each priority (and each state, when all are wanted) is
/// sought by itself, so that a page costs the same with ten findings and with a million.
/// </summary>
public sealed class FindingQueries(Database database)
{
    private static readonly string[] Priorities = ["P1", "P2", "P3"];

    /// <summary>A page of the queue: the most urgent first, then the oldest.</summary>
    /// <param name="filter">Which findings.</param>
    /// <param name="place">The finding next to which the page begins; null for the first page.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<FindingRow>> ListAsync(FindingFilter filter, FindingPlace? place, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (filter.Text is { } text)
                return KeyedPage.After(await ReadOfAsync(session, filter, text, token).ConfigureAwait(false), int.MaxValue, isFirst: true);
            var next = place is null ? null : await session.FindAsync<FindingRow>(ReadOne, new ById(place.Id), token).ConfigureAwait(false);
            if (next is not null && place!.IsBefore)
            {
                var before = await ReadBeforeAsync(session, filter, next, take + 1, token).ConfigureAwait(false);
                if (KeyedPage.Before(before, take) is { } page)
                    return page;
                next = null;
            }
            var after = await ReadAfterAsync(session, filter, next, take + 1, token).ConfigureAwait(false);
            return KeyedPage.After(after, take, isFirst: next is null);
        }, token);

    /// <summary>One finding; null when there is none.</summary>
    public Task<FindingRow?> FindAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<FindingRow>(ReadOne, new ById(id), token), token);

    /// <summary>What happened to a finding, in order.</summary>
    public Task<List<FindingEventRow>> EventsAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<FindingEventRow>(ReadEvents, new ById(id), token), token);

    // The findings of one order, transaction or month are few: they come whole.
    private static async Task<List<FindingRow>> ReadOfAsync(Session session, FindingFilter filter, string text, CancellationToken token)
    {
        var rows = await session.ListAsync<FindingRow>(ReadOfOrder, new ByText(text), token).ConfigureAwait(false);
        rows.AddRange(await session.ListAsync<FindingRow>(ReadOfTransaction, new ByText(text), token).ConfigureAwait(false));
        rows.AddRange(await session.ListAsync<FindingRow>(ReadOfScope, new ByText(text), token).ConfigureAwait(false));
        return [.. rows.DistinctBy(row => row.Id).Where(filter.Fits).Order(InQueue)];
    }

    private static async Task<List<FindingRow>> ReadAfterAsync(Session session, FindingFilter filter, FindingRow? next, int take, CancellationToken token)
    {
        var rows = new List<FindingRow>();
        foreach (var priority in PrioritiesOf(filter).Where(priority => next is null || string.CompareOrdinal(priority, next.Priority) >= 0))
        {
            var place = next?.Priority == priority && next.FirstSeenAt >= filter.From ? next : null;
            var args = new ListArgs("", priority, filter.Kind, filter.Assignee, place?.FirstSeenAt ?? filter.From, filter.Until, place?.Id ?? Guid.Empty, 0, take - rows.Count);
            rows.AddRange((await ReadStatesAsync(session, ListAfter, filter, args, token).ConfigureAwait(false)).Order(InQueue).Take(take - rows.Count));
            if (rows.Count == take)
                break;
        }
        return rows;
    }

    private static async Task<List<FindingRow>> ReadBeforeAsync(Session session, FindingFilter filter, FindingRow next, int take, CancellationToken token)
    {
        var rows = new List<FindingRow>();
        foreach (var priority in PrioritiesOf(filter).Where(priority => string.CompareOrdinal(priority, next.Priority) <= 0).Reverse())
        {
            var place = next.Priority == priority && next.FirstSeenAt < filter.Until ? next : null;
            var args = new ListArgs("", priority, filter.Kind, filter.Assignee, filter.From, place?.FirstSeenAt ?? filter.Until, place?.Id ?? Guid.Empty, 0, take - rows.Count);
            rows.AddRange((await ReadStatesAsync(session, ListBefore, filter, args, token).ConfigureAwait(false)).OrderDescending(InQueue).Take(take - rows.Count));
            if (rows.Count == take)
                break;
        }
        return rows;
    }

    private static async Task<List<FindingRow>> ReadStatesAsync(Session session, FilteredSql<ListArgs> list, FindingFilter filter, ListArgs args, CancellationToken token)
    {
        var rows = new List<FindingRow>();
        foreach (var state in filter.State is { } one ? [one] : FindingWords.States)
            rows.AddRange(await session.ListAsync<FindingRow>(list.With(filter.Kind is not null, filter.Assignee is not null, filter.IsNobodys), args with { State = state }, token).ConfigureAwait(false));
        return rows;
    }

    private static IEnumerable<string> PrioritiesOf(FindingFilter filter)
    {
        var ofKind = filter.Kind is { } kind ? FindingKinds.Priority(kind) : null;
        return Priorities.Where(priority => (filter.Priority ?? priority) == priority && (ofKind ?? priority) == priority);
    }

    private static readonly Comparer<FindingRow> InQueue = Comparer<FindingRow>.Create((one, other) =>
    {
        var order = string.CompareOrdinal(one.Priority, other.Priority);
        order = order != 0 ? order : one.FirstSeenAt.CompareTo(other.FirstSeenAt);
        return order != 0 ? order : one.Id.CompareTo(other.Id);
    });

    /// <summary>Which finding.</summary>
    public sealed record ById(Guid Id);

    /// <summary>An order number, a transaction id or a settlement.</summary>
    public sealed record ByText(string Text);

    /// <summary>A page of one state and priority, next to the place (@From or @Until, @Id).</summary>
    public sealed record ListArgs(string State, string Priority, string? Kind, string? Assignee, DateTime From, DateTime Until, Guid Id, int Skip, int Take) : IPaged;

    /// <summary>The oldest first, after a place.</summary>
    public static readonly FilteredSql<ListArgs> ListAfter = new($$"""
        SELECT {{FindingRow.Columns}}
        FROM Findings
        WHERE State = @State AND Priority = @Priority AND FirstSeenAt >= @From AND FirstSeenAt < @Until AND (FirstSeenAt > @From OR Id > @Id)
        {filters}
        ORDER BY FirstSeenAt, Id
        {page}
        """, "AND Kind = @Kind", "AND Assignee = @Assignee", "AND Assignee IS NULL");

    /// <summary>The youngest first, before a place.</summary>
    public static readonly FilteredSql<ListArgs> ListBefore = new($$"""
        SELECT {{FindingRow.Columns}}
        FROM Findings
        WHERE State = @State AND Priority = @Priority AND FirstSeenAt >= @From AND FirstSeenAt <= @Until AND (FirstSeenAt < @Until OR Id < @Id)
        {filters}
        ORDER BY FirstSeenAt DESC, Id DESC
        {page}
        """, "AND Kind = @Kind", "AND Assignee = @Assignee", "AND Assignee IS NULL");

    /// <summary>One finding.</summary>
    public static readonly Sql<ById> ReadOne = new($"SELECT {FindingRow.Columns} FROM Findings WHERE Id = @Id");

    /// <summary>All findings of an order, those of its transactions too.</summary>
    public static readonly Sql<ByText> ReadOfOrder = new($"SELECT {FindingRow.Columns} FROM Findings WHERE OrderNo = @Text");

    /// <summary>All findings of a transaction.</summary>
    public static readonly Sql<ByText> ReadOfTransaction = new($"SELECT {FindingRow.Columns} FROM Findings WHERE TransactionId = @Text");

    /// <summary>All findings of a settlement's month.</summary>
    public static readonly Sql<ByText> ReadOfScope = new($"SELECT {FindingRow.Columns} FROM Findings WHERE Scope = @Text");

    /// <summary>The events of a finding.</summary>
    public static readonly Sql<ById> ReadEvents = new("""
        SELECT e.Kind, e.RecordedAt, e.RecordedBy, e.Reason, e.Assignee, r.Number AS RunNumber
        FROM FindingEvents e
        LEFT JOIN ReconciliationRuns r ON r.Id = e.RunId
        WHERE e.FindingId = @Id
        ORDER BY e.RecordedAt, e.Id
        """);
}

/// <summary>Which findings are wanted.</summary>
public sealed record FindingFilter
{
    /// <summary>The instant before all.</summary>
    public static readonly DateTime Earliest = new(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The instant after all.</summary>
    public static readonly DateTime Latest = new(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>One of <see cref="FindingWords.States"/>; null for all.</summary>
    public string? State { get; init; }

    /// <summary><c>P1</c>, <c>P2</c> or <c>P3</c>; null for all.</summary>
    public string? Priority { get; init; }

    /// <summary>One of <see cref="FindingKinds"/>; null for all.</summary>
    public string? Kind { get; init; }

    /// <summary>E-mail of who works on them; null for anybody.</summary>
    public string? Assignee { get; init; }

    /// <summary>Only those that nobody works on; not together with <see cref="Assignee"/>.</summary>
    public bool IsNobodys { get; init; }

    /// <summary>Exactly this order number, transaction id or settlement (<c>deepseek/2026-09</c>); null for all.</summary>
    public string? Text { get; init; }

    /// <summary>First seen at or after it, UTC.</summary>
    public DateTime From { get; init; } = Earliest;

    /// <summary>First seen before it, UTC.</summary>
    public DateTime Until { get; init; } = Latest;

    internal bool Fits(FindingRow row) =>
        (State ?? row.State) == row.State && (Priority ?? row.Priority) == row.Priority && (Kind ?? row.Kind) == row.Kind
        && (Assignee is null || row.Assignee == Assignee) && !(IsNobodys && row.Assignee is not null) && row.FirstSeenAt >= From && row.FirstSeenAt < Until;
}

/// <summary>A place in the queue: the finding next to which a page begins.</summary>
/// <param name="Id">Which finding.</param>
/// <param name="IsBefore">The page holds what goes before it, not what follows.</param>
public sealed record FindingPlace(Guid Id, bool IsBefore);

/// <summary>A finding with its state and facts as they are now. Instants are UTC.</summary>
public sealed class FindingRow
{
    internal const string Columns = "Id, Kind, Subject, Priority, State, OrderNo, TransactionId, Currency, ExpectedMinor, ActualMinor, FirstSeenAt, ChangedAt, Assignee, Version, Scope, Detail";

    /// <summary>The finding's id.</summary>
    public Guid Id { get; init; }

    /// <summary>One of <see cref="FindingKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Order number, transaction id, or what of a settlement it is about: with the kind, the finding's identity.</summary>
    public string Subject { get; init; } = "";

    /// <summary><c>P1</c>, <c>P2</c> or <c>P3</c>.</summary>
    public string Priority { get; init; } = "";

    /// <summary>One of <see cref="FindingWords.States"/>.</summary>
    public string State { get; init; } = "";

    /// <summary>The order, when known.</summary>
    public string? OrderNo { get; init; }

    /// <summary>The transaction; null for findings of an order.</summary>
    public string? TransactionId { get; init; }

    /// <summary>Currency of the amounts, where the kind has one.</summary>
    public string? Currency { get; init; }

    /// <summary>What should have been paid, minor units.</summary>
    public long? ExpectedMinor { get; init; }

    /// <summary>What was paid, minor units.</summary>
    public long? ActualMinor { get; init; }

    /// <summary>known_as_of of the first run that saw it: its age counts from here (reconciliation rules 5).</summary>
    public DateTime FirstSeenAt { get; init; }

    /// <summary>When its state changed last.</summary>
    public DateTime ChangedAt { get; init; }

    /// <summary>E-mail of who works on it; null for nobody.</summary>
    public string? Assignee { get; init; }

    /// <summary>Counts what happens to it: who comes second is refused.</summary>
    public long Version { get; init; }

    /// <summary>Of a settlement's finding: the month whose drafts open and clear it, <c>deepseek/2026-09</c>, or <c>2026-09</c> of what customers were charged; null for one of reconciliation.</summary>
    public string? Scope { get; init; }

    /// <summary>What a settlement's finding says, as JSON (<see cref="Settlement.FindingDetail"/>).</summary>
    public string? Detail { get; init; }
}

/// <summary>One event in the life of a finding. Instants are UTC.</summary>
public sealed class FindingEventRow
{
    /// <summary>A word of <see cref="FindingWords"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>When.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>Who, or who asked for the run.</summary>
    public string RecordedBy { get; init; } = "";

    /// <summary>Why, when a person gave a reason; of a comment, what was said.</summary>
    public string? Reason { get; init; }

    /// <summary>Of an assignment: to whom; null for nobody.</summary>
    public string? Assignee { get; init; }

    /// <summary>The run that did it; null for a person.</summary>
    public long? RunNumber { get; init; }
}
