using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Domain.Codes;

namespace BackOffice.Data.Tests;

public sealed class CodeStockTests
{
    [Theory, EachEngine]
    public async Task Eight_workers_take_each_code_once_and_no_order_gets_two(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        CodeShop[] processes = [shop, shop.Another()];
        var batches = new[] { await shop.MadeAsync(CodeShop.Wanted(100)), await shop.MadeAsync(CodeShop.Wanted(150)) };
        // 200 orders, each asked for twice at the same time.
        var orders = Enumerable.Range(0, 200).SelectMany(i => new[] { $"order-{i}", $"order-{i}" }).ToList();
        var taken = new List<(string Order, CodeRow Code)>();
        await Parallel.ForEachAsync(orders.Select((order, i) => (order, i)), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (one, token) =>
        {
            var code = await processes[one.i % 2].Stock.TakeAsync(one.order, "trial", 1, "system", token);
            lock (taken)
                taken.Add((one.order, code!));
        });
        var byOrder = taken.GroupBy(one => one.Order).ToList();
        Assert.Equal(200, byOrder.Count);
        Assert.All(byOrder, order => Assert.Single(order.Select(one => one.Code.Subject).Distinct()));
        Assert.Equal(200, taken.Select(one => one.Code.Subject).Distinct().Count());
        var now = await Task.WhenAll(batches.Select(batch => shop.Batches.GetAsync(batch.Id)));
        Assert.Equal(200, now.Sum(batch => batch.Allocated));
        Assert.Equal(50, now.Sum(batch => batch.Available));
        Assert.Equal(0, now[0].Available); // the oldest first
    }

    [Theory, EachEngine]
    public async Task Oldest_first_roughly_and_nothing_of_what_cannot_be_handed_out(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        await shop.MadeAsync(CodeShop.Wanted(50), published: false);
        var ended = await shop.MadeAsync(CodeShop.Wanted(50) with { ExpiresAt = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc) });
        await shop.MadeAsync(CodeShop.Wanted(50, units: 2));
        Assert.Null(await shop.Stock.TakeAsync("order-0", "trial", 1, "system"));
        Assert.Equal("ready", (await shop.Batches.GetAsync(ended.Id)).Status);
        var batch = await shop.MadeAsync(CodeShop.Wanted(100));
        for (var i = 1; i <= 60; i++)
        {
            var code = (await shop.Stock.TakeAsync($"order-{i}", "trial", 1, "system"))!;
            Assert.Equal((batch.Number, CodeStatus.Allocated, $"order-{i}"), (code.BatchNo, code.Effective, code.OrderNo));
            Assert.InRange(code.Sequence, 1, i + 31);
        }
        Assert.Null(await shop.Stock.TakeAsync("order-1", "starter", 1, "system") is { Package: "starter" } other ? other : null);
    }

    [Theory, EachEngine]
    public async Task A_code_of_a_batch_that_became_void_is_never_handed_out_and_its_order_gets_another(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var batch = await shop.MadeAsync(CodeShop.Wanted(20));
        var first = (await shop.Stock.TakeAsync("order-1", "trial", 1, "system"))!;
        await shop.Voids.VoidAsync(new BatchVoid(batch.Number, false, "mara@example.com", "Leaked"));
        // Its row does not say so yet.
        Assert.Equal(("allocated", CodeStatus.Void), ((await shop.Codes.FindAsync(batch.Number, first.Sequence))!.Status, (await shop.Codes.FindAsync(batch.Number, first.Sequence))!.Effective));
        await BatchStoreTests.RefusedAsync("CodeChanged", () => shop.Database.WriteAsync(WriteRank.Request, session => CodeStock.DeliverAsync(session, first, "system", CancellationToken.None)));
        Assert.Null(await shop.Stock.TakeAsync("order-1", "trial", 1, "system"));
        var next = await shop.MadeAsync(CodeShop.Wanted(20));
        var second = (await shop.Stock.TakeAsync("order-1", "trial", 1, "system"))!;
        Assert.Equal(next.Number, second.BatchNo);
        await shop.SettleAsync(batch.Number);
        Assert.Equal(second.Subject, (await shop.Stock.TakeAsync("order-1", "trial", 1, "system"))!.Subject);
    }

    [Theory, EachEngine]
    public async Task Taking_and_voiding_at_once_never_count_a_code_twice(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        CodeShop[] processes = [shop, shop.Another()];
        var batch = await shop.MadeAsync(CodeShop.Wanted(300));
        var taking = Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, token) =>
        {
            await processes[i % 2].Stock.TakeAsync($"order-{i}", "trial", 1, "system", token);
            if (i == 60)
                await shop.Voids.VoidAsync(new BatchVoid(batch.Number, false, "mara@example.com", "Leaked"), token);
        });
        await taking;
        var now = await shop.Batches.GetAsync(batch.Id);
        Assert.Equal((0, 0, 300), (now.Available, now.Allocated, now.Voided));
        await shop.SettleAsync(batch.Number);
        Assert.All(await shop.Codes.SampleAsync(batch.Number, 300), code => Assert.Equal("void", code.Status));
    }

    [Theory, EachEngine]
    public async Task Levels_say_what_there_is_and_what_left(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        await shop.MadeAsync(CodeShop.Wanted(40));
        await shop.MadeAsync(CodeShop.Wanted(30), published: false);
        await shop.RequestAsync(CodeShop.Wanted(20));
        for (var i = 0; i < 5; i++)
            await shop.Stock.TakeAsync($"order-{i}", "trial", 1, "system");
        var code = (await shop.Stock.TakeAsync("order-1", "trial", 1, "system"))!;
        await shop.Database.WriteAsync(WriteRank.Request, session => CodeStock.DeliverAsync(session, code, "system", CancellationToken.None));
        var level = (await shop.Stock.LevelsAsync(new DateOnly(2020, 1, 1))).Single(one => one is { Package: "trial", Units: 1 });
        Assert.Equal((35L, 30L, 20L, 4L, 5L), (level.Available, level.Unpublished, level.Coming, level.Allocated, level.Taken));
        Assert.Equal(0, (await shop.Stock.LevelsAsync(new DateOnly(2999, 1, 1))).Single(one => one is { Package: "trial", Units: 1 }).Taken);
    }
}
