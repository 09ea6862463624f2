using System.Globalization;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;

namespace BackOffice.Benchmarks;

/// <summary>The walk of the audit trail beside a bare read of the same rows in the same order.</summary>
internal static class AuditBenchmark
{
    private const int Portion = 10_000;

    private static readonly BulkTable<AuditEntry> Rows = new(
        "AuditEntries",
        ("Sequence", typeof(long), row => row.Sequence),
        ("At", typeof(DateTime), row => row.At),
        ("Who", typeof(string), row => row.Who),
        ("Action", typeof(string), row => row.Action),
        ("Subject", typeof(string), row => row.Subject),
        ("Reason", typeof(string), row => row.Reason),
        ("Details", typeof(string), row => row.Details),
        ("PreviousHash", typeof(byte[]), row => row.PreviousHash),
        ("Hash", typeof(byte[]), row => row.Hash));

    private static readonly Sql<AuditHead> SetHead = new("UPDATE AuditHead SET Sequence = @Sequence, Hash = @Hash WHERE Id = 1");

    public static async Task RunAsync(int size, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("backoffice-bench-").FullName;
        try
        {
            Console.WriteLine(FormattableString.Invariant($"## The audit trail: {size:N0} rows, {rounds} rounds"));
            await FillAsync(folder, size).ConfigureAwait(false);
            List<Measured> walks = [], reads = [];
            for (var round = 0; round < rounds; round++)
            {
                reads.Add(await Child.MeasureAsync("bare-audit", folder).ConfigureAwait(false));
                walks.Add(await Child.MeasureAsync("audit", folder, size.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false));
            }
            var ratios = walks.Zip(reads, (walk, read) => walk.Seconds / read.Seconds).Order().ToList();
            Console.WriteLine(FormattableString.Invariant(
                $"verified in {Median(walks):0.00} s, bare read {Median(reads):0.00} s, ratio {ratios[rounds / 2]:0.00} ({ratios[0]:0.00} to {ratios[^1]:0.00}), peak {walks.Max(walk => walk.PeakMegabytes)} MB"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The chain as the product would have written it: one row for each act of a price, with values before and after.</summary>
    public static async Task FillAsync(string folder, int size)
    {
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var database = shop.Get<Database>();
        var (written, hash) = (0, AuditEntry.NoHash);
        while (written < size)
        {
            await database.WriteAsync(WriteRank.Job, async session =>
            {
                var portion = new List<AuditEntry>(Portion);
                for (; portion.Count < Portion && written < size; written++)
                {
                    var row = Row(written + 1, hash);
                    row = row with { Hash = row.ComputeHash() };
                    hash = row.Hash;
                    portion.Add(row);
                }
                await session.BulkInsertAsync(Rows, portion).ConfigureAwait(false);
                await session.ExecuteAsync(SetHead, new AuditHead { Sequence = written, Hash = hash }).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
    }

    private static AuditEntry Row(long number, byte[] previous) => new()
    {
        Sequence = number,
        At = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(30 * number),
        Who = FormattableString.Invariant($"person{number % 20}@example.com"),
        Action = number % 3 == 0 ? "package.price_added" : "import.confirmed",
        Subject = AuditSubject.Of(number % 3 == 0 ? "package" : "import", number),
        Reason = number % 2 == 0 ? "As agreed with the supplier on the telephone" : null,
        Details = FormattableString.Invariant($$$"""{"after":{"amount_minor":{{{number % 10_000}}},"currency":"CNY","valid_from":"2026-11-10T06:32:06Z"},"before":{"amount_minor":2200,"currency":"CNY","valid_from":"2026-01-01T00:00:00Z"}}"""),
        PreviousHash = previous,
    };

    private static double Median(List<Measured> measured) => measured.Select(one => one.Seconds).Order().ElementAt(measured.Count / 2);
}
