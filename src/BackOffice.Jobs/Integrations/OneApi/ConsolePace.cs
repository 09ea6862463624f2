namespace BackOffice.Jobs.Integrations.OneApi;

/// <summary>Lets so many calls through in any minute, first come first served, and none while the console asked to be left alone.</summary>
/// <remarks>Of this process alone: the console counts by address, so two processes of one machine share what it allows.</remarks>
internal sealed class ConsolePace(int perMinute, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Queue<TimeSpan> _past = new();
    private readonly long _start = clock.GetTimestamp();
    private long _pausedUntil; // ticks since the start

    private TimeSpan Now => clock.GetElapsedTime(_start);

    public async Task WaitAsync(CancellationToken token)
    {
        await _turn.WaitAsync(token).ConfigureAwait(false);
        try
        {
            for (var wait = Left(); wait > TimeSpan.Zero; wait = Left())
                await Task.Delay(wait, clock, token).ConfigureAwait(false);
            if (_past.Count == perMinute)
                _past.Dequeue();
            _past.Enqueue(Now);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Nobody calls for so long.</summary>
    public void Pause(TimeSpan pause)
    {
        var until = (Now + pause).Ticks;
        for (var before = Volatile.Read(ref _pausedUntil); before < until;)
        {
            var found = Interlocked.CompareExchange(ref _pausedUntil, until, before);
            before = found == before ? until : found;
        }
    }

    public void Dispose() => _turn.Dispose();

    // A millisecond more than is left: a timer that rings early would have to be set again.
    private TimeSpan Left()
    {
        var free = _past.Count == perMinute ? _past.Peek() + Minute : TimeSpan.Zero;
        var until = TimeSpan.FromTicks(Math.Max(free.Ticks, Volatile.Read(ref _pausedUntil)));
        return until > Now ? until - Now + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero;
    }
}
