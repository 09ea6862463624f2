using System.Net;
using System.Text.RegularExpressions;
using BackOffice.Data.Orders;
using BackOffice.Domain.Access;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace BackOffice.Web.Tests.Features.Orders;

public sealed class RevealTests : IAsyncDisposable
{
    private const string Secret = "sk-planted-to-be-revealed-3f9a";
    private const string Revoked = "sk-planted-and-revoked-77aa";

    private readonly ShiftedClock _clock = new(new DateTime(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc));
    private readonly Site _site;

    public RevealTests() => _site = new Site { Clock = _clock };

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_is_shown_after_it_is_on_record_and_stands_in_the_timeline()
    {
        var address = await SeedAsync();
        using var client = _site.Visitor(Role.Support, "en");
        Assert.DoesNotContain(Secret, await client.GetStringAsync(address, Token));
        using var answer = await client.SubmitAsync(address, address, ("reason", "The customer lost the page."));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Contains(Secret, await answer.Content.ReadAsStringAsync(Token));

        Assert.Equal(["AC-KEY|The customer lost the page.|support@example.com"], ShopRows.Of(_site.Shop, "SELECT OrderNo, Reason, RecordedBy FROM DeliveryEvents WHERE Kind = 'revealed'"));
        Assert.Equal(["delivery.revealed|order:AC-KEY|The customer lost the page."], ShopRows.Of(_site.Shop, "SELECT Action, Subject, Reason FROM AuditEntries WHERE Action LIKE 'delivery%'"));
        Assert.Contains("Revealed API key ending in 3f9a: The customer lost the page. support@example.com, recorded at", await client.ReadAsync("/orders/AC-KEY"));
        Assert.DoesNotContain(Secret, await client.GetStringAsync("/orders/AC-KEY", Token));
        Assert.DoesNotContain(ShopRows.Of(_site.Shop, "AuditEntries"), row => row.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public async Task Without_a_reason_nothing_is_shown_nor_recorded(string reason)
    {
        var address = await SeedAsync();
        using var client = _site.Visitor(Role.Support, "en");
        using var answer = await client.SubmitAsync(address, address, ("reason", reason));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync(Token);
        Assert.Contains("Say why in a sentence.", page);
        Assert.DoesNotContain(Secret, page);
        AssertNothingRecorded();
    }

    [Fact]
    public async Task A_password_given_too_long_ago_is_asked_for_again_before_anything_is_shown()
    {
        var address = await SeedAsync();
        using var client = _site.Visitor(Role.Support, "en");
        var token = await client.TokenAsync();
        _clock.MoveTo(new DateTime(2026, 11, 10, 1, 11, 0, DateTimeKind.Utc));
        using var asked = await client.GetAsync(address, Token);
        Assert.StartsWith("/account/confirm", asked.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var answer = await client.PostFormAsync(address, token, ("reason", "The customer lost the page."));
        Assert.StartsWith("/account/confirm", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        AssertNothingRecorded();
    }

    [Fact]
    public async Task Without_the_key_ring_one_sentence_says_so_and_nothing_is_recorded()
    {
        var address = await SeedAsync();
        await using var other = _site.WithWebHostBuilder(host => host.UseSetting("Vault:KeyRing", Path.Combine(_site.Folder, "another-ring")));
        using var client = other.CreateClient(new() { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Add("Cookie", _site.Cookie(Role.Support));
        client.DefaultRequestHeaders.Add("Accept-Language", "en");
        using var answer = await client.SubmitAsync(address, address, ("reason", "The customer lost the page."));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync(Token);
        Assert.Contains("The key ring does not open the vault, so nothing was shown and nothing was put on record.", page);
        Assert.Contains("value=\"The customer lost the page.\"", page);
        AssertNothingRecorded();
    }

    [Fact]
    public async Task A_sealed_secret_that_was_changed_is_not_shown()
    {
        var address = await SeedAsync();
        ShopRows.Count(_site.Shop, "UPDATE Deliveries SET Cipher = x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'; SELECT 1");
        using var client = _site.Visitor(Role.Support, "en");
        using var answer = await client.SubmitAsync(address, address, ("reason", "The customer lost the page."));
        Assert.Contains("it was changed in the database", await answer.Content.ReadAsStringAsync(Token));
        AssertNothingRecorded();
    }

    [Fact]
    public async Task A_revoked_secret_can_be_compared_and_says_that_it_is_dead()
    {
        await SeedAsync();
        var address = await AddressAsync("AC-DEAD");
        using var client = _site.Visitor(Role.Support, "en");
        Assert.Contains("This delivery was revoked: it no longer works.", await client.GetStringAsync(address, Token));
        using var answer = await client.SubmitAsync(address, address, ("reason", "The customer sent this one."));
        var page = await answer.Content.ReadAsStringAsync(Token);
        Assert.Contains("This delivery was revoked", page);
        Assert.Contains(Revoked, page);
    }

    [Fact]
    public async Task Finance_is_told_who_reveals_and_nobody_reveals_what_is_not_there()
    {
        await SeedAsync();
        var page = await _site.Visitor(Role.Finance, "en").ReadAsync("/orders/AC-KEY");
        Assert.Contains("To reveal a key or code needs the role support or admin.", page);
        using var none = await _site.Visitor(Role.Support).GetAsync($"/reveal/{Guid.Empty:N}", Token);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    private void AssertNothingRecorded()
    {
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM DeliveryEvents WHERE Kind = 'revealed'"));
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM AuditEntries WHERE Action = 'delivery.revealed'"));
    }

    private async Task<string> SeedAsync()
    {
        await SeedAsync(_site, Secret, Revoked);
        return await AddressAsync("AC-KEY");
    }

    internal static async Task SeedAsync(Site site, string secret, string revoked)
    {
        await site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-KEY", creemOrder: "ord_KEY"), Seed.Order("AC-DEAD", email: "mara@example.com")));
        await site.ImportAsync("creem", Seed.Transaction("tran_key", "ord_KEY"));
        await site.ImportAsync("deliveries", Seed.File(Seed.DeliveriesHeader, Seed.Delivery("AC-KEY", secret), Seed.Delivery("AC-DEAD", revoked, revokedAt: "2024-10-02T10:00:00+08:00")));
    }

    private Task<string> AddressAsync(string orderNo) => AddressAsync(_site, orderNo);

    internal static async Task<string> AddressAsync(Site site, string orderNo) =>
        $"/reveal/{(await site.Services.GetRequiredService<OrderQueries>().DeliveriesAsync(orderNo)).Single().Id:N}";
}

/// <summary>The desk's pages as people see them, and what the script does with a secret.</summary>
public sealed class DeskLooksTests(Browser browser)
{
    private const string Secret = "sk-shown-in-the-browser-for-a-minute-8c1d";

    private static readonly SemaphoreSlim Seeding = new(1);
    private static string? _reveal;

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task The_pages_stand_in_every_width_theme_and_language(int width, string theme, string language)
    {
        var reveal = await SeededAsync();
        foreach (var path in new[] { "/orders?status=needs_attention", "/orders/AC-KEY", reveal, "/erasure?order=AC-KEY", "/payments", "/payments?currency=xx", "/payments/tran_key", "/search?q=AC-ZM3J-J7T7-3Q1D", "/search?q=aster%40example.com" })
            await browser.LooksWellAsync(path, width, theme, language);
    }

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task A_secret_is_taken_out_of_the_page(int width, string theme, string language)
    {
        await using var open = await browser.OpenAsync(await SeededAsync(), width, theme, language);
        await open.Page.Clock.InstallAsync();
        await open.Page.Locator("input[name=reason]").FillAsync("The customer lost the page.");
        await open.Page.Locator("main .btn-danger").ClickAsync();
        await Expect(open.Page.Locator(".one-time")).ToHaveTextAsync(Secret);
        if (Environment.GetEnvironmentVariable("BACKOFFICE_SCREENSHOTS") is { Length: > 0 } folder)
            await open.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"secret-{width}-{theme}-{language}.png"), FullPage = true });
        await open.LooksWellAsync();

        await open.Page.EmulateMediaAsync(new() { Media = Microsoft.Playwright.Media.Print });
        await Expect(open.Page.Locator(".one-time")).ToBeHiddenAsync();
        await open.Page.EmulateMediaAsync(new() { Media = Microsoft.Playwright.Media.Screen });
        await open.Page.Clock.RunForAsync(50_000);
        await open.Page.Locator("[data-secret-keep]").ClickAsync();
        await open.Page.Clock.RunForAsync(50_000);
        await Expect(open.Page.Locator(".one-time")).ToHaveTextAsync(Secret);
        await open.Page.Clock.RunForAsync(11_000);
        await Expect(open.Page.Locator(".one-time")).ToHaveCountAsync(0);
        await Expect(open.Page.Locator("[data-secret-gone]")).ToBeVisibleAsync();
        Assert.DoesNotContain(Secret, await open.Page.ContentAsync());
        await open.LooksWellAsync();
    }

    [Fact]
    public async Task A_slash_leads_to_the_search_box_but_not_from_a_field()
    {
        await SeededAsync();
        await using var open = await browser.OpenAsync("/orders");
        await open.Page.Keyboard.PressAsync("/");
        await Expect(open.Page.Locator("#search")).ToBeFocusedAsync();
        await open.Page.Keyboard.TypeAsync("ac/key");
        await Expect(open.Page.Locator("#search")).ToHaveValueAsync("ac/key");
        await open.Page.Locator("#search").FillAsync("AC-KEY");
        await open.Page.Keyboard.PressAsync("Enter");
        await Expect(open.Page).ToHaveURLAsync(new Regex("/orders/AC-KEY$"));
    }

    private async Task<string> SeededAsync()
    {
        await Seeding.WaitAsync();
        try
        {
            if (_reveal is null)
            {
                await RevealTests.SeedAsync(browser.Site, Secret, "sk-another-that-is-revoked-77aa");
                await browser.Site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-ASTER-2", creemOrder: "ord_A2"), Seed.Order("AC-ASTER-3")));
                await browser.Site.ImportAsync("creem", Seed.Transaction("tran_a2", "ord_A2") + "\n" + Seed.Transaction("tran_key", "ord_KEY", paid: 199, minute: 3));
                _reveal = await RevealTests.AddressAsync(browser.Site, "AC-KEY");
            }
            return _reveal;
        }
        finally
        {
            Seeding.Release();
        }
    }
}
