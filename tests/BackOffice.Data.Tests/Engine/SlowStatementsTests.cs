using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Migrations;

namespace BackOffice.Data.Tests;

public sealed class SlowStatementsTests
{
    [Theory, EachEngine]
    public async Task A_slow_statement_is_told_by_its_field_and_without_its_values(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var told = new ConcurrentQueue<string>();
        await using var database = new Database(home.Settings.Dialect(), TimeProvider.System, new SlowStatements(TimeSpan.Zero, (name, _) => told.Enqueue(name)));

        await new WorkQueries(database).ListQueuesAsync();
        await new JobRunQueries(database).ListAsync(new JobRunFilter { Job = "whisper" }, null, 5);
        await database.WriteAsync(WriteRank.Job, session => JobRunStore.Queue.RenewAsync(session, Guid.Empty));
        await using (var session = await database.OpenAsync())
            await foreach (var _ in session.StreamAsync<QueueLength>(WorkQueries.ListQueues))
                break;

        Assert.Equal(["WorkQueries.ListQueues", "JobRunQueries.ListOlder", "JobRunStore.Queue", "WorkQueries.ListQueues"], told);
    }

    [Theory, EachEngine]
    public async Task What_is_fast_enough_is_not_told(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var told = 0;
        await using var database = new Database(home.Settings.Dialect(), TimeProvider.System, new SlowStatements(TimeSpan.FromMinutes(10), (_, _) => told++));
        await new WorkQueries(database).ListQueuesAsync();
        Assert.Equal(0, told);
    }

    [Fact]
    public void Every_statement_of_the_program_has_the_name_under_which_tests_know_it() => Assert.Empty(
        from statement in Statement.All
        let name = SlowStatements.NameOf(statement.Sql)
        where name != statement.Name.Split('#')[0]
        select $"{statement.Name} is called {name}");

    [Fact]
    public async Task Who_waits_at_the_gate_is_measured_by_rank()
    {
        using var listener = new MeterListener();
        var waits = new ConcurrentQueue<(double Seconds, string Rank)>();
        listener.InstrumentPublished = (instrument, one) =>
        {
            if (ReferenceEquals(instrument, Measures.GateWait))
                one.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) => waits.Enqueue((seconds, $"{tags[0].Key}={tags[0].Value}")));
        listener.Start();
        var gate = new WriteGate();

        var holder = await gate.EnterAsync(WriteRank.Job, CancellationToken.None);
        var waiting = gate.EnterAsync(WriteRank.Request, CancellationToken.None);
        await Task.Delay(TimeSpan.FromMilliseconds(60));
        holder.Dispose();
        (await waiting).Dispose();

        Assert.Contains(waits, wait => wait.Rank == "rank=job");
        Assert.Contains(waits, wait => wait.Rank == "rank=request" && wait.Seconds >= 0.05);
    }
}
