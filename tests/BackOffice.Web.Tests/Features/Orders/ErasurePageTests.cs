using System.Net;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Reconciliation;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Orders;

public sealed class ErasurePageTests : IAsyncDisposable
{
    private const string Page = "/erasure?order=AC-1";

    private readonly Site _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_is_erased_from_every_order_and_the_same_files_change_nothing()
    {
        var files = await SeedAsync();
        var before = await FindingsAsync(await ReconcileAsync());
        using var admin = _site.Visitor("en");
        Assert.Contains("Orders under this address: 2.", await admin.ReadAsync(Page));
        using var answer = await admin.SubmitAsync(Page, "/erasure", ("email", " Aster@Example.com "), ("reason", "Asked for by mail on 9 November."));
        Assert.Equal("/orders/AC-1", answer.Headers.Location!.OriginalString);
        var order = await admin.GetStringAsync("/orders/AC-1", Token);
        Assert.Contains("erased-1@invalid", order);
        Assert.DoesNotContain("/erasure", order);

        foreach (var (kind, content) in files)
            Assert.Equal((0, 0), (await _site.ImportAsync(kind, content)) is var again ? (again.RecordsNew, again.RecordsPutAside) : default);
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM Orders WHERE CustomerEmail LIKE 'aster%'"));
        Assert.Equal(before, await FindingsAsync(await ReconcileAsync()));
        foreach (var table in ShopRows.Of(_site.Shop, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"))
            Assert.DoesNotContain(ShopRows.Of(_site.Shop, table), row => row.Contains("aster@", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("This address was erased", await admin.ReadAsync(Page));
    }

    [Theory]
    [InlineData("mara@example.com", "Asked for.", "Address: it is not the address of this order.")]
    [InlineData("", "Asked for.", "Address: it is not the address of this order.")]
    [InlineData("aster@example.com", "", "Reason: it is missing")]
    [InlineData("aster@example.com", "aster@EXAMPLE.com asked", "Reason: the reason holds the address itself")]
    public async Task What_is_not_confirmed_is_not_done_and_all_that_was_typed_is_kept(string email, string reason, string refusal)
    {
        await SeedAsync();
        using var admin = _site.Visitor("en");
        using var answer = await admin.SubmitAsync(Page, "/erasure", ("email", email), ("reason", reason));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Token));
        Assert.Contains(refusal, page);
        Assert.All(new[] { email, reason }, typed => Assert.True(typed.Length == 0 || page.Contains($"value=\"{typed}\"", StringComparison.Ordinal), typed));
        Assert.Equal(2, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM Orders WHERE CustomerEmail = 'aster@example.com'"));
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM ErasedEmails"));
    }

    [Theory]
    [InlineData("/erasure")]
    [InlineData("/erasure?order=")]
    [InlineData("/erasure?order=AC-NOBODY")]
    public async Task Without_an_order_there_is_nothing_to_erase(string path)
    {
        using var answer = await _site.Visitor().GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Without_the_key_ring_nothing_is_erased()
    {
        await SeedAsync();
        await using var other = _site.WithWebHostBuilder(host => host.UseSetting("Vault:KeyRing", Path.Combine(_site.Folder, "another-ring")));
        using var admin = other.CreateClient(new() { AllowAutoRedirect = false });
        admin.DefaultRequestHeaders.Add("Cookie", _site.Cookie(Role.Admin));
        admin.DefaultRequestHeaders.Add("Accept-Language", "en");
        using var answer = await admin.SubmitAsync(Page, "/erasure", ("email", "aster@example.com"), ("reason", "Asked for."));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("so nothing was erased", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal(2, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM Orders WHERE CustomerEmail = 'aster@example.com'"));
    }

    [Theory]
    [InlineData(Role.Support)]
    [InlineData(Role.Finance)]
    public async Task Only_an_admin_is_led_there(Role role)
    {
        await SeedAsync();
        Assert.DoesNotContain("/erasure", await _site.Visitor(role).GetStringAsync("/orders/AC-1", Token));
        Assert.Contains("/erasure?order=AC-1", await _site.Visitor().GetStringAsync("/orders/AC-1", Token));
    }

    private async Task<(string Kind, string Content)[]> SeedAsync()
    {
        (string, string)[] files =
        [
            ("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-1", creemOrder: "ord_1"), Seed.Order("AC-2"), Seed.Order("AC-3", email: "mara@example.com"))),
            ("creem", Seed.Transaction("tran_1", "ord_1")),
        ];
        foreach (var (kind, content) in files)
            Assert.Equal("done", (await _site.ImportAsync(kind, content)).Status);
        return files;
    }

    private async Task<Guid> ReconcileAsync()
    {
        var run = await _site.Services.GetRequiredService<RunDesk>().AddAsync(new DateOnly(2024, 10, 1), new DateOnly(2024, 10, 2), null, null, "mara@example.com", Token);
        await _site.Services.GetRequiredService<ReconcileJob>().RunAsync(run.Id, Token);
        Assert.Equal("balanced", (await _site.Services.GetRequiredService<RunQueries>().GetAsync(run.Id, Token)).Status);
        return run.Id;
    }

    private Task<List<string>> FindingsAsync(Guid run) =>
        Task.FromResult(ShopRows.Of(_site.Shop, $"SELECT Kind, Subject, OrderNo, TransactionId, hex(FactsHash) FROM RunFindings WHERE hex(RunId) = '{run:N}' COLLATE NOCASE"));
}
