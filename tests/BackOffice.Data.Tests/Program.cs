using BackOffice.Data.Migrations;
using Xunit.Runner.InProc.SystemConsole;

namespace BackOffice.Data.Tests;

/// <summary>Runs the tests; or, started by one of them, is another process that migrates a database.</summary>
internal static class Program
{
    public const string Migrate = "migrate-as-another-process";

    public static async Task<int> Main(string[] args)
    {
        if (args is not [Migrate, var file])
            return await ConsoleRunner.Run(args);
        await new Migrator(new DatabaseSettings(DatabaseProvider.Sqlite, $"Data Source={file}"), _ => { }).MigrateAsync();
        return 0;
    }
}
