using System.Text.RegularExpressions;
using BackOffice.Domain.Access;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BackOffice.Web.Tests.Shell;

public sealed class KeysInBrowserTests(Browser browser)
{
    [Fact]
    public async Task J_and_k_walk_the_rows_and_enter_opens_one()
    {
        await using var open = await browser.OpenAsync("/specimen?from=2026-11-01");
        var links = open.Page.Locator("table.rows-open tbody a");
        await PressAsync(open, "j");
        await Expect(links.First).ToBeFocusedAsync();
        await PressAsync(open, "k");
        await Expect(links.First).ToBeFocusedAsync();
        await PressAsync(open, "j", "j", "k", "j");
        await Expect(links.Nth(2)).ToBeFocusedAsync();
        await PressAsync(open, "Enter");
        await open.ArriveAsync("/specimen$");
    }

    [Theory]
    [InlineData("[", "/specimen?a")]
    [InlineData("]", "/specimen?b")]
    public async Task Brackets_turn_the_pages_of_a_list(string key, string address)
    {
        await using var open = await browser.OpenAsync("/specimen");
        await PressAsync(open, key);
        await open.ArriveAsync(Regex.Escape(address) + "$");
    }

    [Fact]
    public async Task G_and_a_letter_go_to_a_page_and_another_letter_goes_nowhere()
    {
        await using var open = await browser.OpenAsync("/specimen");
        await PressAsync(open, "g", "z", "o");
        await open.Page.WaitForTimeoutAsync(300);
        Assert.EndsWith("/specimen", open.Page.Url);
        await PressAsync(open, "g", "o");
        await open.ArriveAsync("/orders$");
        await PressAsync(open, "g", "h");
        await open.ArriveAsync("[0-9]/$");
    }

    [Fact]
    public async Task No_key_acts_in_a_field_and_escape_leaves_it()
    {
        await using var open = await browser.OpenAsync("/specimen");
        var note = open.Page.Locator("#field-note");
        await note.FocusAsync();
        await PressAsync(open, "j", "g", "o", "/", "?", "[");
        await Expect(note).ToHaveValueAsync("jgo/?[");
        await Expect(note).ToBeFocusedAsync();
        await Expect(open.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
        await PressAsync(open, "Escape", "/");
        await Expect(open.Page.Locator("#search")).ToBeFocusedAsync();
    }

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task A_question_mark_shows_the_keys_and_escape_hides_them(int width, string theme, string language)
    {
        await using var open = await browser.OpenAsync("/specimen", width, theme, language);
        var title = await open.Page.TitleAsync();
        await PressAsync(open, "?");
        await Expect(open.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(language == "en" ? "To the search box" : "前往搜索框");
        await ShootAsync(open, $"keys-{width}-{theme}-{language}");
        Assert.Equal(title, await open.Page.TitleAsync());
        await open.LooksWellAsync();
        await PressAsync(open, "Escape");
        await Expect(open.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await PressAsync(open, "?");
        await Expect(open.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
    }

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task The_palette_lists_the_pages_of_the_menu(int width, string theme, string language)
    {
        await using var open = await browser.OpenAsync("/specimen", width, theme, language);
        await PressAsync(open, "Control+k");
        await Expect(open.Page.Locator("#palette li").Filter(new() { HasText = language == "en" ? "Audit trail" : "审计日志" })).ToBeVisibleAsync();
        await ShootAsync(open, $"palette-{width}-{theme}-{language}");
        await open.LooksWellAsync();
    }

    [Fact]
    public async Task The_palette_opens_what_fits_and_searches_for_what_does_not()
    {
        await using var open = await browser.OpenAsync("/specimen");
        await PressAsync(open, "/", "Control+k"); // also from within a field
        await open.Page.Keyboard.TypeAsync("audit");
        await PressAsync(open, "Enter");
        await open.ArriveAsync("/audit$");

        await PressAsync(open, "Control+k", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown");
        await Expect(open.Page.Locator("#palette li a").Nth(1)).ToBeFocusedAsync();
        await PressAsync(open, "ArrowUp", "ArrowUp");
        await open.Page.Keyboard.TypeAsync("AC-NONE");
        await Expect(open.Page.Locator("#palette").GetByRole(AriaRole.Status)).ToHaveTextAsync("No page is called that. Enter searches the records for it.");
        await PressAsync(open, "Enter");
        await open.ArriveAsync(@"/search\?q=AC-NONE$");
    }

    [Fact]
    public async Task The_palette_has_no_page_that_the_role_may_not_open()
    {
        await using var open = await browser.OpenAsync("/account", role: Role.Support);
        await PressAsync(open, "Control+k");
        await Expect(open.Page.Locator("#palette li a[href='/orders']")).ToBeVisibleAsync();
        await Expect(open.Page.Locator("#palette li a[href='/staff']")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Single_keys_can_be_switched_off_and_on_again()
    {
        await using var open = await browser.OpenAsync("/account");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Turn single keys off" }).ClickAsync();
        await Expect(open.Page.Locator(".notice-good")).ToContainTextAsync("Off: no letter or sign acts by itself");
        await open.ArriveAsync("/account");
        await PressAsync(open, "g", "o", "/", "?");
        await open.Page.WaitForTimeoutAsync(300);
        Assert.EndsWith("/account", open.Page.Url);
        await Expect(open.Page.Locator("#search")).Not.ToBeFocusedAsync();
        await PressAsync(open, "Control+k");
        await Expect(open.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await open.Page.GotoAsync("/help");
        await Expect(open.Page.Locator("main")).ToContainTextAsync("Single keys are switched off in Account");

        await open.Page.GotoAsync("/account");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Turn single keys on" }).ClickAsync();
        await Expect(open.Page.Locator(".notice-good")).ToContainTextAsync("On: / for the search box");
        await open.ArriveAsync("/account"); // keys are heard once the script has run
        await PressAsync(open, "g", "o");
        await open.ArriveAsync("/orders$");
    }

    private static async Task PressAsync(OpenPage open, params string[] keys)
    {
        foreach (var key in keys)
            await open.Page.Keyboard.PressAsync(key);
    }

    private static async Task ShootAsync(OpenPage open, string name)
    {
        if (Environment.GetEnvironmentVariable("BACKOFFICE_SCREENSHOTS") is { Length: > 0 } folder)
            await open.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
    }
}
