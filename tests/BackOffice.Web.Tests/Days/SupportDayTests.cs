using BackOffice.Domain.Access;
using BackOffice.Web.Security;
using BackOffice.Web.Tests.Features.Reconciliation;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BackOffice.Web.Tests.Days;

/// <summary>A customer lost the page with the key, and writes to support.</summary>
public sealed class SupportDayTests(Browser browser) : IAsyncLifetime
{
    private const string Lost = "AC-ZM3J-J7T7-3Q1C";
    private const string Secret = "sk-lost-by-its-customer-7Q2M";
    private const string Reason = "The customer lost the page with the key.";

    private static readonly DateTime Morning = new(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc);

    private readonly ShiftedClock _clock = new(Morning);
    private Site _site = null!;

    public async ValueTask InitializeAsync()
    {
        _site = new Site { Clock = _clock }.OnPort();
        await new Facts()
            .Order(Lost, "2026-11-09").Pay("tran_lost", Lost, "2026-11-09").Deliver(Lost, "2026-11-09", Secret)
            .Order("AC-1111-1111-0THR", "2026-11-09").Pay("tran_other", "AC-1111-1111-0THR", "2026-11-09")
            .ImportAsync(_site);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task Support_finds_the_order_by_the_customers_address_and_reveals_the_key_for_a_minute()
    {
        await using var desk = await Desk.OpenAsync(browser, _site, await _site.AddPersonAsync(Role.Support));
        var page = desk.Page;
        await desk.SignInAsync();
        await desk.ShowsAsync("Home");
        await desk.ReadsAsync("Orders that need a person: 1.");

        await page.Locator("#search").FillAsync($"{Lost.ToLowerInvariant()}@example.com");
        await page.Keyboard.PressAsync("Enter");
        await desk.ShowsAsync(Lost);
        await desk.ReadsAsync("delivered: API key ending in 7Q2M. Nothing to do.");
        await Expect(page.Locator("main")).Not.ToContainTextAsync("Revealed");

        // The password of the morning no longer counts.
        _clock.MoveTo(Morning + ReauthenticateAttribute.Holds + TimeSpan.FromMinutes(1));
        await page.Clock.InstallAsync();
        await desk.FollowAsync("Reveal …7Q2M");
        await desk.ShowsAsync("The password again");
        await desk.WriteAsync("Password", Site.Password);
        await desk.PressAsync("Go on");
        await desk.WriteAsync("Reason", Reason);
        await desk.PressAsync("Reveal for a minute");
        await Expect(page.Locator(".one-time")).ToHaveTextAsync(Secret);
        await page.Clock.RunForAsync(61_000);
        await desk.ReadsAsync("Hidden again. To see it once more, reveal it once more.");
        Assert.DoesNotContain(Secret, await page.ContentAsync());
        await desk.FollowAsync("Back to the order");
        await desk.ReadsAsync($"API key ending in 7Q2M: {Reason}");
        await Expect(page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = Reason })).ToContainTextAsync(desk.Person.Email);

        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Imports", Exact = true })).ToHaveCountAsync(0);
        await desk.IsRefusedAsync("/imports", "finance or admin");
        await desk.SignOutAsync();
        await page.GotoAsync("/orders");
        await desk.ShowsAsync("Sign in");
        desk.AssertActs($"staff.signed_in staff:{desk.Person.Email}", $"delivery.revealed order:{Lost}: {Reason}", $"staff.signed_out staff:{desk.Person.Email}");
    }
}
