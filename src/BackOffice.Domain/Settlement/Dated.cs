using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>A row with its validity in quarter-hours, half-open, as cells are.</summary>
internal readonly record struct Dated<T>(T Row, long From, long Until)
{
    public bool IsEmpty => From >= Until;

    public bool Holds(long quarter) => From <= quarter && quarter < Until;

    public bool Meets(Dated<T> other) => From < other.Until && other.From < Until;
}

internal static class Dated
{
    /// <exception cref="ArgumentException">An instant lies inside of a quarter-hour: no rolled-up usage could be priced by the row.</exception>
    public static Dated<T> Of<T>(T row, DateTime? from, DateTime? until) =>
        new(row, from is { } first ? QuarterOf(first) : long.MinValue, until is { } end ? QuarterOf(end) : long.MaxValue);

    private static long QuarterOf(DateTime instant) =>
        Quarters.IsWhole(instant) ? Quarters.Of(instant) : throw new ArgumentException($"{instant:O} is not on a whole quarter-hour.");
}
