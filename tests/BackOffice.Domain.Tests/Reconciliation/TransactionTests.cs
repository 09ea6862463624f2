using BackOffice.Domain.Reconciliation;
using static BackOffice.Domain.Tests.Reconciliation.Shop;

namespace BackOffice.Domain.Tests.Reconciliation;

public class TransactionTests
{
    private static readonly DateTime Later = November.AddDays(30);

    private static readonly OrderFacts Inclusive = new()
    {
        OrderNo = "AC-1",
        Package = "standard",
        Tokens = 17,
        ChargeCurrency = "EUR",
        ChargeMinor = 899,
        TaxInclusive = true,
        CreatedAt = On(1),
        RecordedAt = On(1),
    };

    private static Observation Seen(string status, DateTime recordedAt, string source = ObservationSources.File, byte hash = 0) => new()
    {
        TransactionId = "tran_1",
        Source = source,
        PayloadHash = [hash],
        RecordedAt = recordedAt,
        Status = status,
        Currency = "USD",
        AmountPaidMinor = 1000,
        CreatedAt = On(1),
    };

    private static Transaction Known(params Observation[] observations) => Transaction.Known(observations, Later)!;

    private static string Times(Transaction transaction) =>
        string.Join(", ", transaction.Steps.Select(step => FormattableString.Invariant($"{step.Rank} {step.At:dd HH:mm}")));

    [Fact]
    public void The_first_observation_is_a_step_at_the_transactions_own_time() =>
        Assert.Equal("Paid 01 12:00", Times(Known(Seen("paid", On(4)))));

    [Fact]
    public void A_later_step_is_taken_when_it_was_first_learnt() =>
        Assert.Equal("Pending 01 12:00, Paid 04 12:00", Times(Known(Seen("paid", On(4)), Seen("pending", On(2)))));

    [Fact]
    public void A_step_told_again_by_another_source_was_taken_once()
    {
        var transaction = Known(Seen("paid", On(1, 13)), Seen("paid", On(9), ObservationSources.Api), Seen("refunded", On(5)), Seen("refunded", On(7), ObservationSources.Api));

        Assert.Equal("Paid 01 12:00, Paid 01 12:00, Refunded 05 12:00, Refunded 05 12:00", Times(transaction));
    }

    [Fact]
    public void A_refund_is_at_the_time_of_the_refund_object_however_late_it_is_learnt()
    {
        var transaction = Known(Seen("paid", On(1)), Seen("refunded", On(9), ObservationSources.Webhook) with { HappenedAt = On(4) });

        Assert.Equal("Paid 01 12:00, Refunded 04 12:00", Times(transaction));
    }

    [Fact]
    public void A_refund_that_a_file_showed_first_moves_to_its_own_time_once_that_is_learnt()
    {
        var file = Seen("refunded", On(9));
        var told = Seen("refunded", On(12), ObservationSources.Webhook) with { HappenedAt = On(4) };

        Assert.Equal("Refunded 01 12:00", Times(Known(file)));
        Assert.Equal("Paid 01 12:00, Refunded 04 12:00, Refunded 04 12:00", Times(Known(file, told)));
    }

    [Theory]
    [InlineData("refunded", StepRank.Refunded)]
    [InlineData("chargeback", StepRank.ChargedBack)]
    [InlineData("partially_refunded", StepRank.PartlyRefunded)]
    public void What_was_first_seen_refunded_at_a_time_of_its_own_had_been_paid_before(string status, StepRank rank)
    {
        var transaction = Known(Seen(status, On(4, 13)) with { HappenedAt = On(4), RefundedMinor = 400 });

        Assert.Equal($"Paid 01 12:00, {rank} 04 12:00", Times(transaction));
        var before = transaction.StateAt(On(4), null)!;
        Assert.Equal((StepRank.Paid, 1000, 0), (before.Rank, before.PaidMinor, before.RefundedMinor));
        Assert.Equal(rank, transaction.StateAt(On(4, 12, 1), null)!.Rank);
    }

    [Fact]
    public void A_payment_told_after_its_refund_was_still_made_at_its_own_time()
    {
        var refund = Seen("refunded", On(4), ObservationSources.Webhook) with { HappenedAt = On(4) };
        var checkout = Seen("paid", On(6), ObservationSources.Webhook, hash: 9);

        Assert.Equal("Paid 01 12:00, Paid 01 12:00, Refunded 04 12:00", Times(Known(refund, checkout)));
    }

    [Fact]
    public void Of_observations_recorded_together_the_lowest_in_rank_was_first() =>
        Assert.Equal("Paid 01 12:00, Refunded 04 12:00", Times(Known(Seen("refunded", On(4)), Seen("paid", On(4)))));

    [Fact]
    public void Partial_refunds_follow_each_other_by_their_amount()
    {
        var transaction = Known(
            Seen("paid", On(1)),
            Seen("paid", On(6)) with { RefundedMinor = 700, HappenedAt = On(6) },
            Seen("paid", On(7)) with { RefundedMinor = 300, HappenedAt = On(3) },
            Seen("partialRefund", On(8), ObservationSources.Api) with { RefundedMinor = 300 });

        Assert.Equal("Paid 01 12:00, PartlyRefunded 03 12:00, PartlyRefunded 03 12:00, PartlyRefunded 06 12:00", Times(transaction));
        Assert.Equal(300, transaction.StateAt(On(6), null)!.RefundedMinor);
        Assert.Equal(700, transaction.StateAt(On(7), null)!.RefundedMinor);
    }

    [Fact]
    public void Partial_refunds_that_a_file_shows_are_taken_when_each_was_learnt()
    {
        var transaction = Known(Seen("paid", On(1)), Seen("paid", On(5)) with { RefundedMinor = 300 }, Seen("paid", On(8)) with { RefundedMinor = 700 });

        Assert.Equal("Paid 01 12:00, PartlyRefunded 05 12:00, PartlyRefunded 08 12:00", Times(transaction));
    }

    [Fact]
    public void Two_refund_objects_keep_their_own_times_and_what_has_none_takes_the_earlier()
    {
        var transaction = Known(
            Seen("paid", On(1)),
            Seen("refunded", On(5), ObservationSources.Webhook, hash: 1) with { HappenedAt = On(5) },
            Seen("refunded", On(6), ObservationSources.Webhook, hash: 2) with { HappenedAt = On(3) },
            Seen("refunded", On(7), ObservationSources.Webhook, hash: 3) with { HappenedAt = On(4) },
            Seen("refunded", On(2)));

        Assert.Equal("Paid 01 12:00, Refunded 05 12:00, Refunded 03 12:00, Refunded 04 12:00, Refunded 03 12:00", Times(transaction));
    }

    [Fact]
    public void A_refund_dated_before_its_payment_makes_no_transaction_before_it_was_created()
    {
        var transaction = Known(Seen("refunded", On(4)) with { HappenedAt = On(1, 11) });

        Assert.Null(transaction.StateAt(On(1), null));
        Assert.Equal(NormalStatus.Refunded, transaction.StateAt(On(1, 13), null)!.Status);
    }

    [Fact]
    public void A_time_on_an_observation_that_shows_no_refund_is_no_time_of_the_step() =>
        Assert.Equal("Paid 01 12:00, Refunded 05 12:00", Times(Known(Seen("paid", On(2)) with { HappenedAt = On(3) }, Seen("refunded", On(5)))));

    [Theory]
    [InlineData("pending", "declined", "declined")]
    [InlineData("in_review", "declined", "in_review")]
    [InlineData("paid", "in_review", "paid")]
    [InlineData("partialRefund", "paid", "partialRefund")]
    [InlineData("refunded", "partialRefund", "refunded")]
    [InlineData("chargeback", "refunded", "chargeback")]
    public void The_state_is_the_highest_step_and_never_the_last_to_arrive(string one, string other, string state)
    {
        var expected = StatusWords.Rank(state, null, null);

        Assert.Equal(expected, Known(Seen(one, On(2)), Seen(other, On(3))).StateAt(Later, null)!.Rank);
        Assert.Equal(expected, Known(Seen(other, On(2)), Seen(one, On(3))).StateAt(Later, null)!.Rank);
    }

    [Fact]
    public void Of_equal_steps_the_api_goes_before_the_file_and_the_file_before_the_webhook()
    {
        var webhook = Seen("paid", On(5), ObservationSources.Webhook, hash: 9) with { TaxMinor = 1 };
        var file = Seen("paid", On(4), hash: 5) with { TaxMinor = 2 };
        var api = Seen("paid", On(3), ObservationSources.Api, hash: 1) with { TaxMinor = 3 };

        Assert.Equal(3, Known(webhook, file, api).StateAt(Later, null)!.TaxMinor);
        Assert.Equal(2, Known(webhook, file).StateAt(Later, null)!.TaxMinor);
        Assert.Equal(2, Known(file, Seen("paid", On(4), hash: 4) with { TaxMinor = 7 }).StateAt(Later, null)!.TaxMinor);
    }

    [Fact]
    public void What_a_step_lacks_comes_from_the_nearest_step_before_it()
    {
        var paid = Seen("paid", On(1)) with { Mode = "test", TaxMinor = 210, DiscountMinor = -100, CreemOrderId = "ord_1", OrderNoByCreemId = "AC-1", OrderNoByRequest = "AC-1" };
        var part = Seen("paid", On(2)) with { RefundedMinor = 300, TaxMinor = 200, AmountPaidMinor = null };
        var refunded = new Observation { TransactionId = "tran_1", Source = ObservationSources.File, PayloadHash = [], RecordedAt = On(3), Status = "refunded" };

        var state = Known(refunded, part, paid).StateAt(Later, null)!;

        Assert.Equal(("test", "USD", 1000, 200, 100, 1000, "AC-1"), (state.Mode, state.Currency, state.PaidMinor, state.TaxMinor, state.DiscountMinor, state.RefundedMinor, state.OrderNo));
        Assert.Equal(On(1), state.CreatedAt);
    }

    [Fact]
    public void Amounts_from_two_steps_can_make_a_payment_refunded()
    {
        var part = Seen("paid", On(2)) with { RefundedMinor = 1000, AmountPaidMinor = null };

        Assert.Equal(NormalStatus.Refunded, Known(Seen("paid", On(1)), part).StateAt(Later, null)!.Status);
    }

    [Theory]
    [InlineData(1000L, 980L, 800L, 200L, false, 1000)]
    [InlineData(null, 980L, 800L, 200L, false, 980)]
    [InlineData(null, null, 800L, 200L, false, 1000)]
    [InlineData(null, null, 800L, null, false, 800)]
    [InlineData(null, null, 800L, 200L, true, 800)]
    [InlineData(null, null, null, null, false, 0)]
    public void A_missing_amount_paid_is_the_amount_due_or_the_amount_with_its_tax(long? paid, long? due, long? amount, long? tax, bool inclusive, long expected)
    {
        var seen = Seen("paid", On(1)) with { AmountPaidMinor = paid, AmountDueMinor = due, AmountMinor = amount, TaxMinor = tax };

        Assert.Equal(expected, Known(seen).StateAt(Later, Inclusive with { TaxInclusive = inclusive })!.PaidMinor);
    }

    [Theory]
    [InlineData("refunded", null, 1000, false)]
    [InlineData("refunded", 400L, 1000, false)]
    [InlineData("refunded", 1100L, 1100, false)]
    [InlineData("partialRefund", null, 0, true)]
    [InlineData("partialRefund", 0L, 0, true)]
    [InlineData("partialRefund", 400L, 400, true)]
    [InlineData("paid", null, 0, false)]
    [InlineData("chargeback", null, 0, false)]
    public void A_missing_refunded_amount_is_all_when_refunded_and_nothing_in_sums_when_in_part(string status, long? refunded, long counted, bool partly)
    {
        var state = Known(Seen(status, On(1)) with { RefundedMinor = refunded }).StateAt(Later, null)!;

        Assert.Equal((counted, partly), (state.RefundedMinor, state.IsPartlyRefunded));
    }

    [Fact]
    public void A_transaction_exists_from_after_its_creation_and_only_when_known()
    {
        var seen = Seen("paid", On(4));

        Assert.Null(Transaction.Known([seen], On(4).AddMilliseconds(-1)));
        Assert.NotNull(Transaction.Known([seen], On(4)));
        Assert.Null(Known(seen).StateAt(On(1), null));
        Assert.NotNull(Known(seen).StateAt(On(1).AddMilliseconds(1), null));
    }

    [Fact]
    public void Without_a_creation_time_it_began_when_we_first_heard_of_it()
    {
        var seen = Seen("paid", On(4)) with { CreatedAt = null };

        Assert.Equal(On(4), Known(seen, Seen("refunded", On(6)) with { CreatedAt = null }).CreatedAt);
        Assert.Equal(On(1), Known(seen, Seen("refunded", On(6))).CreatedAt);
    }

    [Fact]
    public void The_order_id_of_the_state_decides_whose_it_is_before_the_checkouts_request()
    {
        var byRequest = Seen("paid", On(1)) with { OrderNoByRequest = "AC-2" };
        var byCreem = Seen("refunded", On(2)) with { CreemOrderId = "ord_1", OrderNoByCreemId = "AC-1" };
        var notOurs = Seen("chargeback", On(3)) with { CreemOrderId = "ord_9" };

        Assert.Equal("AC-2", Known(byRequest).StateAt(Later, null)!.OrderNo);
        Assert.Equal("AC-1", Known(byRequest, byCreem).StateAt(Later, null)!.OrderNo);
        Assert.Equal("AC-2", Known(byRequest, byCreem, notOurs).StateAt(Later, null)!.OrderNo);
        Assert.Null(Known(byCreem, notOurs).StateAt(Later, null)!.OrderNo);
        Assert.Null(Known(Seen("paid", On(1))).StateAt(Later, null)!.OrderNo);
    }

    public static TheoryData<Observation, Observation, bool> Pairs()
    {
        var paid = Seen("paid", On(1)) with { AmountMinor = 800, CreemOrderId = "ord_1", OrderNoByCreemId = "AC-1" };
        var declined = Seen("declined", On(1)) with { AmountMinor = 800 };
        return new()
        {
            { paid, paid with { Source = ObservationSources.Api }, false },
            { paid, paid with { Currency = "EUR" }, true },
            { paid, paid with { Currency = null }, false },
            { paid, paid with { AmountMinor = 801 }, true },
            { paid, paid with { AmountMinor = null }, false },
            { paid, paid with { AmountPaidMinor = 1001 }, true },
            { paid, paid with { Status = "refunded", AmountPaidMinor = 1001 }, true },
            { paid, declined with { AmountPaidMinor = 0 }, false },
            { paid, declined with { AmountMinor = 801 }, true },
            { paid, paid with { Status = "in_review", AmountPaidMinor = 1001 }, false },
            { paid, paid with { CreemOrderId = "ord_2", OrderNoByCreemId = null }, true },
            { paid, paid with { TaxMinor = 5 }, false },
            { paid with { TaxMinor = 4 }, paid with { TaxMinor = 5, RefundedMinor = 7 }, false },
            { paid, paid with { OrderNoByRequest = "AC-1" }, false },
            { paid, paid with { OrderNoByRequest = "AC-2" }, true },
            { paid, declined with { OrderNoByRequest = "AC-2" }, true },
        };
    }

    [Theory]
    [MemberData(nameof(Pairs), DisableDiscoveryEnumeration = true)]
    public void Observations_conflict_when_they_differ_in_what_both_tell_of_the_deal(Observation one, Observation other, bool conflicting)
    {
        Assert.Equal(conflicting, Known(one, other).StateAt(Later, null)!.IsConflicting);
        Assert.Equal(conflicting, Known(other, one).StateAt(Later, null)!.IsConflicting);
    }

    [Fact]
    public void One_observation_conflicts_when_it_names_two_orders() =>
        Assert.True(Known(Seen("paid", On(1)) with { CreemOrderId = "ord_1", OrderNoByCreemId = "AC-1", OrderNoByRequest = "AC-2" }).StateAt(Later, null)!.IsConflicting);

    [Fact]
    public void A_conflict_exists_from_its_second_step_on()
    {
        var transaction = Known(Seen("paid", On(1)), Seen("refunded", On(5)) with { AmountPaidMinor = 900 });

        Assert.False(transaction.StateAt(On(5), null)!.IsConflicting);
        Assert.True(transaction.StateAt(On(6), null)!.IsConflicting);
    }
}
