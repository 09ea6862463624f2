using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain.Reconciliation;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Home;

public sealed class HomeTests : IAsyncDisposable
{
    private readonly Site _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("en", "Start here: bring in orders, payments and deliveries")]
    [InlineData("zh-CN", "从这里开始")]
    public async Task A_new_shop_is_told_where_to_start(string language, string words)
    {
        var page = await _site.Visitor(language).GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.Contains(words, page);
        Assert.DoesNotContain("class=\"tiles\"", page);
    }

    [Fact]
    public async Task What_waits_is_counted_and_leads_on()
    {
        using var client = _site.Visitor("en");
        await _site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-DONE")));
        Assert.Contains("All clear, nothing waits.", await client.ReadAsync("/"));

        var waiting = await _site.UploadAndCheckAsync(client, Seed.File(Seed.OrdersHeader, Seed.Order("AC-WAITS"), "broken"));
        await OpenAsync(FindingKinds.PaidNotDelivered, 2);
        await OpenAsync(FindingKinds.DuplicatePayment, 3);
        await OpenAsync(FindingKinds.WebhookMissing, 4);
        var page = await client.ReadAsync("/");
        Assert.Contains("Open findings: P1 2, P2 3. Imports to confirm: 1.", page);
        Assert.Contains("To confirm orders.csv put aside: 1", page);
        Assert.Contains($"href=\"/imports/{waiting.Number}\"", await client.GetStringAsync("/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task More_than_a_thousand_is_not_counted_further()
    {
        await _site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-DONE")));
        await OpenAsync(FindingKinds.PaidNotDelivered, 1000);
        Assert.Contains("Open findings: P1 1,000, P2 0.", await _site.Visitor("en").ReadAsync("/"));
        await OpenAsync(FindingKinds.RevokedButPaid, 1);
        Assert.Contains("Open findings: P1 more than 1,000, P2 0.", await _site.Visitor("en").ReadAsync("/"));
        Assert.Contains("待处理差异：P1 超过 1,000 条，P2 0 条。", await _site.Visitor("zh-CN").ReadAsync("/"));
    }

    private Task OpenAsync(string kind, int findings) => _site.Services.GetRequiredService<Database>().WriteAsync(WriteRank.Job, async session =>
    {
        for (var i = 0; i < findings; i++)
        {
            await session.ExecuteAsync(
                FindingStore.OpenFinding,
                new FindingStore.OpenArgs(Ids.New(session.At), kind, $"AC-{kind}-{i}", FindingKinds.Priority(kind), null, null, null, null, null, session.At, session.At),
                TestContext.Current.CancellationToken);
        }
    }, TestContext.Current.CancellationToken);
}
