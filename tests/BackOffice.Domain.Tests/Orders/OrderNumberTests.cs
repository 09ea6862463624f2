using BackOffice.Domain.Orders;
using CsCheck;

namespace BackOffice.Domain.Tests.Orders;

public class OrderNumberTests
{
    [Theory]
    [InlineData("AC-ZM3J-J7T7-3Q1C")]
    [InlineData("ac-zm3j-j7t7-3q1c")]
    [InlineData("  AC ZM3J J7T7 3QIC ")]
    [InlineData("aczm3jj7t73qlc")]
    public void A_number_is_read_however_it_was_typed(string typed) => Assert.Equal("AC-ZM3J-J7T7-3Q1C", OrderNumber.Read(typed));

    [Theory]
    [InlineData("AC-ZM3J-J7T7-3Q1D")]
    [InlineData("AC-ZM3J-J7T7-3Q1")]
    [InlineData("AB-ZM3J-J7T7-3Q1C")]
    [InlineData("ord_fldfAd0rX432CuFc1nTKSb")]
    [InlineData("")]
    public void What_is_no_number_of_ours_is_not_guessed_at(string typed) => Assert.Null(OrderNumber.Read(typed));

    [Fact]
    public void Every_number_made_can_be_read_back() =>
        Gen.Byte.Array[11].Sample(dice => Assert.Equal(OrderNumber.From(dice), OrderNumber.Read(OrderNumber.From(dice).ToLowerInvariant())));
}
