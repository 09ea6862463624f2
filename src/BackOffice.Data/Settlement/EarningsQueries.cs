using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Settlement;

/// <summary>Estimates what a month brought in, and what it left over after the upstream is paid (settlement rules 5).</summary>
/// <param name="database">Where from.</param>
/// <param name="shop">The shop's days: credit rules begin and end with them.</param>
/// <param name="mode">The shop's mode at Creem: transactions of another do not count.</param>
public sealed class EarningsQueries(Database database, BusinessTime shop, string mode)
{
    private const int Portion = 100;

    /// <summary>
    /// The estimate for an upstream's month: credits of the records that stand on its settlement, whenever they came in, at the list price of a token. What is sold
    /// is read in several steps; sales that come in meanwhile may count or not.
    /// </summary>
    /// <param name="upstream">The upstream, canonical.</param>
    /// <param name="period">Its month.</param>
    /// <param name="payable">What it is to be paid.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="OverflowException">A figure leaves 64 bits.</exception>
    public async Task<Earnings> OfAsync(string upstream, SettlementPeriod period, Money payable, CancellationToken token = default)
    {
        var sold = await SoldAsync(period.Until, token).ConfigureAwait(false);
        var (credits, rates) = await database.ReadAsync(async session =>
            (await CreditsAsync(session, upstream, period, token).ConfigureAwait(false), await RatesAsync(session, token).ConfigureAwait(false)), token).ConfigureAwait(false);
        var revenue = Margins.Revenue(credits, sold.Lists, sold.Tokens);
        return new Earnings(credits, sold, revenue, Margins.Margin(revenue, payable, rates, period.Until));
    }

    /// <summary>The estimate for a settlement, with what customers got of what the cache saved: the credits that a token read from a cache is cheaper by.</summary>
    /// <param name="view">The settlement, with what it is made of.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="OverflowException">A figure leaves 64 bits.</exception>
    public async Task<MonthEarned> OfAsync(SettlementView view, CancellationToken token = default)
    {
        var document = view.Document;
        var period = new SettlementPeriod(document.Period, document.From, document.Until);
        var earnings = await OfAsync(document.Upstream, period, new Money(document.Total.PayableMinor, document.Currency), token).ConfigureAwait(false);
        var (rules, rates) = await database.ReadAsync(async session =>
            (await CreditBookAsync(session, shop, token).ConfigureAwait(false), await RatesAsync(session, token).ConfigureAwait(false)), token).ConfigureAwait(false);
        var credits = view.Details.Where(detail => detail is { Mapping.Kind: MappingKind.Mapped, Adjusts: null } && detail.Tokens.CacheRead != 0)
            .GroupBy(detail => rules.RuleOf(detail.Names.ConsoleName, detail.Day))
            .Aggregate(Fraction.Zero, (sum, group) => sum + GivenBy(group.Key, group.Sum(detail => detail.Tokens.CacheRead)));
        var given = Margins.Revenue(credits, earnings.Sold.Lists, earnings.Sold.Tokens);
        var kept = document.SavingNano is { } saving && given.Count > 0
            ? Margins.Margin(given.Select(amount => amount with { Minor = -amount.Minor }), new Money(-SettlementMath.Payable(saving, document.Currency), document.Currency), rates, document.Until)
            : null;
        return new MonthEarned(earnings, credits, given, kept);
    }

    private static Fraction GivenBy(CreditRule rule, long reads) => rule.Credits(new TokenCounts(reads, 0, 0, 0, 0)) - rule.Credits(new TokenCounts(0, reads, 0, 0, 0));

    /// <summary>What was sold before an instant and stood then.</summary>
    /// <param name="until">UTC, not included.</param>
    /// <param name="token">To stop waiting.</param>
    public async Task<SoldTokens> SoldAsync(DateTime until, CancellationToken token = default)
    {
        var (sums, changed) = await database.ReadAsync(async session =>
        {
            var rows = await session.ListAsync<SoldRow>(SumStanding, new Before(until), token).ConfigureAwait(false);
            return (rows, await session.ListAsync<string>(FindChangedSince, new Before(until), token).ConfigureAwait(false));
        }, token).ConfigureAwait(false);
        var lists = new SortedDictionary<string, (Int128 Minor, Int128 Tokens)>(StringComparer.Ordinal);
        foreach (var row in sums)
            Add(lists, row, 1);
        // Of most orders the present says what was; of these it may not.
        foreach (var keys in changed.Chunk(Portion))
        {
            var rows = (await database.ReadAsync(session => session.ListAsync<OrderRow>(ReadOrders, new Orders(keys), token), token).ConfigureAwait(false)).ToDictionary(row => row.OrderNo, StringComparer.Ordinal);
            foreach (var facts in await CaseFacts.KnownNowAsync(database, keys, token).ConfigureAwait(false))
            {
                var row = rows[facts.Order.OrderNo];
                Add(lists, row, (StandingOrders.StoodAt(facts, until, mode) ? 1 : 0) - (row.Stands ? 1 : 0));
            }
        }
        return new SoldTokens(
            [.. lists.Where(list => list.Value.Tokens != 0).Select(list => new SoldAtList(list.Key, list.Value.Minor))],
            lists.Values.Aggregate(Int128.Zero, (sum, list) => sum + list.Tokens));
    }

    /// <summary>The credit rules, with the shop's days.</summary>
    internal static async Task<CreditBook> CreditBookAsync(Session session, BusinessTime shop, CancellationToken token) =>
        new((await RateTables.Credits.ListAsync(session, null, token).ConfigureAwait(false)).Select(kept => (CreditRule)kept.Row), shop);

    /// <summary>All exchange rates.</summary>
    internal static async Task<List<ExchangeRate>> RatesAsync(Session session, CancellationToken token) =>
        [.. (await RateTables.Exchange.ListAsync(session, null, token).ConfigureAwait(false)).Select(kept => (ExchangeRate)kept.Row).OrderBy(rate => rate.Id)];

    // Exact: tokens are summed by names and business day, over which one rule holds, and the fractions after that.
    private async Task<Fraction> CreditsAsync(Session session, string upstream, SettlementPeriod period, CancellationToken token)
    {
        var book = await RateQueries.BookAsync(session, token).ConfigureAwait(false);
        var rules = await CreditBookAsync(session, shop, token).ConfigureAwait(false);
        var names = await SettlementReader.NamesList.ReadAsync(session, token).ConfigureAwait(false);
        var first = Quarters.Of(period.From);
        var days = new DateOnly[Quarters.Of(period.Until) - first];
        for (var i = 0; i < days.Length; i++)
            days[i] = shop.DayOf(Quarters.Start(first + i));
        var standing = new Dictionary<(int Names, int Segment), bool>();
        var sums = new Dictionary<(int Names, DateOnly Day), TokenCounts>();
        await SettlementReader.EachCellAsync(session, period, names, null, Add, token).ConfigureAwait(false);
        return sums.Aggregate(Fraction.Zero, (credits, sum) => credits + rules.RuleOf(names.All[sum.Key.Names].ConsoleName, sum.Key.Day).Credits(sum.Value));

        void Add(in UsageCell cell)
        {
            var place = (cell.Names, book.SegmentOf(cell.Quarter));
            if (!standing.TryGetValue(place, out var stands))
                standing[place] = stands = (book.Map(names.All[cell.Names], cell.Quarter).Upstream ?? upstream) == upstream;
            if (!stands)
                return;
            var sum = (cell.Names, days[cell.Quarter - first]);
            sums[sum] = sums.GetValueOrDefault(sum) + cell.Tokens;
        }
    }

    private static void Add(SortedDictionary<string, (Int128 Minor, Int128 Tokens)> lists, SoldRow row, int times)
    {
        var (minor, tokens) = lists.GetValueOrDefault(row.ListCurrency);
        lists[row.ListCurrency] = (minor + (Int128)times * row.ListMinor, tokens + (Int128)times * row.Tokens);
    }

    /// <summary>Before an instant.</summary>
    public sealed record Before(DateTime Until);

    /// <summary>Which orders.</summary>
    public sealed record Orders(IReadOnlyList<string> Keys);

    /// <summary>What the orders of which a transaction stands now were sold for.</summary>
    public static readonly Sql<Before> SumStanding = new("""
        SELECT ListCurrency, SUM(ListMinor) AS ListMinor, SUM(Tokens) AS Tokens
        FROM Orders
        WHERE CreatedAt < @Until AND Payment IN ('paid', 'partly_refunded')
        GROUP BY ListCurrency
        """);

    /// <summary>
    /// Orders created before an instant whose transactions may have been something else then: they were made, or something happened to them, or more was learnt of
    /// them, since. A transaction seen once and made before was then what it is now. CROSS JOIN, because SQLite then keeps to the order of the tables.
    /// </summary>
    public static readonly Sql<Before> FindChangedSince = new("""
        WITH Later AS (
            SELECT TransactionId FROM PaymentObservations WHERE CreatedAt >= @Until
            UNION
            SELECT TransactionId FROM PaymentObservations WHERE HappenedAt IS NOT NULL AND HappenedAt >= @Until
            UNION
            SELECT seen.TransactionId FROM PaymentObservations seen
            WHERE seen.RecordedAt >= @Until AND (seen.CreatedAt IS NULL OR EXISTS (
                SELECT 1 FROM PaymentObservations other
                WHERE other.TransactionId = seen.TransactionId AND (other.PayloadHash <> seen.PayloadHash OR other.Source <> seen.Source)))
        )
        SELECT o.OrderNo FROM Later l CROSS JOIN PaymentObservations b CROSS JOIN Orders o
        WHERE b.TransactionId = l.TransactionId AND o.CreemOrderId = b.CreemOrderId AND o.CreatedAt < @Until
        UNION
        SELECT o.OrderNo FROM Later l CROSS JOIN PaymentObservations b CROSS JOIN Orders o
        WHERE b.TransactionId = l.TransactionId AND o.OrderNo = b.RequestId AND o.CreatedAt < @Until
        """);

    /// <summary>What orders were sold for.</summary>
    public static readonly Sql<Orders> ReadOrders = new("SELECT OrderNo, ListCurrency, ListMinor, Tokens, Payment FROM Orders WHERE OrderNo IN @Keys");

    private class SoldRow
    {
        public string ListCurrency { get; init; } = "";

        public long ListMinor { get; init; }

        public long Tokens { get; init; }
    }

    private sealed class OrderRow : SoldRow
    {
        public string OrderNo { get; init; } = "";

        public string? Payment { get; init; }

        public bool Stands => Payment is "paid" or "partly_refunded";
    }
}

/// <summary>What was sold before an instant and stood then.</summary>
/// <param name="Lists">By list currency, ordinal.</param>
/// <param name="Tokens">Tokens of all of it, all currencies together.</param>
public sealed record SoldTokens(IReadOnlyList<SoldAtList> Lists, Int128 Tokens);

/// <summary>What a month brought in, as an estimate.</summary>
/// <param name="Credits">Credits used, exact.</param>
/// <param name="Sold">What the estimate is made of.</param>
/// <param name="Revenue">Credits x list amounts / tokens sold, one amount a list currency; none when nothing was sold.</param>
/// <param name="Margin">Revenue less payable in the payable's currency; null when an exchange rate is wanted and none holds at the month's last instant.</param>
public sealed record Earnings(Fraction Credits, SoldTokens Sold, IReadOnlyList<Money> Revenue, Money? Margin);

/// <summary>What a month brought in, as an estimate, and who kept what the cache saved.</summary>
/// <param name="Earnings">Credits, revenue and margin.</param>
/// <param name="GivenCredits">Credits that customers did not pay because their input was read from a cache, exact.</param>
/// <param name="Given">Their worth at the list price of a token, one amount a list currency.</param>
/// <param name="Kept">What the cache saved less what customers got of it, in the settlement's currency; null when it cannot be said.</param>
public sealed record MonthEarned(Earnings Earnings, Fraction GivenCredits, IReadOnlyList<Money> Given, Money? Kept);
