using BackOffice.Data.Engine;

namespace BackOffice.Data.Audit;

/// <summary>Reads the audit trail for pages, exports and the mail that carries the end of the chain outside.</summary>
public sealed class AuditQueries(Database database)
{
    private const int Portion = 1000;

    /// <summary>The end of the chain as it is now.</summary>
    /// <exception cref="InvalidOperationException">Its row is gone: somebody has been at the database.</exception>
    public Task<AuditHead> HeadAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<AuditHead>(AuditLog.ReadHead, token: token), token);

    /// <summary>The end of the chain as it is now; null when its row is gone.</summary>
    public Task<AuditHead?> FindHeadAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<AuditHead>(AuditLog.ReadHead, token: token), token);

    /// <summary>One row; null when there is none of that number.</summary>
    public Task<AuditEntry?> FindAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<AuditEntry>(ReadOne, new ByNumber(number), token), token);

    /// <summary>A page of the rows in a filter, newest first.</summary>
    /// <param name="filter">Which rows.</param>
    /// <param name="place">The row next to which the page begins; null for the newest page.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<AuditEntry>> ListAsync(AuditFilter filter, AuditPlace? place, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (place is { Newer: true })
            {
                var newer = await session.ListAsync<AuditEntry>(filter.Choose(ListNewer), filter.ArgsAbove(place, take + 1), token).ConfigureAwait(false);
                if (KeyedPage.Before(newer, take) is { } page)
                    return page;
                place = null;
            }
            var older = await session.ListAsync<AuditEntry>(filter.Choose(ListOlder), filter.ArgsBelow(place, take + 1), token).ConfigureAwait(false);
            return KeyedPage.After(older, take, isFirst: place is null);
        }, token);

    /// <summary>All rows in a filter, newest first, never all in memory. Read portion by portion: the reader may be as slow as somebody's download.</summary>
    public IAsyncEnumerable<AuditEntry> StreamAsync(AuditFilter filter) =>
        KeyedPage.AllAsync<AuditEntry, AuditPlace>((place, stop) => ListAsync(filter, place, Portion, stop), row => new AuditPlace(row.At, row.Sequence, Newer: false));

    /// <summary>By the number people see.</summary>
    public sealed record ByNumber(long Sequence);

    /// <summary>A page of a filter: from the place (@At, @Sequence) on, no further than @End. One bound each way, so that the index is read between them only.</summary>
    public sealed record ListArgs(string? Who, string? Action, string? Subject, DateTime At, long Sequence, DateTime End, int Skip, int Take) : IPaged;

    /// <summary>One row.</summary>
    public static readonly Sql<ByNumber> ReadOne = new($"SELECT {AuditEntry.Columns} FROM AuditEntries WHERE Sequence = @Sequence");

    /// <summary>Newest first.</summary>
    public static readonly FilteredSql<ListArgs> ListOlder = new($$"""
        SELECT {{AuditEntry.Columns}}
        FROM AuditEntries
        WHERE At >= @End AND At <= @At AND (At < @At OR Sequence < @Sequence)
        {filters}
        ORDER BY At DESC, Sequence DESC
        {page}
        """, "AND Who = @Who", "AND Action = @Action", "AND Subject = @Subject");

    /// <summary>Oldest first.</summary>
    public static readonly FilteredSql<ListArgs> ListNewer = new($$"""
        SELECT {{AuditEntry.Columns}}
        FROM AuditEntries
        WHERE At < @End AND At >= @At AND (At > @At OR Sequence > @Sequence)
        {filters}
        ORDER BY At, Sequence
        {page}
        """, "AND Who = @Who", "AND Action = @Action", "AND Subject = @Subject");
}

/// <summary>Which rows of the audit trail.</summary>
public sealed record AuditFilter
{
    /// <summary>Before everything.</summary>
    public static readonly DateTime Earliest = new(1, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>After everything.</summary>
    public static readonly DateTime Latest = new(9999, 12, 31, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Who acted, exactly; null for anybody.</summary>
    public string? Who { get; init; }

    /// <summary>One of <see cref="AuditActions"/>; null for any.</summary>
    public string? Action { get; init; }

    /// <summary>A subject, exactly; null for any.</summary>
    public string? Subject { get; init; }

    /// <summary>First instant, UTC.</summary>
    public DateTime From { get; init; } = Earliest;

    /// <summary>First instant that is not included, UTC.</summary>
    public DateTime Until { get; init; } = Latest;

    internal Sql<AuditQueries.ListArgs> Choose(FilteredSql<AuditQueries.ListArgs> list) => list.With(Who is not null, Action is not null, Subject is not null);

    // A place outside the filter's span is as good as the end it lies beyond.
    internal AuditQueries.ListArgs ArgsBelow(AuditPlace? place, int take) => place is not null && place.At < Until
        ? new(Who, Action, Subject, place.At, place.Sequence, From, 0, take)
        : new(Who, Action, Subject, Until, 0, From, 0, take);

    internal AuditQueries.ListArgs ArgsAbove(AuditPlace place, int take) => place.At >= From
        ? new(Who, Action, Subject, place.At, place.Sequence, Until, 0, take)
        : new(Who, Action, Subject, From, 0, Until, 0, take);
}

/// <summary>A place of the list: next to a row.</summary>
/// <param name="At">The row's instant, UTC.</param>
/// <param name="Sequence">The row's number.</param>
/// <param name="Newer">The page holds the rows before it in the list, which are newer; else those after it.</param>
public sealed record AuditPlace(DateTime At, long Sequence, bool Newer);
