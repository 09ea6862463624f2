using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Jobs.Orders;
using Hangfire;

namespace BackOffice.Jobs.Codes;

/// <summary>Does what was decided about codes, slice by slice, from wherever it stands.</summary>
public sealed class CodeTaskJob(Database database, CodeTaskStore tasks, CodeVoids voids, ConsolePublisher console, OrderStatusJob statuses, Work work)
{
    // Rows of one statement: SQLite rewrites them in a millisecond or two.
    private const int RowsOfBatch = 500;
    private const int RowsOfList = 50;

    [AutomaticRetry(Attempts = WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    public async Task RunAsync(Guid id, CancellationToken token)
    {
        if (!await database.WriteAsync(WriteRank.Job, session => CodeTaskStore.Queue.ClaimAsync(session, id, token), token).ConfigureAwait(false))
            return;
        var task = await tasks.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(CodeTaskStore.Queue, id, new WorkName(task.Kind, task.Number), task.Attempts, stop => DoAsync(task, stop), token).ConfigureAwait(false);
    }

    private async Task DoAsync(CodeTaskRow task, CancellationToken token)
    {
        for (var position = task.Position; position < task.Total;)
        {
            position = task.Kind switch
            {
                "settle" => await voids.SettleAsync(task, position, RowsOfBatch, token).ConfigureAwait(false),
                "publish" => await console.PublishAsync(task, position, token).ConfigureAwait(false),
                "disable" => await console.DisableAsync(task, position, token).ConfigureAwait(false),
                "voidlist" => await VoidListAsync(task, position, token).ConfigureAwait(false),
                _ => throw new RefusedException(new Refusal("TaskUnknown", "", task.Kind)),
            };
        }
        // What the orders have come to that hold void codes now; where this ends before it, the sweeper sees to it.
        if (task.Kind is "settle" or "voidlist")
            await statuses.RunAsync(token).ConfigureAwait(false);
        await tasks.FinishAsync(task, token).ConfigureAwait(false);
    }

    private async Task<int> VoidListAsync(CodeTaskRow task, int position, CancellationToken token)
    {
        var batches = (await tasks.CodesAsync(task.Id, position, RowsOfList, token).ConfigureAwait(false)).ConvertAll(code => code.BatchNo);
        return await database.WriteAsync(WriteRank.Job, async session =>
        {
            await CodeVoids.HoldAsync(session, batches, token).ConfigureAwait(false);
            var codes = await session.ListAsync<CodeRow>(CodeTaskStore.ReadCodes, new CodeTaskStore.CodesArgs(task.Id, position, 0, RowsOfList), token).ConfigureAwait(false);
            await CodeVoids.VoidCodesAsync(session, codes, task.WithDelivered, task.RequestedBy, task.Reason!, token).ConfigureAwait(false);
            if (position + codes.Count >= task.Total)
                await CodeTaskStore.DisableListAsync(session, task, token).ConfigureAwait(false);
            await CodeTaskStore.AdvanceAsync(session, task.Id, position, position + codes.Count, token).ConfigureAwait(false);
            return position + codes.Count;
        }, token).ConfigureAwait(false);
    }
}
