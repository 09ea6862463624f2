using BackOffice.Domain.Access;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BackOffice.Web.Tests.Days;

/// <summary>A new admin sets up codes, then runs staff, packages and the machine, and finds it all on record.</summary>
public sealed class AdminDayTests(Browser browser) : IAsyncLifetime
{
    private const string Newcomer = "mara@example.com";
    private const string Chosen = "seven green hills at noon";

    private static readonly DateTime Morning = new(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc);

    private readonly ShiftedClock _clock = new(Morning);
    private Site _site = null!;

    public ValueTask InitializeAsync()
    {
        _site = new Site { Clock = _clock, Works = true }.OnPort();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task An_admin_runs_staff_packages_and_the_machine_and_finds_it_on_record()
    {
        var person = await _site.AddPersonAsync(Role.Admin, withCodes: false);
        person = await SetUpCodesAsync(person);
        _clock.MoveTo(Morning.AddMinutes(5)); // the code of the set-up counts once
        await using var desk = await Desk.OpenAsync(browser, _site, person);
        await desk.SignInAsync();
        await desk.ShowsAsync("Home");

        await RunStaffAsync(desk);
        await AddPriceAsync(desk);
        await RetireAsync(desk);

        await SeeTheNightAsync(desk);
        await desk.GoAsync("Settings");
        await desk.PressAsync("Test connection");
        await desk.ReadsAsync("mail: the test message went out.");
        Assert.Contains(Directory.GetFiles(_site.Mails, "*.eml"), mail => File.ReadAllText(mail).Contains("Test of the connection", StringComparison.Ordinal));

        await ReadAuditAsync(desk);
        await desk.SignOutAsync();
        var me = $"staff:{person.Email}";
        desk.AssertActs(
            $"staff.signed_in {me}", $"staff.totp_set_up {me}", $"staff.signed_out {me}", $"staff.signed_in {me}",
            $"staff.added staff:{Newcomer}", $"staff.role_changed staff:{Newcomer}: Now in finance.", $"staff.disabled staff:{Newcomer}: Left the house.",
            "package.price_added package:trial: Agreed on Monday.", "package.retired package:starter: Nobody buys it.",
            "connection.tested channel:mail", $"staff.signed_out {me}");
    }

    // In Production an admin gets nowhere before that.
    private async Task<Person> SetUpCodesAsync(Person person)
    {
        await using var desk = await Desk.OpenAsync(browser, _site, person);
        await desk.SignInAsync();
        await desk.ShowsAsync("Turn on codes");
        var secret = (await desk.Page.Locator(".secret .id").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await desk.WriteAsync("The code that the app shows now", Jobs.Staff.TotpCodes.At(secret, _site.Now));
        await desk.PressAsync("Turn on codes");
        await desk.ShowsAsync("Keep your recovery codes");
        await Expect(desk.Page.Locator(".recovery-codes li")).ToHaveCountAsync(10);
        await desk.FollowAsync("I have kept them");
        await desk.ShowsAsync("Home");
        await desk.SignOutAsync();
        return person with { Secret = secret };
    }

    private async Task RunStaffAsync(Desk desk)
    {
        await desk.GoAsync("Staff");
        await desk.FollowAsync("Add person");
        await desk.WriteAsync("E-mail", Newcomer);
        await desk.WriteAsync("Name", "Mara");
        await desk.ChooseAsync("Role", "support");
        await desk.PressAsync("Add person");
        var oneTime = await desk.Page.Locator(".one-time .id").InnerTextAsync();
        await desk.FollowAsync("It is handed over");

        await using var mara = await Desk.OpenAsync(browser, _site, new Person(Guid.Empty, Newcomer, null, []));
        await mara.SignInAsync(oneTime);
        await mara.WriteAsync("One-time password", oneTime);
        await mara.WriteAsync("New password", Chosen);
        await mara.PressAsync("Choose this password");
        await mara.ReadsAsync("The password is changed.");

        await desk.FollowAsync(Newcomer);
        await desk.WriteAsync("Reason", "Now in finance.");
        await desk.ChooseAsync("Role", "finance");
        await desk.PressAsync("Change role");
        await desk.ReadsAsync("The role is changed, and the person's sessions have ended.");
        await mara.Page.GotoAsync("/");
        await mara.ShowsAsync("Sign in");
        await mara.SignInAsync(Chosen);
        await mara.GoAsync("Imports");

        await desk.WriteAsync("Reason", "Left the house.");
        await desk.PressAsync("Disable");
        await desk.ReadsAsync("Disabled: the person's sessions have ended.");
        await mara.Page.GotoAsync("/imports");
        await mara.ShowsAsync("Sign in");
        await mara.SignInAsync(Chosen);
        await mara.ReadsAsync("The e-mail or the password is not right.");
    }

    private static async Task AddPriceAsync(Desk desk)
    {
        await desk.GoAsync("Packages and prices");
        await desk.FollowAsync("Trial");
        await desk.FollowAsync("Add price");
        await desk.ChooseAsync("Purpose", "Charge price");
        await desk.WriteAsync("Currency", "usd");
        await desk.WriteAsync("Amount", "2.99");
        await desk.ChooseAsync("Tax", "tax exclusive");
        await desk.WriteAsync("In force from", "2026-12-01T00:00");
        await desk.PressAsync("Look at the change");
        await desk.ReadsAsync("From 1 December 2026, 00:00 (UTC+8), Trial costs USD 2.99.");
        await desk.WriteAsync("Reason", "Agreed on Monday.");
        await desk.PressAsync("Add price USD 2.99");
        await desk.ReadsAsync("The price is added: USD 2.99.");
        await Expect(desk.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "USD 2.99" })).ToContainTextAsync("Scheduled");
    }

    private static async Task RetireAsync(Desk desk)
    {
        await desk.GoAsync("Packages and prices");
        await desk.FollowAsync("Starter");
        await desk.FollowAsync("Retire");
        await desk.ReadsAsync("It leaves the shop's page at once.");
        await desk.WriteAsync("Reason", "Nobody buys it.");
        await desk.PressAsync("Retire Starter");
        await desk.ReadsAsync("Retired: nothing new can be sold. What was sold stays.");
    }

    // The site has begun it by itself; how soon is the machine's affair.
    private static async Task SeeTheNightAsync(Desk desk)
    {
        await desk.GoAsync("Job runs");
        var night = desk.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Nightly reconciliation" }).Filter(new() { HasText = "Done" });
        var began = System.Diagnostics.Stopwatch.StartNew();
        while (await night.CountAsync() == 0 && began.Elapsed < TimeSpan.FromMinutes(2))
            await desk.Page.ReloadAsync();
        await Expect(night).ToHaveCountAsync(1);
    }

    private static async Task ReadAuditAsync(Desk desk)
    {
        await desk.GoAsync("Audit trail");
        await desk.WriteAsync("Who", desk.Person.Email);
        await desk.PressAsync("Apply");
        await Expect(desk.Page.Locator("tbody tr td:nth-child(4)")).ToHaveTextAsync(
        [
            "Connection tested", "Package retired", "Price added", "Person disabled", "Role changed", "Person added",
            "Signed in", "Signed out", "Codes turned on", "Signed in",
        ]);
        await desk.FollowAsync(await desk.Page.Locator("tbody tr").Filter(new() { HasText = "Role changed" }).GetByRole(AriaRole.Link).InnerTextAsync());
        await desk.ReadsAsync("Now in finance.");
    }
}
