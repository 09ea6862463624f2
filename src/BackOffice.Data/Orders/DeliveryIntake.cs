using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Vault;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Orders;

namespace BackOffice.Data.Orders;

/// <summary>
/// Takes lines of deliveries.csv in (DESIGN 6): keyed by order, kind, secret and time; a line that only adds when the delivery was revoked adds a
/// revocation, any other difference is put aside. A line that leaves revoked_at blank says nothing about it. The secret is sealed before it is stored.
/// </summary>
public sealed class DeliveryIntake(Sealer sealer, string mode) : Intake<ImportedDelivery>
{
    private readonly OrderStatuses _statuses = new(mode);
    private Dictionary<string, string?> _payments = [];

    /// <summary>What a delivery's sealed secret is bound to, with the row's id.</summary>
    public const string SecretPlace = "Deliveries.Cipher";

    /// <inheritdoc/>
    public override async Task<Outcome[]> JudgeAsync(Session session, IReadOnlyList<ImportedDelivery> records, CancellationToken token)
    {
        var numbers = records.Select(record => record.OrderNo).Distinct(StringComparer.Ordinal).ToList();
        var stored = await session.ListAsync<StoredDelivery>(FindDeliveries, new OrderNumbers(numbers), token).ConfigureAwait(false);
        _payments = await KnownOrdersAsync(session, numbers, stored, token).ConfigureAwait(false);
        var known = stored.ToDictionary(row => new Key(row.OrderNo, row.Kind, new Guid(row.LookupKey), row.DeliveredAt), row => row);
        var outcomes = new Outcome[records.Count];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = Judge(records[i], known);
        return outcomes;
    }

    /// <inheritdoc/>
    protected override async Task StoreAsync(WriteSession session, IReadOnlyList<ImportedDelivery> records, Outcome[] outcomes, string by, CancellationToken token)
    {
        var (live, others) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var deliveries = new List<NewDelivery>(records.Count);
        var revocations = new List<Revocation>();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var record = records[i];
            if (outcomes[i].Kind is OutcomeKind.New or OutcomeKind.Ending)
                (record.RevokedAt is null ? live : others).Add(record.OrderNo);
            if (outcomes[i].Kind == OutcomeKind.New)
                deliveries.Add(Sealed(record, outcomes[i].ExistingId, session.At));
            if (outcomes[i].Kind is OutcomeKind.New or OutcomeKind.Ending && record.RevokedAt is { } revokedAt)
                revocations.Add(new Revocation(Ids.New(session.At), outcomes[i].ExistingId, record.OrderNo, revokedAt, session.At, by));
        }
        await session.BulkInsertAsync(Table, deliveries, token).ConfigureAwait(false);
        await session.BulkInsertAsync(Revocations, revocations, token).ConfigureAwait(false);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Kind == OutcomeKind.Ending)
                await session.ExecuteAsync(MarkRevoked, new RevokedMark(outcomes[i].ExistingId, records[i].RevokedAt!.Value), token).ConfigureAwait(false);
        }
        // A code that is void when its delivery is told of leaves nothing live.
        if (deliveries.Exists(one => one.Delivery is { Kind: DeliveryKinds.RedemptionCode, RevokedAt: null }))
            others.UnionWith(await session.ListAsync<string>(OrderStatuses.FindOfVoidCodes, new OrderStatuses.Names([.. live]), token).ConfigureAwait(false));
        await _statuses.OfLiveDeliveriesAsync(session, live.Except(others), _payments, token).ConfigureAwait(false);
        await _statuses.OfOrdersAsync(session, [.. others], token).ConfigureAwait(false);
    }

    // An order that has a delivery is there: a repeated file asks for no order. Each with what its money has come to; null where that was not asked.
    private static async Task<Dictionary<string, string?>> KnownOrdersAsync(Session session, List<string> numbers, List<StoredDelivery> stored, CancellationToken token)
    {
        var known = stored.Select(row => row.OrderNo).Distinct(StringComparer.Ordinal).ToDictionary(number => number, _ => (string?)null, StringComparer.Ordinal);
        var others = numbers.Where(number => !known.ContainsKey(number)).ToList();
        if (others.Count > 0)
        {
            foreach (var order in await session.ListAsync<KnownOrder>(FindOrders, new OrderNumbers(others), token).ConfigureAwait(false))
                known[order.OrderNo] = order.Payment;
        }
        return known;
    }

    private Outcome Judge(ImportedDelivery record, Dictionary<Key, StoredDelivery> known)
    {
        if (!_payments.ContainsKey(record.OrderNo))
            return Outcome.PutAside("OrderUnknown", "order_no", Shown(record.OrderNo));
        var lookupKey = sealer.LookupKey(SecretText.Canonical(record.Kind, record.Secret));
        var key = new Key(record.OrderNo, record.Kind, new Guid(lookupKey), record.DeliveredAt);
        if (!known.TryGetValue(key, out var stored))
        {
            var id = Ids.New(record.DeliveredAt);
            known[key] = new StoredDelivery { Id = id, Tokens = record.Tokens, Reference = record.Reference, RevokedAt = record.RevokedAt };
            return new Outcome(OutcomeKind.New, ExistingId: id);
        }
        if (record.Tokens != stored.Tokens)
            return Outcome.PutAside("DeliveryDiffers", "tokens", record.OrderNo);
        if (record.Reference != stored.Reference)
            return Outcome.PutAside("DeliveryDiffers", "reference", record.OrderNo);
        if (record.RevokedAt is not { } revokedAt || revokedAt == stored.RevokedAt)
            return Outcome.Repeated;
        if (stored.RevokedAt is not null)
            return Outcome.PutAside("DeliveryDiffers", "revoked_at", record.OrderNo);
        stored.RevokedAt = revokedAt;
        return new Outcome(OutcomeKind.Ending, ExistingId: stored.Id);
    }

    // A number of nobody's may be a secret that slipped into the wrong column: what is not made like our own numbers is shown by its end only.
    private static string Shown(string orderNo) => OrderNumber.Read(orderNo) is null ? OrderNumber.Masked(orderNo) : orderNo;

    private NewDelivery Sealed(ImportedDelivery record, Guid id, DateTime at) => new(
        id, record, sealer.LookupKey(SecretText.Canonical(record.Kind, record.Secret)), sealer.KeyName, sealer.Seal(record.Secret, SecretPlace, id), at);

    private readonly record struct Key(string OrderNo, string Kind, Guid LookupKey, DateTime DeliveredAt);

    /// <summary>Which orders.</summary>
    public sealed record OrderNumbers(IReadOnlyList<string> Keys);

    /// <summary>A delivery was revoked.</summary>
    public sealed record RevokedMark(Guid Id, DateTime RevokedAt);

    /// <summary>The orders of a portion that are known.</summary>
    public static readonly Sql<OrderNumbers> FindOrders = new("SELECT OrderNo, Payment FROM Orders WHERE OrderNo IN @Keys");

    /// <summary>Every delivery of the orders of a portion.</summary>
    public static readonly Sql<OrderNumbers> FindDeliveries = new("""
        SELECT Id, OrderNo, Kind, LookupKey, Tokens, Reference, DeliveredAt, RevokedAt
        FROM Deliveries
        WHERE OrderNo IN @Keys
        """);

    /// <summary>The current state, for lists; the event is the fact.</summary>
    public static readonly Sql<RevokedMark> MarkRevoked = new("UPDATE Deliveries SET RevokedAt = @RevokedAt WHERE Id = @Id AND RevokedAt IS NULL");

    /// <summary>How new deliveries go in.</summary>
    public static readonly BulkTable<NewDelivery> Table = new(
        "Deliveries",
        ("Id", typeof(Guid), row => row.Id),
        ("OrderNo", typeof(string), row => row.Delivery.OrderNo),
        ("Kind", typeof(string), row => row.Delivery.Kind),
        ("Tokens", typeof(long), row => row.Delivery.Tokens),
        ("LookupKey", typeof(byte[]), row => row.LookupKey),
        ("KeyName", typeof(string), row => row.KeyName),
        ("Cipher", typeof(byte[]), row => row.Cipher),
        ("LastFour", typeof(string), row => SecretText.LastFour(row.Delivery.Secret)),
        ("LastFourKey", typeof(string), row => SecretText.LastFour(row.Delivery.Secret).ToLowerInvariant()),
        ("Reference", typeof(string), row => row.Delivery.Reference),
        ("DeliveredAt", typeof(DateTime), row => row.Delivery.DeliveredAt),
        ("RevokedAt", typeof(DateTime), row => row.Delivery.RevokedAt),
        ("RecordedAt", typeof(DateTime), row => row.RecordedAt));

    /// <summary>How revocations go in.</summary>
    public static readonly BulkTable<Revocation> Revocations = new(
        "DeliveryEvents",
        ("Id", typeof(Guid), row => row.Id),
        ("DeliveryId", typeof(Guid), row => row.DeliveryId),
        ("OrderNo", typeof(string), row => row.OrderNo),
        ("Kind", typeof(string), _ => "revoked"),
        ("HappenedAt", typeof(DateTime), row => row.HappenedAt),
        ("RecordedAt", typeof(DateTime), row => row.RecordedAt),
        ("RecordedBy", typeof(string), row => row.RecordedBy));

    /// <summary>A delivery to be stored, its secret sealed.</summary>
    public sealed record NewDelivery(Guid Id, ImportedDelivery Delivery, byte[] LookupKey, string KeyName, byte[] Cipher, DateTime RecordedAt);

    /// <summary>A revocation to be stored.</summary>
    public sealed record Revocation(Guid Id, Guid DeliveryId, string OrderNo, DateTime HappenedAt, DateTime RecordedAt, string RecordedBy);

    private sealed class KnownOrder
    {
        public string OrderNo { get; init; } = "";

        public string? Payment { get; init; }
    }

    private sealed class StoredDelivery
    {
        public Guid Id { get; init; }

        public string OrderNo { get; init; } = "";

        public string Kind { get; init; } = "";

        public byte[] LookupKey { get; init; } = [];

        public long Tokens { get; init; }

        public string? Reference { get; init; }

        public DateTime DeliveredAt { get; init; }

        public DateTime? RevokedAt { get; set; }
    }
}
