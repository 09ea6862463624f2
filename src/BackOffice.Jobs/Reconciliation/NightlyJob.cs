using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using Hangfire;

namespace BackOffice.Jobs.Reconciliation;

/// <summary>
/// The nightly reconciliation (rules 3): the two days before its day, as of the moment it starts, and whatever was learnt since the last night that ended
/// well. Its day is that of its row, also when the night is made up for later.
/// </summary>
public sealed class NightlyJob(Database database, JobRunStore nights, RunDesk desk, RunQueries runs, ReconcileJob reconcile, Work work)
{
    public const string Name = "nightly-reconciliation";

    [AutomaticRetry(Attempts = WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    public async Task RunAsync(Guid id, CancellationToken token)
    {
        if (!await database.WriteAsync(WriteRank.Job, session => JobRunStore.Queue.ClaimAsync(session, id, token), token).ConfigureAwait(false))
            return;
        var night = await nights.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(JobRunStore.Queue, id, night.Attempts, stop => ReconcileAsync(night, stop), token).ConfigureAwait(false);
    }

    private async Task ReconcileAsync(JobRunRow night, CancellationToken token)
    {
        var today = DateOnly.ParseExact(night.Argument, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var run = await runs.FindNightlyAsync(night.Id, token).ConfigureAwait(false) ?? await desk.AddNightlyAsync(night.Id, today, token).ConfigureAwait(false);
        await reconcile.RunToEndAsync(run.Id, token).ConfigureAwait(false);
        var ended = await runs.GetAsync(run.Id, token).ConfigureAwait(false);
        if (ended.Status is not ("balanced" or "broken"))
            throw new InvalidOperationException($"Run {ended.Number} did not end: {ended.Failure ?? ended.Status}.");
        await database.WriteAsync(WriteRank.Job, async session =>
        {
            await JobRunStore.NoteRowsAsync(session, night.Id, ended.FindingsSeen, token).ConfigureAwait(false);
            await JobRunStore.Queue.EndAsync(session, night.Id, "done", token).ConfigureAwait(false);
        }, token).ConfigureAwait(false);
    }
}

/// <summary>The nights that are due: every local day from the one after the last row up to now, so that missed ones are made up for.</summary>
public sealed class NightSchedule(Database database, JobRunStore nights, Settings settings)
{
    // A shop that was off for a month needs the findings of today, not thirty runs of the same open findings: older nights are covered by the next one's "learnt since".
    private const int MostMissedNights = 7;

    /// <summary>Adds the rows that are due and not there.</summary>
    public async Task<IReadOnlyList<Guid>> AddDueAsync(CancellationToken token)
    {
        var now = settings.Business.ToLocal(database.Clock.UtcNow());
        var last = DateOnly.FromDateTime(now).AddDays(TimeOnly.FromDateTime(now) >= settings.NightlyAt ? 0 : -1);
        var known = await nights.LastArgumentAsync(NightlyJob.Name, token).ConfigureAwait(false);
        var first = known is null ? last : Day(known).AddDays(1);
        var added = new List<Guid>();
        for (var day = first < last.AddDays(1 - MostMissedNights) ? last.AddDays(1 - MostMissedNights) : first; day <= last; day = day.AddDays(1))
        {
            if (await nights.AddAsync(NightlyJob.Name, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), token).ConfigureAwait(false) is { } id)
                added.Add(id);
        }
        return added;
    }

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
