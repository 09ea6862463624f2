using System.Globalization;

namespace BackOffice.Benchmarks;

/// <summary>
/// Speed as ratios to a bare yardstick in the same run. Every measurement is a process of its own, so that its peak memory is its own too; product and
/// yardstick take turns, so that a machine that changes its pace changes both.
/// </summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is ["child", .. var work])
            return await Child.RunAsync(work).ConfigureAwait(false);
        if (args is ["files", var folder, var orders])
        {
            new ShopFiles(folder, int.Parse(orders, CultureInfo.InvariantCulture)).Write();
            return 0;
        }
        var what = args.Length > 0 ? args[0] : "all";
        var sizes = (args.Length > 1 ? args[1] : "100000,1000000").Split(',').Select(size => int.Parse(size, CultureInfo.InvariantCulture)).ToArray();
        var rounds = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 3;
        // First: afterwards the disk is still busy with what the others wrote.
        if (what is "all" or "gate")
            await GateBenchmark.RunAsync().ConfigureAwait(false);
        if (what is "all" or "import" or "reconcile")
        {
            foreach (var size in sizes)
                await new ShopBenchmark(size, rounds, what).RunAsync().ConfigureAwait(false);
        }
        if (what == "pdf")
        {
            await PdfBenchmark.RunAsync(args.Length > 1 ? sizes : [100, 1_000], rounds).ConfigureAwait(false);
            return 0;
        }
        if (what == "pages")
        {
            await new PagesBenchmark(sizes[0], args.Length > 2 ? rounds : 300, args.Length > 3 ? args[3] : null).RunAsync().ConfigureAwait(false);
            return 0;
        }
        if (what is "all" or "codes")
            await CodesBenchmark.RunAsync(sizes, rounds, args.Length > 3 ? [int.Parse(args[3], CultureInfo.InvariantCulture)] : [0, 5_000_000]).ConfigureAwait(false);
        if (what == "usage" && args.Length > 3)
            Environment.SetEnvironmentVariable(UsageFiles.KeysSetting, args[3]);
        if (what is "all" or "usage")
            await UsageBenchmark.RunAsync(what == "usage" && args.Length > 1 ? sizes : [1_000_000], rounds).ConfigureAwait(false);
        if (what is "all" or "audit")
            await AuditBenchmark.RunAsync(what == "audit" ? sizes[^1] : 1_000_000, rounds).ConfigureAwait(false);
        return 0;
    }
}
