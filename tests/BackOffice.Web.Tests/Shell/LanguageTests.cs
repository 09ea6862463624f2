using System.Net;

namespace BackOffice.Web.Tests.Shell;

public sealed class LanguageTests(Site site) : IClassFixture<Site>
{
    [Theory]
    [InlineData(null, "en")]
    [InlineData("de-DE", "en")]
    [InlineData("en-GB,en;q=0.9", "en")]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans")]
    [InlineData("zh-Hans", "zh-Hans")]
    [InlineData("fr,zh-TW;q=0.8,en;q=0.9", "en")]
    [InlineData("fr,zh;q=0.8", "zh-Hans")]
    public async Task A_first_visit_is_answered_in_the_language_the_browser_asks_for(string? asked, string language) =>
        Assert.Contains($"<html lang=\"{language}\"", await site.Visitor(asked).GetStringAsync("/", TestContext.Current.CancellationToken));

    [Fact]
    public async Task The_switch_leads_back_to_the_same_address_and_is_remembered()
    {
        using var client = site.Visitor("en");
        using var switched = await client.GetAsync("/?from=2026-11-01&lang=zh-Hans", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, switched.StatusCode);
        Assert.Equal("/?from=2026-11-01", switched.Headers.Location?.OriginalString);
        var cookie = Assert.Single(switched.Headers.GetValues("Set-Cookie"), set => set.StartsWith("lang=", StringComparison.Ordinal));
        Assert.Contains("samesite=lax", cookie);
        Assert.Contains("<html lang=\"zh-Hans\"", await client.GetStringAsync("/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_switch_never_leads_to_another_site()
    {
        using var client = site.Visitor("en");
        var doubled = new Uri("http://localhost//evil.example/?lang=en");
        using var switched = await client.GetAsync(doubled, TestContext.Current.CancellationToken);
        Assert.Equal("/evil.example/", switched.Headers.Location?.OriginalString);
        Assert.Contains("href=\"/evil.example/?lang=zh-Hans\"", await client.GetStringIgnoringStatusAsync("http://localhost//evil.example/"));
    }

    [Fact]
    public async Task A_language_nobody_wrote_is_no_language()
    {
        using var answer = await site.Visitor().GetAsync("/?lang=fr", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
