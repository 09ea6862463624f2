using BackOffice.Data.Migrations;
using BackOffice.Jobs;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackOffice.Web.Features.Health;

/// <summary>Ready means: the database answers and has every script of this program.</summary>
public sealed class DatabaseHealth(Migrator migrator) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await migrator.StateAsync(cancellationToken) == SchemaState.Current
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("The database is missing or older than the program.");
        }
        catch (Exception failure)
        {
            return HealthCheckResult.Unhealthy(Trouble.Sentence(failure));
        }
    }
}
