using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Data.Outbox;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Reports;
using BackOffice.Data.Usage;
using BackOffice.Jobs.Codes;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Orders;
using BackOffice.Jobs.Outbox;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Jobs.Reports;
using BackOffice.Jobs.Usage;
using Hangfire;

namespace BackOffice.Jobs;

/// <summary>
/// Hands out what waits: at the start and every five minutes, rows that are pending or whose worker is gone, and the nights that are due. So nothing is lost
/// when Hangfire's memory is, and a night missed is made up for.
/// </summary>
public sealed class Sweeper(Database database, NightSchedule nights, NightWatch watch, OrderStatusJob statuses, CodeExportDesk exports, IBackgroundJobClient jobs)
{
    [AutomaticRetry(Attempts = 0)]
    [DisableConcurrentExecution(60)]
    public async Task RunAsync(CancellationToken token)
    {
        await nights.AddDueAsync(null, token).ConfigureAwait(false);
        await watch.LookAsync(token).ConfigureAwait(false);
        if (await statuses.IsNeededAsync(token).ConfigureAwait(false))
            jobs.Enqueue<OrderStatusJob>(job => job.RunAsync(CancellationToken.None));
        foreach (var id in await WaitingAsync(ImportStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<ImportJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(JobRunStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<NightlyJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(RunStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<ReconcileJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(ReportStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<ReportJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(BatchStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<BatchJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(CodeTaskStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<CodeTaskJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(CodeExportStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<CodeExportJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(UsagePullStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<UsagePullJob>(job => job.RunAsync(id, CancellationToken.None));
        foreach (var id in await WaitingAsync(UsageProofStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<UsageProofJob>(job => job.RunAsync(id, CancellationToken.None));
        await exports.ThrowAwayAsync(token).ConfigureAwait(false);
        foreach (var id in await WaitingAsync(OutboxStore.Queue, token).ConfigureAwait(false))
            jobs.Enqueue<OutboxJob>(job => job.RunAsync(id, CancellationToken.None));
    }

    private Task<List<Guid>> WaitingAsync(WorkQueue queue, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, session => queue.TakeWaitingAsync(session, token), token);
}
