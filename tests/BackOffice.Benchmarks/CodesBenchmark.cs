using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Codes;
using Microsoft.Data.Sqlite;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Benchmarks;

/// <summary>
/// Issuing codes end to end (drawn, sealed, unique, on the disk) beside the bare prepared insert of rows of the same shape, in random and in key order, into the same table
/// with the same indexes, in transactions that end by the same rule; then voiding, looking up and taking codes from stock.
/// </summary>
internal static class CodesBenchmark
{
    private const int RowsAtOnce = 200;

    public static async Task RunAsync(IReadOnlyList<int> sizes, int rounds, IReadOnlyList<int> holds)
    {
        foreach (var held in holds)
        {
            var folder = Directory.CreateTempSubdirectory("backoffice-bench-").FullName;
            try
            {
                Console.WriteLine(FormattableString.Invariant($"## Codes, in a database that holds {held:N0}, {rounds} rounds"));
                await PrepareAsync(folder, held).ConfigureAwait(false);
                foreach (var size in sizes)
                    await IssueAsync(folder, size, rounds).ConfigureAwait(false);
                if (held > 0)
                    await UseAsync(folder, held).ConfigureAwait(false);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Issues a batch as the command line does.</summary>
    public static async Task<double> IssueAsync(string folder, int count)
    {
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        var request = new BatchRequest(Ids.New(TimeProvider.System.UtcNow()), "trial", 1, count, CodeFormat.Console, "", PublishWay.Script, "", null);
        var batch = await shop.Get<BatchDesk>().RequestAsync(request, "benchmark", CancellationToken.None).ConfigureAwait(false);
        await shop.Get<BatchJob>().RunAsync(batch.Id, CancellationToken.None).ConfigureAwait(false);
        var seconds = watch.Elapsed.TotalSeconds;
        batch = await shop.Get<BatchQueries>().GetAsync(batch.Id).ConfigureAwait(false);
        return batch is { Status: "ready" } && batch.Made == count ? seconds : throw new InvalidOperationException($"The batch is {batch.Status}: {batch.Failure}");
    }

    /// <summary>The same rows, made before the watch starts, by a prepared insert.</summary>
    public static double BareInsert(string folder, int count, bool inKeyOrder)
    {
        var keys = new byte[count][];
        for (var i = 0; i < count; i++)
            keys[i] = RandomNumberGenerator.GetBytes(16);
        if (inKeyOrder)
            Array.Sort(keys, static (one, other) => one.AsSpan().SequenceCompareTo(other));
        var cipher = RandomNumberGenerator.GetBytes(60);
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "backoffice.db")};Pooling=False");
        connection.Open();
        Run(connection, "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA foreign_keys = OFF;");
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO Codes (BatchNo, Sequence, LookupKey, Cipher, LastFour, Status) VALUES (@BatchNo, @Sequence, @LookupKey, @Cipher, @LastFour, @Status)";
        foreach (var name in new[] { "@BatchNo", "@Sequence", "@LookupKey", "@Cipher", "@LastFour", "@Status" })
            insert.Parameters.Add(new SqliteParameter { ParameterName = name });
        var batch = RandomNumberGenerator.GetInt32(1_000_000, int.MaxValue);
        (insert.Parameters[0].Value, insert.Parameters[3].Value, insert.Parameters[4].Value, insert.Parameters[5].Value) = ((long)batch, cipher, "abcd", "available");
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
                    (insert.Parameters[1].Value, insert.Parameters[2].Value) = (next + 1, keys[next]);
                    insert.ExecuteNonQuery();
                }
            }
            while (next < count && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMilliseconds(5));
            transaction.Commit();
        }
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task PrepareAsync(string folder, int held)
    {
        if (held > 0)
            await IssueAsync(folder, held).ConfigureAwait(false);
        else
            await (await Shop.OpenAsync(folder).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        Checkpoint(folder);
    }

    private static async Task IssueAsync(string folder, int size, int rounds)
    {
        List<Measured> issued = [], random = [], ordered = [];
        for (var round = 0; round < rounds; round++)
        {
            random.Add(await OnCopyAsync(folder, copy => Child.MeasureAsync("bare-codes", copy, Text(size), "random")).ConfigureAwait(false));
            issued.Add(await OnCopyAsync(folder, copy => Child.MeasureAsync("codes", copy, Text(size))).ConfigureAwait(false));
            ordered.Add(await OnCopyAsync(folder, copy => Child.MeasureAsync("bare-codes", copy, Text(size), "ordered")).ConfigureAwait(false));
        }
        var toRandom = issued.Zip(random, (one, bare) => one.Seconds / bare.Seconds).Order().ToList();
        var toOrdered = issued.Zip(ordered, (one, bare) => one.Seconds / bare.Seconds).Order().ToList();
        Console.WriteLine(FormattableString.Invariant(
            $"{size:N0} issued in {Median(issued):0.00} s; bare, random order {Median(random):0.00} s, ratio {toRandom[rounds / 2]:0.00} ({toRandom[0]:0.00} to {toRandom[^1]:0.00}); bare, key order {Median(ordered):0.00} s, ratio {toOrdered[rounds / 2]:0.00}; peak {issued.Max(one => one.PeakMegabytes)} MB"));
    }

    // What people and jobs do with a large batch.
    private static async Task UseAsync(string folder, int held)
    {
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var (batches, codes, stock) = (shop.Get<BatchQueries>(), shop.Get<CodeQueries>(), shop.Get<CodeStock>());
        var batch = (await batches.ListAsync(new BatchFilter(null, null), null, 1).ConfigureAwait(false)).Rows[0];
        await LookUpAsync(shop, codes, batch, held).ConfigureAwait(false);
        await shop.Get<CodeTaskStore>().MarkPublishedAsync(batch.Number, "benchmark", null).ConfigureAwait(false);
        await TakeAsync(stock).ConfigureAwait(false);
        await WaitBesideAsync(shop).ConfigureAwait(false);
        var startedAt = Stopwatch.GetTimestamp();
        var voided = await shop.Get<CodeVoids>().VoidAsync(new BatchVoid(batch.Number, false, "benchmark", "measured")).ConfigureAwait(false);
        Console.WriteLine(FormattableString.Invariant($"a batch of {held:N0} made void ({voided.Codes:N0} codes) in {Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds:0.0} ms"));
    }

    private static async Task LookUpAsync(Shop shop, CodeQueries codes, BatchRow batch, int held)
    {
        const int times = 2_000;
        var finder = await shop.Get<VaultOfSecrets>().FinderAsync().ConfigureAwait(false);
        using var sealer = await shop.Get<VaultOfSecrets>().CodeSealerAsync(batch.Id, batch.WrappedKey!).ConfigureAwait(false);
        var (took, ours) = (new List<double>(times), 0);
        for (var i = 0; i < times; i++)
        {
            var sequence = RandomNumberGenerator.GetInt32(1, held + 1);
            var cipher = await shop.Get<Database>().ReadAsync(session => session.GetAsync<byte[]>(ReadCipher, new CodeQueries.OfCode(batch.Number, sequence))).ConfigureAwait(false);
            var code = sealer.Open(sequence, cipher);
            var startedAt = Stopwatch.GetTimestamp();
            var found = await codes.FindAsync(finder.LookupKey(code)).ConfigureAwait(false);
            took.Add(Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds);
            ours += found?.Sequence == sequence ? 1 : 0;
        }
        took.Sort();
        Console.WriteLine(FormattableString.Invariant($"looked up {times} of {held:N0}: {ours} found, median {took[times / 2]:0.000} ms, p99 {took[times * 99 / 100]:0.000} ms"));
    }

    private static async Task TakeAsync(CodeStock stock)
    {
        const int takes = 4_000;
        var (took, subjects) = (new List<double>(takes), new HashSet<string>());
        await Parallel.ForEachAsync(Enumerable.Range(0, takes), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
        {
            var startedAt = Stopwatch.GetTimestamp();
            var code = await stock.TakeAsync(FormattableString.Invariant($"order-{i}"), "trial", 1, "benchmark", token).ConfigureAwait(false);
            var milliseconds = Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds;
            lock (took)
            {
                took.Add(milliseconds);
                subjects.Add(code!.Subject);
            }
        }).ConfigureAwait(false);
        took.Sort();
        Console.WriteLine(FormattableString.Invariant($"8 workers took {takes} codes, {takes - subjects.Count} twice: median {took[takes / 2]:0.0} ms, p99 {took[takes * 99 / 100]:0.0} ms"));
    }

    // A request that writes, every few milliseconds, while a batch is made.
    private static async Task WaitBesideAsync(Shop shop)
    {
        var request = new BatchRequest(Ids.New(TimeProvider.System.UtcNow()), "trial", 1, 300_000, CodeFormat.Console, "", PublishWay.Script, "", null);
        var batch = await shop.Get<BatchDesk>().RequestAsync(request, "benchmark", CancellationToken.None).ConfigureAwait(false);
        var making = Task.Run(() => shop.Get<BatchJob>().RunAsync(batch.Id, CancellationToken.None));
        var took = new List<double>();
        while (!making.IsCompleted)
        {
            var startedAt = Stopwatch.GetTimestamp();
            await shop.Get<Database>().WriteAsync(WriteRank.Request, session => session.NextNumberAsync("Benchmark")).ConfigureAwait(false);
            took.Add(Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds);
            await Task.Delay(5).ConfigureAwait(false);
        }
        await making.ConfigureAwait(false);
        took.Sort();
        Console.WriteLine(FormattableString.Invariant($"{took.Count} requests beside issuing 300,000: median {took[took.Count / 2]:0.0} ms, p99 {took[took.Count * 99 / 100]:0.0} ms, longest {took[^1]:0.0} ms"));
    }

    private static async Task<Measured> OnCopyAsync(string folder, Func<string, Task<Measured>> measure)
    {
        var copy = Directory.CreateTempSubdirectory("backoffice-bench-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(copy, Path.GetRelativePath(folder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
            return await measure(copy).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static void Checkpoint(string folder)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "backoffice.db")};Pooling=False");
        connection.Open();
        Run(connection, "PRAGMA wal_checkpoint(TRUNCATE);");
    }

    private static void Run(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Median(List<Measured> measured) => measured.Select(one => one.Seconds).Order().ElementAt(measured.Count / 2);

    private static readonly Sql<CodeQueries.OfCode> ReadCipher = new("SELECT Cipher FROM Codes WHERE BatchNo = @BatchNo AND Sequence = @Sequence");
}
