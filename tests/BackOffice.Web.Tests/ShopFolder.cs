using BackOffice.Data.Engine;
using BackOffice.Jobs;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BackOffice.Web.Tests;

/// <summary>A data folder of its own, removed afterwards. The migrated database is made once a process and copied.</summary>
public sealed class ShopFolder : IDisposable
{
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);

    /// <summary>What has to be said outside Development: above which amounts two people are needed.</summary>
    public static readonly IReadOnlyList<string> Limits = ["Approvals:AcceptAbove", "Approvals:CodesAbove", "Approvals:TokensAbove"];

    private ShopFolder() => Path = Directory.CreateTempSubdirectory("backoffice-test-").FullName;

    public string Path { get; }

    public string DatabaseFile => System.IO.Path.Combine(Path, "backoffice.db");

    /// <summary>Nothing in it.</summary>
    public static ShopFolder Empty() => new();

    /// <summary>With an empty shop: database, lookup key and key ring.</summary>
    public static ShopFolder Migrated()
    {
        var folder = new ShopFolder();
        var template = Template.Value.GetAwaiter().GetResult();
        foreach (var file in Directory.EnumerateFiles(template, "*", SearchOption.AllDirectories))
        {
            var copy = System.IO.Path.Combine(folder.Path, System.IO.Path.GetRelativePath(template, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return folder;
    }

    /// <summary>The program's services on this folder, without a web host; dispose them.</summary>
    public ServiceProvider Services(TimeProvider? clock = null, params (string Name, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        services.AddBackOffice(Settings(settings));
        if (clock is not null)
            services.AddSingleton(clock);
        return services.BuildServiceProvider();
    }

    public Settings Settings(params (string Name, string Value)[] settings) => Jobs.Settings.From(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Append(("Data:Directory", Path)).Select(setting => KeyValuePair.Create(setting.Item1, (string?)setting.Item2)))
        .Build());

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(Path, recursive: true);
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var folder = Empty();
        await using (var services = folder.Services())
        {
            await services.GetRequiredService<DatabaseStart>().MigrateAsync(CancellationToken.None);
            await services.GetRequiredService<Database>().DisposeAsync();
        }
        SqliteConnection.ClearAllPools();
        return folder.Path;
    }
}
