using BackOffice.Web.Tests;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]

namespace BackOffice.Web.Tests;

/// <summary>Debian's Chromium, started once with the first page that is opened, in front of a site on a real port.</summary>
public sealed class Browser : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly Lazy<Site> site = new(() =>
    {
        var started = new Site();
        started.UseKestrel(0);
        started.StartServer();
        return started;
    });

    private readonly Lazy<Task<IBrowser>> chromium = new(async () =>
    {
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Arguments });
    });

    /// <summary>Widths, themes and languages in which every page has to stand.</summary>
    public static TheoryData<int, string, string> Looks
    {
        get
        {
            var looks = new TheoryData<int, string, string>();
            foreach (var width in new[] { 1280, 390 })
                foreach (var theme in new[] { "light", "dark" })
                    foreach (var language in new[] { "en", "zh-Hans" })
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
    public async Task<OpenPage> OpenAsync(string path, int width = 1280, string theme = "light", string language = "en", bool systemIsDark = false)
    {
        if (!File.Exists(Chromium))
        {
            const string reason = "No Chromium at " + Chromium + ": browser tests did not run.";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail(reason);
            Assert.Skip(reason);
        }

        var address = site.Value.ClientOptions.BaseAddress.ToString().TrimEnd('/');
        var browser = await chromium.Value;
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = width < 800 ? 844 : 800 }, BaseURL = address, ColorScheme = systemIsDark ? ColorScheme.Dark : ColorScheme.Light });
        await context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await context.AddCookiesAsync(
        [
            new() { Name = "theme", Value = theme, Url = address },
            new() { Name = "lang", Value = $"c%3D{language}%7Cuic%3D{language}", Url = address },
        ]);
        var open = new OpenPage(await context.NewPageAsync(), address + path);
        await open.Page.GotoAsync(path);
        return open;
    }

    /// <summary>Opens the page and looks at it as <see cref="OpenPage.LooksWellAsync"/> does.</summary>
    public async Task LooksWellAsync(string path, int width, string theme, string language)
    {
        await using var open = await OpenAsync(path, width, theme, language);
        if (Environment.GetEnvironmentVariable("BACKOFFICE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            var name = $"{path.Trim('/').Replace('/', '-')}-{width}-{theme}-{language}.png".TrimStart('-');
            await open.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name), FullPage = true });
        }

        await open.LooksWellAsync();
    }
}

/// <summary>A page with everything it complained about on the console: refusals of the content policy, missing files, thrown errors.</summary>
public sealed class OpenPage : IAsyncDisposable
{
    private readonly List<string> complaints = [];

    public OpenPage(IPage page, string address)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            // An error page's own status is no complaint.
            if (message.Type is "error" or "warning" && !message.Location.StartsWith(address, StringComparison.Ordinal))
                complaints.Add($"{message.Text} {message.Location}");
        };
        page.PageError += (_, error) => complaints.Add(error);
    }

    public IPage Page { get; }

    public ValueTask DisposeAsync() => new(Page.Context.CloseAsync());

    /// <summary>No finding of axe, no complaint on the console, nothing wider than the window.</summary>
    public async Task LooksWellAsync()
    {
        var axe = await Page.RunAxe();
        complaints.AddRange(axe.Violations.Select(violation => $"{violation.Id}: {string.Join(" | ", violation.Nodes.Select(node => node.Html))}"));
        Assert.True(complaints.Count == 0, string.Join(Environment.NewLine, complaints));
        Assert.True(await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "The page scrolls sideways.");
    }
}
