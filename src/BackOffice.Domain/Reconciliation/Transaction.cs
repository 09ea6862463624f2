namespace BackOffice.Domain.Reconciliation;

/// <summary>One step of a transaction (reconciliation rules 1).</summary>
/// <param name="At">When it was taken, UTC.</param>
/// <param name="Rank">Rank of what was seen.</param>
/// <param name="Seen">The observation that shows it.</param>
public readonly record struct Step(DateTime At, StepRank Rank, Observation Seen);

/// <summary>
/// A transaction at Creem as far as it is known at some instant: its steps in their order (reconciliation rules 1), which is never the order of arrival.
/// Its state is asked for an instant, because a run looks at a month's end as well as at now.
/// </summary>
public sealed class Transaction
{
    private readonly Step[] steps;

    private Transaction(Step[] steps, DateTime createdAt, DateTime lastRecordedAt)
    {
        this.steps = steps;
        CreatedAt = createdAt;
        LastRecordedAt = lastRecordedAt;
    }

    /// <summary>Creem's id, <c>tran_</c>.</summary>
    public string Id => steps[0].Seen.TransactionId;

    /// <summary>The transaction's own <c>created_at</c> as the last step that has it tells it, UTC; when none does, when we first heard of it.</summary>
    public DateTime CreatedAt { get; }

    /// <summary>When the newest known fact of it was recorded, an observation or an order it names, UTC.</summary>
    public DateTime LastRecordedAt { get; }

    /// <summary>All known steps, the state last.</summary>
    public IReadOnlyList<Step> Steps => steps;

    /// <summary>Builds the transaction from its observations.</summary>
    /// <param name="observations">Observations of one transaction, in any order.</param>
    /// <param name="knownAsOf">Observations recorded later are not known.</param>
    /// <returns>Null when none was known.</returns>
    public static Transaction? Known(ReadOnlySpan<Observation> observations, DateTime knownAsOf)
    {
        var steps = Ranked(observations, knownAsOf);
        if (steps.Length == 0)
            return null;
        var first = First(steps);
        var createdAt = CreatedAtOf(steps) ?? first.RecordedAt;
        var lastRecordedAt = LastRecorded(steps);
        steps = WithPaidBeforeRefund(steps, ref first);
        SetTimes(steps, first, createdAt);
        return new Transaction(steps, createdAt, lastRecordedAt);
    }

    /// <summary>What the transaction was at an instant: made of the steps before it.</summary>
    /// <param name="instant">UTC.</param>
    /// <param name="order">The order it may belong to: says whether a missing amount paid contains the tax, and the currency when none is told.</param>
    /// <returns>Null when it did not exist yet.</returns>
    public TransactionState? StateAt(DateTime instant, OrderFacts? order)
    {
        if (CreatedAt >= instant || StatusAt(instant) is not { } status)
            return null;
        var paid = Nearest(instant, seen => seen.AmountPaidMinor) ?? Nearest(instant, seen => seen.AmountDueMinor) ?? AmountWithTax(instant, order);
        var refunded = Nearest(instant, seen => seen.RefundedMinor);
        var rank = StatusWords.Rank(status, refunded, paid);
        return new TransactionState
        {
            Id = Id,
            CreatedAt = CreatedAt,
            Rank = rank,
            Mode = Nearest(instant, seen => seen.Mode),
            Currency = Nearest(instant, seen => seen.Currency) ?? order?.ChargeCurrency ?? TransactionState.NoCurrency,
            PaidMinor = paid,
            TaxMinor = Nearest(instant, seen => seen.TaxMinor) ?? 0,
            DiscountMinor = Math.Abs(Nearest(instant, seen => seen.DiscountMinor) ?? 0),
            RefundedMinor = rank == StepRank.Refunded ? Math.Max(refunded ?? 0, paid) : refunded ?? 0,
            OrderNo = OwnerAt(instant),
            IsConflicting = IsConflictingAt(instant),
        };
    }

    /// <summary>Whether a step was taken in the window of a run.</summary>
    public bool SteppedIn(RunParameters run)
    {
        foreach (var step in steps)
        {
            if (run.InWindow(step.At))
                return true;
        }
        return false;
    }

    /// <summary>
    /// The order it belongs to (reconciliation rules 1). The ways are tried in their precedence; a person's link, once there is one, goes before them.
    /// </summary>
    private string? OwnerAt(DateTime instant) => ByCreemOrder(instant) ?? Nearest(instant, seen => seen.OrderNoByRequest);

    // The owner follows the state's own order: an order id of an earlier step does not stand in for a later one that is not ours.
    private string? ByCreemOrder(DateTime instant)
    {
        for (var i = steps.Length - 1; i >= 0; i--)
        {
            var seen = steps[i].Seen;
            if (steps[i].At < instant && (seen.CreemOrderId ?? seen.OrderNoByCreemId) is not null)
                return seen.OrderNoByCreemId;
        }
        return null;
    }

    private long AmountWithTax(DateTime instant, OrderFacts? order)
    {
        var amount = Nearest(instant, seen => seen.AmountMinor) ?? 0;
        return order is { TaxInclusive: true } ? amount : amount + (Nearest(instant, seen => seen.TaxMinor) ?? 0);
    }

    private string? StatusAt(DateTime instant) => Nearest(instant, seen => seen.Status);

    // A field that the state's step lacks is taken from the nearest step before it that has it.
    private string? Nearest(DateTime instant, Func<Observation, string?> field)
    {
        for (var i = steps.Length - 1; i >= 0; i--)
        {
            if (steps[i].At < instant && field(steps[i].Seen) is { } value)
                return value;
        }
        return null;
    }

    private long? Nearest(DateTime instant, Func<Observation, long?> field)
    {
        for (var i = steps.Length - 1; i >= 0; i--)
        {
            if (steps[i].At < instant && field(steps[i].Seen) is { } value)
                return value;
        }
        return null;
    }

    private bool IsConflictingAt(DateTime instant)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i].At >= instant)
                continue;
            // A step is held against itself as well: its order id and its checkout can name two orders.
            for (var j = i; j < steps.Length; j++)
            {
                if (steps[j].At < instant && Contradict(steps[i], steps[j]))
                    return true;
            }
        }
        return false;
    }

    private static bool Contradict(Step one, Step other) =>
        Differ(one.Seen.Currency, other.Seen.Currency)
        || Differ(one.Seen.CreemOrderId, other.Seen.CreemOrderId)
        || Differ(one.Seen.AmountMinor, other.Seen.AmountMinor)
        || (IsMoneyIn(one) && IsMoneyIn(other) && Differ(one.Seen.AmountPaidMinor, other.Seen.AmountPaidMinor))
        || Differ(one.Seen.OrderNoByCreemId, other.Seen.OrderNoByRequest)
        || Differ(one.Seen.OrderNoByRequest, other.Seen.OrderNoByCreemId);

    private static bool IsMoneyIn(Step step) => StatusWords.IsMoneyIn(StatusWords.Normal(step.Rank));

    private static bool Differ(string? one, string? other) => one is not null && other is not null && one != other;

    private static bool Differ(long? one, long? other) => one is not null && other is not null && one != other;

    private static Step[] Ranked(ReadOnlySpan<Observation> observations, DateTime knownAsOf)
    {
        var count = 0;
        foreach (var observation in observations)
            count += observation.RecordedAt <= knownAsOf ? 1 : 0;
        var steps = count == 0 ? [] : new Step[count];
        var next = 0;
        foreach (var observation in observations)
        {
            if (observation.RecordedAt <= knownAsOf)
                steps[next++] = StepOf(observation);
        }
        if (count > 1)
            Array.Sort(steps, InOrder);
        return steps;
    }

    private static Step StepOf(Observation seen) =>
        new(default, StatusWords.Rank(seen.Status, seen.RefundedMinor, seen.AmountPaidMinor ?? seen.AmountDueMinor), seen);

    private static int InOrder(Step one, Step other)
    {
        var order = one.Rank.CompareTo(other.Rank);
        if (order == 0)
            order = (one.Seen.RefundedMinor ?? 0).CompareTo(other.Seen.RefundedMinor ?? 0);
        if (order == 0)
            order = ObservationSources.Place(one.Seen.Source).CompareTo(ObservationSources.Place(other.Seen.Source));
        return order != 0 ? order : one.Seen.PayloadHash.AsSpan().SequenceCompareTo(other.Seen.PayloadHash);
    }

    private static Observation First(Step[] steps)
    {
        var first = steps[0].Seen;
        foreach (var step in steps)
            first = step.Seen.RecordedAt < first.RecordedAt ? step.Seen : first;
        return first;
    }

    private static DateTime LastRecorded(Step[] steps)
    {
        var last = DateTime.MinValue;
        foreach (var step in steps)
        {
            last = step.Seen.RecordedAt > last ? step.Seen.RecordedAt : last;
            last = step.Seen.OrdersRecordedAt > last ? step.Seen.OrdersRecordedAt.Value : last;
        }
        return last;
    }

    private static DateTime? CreatedAtOf(Step[] steps)
    {
        for (var i = steps.Length - 1; i >= 0; i--)
        {
            if (steps[i].Seen.CreatedAt is { } createdAt)
                return createdAt;
        }
        return null;
    }

    // What was first seen refunded or charged back, at a time of its own, had been paid before: that step then is the first.
    private static Step[] WithPaidBeforeRefund(Step[] steps, ref Observation first)
    {
        if (ObjectTime(steps, StepOf(first)) is null)
            return steps;
        first = first with { Status = "paid", RefundedMinor = 0, HappenedAt = null };
        Step[] all = [.. steps, StepOf(first)];
        Array.Sort(all, InOrder);
        return all;
    }

    private static void SetTimes(Step[] steps, Observation first, DateTime createdAt)
    {
        for (int from = 0, until; from < steps.Length; from = until)
        {
            until = from + 1;
            while (until < steps.Length && Same(steps[until], steps[from]))
                until++;
            var showing = steps.AsSpan(from, until - from);
            var time = TimeOf(showing, first, createdAt);
            foreach (ref var step in showing)
                step = step with { At = ObjectTime(step) ?? time };
        }
    }

    private static DateTime TimeOf(ReadOnlySpan<Step> showing, Observation first, DateTime createdAt)
    {
        if (ObjectTime(showing, showing[0]) is { } objectTime)
            return objectTime;
        var recordedAt = DateTime.MaxValue;
        foreach (var step in showing)
        {
            if (ReferenceEquals(step.Seen, first))
                return createdAt;
            recordedAt = step.Seen.RecordedAt < recordedAt ? step.Seen.RecordedAt : recordedAt;
        }
        return recordedAt;
    }

    // created_at of the first refund or dispute object that tells of the same step.
    private static DateTime? ObjectTime(ReadOnlySpan<Step> steps, Step shown)
    {
        DateTime? first = null;
        foreach (var step in steps)
        {
            if (Same(step, shown) && ObjectTime(step) is { } time && !(time >= first))
                first = time;
        }
        return first;
    }

    private static DateTime? ObjectTime(Step step) =>
        step.Rank is StepRank.PartlyRefunded or StepRank.Refunded or StepRank.ChargedBack ? step.Seen.HappenedAt : null;

    // Several observations can show one step: told by a webhook, read again from the API. Within a rank only partial refunds follow each other.
    private static bool Same(Step one, Step other) =>
        one.Rank == other.Rank && (one.Rank != StepRank.PartlyRefunded || (one.Seen.RefundedMinor ?? 0) == (other.Seen.RefundedMinor ?? 0));
}
