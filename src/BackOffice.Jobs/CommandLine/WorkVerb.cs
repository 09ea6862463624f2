using System.CommandLine;
using BackOffice.Jobs.Metrics;
using Microsoft.Extensions.Hosting;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>work</c>: works off what waits until it is stopped.</summary>
internal static class WorkVerb
{
    public static Command Command()
    {
        var command = new Command("work", "Work off what waits, and keep the schedule, until stopped.");
        command.SetAction(async (_, token) =>
        {
            await using (await Office.OpenAsync(token).ConfigureAwait(false))
            {
                // Checks the settings and the database before the worker starts.
            }
            var builder = Office.Builder();
            var settings = Settings.From(builder.Configuration);
            settings = settings with { Hangfire = settings.Hangfire with { Server = true } };
            builder.Logging.AddOfficeLog(builder.Configuration);
            builder.Services.AddBackOffice(settings).AddAlarmClock(settings).AddMetricsPort(settings);
            using var host = builder.Build();
            await host.RunAsync(token).ConfigureAwait(false);
            return 0;
        });
        return command;
    }
}
