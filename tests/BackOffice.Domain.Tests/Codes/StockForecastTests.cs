using BackOffice.Domain.Codes;

namespace BackOffice.Domain.Tests.Codes;

public sealed class StockForecastTests
{
    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(812, 0, null)] // nothing left it: no rate
    [InlineData(812, 3789, 3L)]
    [InlineData(13, 14, 13L)]
    [InlineData(0, 1, 0L)]
    [InlineData(10_000_000, 1, 140_000_000L)]
    [InlineData(long.MaxValue, long.MaxValue, 14L)]
    public void Stock_lasts_whole_days_at_the_rate_of_late(long available, long taken, long? days) => Assert.Equal(days, new StockForecast(available, taken).Days);

    [Theory]
    [InlineData(6, 14, 7, true)]
    [InlineData(7, 14, 7, false)]
    [InlineData(0, 0, 7, false)] // without a rate nothing is low
    public void Less_than_so_many_days_is_low(long available, long taken, int days, bool low) => Assert.Equal(low, new StockForecast(available, taken).IsLow(days));

    [Theory]
    [InlineData(0, 100)]
    [InlineData(46, 100)] // 98.6
    [InlineData(47, 110)] // 100.7, two figures
    [InlineData(4620, 9900)]
    [InlineData(4621, 10_000)]
    [InlineData(9000, 20_000)] // 19,285.7
    [InlineData(long.MaxValue, 10_000_000)]
    public void What_is_prepared_lasts_thirty_days_rounded_up_to_two_figures(long taken, int codes) => Assert.Equal(codes, new StockForecast(0, taken).Prepared);
}
