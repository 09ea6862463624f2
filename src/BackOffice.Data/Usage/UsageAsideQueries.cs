using System.Text.Json;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Domain;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Usage;

/// <summary>Reads what was put aside of usage.</summary>
public sealed class UsageAsideQueries(Database database)
{
    /// <summary>A page of what waits for a person, the oldest first.</summary>
    /// <param name="filter">Which of it.</param>
    /// <param name="place">The row next to which the page begins; null for the first page.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<UsageAsideRow>> ListAsync(UsageAsideFilter filter, UsageAsidePlace? place, int take, CancellationToken token = default) => database.ReadAsync(async session =>
    {
        var import = filter.Import is { } number ? (await session.FindAsync<ImportRow>(ImportStore.ReadOne, new ImportStore.ByNumber(number), token).ConfigureAwait(false))?.Id : null;
        if (import is null && filter.Import is not null)
            return new KeyedPage<UsageAsideRow>([], false, false);
        if (place is { IsBefore: true })
        {
            var before = await session.ListAsync<UsageAsideRow>(filter.Choose(ListBefore), filter.Args(import, place, take + 1), token).ConfigureAwait(false);
            if (KeyedPage.Before(before, take) is { } page)
                return page;
            place = null;
        }
        var after = await session.ListAsync<UsageAsideRow>(filter.Choose(ListAfter), filter.Args(import, place ?? UsageAsidePlace.First, take + 1), token).ConfigureAwait(false);
        return KeyedPage.After(after, take, isFirst: place is null);
    }, token);

    /// <summary>How many of an import wait, by kind; a kind of which none waits is not among them.</summary>
    public Task<List<UsageAsideCount>> CountAsync(long import, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<UsageAsideCount>(CountOfImport, new OfImport(import), token), token);

    /// <summary>One of them, decided or not.</summary>
    public Task<UsageAsideRow?> FindAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<UsageAsideRow>(FindOne, new UsageAsideStore.ById(id), token), token);

    /// <summary>The record that was there first; null when there is none of that id.</summary>
    public Task<UsageRecord?> StoredAsync(UsageAsideRow aside, CancellationToken token = default) => database.ReadAsync(async session =>
        aside.ExternalId is null ? null : (await session.FindAsync<StoredUsageRow>(UsageAsideStore.ReadRecord, new UsageAsideStore.RecordKey(aside.SourceId, aside.ExternalId), token).ConfigureAwait(false))?.Record, token);

    /// <summary>A page of a filter, from a place on; the month as quarter-hours.</summary>
    public sealed record ListArgs(string? Kind, Guid? Import, int From, int Until, DateTime At, Guid IdAt, int Skip, int Take) : IPaged;

    /// <summary>By the number people see.</summary>
    public sealed record OfImport(long Number);

    private const string Columns = "A.Id, A.SourceId, S.Name AS Source, A.Kind, A.State, A.ExternalId, A.Quarter, A.OtherQuarter, A.Code, A.Field, A.Args, A.Content, I.Number AS Import, A.Line, A.RecordedAt, A.DecidedBy, A.DecidedAt, A.Reason";

    private const string Joins = "FROM UsageAsides AS A JOIN UsageSources AS S ON S.Id = A.SourceId LEFT JOIN Imports AS I ON I.Id = A.ImportId";

    private const string OfKind = "AND A.Kind = @Kind";

    private const string FromImport = "AND A.ImportId = @Import";

    // What has no time that could be read stops every month.
    private const string OfMonth = "AND ((A.Quarter >= @From AND A.Quarter < @Until) OR (A.OtherQuarter >= @From AND A.OtherQuarter < @Until) OR A.Quarter IS NULL)";

    /// <summary>What waits, the oldest first, after a place.</summary>
    public static readonly FilteredSql<ListArgs> ListAfter = new($$"""
        SELECT {{Columns}}
        {{Joins}}
        WHERE A.State = 'open' AND A.RecordedAt >= @At AND (A.RecordedAt > @At OR A.Id > @IdAt)
        {filters}
        ORDER BY A.RecordedAt, A.Id
        {page}
        """, OfKind, FromImport, OfMonth);

    /// <summary>What waits, the latest first, before a place.</summary>
    public static readonly FilteredSql<ListArgs> ListBefore = new($$"""
        SELECT {{Columns}}
        {{Joins}}
        WHERE A.State = 'open' AND A.RecordedAt <= @At AND (A.RecordedAt < @At OR A.Id < @IdAt)
        {filters}
        ORDER BY A.RecordedAt DESC, A.Id DESC
        {page}
        """, OfKind, FromImport, OfMonth);

    /// <summary>What waits of an import.</summary>
    public static readonly Sql<OfImport> CountOfImport = new("""
        SELECT A.Kind, COUNT(*) AS Asides
        FROM Imports AS I
        JOIN UsageAsides AS A ON A.ImportId = I.Id AND A.State = 'open'
        WHERE I.Number = @Number
        GROUP BY A.Kind
        ORDER BY A.Kind
        """);

    /// <summary>One of them.</summary>
    public static readonly Sql<UsageAsideStore.ById> FindOne = new($"SELECT {Columns} {Joins} WHERE A.Id = @Id");
}

/// <summary>Which of what waits a list shows.</summary>
public sealed record UsageAsideFilter
{
    /// <summary><c>unreadable</c> or <c>conflict</c>; null for both.</summary>
    public string? Kind { get; init; }

    /// <summary>The number of the import that brought it; null for all.</summary>
    public long? Import { get; init; }

    /// <summary>The month, from a quarter-hour to one that is not included; null for all. What has no time that could be read is of every month.</summary>
    public (int From, int Until)? Month { get; init; }

    internal Sql<UsageAsideQueries.ListArgs> Choose(FilteredSql<UsageAsideQueries.ListArgs> list) => list.With(Kind is not null, Import is not null, Month is not null);

    internal UsageAsideQueries.ListArgs Args(Guid? import, UsageAsidePlace place, int take) => new(Kind, import, Month?.From ?? 0, Month?.Until ?? 0, place.RecordedAt, place.Id, 0, take);
}

/// <summary>A place of the list: next to a row.</summary>
/// <param name="RecordedAt">The row's instant, UTC.</param>
/// <param name="Id">The row's id.</param>
/// <param name="IsBefore">The page holds the rows before it in the list; else those after it.</param>
public sealed record UsageAsidePlace(DateTime RecordedAt, Guid Id, bool IsBefore)
{
    internal static readonly UsageAsidePlace First = new(new DateTime(1, 1, 1, 0, 0, 0, DateTimeKind.Utc), Guid.Empty, IsBefore: false);
}

/// <summary>How many of a kind wait.</summary>
public sealed class UsageAsideCount
{
    /// <summary><c>unreadable</c> or <c>conflict</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>How many.</summary>
    public long Asides { get; init; }
}

/// <summary>Something put aside. Instants are UTC.</summary>
public sealed class UsageAsideRow
{
    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>The console.</summary>
    public int SourceId { get; init; }

    /// <summary>Its name.</summary>
    public string Source { get; init; } = "";

    /// <summary><c>unreadable</c> or <c>conflict</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary><c>open</c>, <c>accepted</c>, <c>kept</c> or <c>replaced</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>The record's id, where it could be read.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Its quarter-hour since 1970; null where its time could not be read.</summary>
    public int? Quarter { get; init; }

    /// <summary>Of a conflict, that of the record that was there first.</summary>
    public int? OtherQuarter { get; init; }

    /// <summary>Why.</summary>
    public string Code { get; init; } = "";

    /// <summary>Which field is wrong.</summary>
    public string Field { get; init; } = "";

    /// <summary>What the sentence quotes, as JSON.</summary>
    public string Args { get; init; } = "[]";

    /// <summary>The later content of a conflict, as JSON.</summary>
    public string? Content { get; init; }

    /// <summary>The import that brought it.</summary>
    public long? Import { get; init; }

    /// <summary>Its line in the file.</summary>
    public long Line { get; init; }

    /// <summary>When it was put aside.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>Who decided.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When.</summary>
    public DateTime? DecidedAt { get; init; }

    /// <summary>Why so.</summary>
    public string? Reason { get; init; }

    /// <summary>Why it was put aside, for a person.</summary>
    public Refusal Why => new(Code, Field, JsonSerializer.Deserialize<string[]>(Args)!);

    /// <summary>The later content of a conflict; null for a line that could not be read.</summary>
    public UsageRecord? Later => Content is null ? null : JsonSerializer.Deserialize<UsageRecord>(Content);
}
