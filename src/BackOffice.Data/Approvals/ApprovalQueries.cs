using BackOffice.Data.Engine;

namespace BackOffice.Data.Approvals;

/// <summary>Reads what waits for a second person, and what was decided.</summary>
public sealed class ApprovalQueries(Database database)
{
    /// <summary>A page: what waits first, then what was decided; the newest of each first.</summary>
    /// <param name="place">The request next to which the page begins; null for the first page.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<ApprovalRow>> ListAsync(ApprovalPlace? place, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var next = place is null ? null : await session.FindAsync<ApprovalRow>(ReadOne, new ByNumber(place.Number), token).ConfigureAwait(false);
            if (next is not null && place!.IsBefore)
            {
                if (KeyedPage.Before(await ReadBeforeAsync(session, next, take + 1, token).ConfigureAwait(false), take) is { } page)
                    return page;
                next = null;
            }
            return KeyedPage.After(await ReadAfterAsync(session, next, take + 1, token).ConfigureAwait(false), take, isFirst: next is null);
        }, token);

    /// <summary>One request; null when there is none of that number.</summary>
    public Task<ApprovalRow?> FindAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<ApprovalRow>(ReadOne, new ByNumber(number), token), token);

    /// <summary>All requests about one subject, the oldest first.</summary>
    public Task<List<ApprovalRow>> OfSubjectAsync(string kind, string subjectId, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<ApprovalRow>(ReadOfSubject, new BySubject(kind, subjectId), token), token);

    /// <summary>How many wait for anybody but one person, counted up to a limit.</summary>
    public Task<int> CountForAsync(string email, int most, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<int>(CountFor, new ForArgs(email, 0, most), token), token);

    private static async Task<List<ApprovalRow>> ReadAfterAsync(Session session, ApprovalRow? next, int take, CancellationToken token)
    {
        var rows = new List<ApprovalRow>();
        if (next is null || next.IsPending)
            rows = await session.ListAsync<ApprovalRow>(PendingAfter, new FromNumber(next?.Number ?? long.MaxValue, 0, take), token).ConfigureAwait(false);
        if (rows.Count < take)
            rows.AddRange(await session.ListAsync<ApprovalRow>(DecidedAfter, new FromNumber(next is { IsPending: false } ? next.Number : long.MaxValue, 0, take - rows.Count), token).ConfigureAwait(false));
        return rows;
    }

    private static async Task<List<ApprovalRow>> ReadBeforeAsync(Session session, ApprovalRow next, int take, CancellationToken token)
    {
        var rows = new List<ApprovalRow>();
        if (!next.IsPending)
            rows = await session.ListAsync<ApprovalRow>(DecidedBefore, new FromNumber(next.Number, 0, take), token).ConfigureAwait(false);
        if (rows.Count < take)
            rows.AddRange(await session.ListAsync<ApprovalRow>(PendingBefore, new FromNumber(next.IsPending ? next.Number : 0, 0, take - rows.Count), token).ConfigureAwait(false));
        return rows;
    }

    /// <summary>By the number people see.</summary>
    public sealed record ByNumber(long Number);

    /// <summary>One subject of a kind.</summary>
    public sealed record BySubject(string Kind, string SubjectId);

    /// <summary>Below or above a number.</summary>
    public sealed record FromNumber(long Number, int Skip, int Take) : IPaged;

    /// <summary>What waits for others than somebody.</summary>
    public sealed record ForArgs(string Email, int Skip, int Take) : IPaged;

    /// <summary>One request.</summary>
    public static readonly Sql<ByNumber> ReadOne = new($"SELECT {ApprovalRow.Columns} FROM Approvals WHERE Number = @Number");

    /// <summary>The requests about a subject.</summary>
    public static readonly Sql<BySubject> ReadOfSubject = new($"SELECT {ApprovalRow.Columns} FROM Approvals WHERE Kind = @Kind AND SubjectId = @SubjectId ORDER BY Number");

    /// <summary>What waits, the newest first.</summary>
    public static readonly Sql<FromNumber> PendingAfter = new($$"""
        SELECT {{ApprovalRow.Columns}} FROM Approvals WHERE Status = 'pending' AND Number < @Number ORDER BY Number DESC {page}
        """);

    /// <summary>What waits, against the order.</summary>
    public static readonly Sql<FromNumber> PendingBefore = new($$"""
        SELECT {{ApprovalRow.Columns}} FROM Approvals WHERE Status = 'pending' AND Number > @Number ORDER BY Number {page}
        """);

    /// <summary>What is decided, the newest first: few wait, so hardly a row is read for nothing.</summary>
    public static readonly Sql<FromNumber> DecidedAfter = new($$"""
        SELECT {{ApprovalRow.Columns}} FROM Approvals WHERE Status <> 'pending' AND Number < @Number ORDER BY Number DESC {page}
        """);

    /// <summary>What is decided, against the order.</summary>
    public static readonly Sql<FromNumber> DecidedBefore = new($$"""
        SELECT {{ApprovalRow.Columns}} FROM Approvals WHERE Status <> 'pending' AND Number > @Number ORDER BY Number {page}
        """);

    /// <summary>What somebody may decide.</summary>
    public static readonly Sql<ForArgs> CountFor = new("""
        SELECT COUNT(*) FROM (SELECT Number FROM Approvals WHERE Status = 'pending' AND RequestedBy <> @Email ORDER BY Number {page}) AS waiting
        """);
}

/// <summary>A place in the list: the request next to which a page begins.</summary>
/// <param name="Number">Its number.</param>
/// <param name="IsBefore">The page holds what goes before it, not what follows.</param>
public sealed record ApprovalPlace(long Number, bool IsBefore);

/// <summary>A request for a second person. Instants are UTC.</summary>
public sealed class ApprovalRow
{
    internal const string Columns = "Id, Number, Kind, SubjectId, Payload, Reason, RequestedBy, RequestedAt, Status, DecidedBy, DecidedAt, DecisionReason";

    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>The number people see.</summary>
    public long Number { get; init; }

    /// <summary>Which act was asked for.</summary>
    public string Kind { get; init; } = "";

    /// <summary>To what, within the kind.</summary>
    public string SubjectId { get; init; } = "";

    /// <summary>What the act needs, as JSON.</summary>
    public string Payload { get; init; } = "";

    /// <summary>Why it was asked for.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who asked.</summary>
    public string RequestedBy { get; init; } = "";

    /// <summary>When.</summary>
    public DateTime RequestedAt { get; init; }

    /// <summary><c>pending</c>, <c>approved</c>, <c>refused</c> or <c>withdrawn</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Who decided; null while it waits.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When.</summary>
    public DateTime? DecidedAt { get; init; }

    /// <summary>Why, when that person said so.</summary>
    public string? DecisionReason { get; init; }

    /// <summary>Whether it waits for somebody.</summary>
    public bool IsPending => Status == "pending";
}
