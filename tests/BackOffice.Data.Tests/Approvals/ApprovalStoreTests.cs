using BackOffice.Data.Approvals;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Domain;

namespace BackOffice.Data.Tests;

public sealed class ApprovalStoreTests
{
    private readonly string _subject = $"{Ids.New(DateTime.UnixEpoch):N}";

    [Theory, EachEngine]
    public async Task One_request_of_a_kind_waits_for_a_subject_at_a_time(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        ApprovalStore[] processes = [new(home.Database), new(home.Another())];
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => OutcomeAsync(() => processes[i % 2].RequestAsync(New())))));
        Assert.Equal((1, 7), (outcomes.Count(one => one == "done"), outcomes.Count(one => one == "ApprovalPending")));
        await processes[0].RequestAsync(New() with { Kind = "another_kind" });
        var first = (await OfSubjectAsync(home)).Single();
        await processes[0].RefuseAsync(new Decision(first.Number, "ilya@example.com", "no"));
        await processes[1].RequestAsync(New());
        Assert.Equal(["refused", "pending"], (await OfSubjectAsync(home)).Select(row => row.Status));
    }

    [Theory, EachEngine]
    public async Task Who_asked_decides_nothing_and_a_decision_is_made_once(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        ApprovalStore[] processes = [new(home.Database), new(home.Another())];
        var number = await processes[0].RequestAsync(New());
        Assert.Equal("ApprovalOwn", await OutcomeAsync(() => processes[0].ApproveAsync(new Decision(number, "mara@example.com", null), NothingAsync)));
        Assert.Equal("ApprovalOwn", await OutcomeAsync(() => processes[0].RefuseAsync(new Decision(number, "mara@example.com", "no"))));
        Assert.Equal("ApprovalNotOwn", await OutcomeAsync(() => processes[0].WithdrawAsync(new Decision(number, "ilya@example.com", "no"))));
        Assert.Equal("ApprovalDecided", await OutcomeAsync(() => processes[0].RefuseAsync(new Decision(number + 1_000_000, "ilya@example.com", "no"))));

        var done = 0;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => OutcomeAsync(() => processes[i % 2].ApproveAsync(new Decision(number, $"second{i}@example.com", null), (_, _) =>
        {
            Interlocked.Increment(ref done);
            return Task.CompletedTask;
        })))));
        Assert.Equal((1, 7, 1), (outcomes.Count(one => one == "done"), outcomes.Count(one => one == "ApprovalDecided"), done));
        Assert.Equal("ApprovalDecided", await OutcomeAsync(() => processes[0].WithdrawAsync(new Decision(number, "mara@example.com", "too late"))));
        Assert.Equal([AuditActions.ApprovalRequested, AuditActions.ApprovalApproved], await ActsAsync(home, number));
    }

    [Theory, EachEngine]
    public async Task What_cannot_be_done_leaves_the_request_waiting_and_nothing_written(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var store = new ApprovalStore(home.Database);
        var number = await store.RequestAsync(New());
        var refused = await OutcomeAsync(() => store.ApproveAsync(new Decision(number, "ilya@example.com", null), async (session, token) =>
        {
            await session.NextNumberAsync("Undone" + _subject[..20], token);
            throw new RefusedException(new Refusal("FindingFactsChanged", ""));
        }));
        Assert.Equal("FindingFactsChanged", refused);
        Assert.True((await OfSubjectAsync(home)).Single().IsPending);
        Assert.Equal([AuditActions.ApprovalRequested], await ActsAsync(home, number));
        await store.WithdrawAsync(new Decision(number, "mara@example.com", "no longer"));
        Assert.Equal(("withdrawn", "mara@example.com", "no longer"), (await OfSubjectAsync(home)).Select(row => (row.Status, row.DecidedBy, row.DecisionReason)).Single());
    }

    [Theory, EachEngine]
    public async Task The_database_itself_lets_nobody_approve_what_that_person_asked_for(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var number = await new ApprovalStore(home.Database).RequestAsync(New());
        await Assert.ThrowsAnyAsync<Exception>(() => home.Database.WriteAsync(WriteRank.Request, session => session.ExecuteAsync(Force, new ApprovalQueries.ByNumber(number))));
        Assert.True((await OfSubjectAsync(home)).Single().IsPending);
    }

    [Theory, EachEngine]
    public async Task The_list_shows_what_waits_first_and_goes_on_and_back(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var (store, queries) = (new ApprovalStore(home.Database), new ApprovalQueries(home.Database));
        for (var i = 1; i <= 7; i++)
        {
            await store.RequestAsync(New() with { SubjectId = $"subject {i}", RequestedBy = i == 7 ? "ilya@example.com" : "mara@example.com" });
            if (i % 2 == 0)
                await store.RefuseAsync(new Decision(i, "ilya@example.com", "no"));
        }
        var (on, back) = (new List<long>(), new List<long>());
        for (var page = await queries.ListAsync(null, 2); ; page = await queries.ListAsync(new ApprovalPlace(page.Rows[^1].Number, false), 2))
        {
            on.AddRange(page.Rows.Select(row => row.Number));
            if (page.HasAfter)
                continue;
            for (; page.HasBefore; page = await queries.ListAsync(new ApprovalPlace(page.Rows[0].Number, true), 2))
                back.InsertRange(0, page.Rows.Select(row => row.Number));
            back.InsertRange(0, page.Rows.Select(row => row.Number));
            break;
        }
        Assert.Equal([7, 5, 3, 1, 6, 4, 2], on);
        Assert.Equal(on, back.Distinct());
        Assert.Equal((1, 3, 4), (await queries.CountForAsync("mara@example.com", 100), await queries.CountForAsync("ilya@example.com", 100), await queries.CountForAsync("chen@example.com", 100)));
        Assert.Equal(2, await queries.CountForAsync("chen@example.com", 2));
    }

    public static readonly Sql<ApprovalQueries.ByNumber> Force =
        new("UPDATE Approvals SET Status = 'approved', DecidedBy = RequestedBy, DecidedAt = RequestedAt WHERE Number = @Number");

    private NewApproval New() => new("finding_acceptance", _subject, "{}", "small", "mara@example.com", new { Act = "finding_acceptance" });

    private static Task NothingAsync(WriteSession session, CancellationToken token) => Task.CompletedTask;

    private Task<List<ApprovalRow>> OfSubjectAsync(TestDatabase home) => new ApprovalQueries(home.Database).OfSubjectAsync("finding_acceptance", _subject);

    private static async Task<List<string>> ActsAsync(TestDatabase home, long number) =>
        [.. (await new AuditQueries(home.Database).ListAsync(new AuditFilter { Subject = $"approval:{number}" }, null, 100)).Rows.OrderBy(row => row.Sequence).Select(row => row.Action)];

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
