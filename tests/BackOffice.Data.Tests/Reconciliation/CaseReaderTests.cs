using System.Globalization;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Data.Orders;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Reconciliation;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Data.Tests;

public sealed class CaseReaderTests
{
    private const int Orders = 7001;

    /// <summary>Several portions are on their way at once: more orders than three portions have, of which every order is one case, in the order of their numbers.</summary>
    [Theory, EachEngine]
    public async Task Every_order_comes_once_and_in_order(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var numbers = Enumerable.Range(0, Orders).Select(i => i.ToString("AC-000000", CultureInfo.InvariantCulture)).ToList();
        await TakeAsync(home.Database, numbers);

        using var reader = await CaseReader.OpenAsync(home.Database, Everything(home.Database.Clock.UtcNow()), TestContext.Current.CancellationToken);
        var read = new List<string>();
        await foreach (var one in reader.OrdersAsync(TestContext.Current.CancellationToken))
            read.Add(one.Order.OrderNo);

        Assert.Equal(Orders, reader.Total);
        Assert.Equal(numbers, read);
    }

    /// <summary>Which of three orders, delivered by codes of one batch, hold a void code, and since when: at each instant as it was known then, whatever came later.</summary>
    [Theory, EachEngine]
    public async Task A_delivery_is_matched_to_its_code_by_the_lookup_key(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 10, 2, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        await using var shop = await CodeShop.OnAsync(engine, clock);
        var batch = await shop.MadeAsync(CodeShop.Wanted(3, "friendly", prefix: "SPRING"));
        var codes = await shop.OpenedAsync(batch);
        await TakeAsync(shop.Database, ["AC-1", "AC-2", "AC-3", "AC-4"]);
        // As a customer typed it: the canonical form counts.
        await DeliverAsync(shop, ("AC-1", codes[0].Code.ToLowerInvariant()), ("AC-2", codes[1].Code.Replace("-", "", StringComparison.Ordinal)), ("AC-3", codes[2].Code), ("AC-4", new string('a', 32)));
        var intake = new RedemptionIntake(shop.Database, new BusinessTime(TimeZoneInfo.Utc));

        await shop.Database.WriteAsync(WriteRank.Request, session => CodeVoids.VoidCodesAsync(session, [codes[0].Row], false, "mara@example.com", "Leaked", default));
        var one = clock.GetUtcNow().UtcDateTime;
        await shop.Voids.VoidAsync(new BatchVoid(batch.Number, false, "mara@example.com", "All leaked"));
        var all = clock.GetUtcNow().UtcDateTime;
        await shop.SettleAsync(batch.Number);
        await intake.TakeInAsync([new Redemption(await KeyAsync(shop, codes[1].Code), one, "zoe")]);
        var redeemed = clock.GetUtcNow().UtcDateTime;

        Assert.Equal(["AC-1"], await OfVoidCodesAsync(shop.Database, one));
        Assert.Equal(["AC-1", "AC-2", "AC-3"], await OfVoidCodesAsync(shop.Database, all));
        Assert.Equal(["AC-1", "AC-3"], await OfVoidCodesAsync(shop.Database, redeemed));
    }

    /// <summary>In scope by their codes alone: made void in the window, one by one and with their batch, or redeemed since the last night.</summary>
    [Theory, EachEngine]
    public async Task What_becomes_of_a_code_brings_its_order_into_scope(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 10, 2, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        await using var shop = await CodeShop.OnAsync(engine, clock);
        var (whole, single) = (await shop.MadeAsync(CodeShop.Wanted(1)), await shop.MadeAsync(CodeShop.Wanted(3)));
        var (ofWhole, ofSingle) = (await shop.OpenedAsync(whole), await shop.OpenedAsync(single));
        await TakeAsync(shop.Database, ["AC-1", "AC-2", "AC-3", "AC-4"]);
        await DeliverAsync(shop, ("AC-1", ofWhole[0].Code), ("AC-2", ofSingle[0].Code), ("AC-3", ofSingle[1].Code), ("AC-4", ofSingle[2].Code));
        var from = clock.GetUtcNow().UtcDateTime;
        await shop.Voids.VoidAsync(new BatchVoid(whole.Number, false, "mara@example.com", "All leaked"));
        await shop.Database.WriteAsync(WriteRank.Request, session => CodeVoids.VoidCodesAsync(session, [ofSingle[0].Row], false, "mara@example.com", "Leaked", default));
        await new RedemptionIntake(shop.Database, new BusinessTime(TimeZoneInfo.Utc)).TakeInAsync([new Redemption(await KeyAsync(shop, ofSingle[1].Code), from.AddDays(-1), "zoe")]);
        var until = clock.GetUtcNow().UtcDateTime;
        var window = new RunParameters { From = from, Until = until, AsOf = until, KnownAsOf = until };

        Assert.Equal(["AC-1", "AC-2"], await ScopeAsync(shop.Database, window));
        Assert.Equal(["AC-1", "AC-2", "AC-3"], await ScopeAsync(shop.Database, window with { From = until, RecordedSince = from }));
        Assert.Empty(await ScopeAsync(shop.Database, window with { From = until, RecordedSince = until }));
    }

    private static async Task<List<string>> ScopeAsync(Database database, RunParameters run)
    {
        using var reader = await CaseReader.OpenAsync(database, run, TestContext.Current.CancellationToken);
        var orders = new List<string>();
        await foreach (var one in reader.OrdersAsync(TestContext.Current.CancellationToken))
            orders.Add(one.Order.OrderNo);
        return orders;
    }

    private static async Task<List<string>> OfVoidCodesAsync(Database database, DateTime knownAsOf)
    {
        var run = Everything(knownAsOf) with { KnownAsOf = knownAsOf };
        var cases = await new CaseFacts(database, knownAsOf).OfKeysAsync(["AC-1", "AC-2", "AC-3", "AC-4"], TestContext.Current.CancellationToken);
        return [.. cases.Where(one => one.Deliveries.Single().IsOfVoidCode(run)).Select(one => one.Order.OrderNo)];
    }

    internal static async Task DeliverAsync(CodeShop shop, params (string OrderNo, string Code)[] deliveries)
    {
        var intake = new DeliveryIntake(await shop.Vault.SealerAsync(new DateTime(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc)), "prod");
        await shop.Database.WriteAsync(WriteRank.Job, session => intake.TakeAsync(session, [.. deliveries.Select(one => Delivery(one.OrderNo, one.Code))], "test", default));
    }

    private static ImportedDelivery Delivery(string orderNo, string code) => new()
    {
        Line = 2,
        OrderNo = orderNo,
        Kind = "redemption_code",
        Tokens = 5_000_000,
        Secret = code,
        Reference = null,
        RevokedAt = null,
        DeliveredAt = new DateTime(2026, 10, 1, 1, 0, 0, DateTimeKind.Utc),
    };

    internal static async Task<byte[]> KeyAsync(CodeShop shop, string code) =>
        (await shop.Vault.FinderAsync()).LookupKey(Domain.Codes.RedemptionCode.Read(code).Canonical);

    internal static Task TakeAsync(Database database, List<string> numbers) => database.WriteAsync(WriteRank.Job, async session =>
    {
        var intake = await OrderIntake.StartAsync(session, "file", "prod", new Data.Vault.Vault(database, new EphemeralDataProtectionProvider()));
        foreach (var portion in numbers.Chunk(OrderIntake.Portion))
            await intake.TakeAsync(session, [.. portion.Select(Order)], "test", TestContext.Current.CancellationToken);
    });

    private static ImportedOrder Order(string number) => new()
    {
        Line = 2,
        OrderNo = number,
        Package = "trial",
        Units = 1,
        CustomerEmail = "a@example.com",
        List = new Money(2200, "CNY"),
        Charge = new Money(299, "USD"),
        TaxInclusive = true,
        CreemOrderId = null,
        CreatedAt = new DateTime(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc),
    };

    private static RunParameters Everything(DateTime now) => new()
    {
        From = now.AddDays(-90),
        Until = now,
        AsOf = now,
        KnownAsOf = now.AddSeconds(1),
        RecordedSince = now.AddDays(-1),
    };
}
