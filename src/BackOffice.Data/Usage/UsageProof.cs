using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Runtime.InteropServices;
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
    /// <param name="dayDone">Told of each day: its records, and whether it is proved. By one thread at a time.</param>
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
        await using var session = await database.OpenAsync(token).ConfigureAwait(false);
        var sums = await ReadAsync(session, day, token).ConfigureAwait(false);
        if (!sums.Differ)
            return ([], sums.Records);
        // Read at two instants, a day may only seem to differ. Whoever stores usage holds the era's row to the commit.
        return (await database.WriteAsync(WriteRank.Job, async alone =>
        {
            await UsageEra.HoldAsync(alone, token).ConfigureAwait(false);
            sums = await ReadAsync(alone, day, token).ConfigureAwait(false);
            return await NamedAsync(alone, day, sums, token).ConfigureAwait(false);
        }, token).ConfigureAwait(false), sums.Records);
    }

    private async Task<DaySums> ReadAsync(Session session, DateOnly day, CancellationToken token)
    {
        var (sums, quarters) = (new DaySums(), new SumWindow(QuarterOf(day), QuarterOf(day.AddDays(1))));
        await session.EachAsync(ReadRecords, quarters, sums.AddRecord, token).ConfigureAwait(false);
        await session.EachAsync(ReadRollups, quarters, sums.TakeRollup, token).ConfigureAwait(false);
        await session.EachAsync(ReadKeyRollups, new OfDay(day), sums.TakeKeyRollup, token).ConfigureAwait(false);
        return sums;
    }

    private static async Task<List<UsageDifference>> NamedAsync(Session session, DateOnly day, DaySums sums, CancellationToken token)
    {
        var found = new List<UsageDifference>();
        foreach (var (place, by) in sums.QuartersThatDiffer)
            found.Add(new UsageDifference(day, Quarters.Start(place.Quarter), null, null, null, place.Names, await NamesOfAsync(session, place.Names, token).ConfigureAwait(false), by.Others()));
        foreach (var (place, by) in sums.KeysThatDiffer)
        {
            var key = await session.FindAsync<string>(ReadKey, new ById(place.Key), token).ConfigureAwait(false) ?? "";
            found.Add(new UsageDifference(day, null, place.Key, key, place.Kind != NotCharged, place.Names, await NamesOfAsync(session, place.Names, token).ConfigureAwait(false), by.Others()));
        }
        return found;
    }

    // Damage may name what is not there.
    private static async Task<string> NamesOfAsync(Session session, int id, CancellationToken token) =>
        await session.FindAsync<NamesRow>(ReadNames, new ById(id), token).ConfigureAwait(false) is { } names ? $"{names.Source} {names.ConsoleName}" : "?";

    private int QuarterOf(DateOnly day) => checked((int)Quarters.Of(business.StartOf(day)));

    private DateOnly? DayOf(int? quarter) => quarter is { } known ? business.DayOf(Quarters.Start(known)) : null;

    private static IReadOnlyList<DateOnly> DaysOf(DateOnly first, DateOnly last) => [.. Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays)];

    /// <summary>A business day.</summary>
    public sealed record OfDay(DateOnly Day);

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

    private const int NotCharged = 0;

    private const int Refund = 2;

    private const string SumColumns = "UncachedInput, CacheRead, OutputTokens";

    private const string MoreColumns = "CASE WHEN CacheWrite5m = 0 AND CacheWrite1h = 0 THEN 0 ELSE 1 END AS IsWritten, CacheWrite5m, CacheWrite1h";

    /// <summary>
    /// Records of a window. Read one by one and once: to group them twice in the database takes longer. What a driver takes longest for is a column, so that small
    /// numbers come two and three in one. A refund (flag 8) is neither charged nor not.
    /// </summary>
    public static readonly Sql<SumWindow> ReadRecords = new($"""
        SELECT {SumColumns}, COALESCE(ChargedQuota, 0) AS Quota, CAST(Quarter AS bigint) * 65536 * 32768 + NamesId AS Place,
            CAST(KeyId AS bigint) * 8 + CASE WHEN Flags >= 8 THEN 4 WHEN ChargedQuota IS NULL THEN 0 ELSE 2 END
                + CASE WHEN CacheWrite5m = 0 AND CacheWrite1h = 0 THEN 0 ELSE 1 END AS KeyKind,
            CacheWrite5m, CacheWrite1h
        FROM UsageRecords
        WHERE Quarter >= @From AND Quarter < @Until
        """);

    /// <summary>Their sums by names and quarter-hour, of all eras: a replaced record counts in two, together once.</summary>
    public static readonly Sql<SumWindow> ReadRollups = new($"""
        SELECT {SumColumns}, ChargedQuota, {MoreColumns}, Records, Quarter, NamesId
        FROM UsageRollups
        WHERE Quarter >= @From AND Quarter < @Until
        """);

    /// <summary>Their sums by key, names and business day.</summary>
    public static readonly Sql<OfDay> ReadKeyRollups = new($"""
        SELECT {SumColumns}, ChargedQuota, {MoreColumns}, Records, KeyId, NamesId, CAST(Charged AS int) AS IsCharged, Refunds, RefundedQuota
        FROM KeyRollups
        WHERE Day = @Day
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

    // Records less sums of a day, by both groupings.
    private sealed class DaySums
    {
        private readonly Dictionary<(int Quarter, int Names), Figures> _quarters = [];
        private readonly Dictionary<(int Key, int Names, int Kind), Figures> _keys = [];

        public IEnumerable<((int Quarter, int Names) Place, Figures By)> QuartersThatDiffer => _quarters.Where(sum => sum.Value != default).Select(sum => (sum.Key, sum.Value));

        public IEnumerable<((int Key, int Names, int Kind) Place, Figures By)> KeysThatDiffer => _keys.Where(sum => sum.Value != default).Select(sum => (sum.Key, sum.Value));

        public long Records { get; private set; }

        public bool Differ => QuartersThatDiffer.Any() || KeysThatDiffer.Any();

        public void AddRecord(DbDataReader row)
        {
            var (place, keyKind) = (row.GetInt64(4), row.GetInt64(5));
            var (names, kind) = ((int)(place & int.MaxValue), (int)(keyKind >> 1 & 3));
            var record = Figures.Of(row, 1, (keyKind & 1) != 0, 6);
            Of(_quarters, ((int)(place >> 31), names)) += record;
            // By key refunds are counted apart.
            Of(_keys, ((int)(keyKind >> 3), names, kind == Refund ? NotCharged : kind)) += kind == Refund ? record with { Records = 0, Quota = 0, Refunds = 1, RefundedQuota = record.Quota } : record;
            Records++;
        }

        public void TakeRollup(DbDataReader row) => Of(_quarters, (row.GetInt32(8), row.GetInt32(9))) -= Figures.Of(row, row.GetInt64(7), row.GetInt32(4) != 0, 5);

        public void TakeKeyRollup(DbDataReader row) =>
            Of(_keys, (row.GetInt32(8), row.GetInt32(9), row.GetInt32(10))) -= Figures.Of(row, row.GetInt64(7), row.GetInt32(4) != 0, 5) with { Refunds = row.GetInt64(11), RefundedQuota = row.GetInt64(12) };

        private static ref Figures Of<TPlace>(Dictionary<TPlace, Figures> sums, TPlace place) where TPlace : notnull => ref CollectionsMarshal.GetValueRefOrAddDefault(sums, place, out _);
    }

    // A damaged sum may be any number: what leaves 64 bits wraps, and is still no zero.
    private readonly record struct Figures(long Uncached, long Read, long Write5m, long Write1h, long Output, long Records, long Quota)
    {
        public long Refunds { get; init; }

        public long RefundedQuota { get; init; }

        // Most have nothing written to caches.
        public static Figures Of(DbDataReader row, long records, bool isWritten, int written)
        {
            var (write5m, write1h) = isWritten ? (row.GetInt64(written), row.GetInt64(written + 1)) : (0, 0);
            return new Figures(row.GetInt64(0), row.GetInt64(1), write5m, write1h, row.GetInt64(2), records, row.GetInt64(3));
        }

        public static Figures operator +(Figures left, Figures right) => unchecked(new(
            left.Uncached + right.Uncached, left.Read + right.Read, left.Write5m + right.Write5m, left.Write1h + right.Write1h, left.Output + right.Output,
            left.Records + right.Records, left.Quota + right.Quota)
        {
            Refunds = left.Refunds + right.Refunds,
            RefundedQuota = left.RefundedQuota + right.RefundedQuota,
        });

        public static Figures operator -(Figures left, Figures right) => unchecked(new(
            left.Uncached - right.Uncached, left.Read - right.Read, left.Write5m - right.Write5m, left.Write1h - right.Write1h, left.Output - right.Output,
            left.Records - right.Records, left.Quota - right.Quota)
        {
            Refunds = left.Refunds - right.Refunds,
            RefundedQuota = left.RefundedQuota - right.RefundedQuota,
        });

        public Dictionary<string, long> Others() => new (string Name, long By)[]
        {
            ("records", Records), ("uncached_input", Uncached), ("cache_read", Read), ("cache_write_5m", Write5m), ("cache_write_1h", Write1h), ("output", Output),
            ("charged_quota", Quota), ("refunds", Refunds), ("refunded_quota", RefundedQuota),
        }.Where(figure => figure.By != 0).ToDictionary(figure => figure.Name, figure => figure.By);
    }
}

/// <summary>What a proof came to.</summary>
/// <param name="Records">Records of its days.</param>
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
