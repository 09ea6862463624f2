using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BackOffice.Web.Tests.Shell;

public sealed class ShellInBrowserTests(Browser browser)
{
    [Theory]
    [InlineData(true, "dark")]
    [InlineData(false, "light")]
    public async Task A_first_visit_has_the_colours_of_the_system(bool systemIsDark, string theme)
    {
        await using var open = await browser.OpenAsync("/", theme: "system", systemIsDark: systemIsDark);
        await Expect(open.Page.Locator("html")).ToHaveAttributeAsync("data-bs-theme", theme);
    }

    [Fact]
    public async Task Chosen_colours_are_remembered()
    {
        await using var open = await browser.OpenAsync("/");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Dark" }).ClickAsync();
        await open.Page.ReloadAsync();
        await Expect(open.Page.Locator("html")).ToHaveAttributeAsync("data-bs-theme", "dark");
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Dark" })).ToHaveAttributeAsync("aria-pressed", "true");
    }

    [Fact]
    public async Task The_language_link_shows_the_same_page_in_Chinese()
    {
        await using var open = await browser.OpenAsync("/specimen?from=2026-11-01");
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "中文" }).ClickAsync();
        await Expect(open.Page.Locator("html")).ToHaveAttributeAsync("lang", "zh-Hans");
        Assert.EndsWith("/specimen?from=2026-11-01", open.Page.Url);
    }

    [Fact]
    public async Task The_menu_folds_away_on_a_narrow_screen()
    {
        await using var open = await browser.OpenAsync("/", 390);
        var orders = open.Page.GetByRole(AriaRole.Link, new() { Name = "Orders", Exact = true });
        await Expect(orders).ToBeHiddenAsync();
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
        await Expect(orders).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_first_stop_of_the_keyboard_skips_to_the_page()
    {
        await using var open = await browser.OpenAsync("/");
        await open.Page.Keyboard.PressAsync("Tab");
        await Expect(open.Page.GetByText("Skip to the page")).ToBeFocusedAsync();
        await open.Page.Keyboard.PressAsync("Enter");
        await Expect(open.Page.Locator("main")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Copying_an_id_is_told_to_screen_readers()
    {
        await using var open = await browser.OpenAsync("/specimen");
        await open.Page.Locator("h1 + .btn-copy").ClickAsync();
        await Expect(open.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Copied: AC-ZM3J-J7T7-3Q1C");
        Assert.Equal("AC-ZM3J-J7T7-3Q1C", await open.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }

    [Fact]
    public async Task A_refused_form_takes_the_focus_to_its_summary()
    {
        await using var open = await browser.OpenAsync("/specimen");
        await Expect(open.Page.Locator("#error-summary")).ToBeFocusedAsync();
        Assert.StartsWith("Error: ", await open.Page.TitleAsync());
        await open.Page.Locator("#error-summary a").ClickAsync();
        await Expect(open.Page.Locator("#field-zone")).ToBeFocusedAsync();
        await Expect(open.Page.Locator("#field-zone")).ToHaveAttributeAsync("aria-describedby", "field-zone-hint field-zone-error");
    }

    [Fact]
    public async Task Progress_is_asked_for_until_the_work_has_ended()
    {
        await using var open = await browser.OpenAsync("/specimen");
        var asked = 0;
        open.Page.Request += (_, request) => asked += request.Url.Contains("/progress/", StringComparison.Ordinal) ? 1 : 0;
        await Expect(open.Page.Locator("#progress")).ToContainTextAsync("400 of 1,000");
        await Expect(open.Page.Locator("#progress")).ToContainTextAsync("1,000 of 1,000", new() { Timeout = 15_000 });
        await Expect(open.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The work has ended: 1,000 of 1,000");
        await open.Page.WaitForTimeoutAsync(3_000);
        Assert.Equal(2, asked);
        await open.LooksWellAsync();
    }

    [Fact]
    public async Task A_fragment_that_fails_leaves_the_page_and_says_so_in_the_alert_region()
    {
        await using var open = await browser.OpenAsync("/specimen");
        await open.Page.Locator("#fails").ClickAsync();
        await Expect(open.Page.Locator("#alert")).ToContainTextAsync("The back office made a mistake while answering.");
        await Expect(open.Page.Locator("#answer")).ToBeEmptyAsync();
        await open.Page.Locator("#acts").ClickAsync();
        await Expect(open.Page.Locator("#alert")).ToBeEmptyAsync();
    }

    [Fact]
    public async Task A_server_that_is_gone_is_told_in_words()
    {
        await using var open = await browser.OpenAsync("/specimen");
        await open.Page.Context.SetOfflineAsync(true);
        await open.Page.Locator("#fails").ClickAsync();
        await Expect(open.Page.Locator("#alert")).ToContainTextAsync("The back office does not answer.");
    }

    [Fact]
    public async Task Htmx_sends_the_token_and_shows_a_refused_form()
    {
        await using var open = await browser.OpenAsync("/specimen");
        await open.Page.Locator("#acts").ClickAsync();
        await Expect(open.Page.Locator("#answer")).ToHaveTextAsync("AC-ZM3J-J7T7-3Q1C");
        await open.Page.Locator("#refuses").ClickAsync();
        await Expect(open.Page.Locator("#answer")).ToHaveTextAsync("Refused");
    }

    [Fact]
    public async Task The_whole_row_opens_what_its_first_link_opens()
    {
        await using var open = await browser.OpenAsync("/specimen?from=2026-11-01");
        await open.Page.Locator("tbody tr").First.GetByText("5,000,000").ClickAsync();
        await open.ArriveAsync("/specimen$");
    }

    [Fact]
    public async Task What_is_typed_stays_when_signing_in_lapses_and_is_sent_after_signing_in_again()
    {
        await using var open = await browser.OpenAsync("/specimen");
        await open.Page.Clock.InstallAsync();
        await open.Page.ReloadAsync();
        await open.Page.Locator("#field-note").FillAsync("long words");
        await open.Page.Clock.FastForwardAsync("28:01");
        await Expect(open.Page.Locator("#lapse")).ToContainTextAsync("Signing in lapses in two minutes.");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Stay signed in" }).ClickAsync();
        await Expect(open.Page.Locator("#lapse")).ToBeEmptyAsync();

        var cookies = await open.Page.Context.CookiesAsync();
        await open.Page.Context.ClearCookiesAsync(new() { Name = "session" });
        await open.Page.Clock.FastForwardAsync("28:01");
        await open.Page.Clock.FastForwardAsync("02:01");
        await Expect(open.Page.Locator("#lapse")).ToContainTextAsync("What is typed here is kept");
        await open.Page.Locator("form[action='/specimen/act'] .btn-primary").ClickAsync();
        await Expect(open.Page.Locator("#lapse a")).ToBeFocusedAsync();
        await Expect(open.Page.Locator("#field-note")).ToHaveValueAsync("long words");

        await open.Page.Context.AddCookiesAsync(cookies.Where(cookie => cookie.Name == "session").Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Domain = cookie.Domain, Path = cookie.Path }));
        var sent = open.Page.WaitForRequestAsync(request => request.Method == "POST");
        await open.Page.Locator("form[action='/specimen/act'] .btn-primary").ClickAsync();
        Assert.Contains("note=long+words", (await sent).PostData);
    }

    [Fact]
    public async Task A_fragment_that_asks_by_itself_leads_nobody_away_when_signing_in_has_lapsed()
    {
        await using var open = await browser.OpenAsync("/specimen");
        await open.Page.Locator("#field-note").FillAsync("long words");
        await open.Page.Context.ClearCookiesAsync(new() { Name = "session" });
        await Expect(open.Page.Locator("#lapse")).ToContainTextAsync("What is typed here is kept", new() { Timeout = 15_000 });
        await Expect(open.Page.Locator("#field-note")).ToHaveValueAsync("long words");
    }

    [Fact]
    public async Task Paper_is_light_and_has_no_navigation()
    {
        await using var open = await browser.OpenAsync("/specimen", theme: "dark");
        await open.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await Expect(open.Page.Locator("html")).ToHaveAttributeAsync("data-bs-theme", "light");
        await Expect(open.Page.GetByRole(AriaRole.Navigation, new() { Name = "Menu" })).ToBeHiddenAsync();
        await Expect(open.Page.Locator("main .btn").First).ToBeHiddenAsync();
    }
}
