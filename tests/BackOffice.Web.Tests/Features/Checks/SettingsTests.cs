using System.Net;
using BackOffice.Data.Outbox;
using BackOffice.Domain.Access;
using BackOffice.Web.Tests.Integrations;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Checks;

/// <summary>Is everything connected, and how is it set?</summary>
public sealed class SettingsTests(Site site, Browser browser) : IClassFixture<Site>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("en", "Not set: nobody is told by mail.")]
    [InlineData("zh-Hans", "未设置，不通过邮件通知。")]
    public async Task What_is_not_set_up_says_what_that_switches_off(string language, string sentence)
    {
        using var client = site.Visitor(language);
        var text = Html.Text(await client.GetStringAsync("/settings", Token));
        Assert.Contains(sentence, text);
        Assert.Contains("Alarm:Email", text);
        Assert.Contains("Schedule:NightlyBackup", text);
    }

    [Fact]
    public async Task A_secret_is_told_as_set_and_never_shown()
    {
        await using var set = With(("Alarm:Email", "oncall@example.com"), ("Mail:Host", "mail.example.com"), ("Mail:From", "from@example.com"), ("Mail:Password", "whisper"), ("Alarm:Webhook", "https://chat.example.com/whisper"));
        using var client = Client(set);
        var page = await client.GetStringAsync("/settings", Token);
        Assert.Contains("Mail:Password is set.", page);
        Assert.DoesNotContain("whisper", page, StringComparison.Ordinal);
        Assert.DoesNotContain("chat.example.com", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_message_goes_out_once_is_on_record_and_shows_as_connected()
    {
        var mails = Path.Combine(site.Folder, "mail-test");
        await using var set = With(("Alarm:Email", "oncall@example.com"), ("Mail:Folder", mails), ("Mail:From", "from@example.com"));
        using var client = Client(set);
        using var answer = await client.SubmitAsync("/settings", "/settings/test/mail");
        Assert.Equal("/settings", answer.Headers.Location?.OriginalString);
        Assert.Contains("Test of the connection", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(mails)), Token));
        var text = Html.Text(await client.GetStringAsync("/settings", Token));
        Assert.Contains("mail: the test message went out.", text);
        Assert.Matches("mail Connected Mails are laid", text);
        Assert.Contains("Connection tested", await client.GetStringAsync("/audit", Token));
    }

    [Fact]
    public async Task A_test_that_fails_is_told_at_once_and_is_not_tried_again()
    {
        await using var set = With(("Alarm:Webhook", "http://127.0.0.1:9/whisper"));
        using var client = Client(set);
        using var answer = await client.SubmitAsync("/settings", "/settings/test/webhook");
        var page = await answer.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("The test message did not go out and is not tried again.", page);
        Assert.DoesNotContain("whisper", page, StringComparison.Ordinal);
        var outbox = set.Services.GetRequiredService<OutboxStore>();
        Assert.NotNull(await outbox.FindNewestAsync("failed", OutboxChannels.Webhook, Token));
        Assert.Null(await outbox.FindNewestAsync("pending", OutboxChannels.Webhook, Token));
        Assert.Contains("Not connected", Html.Text(await client.GetStringAsync("/settings", Token)));
    }

    [Fact]
    public async Task The_console_shows_as_connected_with_its_version_and_as_not_connected_with_the_reason()
    {
        await using var console = await StandInConsole.StartAsync();
        await using var set = With(console.Settings);
        using var client = Client(set);
        Assert.Matches("console Connected New API, version v0.9.2", Html.Text(await client.GetStringAsync("/settings", Token)));
        console.Plan(ConsoleFault.Unauthorised, "GET");
        var page = await client.GetStringAsync("/settings", Token);
        Assert.Matches("console Not connected The console does not take our calls", Html.Text(page));
        Assert.DoesNotContain(StandInConsole.Token, page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mail", HttpStatusCode.UnprocessableEntity)]
    [InlineData("pigeon", HttpStatusCode.NotFound)]
    public async Task A_way_that_is_not_there_is_not_tested(string channel, HttpStatusCode status)
    {
        using var client = site.Visitor();
        using var answer = await client.PostFormAsync($"/settings/test/{channel}", await client.TokenAsync());
        Assert.Equal(status, answer.StatusCode);
    }

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public Task The_page_stands_in_every_width_theme_and_language(int width, string theme, string language) =>
        browser.LooksWellAsync("/settings", width, theme, language);

    private WebApplicationFactory<WebHost> With(params (string Name, string Value)[] settings) => site.WithWebHostBuilder(host =>
    {
        foreach (var (name, value) in settings)
            host.UseSetting(name, value);
    });

    private HttpClient Client(WebApplicationFactory<WebHost> set)
    {
        var client = set.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Add("Cookie", site.Cookie(Role.Admin));
        client.DefaultRequestHeaders.Add("Accept-Language", "en");
        return client;
    }
}
