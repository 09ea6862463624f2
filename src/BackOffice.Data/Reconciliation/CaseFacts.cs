using System.Collections.Frozen;
using BackOffice.Data.Engine;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Reconciliation;

/// <summary>Reads the facts of orders as they were known at an instant and merges them into cases. Facts only, never a current state.</summary>
public sealed class CaseFacts(Database database, DateTime knownAsOf)
{
    private readonly Dictionary<string, List<Observation>> _strays = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _straysByOrder = new(StringComparer.Ordinal);

    /// <summary>Orders that a finding names which is open, or was resolved by a person and not judged since.</summary>
    public HashSet<string> NamedOrders { get; } = new(StringComparer.Ordinal);

    /// <summary>Transactions that such a finding names.</summary>
    public HashSet<string> NamedTransactions { get; } = new(StringComparer.Ordinal);

    /// <summary>All that is known now of given orders (at most a hundred), by order number; what findings name is left out.</summary>
    public static async Task<List<OrderCase>> KnownNowAsync(Database database, IReadOnlyList<string> orderNumbers, CancellationToken token)
    {
        var always = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);
        var facts = new CaseFacts(database, always);
        await facts.ReadStraysAsync(ReadStraysOfOrders, new KnownKeys(orderNumbers, always), token).ConfigureAwait(false);
        return await facts.OfKeysAsync(orderNumbers, token).ConfigureAwait(false);
    }

    /// <summary>Reads the transactions that are listed apart; before the first case.</summary>
    public Task ReadStraysAsync(CancellationToken token) => ReadStraysAsync(ReadStrays, new Known(knownAsOf), token);

    private async Task ReadStraysAsync(Sql read, object args, CancellationToken token)
    {
        await using var session = await database.OpenAsync(token).ConfigureAwait(false);
        foreach (var one in await session.ListAsync<Observation>(read, args, token).ConfigureAwait(false))
        {
            if (!_strays.TryGetValue(one.TransactionId, out var observations))
                _strays[one.TransactionId] = observations = [];
            observations.Add(one);
            foreach (var order in new[] { one.OrderNoByCreemId, one.OrderNoByRequest })
                NoteStray(order, one.TransactionId);
        }
    }

    /// <summary>The cases of given orders, by order number.</summary>
    public Task<List<OrderCase>> OfKeysAsync(IReadOnlyList<string> orderNumbers, CancellationToken token) => ReadAsync(ByKeys, new KnownKeys(orderNumbers, knownAsOf), token);

    /// <summary>The cases of all orders from one to another, both included, by order number.</summary>
    public Task<List<OrderCase>> OfRangeAsync(string first, string last, CancellationToken token) => ReadAsync(ByRange, new KnownRange(first, last, knownAsOf), token);

    // A connection for each stream: they are read side by side.
    private async Task<List<OrderCase>> ReadAsync(CaseStatements read, object args, CancellationToken token)
    {
        var deliveries = Task.Run(() => database.ReadAsync(session => session.ListAsync<DeliveryFacts>(read.Deliveries, args, token), token), token);
        await using var session = await database.OpenAsync(token).ConfigureAwait(false);
        var orders = await session.ListPairsAsync<OrderFacts, Observation>(read.Orders, args, nameof(Observation.TransactionId), token).ConfigureAwait(false);
        var requested = await session.ListAsync<RequestedObservation>(read.Requested, args, token).ConfigureAwait(false);
        return Merge(orders, requested, await deliveries.ConfigureAwait(false));
    }

    // All are in the order of order numbers.
    private List<OrderCase> Merge(List<(OrderFacts Order, Observation? Observation)> orders, List<RequestedObservation> requested, List<DeliveryFacts> deliveries)
    {
        var cases = new List<OrderCase>(orders.Count);
        var (next, nextRequested, nextDelivery) = (0, 0, 0);
        while (next < orders.Count)
        {
            var order = orders[next].Order;
            var observations = new List<Observation>(1);
            for (; next < orders.Count && orders[next].Order.OrderNo == order.OrderNo; next++)
            {
                if (orders[next].Observation is { } observation)
                    observations.Add(observation);
            }
            observations.AddRange(TakeOf(order.OrderNo, requested, ref nextRequested, static row => row.CandidateOrderNo));
            cases.Add(new OrderCase
            {
                Order = order,
                Observations = Complete(order.OrderNo, observations),
                Deliveries = TakeOf(order.OrderNo, deliveries, ref nextDelivery, static row => row.OrderNo),
                NamedByFinding = NamedOrders.Contains(order.OrderNo),
                TransactionsNamedByFinding = NamedAmong(order.OrderNo, observations),
            });
        }
        return cases;
    }

    private IReadOnlySet<string> NamedAmong(string orderNo, List<Observation> observations)
    {
        if (NamedTransactions.Count == 0)
            return FrozenSet<string>.Empty;
        var transactions = observations.Select(observation => observation.TransactionId).Concat(_straysByOrder.GetValueOrDefault(orderNo) ?? []);
        return transactions.Where(NamedTransactions.Contains).ToHashSet(StringComparer.Ordinal);
    }

    private static List<T> TakeOf<T>(string orderNo, List<T> rows, ref int next, Func<T, string> orderOf)
    {
        while (next < rows.Count && string.CompareOrdinal(orderOf(rows[next]), orderNo) < 0)
            next++;
        var from = next;
        while (next < rows.Count && orderOf(rows[next]) == orderNo)
            next++;
        return rows.GetRange(from, next - from);
    }

    // An observation that names the order in both ways comes twice; a stray transaction's come from elsewhere, all of them.
    private List<Observation> Complete(string orderNo, List<Observation> observations)
    {
        var hasStrays = _straysByOrder.TryGetValue(orderNo, out var strays);
        if (observations.Count < 2 && !hasStrays)
            return observations;
        var seen = new HashSet<(string, string, Guid)>();
        var complete = new List<Observation>(observations.Where(one => !_strays.ContainsKey(one.TransactionId) && seen.Add((one.TransactionId, one.Source, new Guid(one.PayloadHash)))));
        complete.AddRange((strays ?? []).SelectMany(transaction => _strays[transaction]));
        return complete;
    }

    private void NoteStray(string? orderNo, string transactionId)
    {
        if (orderNo is null)
            return;
        if (!_straysByOrder.TryGetValue(orderNo, out var transactions))
            _straysByOrder[orderNo] = transactions = [];
        if (!transactions.Contains(transactionId))
            transactions.Add(transactionId);
    }

    /// <summary>What is known.</summary>
    public sealed record Known(DateTime KnownAsOf);

    /// <summary>What is known of some orders or transactions.</summary>
    public sealed record KnownKeys(IReadOnlyList<string> Keys, DateTime KnownAsOf);

    /// <summary>What is known of the orders from one to another, both included.</summary>
    public sealed record KnownRange(string First, string Last, DateTime KnownAsOf);

    private const string ReadOrdersText = """
        SELECT o.OrderNo, o.Package, o.Tokens, o.ChargeCurrency, o.ChargeMinor, CASE WHEN o.TaxMode = 'inclusive' THEN 1 ELSE 0 END AS TaxInclusive,
            o.CreatedAt, o.RecordedAt,
            b.TransactionId, b.Source, b.PayloadHash, b.RecordedAt, b.Status, b.Mode, b.Currency, b.AmountMinor, b.AmountPaidMinor,
            b.AmountDueMinor, b.TaxMinor, b.DiscountMinor, b.RefundedMinor, b.CreemOrderId, b.CreatedAt, b.HappenedAt,
            o.OrderNo AS OrderNoByCreemId, q.OrderNo AS OrderNoByRequest,
            CASE WHEN q.RecordedAt > o.RecordedAt THEN q.RecordedAt ELSE o.RecordedAt END AS OrdersRecordedAt
        FROM Orders o
        LEFT JOIN PaymentObservations b ON b.CreemOrderId = o.CreemOrderId AND b.RecordedAt <= @KnownAsOf
        LEFT JOIN Orders q ON q.OrderNo = b.RequestId AND q.RecordedAt <= @KnownAsOf
        WHERE {which} AND o.RecordedAt <= @KnownAsOf
        ORDER BY o.OrderNo
        """;

    /// <summary>
    /// The orders of a portion, each with the observations that name it by its Creem order id; a row for each observation, from TransactionId on. Stray
    /// transactions are incomplete here and read by themselves.
    /// </summary>
    public static readonly Sql<KnownKeys> ReadOrders = new(ReadOrdersText.Replace("{which}", "o.OrderNo IN @Keys", StringComparison.Ordinal));

    /// <inheritdoc cref="ReadOrders"/>
    public static readonly Sql<KnownRange> ReadOrdersInRange = new(ReadOrdersText.Replace("{which}", "o.OrderNo >= @First AND o.OrderNo <= @Last", StringComparison.Ordinal));

    private const string ReadRequestedText = """
        SELECT o.OrderNo AS CandidateOrderNo, b.TransactionId, b.Source, b.PayloadHash, b.RecordedAt, b.Status, b.Mode, b.Currency, b.AmountMinor, b.AmountPaidMinor,
            b.AmountDueMinor, b.TaxMinor, b.DiscountMinor, b.RefundedMinor, b.CreemOrderId, b.CreatedAt, b.HappenedAt,
            c.OrderNo AS OrderNoByCreemId, q.OrderNo AS OrderNoByRequest,
            CASE WHEN c.RecordedAt > q.RecordedAt OR q.RecordedAt IS NULL THEN c.RecordedAt ELSE q.RecordedAt END AS OrdersRecordedAt
        FROM Orders o
        JOIN PaymentObservations r ON r.RequestId = o.OrderNo
        JOIN PaymentObservations b ON b.TransactionId = r.TransactionId
        LEFT JOIN Orders c ON c.CreemOrderId = b.CreemOrderId AND c.RecordedAt <= @KnownAsOf
        LEFT JOIN Orders q ON q.OrderNo = b.RequestId AND q.RecordedAt <= @KnownAsOf
        WHERE {which} AND o.RecordedAt <= @KnownAsOf AND b.RecordedAt <= @KnownAsOf
        ORDER BY o.OrderNo
        """;

    /// <summary>All observations of every transaction whose checkout names an order of the portion.</summary>
    public static readonly Sql<KnownKeys> ReadRequested = new(ReadRequestedText.Replace("{which}", "o.OrderNo IN @Keys", StringComparison.Ordinal));

    /// <inheritdoc cref="ReadRequested"/>
    public static readonly Sql<KnownRange> ReadRequestedInRange = new(ReadRequestedText.Replace("{which}", "r.RequestId >= @First AND r.RequestId <= @Last", StringComparison.Ordinal));

    /// <summary>All observations of given transactions.</summary>
    public static readonly Sql<KnownKeys> ReadTransactions = new("""
        SELECT b.TransactionId, b.Source, b.PayloadHash, b.RecordedAt, b.Status, b.Mode, b.Currency, b.AmountMinor, b.AmountPaidMinor,
            b.AmountDueMinor, b.TaxMinor, b.DiscountMinor, b.RefundedMinor, b.CreemOrderId, b.CreatedAt, b.HappenedAt,
            c.OrderNo AS OrderNoByCreemId, q.OrderNo AS OrderNoByRequest,
            CASE WHEN c.RecordedAt > q.RecordedAt OR q.RecordedAt IS NULL THEN c.RecordedAt ELSE q.RecordedAt END AS OrdersRecordedAt
        FROM PaymentObservations b
        LEFT JOIN Orders c ON c.CreemOrderId = b.CreemOrderId AND c.RecordedAt <= @KnownAsOf
        LEFT JOIN Orders q ON q.OrderNo = b.RequestId AND q.RecordedAt <= @KnownAsOf
        WHERE b.TransactionId IN @Keys AND b.RecordedAt <= @KnownAsOf
        ORDER BY b.TransactionId
        """);

    private const string ReadStraysText = """
        SELECT b.TransactionId, b.Source, b.PayloadHash, b.RecordedAt, b.Status, b.Mode, b.Currency, b.AmountMinor, b.AmountPaidMinor,
            b.AmountDueMinor, b.TaxMinor, b.DiscountMinor, b.RefundedMinor, b.CreemOrderId, b.CreatedAt, b.HappenedAt,
            c.OrderNo AS OrderNoByCreemId, q.OrderNo AS OrderNoByRequest,
            CASE WHEN c.RecordedAt > q.RecordedAt OR q.RecordedAt IS NULL THEN c.RecordedAt ELSE q.RecordedAt END AS OrdersRecordedAt
        FROM {strays} s
        CROSS JOIN PaymentObservations b
        LEFT JOIN Orders c ON c.CreemOrderId = b.CreemOrderId AND c.RecordedAt <= @KnownAsOf
        LEFT JOIN Orders q ON q.OrderNo = b.RequestId AND q.RecordedAt <= @KnownAsOf
        WHERE b.TransactionId = s.TransactionId AND b.RecordedAt <= @KnownAsOf
        ORDER BY s.TransactionId
        """;

    /// <summary>All observations of the transactions that do not name one Creem order throughout. CROSS JOIN: SQLite would else read all observations for a few strays.</summary>
    public static readonly Sql<Known> ReadStrays = new(ReadStraysText.Replace("{strays}", "StrayTransactions", StringComparison.Ordinal));

    /// <summary>The same of those that name one of a few orders in either way.</summary>
    public static readonly Sql<KnownKeys> ReadStraysOfOrders = new(ReadStraysText.Replace("{strays}", """
        (
            SELECT t.TransactionId
            FROM Orders o
            JOIN PaymentObservations r ON r.CreemOrderId = o.CreemOrderId
            JOIN StrayTransactions t ON t.TransactionId = r.TransactionId
            WHERE o.OrderNo IN @Keys
            UNION
            SELECT t.TransactionId
            FROM PaymentObservations r
            JOIN StrayTransactions t ON t.TransactionId = r.TransactionId
            WHERE r.RequestId IN @Keys
        )
        """, StringComparison.Ordinal));


    // A code's own event says when it was made void; without one it followed its batch, whose VoidedAt never changes once it is set. What the states of today say
    // only spares looking for events that are not there: what was void before it was redeemed, its redemption says.
    private const string ReadDeliveriesText = """
        SELECT d.Id, d.OrderNo, d.Kind, d.Tokens, d.DeliveredAt, d.RecordedAt, e.HappenedAt AS RevokedAt, e.RecordedAt AS RevocationRecordedAt,
            CASE
                WHEN v.HappenedAt IS NOT NULL THEN v.HappenedAt
                WHEN c.Status IN ('available', 'allocated', 'void') OR (c.Status = 'delivered' AND b.VoidDelivered = 1) OR r.StatusBefore = 'void' THEN b.VoidedAt
            END AS CodeVoidedAt,
            r.HappenedAt AS CodeRedeemedAt, r.RecordedAt AS CodeRedemptionRecordedAt
        FROM Deliveries d
        LEFT JOIN DeliveryEvents e
            ON e.DeliveryId = CASE WHEN d.RevokedAt IS NOT NULL THEN d.Id END AND e.Kind = 'revoked' AND e.RecordedAt <= @KnownAsOf
        LEFT JOIN Codes c ON c.LookupKey = CASE WHEN d.Kind = 'redemption_code' THEN d.LookupKey END
        LEFT JOIN CodeBatches b ON b.Number = c.BatchNo
        LEFT JOIN CodeEvents v ON v.BatchNo = c.BatchNo AND v.Sequence = CASE WHEN c.Status IN ('void', 'redeemed') THEN c.Sequence END AND v.Kind = 'voided'
        LEFT JOIN CodeEvents r ON r.BatchNo = c.BatchNo AND r.Sequence = CASE WHEN c.Status = 'redeemed' THEN c.Sequence END AND r.Kind = 'redeemed'
        WHERE {which} AND d.RecordedAt <= @KnownAsOf
        ORDER BY d.OrderNo, d.DeliveredAt, d.Id
        """;

    /// <summary>Deliveries of the orders of a portion, each with its revocation if it is known, and with what became of its code if it is one of ours.</summary>
    public static readonly Sql<KnownKeys> ReadDeliveries = new(ReadDeliveriesText.Replace("{which}", "d.OrderNo IN @Keys", StringComparison.Ordinal));

    /// <inheritdoc cref="ReadDeliveries"/>
    public static readonly Sql<KnownRange> ReadDeliveriesInRange = new(ReadDeliveriesText.Replace("{which}", "d.OrderNo >= @First AND d.OrderNo <= @Last", StringComparison.Ordinal));

    private static readonly CaseStatements ByKeys = new(ReadOrders, ReadRequested, ReadDeliveries);
    private static readonly CaseStatements ByRange = new(ReadOrdersInRange, ReadRequestedInRange, ReadDeliveriesInRange);

    private sealed record CaseStatements(Sql Orders, Sql Requested, Sql Deliveries);

    private sealed record RequestedObservation : Observation
    {
        public string CandidateOrderNo { get; init; } = "";
    }
}
