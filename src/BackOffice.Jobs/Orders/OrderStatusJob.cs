using BackOffice.Data.Engine;
using BackOffice.Data.Orders;
using Hangfire;

namespace BackOffice.Jobs.Orders;

/// <summary>
/// Works out what orders have come to whose codes became void, and those from before the column, slice by slice. An order without a status is the queue:
/// whatever ends the job, the sweeper finds what is left.
/// </summary>
public sealed class OrderStatusJob(Database database, Settings settings)
{
    public Task<bool> IsNeededAsync(CancellationToken token) => database.ReadAsync(session => session.GetAsync<bool>(OrderStatuses.HasUnknown, token: token), token);

    [AutomaticRetry(Attempts = 0)]
    [DisableConcurrentExecution(60)]
    public async Task RunAsync(CancellationToken token)
    {
        var statuses = new OrderStatuses(settings.CreemMode);
        while (await database.WriteAsync(WriteRank.Job, session => statuses.OfSomeUnknownAsync(session, token), token).ConfigureAwait(false))
            token.ThrowIfCancellationRequested();
    }
}
