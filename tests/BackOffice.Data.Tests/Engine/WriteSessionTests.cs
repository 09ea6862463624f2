using System.Data.Common;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Data.Tests;

public sealed class WriteSessionTests
{
    private static readonly Sql<WriteSession.CounterName> ForgetCounter = new("DELETE FROM Counters WHERE Name = @Name");

    [Theory, EachEngine]
    public async Task What_throws_leaves_nothing_behind_and_lets_the_next_one_in(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);

        await Assert.ThrowsAsync<InvalidOperationException>(() => home.Database.WriteAsync(WriteRank.Request, async session =>
        {
            await session.ExecuteAsync(samples.Insert, new Sample { Id = Samples.Id(1), Number = 1 });
            await session.BulkInsertAsync(samples.Table, [new Sample { Id = Samples.Id(2), Number = 2 }]);
            throw new InvalidOperationException("The work failed.");
        }));
        await samples.AddAsync(new Sample { Id = Samples.Id(3), Number = 3 });

        Assert.Equal(3, Assert.Single(await samples.AllAsync()).Number);
    }

    [Theory, EachEngine]
    public async Task Readers_see_nothing_of_a_transaction_before_its_end(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);

        await home.Database.WriteAsync(WriteRank.Request, async session =>
        {
            await session.ExecuteAsync(samples.Insert, new Sample { Id = Samples.Id(1), Number = 1 });
            Assert.Equal(0, await samples.CountAsync());
            Assert.Equal(1, await session.GetAsync<long>(samples.Count));
        });

        Assert.Equal(1, await samples.CountAsync());
    }

    [Theory, EachEngine]
    public async Task A_broken_rule_is_told_apart_from_somebody_having_been_first(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        var first = new Sample { Id = Samples.Id(1), Number = 1 };
        await samples.AddAsync(first);

        async Task<bool> IsUniqueViolation(Sample sample) =>
            home.Database.Dialect.IsUniqueViolation(await Assert.ThrowsAnyAsync<DbException>(() => samples.AddAsync(sample)));

        Assert.True(await IsUniqueViolation(first with { Number = 2 }), "the primary key");
        Assert.True(await IsUniqueViolation(new Sample { Id = Samples.Id(2), Number = 1 }), "a unique column");
        Assert.False(await IsUniqueViolation(new Sample { Id = Samples.Id(2), Number = 2, Small = 101 }), "a check");
    }

    [Theory, EachEngine]
    public async Task A_broken_unique_index_leaves_the_transaction_usable(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        await samples.AddAsync(new Sample { Id = Samples.Id(1), Number = 1 });

        await home.Database.WriteAsync(WriteRank.Request, async session =>
        {
            await session.ExecuteAsync(samples.Insert, new Sample { Id = Samples.Id(2), Number = 2 });
            var failure = await Assert.ThrowsAnyAsync<DbException>(() => session.ExecuteAsync(samples.Insert, new Sample { Id = Samples.Id(3), Number = 1 }));
            Assert.True(home.Database.Dialect.IsUniqueViolation(failure));
            await session.ExecuteAsync(samples.Insert, new Sample { Id = Samples.Id(4), Number = 4 });
        });

        Assert.Equal([1, 2, 4], (await samples.AllAsync()).Select(row => row.Number!.Value));
    }

    [Theory, EachEngine]
    public async Task A_transaction_has_one_instant_in_whole_milliseconds(DatabaseProvider engine)
    {
        var begin = new DateTimeOffset(2026, 10, 1, 12, 0, 0, TimeSpan.FromHours(8)).AddTicks(1_234_567);
        var clock = new FakeTimeProvider(begin);
        await using var home = await TestDatabase.OnAsync(engine, clock);

        await home.Database.WriteAsync(WriteRank.Request, session =>
        {
            clock.Advance(TimeSpan.FromSeconds(3));
            Assert.Equal(new DateTime(2026, 10, 1, 4, 0, 0, 123, DateTimeKind.Utc), session.At);
            Assert.Equal(DateTimeKind.Utc, session.At.Kind);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task The_instant_is_read_when_the_turn_has_come_not_when_it_was_asked_for()
    {
        var clock = new FakeTimeProvider();
        await using var home = await TestDatabase.OnAsync(DatabaseProvider.Sqlite, clock);
        var (entered, mayLeave) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = home.Database.WriteAsync(WriteRank.Job, async _ =>
        {
            entered.SetResult();
            await mayLeave.Task;
        });
        await entered.Task;
        var second = home.Database.WriteAsync(WriteRank.Job, session => Task.FromResult(session.At));

        clock.Advance(TimeSpan.FromSeconds(1));
        mayLeave.SetResult();
        await first;

        Assert.Equal(clock.UtcNow(), await second);
    }

    [Theory, EachEngine]
    public async Task Outlasting_the_instant_ends_in_a_later_millisecond(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider();
        await using var home = await TestDatabase.OnAsync(engine, clock);

        await home.Database.WriteAsync(WriteRank.Job, async session =>
        {
            clock.Advance(TimeSpan.FromMicroseconds(900));
            var outlasting = session.OutlastInstantAsync(TestContext.Current.CancellationToken);
            Assert.False(outlasting.IsCompleted);
            clock.Advance(TimeSpan.FromMicroseconds(1000));
            await outlasting;
            Assert.True(clock.UtcNow() > session.At);
        });
    }

    [Theory, EachEngine]
    public async Task Counters_give_every_number_once_whoever_asks(DatabaseProvider engine)
    {
        const int Workers = 8, Each = 12;
        await using var home = await TestDatabase.OnAsync(engine);
        var other = home.Another();
        var counter = $"Test{Samples.Id(1):N}";

        var numbers = await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var mine = new List<long>();
            for (var i = 0; i < Each; i++)
                mine.Add(await (worker % 2 == 0 ? home.Database : other).WriteAsync(WriteRank.Request, session => session.NextNumberAsync(counter)));
            return mine;
        })));

        Assert.Equal(Enumerable.Range(1, Workers * Each).Select(n => (long)n), numbers.SelectMany(mine => mine).Order());
    }

    [Theory, EachEngine]
    public async Task Two_who_start_a_counter_at_once_both_get_a_number(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var other = home.Another();
        var counter = new WriteSession.CounterName($"Test{Samples.Id(2):N}");

        for (var round = 0; round < 20; round++)
        {
            var numbers = await Task.WhenAll(new[] { home.Database, other }.Select(database =>
                Task.Run(() => database.WriteAsync(WriteRank.Request, session => session.NextNumberAsync(counter.Name)))));
            Assert.Equal([1, 2], numbers.Order());
            await home.Database.WriteAsync(WriteRank.Request, session => session.ExecuteAsync(ForgetCounter, counter));
        }
    }

    [Fact]
    public async Task Of_two_transactions_that_wait_for_each_other_one_is_told_that_it_may_try_again()
    {
        await using var home = await TestDatabase.OnAsync(DatabaseProvider.SqlServer);
        var (one, other) = ($"Test{Samples.Id(4):N}", $"Test{Samples.Id(5):N}");
        await AdvanceAsync(home.Database, one, other, static () => Task.CompletedTask);
        var (oneHasBegun, otherHasBegun) = (new TaskCompletionSource(), new TaskCompletionSource());

        var failures = await Task.WhenAll(
            Record.ExceptionAsync(() => AdvanceAsync(home.Database, one, other, () => MeetAsync(oneHasBegun, otherHasBegun))).AsTask(),
            Record.ExceptionAsync(() => AdvanceAsync(home.Another(), other, one, () => MeetAsync(otherHasBegun, oneHasBegun))).AsTask());

        var failure = Assert.Single(failures, failure => failure is not null);
        Assert.True(home.Database.Dialect.IsDeadlock(failure!), $"{failure}");
    }

    [Theory, EachEngine]
    public async Task A_number_of_a_transaction_that_failed_is_given_again(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var counter = $"Test{Samples.Id(3):N}";
        Assert.Equal(1, await home.Database.WriteAsync(WriteRank.Request, session => session.NextNumberAsync(counter)));

        await Assert.ThrowsAsync<InvalidOperationException>(() => home.Database.WriteAsync(WriteRank.Request, async session =>
        {
            Assert.Equal(2, await session.NextNumberAsync(counter));
            throw new InvalidOperationException("The work failed.");
        }));

        Assert.Equal(2, await home.Database.WriteAsync(WriteRank.Request, session => session.NextNumberAsync(counter)));
    }

    [Theory, EachEngine]
    public async Task A_job_should_end_after_its_time(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider();
        await using var home = await TestDatabase.OnAsync(engine, clock);

        await home.Database.WriteAsync(WriteRank.Job, session =>
        {
            Assert.False(session.ShouldEnd);
            clock.Advance(home.Database.Dialect.LongestJobTransaction - TimeSpan.FromTicks(1));
            Assert.False(session.ShouldEnd);
            clock.Advance(TimeSpan.FromTicks(1));
            Assert.True(session.ShouldEnd);
            return Task.CompletedTask;
        });
    }

    [Theory, EachEngine]
    public async Task A_job_should_end_after_its_rows(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine, new FakeTimeProvider());
        var samples = await Samples.CreateAsync(home);

        await home.Database.WriteAsync(WriteRank.Job, async session =>
        {
            await session.ExecuteAsync(samples.Insert, new Sample { Id = Samples.Id(0), Number = 0 });
            await session.BulkInsertAsync(samples.Table, [.. Enumerable.Range(1, 19_998).Select(i => new Sample { Id = Samples.Id(i), Number = i })]);
            Assert.False(session.ShouldEnd);
            await session.ExecuteAsync(samples.Insert, new Sample { Id = Samples.Id(20_000), Number = 20_000 });
            Assert.True(session.ShouldEnd);
        });
    }

    [Fact]
    public async Task A_job_yields_to_a_request_before_any_other_job()
    {
        await using var home = await TestDatabase.OnAsync(DatabaseProvider.Sqlite, new FakeTimeProvider()); // time alone never ends the greedy job
        var order = new List<string>();
        var inside = new TaskCompletionSource();
        async Task GreedyJob()
        {
            for (var slice = 1; slice <= 2; slice++)
            {
                await home.Database.WriteAsync(WriteRank.Job, async session =>
                {
                    order.Add($"greedy {slice}");
                    inside.TrySetResult();
                    while (slice == 1 && !session.ShouldEnd)
                        await Task.Yield();
                });
            }
        }

        var greedy = Task.Run(GreedyJob);
        await inside.Task;
        var job = home.Database.WriteAsync(WriteRank.Job, _ => Record("job"));
        var request = home.Database.WriteAsync(WriteRank.Request, _ => Record("request"));
        await Task.WhenAll(greedy, job, request);

        Assert.Equal(["greedy 1", "request", "job", "greedy 2"], order);

        Task Record(string who)
        {
            order.Add(who);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_request_is_not_asked_to_end_for_another_request()
    {
        await using var home = await TestDatabase.OnAsync(DatabaseProvider.Sqlite, new FakeTimeProvider());
        Task? second = null;

        await home.Database.WriteAsync(WriteRank.Request, session =>
        {
            second = home.Database.WriteAsync(WriteRank.Request, _ => Task.CompletedTask);
            Assert.False(session.ShouldEnd);
            return Task.CompletedTask;
        });

        await second!;
    }

    [Fact]
    public async Task Whoever_stops_waiting_for_the_gate_writes_nothing()
    {
        await using var home = await TestDatabase.OnAsync(DatabaseProvider.Sqlite);
        using var impatience = new CancellationTokenSource();
        var wrote = false;

        await home.Database.WriteAsync(WriteRank.Request, async _ =>
        {
            var waiting = home.Database.WriteAsync(WriteRank.Request, _ => Task.FromResult(wrote = true), impatience.Token);
            await impatience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        });

        Assert.False(wrote);
        await home.Database.WriteAsync(WriteRank.Request, _ => Task.CompletedTask);
    }

    private static Task AdvanceAsync(Database database, string first, string second, Func<Task> between) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            await session.NextNumberAsync(first);
            await between();
            await session.NextNumberAsync(second);
        });

    private static Task MeetAsync(TaskCompletionSource here, TaskCompletionSource there)
    {
        here.SetResult();
        return there.Task;
    }
}
