namespace BackOffice.Domain.Usage;

/// <summary>
/// Quarter-hours since 1970 in UTC. Prices, mappings and bands change on whole quarter-hours only, so usage may be rolled up by them and is still mapped and
/// priced exactly. Source: settlement rules 3.
/// </summary>
public static class Quarters
{
    /// <summary>Seconds of one.</summary>
    public const int Seconds = 900;

    private const long Ticks = Seconds * TimeSpan.TicksPerSecond;

    /// <summary>The quarter-hour that holds an instant in UTC; it holds its first instant and not its end.</summary>
    public static long Of(DateTime utc)
    {
        var (quarter, rest) = Math.DivRem(utc.Ticks - DateTime.UnixEpoch.Ticks, Ticks);
        return rest < 0 ? quarter - 1 : quarter;
    }

    /// <summary>The first instant of a quarter-hour, UTC.</summary>
    /// <exception cref="OverflowException">Beyond the years that a time can hold.</exception>
    public static DateTime Start(long quarter) => DateTime.UnixEpoch.AddTicks(quarter * Ticks);

    /// <summary>Whether an instant in UTC is the first of a quarter-hour.</summary>
    public static bool IsWhole(DateTime utc) => (utc.Ticks - DateTime.UnixEpoch.Ticks) % Ticks == 0;
}
