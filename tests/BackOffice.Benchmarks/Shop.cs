using BackOffice.Data.Engine;
using BackOffice.Jobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BackOffice.Benchmarks;

/// <summary>The product on a folder of its own, without hosts.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private Shop(ServiceProvider services) => _services = services;

    public static async Task<Shop> OpenAsync(string folder)
    {
        var settings = Settings.From(new ConfigurationBuilder().AddInMemoryCollection([new("Data:Directory", folder)]).Build());
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        services.AddBackOffice(settings);
        var shop = new Shop(services.BuildServiceProvider());
        await shop.Get<DatabaseStart>().MigrateAsync(CancellationToken.None).ConfigureAwait(false);
        return shop;
    }

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await Get<Database>().DisposeAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }
}
