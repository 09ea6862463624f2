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

    /// <summary>A row that failed this often stays failed.</summary>
    public const int MostAttempts = 5;

    // Chinese as it stands, not six characters for each: the column is read as text, never put into a page as it is.
    private static readonly JsonSerializerOptions AsItStands = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Sql<ClaimArgs> _claim;
    private readonly Sql<LeaseArgs> _renew;
    private readonly Sql<EndArgs> _end;
    private readonly Sql<HeldArgs> _held;
    private readonly Sql<IdArgs> _lease;
    private readonly Sql<StaleArgs> _stale;
    private readonly Sql<EnqueuedArgs> _enqueued;

    /// <summary>The work rows of one table, which has the columns Status, StartedAt, EndedAt, Failure, FailureJson, Attempts, LeaseOwner, LeaseUntil and EnqueuedAt.</summary>
    public WorkQueue(string table)
    {
        _lease = new($"SELECT LeaseOwner FROM {table} WHERE Id = @Id AND Status = 'running'");
        _held = new($"SELECT LeaseOwner FROM {table} WHERE Id = @Id AND Status = 'running' AND LeaseUntil >= @Now");
        _claim = new($"""
            UPDATE {table}
            SET Status = 'running', LeaseOwner = @Owner, LeaseUntil = @Until, Attempts = Attempts + 1, Failure = NULL, FailureJson = NULL,
                StartedAt = COALESCE(StartedAt, @Now)
            WHERE Id = @Id AND (Status = 'pending' OR (Status = 'running' AND (LeaseUntil < @Now OR LeaseOwner = @Gone)))
            """);
        _renew = new($"UPDATE {table} SET LeaseUntil = @Until WHERE Id = @Id AND Status = 'running' AND LeaseOwner = @Owner");
        _end = new($"""
            UPDATE {table}
            SET Status = @Status, Failure = @Failure, FailureJson = @FailureJson, EndedAt = @EndedAt, LeaseOwner = NULL, LeaseUntil = NULL
            WHERE Id = @Id AND Status = 'running' AND LeaseOwner = @Owner
            """);
        _stale = new($"""
            SELECT Id, LeaseOwner FROM {table}
            WHERE (Status = 'pending' OR (Status = 'running' AND LeaseUntil < @Now)) AND (EnqueuedAt IS NULL OR EnqueuedAt < @Before)
            """);
        _enqueued = new($"UPDATE {table} SET EnqueuedAt = @At WHERE Id = @Id");
    }

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
    public Task FailAsync(WriteSession session, Guid id, Refusal reason, string sentence, bool forGood, CancellationToken token = default)
    {
        var args = new EndArgs(
            id, LeaseOwner.Current, forGood ? "failed" : "pending", sentence.Length > 1000 ? sentence[..1000] : sentence, Json(reason), forGood ? session.At : null);
        return session.ExecuteAsync(_end, args, token);
    }

    /// <summary>The reason that a row keeps, as far as it can be said in any language; null when it keeps none.</summary>
    public static Refusal? ReadReason(string? failureJson, string? failure) =>
        failureJson is not null ? JsonSerializer.Deserialize<Refusal>(failureJson)
        : failure is not null ? new Refusal("Trouble", "", failure)
        : null;

    /// <summary>Rows that wait and were not handed out in the last quarter of an hour: what the sweeper enqueues.</summary>
    public async Task<List<Guid>> TakeWaitingAsync(WriteSession session, CancellationToken token = default)
    {
        var rows = await session.ListAsync<WaitingRow>(_stale, new StaleArgs(session.At, session.At - TimeSpan.FromMinutes(15)), token).ConfigureAwait(false);
        foreach (var row in rows)
            await session.ExecuteAsync(_enqueued, new EnqueuedArgs(row.Id, session.At), token).ConfigureAwait(false);
        return [.. rows.Select(row => row.Id)];
    }

    /// <inheritdoc/>
    public IEnumerable<Sql> All() => [_held, _lease, _claim, _renew, _end, _stale, _enqueued];

    private static string? Json(Refusal reason) => JsonSerializer.Serialize(reason, AsItStands) is { Length: <= 4000 } json ? json : null;

    private sealed record IdArgs(Guid Id);

    private sealed record HeldArgs(Guid Id, DateTime Now);

    private sealed record ClaimArgs(Guid Id, string Owner, string Gone, DateTime Now, DateTime Until);

    private sealed record LeaseArgs(Guid Id, string Owner, DateTime Until);

    private sealed record EndArgs(Guid Id, string Owner, string Status, string? Failure, string? FailureJson, DateTime? EndedAt);

    private sealed record StaleArgs(DateTime Now, DateTime Before);

    private sealed record EnqueuedArgs(Guid Id, DateTime At);

    private sealed class WaitingRow
    {
        public Guid Id { get; init; }
    }
}

/// <summary>The lease was lost to another worker: whoever notices stops without another write.</summary>
public sealed class LeaseLostException() : Exception("Another worker has taken this work over.");
