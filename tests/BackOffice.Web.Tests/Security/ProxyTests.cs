using System.Net;
using BackOffice.Data.Staff;
using BackOffice.Domain.Access;
using BackOffice.Web.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing.Handlers;

namespace BackOffice.Web.Tests.Security;

/// <summary>What a proxy on this machine says about a request is believed, and what anybody else says is not; and what follows from it being TLS.</summary>
public sealed class ProxyTests : IAsyncDisposable
{
    private readonly Site _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", HostCookies.Prefix + "csrf=", true)]
    [InlineData("::1", HostCookies.Prefix + "csrf=", true)]
    [InlineData("192.168.1.20", "csrf=", false)]
    [InlineData("198.51.100.9", "csrf=", false)]
    public async Task That_a_request_came_by_TLS_is_believed_from_this_machine_only(string address, string cookie, bool secure)
    {
        using var client = From(address);
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        using var answer = await client.GetAsync("/sign-in", Token);
        Assert.Equal(secure, Assert.Single(answer.Headers.GetValues("Set-Cookie"), set => set.StartsWith(cookie, StringComparison.Ordinal)).Contains("; secure", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_writes_other_addresses_before_each_try_is_counted_as_one()
    {
        using var guesser = From("198.51.100.9");
        for (var i = 0; i < SignInTries.MostOfAddress; i++)
            Assert.Equal(HttpStatusCode.UnprocessableEntity, await TryAsync(guesser, $"guess{i}@example.com", $"203.0.113.{i}"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await TryAsync(guesser, "guess@example.com", "203.0.113.99"));
        // Behind the proxy on this machine they are as many.
        using var proxy = From("127.0.0.1");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await TryAsync(proxy, "guess@example.com", "203.0.113.99"));
    }

    [Fact]
    public async Task Over_TLS_every_cookie_is_of_this_host_only_and_another_one_is_not_read()
    {
        var person = await _site.AddPersonAsync(Role.Admin);
        using var client = _site.Stranger("en");
        client.BaseAddress = new Uri("https://localhost");
        using var signedIn = await _site.SignInAsync(client, person);
        using var keys = await client.SubmitAsync("/account", "/account/keys");
        using var language = await client.GetAsync("/account?lang=zh-Hans", Token);
        var set = new[] { signedIn, keys, language }.SelectMany(answer => answer.Headers.GetValues("Set-Cookie")).ToList();
        Assert.Equal(["keys", "lang", "message", "session", "session-code"], set.Select(one => one.Split('=')[0][HostCookies.Prefix.Length..]).Distinct().Order(StringComparer.Ordinal));
        Assert.All(set, one =>
        {
            Assert.StartsWith(HostCookies.Prefix, one, StringComparison.Ordinal);
            Assert.Contains("; secure", one);
            Assert.Contains("; path=/;", one + ";");
            Assert.DoesNotContain("domain", one, StringComparison.OrdinalIgnoreCase);
        });

        var session = set.Last(one => one.StartsWith(HostCookies.Prefix + "session=C", StringComparison.Ordinal)).Split(';')[0];
        Assert.Equal(HttpStatusCode.OK, await WithAsync(session));
        Assert.Equal(HttpStatusCode.Redirect, await WithAsync(session[HostCookies.Prefix.Length..]));
    }

    // A browser takes such a name for another one, so that any neighbour under the domain may set it.
    [Theory]
    [InlineData("\u2000"), InlineData("\u00A0"), InlineData("\u0085"), InlineData("x")]
    public async Task A_name_that_only_looks_like_one_of_this_host_is_not_read(string before)
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = "https";
        context.Request.Headers.Cookie = $"{HostCookies.Prefix}lang=en; {before}{HostCookies.Prefix}session=planted";
        await HostCookies.NameAsync(context, _ => Task.CompletedTask);
        Assert.Equal("lang=en", context.Request.Headers.Cookie.ToString());
    }

    [Fact]
    public async Task A_cookie_of_a_part_of_the_site_is_of_the_whole_site_over_TLS()
    {
        using var client = _site.Visitor();
        client.BaseAddress = new Uri("https://localhost");
        client.DefaultRequestHeaders.Remove("Cookie");
        client.DefaultRequestHeaders.Add("Cookie", HostCookies.Prefix + _site.Cookie(Role.Admin));
        using var answer = await client.GetAsync("/jobs", Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("; path=/;", cookie + ";"));
    }

    private async Task<HttpStatusCode> WithAsync(string cookie)
    {
        using var client = _site.Stranger();
        client.BaseAddress = new Uri("https://localhost");
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        using var answer = await client.GetAsync("/orders", Token);
        return answer.StatusCode;
    }

    private HttpClient From(string address) =>
        new(new CookieContainerHandler { InnerHandler = _site.Server.CreateHandler(context => context.Connection.RemoteIpAddress = IPAddress.Parse(address)) }) { BaseAddress = new Uri("http://localhost") };

    private static async Task<HttpStatusCode> TryAsync(HttpClient client, string email, string written)
    {
        client.DefaultRequestHeaders.Remove("X-Forwarded-For");
        client.DefaultRequestHeaders.Add("X-Forwarded-For", written);
        using var answer = await client.SubmitAsync("/sign-in", "/sign-in", ("email", email), ("password", "not the password"));
        return answer.StatusCode;
    }
}
