using System.Text.Json;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Imports;

namespace BackOffice.Data.Imports;

/// <summary>Reads imports for pages and the command line.</summary>
public sealed class ImportQueries(Database database)
{
    /// <summary>One import by the number people see; null when there is none.</summary>
    public Task<ImportRow?> FindAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<ImportRow>(ImportStore.ReadOne, new ImportStore.ByNumber(number), token), token);

    /// <summary>One import by its id.</summary>
    public Task<ImportRow> GetAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<ImportRow>(ReadById, new ImportStore.ById(id), token), token);

    /// <summary>A page of imports, newest first.</summary>
    /// <param name="below">The page begins below this number; null for the newest page.</param>
    /// <param name="above">The page ends above this number, and goes before <paramref name="below"/>.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<ImportRow>> ListAsync(long? below, long? above, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (above is { } number)
            {
                var newer = await session.ListAsync<ImportRow>(ListAbove, new FromNumber(number, 0, take + 1), token).ConfigureAwait(false);
                if (KeyedPage.Before(newer, take) is { } page)
                    return page;
                below = null;
            }
            var older = await session.ListAsync<ImportRow>(ListBelow, new FromNumber(below ?? long.MaxValue, 0, take + 1), token).ConfigureAwait(false);
            return KeyedPage.After(older, take, isFirst: below is null);
        }, token);

    /// <summary>Records put aside after one of the file's records (its place, from 1; 0 for the first page), in file order.</summary>
    public Task<List<(long Ordinal, PutAside Aside)>> PutAsidesAsync(Guid id, long afterOrdinal, int take, CancellationToken token = default) =>
        ReadPutAsidesAsync(ListPutAsides, new FromOrdinal(id, afterOrdinal, 0, take), token);

    /// <summary>A page of records put aside, in file order.</summary>
    /// <param name="id">The import.</param>
    /// <param name="after">The page begins after this record; null for the first page.</param>
    /// <param name="before">The page ends before this record, and goes before <paramref name="after"/>.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public async Task<KeyedPage<(long Ordinal, PutAside Aside)>> PutAsidePageAsync(Guid id, long? after, long? before, int take, CancellationToken token = default)
    {
        if (before is { } ordinal)
        {
            var earlier = await ReadPutAsidesAsync(ListPutAsidesBefore, new FromOrdinal(id, ordinal, 0, take + 1), token).ConfigureAwait(false);
            if (KeyedPage.Before(earlier, take) is { } page)
                return page;
            after = null;
        }
        return KeyedPage.After(await PutAsidesAsync(id, after ?? 0, take + 1, token).ConfigureAwait(false), take, isFirst: after is null);
    }

    private async Task<List<(long Ordinal, PutAside Aside)>> ReadPutAsidesAsync(Sql<FromOrdinal> list, FromOrdinal args, CancellationToken token)
    {
        var rows = await database.ReadAsync(session => session.ListAsync<PutAsideRow>(list, args, token), token).ConfigureAwait(false);
        return [.. rows.Select(row => (row.Ordinal, row.AsPutAside()))];
    }

    /// <summary>Below or above a number.</summary>
    public sealed record FromNumber(long Number, int Skip, int Take) : IPaged;

    /// <summary>After or before a record of an import.</summary>
    public sealed record FromOrdinal(Guid Id, long Ordinal, int Skip, int Take) : IPaged;

    /// <summary>One import.</summary>
    public static readonly Sql<ImportStore.ById> ReadById = new($"SELECT {ImportRow.Columns} FROM Imports WHERE Id = @Id");

    /// <summary>Newest first.</summary>
    public static readonly Sql<FromNumber> ListBelow = new($$"""
        SELECT {{ImportRow.Columns}}
        FROM Imports
        WHERE Number < @Number
        ORDER BY Number DESC
        {page}
        """);

    /// <summary>Oldest first.</summary>
    public static readonly Sql<FromNumber> ListAbove = new($$"""
        SELECT {{ImportRow.Columns}}
        FROM Imports
        WHERE Number > @Number
        ORDER BY Number
        {page}
        """);

    /// <summary>In file order.</summary>
    public static readonly Sql<FromOrdinal> ListPutAsides = new("""
        SELECT Ordinal, Line, Code, Field, Args
        FROM ImportPutAsides
        WHERE ImportId = @Id AND Ordinal > @Ordinal
        ORDER BY Ordinal
        {page}
        """);

    /// <summary>Against file order.</summary>
    public static readonly Sql<FromOrdinal> ListPutAsidesBefore = new("""
        SELECT Ordinal, Line, Code, Field, Args
        FROM ImportPutAsides
        WHERE ImportId = @Id AND Ordinal < @Ordinal
        ORDER BY Ordinal DESC
        {page}
        """);

    private sealed class PutAsideRow
    {
        public long Ordinal { get; init; }

        public long Line { get; init; }

        public string Code { get; init; } = "";

        public string Field { get; init; } = "";

        public string Args { get; init; } = "";

        public PutAside AsPutAside() => new(Line, new Refusal(Code, Field, JsonSerializer.Deserialize<string[]>(Args) ?? []));
    }
}
