using System.Globalization;
using BackOffice.Data.Jobs;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Reconciliation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Web.Tests.Reconciliation;

/// <summary>A month of nights over the prepared case, each night with what was known by then.</summary>
public sealed class NightsTests
{
    private const string Open = "SELECT Kind, Subject FROM Findings WHERE State = 'open'";

    private const int Nights = 32; // one for each day of October, and one before

    private static readonly BusinessTime Shop = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));
    private static readonly DateOnly October = new(2026, 10, 1);
    private static readonly DateOnly November = new(2026, 11, 1);

    [Fact]
    public async Task Nights_that_learn_of_everything_on_time_find_what_the_month_finds()
    {
        var (found, month) = await FindByNightAndByMonthAsync(daysLate: 0);
        Assert.Equal(month, found);
        Assert.Empty(Truth().Except(found));
    }

    [Fact]
    public async Task Nights_that_learn_of_everything_five_days_late_find_what_the_month_finds()
    {
        var (found, month) = await FindByNightAndByMonthAsync(daysLate: 5);
        Assert.Equal(month, found);
        // Their cut-off is later than the month's end: what was within the grace then no longer is.
        Assert.Empty(Truth().Except(found));
        Assert.All(found.Except(Truth()), finding => Assert.True(finding.StartsWith("paid_not_delivered|", StringComparison.Ordinal) || finding.StartsWith("delivered_not_paid|", StringComparison.Ordinal)));
        Assert.InRange(found.Except(Truth()).Count(), 0, 10);
    }

    // The night before the first one knew September; it is the one since which the first one counts news.
    private static async Task<(List<string> Found, List<string> Month)> FindByNightAndByMonthAsync(int daysLate)
    {
        using var folder = ShopFolder.Migrated();
        var files = new FactFiles(Fixtures.Require("reconciliation"));
        var clock = new FakeTimeProvider(new DateTimeOffset(Shop.StartOf(October)).AddDays(-1)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        await using var services = folder.Services(clock);
        for (var day = October; day <= November; day = day.AddDays(1))
        {
            clock.SetUtcNow(new DateTimeOffset(Shop.StartOf(day.AddDays(daysLate))).AddMinutes(-1));
            await files.ImportAsync(folder, services, day == October ? null : Shop.StartOf(day.AddDays(-1)), Shop.StartOf(day));
            // So late that the day before is over, by the second, and so early that nothing of this day has come.
            clock.SetUtcNow(new DateTimeOffset(Shop.StartOf(day.AddDays(daysLate))).AddMilliseconds(-900));
            await ReconcileAsync(services, day.AddDays(daysLate));
        }
        Assert.Empty(ShopRows.Of(folder, "SELECT Number FROM ReconciliationRuns WHERE Status <> 'balanced'"));
        Assert.Empty(ShopRows.Of(folder, "SELECT FindingId FROM FindingEvents WHERE Kind = 'reopened'"));
        AssertOnlyWhatWasPutRightIsCleared(folder);
        var found = ShopRows.Of(folder, Open);
        return (found, await FindByMonthAsync(folder, services, October.AddDays(Math.Min(0, daysLate - 2))));
    }

    private static async Task ReconcileAsync(ServiceProvider services, DateOnly today)
    {
        var night = await services.GetRequiredService<JobRunStore>().AddAsync(ReconciliationNight.JobName, today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), TestContext.Current.CancellationToken);
        await services.GetRequiredService<NightlyJob>().RunAsync(night!.Value, TestContext.Current.CancellationToken);
    }

    // A refund is told with its payment here, and the key revoked some days after; a delivery of the next day is learnt of with that day.
    private static void AssertOnlyWhatWasPutRightIsCleared(ShopFolder folder)
    {
        var wrong = ShopRows.Of(folder, """
            SELECT f.Kind, f.Subject FROM Findings f
            WHERE f.State = 'cleared'
                AND NOT (f.Kind = 'refunded_still_live' AND EXISTS (SELECT 1 FROM Deliveries d WHERE d.OrderNo = f.Subject AND d.RevokedAt IS NOT NULL))
                AND NOT (f.Kind = 'paid_not_delivered' AND EXISTS (SELECT 1 FROM Deliveries d WHERE d.OrderNo = f.Subject AND d.RecordedAt > f.FirstSeenAt))
            """);
        Assert.Empty(wrong);
    }

    private static async Task<List<string>> FindByMonthAsync(ShopFolder folder, ServiceProvider services, DateOnly from)
    {
        var lastNight = await services.GetRequiredService<RunQueries>().FindAsync(Nights, TestContext.Current.CancellationToken);
        var run = await services.GetRequiredService<RunDesk>().AddAsync(from, November, lastNight!.AsOf, null, "system", TestContext.Current.CancellationToken);
        await services.GetRequiredService<ReconcileJob>().RunToEndAsync(run.Id, TestContext.Current.CancellationToken);
        return ShopRows.Of(folder, $"SELECT f.Kind, f.Subject FROM RunFindings f JOIN ReconciliationRuns r ON r.Id = f.RunId WHERE r.Number = {run.Number} AND r.Status = 'balanced'");
    }

    private static IEnumerable<string> Truth() =>
        File.ReadLines(Path.Combine(Fixtures.Require("reconciliation"), "truth.csv")).Skip(1).Select(line => string.Join('|', line.Split(',')[..2]));
}
