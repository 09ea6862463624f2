using System.Globalization;

namespace BackOffice.Web.Tests.Features.Reconciliation;

/// <summary>A clock that runs as the machine's does, from a day of the test's own, and can be put forward.</summary>
public sealed class ShopClock(string start) : TimeProvider
{
    private TimeSpan _ahead = DateTimeOffset.Parse(start, CultureInfo.InvariantCulture) - System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;

    public void PutForward(TimeSpan time) => _ahead += time;
}
