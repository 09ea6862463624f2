using System.Diagnostics;

namespace BackOffice.Data.Engine;

/// <summary>Who waits at the write gate: somebody in front of a page, or a job that nobody watches.</summary>
public enum WriteRank
{
    /// <summary>A person waits for the answer.</summary>
    Request,

    /// <summary>Work in the background: ends its transaction as soon as a request waits.</summary>
    Job,
}

/// <summary>
/// Serialises the writers of one process on SQLite, requests before jobs, first come first served within a rank (DESIGN 3).
/// SQLite's own waiting is by polling and knows no rank: a job in a loop would starve every page.
/// </summary>
public sealed class WriteGate
{
    private static readonly KeyValuePair<string, object?> ByRequest = new("rank", "request");
    private static readonly KeyValuePair<string, object?> ByJob = new("rank", "job");

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _requests = new();
    private readonly LinkedList<Waiter> _jobs = new();
    private bool _taken;

    /// <summary>Whether a request waits: the holder, if it is a job, should end its transaction now.</summary>
    public bool RequestWaits
    {
        get
        {
            lock (_lock)
                return _requests.Count > 0;
        }
    }

    /// <summary>Waits for the gate. Dispose what comes back to let the next one in.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while waiting.</exception>
    public async Task<IDisposable> EnterAsync(WriteRank rank, CancellationToken token)
    {
        var startedAt = Stopwatch.GetTimestamp();
        if (!TryEnter(rank, out var waiter, out var line))
        {
            await using var registration = token.Register(() => Withdraw(line, waiter, token)).ConfigureAwait(false);
            await waiter.Task.ConfigureAwait(false);
        }
        if (Measures.GateWait.Enabled)
            Measures.GateWait.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, rank == WriteRank.Request ? ByRequest : ByJob);
        return new Holder(this);
    }

    private bool TryEnter(WriteRank rank, out Waiter waiter, out LinkedList<Waiter> line)
    {
        waiter = null!;
        line = rank == WriteRank.Request ? _requests : _jobs;
        lock (_lock)
        {
            if (!_taken)
                return _taken = true;
            line.AddLast(waiter = new Waiter());
            return false;
        }
    }

    private void Withdraw(LinkedList<Waiter> line, Waiter waiter, CancellationToken token)
    {
        lock (_lock)
        {
            // Not in line any more: the gate was handed over at the same moment, and its holder will see the token.
            if (!line.Remove(waiter))
                return;
        }
        waiter.TrySetCanceled(token);
    }

    private void Leave()
    {
        Waiter next;
        lock (_lock)
        {
            var line = _requests.Count > 0 ? _requests : _jobs;
            if (line.First is not { } first)
            {
                _taken = false;
                return;
            }
            line.RemoveFirst();
            next = first.Value;
        }
        next.TrySetResult();
    }

    private sealed class Waiter() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Holder(WriteGate gate) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                gate.Leave();
        }
    }
}
