using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using Hangfire;

namespace BackOffice.Jobs.Nights;

/// <summary>Claims the row of a night and has it done.</summary>
public sealed class NightlyJob(Database database, JobRunStore rows, IEnumerable<Night> nights, Work work)
{
    [AutomaticRetry(Attempts = WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    public async Task RunAsync(Guid id, CancellationToken token)
    {
        if (!await database.WriteAsync(WriteRank.Job, session => JobRunStore.Queue.ClaimAsync(session, id, token), token).ConfigureAwait(false))
            return;
        var row = await rows.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(JobRunStore.Queue, id, new WorkName(row.Job, row.Argument), row.Attempts, stop => DoAsync(row, stop), token).ConfigureAwait(false);
    }

    private async Task DoAsync(JobRunRow row, CancellationToken token)
    {
        var night = nights.SingleOrDefault(night => night.Name == row.Job) ?? throw new RefusedException(new Refusal("NightUnknown", "", row.Job));
        var touched = await night.DoAsync(row, token).ConfigureAwait(false);
        await database.WriteAsync(WriteRank.Job, async session =>
        {
            await JobRunStore.NoteRowsAsync(session, row.Id, touched, token).ConfigureAwait(false);
            await JobRunStore.Queue.EndAsync(session, row.Id, "done", token).ConfigureAwait(false);
        }, token).ConfigureAwait(false);
    }
}
