namespace BackOffice.Data.Engine;

/// <summary>The database of the process: opens sessions that read and runs transactions that write.</summary>
public sealed class Database : IAsyncDisposable
{
    private readonly SlowStatements _slow;

    /// <summary>Uses a dialect and a clock, and tells of slow statements where that is wanted.</summary>
    public Database(Dialect dialect, TimeProvider clock, SlowStatements? slow = null)
    {
        TypeHandlers.Register();
        Dialect = dialect;
        Clock = clock;
        _slow = slow ?? SlowStatements.Untold;
    }

    /// <summary>The engine's own words.</summary>
    public Dialect Dialect { get; }

    /// <summary>The clock that dates every row.</summary>
    public TimeProvider Clock { get; }

    /// <summary>A session that reads; dispose it.</summary>
    public async Task<ReadSession> OpenAsync(CancellationToken token = default) =>
        new(Dialect, await Dialect.OpenAsync(token).ConfigureAwait(false), _slow);

    /// <summary>Reads with a session of its own.</summary>
    public async Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken token = default)
    {
        await using var session = await OpenAsync(token).ConfigureAwait(false);
        return await work(session).ConfigureAwait(false);
    }

    /// <summary>One transaction that writes: committed when the work returns, rolled back when it throws.</summary>
    public async Task<T> WriteAsync<T>(WriteRank rank, Func<WriteSession, Task<T>> work, CancellationToken token = default)
    {
        var turn = await Dialect.BeginAsync(rank, token).ConfigureAwait(false);
        try
        {
            var session = new WriteSession(Dialect, turn.Connection, turn.Transaction, turn.RequestWaits, Clock, _slow);
            var result = await work(session).ConfigureAwait(false);
            await turn.Transaction.CommitAsync(token).ConfigureAwait(false);
            return result;
        }
        finally
        {
            await turn.EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>One transaction that writes and has nothing to say.</summary>
    public Task WriteAsync(WriteRank rank, Func<WriteSession, Task> work, CancellationToken token = default) =>
        WriteAsync(rank, async session =>
        {
            await work(session).ConfigureAwait(false);
            return true;
        }, token);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Dialect is IAsyncDisposable disposable)
            await disposable.DisposeAsync().ConfigureAwait(false);
    }
}
