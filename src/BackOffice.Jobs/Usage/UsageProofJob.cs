using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Outbox;
using Hangfire;

namespace BackOffice.Jobs.Usage;

/// <summary>Does a proof that a person asked for: the sums of usage against its records. A difference is told outside the building, as one that a night found.</summary>
public sealed class UsageProofJob(Database database, UsageProof proof, UsageProofStore store, Alarm alarm, Work work)
{
    private static readonly TimeSpan ProgressTime = TimeSpan.FromSeconds(1);

    [AutomaticRetry(Attempts = WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    public async Task RunAsync(Guid id, CancellationToken token)
    {
        if (!await database.WriteAsync(WriteRank.Job, session => UsageProofStore.Queue.ClaimAsync(session, id, token), token).ConfigureAwait(false))
            return;
        var row = await store.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(UsageProofStore.Queue, id, new WorkName("usage_proof", row.Number), row.Attempts, stop => ProveAsync(row, stop), token).ConfigureAwait(false);
    }

    private async Task ProveAsync(UsageProofRow row, CancellationToken token)
    {
        var days = row.Month is { } month ? UsageProof.DaysOfMonth(SettlementPeriod.Parse(month)!.Value) : await proof.DaysAsync(token).ConfigureAwait(false);
        var (done, toldAt) = (0, database.Clock.GetTimestamp());
        await store.AdvanceAsync(row.Id, 0, days.Count, token).ConfigureAwait(false);
        var outcome = await proof.ProveAsync(days, UsageProofStore.MostLines, async (_, _, _) =>
        {
            done++;
            if (database.Clock.GetElapsedTime(toldAt) < ProgressTime)
                return;
            toldAt = database.Clock.GetTimestamp();
            await store.AdvanceAsync(row.Id, done, days.Count, token).ConfigureAwait(false);
        }, token).ConfigureAwait(false);
        if (outcome.Differences > 0)
            await alarm.TellAsync(Alarm.InBothLanguages(FormattableString.Invariant($"usage-proof:{row.Number}"), texts => texts["Alarm.UsageProof", row.Number], texts => texts.Of(UsageProofs.Refusal(outcome))), token).ConfigureAwait(false);
        await store.FinishAsync(row.Id, days.Count, outcome, token).ConfigureAwait(false);
    }
}

/// <summary>Proves every night the days that changed, and some others in turn. A difference fails the night, so that a person is told; nothing mends it.</summary>
public sealed class UsageProofNight(UsageProof proof, UsageDays days, Settings settings, TimeProvider clock) : Night
{
    public const string JobName = "nightly-usage-proof";

    // Of a year's days each comes up within ten weeks.
    private const int Others = 5;

    public override string Name => JobName;

    public override TimeOnly At => settings.UsageProofAt;

    /// <returns>Records whose sums were proved.</returns>
    public override async Task<long> DoAsync(JobRunRow row, CancellationToken token)
    {
        var startedAt = clock.UtcNow();
        var outcome = await proof.ProveAsync(
            await days.DueAsync(Others, token).ConfigureAwait(false), UsageProofStore.MostLines,
            (day, _, isProved) => isProved ? days.NoteProvedAsync(day, startedAt, token) : Task.CompletedTask, token).ConfigureAwait(false);
        return outcome.Differences == 0 ? outcome.Records : throw new RefusedException(UsageProofs.Refusal(outcome));
    }
}

/// <summary>What a proof that failed says.</summary>
public static class UsageProofs
{
    /// <summary>How many sums differ, and the first of them.</summary>
    public static Refusal Refusal(UsageProofOutcome outcome) =>
        new("UsageSumsDiffer", "", outcome.Differences.ToString(System.Globalization.CultureInfo.InvariantCulture), outcome.First[0].ToString());
}
