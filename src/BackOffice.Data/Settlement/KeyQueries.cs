using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
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
        var window = new Days(month);
        var until = shop.StartOf(window.Until);
        var sold = await earnings.SoldAsync(until, token).ConfigureAwait(false);
        return await database.ReadAsync(async session =>
        {
            var reading = await Reading.BeginAsync(session, shop, window, token).ConfigureAwait(false);
            var keys = new Dictionary<int, KeySums>();
            await foreach (var (key, line, cost) in reading.KeyDaysAsync(session, quotaPerToken, token).ConfigureAwait(false))
            {
                if (!keys.TryGetValue(key, out var sums))
                    keys[key] = sums = new KeySums(key);
                sums.Add(line, cost);
            }
            var rates = await EarningsQueries.RatesAsync(session, token).ConfigureAwait(false);
            return new KeyMonth(window.From, [.. keys.Values], sold, rates, until, quotaPerToken);
        }, token).ConfigureAwait(false);
    }

    /// <summary>Some keys as lists show them, in the order given: their names, and their figures rounded once.</summary>
    public Task<List<KeyRow>> RowsAsync(KeyMonth month, IReadOnlyList<KeySums> keys, CancellationToken token = default) => database.ReadAsync(async session =>
    {
        var names = new Dictionary<int, NameRow>();
        foreach (var portion in keys.Select(key => key.Key).Chunk(500))
        {
            foreach (var row in await session.ListAsync<NameRow>(ReadKeys, new Keys(portion), token).ConfigureAwait(false))
                names[row.Id] = row;
        }
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
        var window = new Days(month);
        var until = shop.StartOf(window.Until);
        var id = await database.ReadAsync(session => session.FindAsync<int?>(FindKey, new KeyName(source, reference), token), token).ConfigureAwait(false);
        if (id is not { } key)
            return null;
        var sold = await earnings.SoldAsync(until, token).ConfigureAwait(false);
        return await database.ReadAsync(async session =>
        {
            var reading = await Reading.BeginAsync(session, shop, window, token).ConfigureAwait(false);
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
        var window = new Days(month);
        var reading = await Reading.BeginAsync(session, shop, window, token, withCosts: false).ConfigureAwait(false);
        var greatest = new PriorityQueue<(int Key, KeyDayLine Line), (Fraction Size, int Key, int Day)>();
        await foreach (var (key, line, _) in reading.KeyDaysAsync(session, quotaPerToken, token).ConfigureAwait(false))
        {
            if (!line.Differs)
                continue;
            greatest.Enqueue((key, line), (line.Difference.Abs(), -key, -line.Day.DayNumber));
            if (greatest.Count > most)
                greatest.Dequeue();
        }
        var found = greatest.UnorderedItems.Select(item => item.Element).ToList();
        var names = new Dictionary<int, NameRow>();
        foreach (var portion in found.Select(item => item.Key).Distinct().Chunk(500))
        {
            foreach (var row in await session.ListAsync<NameRow>(ReadKeys, new Keys(portion), token).ConfigureAwait(false))
                names[row.Id] = row;
        }
        return [.. found.Select(item => (names[item.Key].Source, item.Line with { Key = names[item.Key].Reference }))];
    }

    /// <summary>One day of one key as it is now; null when there is no such key, or nothing of it on that day.</summary>
    internal async Task<KeyDayLine?> DayAsync(Session session, string source, string reference, DateOnly day, CancellationToken token)
    {
        if (await session.FindAsync<int?>(FindKey, new KeyName(source, reference), token).ConfigureAwait(false) is not { } key)
            return null;
        var reading = await Reading.BeginAsync(session, shop, new Days(day), token, withCosts: false).ConfigureAwait(false);
        var cells = await session.ListAsync<KeyCellRow>(ReadKeyDay, new KeyDayArgs(day, key), token).ConfigureAwait(false);
        return cells.Count == 0 ? null : reading.LineOf(reference, day, cells, quotaPerToken).Line;
    }

    private KeyRow RowOf(KeyMonth month, KeySums sums, NameRow name, IReadOnlyList<(string Currency, long Nano)> costs)
    {
        var margin = month.Currency is { } currency && month.NanoPerCredit is { } perCredit && month.Converted(costs, currency) is { } cost ? (Fraction?)(sums.Credits * perCredit - cost) : null;
        return new KeyRow(
            name.Source, name.Reference, sums.Credits, sums.KnownCredits, sums.KnownQuota / quotaPerToken, sums.KnownCredits - sums.KnownQuota / quotaPerToken, sums.DaysDiffering, sums.Refunds,
            sums.RefundQuota / quotaPerToken, sums.Tokens, sums.Records, Margins.Revenue(sums.Credits, month.Sold.Lists, month.Sold.Tokens), costs, sums.HasUnpriced,
            margin is { } exact ? (long)exact.RoundHalfAway() : null);
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
        var reading = await Reading.BeginAsync(session, shop, new Days(month.From), token).ConfigureAwait(false);
        var sum = Fraction.Zero;
        foreach (var (_, cells) in await CellsAsync(session, reading, key, token).ConfigureAwait(false))
            sum = cells.Aggregate(sum, (all, cell) => all + reading.ExactCost(cell, currency));
        return (long)(sum / 1000).RoundHalfEven();
    }

    private static async Task<List<(DateOnly Day, List<KeyCellRow> Cells)>> CellsAsync(Session session, Reading reading, int key, CancellationToken token)
    {
        var days = new List<(DateOnly, List<KeyCellRow>)>();
        for (var day = reading.Window.From; day < reading.Window.Until; day = day.AddDays(1))
        {
            if (await session.ListAsync<KeyCellRow>(ReadKeyDay, new KeyDayArgs(day, key), token).ConfigureAwait(false) is { Count: > 0 } cells)
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

    /// <summary>Business days, the last not included.</summary>
    public sealed record DayWindow(DateOnly From, DateOnly Until);

    private const string Columns = "Day, KeyId, NamesId, Charged, Records, UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens, ChargedQuota, Refunds, RefundedQuota";

    /// <summary>The last day with usage.</summary>
    public static readonly Sql ReadLastDay = new("SELECT MAX(Day) AS Day FROM KeyRollups");

    /// <summary>Sums of keys, day by day and key by key.</summary>
    public static readonly Sql<DayWindow> ReadDays = new($"SELECT {Columns} FROM KeyRollups WHERE Day >= @From AND Day < @Until ORDER BY Day, KeyId");

    /// <summary>Those of one day of one key.</summary>
    public static readonly Sql<KeyDayArgs> ReadKeyDay = new($"SELECT {Columns} FROM KeyRollups WHERE Day = @Day AND KeyId = @Key");

    /// <summary>What keys are called.</summary>
    public static readonly Sql<Keys> ReadKeys = new("SELECT k.Id, s.Name AS Source, k.Reference FROM UsageKeys k JOIN UsageSources s ON s.Id = k.SourceId WHERE k.Id IN @Ids");

    /// <summary>A key by its name.</summary>
    public static readonly Sql<KeyName> FindKey = new("SELECT k.Id FROM UsageKeys k JOIN UsageSources s ON s.Id = k.SourceId WHERE s.Name = @Source AND k.Reference = @Reference");

    internal readonly record struct Days(DateOnly From, DateOnly Until)
    {
        public Days(DateOnly month) : this(new DateOnly(month.Year, month.Month, 1), new DateOnly(month.Year, month.Month, 1).AddMonths(1))
        {
        }
    }

    /// <summary>What a month's sums are read with: names, credit rules, and what tokens cost by day, names and part.</summary>
    internal sealed class Reading
    {
        private readonly SettlementReader.NamesList _names;
        private readonly CreditBook _rules;
        private readonly Dictionary<(int Names, DateOnly Day), CreditRule> _ruleOf = [];
        private readonly Dictionary<(int Names, DateOnly Day), NamesDay> _costs = [];

        private Reading(SettlementReader.NamesList names, CreditBook rules, Days window) => (_names, _rules, Window) = (names, rules, window);

        public Days Window { get; }

        public static async Task<Reading> BeginAsync(Session session, BusinessTime shop, Days window, CancellationToken token, bool withCosts = true)
        {
            var names = await SettlementReader.NamesList.ReadAsync(session, token).ConfigureAwait(false);
            var reading = new Reading(names, await EarningsQueries.CreditBookAsync(session, shop, token).ConfigureAwait(false), window);
            if (withCosts)
                await reading.ReadCostsAsync(session, shop, token).ConfigureAwait(false);
            return reading;
        }

        /// <summary>Each key's days, day by day: what the day comes to, and what it cost.</summary>
        public async IAsyncEnumerable<(int Key, KeyDayLine Line, DayCost Cost)> KeyDaysAsync(
            Session session, Fraction quotaPerToken, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            var cells = new List<KeyCellRow>();
            await foreach (var cell in session.StreamAsync<KeyCellRow>(ReadDays, new DayWindow(Window.From, Window.Until)).WithCancellation(token).ConfigureAwait(false))
            {
                if (cells.Count > 0 && (cells[0].KeyId != cell.KeyId || cells[0].Day != cell.Day))
                {
                    var (line, cost) = LineOf(null, cells[0].Day, cells, quotaPerToken);
                    yield return (cells[0].KeyId, line, cost);
                    cells.Clear();
                }
                cells.Add(cell);
            }
            if (cells.Count > 0)
            {
                var (line, cost) = LineOf(null, cells[0].Day, cells, quotaPerToken);
                yield return (cells[0].KeyId, line, cost);
            }
        }

        public (KeyDayLine Line, DayCost Cost) LineOf(string? key, DateOnly day, List<KeyCellRow> cells, Fraction quotaPerToken)
        {
            var sum = new KeyDaySum();
            foreach (var cell in cells)
                sum.Add(RuleOf(cell), cell.Cell(key, _names.All[_names.PlaceOf(cell.NamesId)].ConsoleName));
            return (sum.Line(key, day, quotaPerToken), new DayCost(this, cells));
        }

        public CreditRule RuleOf(KeyCellRow cell)
        {
            if (!_ruleOf.TryGetValue((cell.NamesId, cell.Day), out var rule))
                _ruleOf[(cell.NamesId, cell.Day)] = rule = _rules.RuleOf(_names.All[_names.PlaceOf(cell.NamesId)].ConsoleName, cell.Day);
            return rule;
        }

        public string NameOf(KeyCellRow cell) => _names.All[_names.PlaceOf(cell.NamesId)].ConsoleName;

        public NamesDay? CostOf(KeyCellRow cell) => _costs.GetValueOrDefault((cell.NamesId, cell.Day));

        public Fraction ExactCost(KeyCellRow cell, string currency) => CostOf(cell) is not { } day || day.RatesOf(currency) is not { } rates
            ? Fraction.Zero
            : TokenParts.All.Aggregate(Fraction.Zero, (sum, part) => sum + rates[(int)part].Of(cell.Tokens[part]));

        private async Task ReadCostsAsync(Session session, BusinessTime shop, CancellationToken token)
        {
            var book = await RateQueries.BookAsync(session, token).ConfigureAwait(false);
            var (first, end) = (Quarters.Of(shop.StartOf(Window.From)), Quarters.Of(shop.StartOf(Window.Until)));
            var days = new DateOnly[end - first];
            for (var i = 0; i < days.Length; i++)
                days[i] = shop.DayOf(Quarters.Start(first + i));
            var cells = new SettlementReader.Window(checked((int)first), checked((int)end));
            await foreach (var row in session.StreamAsync<SettlementReader.CellRow>(SettlementReader.ReadCells, cells).WithCancellation(token).ConfigureAwait(false))
            {
                var cell = row.Cell(_names);
                if (cell.Tokens.IsNone)
                    continue;
                var place = (row.NamesId, days[cell.Quarter - first]);
                if (!_costs.TryGetValue(place, out var day))
                    _costs[place] = day = new NamesDay();
                day.Add(book, book.Map(_names.All[cell.Names], cell.Quarter), cell);
            }
            foreach (var day in _costs.Values)
                day.Close();
        }
    }

    /// <summary>What the tokens of a set of names cost on a business day.</summary>
    internal sealed class NamesDay
    {
        private readonly Dictionary<string, Int128[]> _amounts = new(1, StringComparer.Ordinal);
        private readonly List<(string Currency, CostRate[] Rates)> _rates = new(1);
        private TokenCounts _tokens;

        /// <summary>Whether some have no price: what they cost is not known, and not counted.</summary>
        public bool HasUnpriced { get; private set; }

        public IReadOnlyList<(string Currency, CostRate[] Rates)> Rates => _rates;

        public CostRate[]? RatesOf(string currency) => _rates.Find(rate => rate.Currency == currency).Rates;

        public void Add(RateBook book, Mapping mapping, in UsageCell cell)
        {
            // What a mapping says is not tokens costs nothing; the tokens still share the day's cost of their names, where other hours of it were mapped otherwise.
            _tokens += cell.Tokens;
            if (mapping.Kind is MappingKind.NotTokens)
                return;
            foreach (var part in TokenParts.All)
            {
                if (cell.Tokens[part] == 0)
                    continue;
                if (mapping.Kind is not MappingKind.Mapped || book.PriceAt(mapping.Upstream!, mapping.Model!, part, cell.Quarter) is not { } price)
                {
                    HasUnpriced = true;
                    continue;
                }
                if (!_amounts.TryGetValue(price.Currency, out var amounts))
                    _amounts[price.Currency] = amounts = new Int128[TokenParts.All.Count];
                amounts[(int)part] = checked(amounts[(int)part] + (Int128)cell.Tokens[part] * price.PriceMicro);
            }
        }

        public void Close()
        {
            foreach (var (currency, amounts) in _amounts)
                _rates.Add((currency, [.. TokenParts.All.Select(part => _tokens[part] > 0 && amounts[(int)part] > 0 ? CostRate.Of(amounts[(int)part], _tokens[part]) : default)]));
        }
    }

    /// <summary>What a key's day cost, as its cells stand now: to be added up before the next day is read.</summary>
    internal readonly struct DayCost
    {
        private readonly Reading _reading;
        private readonly List<KeyCellRow> _cells;

        internal DayCost(Reading reading, List<KeyCellRow> cells) => (_reading, _cells) = (reading, cells);

        public void AddTo(Dictionary<string, CostSum> costs, ref bool hasUnpriced)
        {
            foreach (var cell in _cells)
            {
                if (_reading.CostOf(cell) is not { } day)
                    continue;
                hasUnpriced |= day.HasUnpriced;
                foreach (var (currency, rates) in day.Rates)
                {
                    ref var sum = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(costs, currency, out _);
                    sum.Add(rates[(int)TokenPart.UncachedInput], cell.UncachedInput);
                    sum.Add(rates[(int)TokenPart.CacheRead], cell.CacheRead);
                    sum.Add(rates[(int)TokenPart.CacheWrite5m], cell.CacheWrite5m);
                    sum.Add(rates[(int)TokenPart.CacheWrite1h], cell.CacheWrite1h);
                    sum.Add(rates[(int)TokenPart.Output], cell.OutputTokens);
                }
            }
        }
    }

    internal sealed class KeyCellRow
    {
        public DateOnly Day { get; init; }

        public int KeyId { get; init; }

        public int NamesId { get; init; }

        public bool Charged { get; init; }

        public long Records { get; init; }

        public long UncachedInput { get; init; }

        public long CacheRead { get; init; }

        public long CacheWrite5m { get; init; }

        public long CacheWrite1h { get; init; }

        public long OutputTokens { get; init; }

        public long ChargedQuota { get; init; }

        public long Refunds { get; init; }

        public long RefundedQuota { get; init; }

        public TokenCounts Tokens => new(UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens);

        public KeyCell Cell(string? key, string consoleName) => Charged
            ? new KeyCell(key, consoleName, Day, Tokens, Records, Tokens, Records, ChargedQuota, Refunds, RefundedQuota)
            : new KeyCell(key, consoleName, Day, Tokens, Records, TokenCounts.None, 0, 0, Refunds, RefundedQuota);
    }

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

/// <summary>What one key came to in a month, as far as it is added up.</summary>
/// <param name="key">The key's row.</param>
public sealed class KeySums(int key)
{
    private readonly Dictionary<string, CostSum> _costs = new(1, StringComparer.Ordinal);
    private bool _hasUnpriced;

    /// <summary>The key's row.</summary>
    public int Key => key;

    /// <summary>Credits of all its days, each rounded by itself.</summary>
    public long Credits { get; private set; }

    /// <summary>Credits of the records whose charge is known.</summary>
    public long KnownCredits { get; private set; }

    /// <summary>What the console took for those, quota units.</summary>
    public long KnownQuota { get; private set; }

    /// <summary>Days on which the two differ by more than a credit a record.</summary>
    public int DaysDiffering { get; private set; }

    /// <summary>Refunds, and what they gave back in quota units: negative.</summary>
    public long Refunds { get; private set; }

    /// <inheritdoc cref="Refunds"/>
    public long RefundQuota { get; private set; }

    /// <summary>Tokens of all its records.</summary>
    public TokenCounts Tokens { get; private set; }

    /// <summary>Its records but refunds.</summary>
    public long Records { get; private set; }

    /// <summary>Whether some of its tokens may have no price: its cost is more than is known.</summary>
    public bool HasUnpriced => _hasUnpriced;

    /// <summary>What it cost, by currency.</summary>
    public IReadOnlyDictionary<string, CostSum> Costs => _costs;

    internal void Add(KeyDayLine line, KeyQueries.DayCost cost)
    {
        Credits = checked(Credits + line.Credits);
        KnownCredits = checked(KnownCredits + line.KnownCredits);
        KnownQuota = checked(KnownQuota + line.KnownQuota);
        DaysDiffering += line.Differs ? 1 : 0;
        Refunds += line.Refunds;
        RefundQuota = checked(RefundQuota + line.RefundQuota);
        Tokens += line.Tokens;
        Records += line.Records;
        cost.AddTo(_costs, ref _hasUnpriced);
    }
}

/// <summary>All keys of a business month.</summary>
public sealed class KeyMonth
{
    private readonly IReadOnlyCollection<ExchangeRate> _rates;
    private readonly DateTime _until;

    internal KeyMonth(DateOnly from, IReadOnlyList<KeySums> keys, SoldTokens sold, IReadOnlyCollection<ExchangeRate> rates, DateTime until, Fraction quotaPerToken)
    {
        (From, Keys, Sold, _rates, _until) = (from, keys, sold, rates, until);
        var costs = keys.SelectMany(key => key.Costs).GroupBy(cost => cost.Key, StringComparer.Ordinal).Select(group => (Currency: group.Key, Nano: group.Aggregate(Int128.Zero, (sum, cost) => sum + cost.Value.Nano))).ToList();
        Currency = costs.OrderByDescending(cost => cost.Nano).ThenBy(cost => cost.Currency, StringComparer.Ordinal).Select(cost => cost.Currency).FirstOrDefault() ?? sold.Lists.Select(list => list.Currency).FirstOrDefault();
        NanoPerCredit = Currency is null ? null : Margins.NanoPerCredit(sold.Lists, sold.Tokens, Currency, rates, until);
        Charged = keys.Aggregate(Int128.Zero, (sum, key) => sum + key.KnownQuota) is var quota ? new Fraction(quota, 1) / quotaPerToken : default;
    }

    /// <summary>First day of the month.</summary>
    public DateOnly From { get; }

    /// <summary>Every key with usage or refunds, in no order.</summary>
    public IReadOnlyList<KeySums> Keys { get; }

    /// <summary>What was sold by the month's end: the price of a credit.</summary>
    public SoldTokens Sold { get; }

    /// <summary>The currency margins are in: that of most of the costs; null when there is none.</summary>
    public string? Currency { get; }

    /// <summary>What a credit brought in, 10^-9 of the unit of <see cref="Currency"/>; null when an exchange rate is wanted and none holds.</summary>
    public Fraction? NanoPerCredit { get; }

    /// <summary>What the console took, in credits.</summary>
    public Fraction Charged { get; }

    /// <summary>Credits of all keys.</summary>
    public Int128 Credits => Keys.Aggregate(Int128.Zero, (sum, key) => sum + key.Credits);

    /// <summary>The keys in order, the greatest use of credits first.</summary>
    public IEnumerable<KeySums> ByCredits => Keys.OrderByDescending(key => key.Credits).ThenBy(key => key.Key);

    /// <summary>The keys in order, the greatest loss first; by credits where margins are not known.</summary>
    public IEnumerable<KeySums> ByLoss => NanoPerCredit is null ? ByCredits : Keys.Select(key => (Key: key, Margin: About(key))).OrderBy(one => one.Margin ?? Int128.MaxValue).ThenBy(one => one.Key.Key).Select(one => one.Key);

    /// <summary>How many keys cost more than they earn; null when that is not known.</summary>
    public int? Losing => NanoPerCredit is null ? null : Keys.Count(key => About(key) < 0);

    /// <summary>Costs in one currency, 10^-9 of its unit, exact; null when a rate is wanted and none holds.</summary>
    internal Fraction? Converted(IEnumerable<(string Currency, long Nano)> costs, string currency)
    {
        var sum = Fraction.Zero;
        foreach (var (from, nano) in costs)
        {
            if (Margins.UnitsOf(from, currency, _rates, _until) is not { } rate)
                return null;
            sum += nano * rate;
        }
        return sum;
    }

    // Rounded down to a nano: for putting keys in order only.
    private Int128? About(KeySums key)
    {
        var perCredit = NanoPerCredit!.Value;
        var margin = Floor(key.Credits * perCredit.Numerator, perCredit.Denominator);
        foreach (var (currency, cost) in key.Costs)
        {
            if (Margins.UnitsOf(currency, Currency!, _rates, _until) is not { } rate)
                return null;
            margin -= Floor(cost.Nano * rate.Numerator, rate.Denominator);
        }
        return margin;
    }

    private static Int128 Floor(System.Numerics.BigInteger numerator, System.Numerics.BigInteger denominator) => (Int128)(numerator / denominator);
}

/// <summary>A key as lists show it.</summary>
/// <param name="Source">The console.</param>
/// <param name="Reference">The key, <c>id:97</c>; blank for what names none.</param>
/// <param name="Credits">Credits by the dated rules, its days rounded by themselves.</param>
/// <param name="KnownCredits">Those of the records whose charge is known.</param>
/// <param name="Charged">What the console took for those, in credits, exact.</param>
/// <param name="Difference">Credits of known records less what was taken.</param>
/// <param name="DaysDiffering">Days on which that is more than a credit a record.</param>
/// <param name="Refunds">Refunds.</param>
/// <param name="Refunded">What they gave back, in credits: negative.</param>
/// <param name="Tokens">Tokens.</param>
/// <param name="Records">Records but refunds.</param>
/// <param name="Revenue">Its share of what was sold, by list currency.</param>
/// <param name="Costs">What it cost, 10^-9 of the currency's unit, each rounded half to even once.</param>
/// <param name="HasUnpriced">Whether some of its tokens may have no price.</param>
/// <param name="MarginNano">Exact revenue less cost in the month's currency, 10^-9 of the unit; null when it is not known.</param>
public sealed record KeyRow(
    string Source, string Reference, long Credits, long KnownCredits, Fraction Charged, Fraction Difference, int DaysDiffering, long Refunds, Fraction Refunded, TokenCounts Tokens, long Records,
    IReadOnlyList<Money> Revenue, IReadOnlyList<(string Currency, long Nano)> Costs, bool HasUnpriced, long? MarginNano)
{
    /// <summary>Whether it costs more than it earns.</summary>
    public bool IsLosing => MarginNano < 0;
}

/// <summary>A model of a key's month.</summary>
/// <param name="Name">As the console calls it.</param>
/// <param name="Tokens">Tokens.</param>
/// <param name="Records">Records but refunds.</param>
/// <param name="Credits">Credits, rounded half away from zero once.</param>
public sealed record KeyModel(string Name, TokenCounts Tokens, long Records, long Credits);

/// <summary>A key's month.</summary>
/// <param name="Key">What it comes to.</param>
/// <param name="Currency">The currency of its margin: that of most of its costs; null when there is none.</param>
/// <param name="Days">Its days.</param>
/// <param name="Models">Its models, by name (ordinal).</param>
public sealed record KeyPageFigures(KeyRow Key, string? Currency, IReadOnlyList<KeyDayLine> Days, IReadOnlyList<KeyModel> Models);
