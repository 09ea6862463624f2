using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Integrations.OneApi;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Usage;

/// <summary>Files of usage that are killed half-way, or come in at the same time.</summary>
public sealed class UsageImportTests
{
    private const int Rows = 20_000;

    [Theory]
    [InlineData(12)]
    [InlineData(18)]
    [InlineData(25)]
    public async Task Killed_imports_resume_to_the_same_figures(int moment)
    {
        using var folder = ShopFolder.Migrated();
        using var stop = new CancellationTokenSource();
        var clock = new ShiftedClock(UsageOffice.Now, calls => { if (calls == moment) stop.Cancel(); });
        Guid id;
        await using (var services = folder.Services(clock))
        {
            id = (await AddAsync(services, folder, UsageOffice.Rows(Rows, ConsoleFlavour.NewApi, secondsApart: 60))).Id;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => services.GetRequiredService<ImportJob>().RunAsync(id, stop.Token));
            await services.GetRequiredService<Database>().DisposeAsync();
        }
        Assert.InRange(ShopRows.Count(folder, "SELECT RecordsRead FROM Imports"), 1, Rows - 300);
        await using (var services = folder.Services(new ShiftedClock(UsageOffice.Now)))
        {
            await services.GetRequiredService<ImportJob>().RunAsync(id, CancellationToken.None);
            await services.GetRequiredService<Database>().DisposeAsync();
        }
        await using var quiet = new UsageOffice();
        await quiet.ImportAsync(UsageOffice.Rows(Rows, ConsoleFlavour.NewApi, secondsApart: 60), "new-api");
        Assert.Equal(UsageOffice.Figures(quiet.Folder), UsageOffice.Figures(folder));
        const string counts = "SELECT Status, RecordsRead, RecordsNew, RecordsRepeated, RecordsPutAside FROM Imports";
        Assert.Equal(ShopRows.Of(quiet.Folder, counts), ShopRows.Of(folder, counts));
    }

    [Fact]
    public async Task Two_imports_of_overlapping_files_at_once_count_nothing_twice()
    {
        var rows = UsageOffice.Rows(3_000, ConsoleFlavour.NewApi, secondsApart: 20);
        using var folder = ShopFolder.Migrated();
        // Two processes in effect: each has a gate of its own.
        await using var one = folder.Services(new ShiftedClock(UsageOffice.Now));
        await using var other = folder.Services(new ShiftedClock(UsageOffice.Now));
        var (first, second) = ((await AddAsync(one, folder, rows[..2_000])).Id, (await AddAsync(other, folder, [.. rows[500..].AsEnumerable().Reverse()])).Id);
        await Task.WhenAll(
            Task.Run(() => one.GetRequiredService<ImportJob>().RunAsync(first, CancellationToken.None)), Task.Run(() => other.GetRequiredService<ImportJob>().RunAsync(second, CancellationToken.None)));
        foreach (var services in new[] { one, other })
            await services.GetRequiredService<Database>().DisposeAsync();
        await using var quiet = new UsageOffice();
        await quiet.ImportAsync(rows, "new-api");
        Assert.Equal(UsageOffice.Figures(quiet.Folder), UsageOffice.Figures(folder));
        Assert.Equal(["done", "done"], ShopRows.Of(folder, "SELECT Status FROM Imports"));
    }

    private static async Task<ImportRow> AddAsync(ServiceProvider services, ShopFolder folder, IEnumerable<Dictionary<string, object?>> rows)
    {
        var file = Path.Combine(folder.Path, Path.GetRandomFileName());
        await File.WriteAllLinesAsync(file, rows.Select(row => System.Text.Json.JsonSerializer.Serialize(row)), TestContext.Current.CancellationToken);
        return await services.GetRequiredService<ImportDesk>().TakeFileAsync("usage", file, "take", false, "system", UsageOptions.Of("new-api", null).Text(), CancellationToken.None);
    }
}
