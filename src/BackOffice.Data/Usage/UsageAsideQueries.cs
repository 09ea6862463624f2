using System.Text.Json;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Usage;

/// <summary>Reads what was put aside of usage.</summary>
public sealed class UsageAsideQueries(Database database)
{
    /// <summary>What waits for a person, the oldest first.</summary>
    /// <param name="take">How many.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<List<UsageAsideRow>> OpenAsync(int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<UsageAsideRow>(ReadOpen, new Paged(0, take), token), token);

    /// <summary>One of them, decided or not.</summary>
    public Task<UsageAsideRow?> FindAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<UsageAsideRow>(FindOne, new UsageAsideStore.ById(id), token), token);

    /// <summary>The record that was there first; null when there is none of that id.</summary>
    public Task<UsageRecord?> StoredAsync(UsageAsideRow aside, CancellationToken token = default) => database.ReadAsync(async session =>
        aside.ExternalId is null ? null : (await session.FindAsync<StoredUsageRow>(UsageAsideStore.ReadRecord, new UsageAsideStore.RecordKey(aside.SourceId, aside.ExternalId), token).ConfigureAwait(false))?.Record, token);

    /// <summary>A page.</summary>
    public sealed record Paged(int Skip, int Take) : IPaged;

    private const string Columns = "A.Id, A.SourceId, S.Name AS Source, A.Kind, A.State, A.ExternalId, A.Code, A.Field, A.Args, A.Content, I.Number AS Import, A.Line, A.RecordedAt, A.DecidedBy, A.DecidedAt, A.Reason";

    private const string Joins = "FROM UsageAsides AS A JOIN UsageSources AS S ON S.Id = A.SourceId LEFT JOIN Imports AS I ON I.Id = A.ImportId";

    /// <summary>What waits.</summary>
    public static readonly Sql<Paged> ReadOpen = new($"SELECT {Columns} {Joins} WHERE A.State = 'open' ORDER BY A.RecordedAt, A.Id {{page}}");

    /// <summary>One of them.</summary>
    public static readonly Sql<UsageAsideStore.ById> FindOne = new($"SELECT {Columns} {Joins} WHERE A.Id = @Id");
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
