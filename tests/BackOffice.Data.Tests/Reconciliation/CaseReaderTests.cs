using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Data.Orders;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Reconciliation;
using Microsoft.AspNetCore.DataProtection;

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

    private static Task TakeAsync(Database database, List<string> numbers) => database.WriteAsync(WriteRank.Job, async session =>
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
