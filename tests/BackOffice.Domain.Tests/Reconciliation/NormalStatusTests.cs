using BackOffice.Domain.Reconciliation;

namespace BackOffice.Domain.Tests.Reconciliation;

public class NormalStatusTests
{
    [Theory]
    [InlineData("pending", StepRank.Pending, NormalStatus.Unpaid)]
    [InlineData("declined", StepRank.Failed, NormalStatus.Unpaid)]
    [InlineData("canceled", StepRank.Failed, NormalStatus.Unpaid)]
    [InlineData("void", StepRank.Failed, NormalStatus.Unpaid)]
    [InlineData("uncollectible", StepRank.Failed, NormalStatus.Unpaid)]
    [InlineData("paid", StepRank.Paid, NormalStatus.Paid)]
    [InlineData("PAID", StepRank.Paid, NormalStatus.Paid)]
    [InlineData("partialRefund", StepRank.PartlyRefunded, NormalStatus.Paid)]
    [InlineData("partial_refund", StepRank.PartlyRefunded, NormalStatus.Paid)]
    [InlineData("partially_refunded", StepRank.PartlyRefunded, NormalStatus.Paid)]
    [InlineData("PartiallyRefunded", StepRank.PartlyRefunded, NormalStatus.Paid)]
    [InlineData("refunded", StepRank.Refunded, NormalStatus.Refunded)]
    [InlineData("chargedBack", StepRank.ChargedBack, NormalStatus.ChargedBack)]
    [InlineData("charged_back", StepRank.ChargedBack, NormalStatus.ChargedBack)]
    [InlineData("chargeback", StepRank.ChargedBack, NormalStatus.ChargedBack)]
    [InlineData("__CHARGE_BACK__", StepRank.ChargedBack, NormalStatus.ChargedBack)]
    [InlineData("cancelled", StepRank.Unknown, NormalStatus.Unknown)]
    [InlineData("paid ", StepRank.Unknown, NormalStatus.Unknown)]
    [InlineData("partiallyrefundedx", StepRank.Unknown, NormalStatus.Unknown)]
    [InlineData("a word far longer than any that Creem has used so far", StepRank.Unknown, NormalStatus.Unknown)]
    [InlineData("", StepRank.Unknown, NormalStatus.Unknown)]
    public void A_word_has_one_rank_and_one_normal_status(string word, StepRank rank, NormalStatus status)
    {
        Assert.Equal(rank, StatusWords.Rank(word, null, null));
        Assert.Equal(status, StatusWords.Normal(rank));
    }

    [Theory]
    [InlineData("paid", 1L, 899L, StepRank.PartlyRefunded)]
    [InlineData("paid", 898L, 899L, StepRank.PartlyRefunded)]
    [InlineData("paid", 899L, 899L, StepRank.Refunded)]
    [InlineData("paid", 900L, 899L, StepRank.Refunded)]
    [InlineData("paid", 0L, 0L, StepRank.Paid)]
    [InlineData("paid", 5L, 0L, StepRank.PartlyRefunded)]
    [InlineData("paid", 5L, null, StepRank.PartlyRefunded)]
    [InlineData("partialRefund", null, 899L, StepRank.PartlyRefunded)]
    [InlineData("partialRefund", 0L, 899L, StepRank.PartlyRefunded)]
    [InlineData("partialRefund", 899L, 899L, StepRank.Refunded)]
    [InlineData("refunded", 1L, 899L, StepRank.Refunded)]
    [InlineData("pending", 899L, 899L, StepRank.Pending)]
    [InlineData("settling", 899L, 899L, StepRank.Unknown)]
    public void Paid_with_all_of_it_refunded_is_refunded(string word, long? refunded, long? paid, StepRank rank) =>
        Assert.Equal(rank, StatusWords.Rank(word, refunded, paid));

    [Fact]
    public void Money_came_in_when_paid_refunded_or_charged_back()
    {
        var moneyIn = Enum.GetValues<NormalStatus>().Where(StatusWords.IsMoneyIn);

        Assert.Equal([NormalStatus.Paid, NormalStatus.Refunded, NormalStatus.ChargedBack], moneyIn);
    }
}
