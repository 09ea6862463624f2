using System.Net;
using BackOffice.Domain.Access;
using Microsoft.AspNetCore.Hosting;

namespace BackOffice.Web.Tests.Shell;

public sealed class ErrorPagesTests(Site site) : IClassFixture<Site>
{
    [Theory]
    [InlineData("/specimen/status/400", 400, "Not understood", "无法处理此请求")]
    [InlineData("/specimen/status/403", 403, "Not allowed", "无权访问")]
    [InlineData("/no-such-page", 404, "Nothing here", "页面不存在")]
    [InlineData("/specimen/status/409", 409, "Someone was first", "已被他人抢先处理")]
    [InlineData("/specimen/status/413", 413, "File too large", "文件过大")]
    [InlineData("/specimen/status/418", 418, "Not understood", "无法处理此请求")]
    [InlineData("/specimen/throws", 500, "Something broke", "系统出错")]
    [InlineData("/specimen/status/502", 502, "Something broke", "系统出错")]
    [InlineData("/specimen/too-large", 413, "File too large", "文件过大")]
    [InlineData("/specimen/busy", 503, "Busy", "系统繁忙")]
    [InlineData("/error", 404, "Nothing here", "页面不存在")]
    public async Task Each_failure_is_explained_in_both_languages_with_its_trace_id(string path, int status, string english, string chinese)
    {
        foreach (var (language, title, lost) in new[] { ("en", english, "Is anything lost?"), ("zh-CN", chinese, "数据是否丢失") })
        {
            using var answer = await site.Visitor(language).GetAsync(path, TestContext.Current.CancellationToken);
            var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Contains(title + "</h1>", page);
            Assert.Contains(lost, page);
            Assert.Matches("data-copy=\"[0-9a-f]{32}\"", page);
        }
    }

    [Fact]
    public async Task What_was_thrown_stays_in_the_log()
    {
        var page = await site.Visitor().GetStringIgnoringStatusAsync("/specimen/throws");
        Assert.DoesNotContain("sk-secret", page);
        Assert.DoesNotContain("InvalidOperationException", page);
    }

    [Fact]
    public async Task A_developer_sees_what_was_thrown()
    {
        await using var development = site.WithWebHostBuilder(host => host.UseEnvironment("Development"));
        using var client = development.CreateClient();
        client.DefaultRequestHeaders.Add("Cookie", site.Cookie(Role.Support));
        Assert.Contains("InvalidOperationException", await client.GetStringIgnoringStatusAsync("/specimen/throws"));
    }

    [Fact]
    public async Task A_fragment_that_fails_answers_with_a_fragment()
    {
        using var client = site.Visitor();
        client.DefaultRequestHeaders.Add("HX-Request", "true");
        var fragment = await client.GetStringIgnoringStatusAsync("/specimen/throws");
        Assert.DoesNotContain("<html", fragment);
        Assert.Contains("notice-wrong", fragment);
        Assert.DoesNotContain("sk-secret", fragment);
    }

    [Fact]
    public async Task The_language_link_of_an_error_page_leads_back_to_what_failed()
    {
        Assert.Contains("href=\"/no-such-page?a=1&amp;lang=zh-Hans\"", await site.Visitor("en").GetStringIgnoringStatusAsync("/no-such-page?a=1"));
        Assert.Contains("href=\"/specimen/throws?a=1&amp;lang=zh-Hans\"", await site.Visitor("en").GetStringIgnoringStatusAsync("/specimen/throws?a=1"));
    }

    [Fact]
    public async Task A_form_without_its_token_is_refused_and_one_with_it_is_taken()
    {
        using var client = site.Visitor();
        using var refused = await client.PostAsync("/specimen/act", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/specimen/act");
        request.Headers.Add("X-CSRF-Token", await client.TokenAsync());
        using var taken = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, taken.StatusCode);

        Assert.Contains("notice-good", await client.GetStringAsync("/", TestContext.Current.CancellationToken));
        Assert.DoesNotContain("notice-good", await client.GetStringAsync("/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_token_cookie_is_for_the_server_and_this_site_only()
    {
        using var answer = await site.Visitor().GetAsync("/", TestContext.Current.CancellationToken);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), set => set.StartsWith("csrf=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=strict", cookie);
    }
}
