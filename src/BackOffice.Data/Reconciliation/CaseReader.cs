using System.Runtime.CompilerServices;
using BackOffice.Data.Engine;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Reconciliation;

/// <summary>
/// Feeds a run (reconciliation rules 3): finds what may be in scope, then reads orders, observations and deliveries portion by portion in the order of
/// their numbers and merges them into cases. Generous: what is in scope exactly is the reconciler's to say. Reads facts only.
/// </summary>
public sealed class CaseReader : IDisposable
{
    // Short lists: both engines look every parameter up by its name, one after the other.
    private const int Portion = 100;

    // Where at least every second order is wanted, reading them all in their order is faster than asking for each.
    private const int DensePortion = 2000;

    // A run is mostly reading, and one core reads while the other judges.
    private const int PortionsAhead = 2;

    private static readonly Task<List<OrderCase>?> NoMore = Task.FromResult<List<OrderCase>?>(null);

    private readonly Database _database;
    private readonly RunParameters _run;
    private readonly ScopeFile _scope = new();
    private readonly CaseFacts _facts;

    private CaseReader(Database database, RunParameters run)
    {
        _database = database;
        _run = run;
        _facts = new CaseFacts(database, run.KnownAsOf);
    }

    /// <summary>Orders and transactions without an order that may be in scope.</summary>
    public long Total => _scope.Orders + _scope.Transactions;

    /// <summary>Looks for everything that may be in scope.</summary>
    public static async Task<CaseReader> OpenAsync(Database database, RunParameters run, CancellationToken token)
    {
        var reader = new CaseReader(database, run);
        try
        {
            var judgedUpTo = await reader.JudgedUpToAsync(token).ConfigureAwait(false);
            await reader.ReadNamedAsync(judgedUpTo, token).ConfigureAwait(false);
            await reader._facts.ReadStraysAsync(token).ConfigureAwait(false);
            await reader.ReadScopeAsync(judgedUpTo, token).ConfigureAwait(false);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>The secrets that lie on live deliveries of several orders.</summary>
    public async Task<SharedSecrets> ReadSharedSecretsAsync(CancellationToken token)
    {
        var shared = new SharedSecrets(_run);
        var group = new List<SharedDelivery>();
        await using var session = await _database.OpenAsync(token).ConfigureAwait(false);
        await foreach (var delivery in session.StreamAsync<SharedDelivery>(ReadShared, new Known(_run.KnownAsOf)).WithCancellation(token).ConfigureAwait(false))
        {
            if (group.Count > 0 && !group[0].IsSameSecret(delivery))
            {
                shared.Add(group.Select(one => one.AsFacts()));
                group.Clear();
            }
            group.Add(delivery);
        }
        shared.Add(group.Select(one => one.AsFacts()));
        return shared;
    }

    /// <summary>The transactions that may belong to no order, all observations of each.</summary>
    public async IAsyncEnumerable<(Observation[] Observations, bool Named)> TransactionsWithoutOrderAsync([EnumeratorCancellation] CancellationToken token)
    {
        foreach (var (_, keys) in _scope.Portions(Portion).TakeWhile(portion => !portion.AreOrders))
        {
            var args = new CaseFacts.KnownKeys(keys, _run.KnownAsOf);
            var rows = await _database.ReadAsync(session => session.ListAsync<Observation>(CaseFacts.ReadTransactions, args, token), token).ConfigureAwait(false);
            foreach (var transaction in rows.GroupBy(row => row.TransactionId, StringComparer.Ordinal))
                yield return ([.. transaction], _facts.NamedTransactions.Contains(transaction.Key));
        }
    }

    /// <summary>The orders that may be in scope, by order number, and others between them.</summary>
    public async IAsyncEnumerable<OrderCase> OrdersAsync([EnumeratorCancellation] CancellationToken token)
    {
        using var portions = _scope.Portions(DensePortion).SkipWhile(portion => !portion.AreOrders).GetEnumerator();
        await foreach (var cases in ReadAhead.PartsAsync(PortionsAhead, BeginNext).ConfigureAwait(false))
        {
            foreach (var one in cases)
                yield return one;
        }

        Task<List<OrderCase>?> BeginNext()
        {
            if (!portions.MoveNext())
                return NoMore;
            var keys = portions.Current.Keys;
            return Task.Run(() => ReadPortionAsync(keys, token), token);
        }
    }

    /// <summary>Given orders, by order number: partners of a shared secret.</summary>
    public async IAsyncEnumerable<OrderCase> OrdersAsync(IReadOnlyList<string> orderNumbers, [EnumeratorCancellation] CancellationToken token)
    {
        foreach (var keys in orderNumbers.Chunk(Portion))
        {
            foreach (var one in await _facts.OfKeysAsync(keys, token).ConfigureAwait(false))
                yield return one;
        }
    }

    /// <summary>Subjects of findings without a transaction that are open by what the run knows, or were resolved by a person and not judged since.</summary>
    public IEnumerable<string> Named => _facts.NamedOrders;

    /// <inheritdoc/>
    public void Dispose() => _scope.Dispose();

    private async Task<List<OrderCase>?> ReadPortionAsync(List<string> keys, CancellationToken token)
    {
        if (await AreDenseAsync(keys, token).ConfigureAwait(false))
            return await _facts.OfRangeAsync(keys[0], keys[^1], token).ConfigureAwait(false);
        var cases = new List<OrderCase>(keys.Count);
        await foreach (var one in OrdersAsync(keys, token).ConfigureAwait(false))
            cases.Add(one);
        return cases;
    }

    private Task<bool> AreDenseAsync(List<string> keys, CancellationToken token) =>
        _database.ReadAsync(
            async session => await session.GetAsync<long>(CountOrders, new CountArgs(keys[0], keys[^1], 0, 2 * keys.Count + 1), token).ConfigureAwait(false) <= 2 * keys.Count,
            token);

    // Before all when there was no such run: then nothing was judged, and no finding is there either.
    private Task<DateTime> JudgedUpToAsync(CancellationToken token) => _database.ReadAsync(
        async session => (await session.GetAsync<Knowledge>(ReadJudgedUpTo, new Known(_run.KnownAsOf), token).ConfigureAwait(false)).KnownAsOf ?? FindingFilter.Earliest, token);

    private async Task ReadNamedAsync(DateTime judgedUpTo, CancellationToken token)
    {
        await using var session = await _database.OpenAsync(token).ConfigureAwait(false);
        await foreach (var finding in session.StreamAsync<NamedFinding>(ReadNamed, new NamedArgs(_run.KnownAsOf, judgedUpTo)).WithCancellation(token).ConfigureAwait(false))
        {
            if (finding.TransactionId is { } transactionId)
                _facts.NamedTransactions.Add(transactionId);
            else
                _facts.NamedOrders.Add(finding.Subject);
        }
    }

    private async Task ReadScopeAsync(DateTime judgedUpTo, CancellationToken token)
    {
        await using var session = await _database.OpenAsync(token).ConfigureAwait(false);
        var args = new ScopeArgs(_run.From, _run.Until, _run.KnownAsOf, _run.RecordedSince ?? _run.KnownAsOf, judgedUpTo);
        await foreach (var row in session.StreamAsync<ScopeRow>(ReadScope, args).WithCancellation(token).ConfigureAwait(false))
        {
            if (row.OrderNo is { } orderNo)
                _scope.AddOrder(orderNo);
            else
                _scope.AddTransaction(row.TransactionId);
        }
    }

    /// <summary>What is known.</summary>
    public sealed record Known(DateTime KnownAsOf);

    /// <summary>Orders from one to another, counted up to a limit.</summary>
    public sealed record CountArgs(string First, string Last, int Skip, int Take) : IPaged;

    /// <summary>What is known, and what the last run that may change findings knew.</summary>
    public sealed record NamedArgs(DateTime KnownAsOf, DateTime JudgedUpTo);

    /// <summary>The window, since when news counts, and what the last run that may change findings knew.</summary>
    public sealed record ScopeArgs(DateTime From, DateTime Until, DateTime KnownAsOf, DateTime Since, DateTime JudgedUpTo);

    /// <summary>
    /// Orders (and transactions of none, with a null order) that may be in scope: of which a transaction was created, seen or refunded, a delivery made or
    /// revoked in the window, the code of a delivery made void; of which something was recorded since; which a finding names that is open or has changed since a run judged. An order learnt since
    /// may take a payment from another one, so all that name its transactions come with it. An observation that names no order of ours, or not the
    /// order that the others name, stands for all of its transaction. CROSS JOIN, because SQLite then keeps to the order of the tables: few rows have a
    /// request, and every order may be one. Nulls come first on both engines.
    /// </summary>
    public static readonly Sql<ScopeArgs> ReadScope = new("""
        WITH Touched AS (
            SELECT TransactionId, CreemOrderId, RequestId FROM PaymentObservations WHERE CreatedAt >= @From AND CreatedAt < @Until
            UNION ALL
            SELECT TransactionId, CreemOrderId, RequestId FROM PaymentObservations WHERE RecordedAt >= @From AND RecordedAt < @Until
            UNION ALL
            SELECT TransactionId, CreemOrderId, RequestId FROM PaymentObservations
            WHERE HappenedAt IS NOT NULL AND HappenedAt >= @From AND HappenedAt < @Until
            UNION ALL
            SELECT TransactionId, CreemOrderId, RequestId FROM PaymentObservations WHERE RecordedAt > @Since AND RecordedAt <= @KnownAsOf
            UNION ALL
            SELECT b.TransactionId, NULL, NULL FROM Orders n JOIN PaymentObservations b ON b.CreemOrderId = n.CreemOrderId
            WHERE n.RecordedAt > @Since AND n.RecordedAt <= @KnownAsOf
            UNION ALL
            SELECT b.TransactionId, NULL, NULL FROM Orders n JOIN PaymentObservations b ON b.RequestId = n.OrderNo
            WHERE n.RecordedAt > @Since AND n.RecordedAt <= @KnownAsOf
            UNION ALL
            SELECT TransactionId, NULL, NULL FROM Findings
            WHERE TransactionId IS NOT NULL AND (State = 'open' OR ChangedAt >= @JudgedUpTo)
        ),
        Known AS (
            SELECT t.TransactionId, t.RequestId, k.OrderNo
            FROM Touched t
            LEFT JOIN Orders k ON k.CreemOrderId = t.CreemOrderId AND k.RecordedAt <= @KnownAsOf
        ),
        Linked AS (
            SELECT TransactionId, RequestId, OrderNo FROM Known
            UNION ALL
            SELECT r.TransactionId, r.RequestId, o.OrderNo
            FROM Known t
            JOIN PaymentObservations r ON r.TransactionId = t.TransactionId
            LEFT JOIN Orders o ON o.CreemOrderId = r.CreemOrderId AND o.RecordedAt <= @KnownAsOf
            WHERE t.OrderNo IS NULL OR EXISTS (SELECT 1 FROM StrayTransactions s WHERE s.TransactionId = t.TransactionId)
        )
        SELECT OrderNo, CASE WHEN OrderNo IS NULL THEN TransactionId END AS TransactionId FROM Linked
        UNION
        SELECT q.OrderNo, NULL FROM Linked l CROSS JOIN Orders q WHERE q.OrderNo = l.RequestId AND q.RecordedAt <= @KnownAsOf
        UNION
        SELECT OrderNo, NULL FROM Deliveries WHERE DeliveredAt >= @From AND DeliveredAt < @Until
        UNION
        SELECT OrderNo, NULL FROM DeliveryEvents WHERE HappenedAt >= @From AND HappenedAt < @Until
        UNION
        SELECT d.OrderNo, NULL
        FROM CodeEvents e
        CROSS JOIN Codes c
        CROSS JOIN Deliveries d
        WHERE e.Kind = 'voided' AND e.Sequence > 0 AND ((e.HappenedAt >= @From AND e.HappenedAt < @Until) OR (e.HappenedAt > @Since AND e.HappenedAt <= @KnownAsOf))
            AND c.BatchNo = e.BatchNo AND c.Sequence = e.Sequence AND d.LookupKey = c.LookupKey AND d.Kind = 'redemption_code'
        UNION
        SELECT d.OrderNo, NULL
        FROM CodeBatches b
        CROSS JOIN Codes c
        CROSS JOIN Deliveries d
        WHERE b.Status = 'void' AND ((b.VoidedAt >= @From AND b.VoidedAt < @Until) OR (b.VoidedAt > @Since AND b.VoidedAt <= @KnownAsOf))
            AND c.BatchNo = b.Number AND d.LookupKey = c.LookupKey AND d.Kind = 'redemption_code'
        UNION
        SELECT d.OrderNo, NULL
        FROM CodeEvents e
        CROSS JOIN Codes c
        CROSS JOIN Deliveries d
        WHERE e.Kind = 'redeemed' AND e.RecordedAt > @Since AND e.RecordedAt <= @KnownAsOf
            AND c.BatchNo = e.BatchNo AND c.Sequence = e.Sequence AND d.LookupKey = c.LookupKey AND d.Kind = 'redemption_code'
        UNION
        SELECT OrderNo, NULL FROM Orders WHERE RecordedAt > @Since AND RecordedAt <= @KnownAsOf
        UNION
        SELECT OrderNo, NULL FROM Deliveries WHERE RecordedAt > @Since AND RecordedAt <= @KnownAsOf
        UNION
        SELECT OrderNo, NULL FROM DeliveryEvents WHERE RecordedAt > @Since AND RecordedAt <= @KnownAsOf
        UNION
        SELECT Subject, NULL FROM Findings WHERE TransactionId IS NULL AND Scope IS NULL AND (State = 'open' OR ChangedAt >= @JudgedUpTo)
        ORDER BY OrderNo, TransactionId
        """);

    /// <summary>
    /// What the findings name that were open by the events up to the run's knowledge, or resolved by a person and not judged since (rules 3, as
    /// <see cref="FindingState.BringsIntoScope"/> says it). A finding whose state has not changed since the last judgement is one or the other only when it is
    /// open now, so no more than those and the latest changes are looked at.
    /// </summary>
    public static readonly Sql<NamedArgs> ReadNamed = new("""
        SELECT f.Subject, f.TransactionId
        FROM Findings f
        JOIN FindingEvents e ON e.FindingId = f.Id
        WHERE (f.State = 'open' OR f.ChangedAt >= @JudgedUpTo) AND f.Scope IS NULL
            AND e.RecordedAt <= @KnownAsOf
            AND (e.Kind IN ('opened', 'reopened') OR (e.Kind = 'resolved' AND e.RecordedAt >= @JudgedUpTo))
            AND NOT EXISTS (
                SELECT 1 FROM FindingEvents later
                WHERE later.FindingId = e.FindingId AND later.RecordedAt <= @KnownAsOf AND later.Kind NOT IN ('assigned', 'commented')
                    AND (later.RecordedAt > e.RecordedAt OR (later.RecordedAt = e.RecordedAt AND later.Id > e.Id)))
        """);

    /// <summary>What the last run that may change findings knew, before this one: it has judged all that was in its scope.</summary>
    public static readonly Sql<Known> ReadJudgedUpTo = new("""
        SELECT MAX(KnownAsOf) AS KnownAsOf FROM ReconciliationRuns WHERE Status IN ('balanced', 'broken') AND LooksBack = 0 AND KnownAsOf < @KnownAsOf
        """);

    /// <summary>The deliveries of every secret that is on more than one order. The current state of a delivery only spares looking for a revocation that is not there.</summary>
    public static readonly Sql<Known> ReadShared = new("""
        SELECT d.Kind, d.LookupKey, d.Id, d.OrderNo, d.Tokens, d.DeliveredAt, d.RecordedAt, e.HappenedAt AS RevokedAt, e.RecordedAt AS RevocationRecordedAt
        FROM (SELECT LookupKey, Kind FROM Deliveries GROUP BY LookupKey, Kind HAVING MIN(OrderNo) <> MAX(OrderNo)) AS s
        JOIN Deliveries d ON d.LookupKey = s.LookupKey AND d.Kind = s.Kind
        LEFT JOIN DeliveryEvents e
            ON e.DeliveryId = CASE WHEN d.RevokedAt IS NOT NULL THEN d.Id END AND e.Kind = 'revoked' AND e.RecordedAt <= @KnownAsOf
        WHERE d.RecordedAt <= @KnownAsOf
        ORDER BY d.LookupKey, d.Kind, d.OrderNo, d.Id
        """);

    /// <summary>How many orders there are from one to another, up to a limit.</summary>
    public static readonly Sql<CountArgs> CountOrders = new("""
        SELECT COUNT(*) FROM (SELECT OrderNo FROM Orders WHERE OrderNo >= @First AND OrderNo <= @Last ORDER BY OrderNo {page}) AS counted
        """);

    private sealed class ScopeRow
    {
        public string? OrderNo { get; init; }

        public string TransactionId { get; init; } = "";
    }

    private sealed class Knowledge
    {
        public DateTime? KnownAsOf { get; init; }
    }

    private sealed class NamedFinding
    {
        public string Subject { get; init; } = "";

        public string? TransactionId { get; init; }
    }

    private sealed class SharedDelivery
    {
        public byte[] LookupKey { get; init; } = [];

        public Guid Id { get; init; }

        public string OrderNo { get; init; } = "";

        public string Kind { get; init; } = "";

        public long Tokens { get; init; }

        public DateTime DeliveredAt { get; init; }

        public DateTime RecordedAt { get; init; }

        public DateTime? RevokedAt { get; init; }

        public DateTime? RevocationRecordedAt { get; init; }

        public bool IsSameSecret(SharedDelivery other) => Kind == other.Kind && LookupKey.AsSpan().SequenceEqual(other.LookupKey);

        public DeliveryFacts AsFacts() => new()
        {
            Id = Id,
            OrderNo = OrderNo,
            Kind = Kind,
            Tokens = Tokens,
            DeliveredAt = DeliveredAt,
            RecordedAt = RecordedAt,
            RevokedAt = RevokedAt,
            RevocationRecordedAt = RevocationRecordedAt,
        };
    }
}
