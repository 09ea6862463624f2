using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain.Codes;
using BackOffice.Domain.Orders;
using BackOffice.Jobs.Codes;

namespace BackOffice.Jobs.Demo;

/// <summary>
/// Three small batches of codes: one that orders were delivered from, one that nobody has published yet, and a void one. Each step is one that the same call finds done, and
/// once the last is done nothing is touched any more: what people do with the batches stays.
/// </summary>
public sealed class DemoCodes(Database database, BatchDesk desk, BatchQueries batches, BatchJob make, CodeTaskStore tasks, CodeTaskJob settle, CodeStock stock, CodeVoids voids)
{
    private const string By = "system";
    private const int Delivered = 12;
    private const int Allocated = 2;

    private static readonly BatchRequest InUse = Request("019a0000-0000-7000-8000-000000000001", "trial", 60, CodeFormat.Console, "", "Stock for single orders");
    private static readonly BatchRequest Unpublished = Request("019a0000-0000-7000-8000-000000000002", "starter", 40, CodeFormat.Friendly, "FAIR", "For the autumn fair");
    private static readonly BatchRequest Void = Request("019a0000-0000-7000-8000-000000000003", "standard", 25, CodeFormat.Friendly, "", "For a partner");

    internal async Task AddAsync(DemoFacts facts, CancellationToken token)
    {
        var made = await batches.MadeAsync(token).ConfigureAwait(false);
        if (made.Exists(batch => batch.Id == Void.Id ? batch.IsVoid : batch.Id != InUse.Id && batch.Id != Unpublished.Id))
            return;
        if (await MakeAsync(InUse, token).ConfigureAwait(false) is { Status: "ready" } inUse)
            await HandOutAsync(inUse, facts, token).ConfigureAwait(false);
        await MakeAsync(Unpublished, token).ConfigureAwait(false);
        if (await MakeAsync(Void, token).ConfigureAwait(false) is { Status: "ready" } wrong)
            await MakeVoidAsync(wrong, token).ConfigureAwait(false);
    }

    private static BatchRequest Request(string id, string package, long count, CodeFormat format, string prefix, string note) =>
        new(new Guid(id), package, 1, count, format, prefix, PublishWay.Script, note, null);

    private async Task<BatchRow> MakeAsync(BatchRequest request, CancellationToken token)
    {
        var batch = await desk.RequestAsync(request, By, token).ConfigureAwait(false);
        await make.RunAsync(batch.Id, token).ConfigureAwait(false);
        return await batches.GetAsync(batch.Id, token).ConfigureAwait(false);
    }

    private async Task HandOutAsync(BatchRow batch, DemoFacts facts, CancellationToken token)
    {
        if (batch.PublishedAt is null)
            await tasks.MarkPublishedAsync(batch.Number, By, null, token).ConfigureAwait(false);
        var ofPackage = facts.Orders.Where(order => order.Package == batch.Package && order.Units == batch.Units).Select(order => order.OrderNo).ToHashSet(StringComparer.Ordinal);
        var orders = facts.Deliveries.Where(delivery => delivery.Kind == DeliveryKinds.RedemptionCode && ofPackage.Contains(delivery.OrderNo)).Select(delivery => delivery.OrderNo).Distinct(StringComparer.Ordinal);
        foreach (var (order, at) in orders.Take(Delivered + Allocated).Select((order, at) => (order, at)))
        {
            if (await stock.TakeAsync(order, batch.Package, batch.Units, By, token).ConfigureAwait(false) is { Status: "allocated" } code && at < Delivered)
                await database.WriteAsync(WriteRank.Job, session => CodeStock.DeliverAsync(session, code, By, token), token).ConfigureAwait(false);
        }
    }

    private async Task MakeVoidAsync(BatchRow batch, CancellationToken token)
    {
        await voids.VoidAsync(new BatchVoid(batch.Number, false, By, "The partner's list was sent to the wrong address."), token).ConfigureAwait(false);
        foreach (var task in await tasks.OfBatchAsync(batch.Number, token).ConfigureAwait(false))
            await settle.RunAsync(task.Id, token).ConfigureAwait(false);
    }
}
