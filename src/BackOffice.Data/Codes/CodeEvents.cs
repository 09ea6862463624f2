using BackOffice.Data.Engine;

namespace BackOffice.Data.Codes;

/// <summary>What happened to a code, or to a batch as a whole (sequence 0): who, when, why (codes rules 3).</summary>
public static class CodeEvents
{
    /// <summary>The sequence of what happened to the whole batch.</summary>
    public const int WholeBatch = 0;

    /// <summary>Puts an event on record in the transaction that makes it.</summary>
    public static Task AddAsync(WriteSession session, NewCodeEvent happened, CancellationToken token) =>
        session.ExecuteAsync(
            Insert,
            new InsertArgs(
                happened.BatchNo, happened.Sequence, Ids.New(session.At), happened.Kind, happened.Codes, happened.StatusBefore, happened.OrderNo, happened.ConsoleUser, happened.Reason,
                happened.HappenedAt ?? session.At, session.At, happened.By),
            token);

    /// <summary>Columns of a row.</summary>
    public sealed record InsertArgs(
        long BatchNo, int Sequence, Guid Id, string Kind, int Codes, string? StatusBefore, string? OrderNo, string? ConsoleUser, string? Reason, DateTime HappenedAt, DateTime RecordedAt, string RecordedBy);

    /// <summary>A new event.</summary>
    public static readonly Sql<InsertArgs> Insert = new("""
        INSERT INTO CodeEvents (BatchNo, Sequence, Id, Kind, Codes, StatusBefore, OrderNo, ConsoleUser, Reason, HappenedAt, RecordedAt, RecordedBy)
        VALUES (@BatchNo, @Sequence, @Id, @Kind, @Codes, @StatusBefore, @OrderNo, @ConsoleUser, @Reason, @HappenedAt, @RecordedAt, @RecordedBy)
        """);

    /// <summary>Many new events.</summary>
    internal static readonly BulkTable<InsertArgs> Table = new(
        "CodeEvents",
        ("BatchNo", typeof(long), row => row.BatchNo),
        ("Sequence", typeof(int), row => row.Sequence),
        ("Id", typeof(Guid), row => row.Id),
        ("Kind", typeof(string), row => row.Kind),
        ("Codes", typeof(int), row => row.Codes),
        ("StatusBefore", typeof(string), row => row.StatusBefore),
        ("OrderNo", typeof(string), row => row.OrderNo),
        ("Reason", typeof(string), row => row.Reason),
        ("HappenedAt", typeof(DateTime), row => row.HappenedAt),
        ("RecordedAt", typeof(DateTime), row => row.RecordedAt),
        ("RecordedBy", typeof(string), row => row.RecordedBy));
}

/// <summary>Words of what happens to codes.</summary>
public static class CodeEventKinds
{
#pragma warning disable CS1591 // each is said in both languages by the pages: CodeEvent.{word}
    public const string Requested = "requested";
    public const string Approved = "approved";
    public const string Refused = "refused";
    public const string Resumed = "resumed";
    public const string Ready = "ready";
    public const string Voided = "voided";
    public const string Scripted = "scripted";
    public const string Published = "published";
    public const string Exported = "exported";
    public const string Restocked = "restocked";
    public const string Allocated = "allocated";
    public const string Delivered = "delivered";
    public const string Redeemed = "redeemed";
    public const string Revealed = "revealed";
#pragma warning restore CS1591
}

/// <summary>An event to be put on record.</summary>
/// <param name="BatchNo">Number of the batch.</param>
/// <param name="Sequence">The code's place in it, or <see cref="CodeEvents.WholeBatch"/>.</param>
/// <param name="Kind">One of <see cref="CodeEventKinds"/>.</param>
/// <param name="By">E-mail of who did it, or <c>system</c>.</param>
public sealed record NewCodeEvent(long BatchNo, int Sequence, string Kind, string By)
{
    /// <summary>Codes that it touched.</summary>
    public int Codes { get; init; } = 1;

    /// <summary>The state that counted before.</summary>
    public string? StatusBefore { get; init; }

    /// <summary>For which order.</summary>
    public string? OrderNo { get; init; }

    /// <summary>Who redeemed it, as the console names them.</summary>
    public string? ConsoleUser { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>When, UTC; null for now.</summary>
    public DateTime? HappenedAt { get; init; }
}
