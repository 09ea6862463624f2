using System.Security.Cryptography;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Packages;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Reports;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using Hangfire;

namespace BackOffice.Jobs.Reports;

/// <summary>Writes a report's file: beside its place first, then moved there whole, so that no half file is ever found.</summary>
public sealed class ReportJob(Database database, ReportStore reports, RunQueries runs, RunResultQueries results, PackageQueries packages, Settings settings, Work work)
{
    private static readonly TimeSpan ProgressTime = TimeSpan.FromSeconds(1);

    /// <summary>Where the finished file of a report lies.</summary>
    public string PathOf(ReportRow report) => Path.Combine(settings.ReportsDirectory, $"{report.Id:N}.{report.Format}");

    [AutomaticRetry(Attempts = WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    public async Task RunAsync(Guid id, CancellationToken token)
    {
        if (!await database.WriteAsync(WriteRank.Job, session => ReportStore.Queue.ClaimAsync(session, id, token), token).ConfigureAwait(false))
            return;
        var report = await reports.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(ReportStore.Queue, id, new WorkName("report", report.Number), report.Attempts, stop => WriteAsync(report, stop), token).ConfigureAwait(false);
    }

    /// <summary>Writes the report of a run to a path of the caller's choice.</summary>
    public async Task WriteAsync(RunRow run, string format, Texts texts, string path, Action<long> progress, CancellationToken token)
    {
        var report = await ReportOfAsync(run, progress, token).ConfigureAwait(false);
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var beside = $"{full}.{Path.GetRandomFileName()}";
        try
        {
            await using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                await WriteAsync(report, format, texts, stream, token).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, full, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    private static Task WriteAsync(ReconciliationReport report, string format, Texts texts, Stream stream, CancellationToken token) => format switch
    {
        "csv" => ReconciliationCsv.WriteAsync(report, stream, token),
        "json" => ReconciliationJson.WriteAsync(report, stream, token),
        "xlsx" => new ReconciliationWorkbook(report, texts).WriteAsync(stream, token),
        _ => throw new RefusedException(new Refusal("FormatUnknown", "format", format, ".xlsx, .csv, .json")),
    };

    private async Task WriteAsync(ReportRow report, CancellationToken token)
    {
        var run = await runs.GetAsync(report.SubjectId, token).ConfigureAwait(false);
        var texts = report.Language == "en" ? Texts.English : Texts.Chinese;
        var path = PathOf(report);
        var rows = 0L;
        var toldAt = database.Clock.GetTimestamp();
        var told = Task.CompletedTask;
        await WriteAsync(run, report.Format, texts, path, Progress, token).ConfigureAwait(false);
        await told.ConfigureAwait(false);
        await using var file = File.OpenRead(path);
        var sha256 = await SHA256.HashDataAsync(file, token).ConfigureAwait(false);
        await reports.FinishAsync(report.Id, rows, file.Length, sha256, token).ConfigureAwait(false);

        void Progress(long written)
        {
            rows = written;
            if (!told.IsCompleted || database.Clock.GetElapsedTime(toldAt) < ProgressTime)
                return;
            toldAt = database.Clock.GetTimestamp();
            told = reports.AdvanceAsync(report.Id, written, token);
        }
    }

    private async Task<ReconciliationReport> ReportOfAsync(RunRow run, Action<long> progress, CancellationToken token)
    {
        var figures = await results.FiguresAsync(run, token).ConfigureAwait(false);
        var counts = await results.CountsAsync(run.Id, token).ConfigureAwait(false);
        return new ReconciliationReport
        {
            FromDay = run.FromDay,
            UntilDay = run.UntilDay,
            From = run.WindowFrom,
            Until = run.WindowUntil,
            AsOf = run.AsOf!.Value,
            KnownAsOf = run.KnownAsOf!.Value,
            AsOfGiven = run.AsOfGiven,
            KnownAsOfGiven = run.KnownAsOfGiven,
            BusinessTime = new BusinessTime(TimeZoneInfo.FindSystemTimeZoneById(run.TimeZone)),
            Grace = TimeSpan.FromMinutes(run.GraceMinutes),
            ToleranceMinor = run.ToleranceMinor,
            Balanced = !figures.IsBroken,
            Statement = figures.Statement,
            Bridge = figures.Bridge,
            Packages = figures.Packages,
            PackageNames = (await packages.ListAsync(token).ConfigureAwait(false)).ToDictionary(package => package.Slug, package => new PackageName(package.NameEnglish, package.NameChinese)),
            FindingCounts = counts.GroupBy(count => count.Kind).ToDictionary(kind => kind.Key, kind => kind.Sum(count => count.Findings)),
            Findings = CountedAsync(run.Id, progress),
        };
    }

    private async IAsyncEnumerable<FindingLine> CountedAsync(Guid runId, Action<long> progress)
    {
        var rows = 0L;
        await foreach (var line in results.StreamFindingsAsync(runId).ConfigureAwait(false))
        {
            progress(++rows);
            yield return line;
        }
    }
}
