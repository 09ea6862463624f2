using BackOffice.Domain.Access;
using BackOffice.Web.Tests.Features.Settlement;

namespace BackOffice.Web.Tests.Days;

/// <summary>Finance brings an upstream's invoice in, sees where its difference comes from, and accepts it.</summary>
public sealed class InvoiceDayTests(Browser browser) : IAsyncLifetime
{
    private const string Reason = "They raised the price on the 1st, as agreed by mail.";

    private Site _site = null!;

    public async ValueTask InitializeAsync()
    {
        _site = new Site { Clock = new ShiftedClock(new DateTime(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc)), Works = true }.OnPort();
        await SettlementShop.SeedAsync(_site);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task Finance_compares_an_invoice_and_accepts_it()
    {
        await using var desk = await Desk.OpenAsync(browser, _site, await _site.AddPersonAsync(Role.Finance));
        await desk.SignInAsync();
        await desk.GoAsync("Imports");
        await desk.FollowAsync("Import a file");
        await desk.Page.GetByText("Only for an upstream's invoice").ClickAsync();
        await desk.ChooseAsync("Upstream", "acme");
        await desk.WriteAsync("Month", "2026-09");
        await desk.WriteAsync("Stated total", "5.40");
        await desk.UploadAsync("invoice.csv", InvoiceShop.Lines, records: 5);

        await desk.GoAsync("Settlements");
        await desk.PressAsync("Open the month");
        await desk.ShowsAsync("October 2026");
        await desk.GoAsync("Settlements");
        await desk.Page.GetByLabel("Month").FillAsync("2026-09");
        await desk.PressAsync("Open the month");
        await desk.FollowAsync("Invoice");
        await desk.ReadsAsync("The upstream asks CNY 5.400000000: CNY +0.900000000 against our figures.");
        await desk.ReadsAsync("is explained by nothing");
        await desk.GoAsync("Findings");
        await desk.FollowAsync("Invoice not explained");
        await desk.ReadsAsync("CNY +0.030000000 of the invoice's difference to our figures is explained by nothing.");
        await desk.FollowAsync("Open the invoice");
        await desk.WriteAsync("Reason", Reason);
        await desk.PressAsync("Accept these figures");
        await desk.ReadsAsync("The invoice is accepted.");
        await desk.ReadsAsync($"The upstream asks CNY 5.400000000, accepted by {desk.Person.Email}.");
        await desk.ReadsAsync(Reason);
        desk.AssertActs(
            $"staff.signed_in staff:{desk.Person.Email}", $"import.added import:{1 + SettlementShop.Imports}", $"import.confirmed import:{1 + SettlementShop.Imports}", $"invoice.accepted settlement:acme/2026-09: {Reason}");
    }
}
