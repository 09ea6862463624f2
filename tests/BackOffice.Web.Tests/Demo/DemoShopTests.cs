using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Demo;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Reconciliation;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Demo;

public sealed class DemoShopTests
{
    private const int Orders = 600;
    private static readonly DateTime Now = new(2026, 11, 23, 4, 0, 0, DateTimeKind.Utc);
    private static readonly DateOnly Today = new(2026, 11, 23);
    private static readonly string[] AllTables = [.. ShopRows.FactTables, "PackagePrices", "FeeRules", "JobRuns", "ReconciliationRuns", "RunFindings", "Findings", "FindingEvents", "CodeBatches", "Codes", "CodeEvents", "CodeTasks"];

    [Fact]
    public async Task A_run_over_the_three_months_finds_what_was_planted_and_the_bridge_closes()
    {
        using var folder = ShopFolder.Migrated();
        await using var services = folder.Services(new ShiftedClock(Now));
        var loaded = await LoadAsync(services);
        var run = await services.GetRequiredService<RunDesk>().AddAsync(loaded.From, loaded.Until, null, null, "system", TestContext.Current.CancellationToken);
        await services.GetRequiredService<ReconcileJob>().RunToEndAsync(run.Id, TestContext.Current.CancellationToken);
        run = await services.GetRequiredService<RunQueries>().GetAsync(run.Id, TestContext.Current.CancellationToken);
        Assert.Equal("balanced", run.Status);
        var facts = await services.GetRequiredService<DemoShop>().MakeAsync(Today, Orders, 1, TestContext.Current.CancellationToken);
        var planted = facts.Planted.Select(finding => $"{finding.Kind}|{finding.Subject}").Order(StringComparer.Ordinal);
        Assert.Equal(planted, ShopRows.Of(folder, $"SELECT f.Kind, f.Subject FROM RunFindings f JOIN ReconciliationRuns r ON r.Id = f.RunId WHERE r.Number = {run.Number}"));
        Assert.Equal(planted, ShopRows.Of(folder, "SELECT Kind, Subject FROM Findings WHERE State = 'open'"));
    }

    [Fact]
    public async Task Months_and_the_last_night_are_reconciled_and_every_figure_is_known()
    {
        using var folder = ShopFolder.Migrated();
        await using var services = folder.Services(new ShiftedClock(Now));
        await LoadAsync(services);
        Assert.Equal(
            [
                "nightly|balanced|2026-11-21|2026-11-23",
                "request|balanced|2026-08-01|2026-09-01",
                "request|balanced|2026-09-01|2026-10-01",
                "request|balanced|2026-10-01|2026-11-01",
                "request|balanced|2026-11-01|2026-11-23",
            ],
            ShopRows.Of(folder, "SELECT Origin, Status, FromDay, UntilDay FROM ReconciliationRuns"));
        Assert.Equal(["nightly-reconciliation|2026-11-23|done"], ShopRows.Of(folder, "SELECT Job, Argument, Status FROM JobRuns"));
        Assert.Empty(ShopRows.Of(folder, "SELECT RunId FROM RunStatementLines WHERE FeesMinor IS NULL OR NetMinor IS NULL"));
        Assert.Equal(8, ShopRows.Count(folder, "SELECT COUNT(*) FROM PackagePrices WHERE Purpose = 'charge'"));
        Assert.Equal(Orders, ShopRows.Count(folder, "SELECT COUNT(*) FROM Orders WHERE Source = 'demo'"));
    }

    [Fact]
    public async Task A_second_load_changes_nothing_on_a_later_day_either()
    {
        using var folder = ShopFolder.Migrated();
        var clock = new ShiftedClock(Now);
        await using var services = folder.Services(clock);
        Assert.True((await LoadAsync(services)).Added > Orders);
        var before = ShopRows.Hashes(folder, AllTables);
        clock.MoveTo(Now.AddDays(3));
        Assert.Equal(0, (await LoadAsync(services)).Added);
        Assert.Equal(before, ShopRows.Hashes(folder, AllTables));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(13)]
    [InlineData(25)]
    public async Task A_load_that_was_stopped_is_finished_on_another_day_by_the_same_call(int transactions)
    {
        using var stopped = ShopFolder.Migrated();
        using var stop = new CancellationTokenSource();
        await using (var services = stopped.Services(new ShiftedClock(Now, calls => Stop(calls, transactions, stop))))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => services.GetRequiredService<DemoShop>().LoadAsync(Orders, 1, stop.Token));
        Assert.InRange(ShopRows.Count(stopped, "SELECT COUNT(*) FROM Orders"), 1, Orders);
        Assert.Equal(0, ShopRows.Count(stopped, "SELECT COUNT(*) FROM ReconciliationRuns WHERE Origin = 'nightly'"));
        await using (var services = stopped.Services(new ShiftedClock(Now.AddDays(1))))
            await LoadAsync(services);

        using var whole = ShopFolder.Migrated();
        await using (var services = whole.Services(new ShiftedClock(Now)))
            await LoadAsync(services);
        Assert.Equal(ShopRows.Hashes(whole, ShopRows.FactTables, ShopRows.OwnToAShop), ShopRows.Hashes(stopped, ShopRows.FactTables, ShopRows.OwnToAShop));
        const string open = "SELECT Kind, Subject FROM Findings WHERE State = 'open'";
        Assert.Equal(ShopRows.Of(whole, open), ShopRows.Of(stopped, open));
    }

    [Fact]
    public async Task There_are_codes_in_every_state_of_their_pages_and_what_people_do_with_them_stays()
    {
        using var folder = ShopFolder.Migrated();
        await using var services = folder.Services(new ShiftedClock(Now));
        await LoadAsync(services);
        const string batches = "SELECT Number, Package, Status, PublishedAt IS NOT NULL, Available, Allocated, Delivered, Voided FROM CodeBatches";
        Assert.Equal(["1|trial|ready|1|46|2|12|0", "2|starter|ready|0|40|0|0|0", "3|standard|void|0|0|0|0|25"], ShopRows.Of(folder, batches));
        Assert.Equal(["25"], ShopRows.Of(folder, "SELECT COUNT(*) FROM Codes WHERE Status = 'void'"));
        Assert.Equal(14, ShopRows.Count(folder, "SELECT COUNT(*) FROM Codes c JOIN Orders o ON o.OrderNo = c.OrderNo AND o.Package = 'trial' AND o.Units = 1"));
        await services.GetRequiredService<Data.Codes.CodeVoids>().VoidAsync(new Data.Codes.BatchVoid(1, true, "mara@example.com", "Leaked"), TestContext.Current.CancellationToken);
        var before = ShopRows.Hashes(folder, AllTables);
        await LoadAsync(services);
        Assert.Equal(before, ShopRows.Hashes(folder, AllTables));
    }

    [Fact]
    public async Task A_shop_with_orders_of_its_own_is_left_alone()
    {
        using var folder = ShopFolder.Migrated();
        await using var services = folder.Services(new ShiftedClock(Now));
        var file = Path.Combine(folder.Path, "orders.csv");
        await File.WriteAllTextAsync(
            file,
            """
            order_no,package,units,customer_email,list_currency,list_amount,charge_currency,charge_amount,tax_mode,creem_order_id,created_at
            AC-ZM3J-J7T7-3Q1C,trial,1,lin@example.com,CNY,22.00,USD,2.99,exclusive,,2026-10-01T10:00:00+08:00

            """,
            TestContext.Current.CancellationToken);
        var import = await services.GetRequiredService<ImportDesk>().TakeFileAsync("orders", file, "take", false, "system", null, TestContext.Current.CancellationToken);
        await services.GetRequiredService<ImportJob>().RunAsync(import.Id, TestContext.Current.CancellationToken);
        var before = ShopRows.Hashes(folder, AllTables);
        Assert.Null(await services.GetRequiredService<DemoShop>().LoadAsync(Orders, 1, TestContext.Current.CancellationToken));
        Assert.Equal(before, ShopRows.Hashes(folder, AllTables));
    }

    [Fact]
    public async Task A_demo_shop_of_another_seed_is_left_alone()
    {
        using var folder = ShopFolder.Migrated();
        await using var services = folder.Services(new ShiftedClock(Now));
        await LoadAsync(services);
        var before = ShopRows.Hashes(folder, AllTables);
        Assert.Null(await services.GetRequiredService<DemoShop>().LoadAsync(Orders, 2, TestContext.Current.CancellationToken));
        Assert.Equal(before, ShopRows.Hashes(folder, AllTables));
    }

    private static async Task<DemoLoad> LoadAsync(ServiceProvider services) =>
        (await services.GetRequiredService<DemoShop>().LoadAsync(Orders, 1, TestContext.Current.CancellationToken))!;

    private static void Stop(int calls, int transactions, CancellationTokenSource stop)
    {
        if (calls == transactions)
            stop.Cancel();
    }
}
