using System.Net;
using System.Text.RegularExpressions;
using BackOffice.Domain.Access;

namespace BackOffice.Web.Tests.Security;

/// <summary>What an attacker would try first; docs/security.md lists it beside the rest.</summary>
public sealed partial class ProbeTests(Site site) : IClassFixture<Site>
{
    private const string Script = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/staff/new")]
    [InlineData("/packages/new")]
    [InlineData("/reconciliation/new")]
    [InlineData("/account/password")]
    [InlineData("/account/confirm")]
    [InlineData("/erasure?email=somebody%40example.com")]
    [InlineData("/orders")]
    [InlineData("/payments")]
    [InlineData("/findings")]
    [InlineData("/audit")]
    [InlineData("/job-runs")]
    public async Task Script_in_the_text_fields_of_forms_stays_text(string path)
    {
        using var client = site.Visitor("en");
        var page = await client.GetStringIgnoringStatusAsync(path);
        var forms = Forms().Matches(page).Where(form => TextFields().IsMatch(form.Value) && !form.Value.Contains("action=\"/sign-out\"", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(forms);
        foreach (var form in forms.Select(form => form.Value))
        {
            var action = Action().Match(form) is { Success: true } named ? WebUtility.HtmlDecode(named.Groups[1].Value) : path;
            var fields = TextFields().Matches(form).Select(field => (Name: field.Groups["name"].Value, Value: Script)).DistinctBy(field => field.Name).ToArray();
            using var answer = form.Contains("method=\"post\"", StringComparison.Ordinal)
                ? await client.PostFormAsync(action, await client.TokenAsync(), fields)
                : await client.GetAsync(action.Split('?')[0] + "?" + string.Join('&', fields.Select(field => $"{field.Name}={Uri.EscapeDataString(Script)}")), Token);
            Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
            var shown = await answer.Content.ReadAsStringAsync(Token);
            Assert.DoesNotContain("<script>alert", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", shown, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/search?q=")]
    [InlineData("/sign-in?back=")]
    [InlineData("/orders?q=")]
    [InlineData("/no-such-page/")]
    public async Task Script_in_an_address_stays_text(string path)
    {
        using var client = site.Visitor();
        Assert.DoesNotContain("<script>alert", await client.GetStringIgnoringStatusAsync(path + Uri.EscapeDataString(Script)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/orders")]
    [InlineData("/payments")]
    [InlineData("/imports")]
    [InlineData("/findings")]
    [InlineData("/reports")]
    [InlineData("/staff")]
    [InlineData("/audit")]
    [InlineData("/job-runs")]
    public async Task An_odd_place_in_a_list_breaks_nothing(string path)
    {
        using var client = site.Visitor();
        foreach (var query in new[] { "page=1000000", "before=1000000", "after=1000000", "before=-1", "after=%00", "before=x&after=y", "before=" + new string('9', 400) })
        {
            using var answer = await client.GetAsync($"{path}?{query}", Token);
            Assert.True(answer.StatusCode < HttpStatusCode.InternalServerError, $"{path}?{query[..Math.Min(20, query.Length)]}: {(int)answer.StatusCode}");
        }
    }

    [Fact]
    public async Task A_session_that_was_planted_is_not_the_one_that_is_signed_in()
    {
        using var client = site.Stranger();
        client.DefaultRequestHeaders.Add("Cookie", "session=planted");
        using var answer = await site.SignInAsync(client, await site.AddPersonAsync(Role.Support));
        Assert.DoesNotContain("planted", Assert.Single(answer.Headers.GetValues("Set-Cookie"), set => set.StartsWith("session=", StringComparison.Ordinal)));
        using var thief = site.Stranger();
        thief.DefaultRequestHeaders.Add("Cookie", "session=planted");
        Assert.Equal(HttpStatusCode.Redirect, (await thief.GetAsync("/", Token)).StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/orders")]
    [InlineData("/settings")]
    [InlineData("/sign-in")]
    public async Task A_page_is_kept_by_no_cache(string path)
    {
        using var client = path == "/sign-in" ? site.Stranger() : site.Visitor();
        using var answer = await client.GetAsync(path, Token);
        Assert.True(answer.Headers.CacheControl?.NoStore, path);
    }

    [Fact]
    public void Every_test_that_the_security_page_names_exists()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .ToLookup(Path.GetFileNameWithoutExtension, File.ReadAllText);
        var named = Named().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"))).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();
        Assert.True(named.Count > 50);
        Assert.All(named, test => Assert.Contains(tests[test.Class], source => source.Contains($" {test.Method}(", StringComparison.Ordinal)));
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<(?:input(?=[^>]*type=\"(?:text|search|email|password|date)\")|textarea)[^>]*? name=\"(?<name>[^\"]+)\"")]
    private static partial Regex TextFields();

    [GeneratedRegex("<form[^>]*? action=\"([^\"]+)\"")]
    private static partial Regex Action();

    [GeneratedRegex("`(\\w+Tests)\\.(\\w+)`")]
    private static partial Regex Named();
}
