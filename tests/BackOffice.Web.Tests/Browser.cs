using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using BackOffice.Domain.Access;
using BackOffice.Web.Security;
using BackOffice.Web.Tests;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]

namespace BackOffice.Web.Tests;

/// <summary>Debian's Chromium without a window, started once with the first page that is opened, in front of a site on a real port.</summary>
public sealed class Browser : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium-headless-shell"; // a third of the time the whole browser takes to open a page

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly Lazy<Site> site = new(() => new Site().OnPort());

    private readonly Lazy<Task<IBrowser>> chromium = new(async () =>
    {
        Assertions.SetDefaultExpectTimeout(30_000); // of a machine that is busy with other tests; what fails fails as surely
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Arguments });
    });

    private readonly ConcurrentDictionary<(int Width, string Theme, string Language), Lazy<Task<IBrowserContext>>> looks = [];

    private Person? _somebody;

    /// <summary>The site that is looked at, for what its pages should show.</summary>
    public Site Site => site.Value;

    /// <summary>Every width, theme and language, each of them twice, in which every page has to stand.</summary>
    public static TheoryData<int, string, string> Looks
    {
        get
        {
            var looks = new TheoryData<int, string, string>();
            foreach (var width in new[] { 1280, 390 })
                foreach (var (theme, language) in new[] { ("light", "en"), ("dark", "zh-Hans") })
                    looks.Add(width, theme, language);
            return looks;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (chromium.IsValueCreated)
            await (await chromium.Value).DisposeAsync();
        if (site.IsValueCreated)
            await site.Value.DisposeAsync();
    }

    /// <summary>Opens a page as somebody who chose this theme (light, dark or system) and language before. Skips, visibly, where there is no Chromium; with CI=true that is a failure.</summary>
    public async Task<OpenPage> OpenAsync(string path, int width = 1280, string theme = "light", string language = "en", bool systemIsDark = false, bool stranger = false, Role? role = null)
    {
        RequireChromium();
        return await OpenAsync(site.Value, path, await ContextAsync(site.Value, Options(width, systemIsDark), Cookies(theme, language, stranger, role)), WithAxe(width, theme), closesContext: true);
    }

    /// <summary>Opens a page to be looked at and no more, in a browser that has its style sheets and scripts already: nothing may be done there that a cookie remembers.</summary>
    public async Task<OpenPage> LookAsync(string path, int width, string theme, string language)
    {
        RequireChromium();
        var context = await looks.GetOrAdd((width, theme, language), _ => new(() => ContextAsync(site.Value, Options(width, systemIsDark: false), []))).Value;
        await AddCookiesAsync(context, site.Value, Cookies(theme, language, stranger: false, null)); // a session that is young enough, each time
        return await OpenAsync(site.Value, path, context, WithAxe(width, theme), closesContext: false);
    }

    /// <summary>Opens the sign-in page of another site in a browser that nobody has used before; nothing moves in it that need not.</summary>
    public async Task<OpenPage> OpenAsync(Site other)
    {
        RequireChromium();
        var options = new BrowserNewContextOptions { ViewportSize = new() { Width = 1280, Height = 800 }, ColorScheme = ColorScheme.Light, Locale = "en-GB", ReducedMotion = ReducedMotion.Reduce };
        return await OpenAsync(other, "/sign-in", await ContextAsync(other, options, []), withAxe: true, closesContext: true);
    }

    /// <summary>Somebody of the site's staff who is not who visits it.</summary>
    public async Task<Guid> SomebodyAsync() => (_somebody ??= await site.Value.AddPersonAsync(Role.Finance)).Id;

    /// <summary>Opens the page and looks at it as <see cref="OpenPage.LooksWellAsync"/> does.</summary>
    public async Task LooksWellAsync(string path, int width, string theme, string language, bool stranger = false)
    {
        await using var open = stranger ? await OpenAsync(path, width, theme, language, stranger: true) : await LookAsync(path, width, theme, language);
        if (Environment.GetEnvironmentVariable("BACKOFFICE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            var name = $"{path.Trim('/').Replace('/', '-')}-{width}-{theme}-{language}.png".TrimStart('-');
            await open.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name), FullPage = true });
        }

        Assert.Equal(path, new Uri(open.Page.Url).PathAndQuery);
        await open.LooksWellAsync();
    }

    // So young that no page asks for the password again.
    private static IEnumerable<(string Name, string Value)> Session(Site at, Role? role)
    {
        var cookie = at.Cookie(role ?? Role.Admin, ReauthenticateAttribute.Holds / 2).Split('=', 2);
        return [(cookie[0], cookie[1])];
    }

    private static void RequireChromium()
    {
        if (File.Exists(Chromium))
            return;
        const string reason = "No Chromium at " + Chromium + ": browser tests did not run.";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(reason);
        Assert.Skip(reason);
    }

    private static BrowserNewContextOptions Options(int width, bool systemIsDark) => new()
    {
        ViewportSize = new() { Width = width, Height = width < 800 ? 844 : 800 },
        ColorScheme = systemIsDark ? ColorScheme.Dark : ColorScheme.Light,
    };

    private IEnumerable<(string Name, string Value)> Cookies(string theme, string language, bool stranger, Role? role) =>
        [.. stranger ? [] : Session(site.Value, role), ("theme", theme), ("lang", $"c%3D{language}%7Cuic%3D{language}")];

    // axe takes three times what the rest of a look takes: it sees each width, each theme and each language once.
    private static bool WithAxe(int width, string theme) => (width < 800) == (theme == "dark");

    private static string AddressOf(Site at) => at.ClientOptions.BaseAddress.ToString().TrimEnd('/');

    private async Task<IBrowserContext> ContextAsync(Site at, BrowserNewContextOptions options, IEnumerable<(string Name, string Value)> cookies)
    {
        options.BaseURL = AddressOf(at);
        var context = await (await chromium.Value).NewContextAsync(options);
        context.SetDefaultTimeout(60_000);
        await context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await AddCookiesAsync(context, at, cookies);
        return context;
    }

    private static Task AddCookiesAsync(IBrowserContext context, Site at, IEnumerable<(string Name, string Value)> cookies) =>
        context.AddCookiesAsync(cookies.Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Url = AddressOf(at) }));

    private static async Task<OpenPage> OpenAsync(Site at, string path, IBrowserContext context, bool withAxe, bool closesContext)
    {
        var open = new OpenPage(await context.NewPageAsync(), AddressOf(at) + path, closesContext) { WithAxe = withAxe };
        await open.Page.GotoAsync(path);
        return open;
    }
}

/// <summary>A page with everything it complained about on the console: refusals of the content policy, missing files, thrown errors.</summary>
public sealed class OpenPage : IAsyncDisposable
{
    private readonly List<string> complaints = [];
    private readonly List<string> refused = []; // an error page's own status is no complaint

    private readonly bool _closesContext;

    public OpenPage(IPage page, string address, bool closesContext)
    {
        (Page, _closesContext) = (page, closesContext);
        refused.Add(address);
        page.Console += (_, message) =>
        {
            // What was still on its way when the page was left is no complaint; what fails says htmx:sendError as well.
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("htmx:sendAbort", StringComparison.Ordinal) && !message.Text.StartsWith("htmx:afterRequest", StringComparison.Ordinal) && !(message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal) && refused.Exists(address => IsAt(message.Location, address))))
                complaints.Add($"{message.Text} {message.Location}");
        };
        page.PageError += (_, error) => complaints.Add(error);
    }

    // The first elements that reach beyond the window.
    private const string TooWide = """
        [...document.querySelectorAll("body *")].filter(part => part.getBoundingClientRect().right > document.documentElement.clientWidth).slice(0, 5)
            .map(part => `${part.tagName}.${part.className} ${part.getBoundingClientRect().right}`).join(" | ")
        """;

    // An address, and after it line and column.
    private static bool IsAt(string location, string address) =>
        location == address || (location.StartsWith(address, StringComparison.Ordinal) && location[address.Length] == ':');

    public IPage Page { get; }

    /// <summary>Whether a look is taken with axe too.</summary>
    public bool WithAxe { get; init; } = true;

    public ValueTask DisposeAsync() => new(_closesContext ? Page.Context.CloseAsync() : Page.CloseAsync());

    /// <summary>The page of this path answers that something is wrong, and that is right.</summary>
    public void ExpectRefusal(string path) => refused.Add(new Uri(new Uri(Page.Url), path).ToString());

    /// <summary>Waits until the page's address fits and its scripts have run. By asking again and again: Playwright's own wait for an address
    /// misses a page that comes between its first look and its listening, as on a busy machine.</summary>
    public static async Task ArriveAsync(IPage page, string pattern)
    {
        await Assertions.Expect(page).ToHaveURLAsync(new Regex(pattern), new() { Timeout = 60_000 });
        await page.WaitForFunctionAsync("document.readyState === 'complete'");
    }

    /// <summary>Waits until this page's address fits and its scripts have run.</summary>
    public Task ArriveAsync(string pattern) => ArriveAsync(Page, pattern);

    /// <summary>Nothing that was visited so far complained on the console.</summary>
    public void AssertNoComplaint() => Assert.True(complaints.Count == 0, string.Join(Environment.NewLine, complaints));

    /// <summary>No complaint on the console, nothing wider than the window; light on a desk and dark on a telephone no finding of axe.</summary>
    public async Task LooksWellAsync()
    {
        // What is not styled yet, or not in its font, is wider.
        await Page.WaitForLoadStateAsync(LoadState.Load);
        await Page.EvaluateAsync("document.fonts.ready.then(() => true)");
        if (WithAxe)
        {
            var axe = await Page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] });
            complaints.AddRange(axe.Violations.Select(violation => $"{violation.Id}: {string.Join(" | ", violation.Nodes.Select(node => node.Html))}"));
        }
        AssertNoComplaint();
        Assert.True(
            await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
            $"{Page.Url} scrolls sideways: {await Page.EvaluateAsync<string>(TooWide)}");
    }
}
