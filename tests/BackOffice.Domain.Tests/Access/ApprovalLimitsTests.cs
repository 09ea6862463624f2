using BackOffice.Domain.Access;

namespace BackOffice.Domain.Tests.Access;

public class ApprovalLimitsTests
{
    [Theory]
    [InlineData("CNY", 10000, null)]
    [InlineData("CNY", 10001, "CNY 10001")]
    [InlineData("USD", 1500, null)]
    [InlineData("USD", 1501, "USD 1501")]
    [InlineData("JPY", 0, null)]
    [InlineData("JPY", 1, "JPY 1")] // a currency without a limit takes two people
    public void Above_its_currencys_limit_an_amount_takes_two(string currency, long minor, string? exceeded)
    {
        var limits = ApprovalLimits.Parse(" CNY 10000;USD  1500 ; ")!;
        Assert.Equal(exceeded, limits.Exceeded([new Money(0, "EUR"), new Money(minor, currency)]) is { } amount ? $"{amount.Currency} {amount.Minor}" : null);
    }

    [Theory]
    [InlineData("off")]
    [InlineData(" Off ")]
    public void Off_lets_one_person_do_everything(string text) => Assert.Null(ApprovalLimits.Parse(text)!.Exceeded([new Money(Money.Limit, "CNY")]));

    [Fact]
    public void Nothing_at_stake_takes_one() => Assert.Null(ApprovalLimits.Parse("CNY 0")!.Exceeded([]));

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("on")]
    [InlineData("CNY")]
    [InlineData("CNY 100.00")]
    [InlineData("CNY -1")]
    [InlineData("CNY 1,000")]
    [InlineData("CNY 1000000000000")]
    [InlineData("CNY 99999999999999999999")]
    [InlineData("cny 100")]
    [InlineData("XYZ 100")]
    [InlineData("CNY 100; CNY 200")]
    [InlineData("CNY 100 USD 200")]
    [InlineData("100 CNY")]
    [InlineData("CNY 100; off")]
    public void What_cannot_be_read_is_none(string text) => Assert.Null(ApprovalLimits.Parse(text));

    [Fact]
    public void It_is_written_as_it_is_read() => Assert.Equal("CNY 10000; USD 1500", ApprovalLimits.Parse("CNY 10000;USD 1500")!.ToString());
}
