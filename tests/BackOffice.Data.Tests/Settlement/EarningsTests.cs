using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Migrations;
using BackOffice.Data.Orders;
using BackOffice.Data.Payments;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using Microsoft.AspNetCore.DataProtection;

namespace BackOffice.Data.Tests;

public sealed class EarningsTests
{
    private static readonly SettlementPeriod September = SettlementPeriod.Of(new DateOnly(2026, 9, 1), UsageShop.Business.Zone);

    [Theory, EachEngine]
    public async Task A_month_brings_in_its_credits_at_the_list_price_of_what_was_sold_by_then(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var chat = UsageShop.Record("1", "2026-09-10T03:00:00", 0) with { Tokens = new TokenCounts(20_000_000, 80_000_000, 0, 0, 5_000_000) };
        await shop.UseAsync(chat, UsageShop.Record("2", "2026-10-10T03:00:00", 1), UsageShop.Record("3", "2026-09-10T03:00:00", 7, model: "other") with { Upstream = "elsewhere" });
        await SellAsync(shop.Database, Order("AC-1", "CNY", 2200, "2026-09-01"), Order("AC-2", "USD", 299, "2026-09-02"), Order("AC-3", "USD", 299, "2026-09-03"), Order("AC-4", "USD", 299, "2026-10-03"));
        await PayAsync(shop.Database, Paid("AC-1", "2026-09-01"), Paid("AC-2", "2026-09-02"), Paid("AC-4", "2026-10-03"));
        var queries = new EarningsQueries(shop.Database, UsageShop.Business, "prod");

        // Without a rate for the dollars there is no margin.
        var earnings = await queries.OfAsync("acme", September, new Money(1000, "CNY"));
        Assert.Equal((26_600_000, 10_000_000), (earnings.Credits, earnings.Sold.Tokens));
        Assert.Equal([new Money(5852, "CNY"), new Money(795, "USD")], earnings.Revenue);
        Assert.Null(earnings.Margin);

        await shop.Database.WriteAsync(WriteRank.Job, session => session.ExecuteAsync(AddRate, new Rate(1, 7_100_000_000, shop.Database.Clock.UtcNow())));
        Assert.Equal(new Money(10_497, "CNY"), (await queries.OfAsync("acme", September, new Money(1000, "CNY"))).Margin);

        // Refunded today, as far as anybody knows: it stood when September ended.
        await PayAsync(shop.Database, Paid("AC-1", "2026-09-01") with { Status = "refunded", RefundedMinor = 299, PayloadHash = [.. new byte[15], 9] });
        Assert.Equal(earnings.Revenue, (await queries.OfAsync("acme", September, new Money(1000, "CNY"))).Revenue);
        Assert.Equal([new SoldAtList("USD", 598)], (await queries.SoldAsync(At("2099-11-01"))).Lists);
        Assert.Empty((await queries.OfAsync("acme", SettlementPeriod.Of(new DateOnly(2026, 8, 1), UsageShop.Business.Zone), new Money(0, "CNY"))).Revenue);
    }

    private static Task<Outcome[]> SellAsync(Database database, params ImportedOrder[] orders) => database.WriteAsync(WriteRank.Job, async session =>
        await (await OrderIntake.StartAsync(session, "file", "prod", new Data.Vault.Vault(database, new EphemeralDataProtectionProvider()))).TakeAsync(session, orders, "test", CancellationToken.None));

    private static Task<Outcome[]> PayAsync(Database database, params ImportedTransaction[] transactions) =>
        database.WriteAsync(WriteRank.Job, session => new TransactionIntake("prod").TakeAsync(session, transactions, "test", CancellationToken.None));

    private static ImportedOrder Order(string number, string currency, long minor, string day) => new()
    {
        Line = 2,
        OrderNo = number,
        Package = "trial",
        Units = 1,
        CustomerEmail = "aster@example.com",
        List = new Money(minor, currency),
        Charge = new Money(299, "USD"),
        TaxInclusive = true,
        CreemOrderId = "ord_" + number,
        CreatedAt = At(day),
    };

    private static ImportedTransaction Paid(string number, string day) => new()
    {
        Line = 2,
        TransactionId = "tran_" + number,
        Status = "paid",
        Mode = "prod",
        Currency = "USD",
        AmountMinor = 299,
        AmountPaidMinor = 299,
        RefundedMinor = null,
        CreemOrderId = "ord_" + number,
        RequestId = null,
        CreatedAt = At(day).AddMinutes(1),
        PayloadHash = new byte[16],
    };

    private static DateTime At(string day) => DateTime.SpecifyKind(DateTime.Parse(day, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc);

    /// <summary>A rate of the dollar.</summary>
    public sealed record Rate(long Number, long RateNano, DateTime RecordedAt);

    /// <summary>One dollar is so many nano of a yuan, since ever.</summary>
    private static readonly Sql<Rate> AddRate = new("""
        INSERT INTO ExchangeRates (Number, Base, Quote, RateNano, ValidFrom, ValidUntil, RecordedAt, RecordedBy)
        VALUES (@Number, 'USD', 'CNY', @RateNano, NULL, NULL, @RecordedAt, 'test')
        """);
}
