using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Data.Staff;
using BackOffice.Domain;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Data.Tests;

public sealed class StaffStoreTests
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 10, 1, 0, 0, TimeSpan.Zero);

    [Theory, EachEngine]
    public async Task Tries_at_once_from_two_processes_are_counted_one_by_one(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        SignInTries[] processes = [new(home.Database), new(home.Another())];
        var email = $"{Ids.New(DateTime.UnixEpoch):N}@example.com";
        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => processes[i % 2].TakeAsync(email, $"{email} {i}"))));
        Assert.Equal(SignInTries.MostOfAccount, taken.Count(one => one));
    }

    [Theory, EachEngine]
    public async Task Tries_count_again_when_their_time_is_over_or_all_was_right(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider(Morning);
        await using var home = await TestDatabase.OnAsync(engine, clock);
        var (tries, email) = (new SignInTries(home.Database), $"{Ids.New(DateTime.UnixEpoch):N}@example.com");
        for (var i = 0; i < SignInTries.MostOfAccount; i++)
            Assert.True(await tries.TakeAsync(email, email));
        Assert.False(await tries.TakeAsync(email, email));
        clock.Advance(SignInTries.Window - TimeSpan.FromMilliseconds(1));
        Assert.False(await tries.TakeAsync(email, email));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await tries.TakeAsync(email, email));
        await tries.ForgiveAsync(email);
        for (var i = 0; i < SignInTries.MostOfAccount; i++)
            Assert.True(await tries.TakeAsync(email, email));
    }

    [Theory, EachEngine]
    public async Task Who_changes_what_somebody_else_changed_is_refused(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var store = new StaffStore(home.Database);
        var first = await AddAsync(home, "finance");
        var second = await GetAsync(home, first.Email);
        (first.Role, first.Act) = ("support", new StaffAct("ilya@example.com", AuditActions.StaffRoleChanged, "moved"));
        (second.Role, second.Act) = ("admin", new StaffAct("chen@example.com", AuditActions.StaffRoleChanged, "moved"));
        Assert.True(await store.UpdateAsync(first));
        Assert.False(await store.UpdateAsync(second));
        Assert.Equal("support", (await GetAsync(home, first.Email)).Role);
    }

    [Theory, EachEngine]
    public async Task The_same_address_is_added_once(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var member = await AddAsync(home, "finance");
        Assert.False(await new StaffStore(home.Database).AddAsync(New(member.Email, "admin")));
        Assert.Equal("finance", (await GetAsync(home, member.Email)).Role);
    }

    [Theory, EachEngine]
    public async Task The_last_admin_stays_one(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var store = new StaffStore(home.Database);
        var (one, other) = (await AddAsync(home, "admin"), await AddAsync(home, "admin"));
        (one.Role, one.Act) = ("finance", new StaffAct("system", AuditActions.StaffRoleChanged));
        Assert.True(await store.UpdateAsync(one));
        (other.DisabledAt, other.Act) = (Morning.UtcDateTime, new StaffAct("system", AuditActions.StaffDisabled));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => store.UpdateAsync(other));
        Assert.Equal("LastAdmin", refused.Refusal.Code);
        Assert.Null((await GetAsync(home, other.Email)).DisabledAt);
    }

    [Theory, EachEngine]
    public async Task Another_stamp_ends_the_sessions_but_the_one_that_is_kept(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var (store, queries) = (new StaffStore(home.Database), new StaffQueries(home.Database));
        var member = await AddAsync(home, "support");
        var (kept, ended) = (await store.StartSessionAsync(member, new byte[32]), await store.StartSessionAsync(member, new byte[32]));
        (member.SecurityStamp, member.Act) = ("another", new StaffAct(member.Email, AuditActions.PasswordChanged, null, kept));
        Assert.True(await store.UpdateAsync(member));
        Assert.Null((await queries.FindSessionAsync(kept))!.EndedAt);
        Assert.NotNull((await queries.FindSessionAsync(ended))!.EndedAt);
        Assert.Equal("another", (await queries.FindSessionAsync(kept))!.SecurityStamp);
    }

    [Theory, EachEngine]
    public async Task A_step_and_a_recovery_code_are_taken_once_by_whoever_comes_first(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        StaffStore[] processes = [new(home.Database), new(home.Another())];
        var member = await AddAsync(home, "support");
        (member.TotpCipher, member.TotpKeyName, member.TotpStep, member.Act) = ([1, 2, 3], "2026-11", 100, new StaffAct(member.Email, AuditActions.TotpSetUp));
        var hash = new byte[32];
        Assert.True(await processes[0].UpdateWithCodesAsync(member, [hash]));
        var steps = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => processes[i % 2].TakeTotpStepAsync(member.Id, 101))));
        var codes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => processes[i % 2].TakeRecoveryCodeAsync(member, hash))));
        Assert.Equal((1, 1), (steps.Count(one => one), codes.Count(one => one)));
        Assert.False(await processes[0].TakeTotpStepAsync(member.Id, 100));

        // What was read before the step was taken does not give it back.
        var changed = await GetAsync(home, member.Email);
        (changed.TotpStep, changed.Act) = (100, new StaffAct("system", AuditActions.StaffRoleChanged));
        Assert.True(await processes[0].UpdateAsync(changed));
        Assert.False(await processes[0].TakeTotpStepAsync(member.Id, 101));
    }

    [Theory, EachEngine]
    public async Task The_list_goes_on_and_back_by_address(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        foreach (var name in new[] { "b", "d", "a", "c", "e" })
            await new StaffStore(home.Database).AddAsync(New($"{name}@example.com", "support"));
        var queries = new StaffQueries(home.Database);
        var first = await queries.ListAsync(null, null, 2);
        var second = await queries.ListAsync(first.Rows[^1].Email, null, 2);
        var back = await queries.ListAsync(null, second.Rows[0].Email, 2);
        Assert.Equal(["a@example.com", "b@example.com"], first.Rows.Select(row => row.Email));
        Assert.Equal(["c@example.com", "d@example.com"], second.Rows.Select(row => row.Email));
        Assert.Equal(first.Rows.Select(row => row.Email), back.Rows.Select(row => row.Email));
        Assert.True(second is { HasBefore: true, HasAfter: true });
    }

    private static StaffMember New(string email, string role) =>
        new() { Email = email, Name = "Mara", Role = role, PasswordHash = "hash", SecurityStamp = "stamp", Act = new StaffAct("system", AuditActions.StaffAdded) };

    private static async Task<StaffMember> AddAsync(TestDatabase home, string role)
    {
        var email = $"{Ids.New(DateTime.UnixEpoch):N}@example.com";
        Assert.True(await new StaffStore(home.Database).AddAsync(New(email, role)));
        return await GetAsync(home, email);
    }

    private static async Task<StaffMember> GetAsync(TestDatabase home, string email) => (await new StaffQueries(home.Database).FindAsync(email))!;
}
