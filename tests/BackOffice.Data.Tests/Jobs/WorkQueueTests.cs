using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Data.Migrations;
using BackOffice.Domain;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Data.Tests;

/// <summary>The queue, on the imports.</summary>
public sealed class WorkQueueTests
{
    private static readonly WorkQueue Queue = ImportStore.Queue;
    private static readonly string GoneOwner = LeaseOwnerTests.Named(Environment.ProcessId, 1);
    private static readonly Refusal NoSuchFile = new("NoSuchFile", "", "春.csv");
    private static readonly Sql<Lease> GiveTo = new("UPDATE Imports SET LeaseOwner = @Owner WHERE Id = @Id");

    [Theory, EachEngine]
    public async Task Of_eight_workers_exactly_one_claims(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        Database[] processes = [home.Database, home.Another()];

        for (var round = 0; round < 50; round++)
        {
            var import = await AddAsync(home);
            var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
                processes[worker % 2].WriteAsync(WriteRank.Job, session => Queue.ClaimAsync(session, import.Id)))));
            Assert.Equal(1, claims.Count(claimed => claimed));
        }
    }

    [Theory, EachEngine]
    public async Task A_lease_can_be_claimed_again_when_it_has_run_out_and_not_before(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider();
        await using var home = await TestDatabase.OnAsync(engine, clock);
        var import = await AddAsync(home);
        Assert.True(await ClaimAsync(home, import.Id));

        clock.Advance(WorkQueue.LeaseTime);
        Assert.True(await IsHeldAsync(home, import.Id));
        Assert.False(await ClaimAsync(home, import.Id));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(await IsHeldAsync(home, import.Id));
        Assert.True(await ClaimAsync(home, import.Id));

        var row = await ReadAsync(home, import);
        Assert.Equal(("running", 2), (row.Status, row.Attempts));
        Assert.Equal(import.RequestedAt, row.StartedAt);
    }

    [Theory, EachEngine]
    public async Task A_renewed_lease_holds_on(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider();
        await using var home = await TestDatabase.OnAsync(engine, clock);
        var import = await AddAsync(home);
        Assert.True(await ClaimAsync(home, import.Id));

        clock.Advance(WorkQueue.LeaseTime);
        Assert.True(await RenewAsync(home, import.Id));
        clock.Advance(WorkQueue.LeaseTime);

        Assert.False(await ClaimAsync(home, import.Id));
    }

    [Theory, EachEngine]
    public async Task The_lease_of_a_process_that_is_gone_is_claimed_at_once(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var import = await AddAsync(home);
        Assert.True(await ClaimAsync(home, import.Id));
        await GiveAsync(home, import.Id, GoneOwner);

        Assert.False(await IsHeldAsync(home, import.Id));
        Assert.True(await ClaimAsync(home, import.Id));
        Assert.False(await ClaimAsync(home, import.Id));
    }

    [Theory, EachEngine]
    public async Task The_lease_of_another_machine_is_waited_for(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var import = await AddAsync(home);
        Assert.True(await ClaimAsync(home, import.Id));
        await GiveAsync(home, import.Id, "elsewhere/1/1");

        Assert.True(await IsHeldAsync(home, import.Id));
        Assert.False(await ClaimAsync(home, import.Id));
    }

    [Theory, EachEngine]
    public async Task Whoever_lost_the_lease_can_neither_renew_it_nor_end_the_work(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var import = await AddAsync(home);
        Assert.True(await ClaimAsync(home, import.Id));
        await GiveAsync(home, import.Id, "elsewhere/1/1");

        Assert.False(await RenewAsync(home, import.Id));
        Assert.False(await home.Database.WriteAsync(WriteRank.Job, session => Queue.EndAsync(session, import.Id, "done")));
        await home.Database.WriteAsync(WriteRank.Job, session => Queue.FailAsync(session, import.Id, NoSuchFile, "too late", forGood: true));

        var row = await ReadAsync(home, import);
        Assert.Equal(("running", null), (row.Status, row.Failure));
    }

    [Theory, EachEngine]
    public async Task What_has_ended_is_never_claimed_again(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider();
        await using var home = await TestDatabase.OnAsync(engine, clock);
        var import = await AddAsync(home);
        Assert.True(await ClaimAsync(home, import.Id));

        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await home.Database.WriteAsync(WriteRank.Job, session => Queue.EndAsync(session, import.Id, "done")));
        clock.Advance(TimeSpan.FromDays(1));

        Assert.False(await ClaimAsync(home, import.Id));
        Assert.False(await RenewAsync(home, import.Id));
        var row = await ReadAsync(home, import);
        Assert.Equal(("done", import.RequestedAt.AddSeconds(2)), (row.Status, row.EndedAt));
    }

    [Theory, EachEngine]
    public async Task Work_given_back_is_tried_again_and_work_failed_for_good_is_not(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var import = await AddAsync(home);
        Assert.True(await ClaimAsync(home, import.Id));

        await FailAsync("spring.csv is not there", forGood: false);
        var givenBack = await ReadAsync(home, import);
        Assert.Equal(("pending", "spring.csv is not there", null), (givenBack.Status, givenBack.Failure, givenBack.EndedAt));
        Assert.Equal(("NoSuchFile", "春.csv"), (givenBack.FailureReason!.Code, givenBack.FailureReason.Args.Single()));

        Assert.True(await ClaimAsync(home, import.Id));
        Assert.Null((await ReadAsync(home, import)).FailureReason);
        await FailAsync("spring.csv is still not there", forGood: true);
        Assert.False(await ClaimAsync(home, import.Id));
        var failed = await ReadAsync(home, import);
        Assert.Equal(("failed", "spring.csv is still not there", 2), (failed.Status, failed.Failure, failed.Attempts));
        Assert.NotNull(failed.EndedAt);

        Task FailAsync(string sentence, bool forGood) =>
            home.Database.WriteAsync(WriteRank.Job, session => Queue.FailAsync(session, import.Id, NoSuchFile, sentence, forGood));
    }

    [Theory, EachEngine]
    public async Task A_reason_that_is_too_long_for_the_row_is_cut_to_what_fits(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var import = await AddAsync(home);
        Assert.True(await ClaimAsync(home, import.Id));

        await home.Database.WriteAsync(WriteRank.Job, session => Queue.FailAsync(
            session, import.Id, new Refusal("NoSuchFile", "", new string('春', 4000)), new string('不', 1001), forGood: false));

        var row = await ReadAsync(home, import);
        Assert.Equal(new string('不', 1000), row.Failure);
        Assert.Null(row.FailureJson);
        Assert.Equal(row.Failure, row.FailureReason!.Args.Single());
    }

    [Theory, EachEngine]
    public async Task The_sweeper_takes_what_waits_or_was_left_once_in_a_quarter_of_an_hour(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider();
        await using var home = await TestDatabase.OnAsync(engine, clock);
        var (waiting, held, left, done) = (await AddAsync(home), await AddAsync(home), await AddAsync(home), await AddAsync(home));
        Guid[] mine = [waiting.Id, held.Id, left.Id, done.Id];
        Assert.True(await ClaimAsync(home, left.Id));
        Assert.True(await ClaimAsync(home, done.Id));
        await home.Database.WriteAsync(WriteRank.Job, session => Queue.EndAsync(session, done.Id, "done"));
        clock.Advance(WorkQueue.LeaseTime + TimeSpan.FromMilliseconds(1));
        Assert.True(await ClaimAsync(home, held.Id));

        Assert.Equal(new[] { waiting.Id, left.Id }.Order(), (await TakeAsync()).Order());
        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal([held.Id], await TakeAsync());
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new[] { waiting.Id, left.Id }.Order(), (await TakeAsync()).Order());

        // Other tests have imports on the same server.
        async Task<IEnumerable<Guid>> TakeAsync() => (await home.Database.WriteAsync(WriteRank.Job, session => Queue.TakeWaitingAsync(session))).Intersect(mine);
    }

    private static Task<ImportRow> AddAsync(TestDatabase home) =>
        new ImportStore(home.Database).AddAsync(new NewImport("orders", "spring.csv", "spring.csv", 1, new byte[32], "take", "mara"));

    private static async Task<ImportRow> ReadAsync(TestDatabase home, ImportRow import) => await new ImportQueries(home.Database).GetAsync(import.Id);

    private static Task<bool> ClaimAsync(TestDatabase home, Guid id) => home.Database.WriteAsync(WriteRank.Job, session => Queue.ClaimAsync(session, id));

    private static Task<bool> RenewAsync(TestDatabase home, Guid id) => home.Database.WriteAsync(WriteRank.Job, session => Queue.RenewAsync(session, id));

    private static Task<bool> IsHeldAsync(TestDatabase home, Guid id) => home.Database.WriteAsync(WriteRank.Job, session => Queue.IsHeldAsync(session, id));

    private static Task<int> GiveAsync(TestDatabase home, Guid id, string owner) =>
        home.Database.WriteAsync(WriteRank.Job, session => session.ExecuteAsync(GiveTo, new Lease(id, owner)));

    private sealed record Lease(Guid Id, string Owner);
}
