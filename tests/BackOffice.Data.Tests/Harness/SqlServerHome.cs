using System.Collections.Concurrent;
using BackOffice.Data.Engine;
using Docker.DotNet;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using Microsoft.Data.SqlClient;
using Testcontainers.MsSql;

namespace BackOffice.Data.Tests;

/// <summary>
/// The SQL Server of the tests: the one of BACKOFFICE_TEST_SQLSERVER, else a container where a Docker engine answers and has the image, else none, with the
/// reason. With REQUIRE_SQLSERVER=1 a missing image is pulled, and none is a failure. Its databases are dropped at the end.
/// </summary>
public sealed class SqlServerHome : IAsyncDisposable
{
    // The oldest version that is supported.
    private const string Image = "mcr.microsoft.com/mssql/server:2019-latest";
    private static readonly TimeSpan DockerMayTake = TimeSpan.FromSeconds(2);
    private static readonly bool Required = Environment.GetEnvironmentVariable("REQUIRE_SQLSERVER") == "1";

    private readonly SemaphoreSlim _creating = new(1);
    private readonly ConcurrentBag<string> _databases = [];
    private readonly string? _connectionString;
    private readonly MsSqlContainer? _container;
    private readonly string _whyNot;

    private SqlServerHome(string? connectionString, MsSqlContainer? container, string whyNot)
    {
        _connectionString = connectionString;
        _container = container;
        _whyNot = whyNot;
    }

    public static async Task<SqlServerHome> FindAsync()
    {
        var given = Environment.GetEnvironmentVariable("BACKOFFICE_TEST_SQLSERVER");
        if (!string.IsNullOrWhiteSpace(given))
            return new SqlServerHome(given, null, "");
        if (await WhyNoContainerAsync() is { } reason)
            return new SqlServerHome(null, null, $"No SQL Server: BACKOFFICE_TEST_SQLSERVER is not set, and {reason}.");
        var container = new MsSqlBuilder(Image).Build();
        await container.StartAsync();
        return new SqlServerHome(container.GetConnectionString(), container, "");
    }

    public void SkipUnlessThere()
    {
        if (_connectionString is not null)
            return;
        if (Required)
            Assert.Fail(_whyNot + " REQUIRE_SQLSERVER=1 asks for one.");
        Assert.Skip(_whyNot);
    }

    /// <summary>A new, empty database as an operator is told to make it: readers do not wait for writers.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"BackOfficeTest_{Ids.New(TimeProvider.System.UtcNow()):N}";
        await _creating.WaitAsync(); // two at once want the model database for themselves (error 1807)
        try
        {
            await RunAsync($"CREATE DATABASE {name}");
            _databases.Add(name);
            if (!(bool)(await RunAsync($"SELECT is_read_committed_snapshot_on FROM sys.databases WHERE name = '{name}'"))!)
                await RunAsync($"ALTER DATABASE {name} SET READ_COMMITTED_SNAPSHOT ON");
        }
        finally
        {
            _creating.Release();
        }
        return new SqlConnectionStringBuilder(_connectionString) { InitialCatalog = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        _creating.Dispose();
        SqlConnection.ClearAllPools();
        if (_container is not null)
            await _container.DisposeAsync();
        else
            foreach (var name in _databases)
                await RunAsync($"DROP DATABASE {name}");
    }

    private async Task<object?> RunAsync(string text)
    {
        // A closed port would take the whole time-out, with every retry.
        var builder = new SqlConnectionStringBuilder(_connectionString) { ConnectTimeout = 5, ConnectRetryCount = 0, Pooling = false };
        await using var connection = new SqlConnection(builder.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        return await command.ExecuteScalarAsync();
    }

    private static async Task<string?> WhyNoContainerAsync()
    {
        using var patience = new CancellationTokenSource(DockerMayTake);
        try
        {
            return await Task.Run(() => AskDockerAsync(patience.Token)).WaitAsync(patience.Token);
        }
        catch (DockerUnavailableException)
        {
            return "no Docker engine answers";
        }
        catch (Exception failure) when (failure is OperationCanceledException or TimeoutException or HttpRequestException or IOException)
        {
            return "the Docker engine does not answer";
        }
    }

    private static async Task<string?> AskDockerAsync(CancellationToken token)
    {
        _ = new MsSqlBuilder(Image).Build(); // throws when no engine is there
        using var client = TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder(Guid.Empty).Build();
        try
        {
            await client.Images.InspectImageAsync(Image, token);
            return null;
        }
        catch (DockerImageNotFoundException)
        {
            return Required ? null : $"the Docker engine does not have the image {Image}"; // when a server is asked for, starting the container pulls it
        }
    }
}
