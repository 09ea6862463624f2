using BackOffice.Web.Shared;

namespace BackOffice.Web.Tests.Shell;

public sealed class NavigationMenuTests(Site site) : IClassFixture<Site>
{
    [Fact]
    public async Task Every_entry_opens_a_page()
    {
        using var client = site.Visitor();
        var closed = new List<string>();
        foreach (var entry in NavigationMenu.Groups.SelectMany(group => group.Entries))
        {
            using var answer = await client.GetAsync(entry.Path, TestContext.Current.CancellationToken);
            if (!answer.IsSuccessStatusCode)
                closed.Add(entry.Path);
        }

        Assert.Empty(closed);
    }

    [Theory]
    [InlineData("/", "Home")]
    [InlineData("/orders", "Orders")]
    [InlineData("/orders/AC-ZM3J-J7T7-3Q1C", "Orders")]
    [InlineData("/reconciliation/231", "Runs")]
    [InlineData("/ordersheet", null)]
    [InlineData("/error", null)]
    public void A_page_belongs_to_the_entry_its_address_lies_under(string path, string? key) => Assert.Equal(key, NavigationMenu.Current(path)?.Key);
}
