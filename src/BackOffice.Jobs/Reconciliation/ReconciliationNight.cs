using BackOffice.Data.Jobs;
using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Nights;

namespace BackOffice.Jobs.Reconciliation;

/// <summary>
/// The nightly reconciliation (rules 3): the two days before its day, as of the moment it starts, and whatever was learnt since the last night that ended
/// well. Its day is that of its row, also when the night is made up for later.
/// </summary>
public sealed class ReconciliationNight(RunDesk desk, RunQueries runs, ReconcileJob reconcile, Settings settings) : Night
{
    public const string JobName = "nightly-reconciliation";

    public override string Name => JobName;

    public override TimeOnly At => settings.NightlyAt;

    // A shop that was off for a month needs the findings of today, not thirty runs of the same open findings: older nights are covered by the next one's "learnt since".
    public override int MadeUp => 7;

    // Its run is made: other days, or the same as known now, are a run of their own.
    public override bool CanRepeat => false;

    public override async Task<long> DoAsync(JobRunRow row, CancellationToken token)
    {
        var run = await runs.FindNightlyAsync(row.Id, token).ConfigureAwait(false) ?? await desk.AddNightlyAsync(row.Id, NightSchedule.Day(row.Argument), token).ConfigureAwait(false);
        await reconcile.RunToEndAsync(run.Id, token).ConfigureAwait(false);
        var ended = await runs.GetAsync(run.Id, token).ConfigureAwait(false);
        return ended.Status is "balanced" or "broken" ? ended.FindingsSeen : throw new InvalidOperationException($"Run {ended.Number} did not end: {ended.Failure ?? ended.Status}.");
    }
}
