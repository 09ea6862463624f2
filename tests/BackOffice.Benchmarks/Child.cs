using System.Diagnostics;
using System.Globalization;
using BackOffice.Data.Audit;
using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Reconciliation;

namespace BackOffice.Benchmarks;

/// <summary>One measurement in a process of its own: prints seconds and the peak of its memory in MB.</summary>
internal static class Child
{
    public static async Task<int> RunAsync(string[] work)
    {
        if (work is ["pdf", var output, var pages])
        {
            var written = await PdfBenchmark.WriteAsync(output, int.Parse(pages, CultureInfo.InvariantCulture)).ConfigureAwait(false);
            Console.WriteLine(FormattableString.Invariant($"{written.Seconds:0.0000} {PeakMegabytes()} {written.Pages} {written.ManagedMegabytes}"));
            return 0;
        }
        var seconds = work switch
        {
            ["import", var folder, var kind, var file] => await ImportAsync(folder, kind, file).ConfigureAwait(false),
            ["reconcile", var folder] => await ReconcileAsync(folder).ConfigureAwait(false),
            ["audit", var folder, var rows] => await VerifyAsync(folder, long.Parse(rows, CultureInfo.InvariantCulture)).ConfigureAwait(false),
            ["codes", var folder, var count] => await CodesBenchmark.IssueAsync(folder, int.Parse(count, CultureInfo.InvariantCulture)).ConfigureAwait(false),
            ["bare-codes", var folder, var count, var order] => CodesBenchmark.BareInsert(folder, int.Parse(count, CultureInfo.InvariantCulture), order == "ordered"),
            ["usage", var folder, var kind, var file] => await UsageBenchmark.ImportAsync(folder, kind, file).ConfigureAwait(false),
            ["prove", var folder] => await UsageBenchmark.ProveAsync(folder).ConfigureAwait(false),
            ["keys", var folder] => await UsageBenchmark.KeysAsync(folder).ConfigureAwait(false),
            ["bare-prove", var folder] => UsageBenchmark.BareGroup(folder),
            ["bare-usage", var folder, var count] => UsageBenchmark.BareInsert(folder, int.Parse(count, CultureInfo.InvariantCulture)),
            ["bare-export", var folder] => Yardstick.WriteWithMiniExcel(folder),
            ["bare-audit", var folder] => Yardstick.ReadAudit(folder),
            ["bare-import", var source, var target, var kind] => Yardstick.Insert(source, target, kind),
            ["bare-repeat", var folder, var kind, var file] => Yardstick.ReadAndProbe(folder, kind, file),
            ["bare-pdf", var folder, var size] => PdfBenchmark.Draw(folder, int.Parse(size, CultureInfo.InvariantCulture)),
            ["bare-reconcile", var folder] => Yardstick.ReadAll(folder),
            _ => throw new ArgumentException("Not a measurement."),
        };
        Console.WriteLine(FormattableString.Invariant($"{seconds:0.0000} {PeakMegabytes()}"));
        return 0;
    }

    /// <summary>Runs a measurement in a child process.</summary>
    public static async Task<Measured> MeasureAsync(params string[] work)
    {
        var figures = await FiguresAsync(work).ConfigureAwait(false);
        return new Measured(double.Parse(figures[0], CultureInfo.InvariantCulture), long.Parse(figures[1], CultureInfo.InvariantCulture));
    }

    /// <summary>The same, with whatever more the measurement prints on its last line.</summary>
    public static async Task<string[]> FiguresAsync(params string[] work)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // Started by `dotnet X.dll` the process is dotnet itself; started by its own host it is the program.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            start.ArgumentList.Add(typeof(Child).Assembly.Location);
        foreach (var word in work.Prepend("child"))
            start.ArgumentList.Add(word);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', work)} ended with {process.ExitCode}.");
        return output.Trim().Split('\n')[^1].Split(' ');
    }

    private static async Task<double> ImportAsync(string folder, string kind, string file)
    {
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        var import = await shop.Get<ImportDesk>().TakeFileAsync(kind, file, "take", adopt: false, "benchmark", null, CancellationToken.None).ConfigureAwait(false);
        await shop.Get<ImportJob>().RunAsync(import.Id, CancellationToken.None).ConfigureAwait(false);
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task<double> ReconcileAsync(string folder)
    {
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        var run = await shop.Get<RunDesk>().AddAsync(new DateOnly(2026, 10, 1), new DateOnly(2026, 11, 1), null, null, "benchmark", CancellationToken.None).ConfigureAwait(false);
        await shop.Get<ReconcileJob>().RunAsync(run.Id, CancellationToken.None).ConfigureAwait(false);
        var seconds = watch.Elapsed.TotalSeconds;
        run = await shop.Get<RunQueries>().GetAsync(run.Id).ConfigureAwait(false);
        return run.Status == "balanced" ? seconds : throw new InvalidOperationException($"The run is {run.Status}: {run.Failure}");
    }

    private static async Task<double> VerifyAsync(string folder, long rows)
    {
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        var verdict = await shop.Get<AuditVerifier>().VerifyAsync().ConfigureAwait(false);
        var seconds = watch.Elapsed.TotalSeconds;
        return verdict.IsWhole && verdict.Rows == rows ? seconds : throw new InvalidOperationException($"The chain is {verdict}.");
    }

    private static long PeakMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1_000_000;
    }
}

/// <summary>What a child process measured.</summary>
/// <param name="Seconds">Of the work itself, start-up not counted.</param>
/// <param name="PeakMegabytes">Of the whole process.</param>
internal readonly record struct Measured(double Seconds, long PeakMegabytes);
