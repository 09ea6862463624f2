using System.Net;

namespace BackOffice.Web.Tests.Shell;

public sealed class HeadersTests(Site site) : IClassFixture<Site>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/no-such-page")]
    [InlineData("/specimen/throws")]
    [InlineData("/?lang=zh-Hans")]
    [InlineData("/site.css")]
    [InlineData("/lib/htmx/htmx.min.js")]
    public async Task Every_answer_carries_the_strict_policy_and_no_server_name(string path)
    {
        using var answer = await site.Visitor().GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Over_TLS_browsers_are_told_to_come_by_TLS_only_for_a_year()
    {
        // Of this machine's own name browsers are told nothing.
        await using var named = site.WithWebHostBuilder(host => host.UseSetting("AllowedHosts", "office.example"));
        using var client = named.CreateClient(new() { BaseAddress = new Uri("https://office.example") });
        using var answer = await client.GetAsync("/sign-in", TestContext.Current.CancellationToken);
        Assert.Equal("max-age=31536000; includeSubDomains", Assert.Single(answer.Headers.GetValues("Strict-Transport-Security")));
    }

    [Theory]
    [InlineData("TRACE")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    public async Task A_method_that_no_page_knows_is_answered_with_nothing(string method)
    {
        using var client = site.Visitor();
        client.DefaultRequestHeaders.Add("X-Echo", "told-back");
        using var request = new HttpRequestMessage(new HttpMethod(method), "/orders");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.DoesNotContain("told-back", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/site.css", "text/css")]
    [InlineData("/site.js", "text/javascript")]
    [InlineData("/theme.js", "text/javascript")]
    [InlineData("/favicon.svg", "image/svg+xml")]
    [InlineData("/lib/tabler/tabler.min.css", "text/css")]
    [InlineData("/lib/tabler/tabler.min.js", "text/javascript")]
    [InlineData("/lib/htmx/htmx.min.js", "text/javascript")]
    [InlineData("/lib/inter/inter-latin-wght-normal.woff2", "font/woff2")]
    [InlineData("/lib/inter/inter-latin-ext-wght-normal.woff2", "font/woff2")]
    public async Task What_pages_load_is_served(string path, string type)
    {
        using var answer = await site.Visitor().GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_host_name_of_elsewhere_is_refused()
    {
        using var client = site.Visitor();
        client.DefaultRequestHeaders.Host = "evil.example";
        using var answer = await client.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}
