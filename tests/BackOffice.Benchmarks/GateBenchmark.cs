using System.Diagnostics;
using BackOffice.Data.Engine;
using BackOffice.Data.Payments;
using BackOffice.Domain.Imports;

namespace BackOffice.Benchmarks;

/// <summary>A job that writes as fast as it can, and 200 requests a second beside it that each write a row: how long do they wait?</summary>
internal static class GateBenchmark
{
    private const int RequestsPerSecond = 200;
    private const int Seconds = 20;

    // Until then methods are compiled that no request of a running shop waits for.
    private const int WarmUpSeconds = 1;

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("backoffice-bench-").FullName;
        try
        {
            await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
            var database = shop.Get<Database>();
            using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(Seconds));
            var job = Task.Run(() => BeGreedyAsync(database, stop.Token));
            var waits = (await AskAsync(database, stop.Token).ConfigureAwait(false)).Skip(WarmUpSeconds * RequestsPerSecond).ToList();
            var rows = await job.ConfigureAwait(false);
            waits.Sort();
            Console.WriteLine(FormattableString.Invariant($"## The gate: {RequestsPerSecond} requests a second beside a greedy job, {Seconds} s, the first not counted"));
            Console.WriteLine(FormattableString.Invariant(
                $"requests {waits.Count}, wait for the gate and a row written: median {waits[waits.Count / 2]:0.0} ms, p99 {waits[waits.Count * 99 / 100]:0.0} ms, worst {waits[^1]:0.0} ms; the job wrote {rows:N0} rows"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<long> BeGreedyAsync(Database database, CancellationToken stop)
    {
        var intake = new TransactionIntake("prod");
        var written = 0L;
        while (!stop.IsCancellationRequested)
        {
            await database.WriteAsync(WriteRank.Job, async session =>
            {
                do
                {
                    var portion = Enumerable.Range(0, Data.Imports.Intake<ImportedTransaction>.Portion).Select(i => Transaction(written + i)).ToList();
                    await intake.TakeAsync(session, portion, "benchmark", CancellationToken.None).ConfigureAwait(false);
                    written += portion.Count;
                }
                while (!session.ShouldEnd);
            }, CancellationToken.None).ConfigureAwait(false);
        }
        return written;
    }

    private static async Task<List<double>> AskAsync(Database database, CancellationToken stop)
    {
        var waits = new List<double>();
        var running = new List<Task>();
        var watch = Stopwatch.StartNew();
        for (var next = 0; !stop.IsCancellationRequested; next++)
        {
            var due = TimeSpan.FromSeconds((double)next / RequestsPerSecond) - watch.Elapsed;
            if (due > TimeSpan.Zero)
                await Task.Delay(due, CancellationToken.None).ConfigureAwait(false);
            running.Add(Task.Run(async () =>
            {
                var asked = Stopwatch.GetTimestamp();
                await database.WriteAsync(WriteRank.Request, session => session.NextNumberAsync("Benchmark"), CancellationToken.None).ConfigureAwait(false);
                lock (waits)
                    waits.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }, CancellationToken.None));
        }
        await Task.WhenAll(running).ConfigureAwait(false);
        return waits;
    }

    private static ImportedTransaction Transaction(long number)
    {
        var hash = new byte[16];
        BitConverter.TryWriteBytes(hash, number);
        return new ImportedTransaction
        {
            Line = number,
            TransactionId = FormattableString.Invariant($"tran_{unchecked((ulong)number * 0x9E3779B97F4A7C15):x16}"),
            Status = "paid",
            Currency = "USD",
            AmountMinor = 899,
            AmountPaidMinor = 899,
            CreatedAt = new DateTime(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc),
            PayloadHash = hash,
        };
    }
}
