using System.Data.Common;
using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Settlement;

/// <summary>What a month's sums of keys are read with: names, credit rules, and what tokens cost by day, names and part.</summary>
internal sealed class KeyReading
{
    private readonly SettlementReader.NamesList _names;
    private readonly CreditBook _rules;
    private readonly Dictionary<(int Names, DateOnly Day), CreditRule> _ruleOf = [];
    private readonly Dictionary<(int Names, DateOnly Day), NamesDay> _costs = [];

    private KeyReading(SettlementReader.NamesList names, CreditBook rules, Days window) => (_names, _rules, Window) = (names, rules, window);

    public Days Window { get; }

    /// <summary>Begins a reading with what tokens cost, at one upstream or, with null, at all of them.</summary>
    public static async Task<KeyReading> WithCostsAsync(Session session, BusinessTime shop, Days window, string? upstream, CancellationToken token)
    {
        var reading = await WithoutCostsAsync(session, shop, window, token).ConfigureAwait(false);
        await reading.ReadCostsAsync(session, shop, upstream, token).ConfigureAwait(false);
        return reading;
    }

    /// <summary>Begins a reading of credits alone.</summary>
    public static async Task<KeyReading> WithoutCostsAsync(Session session, BusinessTime shop, Days window, CancellationToken token) => new(
        await SettlementReader.NamesList.ReadAsync(session, token).ConfigureAwait(false), await EarningsQueries.CreditBookAsync(session, shop, token).ConfigureAwait(false), window);

    /// <summary>Shows each key's days, day by day: what the day comes to, and what it cost.</summary>
    public async Task EachKeyDayAsync(Session session, Fraction quotaPerToken, Action<int, KeyDayLine, DayCost> visit, CancellationToken token)
    {
        var cells = new List<KeyCellRow>();
        for (var day = Window.From; day < Window.Until; day = day.AddDays(1))
        {
            await session.EachAsync(KeyQueries.ReadDay, new KeyQueries.OfDay(day), row => Add(CellOf(row, day)), token).ConfigureAwait(false);
            Close();
        }

        void Add(KeyCellRow cell)
        {
            if (cells.Count > 0 && cells[0].KeyId != cell.KeyId)
                Close();
            cells.Add(cell);
        }

        void Close()
        {
            if (cells.Count == 0)
                return;
            var (line, cost) = LineOf(null, cells[0].Day, cells, quotaPerToken);
            visit(cells[0].KeyId, line, cost);
            cells.Clear();
        }
    }

    // Most have nothing written to caches, and no refunds.
    private static KeyCellRow CellOf(DbDataReader row, DateOnly day)
    {
        var (place, recordsKind) = (row.GetInt64(0), row.GetInt64(1));
        var hasMore = (recordsKind & 1) != 0;
        return new KeyCellRow
        {
            Day = day,
            KeyId = (int)(place >> 31),
            NamesId = (int)(place & int.MaxValue),
            Charged = (recordsKind & 2) != 0,
            Records = recordsKind >> 2,
            UncachedInput = row.GetInt64(2),
            CacheRead = row.GetInt64(3),
            OutputTokens = row.GetInt64(4),
            ChargedQuota = row.GetInt64(5),
            CacheWrite5m = hasMore ? row.GetInt64(6) : 0,
            CacheWrite1h = hasMore ? row.GetInt64(7) : 0,
            Refunds = hasMore ? row.GetInt64(8) : 0,
            RefundedQuota = hasMore ? row.GetInt64(9) : 0,
        };
    }

    public (KeyDayLine Line, DayCost Cost) LineOf(string? key, DateOnly day, List<KeyCellRow> cells, Fraction quotaPerToken)
    {
        var sum = new KeyDaySum();
        foreach (var cell in cells)
            sum.Add(RuleOf(cell), cell.Cell(key, NameOf(cell)));
        return (sum.Line(key, day, quotaPerToken), new DayCost(this, cells));
    }

    public CreditRule RuleOf(KeyCellRow cell)
    {
        if (!_ruleOf.TryGetValue((cell.NamesId, cell.Day), out var rule))
            _ruleOf[(cell.NamesId, cell.Day)] = rule = _rules.RuleOf(NameOf(cell), cell.Day);
        return rule;
    }

    public string NameOf(KeyCellRow cell) => _names.All[_names.PlaceOf(cell.NamesId)].ConsoleName;

    public NamesDay? CostOf(KeyCellRow cell) => _costs.GetValueOrDefault((_names.PlaceOf(cell.NamesId), cell.Day));

    public Fraction ExactCost(KeyCellRow cell, string currency) => CostOf(cell) is not { } day || day.RatesOf(currency) is not { } rates
        ? Fraction.Zero
        : TokenParts.All.Aggregate(Fraction.Zero, (sum, part) => sum + rates[(int)part].Of(cell.Tokens[part]));

    private async Task ReadCostsAsync(Session session, BusinessTime shop, string? upstream, CancellationToken token)
    {
        var book = await RateQueries.BookAsync(session, token).ConfigureAwait(false);
        var period = new SettlementPeriod(SettlementPeriod.NameOf(Window.From), shop.StartOf(Window.From), shop.StartOf(Window.Until));
        var first = Quarters.Of(period.From);
        var days = new DateOnly[Quarters.Of(period.Until) - first];
        for (var i = 0; i < days.Length; i++)
            days[i] = shop.DayOf(Quarters.Start(first + i));
        await SettlementReader.EachCellAsync(session, period, _names, null, Add, token).ConfigureAwait(false);
        foreach (var day in _costs.Values)
            day.Close();

        void Add(in UsageCell cell)
        {
            if (cell.Tokens.IsNone)
                return;
            var place = (cell.Names, days[cell.Quarter - first]);
            if (!_costs.TryGetValue(place, out var day))
                _costs[place] = day = new NamesDay();
            var mapping = book.Map(_names.All[cell.Names], cell.Quarter);
            day.Add(book, mapping, cell, upstream is null || (mapping.Upstream ?? upstream) == upstream);
        }
    }

    internal readonly record struct Days(DateOnly From, DateOnly Until)
    {
        public Days(DateOnly month) : this(new DateOnly(month.Year, month.Month, 1), new DateOnly(month.Year, month.Month, 1).AddMonths(1))
        {
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

        public void Add(RateBook book, Mapping mapping, in UsageCell cell, bool counts)
        {
            // What a mapping says is not tokens costs nothing; the tokens still share the day's cost of their names, where other hours of it were mapped otherwise.
            _tokens += cell.Tokens;
            if (!counts || mapping.Kind is MappingKind.NotTokens)
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
        private readonly KeyReading _reading;
        private readonly List<KeyCellRow> _cells;

        internal DayCost(KeyReading reading, List<KeyCellRow> cells) => (_reading, _cells) = (reading, cells);

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
}
