using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Staff;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Data.Tests;

public sealed class FindingActStoreTests
{
    private static readonly DateTime Morning = new(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc);
    private static readonly byte[] Facts = [.. Enumerable.Repeat((byte)7, 16)];

    // It stands still, so that events that follow each other at once are told apart by more than the clock.
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(Morning, TimeSpan.Zero));
    private readonly string _subject = $"tran_{Ids.New(DateTime.UnixEpoch):N}";

    [Theory, EachEngine]
    public async Task Each_act_is_an_event_columns_and_an_audit_row(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine, _clock);
        var (store, mara) = (new FindingActStore(home.Database), await AddStaffAsync(home, "finance"));
        var id = await OpenAsync(home);

        await store.AssignAsync(new FindingAct(id, 1, mara), mara);
        await store.CommentAsync(new FindingAct(id, 0, mara, "asked Creem\nthey look"));
        Assert.Equal(("open", Morning, mara, 3L), Columns(await GetAsync(home, id)));

        await store.AcceptAsync(new FindingAct(id, 3, mara, "small"), Line(actual: 700));
        var accepted = await GetAsync(home, id);
        Assert.Equal(("accepted", Morning.AddMilliseconds(1), mara, 4L), Columns(accepted));
        Assert.Equal((899L, 700L), (accepted.ExpectedMinor, accepted.ActualMinor));
        await store.ReopenAsync(new FindingAct(id, 4, mara, "not so small"));
        await store.ResolveAsync(new FindingAct(id, 5, mara, "refunded"), Line());
        Assert.Equal(("resolved", Morning.AddMilliseconds(3), mara, 6L), Columns(await GetAsync(home, id)));

        var events = await new FindingQueries(home.Database).EventsAsync(id);
        Assert.Equal(
            ["opened|system||", $"assigned|{mara}||{mara}", $"commented|{mara}|asked Creem\nthey look|", $"accepted|{mara}|small|", $"reopened|{mara}|not so small|", $"resolved|{mara}|refunded|"],
            events.OrderBy(one => one.RecordedAt).ThenBy(one => Array.IndexOf(Order, one.Kind)).Select(one => $"{one.Kind}|{one.RecordedBy}|{one.Reason}|{one.Assignee}"));
        var acts = await ActsAsync(home, id);
        Assert.Equal(
            ["finding.assigned|", "finding.commented|asked Creem\nthey look", "finding.accepted|small", "finding.reopened|not so small", "finding.resolved|refunded"],
            acts.Select(act => $"{act.Action}|{act.Reason}"));
        Assert.StartsWith($$$"""{"after":{"assignee":"{{{mara}}}"},"before":{"assignee":null},""", acts[0].Details, StringComparison.Ordinal);
        Assert.StartsWith("""{"after":{"state":"accepted"},"before":{"state":"open"},""", acts[2].Details, StringComparison.Ordinal);
        Assert.StartsWith("""{"after":{"state":"resolved"},"before":{"state":"open"},""", acts[4].Details, StringComparison.Ordinal);
        Assert.All(acts, act => Assert.Equal(mara, act.Who));
        Assert.All(acts, act => Assert.Contains(_subject, act.Details));
    }

    [Theory, EachEngine]
    public async Task Of_two_who_act_at_once_the_second_is_refused_and_leaves_nothing(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine, _clock);
        var id = await OpenAsync(home);
        FindingActStore[] processes = [new(home.Database), new(home.Another())];
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => OutcomeAsync(() => i % 2 == 0
            ? processes[0].AcceptAsync(new FindingAct(id, 1, "mara@example.com", "small"), Line())
            : processes[1].ResolveAsync(new FindingAct(id, 1, "ilya@example.com", "refunded"), Line())))));
        Assert.Equal((1, 7), (outcomes.Count(one => one == "done"), outcomes.Count(one => one == "FindingChanged")));
        Assert.Equal(2, (await new FindingQueries(home.Database).EventsAsync(id)).Count);
        Assert.Single(await ActsAsync(home, id));
        Assert.Equal(2, (await GetAsync(home, id)).Version);
    }

    [Theory, EachEngine]
    public async Task Comments_at_once_are_all_kept_and_overtake_who_had_not_read_them(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine, _clock);
        var id = await OpenAsync(home);
        FindingActStore[] processes = [new(home.Database), new(home.Another())];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => processes[i % 2].CommentAsync(new FindingAct(id, 1, "mara@example.com", $"comment {i}")))));
        Assert.Equal(9, (await new FindingQueries(home.Database).EventsAsync(id)).Count);
        Assert.Equal("FindingChanged", await OutcomeAsync(() => processes[0].AcceptAsync(new FindingAct(id, 1, "ilya@example.com", "small"), Line())));
        Assert.Equal("FindingChanged", await OutcomeAsync(() => processes[0].CommentAsync(new FindingAct(Ids.New(DateTime.UnixEpoch), 1, "ilya@example.com", "of nothing"))));
    }

    [Theory, EachEngine]
    public async Task Only_who_may_work_on_it_can_be_given_it(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine, _clock);
        var (store, id) = (new FindingActStore(home.Database), await OpenAsync(home));
        var (support, disabled, admin) = (await AddStaffAsync(home, "support"), await AddStaffAsync(home, "finance", disabled: true), await AddStaffAsync(home, "admin"));
        foreach (var nobody in new[] { support, disabled, "nobody@example.com" })
            Assert.Equal("AssigneeUnknown", await OutcomeAsync(() => store.AssignAsync(new FindingAct(id, 1, admin), nobody)));
        Assert.Null((await GetAsync(home, id)).Assignee);
        await store.AssignAsync(new FindingAct(id, 1, admin), admin);
        await store.AssignAsync(new FindingAct(id, 2, admin), null);
        Assert.Null((await GetAsync(home, id)).Assignee);
        var colleagues = (await new StaffQueries(home.Database).WhoMayAsync(Domain.Access.Act.WorkOnMoney)).Select(one => one.Email).ToList();
        Assert.Contains(admin, colleagues);
        Assert.Empty(colleagues.Intersect([support, disabled]));
    }

    [Theory, EachEngine]
    public async Task No_state_is_left_by_an_act_that_does_not_fit_it(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine, _clock);
        var (store, id) = (new FindingActStore(home.Database), await OpenAsync(home));
        Assert.Equal("FindingChanged", await OutcomeAsync(() => store.ReopenAsync(new FindingAct(id, 1, "mara@example.com", "why not"))));
        await store.AcceptAsync(new FindingAct(id, 1, "mara@example.com", "small"), Line());
        Assert.Equal("FindingChanged", await OutcomeAsync(() => store.AcceptAsync(new FindingAct(id, 2, "mara@example.com", "again"), Line())));
        Assert.Equal("FindingChanged", await OutcomeAsync(() => store.ResolveAsync(new FindingAct(id, 2, "mara@example.com", "settled"), Line())));
        Assert.Equal("FindingChanged", await OutcomeAsync(() => store.AssignAsync(new FindingAct(id, 2, "mara@example.com"), null)));
        Assert.Equal(("accepted", 2L), ((await GetAsync(home, id)).State, (await GetAsync(home, id)).Version));
    }

    [Theory, EachEngine]
    public async Task The_queue_is_filtered_by_who_works_on_it_and_paged(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine, _clock);
        var (store, queries, mara) = (new FindingActStore(home.Database), new FindingQueries(home.Database), await AddStaffAsync(home, "finance"));
        for (var i = 0; i < 9; i++)
        {
            var id = await OpenAsync(home, $"tran_{i}");
            if (i % 3 == 0)
                await store.AssignAsync(new FindingAct(id, 1, mara), mara);
        }
        Assert.Equal(["tran_0", "tran_3", "tran_6"], (await WalkAsync(queries, new FindingFilter { State = "open", Assignee = mara })).Order(StringComparer.Ordinal));
        Assert.Equal(["tran_0", "tran_3", "tran_6"], (await WalkAsync(queries, new FindingFilter { Kind = FindingKinds.AmountMismatch, Assignee = mara })).Order(StringComparer.Ordinal));
        Assert.Equal(6, (await WalkAsync(queries, new FindingFilter { State = "open", IsNobodys = true })).Distinct().Count());
        Assert.Equal(9, (await WalkAsync(queries, new FindingFilter { State = "open" })).Distinct().Count());
        Assert.Empty(await WalkAsync(queries, new FindingFilter { Assignee = "ilya@example.com" }));
    }

    private static readonly string[] Order = ["opened", "assigned", "commented", "accepted", "reopened", "resolved"];

    private static async Task<List<string>> WalkAsync(FindingQueries queries, FindingFilter filter)
    {
        var (seen, place) = (new List<string>(), (FindingPlace?)null);
        while (true)
        {
            var page = await queries.ListAsync(filter, place, 2);
            seen.AddRange(page.Rows.Select(row => row.Subject));
            if (!page.HasAfter)
                return seen;
            place = new FindingPlace(page.Rows[^1].Id, false);
        }
    }

    private FindingLine Line(long actual = 799) =>
        new() { Kind = FindingKinds.AmountMismatch, Subject = _subject, TransactionId = _subject, Currency = "USD", ExpectedMinor = 899, ActualMinor = actual, FactsHash = Facts };

    private static (string, DateTime, string?, long) Columns(FindingRow row) => (row.State, row.ChangedAt, row.Assignee, row.Version);

    private Task<Guid> OpenAsync(TestDatabase home, string? subject = null) => home.Database.WriteAsync(WriteRank.Job, async session =>
    {
        var id = Ids.New(session.At);
        await session.ExecuteAsync(FindingStore.OpenFinding, new FindingStore.OpenArgs(id, FindingKinds.AmountMismatch, subject ?? _subject, "P2", null, subject ?? _subject, "USD", 899, 799, session.At, session.At));
        await session.ExecuteAsync(FindingStore.InsertEvent, new FindingStore.EventArgs(Ids.New(session.At), id, "opened", null, Facts, session.At, "system"));
        return id;
    });

    private static async Task<string> AddStaffAsync(TestDatabase home, string role, bool disabled = false)
    {
        var email = $"{Ids.New(DateTime.UnixEpoch):N}@example.com";
        var store = new StaffStore(home.Database);
        await store.AddAsync(new StaffMember { Email = email, Name = "Mara", Role = role, PasswordHash = "hash", SecurityStamp = "stamp", Act = new StaffAct("system", AuditActions.StaffAdded) });
        if (disabled)
        {
            var member = (await new StaffQueries(home.Database).FindAsync(email))!;
            (member.DisabledAt, member.Act) = (Morning, new StaffAct("system", AuditActions.StaffDisabled, "left"));
            Assert.True(await store.UpdateAsync(member));
        }
        return email;
    }

    private static async Task<FindingRow> GetAsync(TestDatabase home, Guid id) => (await new FindingQueries(home.Database).FindAsync(id))!;

    private static async Task<IReadOnlyList<AuditEntry>> ActsAsync(TestDatabase home, Guid id) =>
        [.. (await new AuditQueries(home.Database).ListAsync(new AuditFilter { Subject = $"finding:{id:N}" }, null, 100)).Rows.OrderBy(row => row.Sequence)];

    private static async Task<string> OutcomeAsync(Func<Task> act)
    {
        try
        {
            await act();
            return "done";
        }
        catch (RefusedException refused)
        {
            return refused.Refusal.Code;
        }
    }
}
