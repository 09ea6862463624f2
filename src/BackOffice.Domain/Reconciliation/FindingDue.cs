namespace BackOffice.Domain.Reconciliation;

/// <summary>Until when a finding should be worked off: so many calendar days of the business zone after the day of the first run that saw it, as its age counts them (reconciliation rules 5).</summary>
public static class FindingDue
{
    /// <summary>The last day in time: 2 days after the first for P1, 7 for P2, 30 for P3.</summary>
    /// <param name="priority"><c>P1</c>, <c>P2</c> or <c>P3</c>.</param>
    /// <param name="firstSeen">Business day of its first run.</param>
    /// <exception cref="ArgumentOutOfRangeException">The word is no priority.</exception>
    public static DateOnly Day(string priority, DateOnly firstSeen) => firstSeen.AddDays(priority switch
    {
        "P1" => 2,
        "P2" => 7,
        "P3" => 30,
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, "Not a priority."),
    });
}
