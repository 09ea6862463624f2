using System.Collections.Concurrent;
using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Usage;

/// <summary>
/// Proves that the sums of usage equal its records: both tables, day by day, each day in the memory of a day. What seems to differ is compared once more while
/// nothing can come in; what differs then is a fault or damage, and nothing here mends it.
/// </summary>
public sealed class UsageProof(Database database, BusinessTime business)
{
    // A day is one thread's; a second one reads the next day meanwhile.
    private const int Threads = 2;

    /// <summary>All days that records or sums lie in; empty when there are none.</summary>
    public Task<IReadOnlyList<DateOnly>> DaysAsync(CancellationToken token = default) => database.ReadAsync<IReadOnlyList<DateOnly>>(async session =>
    {
        var ends = await session.GetAsync<Ends>(ReadEnds, token: token).ConfigureAwait(false);
        DateOnly?[] days = [DayOf(ends.FirstRecord), DayOf(ends.LastRecord), DayOf(ends.FirstSum), DayOf(ends.LastSum), ends.FirstDay, ends.LastDay];
        return days.Min() is { } first && days.Max() is { } last ? DaysOf(first, last) : [];
    }, token);

    /// <summary>The days of a month of the shop.</summary>
    /// <param name="month">Its first day.</param>
    public static IReadOnlyList<DateOnly> DaysOfMonth(DateOnly month) => DaysOf(month, month.AddMonths(1).AddDays(-1));

    /// <summary>Compares the days.</summary>
    /// <param name="days">Which.</param>
    /// <param name="most">How many differences are kept; all are counted.</param>
    /// <param name="dayDone">Told of each day: the records its sums name, and whether it is proved. By one thread at a time.</param>
    /// <param name="token">To stop.</param>
    public async Task<UsageProofOutcome> ProveAsync(IReadOnlyList<DateOnly> days, int most, Func<DateOnly, long, bool, Task> dayDone, CancellationToken token = default)
    {
        var (found, records, differences, turn) = (new ConcurrentBag<UsageDifference>(), 0L, 0L, new SemaphoreSlim(1));
        using (turn)
        {
            await Parallel.ForEachAsync(days, new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = token }, async (day, stop) =>
            {
                var (ofDay, count) = await ProveAsync(day, stop).ConfigureAwait(false);
                await turn.WaitAsync(stop).ConfigureAwait(false);
                try
                {
                    records += count;
                    differences += ofDay.Count;
                    foreach (var difference in ofDay.Take(Math.Max(0, most - found.Count)))
                        found.Add(difference);
                    await dayDone(day, count, ofDay.Count == 0).ConfigureAwait(false);
                }
                finally
                {
                    turn.Release();
                }
            }).ConfigureAwait(false);
        }
        return new UsageProofOutcome(records, differences, [.. found.OrderBy(one => one.Day).ThenBy(one => one.Quarter).ThenBy(one => one.KeyId).ThenBy(one => one.NamesId).ThenBy(one => one.IsCharged)]);
    }

    private async Task<(List<UsageDifference> Differences, long Records)> ProveAsync(DateOnly day, CancellationToken token)
    {
        var window = new DayWindow(day, QuarterOf(day), QuarterOf(day.AddDays(1)));
        await using var session = await database.OpenAsync(token).ConfigureAwait(false);
        var records = await session.GetAsync<long>(CountRecords, new SumWindow(window.From, window.Until), token).ConfigureAwait(false);
        if (!await DiffersAsync(session, window, token).ConfigureAwait(false))
            return ([], records);
        // Read at two instants, a day may only seem to differ. Whoever stores usage holds the era's row to the commit.
        return (await database.WriteAsync(WriteRank.Job, async alone =>
        {
            await UsageEra.HoldAsync(alone, token).ConfigureAwait(false);
            return await DifferencesAsync(alone, window, token).ConfigureAwait(false);
        }, token).ConfigureAwait(false), records);
    }

    private static async Task<bool> DiffersAsync(Session session, DayWindow window, CancellationToken token) =>
        (await session.ListAsync<QuarterDifference>(CompareQuarters, new SumWindow(window.From, window.Until), token).ConfigureAwait(false)).Count > 0
        || (await session.ListAsync<KeyDifference>(CompareKeys, window, token).ConfigureAwait(false)).Count > 0;

    private static async Task<List<UsageDifference>> DifferencesAsync(Session session, DayWindow window, CancellationToken token)
    {
        var found = new List<UsageDifference>();
        foreach (var row in await session.ListAsync<QuarterDifference>(CompareQuarters, new SumWindow(window.From, window.Until), token).ConfigureAwait(false))
            found.Add(row.Difference(window.Day, await NamesOfAsync(session, row.NamesId, token).ConfigureAwait(false)));
        foreach (var row in await session.ListAsync<KeyDifference>(CompareKeys, window, token).ConfigureAwait(false))
        {
            var key = await session.FindAsync<string>(ReadKey, new ById(row.KeyId), token).ConfigureAwait(false) ?? "";
            found.Add(row.Difference(window.Day, await NamesOfAsync(session, row.NamesId, token).ConfigureAwait(false), key));
        }
        return found;
    }

    // Damage may name what is not there.
    private static async Task<string> NamesOfAsync(Session session, int id, CancellationToken token) =>
        await session.FindAsync<NamesRow>(ReadNames, new ById(id), token).ConfigureAwait(false) is { } names ? $"{names.Source} {names.ConsoleName}" : "?";

    private int QuarterOf(DateOnly day) => checked((int)Quarters.Of(business.StartOf(day)));

    private DateOnly? DayOf(int? quarter) => quarter is { } known ? business.DayOf(Quarters.Start(known)) : null;

    private static IReadOnlyList<DateOnly> DaysOf(DateOnly first, DateOnly last) => [.. Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays)];

    /// <summary>A business day and its quarter-hours, the last not included.</summary>
    public sealed record DayWindow(DateOnly Day, int From, int Until);

    /// <summary>From a quarter-hour to one that is not included.</summary>
    public sealed record SumWindow(int From, int Until);

    /// <summary>By id.</summary>
    public sealed record ById(int Id);

    /// <summary>Where records and sums begin and end.</summary>
    public static readonly Sql ReadEnds = new("""
        SELECT (SELECT MIN(Quarter) FROM UsageRecords) AS FirstRecord, (SELECT MAX(Quarter) FROM UsageRecords) AS LastRecord,
            (SELECT MIN(Quarter) FROM UsageRollups) AS FirstSum, (SELECT MAX(Quarter) FROM UsageRollups) AS LastSum,
            (SELECT MIN(Day) FROM KeyRollups) AS FirstDay, (SELECT MAX(Day) FROM KeyRollups) AS LastDay
        """);

    /// <summary>How many records the sums of a day name.</summary>
    public static readonly Sql<SumWindow> CountRecords = new("SELECT COALESCE(SUM(Records), 0) FROM UsageRollups WHERE Quarter >= @From AND Quarter < @Until");

    /// <summary>Records less sums, by names and quarter-hour, where that is not nothing. Over all eras: a replaced record counts in two, together once.</summary>
    public static readonly Sql<SumWindow> CompareQuarters = new("""
        SELECT D.Quarter, D.NamesId, SUM(D.Records) AS Records, SUM(D.UncachedInput) AS UncachedInput, SUM(D.CacheRead) AS CacheRead, SUM(D.CacheWrite5m) AS CacheWrite5m,
            SUM(D.CacheWrite1h) AS CacheWrite1h, SUM(D.OutputTokens) AS OutputTokens, SUM(D.ChargedQuota) AS ChargedQuota
        FROM (
            SELECT Quarter, NamesId, COUNT(*) AS Records, SUM(UncachedInput) AS UncachedInput, SUM(CacheRead) AS CacheRead, SUM(CacheWrite5m) AS CacheWrite5m,
                SUM(CacheWrite1h) AS CacheWrite1h, SUM(OutputTokens) AS OutputTokens, SUM(COALESCE(ChargedQuota, 0)) AS ChargedQuota
            FROM UsageRecords
            WHERE Quarter >= @From AND Quarter < @Until
            GROUP BY Quarter, NamesId
            UNION ALL
            SELECT Quarter, NamesId, -Records, -UncachedInput, -CacheRead, -CacheWrite5m, -CacheWrite1h, -OutputTokens, -ChargedQuota
            FROM UsageRollups
            WHERE Quarter >= @From AND Quarter < @Until
        ) AS D
        GROUP BY D.Quarter, D.NamesId
        HAVING SUM(D.Records) <> 0 OR SUM(D.UncachedInput) <> 0 OR SUM(D.CacheRead) <> 0 OR SUM(D.CacheWrite5m) <> 0 OR SUM(D.CacheWrite1h) <> 0 OR SUM(D.OutputTokens) <> 0
            OR SUM(D.ChargedQuota) <> 0
        """);

    /// <summary>Records less sums, by key and names, of a business day, where that is not nothing. Refunds (flag 8) are counted apart and have no tokens.</summary>
    public static readonly Sql<DayWindow> CompareKeys = new("""
        SELECT D.KeyId, D.NamesId, D.Charged, SUM(D.Records) AS Records, SUM(D.UncachedInput) AS UncachedInput, SUM(D.CacheRead) AS CacheRead, SUM(D.CacheWrite5m) AS CacheWrite5m,
            SUM(D.CacheWrite1h) AS CacheWrite1h, SUM(D.OutputTokens) AS OutputTokens, SUM(D.ChargedQuota) AS ChargedQuota, SUM(D.Refunds) AS Refunds, SUM(D.RefundedQuota) AS RefundedQuota
        FROM (
            SELECT KeyId, NamesId, CASE WHEN Flags < 8 AND ChargedQuota IS NOT NULL THEN 1 ELSE 0 END AS Charged, CASE WHEN Flags < 8 THEN 1 ELSE 0 END AS Records,
                UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens, CASE WHEN Flags < 8 THEN COALESCE(ChargedQuota, 0) ELSE 0 END AS ChargedQuota,
                CASE WHEN Flags < 8 THEN 0 ELSE 1 END AS Refunds, CASE WHEN Flags < 8 THEN 0 ELSE COALESCE(ChargedQuota, 0) END AS RefundedQuota
            FROM UsageRecords
            WHERE Quarter >= @From AND Quarter < @Until
            UNION ALL
            SELECT KeyId, NamesId, CAST(Charged AS int), -Records, -UncachedInput, -CacheRead, -CacheWrite5m, -CacheWrite1h, -OutputTokens, -ChargedQuota, -Refunds, -RefundedQuota
            FROM KeyRollups
            WHERE Day = @Day
        ) AS D
        GROUP BY D.KeyId, D.NamesId, D.Charged
        HAVING SUM(D.Records) <> 0 OR SUM(D.UncachedInput) <> 0 OR SUM(D.CacheRead) <> 0 OR SUM(D.CacheWrite5m) <> 0 OR SUM(D.CacheWrite1h) <> 0 OR SUM(D.OutputTokens) <> 0
            OR SUM(D.ChargedQuota) <> 0 OR SUM(D.Refunds) <> 0 OR SUM(D.RefundedQuota) <> 0
        """);

    /// <summary>Names by their id.</summary>
    public static readonly Sql<ById> ReadNames = new("SELECT S.Name AS Source, N.ConsoleName FROM UsageNames AS N JOIN UsageSources AS S ON S.Id = N.SourceId WHERE N.Id = @Id");

    /// <summary>A key by its id.</summary>
    public static readonly Sql<ById> ReadKey = new("SELECT Reference FROM UsageKeys WHERE Id = @Id");

    private sealed class Ends
    {
        public int? FirstRecord { get; init; }

        public int? LastRecord { get; init; }

        public int? FirstSum { get; init; }

        public int? LastSum { get; init; }

        public DateOnly? FirstDay { get; init; }

        public DateOnly? LastDay { get; init; }
    }

    private sealed class NamesRow
    {
        public string Source { get; init; } = "";

        public string ConsoleName { get; init; } = "";
    }

    private abstract class Difference
    {
        public int NamesId { get; init; }

        public long Records { get; init; }

        public long UncachedInput { get; init; }

        public long CacheRead { get; init; }

        public long CacheWrite5m { get; init; }

        public long CacheWrite1h { get; init; }

        public long OutputTokens { get; init; }

        public long ChargedQuota { get; init; }

        protected IEnumerable<(string Name, long By)> Figures =>
        [
            ("records", Records), ("uncached_input", UncachedInput), ("cache_read", CacheRead), ("cache_write_5m", CacheWrite5m), ("cache_write_1h", CacheWrite1h),
            ("output", OutputTokens), ("charged_quota", ChargedQuota),
        ];

        protected static Dictionary<string, long> Others(IEnumerable<(string Name, long By)> figures) => figures.Where(figure => figure.By != 0).ToDictionary(figure => figure.Name, figure => figure.By);
    }

    private sealed class QuarterDifference : Difference
    {
        public int Quarter { get; init; }

        public UsageDifference Difference(DateOnly day, string names) => new(day, Quarters.Start(Quarter), null, null, null, NamesId, names, Others(Figures));
    }

    private sealed class KeyDifference : Difference
    {
        public int KeyId { get; init; }

        public int Charged { get; init; }

        public long Refunds { get; init; }

        public long RefundedQuota { get; init; }

        public UsageDifference Difference(DateOnly day, string names, string key) =>
            new(day, null, KeyId, key, Charged == 1, NamesId, names, Others([.. Figures, ("refunds", Refunds), ("refunded_quota", RefundedQuota)]));
    }
}

/// <summary>What a proof came to.</summary>
/// <param name="Records">Records that the sums of its days name.</param>
/// <param name="Differences">Sums that do not equal their records.</param>
/// <param name="First">The first of them, in order.</param>
public sealed record UsageProofOutcome(long Records, long Differences, IReadOnlyList<UsageDifference> First);

/// <summary>A sum that does not equal its records: of a quarter-hour, or of a key.</summary>
/// <param name="Day">The business day.</param>
/// <param name="Quarter">Start of the quarter-hour, UTC; null for a sum of a key.</param>
/// <param name="KeyId">The key; null for a sum of a quarter-hour.</param>
/// <param name="Key">Its reference.</param>
/// <param name="IsCharged">Whether it is of records whose charge is known.</param>
/// <param name="NamesId">The names.</param>
/// <param name="Names">The console and its name of the model.</param>
/// <param name="By">How much the records have more than the sum, by figure; only where that is not nothing.</param>
public sealed record UsageDifference(DateOnly Day, DateTime? Quarter, int? KeyId, string? Key, bool? IsCharged, int NamesId, string Names, IReadOnlyDictionary<string, long> By)
{
    /// <summary>The figures, each with its sign.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Figures => string.Join(", ", By.Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key} {figure.Value:+#;-#}")));

    /// <summary>In one line for machines and logs: what, and the records less the sum.</summary>
    public override string ToString() => Quarter is { } at
        ? string.Create(CultureInfo.InvariantCulture, $"UsageRollups {at:yyyy-MM-ddTHH:mmZ} {Names} (names {NamesId}): records less roll-up: {Figures}")
        : string.Create(CultureInfo.InvariantCulture, $"KeyRollups {Day:yyyy-MM-dd} {Key} {Names} (key {KeyId}, names {NamesId}, {(IsCharged == true ? "charged" : "not charged")}): records less roll-up: {Figures}");
}
