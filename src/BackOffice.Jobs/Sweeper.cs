using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Reports;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Jobs.Reports;
using Hangfire;

namespace BackOffice.Jobs;

/// <summary>
/// Hands out what waits: at the start and every five minutes, rows that are pending or whose worker is gone, and the nights that are due. So nothing is lost
/// when Hangfire's memory is, and a night missed is made up for.
/// </summary>
public sealed class Sweeper(Database database, NightSchedule nights, IBackgroundJobClient jobs)
{
    [AutomaticRetry(Attempts = 0)]
    [DisableConcurrentExecution(60)]
    public async Task RunAsync(CancellationToken token)
    {
        await nights.AddDueAsync(token).ConfigureAwait(false);
        foreach (var id in await WaitingAsync(ImportStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<ImportJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(JobRunStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<NightlyJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(RunStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<ReconcileJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(ReportStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<ReportJob>(job => job.RunAsync(id, CancellationToken.None));
    }

    private Task<List<Guid>> WaitingAsync(WorkQueue queue, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, session => queue.TakeWaitingAsync(session, token), token);
}
