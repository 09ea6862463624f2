using BackOffice.Data.Engine;
using BackOffice.Data.Orders;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Reconciliation;

/// <summary>What is known now of the order and the transaction a finding is about.</summary>
public sealed record FindingFacts
{
    /// <summary>The order; null when the transaction belongs to none.</summary>
    public required OrderRow? Order { get; init; }

    /// <summary>The order's deliveries, by when they were made.</summary>
    public required IReadOnlyList<DeliveryRow> Deliveries { get; init; }

    /// <summary>The transaction the finding is about; null when it is about an order.</summary>
    public required OrderTransaction? Transaction { get; init; }

    /// <summary>Live deliveries whose secret is live on another order too, of this order and of the others.</summary>
    public required IReadOnlyList<SecretHolder> Shared { get; init; }

    /// <summary>The finding as the facts known now show it; null when they no longer do.</summary>
    public required FindingLine? Line { get; init; }

    /// <summary>Whether the facts as known now still show the finding.</summary>
    public bool Holds => Line is not null;

    /// <summary>How much money it is about; nothing when it no longer holds.</summary>
    public IReadOnlyList<Money> AtStake =>
        Line is null ? [] : FindingStake.Of(Line, Transaction?.State, Order?.Now.Order, Order?.Now.Transactions.Select(transaction => transaction.State) ?? []);
}

/// <summary>Reads what a finding is about, and judges it anew by the rules of a run that would begin now.</summary>
public sealed class FindingFactsReader(Database database, OrderQueries orders, CodeFindingReader codes, SettlementFindingReader settlements)
{
    /// <summary>The facts of a finding.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="now">A run of this moment: its window does not matter.</param>
    /// <param name="token">To stop waiting.</param>
    public async Task<FindingFacts> ReadAsync(FindingRow finding, RunParameters now, CancellationToken token = default)
    {
        if (finding.Scope is not null)
            return new FindingFacts { Order = null, Deliveries = [], Transaction = null, Shared = [], Line = await settlements.JudgeAsync(finding, token).ConfigureAwait(false) };
        var observations = finding.TransactionId is { } id
            ? await database.ReadAsync(session => session.ListAsync<Observation>(CaseFacts.ReadTransactions, new CaseFacts.KnownKeys([id], now.KnownAsOf), token), token).ConfigureAwait(false)
            : [];
        var transaction = Transaction.Known([.. observations], now.KnownAsOf);
        // Whose a transaction is may have become known otherwise since a run saw it.
        var orderNo = finding.TransactionId is null ? finding.OrderNo : transaction?.StateAt(DateTime.MaxValue, null)?.OrderNo;
        var order = orderNo is null ? null : await orders.FindAsync(orderNo, now.Mode, token).ConfigureAwait(false);
        var shared = orderNo is null ? [] : await SharedAsync(orderNo, token).ConfigureAwait(false);
        return new FindingFacts
        {
            Order = order,
            Deliveries = orderNo is null ? [] : await orders.DeliveriesAsync(orderNo, token).ConfigureAwait(false),
            Transaction = transaction is null ? null : new OrderTransaction(transaction, transaction.StateAt(DateTime.MaxValue, order?.Now.Order)!),
            Shared = [.. shared.Where(delivery => shared.Exists(other => other.IsSameSecret(delivery) && other.OrderNo != delivery.OrderNo))],
            Line = finding.Kind == FindingKinds.RedeemedUnexpectedly ? await codes.JudgeAsync(finding.Subject, token).ConfigureAwait(false) : (await JudgeAsync(now, orderNo, observations, shared, token).ConfigureAwait(false)).FirstOrDefault(line => line.Kind == finding.Kind && line.Subject == finding.Subject),
        };
    }

    private async Task<IReadOnlyList<FindingLine>> JudgeAsync(
        RunParameters now, string? orderNo, List<Observation> observations, List<SecretHolder> shared, CancellationToken token)
    {
        var secrets = new SharedSecrets(now);
        foreach (var secret in shared.GroupBy(delivery => (delivery.Kind, new Guid(delivery.LookupKey))))
            secrets.Add(secret.Select(delivery => delivery.AsFacts()));
        var reconciler = new Reconciler(now, secrets);
        if (orderNo is null)
            return reconciler.JudgeWithoutOrder([.. observations], namedByFinding: true);
        var facts = (await CaseFacts.KnownNowAsync(database, [orderNo], token).ConfigureAwait(false)).Single();
        return reconciler.Judge(facts with { NamedByFinding = true });
    }

    private Task<List<SecretHolder>> SharedAsync(string orderNo, CancellationToken token) => database.ReadAsync(
        async session => (await session.ListAsync<SecretHolder>(ReadSecretsOfOrder, new ByOrder(orderNo), token).ConfigureAwait(false)).DistinctBy(delivery => delivery.Id).ToList(), token);

    /// <summary>Which order.</summary>
    public sealed record ByOrder(string OrderNo);

    /// <summary>Live deliveries with a secret of the order, its own among them.</summary>
    public static readonly Sql<ByOrder> ReadSecretsOfOrder = new("""
        SELECT o.Id, o.OrderNo, o.Kind, o.LookupKey, o.Tokens, o.LastFour, o.DeliveredAt, o.RecordedAt
        FROM Deliveries d
        JOIN Deliveries o ON o.LookupKey = d.LookupKey AND o.Kind = d.Kind
        WHERE d.OrderNo = @OrderNo AND d.RevokedAt IS NULL AND o.RevokedAt IS NULL
        ORDER BY o.DeliveredAt, o.Id
        """);
}

/// <summary>A live delivery with a secret that another delivery has too: never the secret itself. Instants are UTC.</summary>
public sealed class SecretHolder
{
    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>The order it was made for.</summary>
    public string OrderNo { get; init; } = "";

    /// <summary>One of <see cref="DeliveryKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Hash of the secret, for comparing.</summary>
    public byte[] LookupKey { get; init; } = [];

    /// <summary>Tokens handed out.</summary>
    public long Tokens { get; init; }

    /// <summary>Last four characters of the secret.</summary>
    public string LastFour { get; init; } = "";

    /// <summary>When it was made.</summary>
    public DateTime DeliveredAt { get; init; }

    /// <summary>When we learnt it.</summary>
    public DateTime RecordedAt { get; init; }

    internal bool IsSameSecret(SecretHolder other) => Kind == other.Kind && LookupKey.AsSpan().SequenceEqual(other.LookupKey);

    internal DeliveryFacts AsFacts() =>
        new() { Id = Id, OrderNo = OrderNo, Kind = Kind, Tokens = Tokens, DeliveredAt = DeliveredAt, RecordedAt = RecordedAt };
}
