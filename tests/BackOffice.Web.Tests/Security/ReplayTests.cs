using System.Net;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;
using BackOffice.Web.Tests.Features;
using BackOffice.Web.Tests.Features.Reconciliation;

namespace BackOffice.Web.Tests.Security;

/// <summary>The same form sent again, with the same token: what it does is done once, nothing in the database moves a second time, and the answer says what happened.</summary>
public sealed class ReplayTests(ReplayTests.Office office) : IClassFixture<ReplayTests.Office>
{
    private static readonly (string, string)[] Names =
        [("name_english", "Extra"), ("name_chinese", "特大包"), ("audience_english", "Heavy users"), ("audience_chinese", "重度用户"), ("position", "5")];

    private readonly Site _site = office.Shop.Site;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Packages_and_their_prices()
    {
        using var admin = _site.Visitor("en");
        const string changed = "Somebody else changed this package";
        const string price = "/packages/starter/prices";
        const string preview = price + "/preview?purpose=charge&currency=USD&amount=2.99&tax_mode=exclusive&creem_product=prod_a1&end_present=no";
        await IsDoneOnceAsync(admin, "/packages/new", "/packages", "Short name: twice is taken.", [.. Names, ("slug", "twice"), ("tokens", "90000000")]);
        await IsDoneOnceAsync(admin, "/packages/twice/edit", "/packages/twice", changed, [.. Names, ("name_english", "Larger")]);
        await IsDoneOnceAsync(admin, preview, price, "A price without an end runs since", ("reason", "because"));
        await IsDoneOnceAsync(admin, "/packages/twice/retirement", "/packages/twice/retirement", changed, ("reason", "too large"));
        await IsDoneOnceAsync(admin, "/packages/twice/return", "/packages/twice/return", changed, ("reason", "asked for"));
    }

    [Fact]
    public async Task Staff()
    {
        using var admin = _site.Visitor("en");
        await IsDoneOnceAsync(admin, "/staff/new", "/staff", "has an account already", ("email", "twice@example.com"), ("role", "support"));
        var page = $"/staff/{(await _site.AddPersonAsync(Role.Support)).Id:N}";
        const string changed = "Somebody else changed this account in the meantime. Nothing was done";
        await IsDoneOnceAsync(admin, page, page + "/role", changed, ("role", "finance"), ("reason", "because"));
        foreach (var act in new[] { "/disabling", "/enabling" })
        {
            using var first = await admin.PostFormAsync(page + act, await admin.TokenAsync(), ("reason", "because"));
            Assert.Equal(page, first.Headers.Location?.OriginalString);
            var before = Everything();
            using var again = await admin.PostFormAsync(page + act, await admin.TokenAsync(), ("reason", "because"));
            Assert.Contains(changed, Html.Text(await again.Content.ReadAsStringAsync(Token)));
            Assert.Equal(before, Everything());
        }
    }

    [Fact]
    public async Task Findings_and_requests()
    {
        using var finance = _site.Visitor(Role.Finance, "en");
        using var admin = _site.Visitor("en");
        var small = await office.Shop.FindingAsync(FindingKinds.AmountMismatch, "tran_other_amount");
        await IsDoneOnceAsync(finance, small + "/acceptance", small + "/acceptance", "The finding is not open any more.", ("reason", "small"));
        await IsDoneOnceAsync(finance, small + "/reopening", small + "/reopening", "Changed meanwhile: Opened again", ("reason", "not small"));
        await IsDoneOnceAsync(finance, small, small + "/assignee", "Changed meanwhile", ("assignee", "finance@example.com"));
        await IsDoneOnceAsync(finance, small + "/resolution", small + "/resolution", "The finding is not open any more.", ("reason", "paid"));

        var large = await office.Shop.FindingAsync(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice);
        await IsDoneOnceAsync(finance, large + "/acceptance", large + "/acceptance", "A second person is asked for this already.", ("reason", "the customer wanted two"));
        await IsDoneOnceAsync(admin, "/approvals/1", "/approvals/1/approval", "The request is decided already. Nothing was done.");

        var other = await office.Shop.FindingAsync(FindingKinds.DuplicateDelivery, ReconciledShop.DeliveredTwice);
        await IsDoneOnceAsync(finance, other + "/resolution", other + "/resolution", "The finding is not open any more.", ("reason", "one was taken back"));
    }

    [Fact]
    public async Task An_erasure()
    {
        using var admin = _site.Visitor("en");
        var address = ReconciledShop.Unpaid.ToLowerInvariant() + "@example.com";
        await IsDoneOnceAsync(admin, "/erasure?order=" + ReconciledShop.Unpaid, "/erasure", "Address: it is not the address of this order.", ("email", address), ("reason", "Asked for."));
    }

    [Fact]
    public async Task An_import()
    {
        using var client = _site.Visitor(Role.Finance, "en");
        var import = await _site.UploadAndCheckAsync(client, Seed.File(Seed.OrdersHeader, Seed.Order("AC-ONCE")));
        var page = $"/imports/{import.Number}";
        await IsDoneOnceAsync(client, page, page + "/confirmation", $"Import {import.Number}");
        await _site.RunAsync(import);
        var before = Everything();
        using var late = await client.ActAsync(page + "/confirmation");
        await _site.RunAsync(import);
        Assert.Equal(before, Everything());
        Assert.Contains("Taken in", await client.ReadAsync(page));
        Assert.Equal(1, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM Orders WHERE OrderNo = 'AC-ONCE'"));
    }

    [Fact]
    public async Task A_report()
    {
        using var finance = _site.Visitor(Role.Finance, "en");
        await IsDoneOnceAsync(finance, "/reconciliation/1", "/reports", "Report 1", ("format", "csv"), ("language", "en"));
    }

    /// <summary>To show it is no change: but each showing is on record by itself.</summary>
    [Fact]
    public async Task A_secret_is_shown_again_with_a_record_of_its_own()
    {
        using var support = _site.Visitor(Role.Support, "en");
        var id = ShopRows.Of(_site.Shop, $"SELECT Id FROM Deliveries WHERE OrderNo = '{ReconciledShop.Matched}'").Single();
        var form = await support.FormAsync("/reveal/" + id, "/reveal/" + id, ("reason", "The customer lost the page."));
        for (var times = 1; times <= 2; times++)
        {
            using var answer = await support.PostAsync("/reveal/" + id, new FormUrlEncodedContent(form), Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(times, ShopRows.Count(_site.Shop, $"SELECT COUNT(*) FROM DeliveryEvents WHERE Kind = 'revealed' AND OrderNo = '{ReconciledShop.Matched}'"));
            Assert.Equal(times, ShopRows.Count(_site.Shop, $"SELECT COUNT(*) FROM AuditEntries WHERE Action = 'delivery.revealed' AND Subject = 'order:{ReconciledShop.Matched}'"));
        }
    }

    private async Task IsDoneOnceAsync(HttpClient client, string page, string action, string told, params (string, string)[] fields)
    {
        var form = await client.FormAsync(page, action, [.. fields.GroupBy(field => field.Item1).Select(same => same.Last())]);
        var untouched = Everything();
        using var first = await client.PostAsync(action, new FormUrlEncodedContent(form), Token);
        Assert.True(first.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.OK, $"{action}: {Html.Text(await first.Content.ReadAsStringAsync(Token))}");
        var before = Everything();
        Assert.NotEqual(untouched, before);
        if (first.Headers.Location is { } done)
            await client.GetStringAsync(done, Token); // what it says is said
        using var again = await client.PostAsync(action, new FormUrlEncodedContent(form), Token);
        Assert.Equal(before, Everything());
        Assert.True(again.StatusCode is HttpStatusCode.OK or HttpStatusCode.Redirect or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity, $"{action}: {again.StatusCode}");
        var answer = again.Headers.Location is { } led ? await client.GetStringAsync(led, Token) : await again.Content.ReadAsStringAsync(Token);
        Assert.Contains(told, Html.Text(answer));
    }

    private List<string> Everything() =>
        ShopRows.Hashes(_site.Shop, ShopRows.Of(_site.Shop, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"));

    /// <summary>A shop in which what is above USD 5.00 takes two.</summary>
    public sealed class Office : IAsyncLifetime
    {
        public ReconciledShop Shop { get; } = new("USD 500; CNY 10000");

        public ValueTask InitializeAsync() => Shop.InitializeAsync();

        public ValueTask DisposeAsync() => Shop.DisposeAsync();
    }
}
