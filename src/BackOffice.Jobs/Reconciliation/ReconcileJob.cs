using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using Hangfire;

namespace BackOffice.Jobs.Reconciliation;

/// <summary>Makes one reconciliation run: reads the cases in order, judges them, keeps what it sees, then moves the findings.</summary>
public sealed class ReconcileJob(Database database, RunStore runs, RunQueries queries, FindingStore findings, CodeFindingReader codes, Work work)
{
    private const int FindingsInHand = 1000;
    private static readonly TimeSpan ProgressTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TurnTime = TimeSpan.FromMilliseconds(500);

    [AutomaticRetry(Attempts = Data.Jobs.WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    public Task RunAsync(Guid id, CancellationToken token) => RunToEndAsync(id, token);

    /// <summary>Does the run, after whatever run is at work.</summary>
    public async Task RunToEndAsync(Guid id, CancellationToken token)
    {
        while (await TryRunAsync(id, token).ConfigureAwait(false) == RunClaim.AnotherRuns)
            await Task.Delay(TurnTime, database.Clock, token).ConfigureAwait(false);
    }

    /// <summary>Claims the run and does it. What comes back tells a caller that waits whether to try again: another run may be at work.</summary>
    public async Task<RunClaim> TryRunAsync(Guid id, CancellationToken token)
    {
        var claim = await runs.ClaimAsync(id, token).ConfigureAwait(false);
        if (claim != RunClaim.Claimed)
            return claim;
        var run = await queries.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(RunStore.Queue, id, new WorkName("run", run.Number), run.Attempts, stop => ReconcileAsync(run, stop), token).ConfigureAwait(false);
        return claim;
    }

    private async Task ReconcileAsync(RunRow run, CancellationToken token)
    {
        await Task.Delay(database.Dialect.SettlingTime, database.Clock, token).ConfigureAwait(false);
        var parameters = run.Parameters(await runs.FeesAsync(run.KnownAsOf!.Value, token).ConfigureAwait(false));
        using var cases = await CaseReader.OpenAsync(database, parameters, token).ConfigureAwait(false);
        var secrets = await cases.ReadSharedSecretsAsync(token).ConfigureAwait(false);
        var reconciler = new Reconciler(parameters, secrets);
        await JudgeAsync(run.Id, parameters, cases, reconciler, secrets, token).ConfigureAwait(false);
        await findings.ApplyAsync(run, token).ConfigureAwait(false);
        var sold = await runs.SoldAsync(parameters, token).ConfigureAwait(false);
        var figures = new RunFigures(reconciler.Statement(), reconciler.Bridge(), reconciler.Packages(sold), reconciler.IsBroken());
        await runs.FinishAsync(run.Id, figures, token).ConfigureAwait(false);
    }

    private async Task JudgeAsync(Guid id, RunParameters parameters, CaseReader cases, Reconciler reconciler, SharedSecrets secrets, CancellationToken token)
    {
        var inHand = new List<FindingLine>();
        var judged = 0L;
        var keptAt = database.Clock.GetTimestamp();
        await runs.KeepAsync(id, inHand, judged, cases.Total, token).ConfigureAwait(false);

        await foreach (var (observations, named) in cases.TransactionsWithoutOrderAsync(token).ConfigureAwait(false))
            await TakeAsync(reconciler.JudgeWithoutOrder(observations, named)).ConfigureAwait(false);
        await foreach (var one in cases.OrdersAsync(token).ConfigureAwait(false))
            await TakeAsync(reconciler.Judge(one)).ConfigureAwait(false);
        await foreach (var partner in cases.OrdersAsync(secrets.PartnersInScope(), token).ConfigureAwait(false))
            inHand.Add(reconciler.JudgePartner(partner));
        inHand.AddRange(await codes.ReadAsync(parameters, cases.Named, token).ConfigureAwait(false));
        await runs.KeepAsync(id, inHand, judged, cases.Total, token).ConfigureAwait(false);

        async ValueTask TakeAsync(IReadOnlyList<FindingLine> seen)
        {
            inHand.AddRange(seen);
            judged++;
            if (inHand.Count < FindingsInHand && (judged % 500 != 0 || database.Clock.GetElapsedTime(keptAt) < ProgressTime))
                return;
            await runs.KeepAsync(id, inHand, judged, cases.Total, token).ConfigureAwait(false);
            inHand.Clear();
            keptAt = database.Clock.GetTimestamp();
        }
    }
}
