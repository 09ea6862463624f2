using BackOffice.Data.Demo;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Tests.CommandLine;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Reconciliation;

/// <summary>October 2026 of the prepared case: its answer was computed from the rules by a separate program.</summary>
public sealed class PreparedMonthTests
{
    private static readonly DateOnly October = new(2026, 10, 1);
    private static readonly DateOnly November = new(2026, 11, 1);
    private static readonly DateTime EndOfMonth = new(2026, 10, 31, 16, 0, 0, DateTimeKind.Utc); // 2026-11-01T00:00:00+08:00

    private static readonly (string Kind, string File)[] Files = [("orders", "orders.csv"), ("creem", "creem.json"), ("deliveries", "deliveries.csv")];

    /// <summary>With findings of a settlement in the queue, and without.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_command_line_gives_the_prepared_answer_byte_for_byte_and_once_more(bool hasSettlement)
    {
        var prepared = Fixtures.Require("reconciliation");
        using var folder = ShopFolder.Migrated();
        if (hasSettlement)
        {
            await Worker.RunAsync(folder, "import", "usage", Path.Combine(Fixtures.Require("usage-blocked"), "usage.jsonl"), "--source", "new-api");
            await Worker.RunAsync(folder, "settle", "--upstream", "deepseek", "--month", "2026-09");
            Assert.NotEqual(0, ShopRows.Count(folder, "SELECT COUNT(*) FROM Findings WHERE State = 'open'"));
        }
        foreach (var (kind, file) in Files)
            (await Worker.RunAsync(folder, "import", kind, Path.Combine(prepared, file))).IsDone();
        var truth = await File.ReadAllBytesAsync(Path.Combine(prepared, "truth.csv"), TestContext.Current.CancellationToken);
        foreach (var name in new[] { "first.csv", "second.csv" })
        {
            var output = Path.Combine(folder.Path, name);
            Assert.Contains("is balanced", (await Worker.RunAsync(folder, "reconcile", "--from", "2026-10-01", "--until", "2026-11-01", "--out", output)).IsDone().Output);
            Assert.Equal(truth, await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Importing_everything_again_changes_nothing()
    {
        using var folder = ShopFolder.Migrated();
        await using var services = folder.Services();
        await ImportAsync(services);
        var before = ShopRows.Hashes(folder, ShopRows.FactTables);
        await ImportAsync(services);
        Assert.Equal(before, ShopRows.Hashes(folder, ShopRows.FactTables));
        Assert.Equal(["0|4787|4787", "0|4987|4987", "0|5066|5066"], ShopRows.Of(folder, "SELECT RecordsNew, RecordsRepeated, RecordsRead FROM Imports WHERE Number > 3"));
    }

    [Fact]
    public async Task The_days_add_up_to_the_month()
    {
        using var folder = ShopFolder.Migrated();
        await using var services = folder.Services();
        await ImportAsync(services);
        var since = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        await services.GetRequiredService<DemoStore>().AddSettingsAsync([], [new FeePrice("USD", 39_000, 40, since), new FeePrice("EUR", 39_000, 40, since)], TestContext.Current.CancellationToken);

        var (month, found) = await ReconcileAsync(services, October, November);
        var days = new List<RunFigures>();
        var foundByDay = new SortedSet<string>(StringComparer.Ordinal);
        for (var day = October; day < November; day = day.AddDays(1))
        {
            var (figures, findings) = await ReconcileAsync(services, day, day.AddDays(1));
            days.Add(figures);
            foundByDay.UnionWith(findings);
        }
        Assert.Equal(found, foundByDay);
        Assert.Equal(month.Statement, Sum(days.SelectMany(day => day.Statement)));
        Assert.Equal(
            month.Bridge.OrderBy(line => (line.Currency, line.Bucket)),
            days.SelectMany(day => day.Bridge).GroupBy(line => (line.Currency, line.Bucket)).OrderBy(lines => lines.Key)
                .Select(lines => new BridgeLine(lines.Key.Currency, lines.Key.Bucket, lines.Sum(line => line.Transactions), lines.Sum(line => line.AmountMinor))));
        Assert.All(month.Statement, line => Assert.NotNull(line.NetMinor));
    }

    private static async Task ImportAsync(ServiceProvider services)
    {
        foreach (var (kind, file) in Files)
            await FactFiles.ImportAsync(services, kind, Path.Combine(Fixtures.Require("reconciliation"), file));
    }

    private static async Task<(RunFigures Figures, SortedSet<string> Findings)> ReconcileAsync(ServiceProvider services, DateOnly from, DateOnly until)
    {
        var run = await services.GetRequiredService<RunDesk>().AddAsync(from, until, EndOfMonth, null, "system", TestContext.Current.CancellationToken);
        await services.GetRequiredService<ReconcileJob>().RunToEndAsync(run.Id, TestContext.Current.CancellationToken);
        run = await services.GetRequiredService<RunQueries>().GetAsync(run.Id, TestContext.Current.CancellationToken);
        Assert.Equal("balanced", run.Status);
        var results = services.GetRequiredService<RunResultQueries>();
        var findings = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var line in results.StreamFindingsAsync(run.Id, TestContext.Current.CancellationToken))
            findings.Add($"{line with { FactsHash = [] }}");
        return (await results.FiguresAsync(run, TestContext.Current.CancellationToken), findings);
    }

    private static IEnumerable<StatementLine> Sum(IEnumerable<StatementLine> lines) => lines.GroupBy(line => line.Currency).OrderBy(same => same.Key, StringComparer.Ordinal).Select(same => new StatementLine(
        same.Key,
        same.Sum(line => line.Transactions),
        same.Sum(line => line.GrossPaidMinor),
        same.Sum(line => line.TaxMinor),
        same.Sum(line => line.RefundedMinor),
        same.Sum(line => line.ChargedBackMinor),
        same.Sum(line => line.TaxReturnedMinor),
        same.Sum(line => line.FeesMinor),
        same.Sum(line => line.NetMinor)));
}
