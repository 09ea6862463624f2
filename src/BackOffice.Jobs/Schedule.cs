using System.Globalization;
using BackOffice.Jobs.Codes;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Usage;
using Hangfire;
using Microsoft.Extensions.Hosting;

namespace BackOffice.Jobs;

/// <summary>All schedules in one place. A night's own hour only makes it punctual: the sweeper would find it due as well.</summary>
public sealed class Schedule(IRecurringJobManager recurring, IBackgroundJobClient jobs, IEnumerable<Night> nights, Settings settings) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var inZone = new RecurringJobOptions { TimeZone = settings.Business.Zone };
        recurring.AddOrUpdate<Sweeper>("sweeper", sweeper => sweeper.RunAsync(CancellationToken.None), "*/5 * * * *", inZone);
        recurring.AddOrUpdate<RedemptionJob>("redemptions", job => job.RunHourlyAsync(CancellationToken.None), "17 * * * *", inZone);
        recurring.AddOrUpdate<UsagePullJob>("usage-pull", job => job.RunHourlyAsync(CancellationToken.None), "7 * * * *", inZone);
        foreach (var night in nights.Where(night => night.IsOn))
            recurring.AddOrUpdate<Sweeper>(night.Name, sweeper => sweeper.RunAsync(CancellationToken.None), Daily(night.At), inZone);
        jobs.Enqueue<Sweeper>(sweeper => sweeper.RunAsync(CancellationToken.None));
        return Task.CompletedTask;
    }

    private static string Daily(TimeOnly at) => string.Create(CultureInfo.InvariantCulture, $"{at.Minute} {at.Hour} * * *");

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
