using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Orders;

/// <summary>
/// Keeps <c>Orders.Status</c>, by which lists filter, equal to what <see cref="OrderNow"/> says of the facts: worked out anew inside the transaction that stores
/// a fact. The order's row is touched before its facts are read, so that of two transactions about one order the later sees what the earlier stored; on SQL
/// Server too, where a reader alone would not wait. What most records of an import are, the first payment and the first delivery of an order, needs no facts
/// but those in hand: the row must still be as it was read, else the long way is gone.
/// </summary>
/// <param name="mode">The shop's mode at Creem: transactions of another never count.</param>
public sealed class OrderStatuses(string mode)
{
    // Short lists: both engines look every parameter up by its name, one after the other.
    private const int Portion = 50;

    private static readonly DateTime Now = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);

    /// <summary>What an order has come to of which no transaction and no delivery is known.</summary>
    public static readonly string OfNewOrder = OrderStandings.Words[OrderStanding.AwaitingPayment];

    /// <summary>What its money has come to.</summary>
    public static readonly string PaymentOfNewOrder = OrderPayments.Words[OrderPayment.Awaited];

    /// <summary>After orders were added: of one that a transaction names already, or that takes a transaction from another order.</summary>
    public async Task OfNewOrdersAsync(WriteSession session, IReadOnlyList<string> orderNumbers, IReadOnlyList<string> creemOrderIds, CancellationToken token)
    {
        var waiting = await session.ExecuteAsync(TouchRequests, new Names(orderNumbers), token).ConfigureAwait(false);
        if (creemOrderIds.Count > 0)
            waiting += await session.ExecuteAsync(TouchObservations, new Names(creemOrderIds), token).ConfigureAwait(false);
        if (waiting == 0)
            return;
        var transactions = await session.ListAsync<string>(FindByRequest, new Names(orderNumbers), token).ConfigureAwait(false);
        if (creemOrderIds.Count > 0)
            transactions.AddRange(await session.ListAsync<string>(FindByCreemOrder, new Names(creemOrderIds), token).ConfigureAwait(false));
        await OfTransactionsAsync(session, [.. transactions.Distinct(StringComparer.Ordinal)], token).ConfigureAwait(false);
    }

    /// <summary>After the first observations of transactions were stored: an order of which nothing else is known has come to what they say.</summary>
    public async Task OfFirstObservationsAsync(WriteSession session, IReadOnlyList<FirstObservation> observations, CancellationToken token)
    {
        var creemOrders = observations.Select(one => one.Seen.CreemOrderId).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var orders = (creemOrders.Count == 0 ? [] : await session.ListAsync<StoredOrder>(ReadClaiming, new Names(creemOrders), token).ConfigureAwait(false))
            .ToDictionary(order => order.CreemOrderId!, StringComparer.Ordinal);
        var others = observations.GroupBy(one => one.Seen.TransactionId).Where(transaction => !AreOfOne(transaction, orders)).Select(transaction => transaction.Key).ToHashSet(StringComparer.Ordinal);
        var first = observations.Where(one => !others.Contains(one.Seen.TransactionId)).ToLookup(one => orders[one.Seen.CreemOrderId!]);
        foreach (var group in first.GroupBy(order => (order.Key.Status == OfNewOrder, What: What(OfOrder(order.Key, order.Select(one => one.Known(order.Key.OrderNo)), [])))))
        {
            var numbers = group.Select(order => order.Key.OrderNo).ToList();
            if (!group.Key.Item1
                || await session.ExecuteAsync(UpdateWaiting, new NewStatus(numbers, group.Key.What.Payment, group.Key.What.Status), token).ConfigureAwait(false) != numbers.Count)
                others.UnionWith(group.SelectMany(order => order).Select(one => one.Seen.TransactionId));
        }
        await OfTransactionsAsync(session, [.. others], token).ConfigureAwait(false);

        static bool AreOfOne(IEnumerable<FirstObservation> transaction, Dictionary<string, StoredOrder> orders) =>
            transaction.Select(one => one.Seen.CreemOrderId).Distinct().ToList() is [{ } creemOrder] && orders.TryGetValue(creemOrder, out var order)
            && transaction.All(one => one.RequestId is null || one.RequestId == order.OrderNo);
        static (string Payment, string Status) What((string OrderNo, string Payment, string Status) order) => (order.Payment, order.Status);
    }

    /// <summary>After deliveries were added that were not revoked: whatever else was delivered, there is a live one.</summary>
    /// <param name="session">The transaction that adds them.</param>
    /// <param name="orderNumbers">The orders; none that was delivered a void code.</param>
    /// <param name="payments">What their money has come to, as read before; null where it was not worked out.</param>
    /// <param name="token">To stop waiting.</param>
    public async Task OfLiveDeliveriesAsync(WriteSession session, IEnumerable<string> orderNumbers, IReadOnlyDictionary<string, string?> payments, CancellationToken token)
    {
        foreach (var group in orderNumbers.GroupBy(payments.GetValueOrDefault))
        {
            var numbers = group.ToList();
            if (OrderPayments.Of(group.Key) is not { } payment
                || await session.ExecuteAsync(UpdateLive, new NewStatus(numbers, group.Key!, OrderStandings.Words[OrderStandings.Of(payment, OrderDelivery.Live)]), token).ConfigureAwait(false) != numbers.Count)
                await OfOrdersAsync(session, numbers, token).ConfigureAwait(false);
        }
    }

    /// <summary>After observations of transactions were stored: every order that any observation of one of them names.</summary>
    public async Task OfTransactionsAsync(WriteSession session, IReadOnlyList<string> transactionIds, CancellationToken token)
    {
        foreach (var portion in transactionIds.Chunk(Portion))
        {
            var touched = await session.ExecuteAsync(TouchByCreemOrder, new Names(portion), token).ConfigureAwait(false)
                + await session.ExecuteAsync(TouchByRequest, new Names(portion), token).ConfigureAwait(false);
            if (touched > 0)
                await DeriveAsync(session, await session.ListAsync<string>(FindNamed, new Names(portion), token).ConfigureAwait(false), token).ConfigureAwait(false);
        }
    }

    /// <summary>After deliveries or revocations of orders were stored, or to work out what was never worked out.</summary>
    public async Task OfOrdersAsync(WriteSession session, IReadOnlyList<string> orderNumbers, CancellationToken token)
    {
        foreach (var portion in orderNumbers.Chunk(Portion))
        {
            await session.ExecuteAsync(Touch, new Names(portion), token).ConfigureAwait(false);
            await DeriveAsync(session, portion, token).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// After codes of a stretch of a batch became void, or void ones turned out to be redeemed: orders that were delivered one of them are worked out anew by
    /// the job, since a batch may have been delivered to hundreds of thousands.
    /// </summary>
    /// <param name="session">The transaction that changed the codes.</param>
    /// <param name="codes">The stretch.</param>
    /// <param name="token">To stop waiting.</param>
    public static Task OfCodesAsync(WriteSession session, CodeStretch codes, CancellationToken token) => session.ExecuteAsync(ForgetOfCodes, codes, token);

    /// <summary>Works out orders that never were, as many as one transaction may. False: none is left.</summary>
    public async Task<bool> OfSomeUnknownAsync(WriteSession session, CancellationToken token)
    {
        do
        {
            var unknown = await session.ListAsync<string>(FindUnknown, new UnknownArgs(0, Portion), token).ConfigureAwait(false);
            if (unknown.Count == 0)
                return false;
            await session.ExecuteAsync(FillLastFourKeys, new Names(unknown), token).ConfigureAwait(false);
            await OfOrdersAsync(session, unknown, token).ConfigureAwait(false);
        }
        while (!session.ShouldEnd);
        return true;
    }

    private async Task DeriveAsync(WriteSession session, IReadOnlyList<string> orderNumbers, CancellationToken token)
    {
        foreach (var portion in orderNumbers.Chunk(Portion))
        {
            var orders = await session.ListAsync<StoredOrder>(ReadOrders, new Names(portion), token).ConfigureAwait(false);
            var transactions = await TransactionsAsync(session, portion, token).ConfigureAwait(false);
            var deliveries = (await session.ListAsync<DeliveryFacts>(CaseFacts.ReadDeliveries, new CaseFacts.KnownKeys(portion, Now), token).ConfigureAwait(false)).ToLookup(one => one.OrderNo);
            var changed = orders
                .Select(order => (Before: order, After: OfOrder(order, transactions[order.OrderNo].SelectMany(transaction => transaction), deliveries[order.OrderNo])))
                .Where(order => order.Before.Status != order.After.Status || order.Before.Payment != order.After.Payment)
                .Select(order => order.After);
            foreach (var group in changed.GroupBy(order => (order.Payment, order.Status), order => order.OrderNo))
                await session.ExecuteAsync(Update, new NewStatus([.. group], group.Key.Payment, group.Key.Status), token).ConfigureAwait(false);
        }
    }

    // By the orders that any of their observations names: whose a transaction is, the rules say.
    private static async Task<ILookup<string, IGrouping<string, Observation>>> TransactionsAsync(WriteSession session, string[] orderNumbers, CancellationToken token)
    {
        var ids = await session.ListAsync<string>(FindTransactions, new Names(orderNumbers), token).ConfigureAwait(false);
        var seen = new List<Observation>();
        foreach (var portion in ids.Chunk(Portion))
            seen.AddRange(await session.ListAsync<Observation>(CaseFacts.ReadTransactions, new CaseFacts.KnownKeys(portion, Now), token).ConfigureAwait(false));
        return seen.GroupBy(one => one.TransactionId)
            .SelectMany(transaction => transaction.SelectMany(one => new[] { one.OrderNoByCreemId, one.OrderNoByRequest }).OfType<string>().Distinct().Select(orderNo => (orderNo, transaction)))
            .ToLookup(one => one.orderNo, one => one.transaction);
    }

    private (string OrderNo, string Payment, string Status) OfOrder(StoredOrder order, IEnumerable<Observation> observations, IEnumerable<DeliveryFacts> deliveries)
    {
        var now = OrderNow.Of(new OrderCase { Order = order.AsFacts(), Observations = [.. observations], Deliveries = [.. deliveries] }, mode);
        return (order.OrderNo, OrderPayments.Words[now.Payment], OrderStandings.Words[now.TimelessStanding]);
    }

    /// <summary>Order numbers, Creem orders or transactions.</summary>
    public sealed record Names(IReadOnlyList<string> Keys);

    /// <summary>Codes of a batch: from the one after the first sequence up to the second.</summary>
    public sealed record CodeStretch(long BatchNo, int After, int Until);

    /// <summary>Some of them.</summary>
    public sealed record UnknownArgs(int Skip, int Take) : IPaged;

    /// <summary>What orders have come to.</summary>
    public sealed record NewStatus(IReadOnlyList<string> Keys, string Payment, string Status);

    /// <summary>Waits for whoever is at one of the orders, and holds the next one off.</summary>
    public static readonly Sql<Names> Touch = new("UPDATE Orders SET Units = Units WHERE OrderNo IN @Keys");

    /// <summary>The same, by the Creem orders that transactions name; an order that another transaction is just adding is waited for too.</summary>
    public static readonly Sql<Names> TouchByCreemOrder = new("""
        UPDATE Orders SET Units = Units
        WHERE CreemOrderId IN (SELECT b.CreemOrderId FROM PaymentObservations b WHERE b.TransactionId IN @Keys AND b.CreemOrderId IS NOT NULL)
        """);

    /// <summary>The same, by the order numbers that transactions name.</summary>
    public static readonly Sql<Names> TouchByRequest = new("""
        UPDATE Orders SET Units = Units
        WHERE OrderNo IN (SELECT b.RequestId FROM PaymentObservations b WHERE b.TransactionId IN @Keys AND b.RequestId IS NOT NULL)
        """);

    /// <summary>Whether observations name the Creem orders; those that another transaction is just adding are waited for. Changes nothing.</summary>
    public static readonly Sql<Names> TouchObservations = new("UPDATE PaymentObservations SET Mode = Mode WHERE CreemOrderId IN @Keys");

    /// <summary>Whether observations name the order numbers. Changes nothing.</summary>
    public static readonly Sql<Names> TouchRequests = new("UPDATE PaymentObservations SET Mode = Mode WHERE RequestId IN @Keys");

    /// <summary>Transactions of Creem orders.</summary>
    public static readonly Sql<Names> FindByCreemOrder = new("SELECT TransactionId FROM PaymentObservations WHERE CreemOrderId IN @Keys");

    /// <summary>Transactions of which a checkout names one of the orders.</summary>
    public static readonly Sql<Names> FindByRequest = new("SELECT TransactionId FROM PaymentObservations WHERE RequestId IN @Keys");

    /// <summary>Orders that any observation of the transactions names.</summary>
    public static readonly Sql<Names> FindNamed = new("""
        SELECT o.OrderNo FROM PaymentObservations b JOIN Orders o ON o.CreemOrderId = b.CreemOrderId WHERE b.TransactionId IN @Keys
        UNION
        SELECT o.OrderNo FROM PaymentObservations b JOIN Orders o ON o.OrderNo = b.RequestId WHERE b.TransactionId IN @Keys
        """);

    /// <summary>Transactions that name one of the orders in either way.</summary>
    public static readonly Sql<Names> FindTransactions = new("""
        SELECT b.TransactionId FROM Orders o JOIN PaymentObservations b ON b.CreemOrderId = o.CreemOrderId WHERE o.OrderNo IN @Keys
        UNION
        SELECT b.TransactionId FROM PaymentObservations b WHERE b.RequestId IN @Keys
        """);

    /// <summary>The orders with what they have come to so far.</summary>
    public static readonly Sql<Names> ReadOrders = new("""
        SELECT OrderNo, CreemOrderId, Package, Tokens, ChargeCurrency, ChargeMinor, TaxMode, CreatedAt, RecordedAt, Payment, Status
        FROM Orders
        WHERE OrderNo IN @Keys
        """);

    /// <summary>The orders that Creem orders belong to, with what they have come to so far.</summary>
    public static readonly Sql<Names> ReadClaiming = new("""
        SELECT OrderNo, CreemOrderId, Package, Tokens, ChargeCurrency, ChargeMinor, TaxMode, CreatedAt, RecordedAt, Payment, Status
        FROM Orders
        WHERE CreemOrderId IN @Keys
        """);

    /// <summary>What orders have come to of which nothing was known.</summary>
    public static readonly Sql<NewStatus> UpdateWaiting = new("UPDATE Orders SET Payment = @Payment, Status = @Status WHERE OrderNo IN @Keys AND Status = 'awaiting_payment'");

    /// <summary>What orders have come to whose money is still as it was read.</summary>
    public static readonly Sql<NewStatus> UpdateLive = new("UPDATE Orders SET Status = @Status WHERE OrderNo IN @Keys AND Payment = @Payment");

    /// <summary>What they have come to.</summary>
    public static readonly Sql<NewStatus> Update = new("UPDATE Orders SET Payment = @Payment, Status = @Status WHERE OrderNo IN @Keys");

    /// <summary>Orders that hold one of the codes, void or redeemed, have to be worked out. What they had come to is not known until then.</summary>
    public static readonly Sql<CodeStretch> ForgetOfCodes = new("""
        UPDATE Orders SET Status = NULL
        WHERE OrderNo IN (
            SELECT d.OrderNo
            FROM Codes c
            JOIN Deliveries d ON d.LookupKey = c.LookupKey AND d.Kind = 'redemption_code'
            WHERE c.BatchNo = @BatchNo AND c.Sequence > @After AND c.Sequence <= @Until AND c.Status IN ('void', 'redeemed')
        )
        """);

    /// <summary>Orders that have been delivered a code that is void, or of a void batch.</summary>
    public static readonly Sql<Names> FindOfVoidCodes = new("""
        SELECT DISTINCT d.OrderNo
        FROM Deliveries d
        JOIN Codes c ON c.LookupKey = d.LookupKey
        JOIN CodeBatches b ON b.Number = c.BatchNo
        WHERE d.OrderNo IN @Keys AND d.Kind = 'redemption_code' AND (c.Status = 'void' OR b.Status = 'void')
        """);

    /// <summary>Orders that have to be worked out.</summary>
    public static readonly Sql<UnknownArgs> FindUnknown = new("""
        SELECT OrderNo
        FROM Orders
        WHERE Status IS NULL
        ORDER BY CreatedAt, OrderNo
        {page}
        """);

    /// <summary>What their deliveries are searched by, which is as old as the status.</summary>
    public static readonly Sql<Names> FillLastFourKeys = new("UPDATE Deliveries SET LastFourKey = LOWER(LastFour) WHERE OrderNo IN @Keys AND LastFourKey IS NULL");

    /// <summary>Whether there are any.</summary>
    public static readonly Sql HasUnknown = new("SELECT CASE WHEN EXISTS (SELECT 1 FROM Orders WHERE Status IS NULL) THEN 1 ELSE 0 END");

    /// <summary>The first that is known of a transaction.</summary>
    /// <param name="Seen">What the source said.</param>
    /// <param name="RequestId">The order number its checkout was made with.</param>
    public sealed record FirstObservation(Observation Seen, string? RequestId)
    {
        internal Observation Known(string orderNo) => Seen with { OrderNoByCreemId = orderNo, OrderNoByRequest = RequestId };
    }

    private sealed class StoredOrder
    {
        public string OrderNo { get; init; } = "";

        public string? CreemOrderId { get; init; }

        public string Package { get; init; } = "";

        public long Tokens { get; init; }

        public string ChargeCurrency { get; init; } = "";

        public long ChargeMinor { get; init; }

        public string TaxMode { get; init; } = "";

        public DateTime CreatedAt { get; init; }

        public DateTime RecordedAt { get; init; }

        public string? Payment { get; init; }

        public string? Status { get; init; }

        public OrderFacts AsFacts() => new()
        {
            OrderNo = OrderNo,
            Package = Package,
            Tokens = Tokens,
            ChargeCurrency = ChargeCurrency,
            ChargeMinor = ChargeMinor,
            TaxInclusive = TaxMode == "inclusive",
            CreatedAt = CreatedAt,
            RecordedAt = RecordedAt,
        };
    }
}
