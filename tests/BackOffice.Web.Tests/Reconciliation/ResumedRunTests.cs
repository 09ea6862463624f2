using BackOffice.Data.Jobs;
using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Tests.CommandLine;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Reconciliation;

/// <summary>A run that was killed and is taken up when another one, which knew more, has ended.</summary>
public sealed class ResumedRunTests
{
    private static readonly DateTime Start = new(2026, 10, 2, 4, 0, 0, DateTimeKind.Utc);
    private static readonly DateOnly FirstDay = new(2026, 10, 1);

    [Fact]
    public async Task It_does_not_open_again_what_the_later_one_knew_to_be_right()
    {
        using var folder = ShopFolder.Migrated();
        var clock = new ShiftedClock(Start);
        await using var services = folder.Services(clock);
        await SellTwoAsync(folder, services);
        var killed = await services.GetRequiredService<RunDesk>().AddAsync(FirstDay, FirstDay.AddDays(1), null, null, "system", TestContext.Current.CancellationToken);
        await ClaimAndLeaveAsync(services, killed.Id, clock);

        await FactFiles.ImportAsync(services, "deliveries", Files.Deliveries(folder, 1));
        await ReconcileAsync(services);
        Assert.Equal(["paid_not_delivered|AC-2|open"], ShopRows.Of(folder, "SELECT Kind, Subject, State FROM Findings"));

        await services.GetRequiredService<ReconcileJob>().RunToEndAsync(killed.Id, TestContext.Current.CancellationToken);
        Assert.Equal(["paid_not_delivered|AC-2|open"], ShopRows.Of(folder, "SELECT Kind, Subject, State FROM Findings"));
        Assert.Equal(["1|balanced|2", "2|balanced|1"], ShopRows.Of(folder, "SELECT Number, Status, FindingsSeen FROM ReconciliationRuns"));
    }

    [Fact]
    public async Task A_night_that_came_too_late_to_move_findings_leaves_its_news_to_the_next_one()
    {
        using var folder = ShopFolder.Migrated();
        var clock = new ShiftedClock(Start);
        await using var services = folder.Services(clock);
        var desk = services.GetRequiredService<RunDesk>();
        await services.GetRequiredService<ReconcileJob>().RunToEndAsync((await NightAsync(services, FirstDay)).Id, TestContext.Current.CancellationToken);
        var before = await services.GetRequiredService<RunQueries>().LastNightlyKnowledgeAsync(TestContext.Current.CancellationToken);
        await SellTwoAsync(folder, services);
        var killed = await NightAsync(services, FirstDay.AddDays(1));
        await ClaimAndLeaveAsync(services, killed.Id, clock);
        await ReconcileAsync(services);
        await services.GetRequiredService<ReconcileJob>().RunToEndAsync(killed.Id, TestContext.Current.CancellationToken);
        Assert.Equal(before, await services.GetRequiredService<RunQueries>().LastNightlyKnowledgeAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(before);

        async Task<RunRow> NightAsync(ServiceProvider office, DateOnly today)
        {
            var night = await office.GetRequiredService<JobRunStore>().AddAsync(ReconciliationNight.JobName, $"{today:yyyy-MM-dd}", TestContext.Current.CancellationToken);
            return await desk.AddNightlyAsync(night!.Value, today, TestContext.Current.CancellationToken);
        }
    }

    // Two orders of 1 October, paid, and nothing delivered.
    private static async Task SellTwoAsync(ShopFolder folder, ServiceProvider services)
    {
        await FactFiles.ImportAsync(services, "orders", Files.Orders(folder, 2));
        await FactFiles.ImportAsync(services, "creem", Files.Payments(folder, 2));
    }

    private static async Task ClaimAndLeaveAsync(ServiceProvider services, Guid run, ShiftedClock clock)
    {
        Assert.Equal(RunClaim.Claimed, await services.GetRequiredService<RunStore>().ClaimAsync(run, TestContext.Current.CancellationToken));
        clock.MoveTo(Start + WorkQueue.LeaseTime * 2);
    }

    private static async Task ReconcileAsync(ServiceProvider services)
    {
        var run = await services.GetRequiredService<RunDesk>().AddAsync(FirstDay, FirstDay.AddDays(1), null, null, "system", TestContext.Current.CancellationToken);
        await services.GetRequiredService<ReconcileJob>().RunToEndAsync(run.Id, TestContext.Current.CancellationToken);
    }
}
