using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Domain.Codes;

namespace BackOffice.Data.Tests;

public sealed class CodeVoidsTests
{
    [Theory, EachEngine]
    public async Task A_batch_is_void_at_once_for_everyone_who_asks(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var batch = await shop.MadeAsync(CodeShop.Wanted(300));
        var delivered = await DeliveredAsync(shop, "order-1");
        var allocated = (await shop.Stock.TakeAsync("order-2", "trial", 1, "system"))!;
        var voided = await shop.Voids.VoidAsync(new BatchVoid(batch.Number, false, "mara@example.com", "Leaked"));
        Assert.Equal((299, 0, 1), (voided.Codes, voided.Redeemed, voided.Delivered));
        var now = await shop.Batches.GetAsync(batch.Id);
        Assert.Equal(("void", 0, 0, 1, 299), (now.Status, now.Available, now.Allocated, now.Delivered, now.Voided));
        Assert.Equal(CodeStatus.Void, (await shop.Codes.FindAsync(batch.Number, allocated.Sequence))!.Effective);
        Assert.Equal(CodeStatus.Delivered, (await shop.Codes.FindAsync(batch.Number, delivered.Sequence))!.Effective);
        // Lists say the same before and after the rows have followed.
        for (var settled = 0; settled < 2; settled++)
        {
            Assert.Empty(await AllAsync(shop, new CodeFilter(batch.Number, CodeStatus.Available, null)));
            Assert.Empty(await AllAsync(shop, new CodeFilter(batch.Number, CodeStatus.Allocated, null)));
            Assert.Equal([delivered.Sequence], (await AllAsync(shop, new CodeFilter(null, CodeStatus.Delivered, null))).Select(code => code.Sequence));
            var all = await AllAsync(shop, new CodeFilter(null, CodeStatus.Void, null));
            Assert.Equal(Enumerable.Range(1, 300).Except([delivered.Sequence]).Reverse(), all.Select(code => code.Sequence));
            await shop.SettleAsync(batch.Number);
        }
        Assert.Equal(300, (await shop.Batches.GetAsync(batch.Id)).SettledTo);
        await BatchStoreTests.RefusedAsync("BatchVoidAlready", () => shop.Voids.VoidAsync(new BatchVoid(batch.Number, true, "ilya@example.com", "Again")));
    }

    [Theory, EachEngine]
    public async Task Delivered_codes_are_void_only_when_asked_for(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var batch = await shop.MadeAsync(CodeShop.Wanted(10));
        var delivered = await DeliveredAsync(shop, "order-1");
        Assert.Equal(10, (await shop.Voids.VoidAsync(new BatchVoid(batch.Number, true, "mara@example.com", "Leaked"))).Codes);
        Assert.Equal(CodeStatus.Void, (await shop.Codes.FindAsync(batch.Number, delivered.Sequence))!.Effective);
        await shop.SettleAsync(batch.Number);
        Assert.Equal("void", (await shop.Codes.FindAsync(batch.Number, delivered.Sequence))!.Status);
    }

    [Theory, EachEngine]
    public async Task Two_admins_at_the_same_moment_make_it_void_once(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        CodeShop[] processes = [shop, shop.Another()];
        var batch = await shop.MadeAsync(CodeShop.Wanted(50));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
        {
            try
            {
                return (await processes[i % 2].Voids.VoidAsync(new BatchVoid(batch.Number, false, $"admin{i}@example.com", "Leaked"))).Codes;
            }
            catch (Domain.RefusedException refused) when (refused.Refusal.Code == "BatchVoidAlready")
            {
                return -1;
            }
        })));
        Assert.Equal([-1, -1, -1, -1, -1, 50], outcomes.Order());
        Assert.Equal((50, 1), ((await shop.Batches.GetAsync(batch.Id)).Voided, (await shop.Tasks.OfBatchAsync(batch.Number)).Count(task => task.Kind == "settle")));
    }

    [Theory, EachEngine]
    public async Task A_list_voids_what_can_be_and_each_code_says_who_and_why(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var batch = await shop.MadeAsync(CodeShop.Wanted(20));
        var delivered = await DeliveredAsync(shop, "order-1");
        var others = (await shop.Codes.SampleAsync(batch.Number, 20)).Where(code => code.Sequence != delivered.Sequence).Take(3).ToList();
        List<CodeRow> listed = [delivered, .. others];
        var draft = await shop.Tasks.DraftAsync(listed, 2, "mara@example.com");
        Assert.Equal(4, (await shop.Tasks.StatesAsync(draft.Id)).Sum(state => state.Codes));
        Assert.Equal(20, (await shop.Batches.GetAsync(batch.Id)).Available + (await shop.Batches.GetAsync(batch.Id)).Delivered); // a draft does nothing
        await shop.Database.WriteAsync(WriteRank.Request, session => CodeTaskStore.ConfirmAsync(session, draft.Number, false, "mara@example.com", "Stolen", CancellationToken.None));
        await BatchStoreTests.RefusedAsync("ListDoneAlready", () => shop.Database.WriteAsync(WriteRank.Request, session => CodeTaskStore.ConfirmAsync(session, draft.Number, false, "mara@example.com", "Stolen", CancellationToken.None)));
        for (var times = 0; times < 2; times++) // a rerun finds them void
        {
            var codes = await shop.Tasks.CodesAsync(draft.Id, 0, 50);
            Assert.Equal(times == 0 ? 3 : 0, await shop.Database.WriteAsync(WriteRank.Job, session => CodeVoids.VoidCodesAsync(session, codes, false, "mara@example.com", "Stolen", CancellationToken.None)));
        }
        var now = await shop.Batches.GetAsync(batch.Id);
        Assert.Equal((16, 1, 3), (now.Available, now.Delivered, now.Voided));
        var told = (await shop.Codes.EventsAsync(batch.Number, others[0].Sequence)).Last();
        Assert.Equal((CodeEventKinds.Voided, "mara@example.com", "Stolen", "available"), (told.Kind, told.RecordedBy, told.Reason, told.StatusBefore));
        Assert.Equal(1, await shop.Database.WriteAsync(WriteRank.Job, session => CodeVoids.VoidCodesAsync(session, [delivered], true, "mara@example.com", "Stolen", CancellationToken.None)));
    }

    [Theory, EachEngine]
    public async Task Lists_page_to_and_fro_over_batches(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var (one, two) = (await shop.MadeAsync(CodeShop.Wanted(7)), await shop.MadeAsync(CodeShop.Wanted(6, "friendly")));
        var all = await AllAsync(shop, new CodeFilter(null, null, null));
        Assert.Equal([.. Enumerable.Range(1, 6).Reverse().Select(i => $"{two.Number}-{i}"), .. Enumerable.Range(1, 7).Reverse().Select(i => $"{one.Number}-{i}")], all.Select(code => code.Subject));
        Assert.Equal(7, (await AllAsync(shop, new CodeFilter(one.Number, CodeStatus.Available, null))).Count);
        var back = await shop.Codes.ListAsync(new CodeFilter(null, null, null), new CodePlace(one.Number, 4, IsBefore: true), 4);
        Assert.Equal(["7", "6", "5"], back.Rows.Select(code => $"{code.Sequence}").TakeLast(3));
        var taken = (await shop.Stock.TakeAsync("order-1", "trial", 1, "system"))!;
        foreach (var typed in new[] { taken.LastFour.ToUpperInvariant(), taken.LastFour.ToLowerInvariant() })
            Assert.Equal([taken.Subject], (await AllAsync(shop, new CodeFilter(null, null, typed))).Select(code => code.Subject));
    }

    private static async Task<CodeRow> DeliveredAsync(CodeShop shop, string order)
    {
        var code = (await shop.Stock.TakeAsync(order, "trial", 1, "system"))!;
        await shop.Database.WriteAsync(WriteRank.Request, session => CodeStock.DeliverAsync(session, code, "system", CancellationToken.None));
        return (await shop.Codes.FindAsync(code.BatchNo, code.Sequence))!;
    }

    private static async Task<List<CodeRow>> AllAsync(CodeShop shop, CodeFilter filter)
    {
        var all = new List<CodeRow>();
        CodePlace? place = null;
        while (true)
        {
            var page = await shop.Codes.ListAsync(filter, place, 4);
            all.AddRange(page.Rows);
            if (!page.HasAfter)
                return all;
            place = new CodePlace(page.Rows[^1].BatchNo, page.Rows[^1].Sequence, IsBefore: false);
        }
    }
}
