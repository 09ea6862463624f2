using System.Text.Encodings.Web;
using System.Text.Json;
using BackOffice.Data.Engine;
using BackOffice.Domain;

namespace BackOffice.Data.Jobs;

/// <summary>
/// A table whose rows are work: pending, running under a lease, then ended. The row is the queue (DESIGN 5): whoever claims it does it, a lease that ran
/// out may be claimed again, and of several workers exactly one wins (two-engines 5).
/// </summary>
public sealed class WorkQueue : ISqlSource
{
    /// <summary>How long a claim holds without being renewed.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(1);

    /// <summary>What is not said otherwise gives up after so many tries.</summary>
    public const int MostAttempts = 5;

    // Chinese as it stands, not six characters for each: the column is read as text, never put into a page as it is.
    private static readonly JsonSerializerOptions AsItStands = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Sql<ClaimArgs> _claim;
    private readonly Sql<LeaseArgs> _renew;
    private readonly Sql<EndArgs> _end;
    private readonly Sql<HeldArgs> _held;
    private readonly Sql<IdArgs> _lease;
    private readonly Sql _unended;
    private readonly Sql<EnqueuedArgs> _enqueued;
    private readonly string _waits;
    private readonly Func<WriteSession, Guid, CancellationToken, Task>? _whenFailed;

    /// <summary>The work rows of one table, which has the columns Status, StartedAt, EndedAt, Failure, FailureJson, Attempts, LeaseOwner, LeaseUntil and EnqueuedAt.</summary>
    /// <param name="table">Its name.</param>
    /// <param name="givesUpAfter">A row that failed this often stays failed.</param>
    /// <param name="waits">The table's word for what waits to be worked on.</param>
    /// <param name="works">The table's word for what is worked on.</param>
    /// <param name="whenFailed">What goes with a row that failed for good, in the same transaction; null for nothing.</param>
    public WorkQueue(
        string table, int givesUpAfter = MostAttempts, string waits = "pending", string works = "running", Func<WriteSession, Guid, CancellationToken, Task>? whenFailed = null)
    {
        _whenFailed = whenFailed;
        GivesUpAfter = givesUpAfter;
        _waits = waits;
        _lease = new($"SELECT LeaseOwner FROM {table} WHERE Id = @Id AND Status = '{works}'");
        _held = new($"SELECT LeaseOwner FROM {table} WHERE Id = @Id AND Status = '{works}' AND LeaseUntil >= @Now");
        _claim = new($"""
            UPDATE {table}
            SET Status = '{works}', LeaseOwner = @Owner, LeaseUntil = @Until, Attempts = Attempts + 1, Failure = NULL, FailureJson = NULL,
                StartedAt = COALESCE(StartedAt, @Now)
            WHERE Id = @Id AND (Status = '{waits}' OR (Status = '{works}' AND (LeaseUntil < @Now OR LeaseOwner = @Gone)))
            """);
        _renew = new($"UPDATE {table} SET LeaseUntil = @Until WHERE Id = @Id AND Status = '{works}' AND LeaseOwner = @Owner");
        _end = new($"""
            UPDATE {table}
            SET Status = @Status, Failure = @Failure, FailureJson = @FailureJson, EndedAt = @EndedAt, LeaseOwner = NULL, LeaseUntil = NULL
            WHERE Id = @Id AND Status = '{works}' AND LeaseOwner = @Owner
            """);
        _unended = new($"SELECT Id, LeaseOwner, LeaseUntil, EnqueuedAt FROM {table} WHERE Status IN ('{waits}', '{works}')");
        _enqueued = new($"UPDATE {table} SET EnqueuedAt = @At WHERE Id = @Id");
    }

    /// <summary>A row that failed this often stays failed.</summary>
    public int GivesUpAfter { get; }

    /// <summary>Claims a row that is pending, or whose lease ran out, or whose worker was a process of this machine that is gone. False: somebody else has it, or it has ended.</summary>
    public async Task<bool> ClaimAsync(WriteSession session, Guid id, CancellationToken token = default)
    {
        var owner = await session.FindAsync<string>(_lease, new IdArgs(id), token).ConfigureAwait(false);
        var gone = owner is not null && LeaseOwner.IsGone(owner) ? owner : "";
        var args = new ClaimArgs(id, LeaseOwner.Current, gone, session.At, session.At + LeaseTime);
        return await session.ExecuteAsync(_claim, args, token).ConfigureAwait(false) == 1;
    }

    /// <summary>Whether somebody works on the row: its lease has not run out and its process is not known to be gone.</summary>
    public async Task<bool> IsHeldAsync(WriteSession session, Guid id, CancellationToken token = default)
    {
        var owner = await session.FindAsync<string>(_held, new HeldArgs(id, session.At), token).ConfigureAwait(false);
        return owner is not null && !LeaseOwner.IsGone(owner);
    }

    /// <summary>Holds on to a claim. False: the lease was lost, and the work must stop without another write.</summary>
    public async Task<bool> RenewAsync(WriteSession session, Guid id, CancellationToken token = default) =>
        await session.ExecuteAsync(_renew, new LeaseArgs(id, LeaseOwner.Current, session.At + LeaseTime), token).ConfigureAwait(false) == 1;

    /// <summary>Ends the work with a status of the table's own. False: the lease was lost.</summary>
    public async Task<bool> EndAsync(WriteSession session, Guid id, string status, CancellationToken token = default) =>
        await session.ExecuteAsync(_end, new EndArgs(id, LeaseOwner.Current, status, null, null, session.At), token).ConfigureAwait(false) == 1;

    /// <summary>
    /// Gives the work back after a failure: to be tried again, or for good. The row keeps the reason twice: as one line for whoever reads the database or a log,
    /// and as a refusal, which pages say in the reader's language. Neither holds a secret.
    /// </summary>
    public async Task FailAsync(WriteSession session, Guid id, Refusal reason, string sentence, bool forGood, CancellationToken token = default)
    {
        var args = new EndArgs(
            id, LeaseOwner.Current, forGood ? "failed" : _waits, sentence.Length > 1000 ? sentence[..1000] : sentence, Json(reason), forGood ? session.At : null);
        var isOurs = await session.ExecuteAsync(_end, args, token).ConfigureAwait(false) == 1;
        if (isOurs && forGood && _whenFailed is not null)
            await _whenFailed(session, id, token).ConfigureAwait(false);
    }

    /// <summary>The reason that a row keeps, as far as it can be said in any language; null when it keeps none.</summary>
    public static Refusal? ReadReason(string? failureJson, string? failure) =>
        failureJson is not null ? JsonSerializer.Deserialize<Refusal>(failureJson)
        : failure is not null ? new Refusal("Trouble", "", failure)
        : null;

    /// <summary>
    /// Rows that wait and were not handed out in the last quarter of an hour, and those whose worker was a process of this machine that is gone: what the sweeper enqueues.
    /// </summary>
    public async Task<List<Guid>> TakeWaitingAsync(WriteSession session, CancellationToken token = default)
    {
        var unended = await session.ListAsync<WaitingRow>(_unended, token: token).ConfigureAwait(false);
        var rows = unended.FindAll(row => row.IsGone || ((row.LeaseUntil is null || row.LeaseUntil < session.At) && (row.EnqueuedAt is null || row.EnqueuedAt < session.At - TimeSpan.FromMinutes(15))));
        foreach (var row in rows)
            await session.ExecuteAsync(_enqueued, new EnqueuedArgs(row.Id, session.At), token).ConfigureAwait(false);
        return [.. rows.Select(row => row.Id)];
    }

    /// <inheritdoc/>
    public IEnumerable<Sql> All() => [_held, _lease, _claim, _renew, _end, _unended, _enqueued];

    private static string? Json(Refusal reason) => JsonSerializer.Serialize(reason, AsItStands) is { Length: <= 4000 } json ? json : null;

    private sealed record IdArgs(Guid Id);

    private sealed record HeldArgs(Guid Id, DateTime Now);

    private sealed record ClaimArgs(Guid Id, string Owner, string Gone, DateTime Now, DateTime Until);

    private sealed record LeaseArgs(Guid Id, string Owner, DateTime Until);

    private sealed record EndArgs(Guid Id, string Owner, string Status, string? Failure, string? FailureJson, DateTime? EndedAt);

    private sealed record EnqueuedArgs(Guid Id, DateTime At);

    private sealed class WaitingRow
    {
        public Guid Id { get; init; }

        public string? LeaseOwner { get; init; }

        public DateTime? LeaseUntil { get; init; }

        public DateTime? EnqueuedAt { get; init; }

        public bool IsGone => LeaseOwner is not null && Jobs.LeaseOwner.IsGone(LeaseOwner);
    }
}

/// <summary>The lease was lost to another worker: whoever notices stops without another write.</summary>
public sealed class LeaseLostException() : Exception("Another worker has taken this work over.");
