using BackOffice.Data.Engine;

namespace BackOffice.Data.Usage;

/// <summary>
/// Business days that have usage: when one last changed, and when its sums were last proved. A proof of what changed begins here, whatever the number of records.
/// </summary>
public sealed class UsageDays(Database database)
{
    /// <summary>An import marks a day no oftener: that much earlier than a proof, a mark counts as later than it.</summary>
    internal static readonly TimeSpan MarkHolds = TimeSpan.FromMinutes(1);

    /// <summary>The days whose sums are to be proved now: all that changed since they were, and the longest unproved of the others.</summary>
    /// <param name="others">How many of the others.</param>
    /// <param name="token">To stop waiting.</param>
    public async Task<IReadOnlyList<DateOnly>> DueAsync(int others, CancellationToken token = default)
    {
        var days = await database.ReadAsync(session => session.ListAsync<UsageDay>(ReadAll, token: token), token).ConfigureAwait(false);
        var rest = days.Where(day => !day.HasChanged).OrderBy(day => day.ProvedAt).ThenBy(day => day.Day).Take(others);
        return [.. days.Where(day => day.HasChanged).Concat(rest).Select(day => day.Day).Order()];
    }

    /// <summary>The sums of a day equal its records as of an instant (UTC) before they were compared.</summary>
    public Task NoteProvedAsync(DateOnly day, DateTime at, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, session => session.ExecuteAsync(NoteProved, new DayAt(day, at), token), token);

    /// <summary>Records of a day come in with this transaction.</summary>
    internal static async Task MarkAsync(WriteSession session, DateOnly day, CancellationToken token)
    {
        if (await session.ExecuteAsync(Mark, new DayAt(day, session.At), token).ConfigureAwait(false) == 0)
            await session.ExecuteAsync(Add, new DayAt(day, session.At), token).ConfigureAwait(false);
    }

    /// <summary>A day and an instant.</summary>
    public sealed record DayAt(DateOnly Day, DateTime At);

    /// <summary>All days.</summary>
    public static readonly Sql ReadAll = new("SELECT Day, ChangedAt, ProvedAt FROM UsageDays");

    /// <summary>A day changed.</summary>
    public static readonly Sql<DayAt> Mark = new("UPDATE UsageDays SET ChangedAt = @At WHERE Day = @Day");

    /// <summary>A day with its first records.</summary>
    public static readonly Sql<DayAt> Add = new("INSERT INTO UsageDays (Day, ChangedAt) VALUES (@Day, @At)");

    /// <summary>A day was proved.</summary>
    public static readonly Sql<DayAt> NoteProved = new("UPDATE UsageDays SET ProvedAt = @At WHERE Day = @Day");

    private sealed class UsageDay
    {
        public DateOnly Day { get; init; }

        public DateTime ChangedAt { get; init; }

        public DateTime? ProvedAt { get; init; }

        public bool HasChanged => ProvedAt is not { } proved || ChangedAt + MarkHolds >= proved;
    }
}
