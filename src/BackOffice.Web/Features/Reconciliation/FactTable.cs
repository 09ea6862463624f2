using BackOffice.Data.Orders;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Web.Features.Orders;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Reconciliation;

/// <summary>The rows of the comparison; their words are <c>Fact.{fact}</c>.</summary>
public enum Fact
{
    Price,
    Paid,
    Tax,
    Discount,
    Refunded,
    Currency,
    CreemOrder,
    OrderNo,
    Tokens,
    Secret,
    Time,
    Status,
    Source,
}

/// <summary>One fact of one record.</summary>
/// <param name="Words">In words or figures.</param>
/// <param name="At">An instant, UTC.</param>
/// <param name="State">A key of <see cref="States"/>.</param>
/// <param name="IsId">Whether the words are an id.</param>
/// <param name="Mark">What disagrees about it (<c>Mark.{mark}</c>); null when nothing does.</param>
public sealed record FactCell(string? Words = null, DateTime? At = null, string? State = null, bool IsId = false, string? Mark = null);

/// <summary>One record: the order, a payment, a delivery, or one source's say.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Id">Its id, or what tells it from its like.</param>
/// <param name="Url">Its page, when it has one.</param>
/// <param name="Cells">Its facts.</param>
public sealed record FactColumn(string Title, string? Id, string? Url, IReadOnlyDictionary<Fact, FactCell> Cells)
{
    /// <summary>Whether <see cref="Id"/> is one that is asked for elsewhere: an order number or Creem's id.</summary>
    public bool CanCopy { get; init; } = Url is not null;
}

/// <summary>The records a finding is about, side by side, with what disagrees marked.</summary>
public sealed record FactTable(IReadOnlyList<FactColumn> Columns, int LeftOut)
{
    // Beside the order. An order rarely has more; the order's own page shows them all.
    private const int MostOfAKind = 4;

    /// <summary>The facts that any record has, in order.</summary>
    public IEnumerable<Fact> Rows => Enum.GetValues<Fact>().Where(fact => Columns.Any(column => column.Cells.ContainsKey(fact)));

    public static FactTable Of(FindingRow finding, FindingFacts facts, bool marked, Texts texts)
    {
        var marks = new FactMarks(marked ? finding.Kind : "", finding, facts);
        var payments = PaymentsOf(finding, facts, marks, texts);
        var deliveries = facts.Deliveries.Select(delivery => Delivery(delivery, marks, texts)).Concat(OfOtherOrders(facts, marks, texts)).ToList();
        List<FactColumn> columns =
        [
            facts.Order is { } order ? Order(order, facts.Transaction?.State, marks, texts) : Missing("Orders.Order", marks, texts),
            .. payments.Count == 0 && marked ? [Missing("Fact.Payment", marks, texts)] : payments.Take(MostOfAKind),
            .. finding.Kind == FindingKinds.PaidNotDelivered && deliveries.Count == 0 ? [Missing("Fact.Delivery", marks, texts)] : deliveries.Take(MostOfAKind),
        ];
        return new FactTable(columns, Math.Max(0, payments.Count - MostOfAKind) + Math.Max(0, deliveries.Count - MostOfAKind));
    }

    /// <summary>Where the records of a transaction contradict each other (reconciliation rules 4, conflicting_record).</summary>
    public static IEnumerable<Fact> Conflicts(Transaction transaction)
    {
        var seen = transaction.Steps.Select(step => step.Seen).ToList();
        var moneyIn = transaction.Steps.Where(step => StatusWords.IsMoneyIn(StatusWords.Normal(step.Rank))).Select(step => step.Seen);
        if (Differ(seen.Select(one => one.AmountMinor)))
            yield return Fact.Price;
        if (Differ(moneyIn.Select(one => one.AmountPaidMinor)))
            yield return Fact.Paid;
        if (Differ(seen.Select(one => one.Currency)))
            yield return Fact.Currency;
        if (Differ(seen.Select(one => one.CreemOrderId)))
            yield return Fact.CreemOrder;
        if (Differ(seen.SelectMany(one => new[] { one.OrderNoByCreemId, one.OrderNoByRequest })))
            yield return Fact.OrderNo;

        static bool Differ<T>(IEnumerable<T?> values) => values.Where(value => value is not null).Distinct().Skip(1).Any();
    }

    private static List<FactColumn> PaymentsOf(FindingRow finding, FindingFacts facts, FactMarks marks, Texts texts)
    {
        if (finding.Kind == FindingKinds.ConflictingRecord)
            return [.. facts.Transaction!.Steps.Steps.Select(step => step.Seen).OrderBy(seen => seen.RecordedAt).Select(seen => Observation(seen, marks, texts))];
        var transactions = facts.Order?.Now.Transactions.ToList() ?? [];
        if (facts.Transaction is { } subject && !transactions.Exists(transaction => transaction.State.Id == subject.State.Id))
            transactions.Insert(0, subject);
        return transactions.ConvertAll(transaction => Payment(transaction, facts.Order?.Now.Order, marks, texts));
    }

    private static FactColumn Order(OrderRow order, TransactionState? payment, FactMarks marks, Texts texts)
    {
        var price = payment?.Currency == order.ChargeCurrency ? payment.ExpectedMinor(order.Now.Order) : order.ChargeMinor;
        return Column(texts["Orders.Order"], order.OrderNo, Links.Order(order.OrderNo), marks.OfOrder,
            (Fact.Price, new(Money(price, order.ChargeCurrency))),
            (Fact.Tax, new(texts[$"TaxMode.{order.TaxMode}"])),
            (Fact.Currency, new(order.ChargeCurrency)),
            (Fact.CreemOrder, order.CreemOrderId is null ? null : new(order.CreemOrderId, IsId: true)),
            (Fact.Tokens, new(Figures.Count(order.Tokens))),
            (Fact.Time, new(At: order.CreatedAt)),
            (Fact.Status, new(texts["Order.Sold"])),
            (Fact.Source, new(texts[$"OrderSource.{order.Source}"])));
    }

    private static FactColumn Payment(OrderTransaction payment, OrderFacts? order, FactMarks marks, Texts texts)
    {
        var (state, seen) = (payment.State, payment.Steps.Steps);
        var sources = seen.Select(step => texts[$"ObservationSource.{step.Seen.Source}"]).Distinct();
        var creemOrder = seen.Select(step => step.Seen.CreemOrderId).LastOrDefault(id => id is not null);
        var net = order is null ? state.PaidMinor : state.NetMinor(order);
        return Column(texts["Fact.Payment"], state.Id, null, fact => marks.OfPayment(state, fact),
            (Fact.Price, new(Money(net, state.Currency))),
            (Fact.Paid, net == state.PaidMinor ? null : new(Money(state.PaidMinor, state.Currency))),
            (Fact.Tax, state.TaxMinor == 0 ? null : new(Money(state.TaxMinor, state.Currency))),
            (Fact.Discount, state.DiscountMinor == 0 ? null : new(Money(state.DiscountMinor, state.Currency))),
            (Fact.Refunded, state.RefundedMinor == 0 ? null : new(Money(state.RefundedMinor, state.Currency))),
            (Fact.Currency, new(state.Currency)),
            (Fact.CreemOrder, creemOrder is null ? new(texts["Fact.None"]) : new(creemOrder, IsId: true)),
            (Fact.Time, new(At: state.CreatedAt)),
            (Fact.Status, new(state.Status is NormalStatus.Unknown ? texts["Order.CreemSays", seen[^1].Seen.Status] : null, State: OrderWords.Step(state.Rank))),
            (Fact.Source, new(string.Join(texts["Common.Comma"], sources)))) with
        { CanCopy = true };
    }

    private static FactColumn Observation(Observation seen, FactMarks marks, Texts texts)
    {
        var currency = seen.Currency ?? TransactionState.NoCurrency;
        return Column(texts["Fact.Record"], seen.TransactionId, null, marks.OfObservation,
            (Fact.Price, seen.AmountMinor is { } amount ? new(Money(amount, currency)) : null),
            (Fact.Paid, seen.AmountPaidMinor is { } paid ? new(Money(paid, currency)) : null),
            (Fact.Currency, seen.Currency is null ? null : new(seen.Currency)),
            (Fact.CreemOrder, seen.CreemOrderId is null ? null : new(seen.CreemOrderId, IsId: true)),
            (Fact.OrderNo, (seen.OrderNoByCreemId ?? seen.OrderNoByRequest) is { } orderNo ? new(orderNo, IsId: true) : null),
            (Fact.Time, new(At: seen.RecordedAt)),
            (Fact.Status, new(texts["Order.CreemSays", seen.Status])),
            (Fact.Source, new(texts[$"ObservationSource.{seen.Source}"])));
    }

    private static FactColumn Delivery(DeliveryRow delivery, FactMarks marks, Texts texts) =>
        Column(texts["Fact.Delivery"], texts[$"DeliveryKind.{delivery.Kind}"], null, fact => marks.OfDelivery(delivery.Id, delivery.RevokedAt is null, fact),
            (Fact.Tokens, new(Figures.Count(delivery.Tokens))),
            (Fact.Secret, new("…" + delivery.LastFour, IsId: true)),
            (Fact.Time, new(At: delivery.DeliveredAt)),
            (Fact.Status, new(State: delivery.RevokedAt is null ? "delivered" : "revoked")),
            (Fact.Source, new(texts["OrderSource.deliveries"])));

    private static IEnumerable<FactColumn> OfOtherOrders(FindingFacts facts, FactMarks marks, Texts texts) =>
        from delivery in facts.Shared
        where delivery.OrderNo != facts.Order?.OrderNo
        select Column(texts["Fact.DeliveryOfOther"], delivery.OrderNo, Links.Order(delivery.OrderNo), fact => marks.OfDelivery(delivery.Id, true, fact),
            (Fact.Tokens, new(Figures.Count(delivery.Tokens))),
            (Fact.Secret, new("…" + delivery.LastFour, IsId: true)),
            (Fact.Time, new(At: delivery.DeliveredAt)),
            (Fact.Status, new(State: "delivered")),
            (Fact.Source, new(texts["OrderSource.deliveries"])));

    private static FactColumn Missing(string titleKey, FactMarks marks, Texts texts) => Column(texts[titleKey], null, null, marks.OfMissing, (Fact.Status, new(texts["Fact.None"])));

    private static FactColumn Column(string title, string? id, string? url, Func<Fact, string?> mark, params (Fact Fact, FactCell? Cell)[] cells) =>
        new(title, id, url, cells.Where(cell => cell.Cell is not null).ToDictionary(cell => cell.Fact, cell => cell.Cell! with { Mark = mark(cell.Fact) }));

    private static string Money(long minor, string currency) => Figures.Money(new Money(minor, currency), MoneyStyle.Code);
}

/// <summary>Which facts disagree, by the kind of the finding (reconciliation rules 4); without a kind, none.</summary>
internal sealed class FactMarks(string kind, FindingRow finding, FindingFacts facts)
{
    private readonly Lazy<HashSet<Fact>> _conflicts = new(() => facts.Transaction is { } transaction ? [.. FactTable.Conflicts(transaction.Steps)] : []);

    public string? OfOrder(Fact fact) => (kind, fact) switch
    {
        (FindingKinds.CurrencyMismatch, Fact.Currency) or (FindingKinds.AmountMismatch, Fact.Price) or (FindingKinds.WrongQuota, Fact.Tokens) => "differs",
        _ => null,
    };

    public string? OfPayment(TransactionState state, Fact fact)
    {
        var isSubject = state.Id == finding.TransactionId;
        return (kind, fact) switch
        {
            (FindingKinds.DuplicatePayment, Fact.Price) when state.Stands => "twice",
            (FindingKinds.PaidNotDelivered or FindingKinds.RevokedButPaid, Fact.Status) when state.Stands => "stands",
            (FindingKinds.RefundedStillLive, Fact.Status) when state.Status is NormalStatus.Refunded => "given_back",
            (FindingKinds.ChargedBackStillLive, Fact.Status) when state.Status is NormalStatus.ChargedBack => "given_back",
            (FindingKinds.PartiallyRefundedLive, Fact.Status) when isSubject => "given_back",
            (FindingKinds.CurrencyMismatch, Fact.Currency) or (FindingKinds.AmountMismatch, Fact.Price) when isSubject => "differs",
            (FindingKinds.UnknownStatus, Fact.Status) when isSubject => "unknown",
            (FindingKinds.PaymentWithoutOrder, Fact.CreemOrder) when isSubject => "no_order",
            _ => null,
        };
    }

    public string? OfObservation(Fact fact) => kind == FindingKinds.ConflictingRecord && _conflicts.Value.Contains(fact) ? "differs" : null;

    public string? OfDelivery(Guid id, bool isLive, Fact fact) => (kind, fact) switch
    {
        (FindingKinds.SecretDeliveredTwice, Fact.Secret) when facts.Shared.Any(delivery => delivery.Id == id) => "same",
        (FindingKinds.DuplicateDelivery, Fact.Status) when isLive => "twice",
        (FindingKinds.DeliveredNotPaid or FindingKinds.RefundedStillLive or FindingKinds.ChargedBackStillLive or FindingKinds.PartiallyRefundedLive, Fact.Status) when isLive => "still_live",
        (FindingKinds.RevokedButPaid, Fact.Status) when !isLive => "revoked",
        (FindingKinds.WrongQuota, Fact.Tokens) when isLive => "differs",
        _ => null,
    };

    public string? OfMissing(Fact fact) => kind.Length > 0 && fact is Fact.Status ? "missing" : null;
}
