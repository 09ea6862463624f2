using BackOffice.Data.Orders;
using BackOffice.Domain;
using BackOffice.Domain.Orders;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Orders;

/// <summary>Who told us something, and when we learnt it, UTC.</summary>
public sealed record TimelineSource(string Word, DateTime RecordedAt);

/// <summary>Something that happened to an order.</summary>
/// <param name="At">When it happened, UTC.</param>
/// <param name="State">A key of <see cref="States"/>; null for the sale itself.</param>
/// <param name="What">How much of what.</param>
/// <param name="TransactionId">Creem's id, where a transaction tells of it.</param>
/// <param name="Sources">Everybody who told us, first first.</param>
public sealed record TimelineEntry(DateTime At, string? State, string What, string? TransactionId, IReadOnlyList<TimelineSource> Sources);

/// <summary>An order's life from its sale on: each step with everybody who told of it.</summary>
public static class OrderTimeline
{
    public static IReadOnlyList<TimelineEntry> Of(OrderRow order, string package, IReadOnlyList<DeliveryRow> deliveries, IReadOnlyList<RevealRow> reveals, Texts texts)
    {
        var sold = new TimelineEntry(
            order.CreatedAt, null, texts["Order.SoldWhat", package, order.Units, Figures.Money(order.Charge, MoneyStyle.Code)], null,
            [new TimelineSource(texts["OrderSource." + order.Source], order.RecordedAt)]);
        var steps = order.Now.Transactions.Concat(order.Now.OfOtherModes).SelectMany(transaction => Steps(transaction, order, texts));
        return
        [
            .. new[] { sold }.Concat(steps).Concat(deliveries.Select(delivery => Delivered(delivery, texts)))
                .Concat(deliveries.Where(delivery => delivery.RevokedAt is not null).Select(delivery => Revoked(delivery, texts)))
                .Concat(deliveries.SelectMany(delivery => Voided(delivery, order.Now, texts)))
                .Concat(reveals.Select(reveal => Revealed(reveal, texts)))
                .OrderBy(entry => entry.At), // stable: what has one time stays in this order
        ];
    }

    private static IEnumerable<TimelineEntry> Steps(OrderTransaction transaction, OrderRow order, Texts texts) =>
        from step in transaction.Steps.Steps
        group step by (step.Rank, step.At, Refunded: step.Rank is StepRank.PartlyRefunded ? step.Seen.RefundedMinor : null) into told
        select new TimelineEntry(
            told.Key.At,
            OrderWords.Step(told.Key.Rank),
            What(transaction, told.First(), order, texts),
            transaction.State.Id,
            [.. told.Select(step => new TimelineSource(texts["ObservationSource." + step.Seen.Source], step.Seen.RecordedAt)).Distinct().OrderBy(source => source.RecordedAt)]);

    private static string What(OrderTransaction transaction, Step step, OrderRow order, Texts texts)
    {
        var state = transaction.State;
        var amount = step.Rank switch
        {
            StepRank.PartlyRefunded => step.Seen.RefundedMinor,
            StepRank.Refunded => state.RefundedMinor,
            StepRank.Paid or StepRank.ChargedBack => state.PaidMinor,
            _ => null,
        };
        var words = amount is { } minor ? Figures.Money(new Money(minor, state.Currency), MoneyStyle.Code)
            : step.Rank is StepRank.Unknown ? texts["Order.CreemSays", step.Seen.Status]
            : Figures.Money(order.Charge, MoneyStyle.Code);
        if (step.Rank is StepRank.PartlyRefunded && amount is not null)
            words = texts["Order.RefundedOf", words, Figures.Money(new Money(state.PaidMinor, state.Currency), MoneyStyle.Code)];
        // The rules date such a step by the payment itself; when the money went back, nobody told.
        if (step.Rank >= StepRank.PartlyRefunded && step.Seen.HappenedAt is null && step.At == state.CreatedAt)
            words = texts["Order.AlreadySo", words];
        return order.Now.OfOtherModes.Contains(transaction) ? texts["Order.OtherMode", words, state.Mode!] : words;
    }

    private static TimelineEntry Delivered(DeliveryRow delivery, Texts texts) => new(
        delivery.DeliveredAt, "delivered", texts["Order.DeliveredWhat", OrderWords.Delivered(delivery, texts), Figures.Count(delivery.Tokens)], null,
        [new TimelineSource(texts["OrderSource.deliveries"], delivery.RecordedAt)]);

    // Its code was made void, by itself or with its batch: known from the same instant.
    private static IEnumerable<TimelineEntry> Voided(DeliveryRow delivery, OrderNow order, Texts texts) =>
        from facts in order.Deliveries
        where facts.Id == delivery.Id && facts.CodeVoidedAt is not null
        select new TimelineEntry(facts.CodeVoidedAt!.Value, "void", OrderWords.Delivered(delivery, texts), null, [new TimelineSource(texts["OrderSource.codes"], facts.CodeVoidedAt.Value)]);

    private static TimelineEntry Revealed(RevealRow reveal, Texts texts) => new(
        reveal.HappenedAt, "revealed", texts["Order.RevealedWhat", texts["Order.Ending", texts["DeliveryKind." + reveal.Kind], reveal.LastFour], reveal.Reason], null,
        [new TimelineSource(reveal.RecordedBy, reveal.HappenedAt)]);

    private static TimelineEntry Revoked(DeliveryRow delivery, Texts texts) => new(
        delivery.RevokedAt!.Value, "revoked", OrderWords.Delivered(delivery, texts), null,
        [new TimelineSource(texts["OrderSource.deliveries"], delivery.RevocationRecordedAt ?? delivery.RecordedAt)]);
}
