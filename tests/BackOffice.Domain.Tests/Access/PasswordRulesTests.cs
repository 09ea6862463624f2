using BackOffice.Domain.Access;

namespace BackOffice.Domain.Tests.Access;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("六只棕色的小船在清晨出发去远方")]
    [InlineData("                 x y z q w")]
    [InlineData("Kq7!vBz2#mTx")]
    [InlineData("my secret garden grows tulips")]
    public void What_is_long_and_not_guessed_is_taken(string password) => Assert.Null(PasswordRules.Check(password, "mara@example.com"));

    [Theory]
    [InlineData("elevenchars", "PasswordShort")]
    [InlineData("", "PasswordShort")]
    [InlineData("aaaaaaaaaaaa", "PasswordGuessed")]
    [InlineData("abababababab", "PasswordGuessed")]
    [InlineData("123456789012", "PasswordGuessed")]
    [InlineData("abcdefghijkl", "PasswordGuessed")]
    [InlineData("Password1234", "PasswordGuessed")]
    [InlineData("P@ssword!Password!", "PasswordGuessed")]
    [InlineData("qwertyuiop12", "PasswordGuessed")]
    [InlineData("AiCredits2026!", "PasswordGuessed")]
    [InlineData("mara.lin-2026!!", "PasswordGuessed")]
    public void What_is_guessed_first_is_refused(string password, string code) => Assert.Equal(code, PasswordRules.Check(password, "mara.lin@example.com")?.Code);

    [Fact]
    public void What_would_only_keep_the_machine_busy_is_refused()
    {
        var long128 = string.Concat(Enumerable.Range(0, 16).Select(i => $"word{i:00}, "));
        Assert.Null(PasswordRules.Check(long128, "mara@example.com"));
        Assert.Equal("PasswordLong", PasswordRules.Check(long128 + "x", "mara@example.com")?.Code);
    }

    [Theory]
    [InlineData(" Mara@Example.COM ", "mara@example.com", true)]
    [InlineData("mara@b", "mara@b", false)]
    [InlineData("mara", "mara", false)]
    [InlineData("a@b@example.com", "a@b@example.com", false)]
    [InlineData("a b@example.com", "a b@example.com", false)]
    public void An_address_has_one_form(string typed, string canonical, bool isOne)
    {
        Assert.Equal(canonical, EmailAddress.Canonical(typed));
        Assert.Equal(isOne, EmailAddress.IsOne(canonical));
    }

    [Fact]
    public void Roles_are_read_back_from_their_words()
    {
        Assert.All(Enum.GetValues<Role>(), role => Assert.Equal(role, Roles.Of(role.Word())));
        Assert.Null(Roles.Of("owner"));
        Assert.Null(Roles.Of(null));
    }

    [Fact]
    public void Each_row_of_the_table_has_its_roles()
    {
        var table = Enum.GetValues<Act>().Select(act => $"{act} {string.Concat(RoleTable.For(act).Select(role => role.Word()[0]))}");
        Assert.Equal(
            [
                "SecureOwnAccount sfa", "Work sfa", "FindOrders sfa", "Deliver sa", "TakeIn fa", "SeeMoney sfa", "WorkOnMoney fa", "Sign fa", "SeeOneCode sfa", "SeeCatalogue fa",
                "RunCatalogue a", "SeeAudit fa", "RunOffice a",
            ],
            table);
    }
}
