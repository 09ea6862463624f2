using System.Globalization;
using Hangfire;
using Microsoft.Extensions.Hosting;

namespace BackOffice.Jobs;

/// <summary>All schedules in one place. The night's own hour only makes it punctual: the sweeper would find it due as well.</summary>
public sealed class Schedule(IRecurringJobManager recurring, IBackgroundJobClient jobs, Settings settings) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var inZone = new RecurringJobOptions { TimeZone = settings.Business.Zone };
        var night = string.Create(CultureInfo.InvariantCulture, $"{settings.NightlyAt.Minute} {settings.NightlyAt.Hour} * * *");
        recurring.AddOrUpdate<Sweeper>("sweeper", sweeper => sweeper.RunAsync(CancellationToken.None), "*/5 * * * *", inZone);
        recurring.AddOrUpdate<Sweeper>("nightly-reconciliation", sweeper => sweeper.RunAsync(CancellationToken.None), night, inZone);
        jobs.Enqueue<Sweeper>(sweeper => sweeper.RunAsync(CancellationToken.None));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
