using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Audit;
using BackOffice.Jobs.Nights;
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
    public async Task Support_begins_with_the_search_box_and_what_waits_for_a_person()
    {
        using var client = _site.Visitor(Role.Support, "en");
        Assert.Contains("No orders yet. They come with a file that finance or an admin imports.", await client.ReadAsync("/"));
        Assert.Null(Html.Link(await client.GetStringAsync("/", TestContext.Current.CancellationToken), "Choose a file"));

        var today = _site.Now.AddMinutes(-5).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        await _site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-TODAY", today), Seed.Order("AC-NOT-PAID"), Seed.Order("AC-OLD")));
        await _site.ImportAsync("deliveries", Seed.File(Seed.DeliveriesHeader, Seed.Delivery("AC-OLD", "sk-delivered-not-paid-9QXT")));
        var page = await client.ReadAsync("/");
        Assert.Contains("Orders that need a person: 1. Open findings: P1 0, P2 0.", page);
        Assert.Contains("Find a customer’s order", page);
        Assert.Matches("Orders of today Delivered 0 Needs attention 0 Awaiting payment 1", page);
        var html = await client.GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.Equal("/orders/AC-OLD", Html.Link(html, "AC-OLD"));
        Assert.Equal("/orders?status=needs_attention", Html.Link(html, "See these orders"));
        var shown = Html.Links(html).Single(link => link.StartsWith("/orders?status=awaiting_payment", StringComparison.Ordinal));
        var list = await client.ReadAsync(shown);
        Assert.Contains("AC-TODAY", list);
        Assert.DoesNotContain("AC-NOT-PAID", list);
    }

    [Fact]
    public async Task Finance_sees_open_findings_by_age_each_leading_to_its_rows()
    {
        using var client = _site.Visitor(Role.Finance, "en");
        await _site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-DONE")));
        Assert.Contains("No open findings.", await client.ReadAsync("/"));

        await OpenAsync(FindingKinds.PaidNotDelivered, 2);
        await OpenAsync(FindingKinds.DuplicatePayment, 3, daysAgo: 5);
        await OpenAsync(FindingKinds.WebhookMissing, 4, daysAgo: 40);
        var html = await client.GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.Equal([["P1", "2", "0", "0", "0"], ["P2", "0", "3", "0", "0"], ["P3", "0", "0", "0", "4"]], Html.Rows(Html.Table(html, "Open findings by age")));
        Assert.Equal("/findings?priority=P2&age=2-7", Html.Link(html, "3"));
        Assert.Contains("3 rows", await client.ReadAsync("/findings?priority=P2&age=2-7"));
        Assert.Contains("Nothing reconciled yet.", await client.ReadAsync("/"));
    }

    [Fact]
    public async Task An_admin_sees_the_jobs_of_the_night_and_what_is_not_set_up()
    {
        await _site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-DONE")));
        using var client = _site.Visitor("en");
        Assert.Contains("Nightly check of the audit trail has not run yet", await client.ReadAsync("/"));
        Assert.Contains("Outgoing mail: set Mail:Host and Mail:From", await client.ReadAsync("/"));

        var rows = _site.Services.GetRequiredService<JobRunStore>();
        var night = (await rows.AddAsync(AuditNight.JobName, "2026-11-10", TestContext.Current.CancellationToken))!.Value;
        await _site.Services.GetRequiredService<NightlyJob>().RunAsync(night, TestContext.Current.CancellationToken);
        var html = await client.GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.Equal($"/job-runs/{night:N}", Html.Link(html, "Nightly check of the audit trail"));
        Assert.Matches(@"Nightly check of the audit trail 2026-11-10 \d+ entries, unbroken", await client.ReadAsync("/"));
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

    private Task OpenAsync(string kind, int findings, int daysAgo = 0) => _site.Services.GetRequiredService<Database>().WriteAsync(WriteRank.Job, async session =>
    {
        for (var i = 0; i < findings; i++)
        {
            await session.ExecuteAsync(
                FindingStore.OpenFinding,
                new FindingStore.OpenArgs(Ids.New(session.At), kind, $"AC-{kind}-{i}", FindingKinds.Priority(kind), null, null, null, null, null, session.At.AddDays(-daysAgo), session.At),
                TestContext.Current.CancellationToken);
        }
    }, TestContext.Current.CancellationToken);
}
