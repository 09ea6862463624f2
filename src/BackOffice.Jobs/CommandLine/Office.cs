using BackOffice.Data.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

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
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddOfficeLog(builder.Configuration, toStandardError: true));
        services.AddBackOffice(settings);
        return new Office(services.BuildServiceProvider());
    }

    /// <summary>With a database that has every script.</summary>
    public static async Task<Office> OpenAsync(CancellationToken token)
    {
        var office = Build();
        try
        {
            await office.Get<DatabaseStart>().RequireAsync(IsDevelopment, token).ConfigureAwait(false);
            return office;
        }
        catch
        {
            await office.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>For what lives as long as one act, as Identity does; dispose it.</summary>
    public OfficeScope Scope() => new(_services.CreateAsyncScope());

    public async ValueTask DisposeAsync()
    {
        await Get<Database>().DisposeAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    internal static bool IsDevelopment =>
        string.Equals(Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT"), Environments.Development, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Services of one act.</summary>
public sealed class OfficeScope(AsyncServiceScope scope) : IAsyncDisposable
{
    public T Get<T>() where T : notnull => scope.ServiceProvider.GetRequiredService<T>();

    public ValueTask DisposeAsync() => scope.DisposeAsync();
}
