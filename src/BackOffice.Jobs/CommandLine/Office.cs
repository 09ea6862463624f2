using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Domain;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.CommandLine;

/// <summary>The program as a verb sees it: settings read, database checked, services at hand. Logs go to standard error, warnings and worse.</summary>
public sealed class Office : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private Office(ServiceProvider services) => _services = services;

    public static HostApplicationBuilder Builder() =>
        Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory, Args = [] });

    public static Office Build()
    {
        var builder = Builder();
        var settings = Settings.From(builder.Configuration);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true));
        services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        services.AddBackOffice(settings);
        return new Office(services.BuildServiceProvider());
    }

    /// <summary>
    /// With a database that has every script. In Development it is made and brought up to date on the way; elsewhere that is the operator's to say, with
    /// <c>migrate</c>: a mistyped path must not become an empty shop.
    /// </summary>
    public static async Task<Office> OpenAsync(CancellationToken token)
    {
        var office = Build();
        try
        {
            await office.RequireDatabaseAsync(token).ConfigureAwait(false);
            return office;
        }
        catch
        {
            await office.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public async Task MigrateAsync(CancellationToken token)
    {
        await Get<Migrator>().MigrateAsync(token).ConfigureAwait(false);
        await Get<VaultOfSecrets>().PrepareAsync(token).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await Get<Database>().DisposeAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RequireDatabaseAsync(CancellationToken token)
    {
        var state = await Get<Migrator>().StateAsync(token).ConfigureAwait(false);
        if (state == SchemaState.Current)
            return;
        if (!IsDevelopment)
            throw new RefusedException(new Refusal(state == SchemaState.Missing ? "DatabaseMissing" : "DatabaseOlder", "", Get<Settings>().Database.Provider == DatabaseProvider.Sqlite ? Get<Settings>().Database.SqliteFile : "SQL Server"));
        await MigrateAsync(token).ConfigureAwait(false);
    }

    internal static bool IsDevelopment =>
        string.Equals(Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT"), Environments.Development, StringComparison.OrdinalIgnoreCase);
}
