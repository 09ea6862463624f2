using System.Text.Json;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;

namespace BackOffice.Data.Usage;

/// <summary>Proofs that people ask for, as work and with what they came to.</summary>
public sealed class UsageProofStore(Database database)
{
    /// <summary>The rows as work.</summary>
    public static readonly WorkQueue Queue = new("UsageProofs");

    /// <summary>Differences that are kept of one proof.</summary>
    public const int MostLines = 200;

    /// <summary>Asks for a proof.</summary>
    /// <param name="month">A month of the shop, <c>2026-09</c>; null for all there is.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<UsageProofRow> AskAsync(string? month, string by, CancellationToken token = default) => database.WriteAsync(WriteRank.Request, async session =>
    {
        var row = new NewProof(Ids.New(session.At), await session.NextNumberAsync("UsageProofs", token).ConfigureAwait(false), month, by, session.At);
        await session.ExecuteAsync(Insert, row, token).ConfigureAwait(false);
        await AuditLog.AppendAsync(session, new AuditAct { Who = by, Action = AuditActions.UsageProofRequested, Subject = AuditSubject.Of("usage-proof", row.Number), Details = new { Month = month } }, token).ConfigureAwait(false);
        return await session.GetAsync<UsageProofRow>(ReadById, new ById(row.Id), token).ConfigureAwait(false);
    }, token);

    /// <summary>How far it is.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public Task AdvanceAsync(Guid id, int done, int total, CancellationToken token = default) => database.WriteAsync(WriteRank.Job, async session =>
    {
        await session.ExecuteAsync(Advance, new Progress(id, done, total), token).ConfigureAwait(false);
        if (!await Queue.RenewAsync(session, id, token).ConfigureAwait(false))
            throw new LeaseLostException();
    }, token);

    /// <summary>What it came to.</summary>
    public Task FinishAsync(Guid id, int days, UsageProofOutcome outcome, CancellationToken token = default) => database.WriteAsync(WriteRank.Job, async session =>
    {
        var lines = outcome.First.Count == 0 ? null : JsonSerializer.Serialize(outcome.First);
        await session.ExecuteAsync(Finish, new Finished(id, days, outcome.Records, outcome.Differences, lines), token).ConfigureAwait(false);
        if (!await Queue.EndAsync(session, id, "done", token).ConfigureAwait(false))
            throw new LeaseLostException();
    }, token);

    /// <summary>A proof by its number; null when there is none.</summary>
    public Task<UsageProofRow?> FindAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<UsageProofRow>(ReadOne, new ByNumber(number), token), token);

    /// <summary>A proof by its id.</summary>
    public Task<UsageProofRow> GetAsync(Guid id, CancellationToken token = default) => database.ReadAsync(session => session.GetAsync<UsageProofRow>(ReadById, new ById(id), token), token);

    /// <summary>The newest proofs.</summary>
    public Task<List<UsageProofRow>> NewestAsync(int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<UsageProofRow>(ReadNewest, new Paged(0, take), token), token);

    /// <summary>A page.</summary>
    public sealed record Paged(int Skip, int Take) : IPaged;

    /// <summary>By id.</summary>
    public sealed record ById(Guid Id);

    /// <summary>By the number people see.</summary>
    public sealed record ByNumber(long Number);

    /// <summary>What is asked for.</summary>
    public sealed record NewProof(Guid Id, long Number, string? Month, string By, DateTime At);

    /// <summary>How far it is.</summary>
    public sealed record Progress(Guid Id, int Done, int Total);

    /// <summary>What it came to.</summary>
    public sealed record Finished(Guid Id, int Days, long Records, long Differences, string? Lines);

    private const string Columns = "Id, Number, Month, Status, DaysDone, DaysTotal, Records, Differences, Lines, RequestedBy, RequestedAt, StartedAt, EndedAt, Failure, FailureJson, Attempts";

    /// <summary>A proof that waits.</summary>
    public static readonly Sql<NewProof> Insert = new("""
        INSERT INTO UsageProofs (Id, Number, Month, Status, DaysDone, DaysTotal, Records, Differences, RequestedBy, RequestedAt, Attempts)
        VALUES (@Id, @Number, @Month, 'pending', 0, 0, 0, 0, @By, @At, 0)
        """);

    /// <summary>How far it is.</summary>
    public static readonly Sql<Progress> Advance = new("UPDATE UsageProofs SET DaysDone = @Done, DaysTotal = @Total WHERE Id = @Id");

    /// <summary>What it came to.</summary>
    public static readonly Sql<Finished> Finish = new("""
        UPDATE UsageProofs SET DaysDone = @Days, DaysTotal = @Days, Records = @Records, Differences = @Differences, Lines = @Lines WHERE Id = @Id
        """);

    /// <summary>By its number.</summary>
    public static readonly Sql<ByNumber> ReadOne = new($"SELECT {Columns} FROM UsageProofs WHERE Number = @Number");

    /// <summary>By its id.</summary>
    public static readonly Sql<ById> ReadById = new($"SELECT {Columns} FROM UsageProofs WHERE Id = @Id");

    /// <summary>The newest first.</summary>
    public static readonly Sql<Paged> ReadNewest = new($"SELECT {Columns} FROM UsageProofs ORDER BY Number DESC {{page}}");
}

/// <summary>A proof. Instants are UTC.</summary>
public sealed class UsageProofRow
{
    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>The number people see.</summary>
    public long Number { get; init; }

    /// <summary>A month of the shop, <c>2026-09</c>; null for all there is.</summary>
    public string? Month { get; init; }

    /// <summary><c>pending</c>, <c>running</c>, <c>done</c> or <c>failed</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Days compared.</summary>
    public int DaysDone { get; init; }

    /// <summary>Days to compare; 0 while that is not known.</summary>
    public int DaysTotal { get; init; }

    /// <summary>Records that the sums name.</summary>
    public long Records { get; init; }

    /// <summary>Sums that do not equal their records.</summary>
    public long Differences { get; init; }

    /// <summary>The first of them, as JSON.</summary>
    public string? Lines { get; init; }

    /// <summary>Who asked.</summary>
    public string RequestedBy { get; init; } = "";

    /// <summary>When.</summary>
    public DateTime RequestedAt { get; init; }

    /// <summary>When a worker first took it up.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary>Why it failed, one line.</summary>
    public string? Failure { get; init; }

    /// <summary>Why it failed, for every language.</summary>
    public string? FailureJson { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public Refusal? FailureReason => WorkQueue.ReadReason(FailureJson, Failure);

    /// <summary>How often it was taken up.</summary>
    public int Attempts { get; init; }

    /// <summary>The first differences.</summary>
    public IReadOnlyList<UsageDifference> First => Lines is null ? [] : JsonSerializer.Deserialize<List<UsageDifference>>(Lines)!;
}
