using System.Globalization;
using System.Text.Json;
using BackOffice.Jobs.Imports;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Reconciliation;

/// <summary>The three files of a prepared case, cut by the time at which things happened, so that a shop can learn them bit by bit.</summary>
internal sealed class FactFiles
{
    private static readonly DateTime Begin = DateTime.UnixEpoch;

    private readonly string[] _orders;
    private readonly string[] _deliveries;
    private readonly List<(DateTime At, string Json)> _transactions;

    public FactFiles(string folder)
    {
        _orders = File.ReadAllLines(Path.Combine(folder, "orders.csv"));
        _deliveries = File.ReadAllLines(Path.Combine(folder, "deliveries.csv"));
        Assert.DoesNotContain(_orders.Concat(_deliveries), line => line.Contains('"', StringComparison.Ordinal)); // so a comma parts fields
        using var pages = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "creem.json")));
        _transactions = [.. pages.RootElement.EnumerateArray()
            .SelectMany(page => page.GetProperty("items").EnumerateArray())
            .Select(item => (DateTimeOffset.FromUnixTimeMilliseconds(item.GetProperty("created_at").GetInt64()).UtcDateTime, item.GetRawText()))];
    }

    /// <summary>Imports what happened before an instant and not before another: orders and payments made, deliveries made, deliveries revoked.</summary>
    public async Task ImportAsync(ShopFolder folder, ServiceProvider services, DateTime? from, DateTime until)
    {
        var (first, last) = (from ?? Begin, until);
        bool Happened(DateTime at) => at >= first && at < last;
        var orders = _orders[1..].Where(line => Happened(Instant(line, 10)));
        var transactions = _transactions.Where(one => Happened(one.At)).Select(one => one.Json);
        var deliveries = _deliveries[1..].Where(line => Happened(Instant(line, 5)) || (IsRevoked(line) && Happened(Instant(line, 6))))
            .Select(line => IsRevoked(line) && Instant(line, 6) < last ? line : line[..(line.LastIndexOf(',') + 1)]);
        await ImportAsync(folder, services, "orders", [_orders[0], .. orders]);
        await ImportAsync(folder, services, "creem", [.. transactions]);
        await ImportAsync(folder, services, "deliveries", [_deliveries[0], .. deliveries]);
    }

    /// <summary>Imports a whole file where it lies.</summary>
    public static async Task ImportAsync(ServiceProvider services, string kind, string path)
    {
        var import = await services.GetRequiredService<ImportDesk>().TakeFileAsync(kind, path, "take", false, "system", null, TestContext.Current.CancellationToken);
        await services.GetRequiredService<ImportJob>().RunAsync(import.Id, TestContext.Current.CancellationToken);
    }

    private static async Task ImportAsync(ShopFolder folder, ServiceProvider services, string kind, string[] lines)
    {
        if (lines.Length == 0 || (kind != "creem" && lines.Length == 1))
            return;
        var path = Path.Combine(folder.Path, kind + ".txt");
        await File.WriteAllLinesAsync(path, lines, TestContext.Current.CancellationToken);
        await ImportAsync(services, kind, path);
    }

    private static bool IsRevoked(string line) => !line.EndsWith(',');

    private static DateTime Instant(string line, int field) => DateTimeOffset.Parse(line.Split(',')[field], CultureInfo.InvariantCulture).UtcDateTime;
}
