using System.Diagnostics;
using BackOffice.Web.Tests.Integrations;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace BackOffice.Web.Tests.Integrations;

/// <summary>A PostgreSQL of Debian's package, in a folder of its own and on a socket only, started with the first test that asks for it.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Owner = "console";

    private readonly Lazy<Task<Running>> _running = new(StartAsync);
    private int _databases;

    /// <summary>An empty database. Skips, visibly, where there is no PostgreSQL; with CI=true that is a failure.</summary>
    public async Task<string> DatabaseAsync()
    {
        Require();
        var server = await _running.Value;
        var name = FormattableString.Invariant($"console_{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(server.Connection("postgres"));
        await connection.OpenAsync();
        await using var create = connection.CreateCommand();
        create.CommandText = $"CREATE DATABASE {name}";
        await create.ExecuteNonQueryAsync();
        return server.Connection(name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_running.IsValueCreated && _running.Value.IsCompletedSuccessfully)
            await (await _running.Value).DisposeAsync();
    }

    private static string? Binaries => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Max(StringComparer.Ordinal)
        : null;

    private static void Require()
    {
        if (Binaries is not null)
            return;
        const string reason = "No PostgreSQL below /usr/lib/postgresql: its tests did not run.";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(reason);
        Assert.Skip(reason);
    }

    private static async Task<Running> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("backoffice-pg-").FullName;
        if (Environment.UserName == "root") // which PostgreSQL does not run as
            await EndOf(Start("/bin/chown", "postgres", folder));
        var data = Path.Combine(folder, "data");
        await EndOf(AsItsUser(Path.Combine(Binaries!, "initdb"), "-D", data, "-U", Owner, "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync"));
        var server = AsItsUser(Path.Combine(Binaries!, "postgres"), "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200");
        var running = new Running(server, folder);
        for (var tries = 0; !await running.AnswersAsync(); tries++)
        {
            Assert.True(tries < 600 && !server.HasExited, "PostgreSQL did not start.");
            await Task.Delay(100);
        }
        return running;
    }

    private static Process AsItsUser(string program, params string[] arguments) =>
        Environment.UserName == "root" ? Start("/usr/sbin/runuser", ["-u", "postgres", "--", program, .. arguments]) : Start(program, arguments);

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task EndOf(Process process)
    {
        using (process)
        {
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
    }

    private sealed class Running(Process server, string folder) : IAsyncDisposable
    {
        public string Connection(string database) => $"Host={folder};Username={Owner};Database={database}";

        public async Task<bool> AnswersAsync()
        {
            try
            {
                await using var connection = new NpgsqlConnection(Connection("postgres") + ";Pooling=false");
                await connection.OpenAsync();
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }

        public async ValueTask DisposeAsync()
        {
            NpgsqlConnection.ClearAllPools();
            await EndOf(AsItsUser(Path.Combine(Binaries!, "pg_ctl"), "stop", "-m", "immediate", "-D", Path.Combine(folder, "data")));
            await server.WaitForExitAsync();
            server.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }
}
