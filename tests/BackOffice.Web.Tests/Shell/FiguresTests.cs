using BackOffice.Domain;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Tests.Shell;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(2200, "CNY", MoneyStyle.Symbol, false, "¥22.00")]
    [InlineData(899, "USD", MoneyStyle.Symbol, false, "$8.99")]
    [InlineData(-300, "CNY", MoneyStyle.Symbol, false, "−¥3.00")]
    [InlineData(300, "CNY", MoneyStyle.Symbol, true, "+¥3.00")]
    [InlineData(0, "CNY", MoneyStyle.Symbol, true, "¥0.00")]
    [InlineData(1500, "JPY", MoneyStyle.Symbol, false, "JPY 1,500")]
    [InlineData(2200, "CNY", MoneyStyle.Code, false, "CNY 22.00")]
    [InlineData(-2200, "CNY", MoneyStyle.Code, false, "CNY −22.00")]
    [InlineData(1_234_567, "KWD", MoneyStyle.Code, false, "KWD 1,234.567")]
    [InlineData(2_200_000_000, "CNY", MoneyStyle.Bare, false, "22,000,000.00")]
    [InlineData(long.MinValue, "CNY", MoneyStyle.Bare, false, "−92,233,720,368,547,758.08")]
    public void Money_is_written_as_its_place_asks(long minor, string currency, MoneyStyle style, bool plus, string written) =>
        Assert.Equal(written, Figures.Money(new Money(minor, currency), style, plus));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(5_000_000, "5,000,000")]
    [InlineData(-12_345, "−12,345")]
    [InlineData(long.MinValue, "−9,223,372,036,854,775,808")]
    public void Counts_have_commas_between_thousands(long count, string written) => Assert.Equal(written, Figures.Count(count));

    [Theory]
    [InlineData(812, "812")]
    [InlineData(9_999, "9,999")]
    [InlineData(12_400, "12.4K")]
    [InlineData(999_999, "999.99K")]
    [InlineData(4_999_999, "4.99M")]
    [InlineData(5_000_000, "5M")]
    [InlineData(5_000_000_000_000, "5,000B")]
    [InlineData(-4_999_999, "−4.99M")]
    public void Short_tokens_are_cut_and_never_rounded_up(long tokens, string written) => Assert.Equal(written, Figures.ShortTokens(tokens));
}
