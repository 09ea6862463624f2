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

    /// <summary>The newest imports below a number (the last one of the page before; the largest number there is for the first page), newest first.</summary>
    public Task<List<ImportRow>> ListAsync(long below, int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<ImportRow>(ListNewest, new FromNumber(below, 0, take), token), token);

    /// <summary>The imports next above a number, the oldest of them first.</summary>
    public Task<List<ImportRow>> ListAboveAsync(long above, int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<ImportRow>(ListAbove, new FromNumber(above, 0, take), token), token);

    /// <summary>Records put aside after one of the file's records (its place, from 1; 0 for the first page), in file order.</summary>
    public Task<List<(long Ordinal, PutAside Aside)>> PutAsidesAsync(Guid id, long afterOrdinal, int take, CancellationToken token = default) =>
        PutAsidesAsync(ListPutAsides, new FromOrdinal(id, afterOrdinal, 0, take), token);

    /// <summary>Records put aside before one of the file's records, the last of them first.</summary>
    public Task<List<(long Ordinal, PutAside Aside)>> PutAsidesBeforeAsync(Guid id, long beforeOrdinal, int take, CancellationToken token = default) =>
        PutAsidesAsync(ListPutAsidesBefore, new FromOrdinal(id, beforeOrdinal, 0, take), token);

    private async Task<List<(long Ordinal, PutAside Aside)>> PutAsidesAsync(Sql<FromOrdinal> list, FromOrdinal args, CancellationToken token)
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
    public static readonly Sql<FromNumber> ListNewest = new($$"""
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
