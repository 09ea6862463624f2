namespace BackOffice.Web.Tests.Features.Packages;

public sealed class PackagesTests(Site site) : IClassFixture<Site>
{
    [Theory]
    [InlineData("en", "Packages in force: 4. None has a charge price yet, so none can be bought in the shop.", "Trial 体验包 Quick test trial 5,000,000 CNY 22.00 — not known In force")]
    [InlineData("zh-CN", "生效套餐 4 个，均未设收款价，暂不能在商店购买。", "体验包 Trial 快速试用 trial 5,000,000 CNY 22.00 — 未知 生效中")]
    public async Task Packages_stand_with_both_names_and_the_price_in_force(string language, string answer, string row)
    {
        var page = await site.Visitor(language).ReadAsync("/packages");
        Assert.Contains(answer, page);
        Assert.Contains(row, page);
    }
}
