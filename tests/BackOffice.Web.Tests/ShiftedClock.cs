namespace BackOffice.Web.Tests;

/// <summary>A clock that goes on as time does, from whatever moment it is moved to. Whoever wants to act at a moment of the work hears how often it was asked.</summary>
internal sealed class ShiftedClock(DateTime start, Action<int>? asked = null) : TimeProvider
{
    private TimeSpan _ahead = start - System.GetUtcNow().UtcDateTime;
    private int _calls;

    public void MoveTo(DateTime instant) => _ahead = instant - System.GetUtcNow().UtcDateTime;

    public override DateTimeOffset GetUtcNow()
    {
        asked?.Invoke(Interlocked.Increment(ref _calls));
        return System.GetUtcNow() + _ahead;
    }
}
