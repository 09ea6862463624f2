using BackOffice.Data.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Web.Features.Reconciliation;

namespace BackOffice.Web.Tests.Features.Reconciliation;

public sealed class FindingMoneyTests
{
    [Fact]
    public void Too_much_and_too_little_do_not_hide_each_other()
    {
        var count = new KindCount { Kind = "amount_mismatch", Currency = "USD", Findings = 2, Compared = 2, ActualMinor = 1798, TooMuchMinor = 100, TooLittleMinor = 100 };

        Assert.Equal(["difference USD +1.00", "difference USD −1.00"], FindingMoney.Sums(Texts.English, count));
    }

    [Fact]
    public void Nothing_too_much_and_nothing_too_little_is_said_as_well()
    {
        var count = new KindCount { Kind = "amount_mismatch", Currency = "USD", Findings = 1, Compared = 1, ActualMinor = 899 };

        Assert.Equal(["difference USD 0.00"], FindingMoney.Sums(Texts.English, count));
    }
}
