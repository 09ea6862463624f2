using System.Text.RegularExpressions;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;
using BackOffice.Web.Tests.Features;
using BackOffice.Web.Tests.Features.Reconciliation;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BackOffice.Web.Tests.Days;

/// <summary>The main ways of each role without a mouse: Tab, Enter, space and typing. At every stop one must see where one is.</summary>
public sealed class KeyboardAloneTests(Browser browser) : IAsyncLifetime
{
    private const int MostStops = 80;

    // What is wrong with the place the keyboard is at; nothing when it is in sight and shown to be there.
    private const string Trouble = """
        () => {
          const at = document.activeElement;
          if (!at || at === document.body)
            return '';
          const box = at.getBoundingClientRect();
          const shows = part => { const style = getComputedStyle(part); return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'; };
          const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
          const name = `${at.tagName} ${at.getAttribute('name') ?? ''} ${at.textContent.trim().slice(0, 40)}`;
          return !seen ? `${name} is out of sight` : [at, ...(at.labels ?? [])].some(shows) ? '' : `${name} does not show that it is chosen`;
        }
        """;

    private readonly ReconciledShop _shop = new();

    public async ValueTask InitializeAsync()
    {
        _shop.Site.OnPort();
        await _shop.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Support_signs_in_finds_an_order_and_reveals_its_key()
    {
        await using var desk = await SignInAsync(Role.Support);
        var page = desk.Page;
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync(ReconciledShop.Matched);
        await page.Keyboard.PressAsync("Enter");
        await desk.ShowsAsync(ReconciledShop.Matched);
        await SkipAsync(page);
        await ToAsync(page, Link(page, "Reveal …2HVD"), "Enter");
        await TypeAsync(page, page.GetByLabel("Reason"), "The customer lost the page.");
        await ToAsync(page, Button(page, "Reveal for a minute"), "Enter");
        await Expect(page.Locator(".one-time")).ToHaveTextAsync("sk-matched-matched-2HVD");
    }

    [Fact]
    public async Task Finance_filters_orders_accepts_a_finding_confirms_an_import_and_chooses_how_pages_look()
    {
        await using var desk = await SignInAsync(Role.Finance);
        var page = desk.Page;
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("o");
        await desk.ShowsAsync("Orders");
        await SkipAsync(page);
        await TypeAsync(page, page.Locator("main select[name=status]"), "Refunded");
        await ToAsync(page, Button(page, "Apply"), "Enter");
        await OpenPage.ArriveAsync(page, "status=refunded");

        await page.GotoAsync(await _shop.FindingAsync(FindingKinds.AmountMismatch, "tran_other_amount"));
        await SkipAsync(page);
        await ToAsync(page, Link(page, "Accept…"), "Enter");
        await TypeAsync(page, page.GetByLabel("Reason"), "Small.");
        await ToAsync(page, Button(page, "Accept the difference of tran_other_amount"), " ");
        await desk.ReadsAsync("Accepted: the difference is written off until its facts change.");

        using (var visitor = _shop.Site.Visitor(Role.Finance, "en"))
            await page.GotoAsync($"/imports/{(await _shop.Site.UploadAndCheckAsync(visitor, Seed.File(Seed.OrdersHeader, Seed.Order("AC-KEYS")))).Number}");
        await SkipAsync(page);
        await ToAsync(page, page.Locator("main").GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Take in 1 ") }), "Enter");
        await desk.ReadsAsync("Waiting");

        await ToAsync(page, page.Locator("[data-theme-choice=dark]"), " ");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-bs-theme", "dark");
        await page.GotoAsync("/help");
        await ToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "中文" }), "Enter");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "zh-Hans");
    }

    [Fact]
    public async Task An_admin_adds_a_price()
    {
        await using var desk = await SignInAsync(Role.Admin);
        var page = desk.Page;
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("Packages");
        await page.Keyboard.PressAsync("Enter");
        await desk.ShowsAsync("Packages and prices");
        await SkipAsync(page);
        await ToAsync(page, Link(page, "Trial"), "Enter");
        await desk.ShowsAsync("Trial");
        await SkipAsync(page);
        await ToAsync(page, Link(page, "Add price"), "Enter");
        await TypeAsync(page, Choice(page, "Purpose"), "Charge");
        await TypeAsync(page, page.GetByLabel("Currency"), "usd");
        await TypeAsync(page, page.GetByLabel("Amount"), "2.99");
        await TypeAsync(page, Choice(page, "Tax"), "tax exclusive");
        await TypeAsync(page, page.GetByLabel("In force from"), "01012027\t0000AM");
        await ToAsync(page, Button(page, "Look at the change"), "Enter");
        await TypeAsync(page, page.GetByLabel("Reason"), "Agreed on Monday.");
        await ToAsync(page, Button(page, "Add price USD 2.99"), "Enter");
        await desk.ReadsAsync("The price is added: USD 2.99.");
    }

    private async Task<Desk> SignInAsync(Role role)
    {
        var desk = await Desk.OpenAsync(browser, _shop.Site, await _shop.Site.AddPersonAsync(role));
        await TypeAsync(desk.Page, desk.Page.GetByLabel("E-mail"), desk.Person.Email);
        await TypeAsync(desk.Page, desk.Page.GetByLabel("Password"), Site.Password);
        await desk.Page.Keyboard.PressAsync("Enter");
        if (desk.Person.Secret is { } secret)
        {
            await TypeAsync(desk.Page, desk.Page.GetByLabel("Code from your app"), Jobs.Staff.TotpCodes.At(secret, _shop.Site.Now));
            await desk.Page.Keyboard.PressAsync("Enter");
        }
        await desk.ShowsAsync("Home");
        await OpenPage.ArriveAsync(desk.Page, "[0-9]/$"); // keys are heard from then on
        return desk;
    }

    private static ILocator Link(IPage page, string name) => page.Locator("main").GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).First;

    private static ILocator Button(IPage page, string name) => page.Locator("main").GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static ILocator Choice(IPage page, string label) => page.Locator("main").GetByRole(AriaRole.Combobox, new() { Name = label });

    // The first stop of every page leads past menu and search box.
    private static async Task SkipAsync(IPage page)
    {
        await ToAsync(page, page.Locator(".skip-link"), "Enter");
        await Expect(page.Locator("#main")).ToBeFocusedAsync();
    }

    private static async Task TypeAsync(IPage page, ILocator field, string text)
    {
        await ToAsync(page, field);
        await page.Keyboard.TypeAsync(text);
    }

    private static async Task ToAsync(IPage page, ILocator target, string? key = null)
    {
        await Expect(target).ToBeVisibleAsync();
        var stops = 0;
        while (!await target.EvaluateAsync<bool>("one => one === document.activeElement"))
        {
            Assert.True(stops++ < MostStops, $"{target} is not reached by Tab on {page.Url}");
            await page.Keyboard.PressAsync("Tab");
            Assert.Equal("", await page.EvaluateAsync<string>(Trouble));
        }
        if (key is not null)
            await page.Keyboard.PressAsync(key);
    }
}
