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
        database.ReadAsync(session => session.ListAsync<ImportRow>(ListNewest, new Below(below, 0, take), token), token);

    /// <summary>Records put aside after a line, in file order.</summary>
    public async Task<List<PutAside>> PutAsidesAsync(Guid id, long afterLine, int take, CancellationToken token = default)
    {
        var rows = await database.ReadAsync(session => session.ListAsync<PutAsideRow>(ListPutAsides, new AfterLine(id, afterLine, 0, take), token), token).ConfigureAwait(false);
        return [.. rows.Select(row => new PutAside(row.Line, new Refusal(row.Code, row.Field, JsonSerializer.Deserialize<string[]>(row.Args) ?? [])))];
    }

    /// <summary>Below a number.</summary>
    public sealed record Below(long Number, int Skip, int Take) : IPaged;

    /// <summary>After a line of an import.</summary>
    public sealed record AfterLine(Guid Id, long Line, int Skip, int Take) : IPaged;

    /// <summary>One import.</summary>
    public static readonly Sql<ImportStore.ById> ReadById = new($"SELECT {ImportRow.Columns} FROM Imports WHERE Id = @Id");

    /// <summary>Newest first.</summary>
    public static readonly Sql<Below> ListNewest = new($$"""
        SELECT {{ImportRow.Columns}}
        FROM Imports
        WHERE Number < @Number
        ORDER BY Number DESC
        {page}
        """);

    /// <summary>In file order.</summary>
    public static readonly Sql<AfterLine> ListPutAsides = new("""
        SELECT Line, Code, Field, Args
        FROM ImportPutAsides
        WHERE ImportId = @Id AND Line > @Line
        ORDER BY Line
        {page}
        """);

    private sealed class PutAsideRow
    {
        public long Line { get; init; }

        public string Code { get; init; } = "";

        public string Field { get; init; } = "";

        public string Args { get; init; } = "";
    }
}
