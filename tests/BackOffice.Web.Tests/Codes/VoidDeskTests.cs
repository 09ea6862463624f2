using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Jobs.Approvals;
using BackOffice.Jobs.Codes;

namespace BackOffice.Web.Tests.Codes;

/// <summary>What one person makes void on one day counts together: a large one is not made of small ones.</summary>
public sealed class VoidDeskTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batches_and_lists_of_one_person_and_day_count_together()
    {
        await using var office = new CodeOffice(("Approvals:CodesAbove", "15"));
        var batches = new List<BatchRow>();
        foreach (var by in new[] { "mara@example.com", "ilya@example.com" })
        {
            var wanted = await office.Get<BatchDesk>().RequestAsync(CodeOffice.Wanted(15), by, Token);
            await office.Get<BatchJob>().RunAsync(wanted.Id, Token);
            batches.Add(await office.Get<BatchQueries>().GetAsync(wanted.Id, Token));
        }
        var (desk, codes) = (office.Get<VoidDesk>(), await office.OpenAsync(batches[0]));

        var first = await ListAsync(office, codes[..8]);
        Assert.Null(await desk.VoidListAsync(first, false, "mara@example.com", "Leaked", Token));
        // What waits to be done counts like what is done.
        var second = await ListAsync(office, codes[8..]);
        Assert.Null(await desk.VoidListAsync(second, false, "mara@example.com", "Leaked", Token));
        await office.DoTasksAsync();
        var third = await ListAsync(office, (await office.OpenAsync(batches[1]))[..1]);
        Assert.NotNull(await desk.VoidListAsync(third, false, "mara@example.com", "Leaked", Token));
        Assert.Null((await office.Get<CodeTaskStore>().FindAsync(third.Number, Token))!.Reason);
        // A batch counts with them, and somebody else's do not.
        Assert.True(await desk.NeedsSecondPersonAsync(batches[1], false, "mara@example.com", Token));
        Assert.False(await desk.NeedsSecondPersonAsync(batches[1], false, "ilya@example.com", Token));
        Assert.NotNull((await desk.VoidAsync(new BatchVoid(batches[1].Number, false, "mara@example.com", "Leaked"), Token)).Waiting);
        Assert.Equal(15, (await desk.VoidAsync(new BatchVoid(batches[1].Number, false, "ilya@example.com", "Leaked"), Token)).Done!.Codes);
        ShopRows.Change(office.Folder, "UPDATE CodeTasks SET RequestedAt = '2026-01-01 00:00:00'");
        Assert.False(await desk.NeedsSecondPersonAsync(batches[1], false, "mara@example.com", Token));
    }

    [Fact]
    public async Task Batches_count_with_batches()
    {
        await using var office = new CodeOffice(("Approvals:CodesAbove", "15"));
        var one = await office.MakeAsync(CodeOffice.Wanted(8));
        var wanted = await office.Get<BatchDesk>().RequestAsync(CodeOffice.Wanted(8), "ilya@example.com", Token);
        await office.Get<BatchJob>().RunAsync(wanted.Id, Token);
        var desk = office.Get<VoidDesk>();
        Assert.NotNull((await desk.VoidAsync(new BatchVoid(one.Number, false, "mara@example.com", "Leaked"), Token)).Done);
        Assert.NotNull((await desk.VoidAsync(new BatchVoid(wanted.Number, false, "mara@example.com", "Leaked"), Token)).Waiting);
        var approval = (await office.Get<ApprovalQueries>().OfSubjectAsync(BatchVoiding.Word, FormattableString.Invariant($"{wanted.Number}"), Token)).Single();
        await office.Get<ApprovalDesk>().ApproveAsync(approval, "ilya@example.com", null, Token);
        Assert.True((await office.Get<BatchQueries>().FindAsync(wanted.Number, Token))!.IsVoid);
    }

    private static async Task<CodeTaskRow> ListAsync(CodeOffice office, IEnumerable<string> codes) => (await office.Get<VoidDesk>().LookUpAsync(codes, "mara@example.com", Token)).Task!;
}
