namespace BackOffice.Web.Tests.Shell;

public sealed class LooksInBrowserTests(Browser browser)
{
    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public Task Home_stands_in_every_width_theme_and_language(int width, string theme, string language) =>
        browser.LooksWellAsync("/", width, theme, language);

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public Task An_error_page_stands_in_every_width_theme_and_language(int width, string theme, string language) =>
        browser.LooksWellAsync("/no-such-page", width, theme, language);

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public Task Every_shared_piece_stands_in_every_width_theme_and_language(int width, string theme, string language) =>
        browser.LooksWellAsync("/specimen", width, theme, language);

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public Task Signing_in_stands_in_every_width_theme_and_language(int width, string theme, string language) =>
        browser.LooksWellAsync("/sign-in", width, theme, language, stranger: true);

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task Staff_pages_and_the_own_account_stand_in_every_width_theme_and_language(int width, string theme, string language)
    {
        foreach (var path in new[] { "/staff", "/staff/new", $"/staff/{await browser.SomebodyAsync():N}", "/help", "/account", "/account/password", "/account/confirm", "/account/two-factor" })
            await browser.LooksWellAsync(path, width, theme, language);
    }
}
