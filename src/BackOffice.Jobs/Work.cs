using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using Microsoft.Extensions.Logging;

namespace BackOffice.Jobs;

/// <summary>
/// Does the work of one claimed row: keeps the lease alive while it runs, gives the row back when it fails, and leaves it to whoever took it over. A throw
/// goes on to the caller, so that Hangfire tries again and the command line answers.
/// </summary>
public sealed class Work(Database database, ILogger<Work> log)
{
    private static readonly TimeSpan HeartbeatTime = TimeSpan.FromSeconds(15);

    public async Task RunAsync(WorkQueue queue, Guid id, int attempts, Func<CancellationToken, Task> work, CancellationToken token)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var heart = BeatAsync(queue, id, stop);
        try
        {
            await work(stop.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is LeaseLostException || (failure is OperationCanceledException && !token.IsCancellationRequested))
        {
            log.LogWarning("Work {Id} was taken over by another worker", id);
        }
        catch (Exception failure)
        {
            var forGood = failure is RefusedException || attempts >= WorkQueue.MostAttempts;
            var reason = token.IsCancellationRequested ? new Refusal("Stopped", "") : Trouble.Of(failure);
            var sentence = Texts.English.WithField(reason);
            await database.WriteAsync(WriteRank.Job, session => queue.FailAsync(session, id, reason, sentence, forGood, CancellationToken.None), CancellationToken.None).ConfigureAwait(false);
            throw;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await heart.ConfigureAwait(false);
        }
    }

    private async Task BeatAsync(WorkQueue queue, Guid id, CancellationTokenSource stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(HeartbeatTime, database.Clock, stop.Token).ConfigureAwait(false);
                if (!await database.WriteAsync(WriteRank.Job, session => queue.RenewAsync(session, id, stop.Token), stop.Token).ConfigureAwait(false))
                    await stop.CancelAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The work has ended.
        }
        catch (Exception failure)
        {
            // The work itself will meet the same trouble, and say so; a missed beat only risks that another worker takes over.
            log.LogWarning(failure, "The lease of work {Id} could not be renewed", id);
        }
    }
}
