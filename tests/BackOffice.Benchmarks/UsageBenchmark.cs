using System.Diagnostics;
using System.Globalization;
using BackOffice.Data.Settlement;
using BackOffice.Data.Usage;
using BackOffice.Jobs.Imports;
using DuckDB.NET.Data;
using Microsoft.Data.Sqlite;

namespace BackOffice.Benchmarks;

/// <summary>
/// A console's log taken in (parsed, normalised, without repeats, rolled up, on the disk) beside the bare prepared insert of the same normal rows into the same table with the
/// same indexes; the month settled from the roll-ups, beside DuckDB's grouping of the records themselves; the proof of all sums beside SQLite's own GROUP BY of the records.
/// </summary>
internal static class UsageBenchmark
{
    private const int RowsAtOnce = 50;

    public static async Task RunAsync(IReadOnlyList<int> sizes, int rounds)
    {
        var settled = new List<double>();
        foreach (var size in sizes)
        {
            var root = Directory.CreateTempSubdirectory("backoffice-bench-").FullName;
            try
            {
                Console.WriteLine(FormattableString.Invariant($"## Usage, {size:N0} records, {rounds} rounds"));
                settled.Add(await RunAsync(root, size, rounds).ConfigureAwait(false));
            }
            finally
            {
                Directory.Delete(root, recursive: true);
            }
        }
        if (settled.Count > 1)
            Console.WriteLine(FormattableString.Invariant($"settlement, the largest size beside the smallest: {settled[^1] / settled[0]:0.00}"));
    }

    /// <summary>Takes a file in as the command line does.</summary>
    public static async Task<double> ImportAsync(string folder, string kind, string file)
    {
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        var options = kind == "usage" ? UsageOptions.Of(UsageOptions.NewApi, null).Text() : null;
        var import = await shop.Get<ImportDesk>().TakeFileAsync(kind, file, "take", adopt: false, "benchmark", options, CancellationToken.None).ConfigureAwait(false);
        await shop.Get<ImportJob>().RunAsync(import.Id, CancellationToken.None).ConfigureAwait(false);
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>The same normal rows by a prepared insert, in transactions that end by the same rule.</summary>
    public static double BareInsert(string folder, int count)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "backoffice.db")};Pooling=False");
        connection.Open();
        Run(connection, "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA foreign_keys = OFF;");
        using var insert = connection.CreateCommand();
        insert.CommandText = """
            INSERT INTO UsageRecords (SourceId, ExternalId, OccurredAt, Quarter, NamesId, KeyId, UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens, ChargedQuota, Flags, Era, RecordedAt)
            VALUES (1, @ExternalId, @OccurredAt, @Quarter, @NamesId, @KeyId, @UncachedInput, @CacheRead, 0, 0, @OutputTokens, @ChargedQuota, 0, 1, @RecordedAt)
            """;
        foreach (var name in new[] { "@ExternalId", "@OccurredAt", "@Quarter", "@NamesId", "@KeyId", "@UncachedInput", "@CacheRead", "@OutputTokens", "@ChargedQuota", "@RecordedAt" })
            insert.Parameters.Add(new SqliteParameter { ParameterName = name });
        var watch = Stopwatch.StartNew();
        for (var next = 0; next < count;)
        {
            var begun = Stopwatch.GetTimestamp();
            using var transaction = connection.BeginTransaction(deferred: false);
            insert.Transaction = transaction;
            do
            {
                for (var end = Math.Min(next + RowsAtOnce, count); next < end; next++)
                {
                    Fill(insert, UsageFiles.Row(next, count));
                    insert.ExecuteNonQuery();
                }
            }
            while (next < count && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMilliseconds(5));
            transaction.Commit();
        }
        return watch.Elapsed.TotalSeconds;
    }

    private static void Fill(SqliteCommand insert, UsageFiles.UsageRow row)
    {
        var values = insert.Parameters;
        values[0].Value = row.Id.ToString(CultureInfo.InvariantCulture);
        values[1].Value = row.At.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        (values[2].Value, values[3].Value, values[4].Value) = (row.Quarter, row.Names, row.Key);
        (values[5].Value, values[6].Value, values[7].Value, values[8].Value, values[9].Value) = (row.Uncached, row.Read, row.Answer, row.Quota, "2026-11-01 00:00:00.000");
    }

    private static async Task<double> RunAsync(string root, int size, int rounds)
    {
        var (shop, bare) = (Path.Combine(root, "shop"), Path.Combine(root, "bare"));
        var (mappings, prices) = UsageFiles.WriteRates(root);
        var log = UsageFiles.WriteLog(root, size);
        List<Measured> product = [], yardstick = [];
        for (var round = 0; round < rounds; round++)
        {
            await EmptyAsync(shop).ConfigureAwait(false);
            await EmptyAsync(bare).ConfigureAwait(false);
            yardstick.Add(await Child.MeasureAsync("bare-usage", bare, Text(size)).ConfigureAwait(false));
            product.Add(await Child.MeasureAsync("usage", shop, "usage", log).ConfigureAwait(false));
        }
        Print("import", product, "bare insert", yardstick);
        await ImportAsync(shop, "mappings", mappings).ConfigureAwait(false);
        await ImportAsync(shop, "prices", prices).ConfigureAwait(false);
        var milliseconds = await SettleAsync(shop).ConfigureAwait(false);
        GroupWithDuckDb(shop);
        var keys = await Child.MeasureAsync("keys", shop).ConfigureAwait(false);
        Console.WriteLine(FormattableString.Invariant($"keys of the month, with what the first hundred used, earned and cost: {keys.Seconds * 1000:0} ms; peak {keys.PeakMegabytes} MB"));
        await ProveAsync(shop, rounds).ConfigureAwait(false);
        return milliseconds;
    }

    /// <summary>What the page of keys shows first, computed five times: the median.</summary>
    public static async Task<double> KeysAsync(string folder)
    {
        const int times = 5, shown = 100;
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var queries = shop.Get<KeyQueries>();
        var took = new List<double>(times);
        for (var i = 0; i < times; i++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            var month = await queries.MonthAsync(new DateOnly(2026, 9, 1)).ConfigureAwait(false);
            await queries.RowsAsync(month, [.. month.ByCredits.Take(shown)]).ConfigureAwait(false);
            took.Add(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
        }
        took.Sort();
        return took[times / 2];
    }

    /// <summary>Proves the sums against all records, as the command line does.</summary>
    public static async Task<double> ProveAsync(string folder)
    {
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var proof = shop.Get<UsageProof>();
        var watch = Stopwatch.StartNew();
        var outcome = await proof.ProveAsync(await proof.DaysAsync().ConfigureAwait(false), 1, (_, _, _) => Task.CompletedTask).ConfigureAwait(false);
        var seconds = watch.Elapsed.TotalSeconds;
        return outcome is { Differences: 0, Records: > 0 } ? seconds : throw new InvalidOperationException($"{outcome.Differences} sums of {outcome.Records} records differ.");
    }

    /// <summary>What SQLite itself needs to group the same records by names and quarter-hour.</summary>
    public static double BareGroup(string folder)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "backoffice.db")};Pooling=False");
        connection.Open();
        Run(connection, "PRAGMA cache_size = -65536;");
        using var select = connection.CreateCommand();
        select.CommandText = """
            SELECT Quarter, NamesId, COUNT(*), SUM(UncachedInput), SUM(CacheRead), SUM(CacheWrite5m), SUM(CacheWrite1h), SUM(OutputTokens), SUM(ChargedQuota)
            FROM UsageRecords
            GROUP BY Quarter, NamesId
            """;
        var watch = Stopwatch.StartNew();
        using var reader = select.ExecuteReader();
        while (reader.Read())
        {
        }
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task ProveAsync(string folder, int rounds)
    {
        List<Measured> product = [], yardstick = [];
        for (var round = 0; round < rounds; round++)
        {
            yardstick.Add(await Child.MeasureAsync("bare-prove", folder).ConfigureAwait(false));
            product.Add(await Child.MeasureAsync("prove", folder).ConfigureAwait(false));
        }
        Print("proof of all sums", product, "SQLite's own GROUP BY", yardstick);
    }

    private static void Print(string what, List<Measured> product, string bare, List<Measured> yardstick)
    {
        var ratios = product.Zip(yardstick, (one, other) => one.Seconds / other.Seconds).Order().ToList();
        Console.WriteLine(FormattableString.Invariant(
            $"{what} {Median(product):0.00} s, {bare} {Median(yardstick):0.00} s, ratio {ratios[ratios.Count / 2]:0.00} ({ratios[0]:0.00} to {ratios[^1]:0.00}); peak {product.Max(one => one.PeakMegabytes)} MB"));
    }

    private static async Task<double> SettleAsync(string folder)
    {
        const int times = 21;
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var store = shop.Get<SettlementStore>();
        var took = new List<double>(times);
        SettlementDocument? document = null;
        for (var i = 0; i < times; i++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            document = await store.SeeAsync("deepseek", new DateOnly(2026, 9, 1)).ConfigureAwait(false);
            took.Add(Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds);
        }
        took.Sort();
        Console.WriteLine(FormattableString.Invariant(
            $"settlement of the month from roll-ups: median {took[times / 2]:0.0} ms ({took[0]:0.0} to {took[^1]:0.0}), {document!.Lines.Count} lines, {document.Records:N0} records, CNY {document.Total.TotalNano / 1e9:0.00}"));
        return took[times / 2];
    }

    // The records as DuckDB holds them, grouped by names and quarter-hour: what the roll-ups hold.
    private static void GroupWithDuckDb(string folder)
    {
        using var duck = new DuckDBConnection("Data Source=:memory:");
        duck.Open();
        Execute(duck, "CREATE TABLE Records (Quarter INTEGER, NamesId INTEGER, UncachedInput BIGINT, CacheRead BIGINT, OutputTokens BIGINT)");
        using (var appender = duck.CreateAppender("Records"))
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "backoffice.db")};Pooling=False");
            connection.Open();
            using var select = connection.CreateCommand();
            select.CommandText = "SELECT Quarter, NamesId, UncachedInput, CacheRead, OutputTokens FROM UsageRecords";
            using var reader = select.ExecuteReader();
            while (reader.Read())
                appender.CreateRow().AppendValue(reader.GetInt32(0)).AppendValue(reader.GetInt32(1)).AppendValue(reader.GetInt64(2)).AppendValue(reader.GetInt64(3)).AppendValue(reader.GetInt64(4)).EndRow();
        }
        var took = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            using var command = duck.CreateCommand();
            command.CommandText = "SELECT Quarter, NamesId, SUM(UncachedInput), SUM(CacheRead), SUM(OutputTokens), COUNT(*) FROM Records GROUP BY Quarter, NamesId";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
            }
            took.Add(Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds);
        }
        took.Sort();
        Console.WriteLine(FormattableString.Invariant($"DuckDB groups the same records in {took[2]:0.0} ms"));
    }

    private static void Execute(DuckDBConnection duck, string text)
    {
        using var command = duck.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static async Task EmptyAsync(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        await (await Shop.OpenAsync(folder).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    private static void Run(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Median(List<Measured> measured) => measured.Select(one => one.Seconds).Order().ElementAt(measured.Count / 2);
}
