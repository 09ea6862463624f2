using Microsoft.Data.Sqlite;

namespace BackOffice.Benchmarks;

/// <summary>Import, repeated import and a month's reconciliation of a shop of one size, each beside its yardstick.</summary>
internal sealed class ShopBenchmark(int orders, int rounds, string what)
{
    private static readonly string[] Kinds = ["orders", "deliveries", "creem"];
    private readonly string _root = Directory.CreateTempSubdirectory("backoffice-bench-").FullName;

    public async Task RunAsync()
    {
        try
        {
            Console.WriteLine(FormattableString.Invariant($"## {orders:N0} orders, {rounds} rounds"));
            var files = new ShopFiles(_root, orders);
            files.Write();
            for (var round = 0; round < rounds; round++)
                await RoundAsync(files, round == rounds - 1).ConfigureAwait(false);
            foreach (var (name, product) in _product)
                Print(name, product, _bare[name]);
        }
        finally
        {
            Directory.Delete(_root, recursive: true);
        }
    }

    private readonly Dictionary<string, List<Measured>> _product = [];
    private readonly Dictionary<string, List<Measured>> _bare = [];

    private async Task RoundAsync(ShopFiles files, bool isLast)
    {
        var shop = Path.Combine(_root, "shop");
        var bare = Path.Combine(_root, "bare");
        await EmptyAsync(shop).ConfigureAwait(false);
        await EmptyAsync(bare).ConfigureAwait(false);
        CopyKeys(shop, bare);
        foreach (var kind in Kinds)
        {
            Add(_product, $"import {kind}", await Child.MeasureAsync("import", shop, kind, FileOf(files, kind)).ConfigureAwait(false));
            if (kind == "deliveries")
                CopyKeys(shop, bare);
            Add(_bare, $"import {kind}", await Child.MeasureAsync("bare-import", shop, bare, kind).ConfigureAwait(false));
        }
        if (what is "all" or "import")
        {
            foreach (var kind in Kinds)
            {
                Add(_product, $"import {kind} again", await Child.MeasureAsync("import", shop, kind, FileOf(files, kind)).ConfigureAwait(false));
                Add(_bare, $"import {kind} again", await Child.MeasureAsync("bare-repeat", shop, kind, FileOf(files, kind)).ConfigureAwait(false));
            }
        }
        if (what is "all" or "reconcile")
        {
            Add(_bare, "reconcile a month", await Child.MeasureAsync("bare-reconcile", shop).ConfigureAwait(false));
            Add(_product, "reconcile a month", await Child.MeasureAsync("reconcile", shop).ConfigureAwait(false));
        }
        if (!isLast)
        {
            Directory.Delete(shop, recursive: true);
            Directory.Delete(bare, recursive: true);
        }
    }

    private static async Task EmptyAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await (await Shop.OpenAsync(folder).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    // The sealed rows name the key they were sealed under.
    private static void CopyKeys(string from, string to)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(to, "backoffice.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "ATTACH @From AS source; INSERT OR IGNORE INTO main.VaultKeys SELECT * FROM source.VaultKeys; DETACH source;";
        command.Parameters.AddWithValue("@From", Path.Combine(from, "backoffice.db"));
        command.ExecuteNonQuery();
    }

    private static string FileOf(ShopFiles files, string kind) => kind switch
    {
        "orders" => files.Orders,
        "deliveries" => files.Deliveries,
        _ => files.Creem,
    };

    private static void Add(Dictionary<string, List<Measured>> figures, string name, Measured measured)
    {
        if (!figures.TryGetValue(name, out var all))
            figures[name] = all = [];
        all.Add(measured);
    }

    private static void Print(string name, List<Measured> product, List<Measured> bare)
    {
        var ratios = product.Zip(bare, (one, other) => one.Seconds / other.Seconds).Order().ToList();
        Console.WriteLine(FormattableString.Invariant(
            $"{name,-26} {Median(product):0.00} s, bare {Median(bare):0.00} s, ratio {ratios[ratios.Count / 2]:0.00} ({ratios[0]:0.00} to {ratios[^1]:0.00}), peak {product.Max(one => one.PeakMegabytes)} MB"));
    }

    private static double Median(List<Measured> all) => all.Select(one => one.Seconds).Order().ElementAt(all.Count / 2);
}
