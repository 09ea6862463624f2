using System.Security.Cryptography;
using BackOffice.Data.Engine;

namespace BackOffice.Data.Tests;

public sealed class WriteGateTests
{
    [Fact(Timeout = 60_000)]
    public async Task Requests_go_before_jobs_and_within_a_rank_who_came_first()
    {
        var gate = new WriteGate();
        var order = new List<string>();
        var holder = await gate.EnterAsync(WriteRank.Job, TestContext.Current.CancellationToken);
        WriteRank[] arrivals = [WriteRank.Job, WriteRank.Request, WriteRank.Job, WriteRank.Request, WriteRank.Request, WriteRank.Job];

        var everybody = arrivals.Select((rank, i) => PassAsync(rank, $"{rank} {i}")).ToList();
        Assert.True(gate.RequestWaits);
        holder.Dispose();
        await Task.WhenAll(everybody);

        Assert.Equal(["Request 1", "Request 3", "Request 4", "Job 0", "Job 2", "Job 5"], order);
        Assert.False(gate.RequestWaits);

        async Task PassAsync(WriteRank rank, string name)
        {
            using var turn = await gate.EnterAsync(rank, TestContext.Current.CancellationToken);
            order.Add(name);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Whoever_is_cancelled_while_waiting_leaves_the_line()
    {
        var gate = new WriteGate();
        var holder = await gate.EnterAsync(WriteRank.Request, TestContext.Current.CancellationToken);
        using var impatience = new CancellationTokenSource();
        var impatient = gate.EnterAsync(WriteRank.Request, impatience.Token);
        var patient = gate.EnterAsync(WriteRank.Job, TestContext.Current.CancellationToken);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.False(gate.RequestWaits);
        holder.Dispose();

        (await patient).Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task Whoever_is_cancelled_before_asking_does_not_wait()
    {
        var gate = new WriteGate();
        using var holder = await gate.EnterAsync(WriteRank.Request, TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gate.EnterAsync(WriteRank.Request, new CancellationToken(canceled: true)));
    }

    [Fact(Timeout = 60_000)]
    public async Task Leaving_twice_lets_in_only_one()
    {
        var gate = new WriteGate();
        var first = await gate.EnterAsync(WriteRank.Job, TestContext.Current.CancellationToken);
        var second = gate.EnterAsync(WriteRank.Job, TestContext.Current.CancellationToken);
        var third = gate.EnterAsync(WriteRank.Job, TestContext.Current.CancellationToken);

        first.Dispose();
        var turn = await second;
        first.Dispose();

        Assert.False(third.IsCompleted);
        turn.Dispose();
        (await third).Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task No_turn_is_lost_and_no_two_overlap_under_random_load()
    {
        var gate = new WriteGate();
        var until = TimeProvider.System.GetUtcNow().AddSeconds(1);
        var (inside, overlaps, turns, cancellations) = (0, 0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (TimeProvider.System.GetUtcNow() < until)
                await TryOneTurnAsync();
        }))).WaitAsync(TimeSpan.FromSeconds(30)); // a lost turn would make the rest wait for ever

        Assert.Equal(0, overlaps);
        Assert.True(turns > 100, $"{turns} turns are no load.");
        Assert.True(cancellations > 10, $"{cancellations} cancellations are no load.");
        (await gate.EnterAsync(WriteRank.Job, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(5))).Dispose();

        async Task TryOneTurnAsync()
        {
            var dice = RandomNumberGenerator.GetInt32(16);
            using var impatience = new CancellationTokenSource();
            var entering = gate.EnterAsync(dice % 2 == 0 ? WriteRank.Request : WriteRank.Job, impatience.Token);
            if (dice >= 8)
                impatience.Cancel();
            try
            {
                using var turn = await entering;
                if (Interlocked.Increment(ref inside) != 1)
                    Interlocked.Increment(ref overlaps);
                if (dice % 4 == 0)
                    await Task.Yield();
                Interlocked.Increment(ref turns);
                Interlocked.Decrement(ref inside);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref cancellations);
            }
        }
    }
}
