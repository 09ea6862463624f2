using BackOffice.Data.Audit;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Domain;

namespace BackOffice.Data.Tests;

public sealed class CodeTaskStoreTests
{
    [Theory, EachEngine]
    public async Task A_task_that_failed_is_tried_again_from_where_it_stopped(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var batch = await shop.MadeAsync(CodeShop.Wanted(30));
        await shop.Voids.VoidAsync(new BatchVoid(batch.Number, false, "mara@example.com", "Leaked"));
        var task = (await shop.Tasks.OfBatchAsync(batch.Number)).Single(one => one.Kind == "settle");
        Assert.True(await shop.Database.WriteAsync(WriteRank.Job, session => CodeTaskStore.Queue.ClaimAsync(session, task.Id)));
        await shop.Voids.SettleAsync(new CodeTaskRow { Id = task.Id, BatchNo = task.BatchNo, Total = 10 }, 0, 10, CancellationToken.None);
        await BatchStoreTests.RefusedAsync("TaskNotFailed", () => shop.Tasks.ResumeAsync(task.Number, "ilya@example.com"));
        await FailAsync(shop, task.Id);
        Assert.Equal(("failed", "Trouble"), (await shop.Tasks.FindAsync(task.Number)) is { } failed ? (failed.Status, failed.FailureReason!.Code) : default);

        var resumed = await shop.Tasks.ResumeAsync(task.Number, "ilya@example.com");
        Assert.Equal(("pending", 10, 30, 0), (resumed.Status, resumed.Position, resumed.Total, resumed.Attempts));
        var act = (await new AuditQueries(shop.Database).ListAsync(new AuditFilter { Subject = $"batch:{batch.Number}" }, null, 1)).Rows.Single();
        Assert.Equal(("ilya@example.com", AuditActions.CodeTaskResumed), (act.Who, act.Action));
        await BatchStoreTests.RefusedAsync("TaskNotFailed", () => shop.Tasks.ResumeAsync(task.Number, "ilya@example.com"));
    }

    [Theory, EachEngine]
    public async Task What_was_begun_anew_since_is_past(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var batch = await shop.MadeAsync(CodeShop.Wanted(30), published: false);
        var first = await PublishAsync(shop, batch.Number);
        Assert.Equal([first.Number], (await shop.Tasks.OpenOfBatchAsync(batch.Number)).Select(task => task.Number));
        var second = await PublishAsync(shop, batch.Number);
        Assert.Equal([second.Number], (await shop.Tasks.OpenOfBatchAsync(batch.Number)).Select(task => task.Number));
        await BatchStoreTests.RefusedAsync("TaskNotFailed", () => shop.Tasks.ResumeAsync(first.Number, "ilya@example.com"));
        Assert.Equal("pending", (await shop.Tasks.ResumeAsync(second.Number, "ilya@example.com")).Status);
    }

    [Theory, EachEngine]
    public async Task A_list_stands_with_every_batch_that_it_has_codes_of(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var (one, other, third) = (await shop.MadeAsync(CodeShop.Wanted(3)), await shop.MadeAsync(CodeShop.Wanted(3)), await shop.MadeAsync(CodeShop.Wanted(3)));
        List<CodeRow> codes = [.. await shop.Codes.SampleAsync(one.Number, 1), .. await shop.Codes.SampleAsync(other.Number, 1)];
        var list = await shop.Tasks.DraftAsync(codes, 0, "mara@example.com");
        Assert.Empty(await shop.Tasks.OpenOfBatchAsync(one.Number));
        await shop.Database.WriteAsync(WriteRank.Request, session => CodeTaskStore.ConfirmAsync(session, list.Number, false, "mara@example.com", "Leaked", default));
        Assert.True(await shop.Database.WriteAsync(WriteRank.Job, session => CodeTaskStore.Queue.ClaimAsync(session, list.Id)));
        await FailAsync(shop, list.Id);
        Assert.Equal([list.Number], (await shop.Tasks.OpenOfBatchAsync(one.Number)).Select(task => task.Number));
        Assert.Equal([list.Number], (await shop.Tasks.OpenOfBatchAsync(other.Number)).Select(task => task.Number));
        Assert.Empty(await shop.Tasks.OpenOfBatchAsync(third.Number));
        await shop.Tasks.ResumeAsync(list.Number, "ilya@example.com");
        var act = (await new AuditQueries(shop.Database).ListAsync(new AuditFilter { Subject = $"codelist:{list.Number}" }, null, 1)).Rows.Single();
        Assert.Equal(AuditActions.CodeTaskResumed, act.Action);
    }

    private static async Task<CodeTaskRow> PublishAsync(CodeShop shop, long batch)
    {
        var task = await shop.Tasks.PublishAsync(batch, "mara@example.com");
        Assert.True(await shop.Database.WriteAsync(WriteRank.Job, session => CodeTaskStore.Queue.ClaimAsync(session, task.Id)));
        await FailAsync(shop, task.Id);
        return task;
    }

    private static Task FailAsync(CodeShop shop, Guid task) => shop.Database.WriteAsync(
        WriteRank.Job, session => CodeTaskStore.Queue.FailAsync(session, task, new Refusal("Trouble", "", "The console is down."), "The console is down.", forGood: true));
}
