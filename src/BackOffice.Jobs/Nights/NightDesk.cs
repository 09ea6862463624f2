using BackOffice.Data.Jobs;
using BackOffice.Domain;
using Hangfire;

namespace BackOffice.Jobs.Nights;

/// <summary>What a person may do about a night.</summary>
public sealed class NightDesk(JobRunStore rows, IEnumerable<Night> nights, IBackgroundJobClient jobs)
{
    /// <summary>Whether an ended night may be done once more.</summary>
    public bool MayRunAgain(JobRunRow row) =>
        nights.Any(night => night.Name == row.Job && (row.Status == "failed" || (row.Status == "done" && night.CanRepeat)));

    /// <exception cref="RefusedException">It runs, waits, or would do nothing.</exception>
    public async Task RunAgainAsync(Guid id, string reason, string by, CancellationToken token)
    {
        var row = await rows.GetAsync(id, token).ConfigureAwait(false);
        if (!MayRunAgain(row) || !await rows.RunAgainAsync(id, row.Status, reason, by, token).ConfigureAwait(false))
            throw new RefusedException(new Refusal("NightNotEnded", ""));
        jobs.Enqueue<NightlyJob>(job => job.RunAsync(id, CancellationToken.None));
    }
}
