using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Settlement;

/// <summary>
/// The customer's side (settlement rules 5): what keys used in credits, what the console took for it, what they brought in and cost. One pass over the sums of keys and days; of a
/// key there are some numbers in memory, whatever it did.
/// </summary>
/// <param name="database">Where from.</param>
/// <param name="earnings">What was sold.</param>
/// <param name="shop">The shop's days.</param>
/// <param name="quotaPerToken">Quota units the console takes for one credit: the setting, more than 0.</param>
public sealed class KeyQueries(Database database, EarningsQueries earnings, BusinessTime shop, Fraction quotaPerToken)
{
    /// <summary>The last business day of which there is usage; null before any.</summary>
    public async Task<DateOnly?> LastDayAsync(CancellationToken token = default) =>
        (await database.ReadAsync(session => session.GetAsync<LastDay>(ReadLastDay, token: token), token).ConfigureAwait(false)).Day;

    /// <summary>All keys of a business month.</summary>
    /// <param name="month">Any of its days.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="OverflowException">Credits leave 64 bits.</exception>
    public async Task<KeyMonth> MonthAsync(DateOnly month, CancellationToken token = default)
    {
        var window = new KeyReading.Days(month);
        var until = shop.StartOf(window.Until);
        var sold = await earnings.SoldAsync(until, token).ConfigureAwait(false);
        return await database.ReadAsync(async session =>
        {
            var reading = await KeyReading.WithCostsAsync(session, shop, window, null, token).ConfigureAwait(false);
            var keys = new Dictionary<int, KeySums>();
            await reading.EachKeyDayAsync(session, quotaPerToken, (key, line, cost) => SumsOf(keys, key).Add(line, cost), token).ConfigureAwait(false);
            var rates = await EarningsQueries.RatesAsync(session, token).ConfigureAwait(false);
            return new KeyMonth(window.From, [.. keys.Values], sold, rates, until, quotaPerToken);
        }, token).ConfigureAwait(false);
    }

    /// <summary>Some keys as lists show them, in the order given: their names, and their figures rounded once.</summary>
    public Task<List<KeyRow>> RowsAsync(KeyMonth month, IReadOnlyList<KeySums> keys, CancellationToken token = default) => database.ReadAsync(async session =>
    {
        var names = await NamesAsync(session, keys.Select(key => key.Key), token).ConfigureAwait(false);
        var rows = new List<KeyRow>(keys.Count);
        foreach (var key in keys)
            rows.Add(RowOf(month, key, names[key.Key], await CostsAsync(session, month, key, token).ConfigureAwait(false)));
        return rows;
    }, token);

    /// <summary>One key's month; null when there is no such key.</summary>
    /// <param name="source">The console.</param>
    /// <param name="reference">The key, <c>id:97</c>; blank for what names none.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="token">To stop waiting.</param>
    public async Task<KeyPageFigures?> OneAsync(string source, string reference, DateOnly month, CancellationToken token = default)
    {
        var window = new KeyReading.Days(month);
        var until = shop.StartOf(window.Until);
        var id = await database.ReadAsync(session => session.FindAsync<int?>(FindKey, new KeyName(source, reference), token), token).ConfigureAwait(false);
        if (id is not { } key)
            return null;
        var sold = await earnings.SoldAsync(until, token).ConfigureAwait(false);
        return await database.ReadAsync(async session =>
        {
            var reading = await KeyReading.WithCostsAsync(session, shop, window, null, token).ConfigureAwait(false);
            var (sums, days, models) = (new KeySums(key), new List<KeyDayLine>(), new SortedDictionary<string, (TokenCounts Tokens, long Records, Fraction Credits)>(StringComparer.Ordinal));
            foreach (var (day, cells) in await CellsAsync(session, reading, key, token).ConfigureAwait(false))
            {
                var (line, cost) = reading.LineOf(reference, day, cells, quotaPerToken);
                sums.Add(line, cost);
                days.Add(line);
                foreach (var cell in cells)
                {
                    var (tokens, records, credits) = models.GetValueOrDefault(reading.NameOf(cell));
                    models[reading.NameOf(cell)] = (tokens + cell.Tokens, records + cell.Records, credits + reading.RuleOf(cell).Credits(cell.Tokens));
                }
            }
            var rates = await EarningsQueries.RatesAsync(session, token).ConfigureAwait(false);
            var whole = new KeyMonth(window.From, [sums], sold, rates, until, quotaPerToken);
            var row = RowOf(whole, sums, new NameRow { Id = key, Source = source, Reference = reference }, await CostsAsync(session, whole, sums, token).ConfigureAwait(false));
            return new KeyPageFigures(row, whole.Currency, days, [.. models.Select(model => new KeyModel(model.Key, model.Value.Tokens, model.Value.Records, (long)model.Value.Credits.RoundHalfAway()))]);
        }, token).ConfigureAwait(false);
    }

    /// <summary>The days of keys on which the console took something else than their credits come to, the greatest differences of them.</summary>
    /// <param name="session">The reading.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="token">To stop waiting.</param>
    internal async Task<List<(string Source, KeyDayLine Line)>> DifferingAsync(Session session, DateOnly month, int most, CancellationToken token)
    {
        var window = new KeyReading.Days(month);
        var reading = await KeyReading.WithoutCostsAsync(session, shop, window, token).ConfigureAwait(false);
        var greatest = new PriorityQueue<(int Key, KeyDayLine Line), (Fraction Size, int Key, int Day)>();
        await reading.EachKeyDayAsync(session, quotaPerToken, (key, line, _) =>
        {
            if (!line.Differs)
                return;
            greatest.Enqueue((key, line), (line.Difference.Abs(), -key, -line.Day.DayNumber));
            if (greatest.Count > most)
                greatest.Dequeue();
        }, token).ConfigureAwait(false);
        var found = greatest.UnorderedItems.Select(item => item.Element).ToList();
        var names = await NamesAsync(session, found.Select(item => item.Key), token).ConfigureAwait(false);
        return [.. found.Select(item => (names[item.Key].Source, item.Line with { Key = names[item.Key].Reference }))];
    }

    /// <summary>One day of one key as it is now; null when there is no such key, or nothing of it on that day.</summary>
    internal async Task<KeyDayLine?> DayAsync(Session session, string source, string reference, DateOnly day, CancellationToken token)
    {
        if (await session.FindAsync<int?>(FindKey, new KeyName(source, reference), token).ConfigureAwait(false) is not { } key)
            return null;
        var reading = await KeyReading.WithoutCostsAsync(session, shop, new KeyReading.Days(day), token).ConfigureAwait(false);
        var cells = await session.ListAsync<KeyReading.KeyCellRow>(ReadKeyDay, new KeyDayArgs(day, key), token).ConfigureAwait(false);
        return cells.Count == 0 ? null : reading.LineOf(reference, day, cells, quotaPerToken).Line;
    }

    /// <summary>What keys cost of an upstream's business month, the dearest first: the same allocation as of all upstreams, of one.</summary>
    /// <param name="upstream">The upstream, canonical.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="currency">Costs in another one are left out.</param>
    /// <param name="most">How many keys are named; the others are summed.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyCosts> CostsAsync(string upstream, DateOnly month, string currency, int most, CancellationToken token = default) => database.ReadAsync(async session =>
    {
        var reading = await KeyReading.WithCostsAsync(session, shop, new KeyReading.Days(month), upstream, token).ConfigureAwait(false);
        var keys = new Dictionary<int, KeySums>();
        await reading.EachKeyDayAsync(session, quotaPerToken, (key, line, cost) => SumsOf(keys, key).Add(line, cost), token).ConfigureAwait(false);
        var dear = keys.Values.Where(key => NanoOf(key) > 0).OrderByDescending(NanoOf).ThenBy(key => key.Key).ToList();
        var names = await NamesAsync(session, dear.Take(most).Select(key => key.Key), token).ConfigureAwait(false);
        return new KeyCosts(
            currency, [.. dear.Take(most).Select(key => new KeyCost(names[key.Key].Source, names[key.Key].Reference, key.Records, NanoOf(key)))],
            Math.Max(0, dear.Count - most), SettlementMath.Fit(dear.Skip(most).Aggregate(Int128.Zero, (all, key) => all + NanoOf(key))));

        long NanoOf(KeySums key) => key.Costs.TryGetValue(currency, out var sum) ? SettlementMath.Fit(sum.Nano) : 0;
    }, token);

    private static KeySums SumsOf(Dictionary<int, KeySums> keys, int key)
    {
        if (!keys.TryGetValue(key, out var sums))
            keys[key] = sums = new KeySums(key);
        return sums;
    }

    private static async Task<Dictionary<int, NameRow>> NamesAsync(Session session, IEnumerable<int> keys, CancellationToken token)
    {
        var names = new Dictionary<int, NameRow>();
        foreach (var portion in keys.Distinct().Chunk(500))
        {
            foreach (var row in await session.ListAsync<NameRow>(ReadKeys, new Keys(portion), token).ConfigureAwait(false))
                names[row.Id] = row;
        }
        return names;
    }

    private KeyRow RowOf(KeyMonth month, KeySums sums, NameRow name, IReadOnlyList<(string Currency, long Nano)> costs)
    {
        var margin = month.Currency is { } currency && month.NanoPerCredit is { } perCredit && month.Converted(costs, currency) is { } cost ? (Fraction?)(sums.Credits * perCredit - cost) : null;
        return new KeyRow(
            name.Source, name.Reference, sums.Credits, sums.KnownCredits, sums.KnownQuota / quotaPerToken, sums.KnownCredits - sums.KnownQuota / quotaPerToken, sums.DaysDiffering, sums.Refunds,
            sums.RefundQuota / quotaPerToken, sums.Tokens, sums.Records, Margins.Revenue(sums.Credits, month.Sold.Lists, month.Sold.Tokens), costs, sums.HasUnpriced,
            margin is { } exact ? SettlementMath.Fit(exact.RoundHalfAway()) : null);
    }

    // A sum too near to half a nano is made again of exact fractions.
    private async Task<IReadOnlyList<(string Currency, long Nano)>> CostsAsync(Session session, KeyMonth month, KeySums key, CancellationToken token)
    {
        var costs = new List<(string, long)>();
        foreach (var (currency, sum) in key.Costs.OrderBy(cost => cost.Key, StringComparer.Ordinal))
            costs.Add((currency, sum.TryRound(out var nano) ? nano : await ExactAsync(session, month, key.Key, currency, token).ConfigureAwait(false)));
        return costs;
    }

    private async Task<long> ExactAsync(Session session, KeyMonth month, int key, string currency, CancellationToken token)
    {
        var reading = await KeyReading.WithCostsAsync(session, shop, new KeyReading.Days(month.From), null, token).ConfigureAwait(false);
        var sum = Fraction.Zero;
        foreach (var (_, cells) in await CellsAsync(session, reading, key, token).ConfigureAwait(false))
            sum = cells.Aggregate(sum, (all, cell) => all + reading.ExactCost(cell, currency));
        return SettlementMath.Fit((sum / 1000).RoundHalfEven());
    }

    private static async Task<List<(DateOnly Day, List<KeyReading.KeyCellRow> Cells)>> CellsAsync(Session session, KeyReading reading, int key, CancellationToken token)
    {
        var days = new List<(DateOnly, List<KeyReading.KeyCellRow>)>();
        for (var day = reading.Window.From; day < reading.Window.Until; day = day.AddDays(1))
        {
            if (await session.ListAsync<KeyReading.KeyCellRow>(ReadKeyDay, new KeyDayArgs(day, key), token).ConfigureAwait(false) is { Count: > 0 } cells)
                days.Add((day, cells));
        }
        return days;
    }

    /// <summary>Which keys.</summary>
    public sealed record Keys(IReadOnlyList<int> Ids);

    /// <summary>A key as people know it.</summary>
    public sealed record KeyName(string Source, string Reference);

    /// <summary>A key's day.</summary>
    public sealed record KeyDayArgs(DateOnly Day, int Key);

    /// <summary>A business day.</summary>
    public sealed record OfDay(DateOnly Day);

    private const string Columns = "Day, KeyId, NamesId, Charged, Records, UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens, ChargedQuota, Refunds, RefundedQuota";

    /// <summary>The last day with usage.</summary>
    public static readonly Sql ReadLastDay = new("SELECT MAX(Day) AS Day FROM KeyRollups");

    /// <summary>Sums of the keys of a day, key by key. What a driver takes longest for is a column: small numbers come two and three in one.</summary>
    public static readonly Sql<OfDay> ReadDay = new("""
        SELECT CAST(KeyId AS bigint) * 65536 * 32768 + NamesId AS Place,
            Records * 4 + CAST(Charged AS int) * 2
                + CASE WHEN CacheWrite5m = 0 AND CacheWrite1h = 0 AND Refunds = 0 AND RefundedQuota = 0 THEN 0 ELSE 1 END AS RecordsKind,
            UncachedInput, CacheRead, OutputTokens, ChargedQuota, CacheWrite5m, CacheWrite1h, Refunds, RefundedQuota
        FROM KeyRollups
        WHERE Day = @Day
        ORDER BY KeyId, NamesId, Charged
        """);

    /// <summary>Those of one day of one key.</summary>
    public static readonly Sql<KeyDayArgs> ReadKeyDay = new($"SELECT {Columns} FROM KeyRollups WHERE Day = @Day AND KeyId = @Key");

    /// <summary>What keys are called.</summary>
    public static readonly Sql<Keys> ReadKeys = new("SELECT k.Id, s.Name AS Source, k.Reference FROM UsageKeys k JOIN UsageSources s ON s.Id = k.SourceId WHERE k.Id IN @Ids");

    /// <summary>A key by its name.</summary>
    public static readonly Sql<KeyName> FindKey = new("SELECT k.Id FROM UsageKeys k JOIN UsageSources s ON s.Id = k.SourceId WHERE s.Name = @Source AND k.Reference = @Reference");

    private sealed class LastDay
    {
        public DateOnly? Day { get; init; }
    }

    private sealed class NameRow
    {
        public int Id { get; init; }

        public string Source { get; init; } = "";

        public string Reference { get; init; } = "";
    }
}
