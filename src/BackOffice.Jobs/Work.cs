using System.Diagnostics.Metrics;
using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using Microsoft.Extensions.Logging;

namespace BackOffice.Jobs;

/// <summary>How a piece of work is named where people look for it.</summary>
/// <param name="Kind"><c>import</c>, <c>run</c>, <c>report</c>, <c>message</c> or a night's name.</param>
/// <param name="Which">Its number, or its day.</param>
public sealed record WorkName(string Kind, string Which)
{
    public WorkName(string kind, long number) : this(kind, number.ToString(CultureInfo.InvariantCulture))
    {
    }

    public override string ToString() => $"{Kind} {Which}";
}

/// <summary>
/// Does the work of one claimed row: keeps the lease alive while it runs, gives the row back when it fails, and leaves it to whoever took it over. A throw
/// goes on to the caller, so that Hangfire tries again and the command line answers.
/// </summary>
public sealed class Work(Database database, ILogger<Work> log)
{
    private static readonly TimeSpan HeartbeatTime = TimeSpan.FromSeconds(15);

    // Seconds, by kind and by how it ended.
    private static readonly Histogram<double> Duration = Measures.Meter.CreateHistogram<double>("backoffice.job.duration", "s", "How long a job took.");

    /// <param name="queue">The table of the row.</param>
    /// <param name="id">The claimed row.</param>
    /// <param name="name">How the log and the measures name it.</param>
    /// <param name="attempts">How often it was claimed, this time included.</param>
    /// <param name="work">What is to be done.</param>
    /// <param name="token">To stop.</param>
    public async Task RunAsync(WorkQueue queue, Guid id, WorkName name, int attempts, Func<CancellationToken, Task> work, CancellationToken token)
    {
        using var scope = log.BeginScope("Job:{Job}", name);
        var startedAt = database.Clock.GetTimestamp();
        var outcome = "failed";
        try
        {
            await HoldAsync(queue, id, attempts, work, token).ConfigureAwait(false);
            outcome = "done";
        }
        finally
        {
            var took = database.Clock.GetElapsedTime(startedAt);
            Duration.Record(took.TotalSeconds, new("kind", name.Kind), new("outcome", outcome));
            log.LogInformation("Ended {Outcome} after {Milliseconds} ms, try {Attempt}", outcome, (long)took.TotalMilliseconds, attempts);
        }
    }

    private async Task HoldAsync(WorkQueue queue, Guid id, int attempts, Func<CancellationToken, Task> work, CancellationToken token)
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
            var forGood = failure is RefusedException || attempts >= queue.GivesUpAfter;
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
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(HeartbeatTime, database.Clock, stop.Token).ConfigureAwait(false);
                if (!await database.WriteAsync(WriteRank.Job, session => queue.RenewAsync(session, id, stop.Token), stop.Token).ConfigureAwait(false))
                    await stop.CancelAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The work has ended.
            }
            catch (Exception failure)
            {
                // The next beat may reach the database again; a missed one only risks that another worker takes over.
                log.LogWarning(failure, "The lease of work {Id} could not be renewed", id);
            }
        }
    }
}
