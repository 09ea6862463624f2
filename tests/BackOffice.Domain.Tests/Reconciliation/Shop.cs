using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Domain.Tests.Reconciliation;

/// <summary>A small shop whose facts a test writes down, and which a run then reads as the job does: what is known when, which transaction may be whose.</summary>
public sealed class Shop
{
    public static readonly DateTime October = new(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc);

    public static readonly DateTime November = October.AddDays(31);

    /// <summary>The month of October, seen from its end and known much later.</summary>
    public static readonly RunParameters Month = new() { From = October, Until = November, AsOf = November, KnownAsOf = November.AddDays(30) };

    private readonly List<(OrderFacts Order, string? CreemOrderId)> orders = [];
    private readonly List<(Observation Seen, string? RequestId)> observations = [];
    private readonly List<(DeliveryFacts Delivery, string Secret)> deliveries = [];

    public static DateTime On(int day, int hour = 12, int minute = 0) => October.AddDays(day - 1).AddHours(hour).AddMinutes(minute);

    public Shop Order(
        string orderNo = "AC-1", string? creem = "ord_1", long charge = 899, string currency = "USD", bool inclusive = false, long tokens = 17,
        string package = "standard", DateTime? createdAt = null, DateTime? recordedAt = null)
    {
        var made = createdAt ?? On(10);
        orders.Add((new OrderFacts
        {
            OrderNo = orderNo,
            Package = package,
            Tokens = tokens,
            ChargeCurrency = currency,
            ChargeMinor = charge,
            TaxInclusive = inclusive,
            CreatedAt = made,
            RecordedAt = recordedAt ?? made,
        }, creem));
        return this;
    }

    public Shop Transaction(
        string status = "paid", string id = "tran_1", string? creem = "ord_1", string? request = null, string source = ObservationSources.File,
        long? paid = 899, long? amount = 899, long? due = null, long? tax = null, long? discount = null, long? refunded = null, string? currency = "USD",
        string? mode = null, DateTime? createdAt = null, DateTime? happenedAt = null, DateTime? recordedAt = null)
    {
        var made = createdAt ?? On(10);
        observations.Add((new Observation
        {
            TransactionId = id,
            Source = source,
            PayloadHash = BitConverter.GetBytes(observations.Count),
            RecordedAt = recordedAt ?? happenedAt ?? made,
            Status = status,
            Mode = mode,
            Currency = currency,
            AmountMinor = amount,
            AmountPaidMinor = paid,
            AmountDueMinor = due,
            TaxMinor = tax,
            DiscountMinor = discount,
            RefundedMinor = refunded,
            CreemOrderId = creem,
            CreatedAt = made,
            HappenedAt = happenedAt,
        }, request));
        return this;
    }

    public Shop Delivery(
        string orderNo = "AC-1", DateTime? at = null, DateTime? revokedAt = null, long tokens = 17, string? secret = null,
        string kind = DeliveryKinds.ApiKey, DateTime? recordedAt = null, DateTime? revocationRecordedAt = null,
        DateTime? codeVoidedAt = null, DateTime? codeRedeemedAt = null, DateTime? redemptionRecordedAt = null)
    {
        var made = at ?? On(10, 12, 5);
        var number = deliveries.Count + 1;
        deliveries.Add((new DeliveryFacts
        {
            Id = new Guid(number, 0, 0, new byte[8]),
            OrderNo = orderNo,
            Kind = kind,
            Tokens = tokens,
            DeliveredAt = made,
            RecordedAt = recordedAt ?? made,
            RevokedAt = revokedAt,
            RevocationRecordedAt = revocationRecordedAt ?? revokedAt,
            CodeVoidedAt = codeVoidedAt,
            CodeRedeemedAt = codeRedeemedAt,
            CodeRedemptionRecordedAt = redemptionRecordedAt ?? codeRedeemedAt,
        }, secret ?? $"sk-{number}"));
        return this;
    }

    /// <summary>The same facts, told in the opposite order.</summary>
    public Shop ToldBackwards()
    {
        var other = new Shop();
        other.orders.AddRange(Enumerable.Reverse(orders));
        other.observations.AddRange(Enumerable.Reverse(observations));
        other.deliveries.AddRange(Enumerable.Reverse(deliveries));
        return other;
    }

    /// <summary>The shop as it was when nothing had been recorded after an instant.</summary>
    public Shop AsRecordedUpTo(DateTime instant)
    {
        var earlier = new Shop();
        earlier.orders.AddRange(orders.Where(one => one.Order.RecordedAt <= instant));
        earlier.observations.AddRange(observations.Where(one => one.Seen.RecordedAt <= instant));
        earlier.deliveries.AddRange(deliveries.Where(one => one.Delivery.RecordedAt <= instant).Select(one => (UpTo(instant, one.Delivery), one.Secret)));
        return earlier;

        static DeliveryFacts UpTo(DateTime instant, DeliveryFacts delivery)
        {
            var known = delivery.RevocationRecordedAt > instant ? delivery with { RevokedAt = null, RevocationRecordedAt = null } : delivery;
            known = known.CodeVoidedAt > instant ? known with { CodeVoidedAt = null } : known;
            return known.CodeRedemptionRecordedAt > instant ? known with { CodeRedeemedAt = null, CodeRedemptionRecordedAt = null } : known;
        }
    }

    /// <summary>
    /// How many facts a run knows that could bear on the findings of a subject; that the grace of a payment or a delivery is over is one more. Facts are
    /// only ever added, so equal counts are equal facts.
    /// </summary>
    public int FactsKnownTo(RunParameters run, string subject)
    {
        var about = Related(subject);
        return orders.Count(one => about.Contains(one.Order.OrderNo) && one.Order.RecordedAt <= run.KnownAsOf)
            + observations.Count(one => about.Contains(one.Seen.TransactionId) && one.Seen.RecordedAt <= run.KnownAsOf)
            + observations.Count(one => about.Contains(one.Seen.TransactionId) && one.Seen.RecordedAt <= run.KnownAsOf && one.Seen.CreatedAt < run.GraceFrom)
            + deliveries.Count(one => about.Contains(one.Delivery.OrderNo) && one.Delivery.IsMade(run) && one.Delivery.DeliveredAt < run.GraceFrom)
            + deliveries.Count(one => about.Contains(one.Delivery.OrderNo) && one.Delivery.IsMade(run))
            + deliveries.Count(one => about.Contains(one.Delivery.OrderNo) && one.Delivery.KnownRevocation(run) is not null)
            + deliveries.Count(one => about.Contains(one.Delivery.OrderNo) && one.Delivery.KnownVoid(run) is not null)
            + deliveries.Count(one => about.Contains(one.Delivery.OrderNo) && one.Delivery.KnownVoid(run) is not null && !one.Delivery.IsOfVoidCode(run));
    }

    // Orders and transactions that a secret or a link joins to the subject, however far.
    private HashSet<string> Related(string subject)
    {
        (string, string?)[] joints =
        [
            .. orders.Select(one => (one.Order.OrderNo, one.CreemOrderId)),
            .. observations.Select(one => (one.Seen.TransactionId, one.Seen.CreemOrderId)),
            .. observations.Select(one => (one.Seen.TransactionId, one.RequestId)),
            .. deliveries.Select(one => (one.Delivery.OrderNo, (string?)one.Secret)),
        ];
        var related = new HashSet<string> { subject };
        for (var before = 0; before < related.Count;)
        {
            before = related.Count;
            foreach (var (one, other) in joints)
            {
                if (other is not null && (related.Contains(one) || related.Contains(other)))
                    related.UnionWith([one, other]);
            }
        }
        return related;
    }

    /// <summary>The facts, for a failed property to print.</summary>
    public override string ToString() => string.Join(
        '\n',
        [
            .. orders.Select(one => $"{one.Order} {one.CreemOrderId}"),
            .. observations.Select(one => $"{one.Seen} {one.RequestId}"),
            .. deliveries.Select(one => $"{one.Delivery} {one.Secret}"),
        ]);

    /// <summary>Runs over the facts.</summary>
    /// <param name="run">Its parameters.</param>
    /// <param name="named">Orders and transactions that findings name which are open or wait to be judged.</param>
    public Outcome Reconcile(RunParameters run, params IEnumerable<string> named)
    {
        var names = named.ToHashSet();
        var secrets = new SharedSecrets(run);
        foreach (var group in deliveries.GroupBy(one => (one.Delivery.Kind, one.Secret)))
            secrets.Add(group.Select(one => one.Delivery));
        var linked = Linked(run);
        var reconciler = new Reconciler(run, secrets);
        var findings = new List<FindingLine>();
        foreach (var order in orders)
            findings.AddRange(reconciler.Judge(Case(order.Order, linked, names)));
        foreach (var transaction in linked.GroupBy(one => one.TransactionId))
            findings.AddRange(reconciler.JudgeWithoutOrder([.. transaction], names.Contains(transaction.Key)));
        foreach (var partner in secrets.PartnersInScope())
            findings.Add(reconciler.JudgePartner(Case(orders.Single(one => one.Order.OrderNo == partner).Order, linked, names)));
        return new Outcome(findings, reconciler);
    }

    /// <summary>What a run would be given of each order, what findings name left out.</summary>
    public List<OrderCase> Cases(RunParameters run)
    {
        var linked = Linked(run);
        return orders.ConvertAll(one => Case(one.Order, linked, []));
    }

    private List<Observation> Linked(RunParameters run)
    {
        var known = orders.Where(one => one.Order.RecordedAt <= run.KnownAsOf).ToList();
        return [.. observations.Select(one => Linked(one.Seen, one.RequestId, known))];
    }

    private static Observation Linked(Observation seen, string? requestId, List<(OrderFacts Order, string? CreemOrderId)> known)
    {
        var byCreem = known.FirstOrDefault(other => other.CreemOrderId is not null && other.CreemOrderId == seen.CreemOrderId).Order;
        var byRequest = known.FirstOrDefault(other => other.Order.OrderNo == requestId).Order;
        return seen with
        {
            OrderNoByCreemId = byCreem?.OrderNo,
            OrderNoByRequest = byRequest?.OrderNo,
            OrdersRecordedAt = new[] { byCreem?.RecordedAt, byRequest?.RecordedAt }.Max(),
        };
    }

    private OrderCase Case(OrderFacts order, List<Observation> linked, HashSet<string> named)
    {
        var candidates = linked.Where(one => one.OrderNoByCreemId == order.OrderNo || one.OrderNoByRequest == order.OrderNo).Select(one => one.TransactionId).ToHashSet();
        return new OrderCase
        {
            Order = order,
            Observations = [.. linked.Where(one => candidates.Contains(one.TransactionId))],
            Deliveries = [.. deliveries.Where(one => one.Delivery.OrderNo == order.OrderNo).Select(one => one.Delivery)],
            NamedByFinding = named.Contains(order.OrderNo),
            TransactionsNamedByFinding = named,
        };
    }
}

/// <summary>What a run found.</summary>
public sealed class Outcome(List<FindingLine> findings, Reconciler reconciler)
{
    public Reconciler Run => reconciler;

    /// <summary>As a run's files list them, by kind and subject.</summary>
    public IReadOnlyList<FindingLine> Lines { get; } =
        [.. findings.OrderBy(line => line.Kind, StringComparer.Ordinal).ThenBy(line => line.Subject, StringComparer.Ordinal)];

    /// <summary>Kind and subject of each, such as <c>duplicate_payment AC-1</c>.</summary>
    public IReadOnlyList<string> Findings => [.. Lines.Select(line => $"{line.Kind} {line.Subject}")];

    /// <summary>Kinds in the order in which the judge gave them.</summary>
    public IReadOnlyList<string> Kinds => [.. findings.Select(line => line.Kind)];

    public FindingLine Only(string kind) => Assert.Single(Lines, line => line.Kind == kind);

    public StatementLine StatementIn(string currency) => Assert.Single(reconciler.Statement(), line => line.Currency == currency);

    /// <summary>Bucket, transactions and amount of each line of the bridge, such as <c>USD matched 1 899</c>.</summary>
    public IReadOnlyList<string> Bridge => [.. reconciler.Bridge().Select(line => $"{line.Currency} {line.Bucket} {line.Transactions} {line.AmountMinor}")];
}
