using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Jobs.Demo;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Tests.CommandLine;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Kills;

/// <summary>
/// The worker is killed at twenty points of its work and started again, as an operator would. What comes of it is held against a shop that nothing
/// happened to.
/// </summary>
public sealed class KillTests
{
    private const int Orders = 12_000;
    private const int KillsOfAVerb = 5;
    private const string Imports = "SELECT Kind, FileName, Status, RecordsRead, RecordsNew, RecordsRepeated, RecordsPutAside, BytesRead FROM Imports";
    private const string Findings = "SELECT Kind, Subject, State, Priority, OrderNo, TransactionId, Currency, ExpectedMinor, ActualMinor FROM Findings";
    private const string Events = "SELECT f.Kind, f.Subject, e.Kind FROM FindingEvents e JOIN Findings f ON f.Id = e.FindingId";

    private readonly Dice _dice = new(20);
    private int _killedAtWork;

    [Fact]
    public async Task Twenty_kills_change_nothing()
    {
        using var quiet = ShopFolder.Migrated();
        using var disturbed = ShopFolder.Migrated();
        var files = new DemoFiles(quiet, Orders);
        string[][] imports = [["orders", files.Orders], ["creem", files.Transactions], ["deliveries", files.Deliveries]];

        foreach (var import in imports)
            (await Worker.RunAsync(quiet, ["import", .. import])).IsDone();
        (await ReconcileAsync(quiet)).IsDone();
        var total = ShopRows.Of(quiet, "SELECT Kind, RecordsRead FROM Imports").Select(row => row.Split('|')).ToDictionary(row => row[0], row => long.Parse(row[1], CultureInfo.InvariantCulture));

        foreach (var import in imports)
            await ImportUnderKillsAsync(disturbed, import, total[import[0]]);
        Assert.Equal(ShopRows.Of(quiet, Imports), ShopRows.Of(disturbed, Imports));
        Assert.Equal(ShopRows.Hashes(quiet, ShopRows.FactTables, ShopRows.OwnToAShop), ShopRows.Hashes(disturbed, ShopRows.FactTables, ShopRows.OwnToAShop));

        await ReconcileUnderKillsAsync(disturbed, files.Planted);
        AssertSameFindings(quiet, disturbed);
        Assert.Equal(await File.ReadAllBytesAsync(Output(quiet), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(Output(disturbed), TestContext.Current.CancellationToken));

        await FinishLikeTheSweeperAsync(disturbed);
        AssertSameFindings(quiet, disturbed);
        AssertEveryRunSawTheSame(quiet, disturbed);
        Assert.InRange(_killedAtWork, 15, 4 * KillsOfAVerb);
    }

    // The same command each time: it goes on where the killed one was.
    private async Task ImportUnderKillsAsync(ShopFolder folder, string[] import, long total)
    {
        for (var kill = 1; kill <= KillsOfAVerb; kill++)
        {
            var goal = total * kill / (KillsOfAVerb + 1);
            await KillAsync(folder, ["import", .. import], $"SELECT COUNT(*) FROM Imports WHERE Kind = '{import[0]}' AND RecordsRead >= {goal}");
            if (ShopRows.Count(folder, $"SELECT COUNT(*) FROM Imports WHERE Kind = '{import[0]}' AND Status = 'running'") == 0)
                return;
            _killedAtWork++;
        }
        (await Worker.RunAsync(folder, ["import", .. import])).IsDone();
    }

    // Each time a run of its own, killed once it is at work itself: a worker that has just started has no run yet. The killed ones are left to the sweeper.
    private async Task ReconcileUnderKillsAsync(ShopFolder folder, int planted)
    {
        string[] moments =
        [
            "1 = 1",
            "CasesTotal > 0",
            "EXISTS (SELECT 1 FROM RunFindings f WHERE f.RunId = r.Id)",
            "EXISTS (SELECT 1 FROM Findings)",
            $"(SELECT COUNT(*) FROM Findings) > {planted / 2}",
        ];
        foreach (var (kill, moment) in moments.Index())
        {
            await KillAsync(folder, Reconcile(folder), $"SELECT COUNT(*) FROM ReconciliationRuns r WHERE Number = {kill + 1} AND Status = 'running' AND {moment}");
            _killedAtWork += (int)ShopRows.Count(folder, "SELECT COUNT(*) FROM ReconciliationRuns WHERE Status = 'running' AND Number = (SELECT MAX(Number) FROM ReconciliationRuns)");
        }
        (await ReconcileAsync(folder)).IsDone();
    }

    private async Task KillAsync(ShopFolder folder, string[] verb, string moment)
    {
        using var worker = Worker.Start(folder, verb);
        await using (var connection = new SqliteConnection($"Data Source={folder.DatabaseFile};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var ask = connection.CreateCommand();
            ask.CommandText = moment;
            while (!worker.HasEnded && (long)(await ask.ExecuteScalarAsync(TestContext.Current.CancellationToken))! == 0)
                await Task.Delay(1, TestContext.Current.CancellationToken);
        }
        await Task.Delay(_dice.Below(8), TestContext.Current.CancellationToken); // anywhere in a transaction, or between two
        await worker.KillAsync();
    }

    private static async Task FinishLikeTheSweeperAsync(ShopFolder folder)
    {
        await using var services = folder.Services();
        foreach (var id in ShopRows.Of(folder, "SELECT Id FROM ReconciliationRuns WHERE Status <> 'balanced'"))
            await services.GetRequiredService<ReconcileJob>().RunToEndAsync(Ids.Of(Convert.FromHexString(id)), TestContext.Current.CancellationToken);
    }

    private static void AssertSameFindings(ShopFolder quiet, ShopFolder disturbed)
    {
        Assert.Equal(ShopRows.Of(quiet, Findings), ShopRows.Of(disturbed, Findings));
        Assert.Equal(ShopRows.Of(quiet, Events), ShopRows.Of(disturbed, Events));
    }

    private static void AssertEveryRunSawTheSame(ShopFolder quiet, ShopFolder disturbed)
    {
        string[] tables = ["RunFindings", "RunStatementLines", "RunBridgeLines", "RunPackageLines"];
        var runs = ShopRows.Of(disturbed, "SELECT Number FROM ReconciliationRuns WHERE Status = 'balanced'");
        Assert.Equal(KillsOfAVerb + 1, runs.Count);
        foreach (var table in tables)
        {
            var expected = ShopRows.Of(quiet, table, "RunId", "FactsHash"); // the hash is of ids, which are dice
            Assert.NotEmpty(expected);
            foreach (var run in runs)
                Assert.Equal(expected, ShopRows.Of(disturbed, $"SELECT t.* FROM {table} t JOIN ReconciliationRuns r ON r.Id = t.RunId WHERE r.Number = {run}", "RunId", "FactsHash"));
        }
    }

    private static Task<Answer> ReconcileAsync(ShopFolder folder) => Worker.RunAsync(folder, Reconcile(folder));

    private static string[] Reconcile(ShopFolder folder) => ["reconcile", "--from", "2026-03-01", "--until", "2026-06-01", "--out", Output(folder)];

    private static string Output(ShopFolder folder) => Path.Combine(folder.Path, "findings.json");
}
