using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Data.Migrations;
using BackOffice.Domain;
using BackOffice.Domain.Access;

namespace BackOffice.Data.Tests;

public sealed class BatchStoreTests
{
    [Theory, EachEngine]
    public async Task The_limits_count_the_requesters_other_batches_of_the_day(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var limits = new CodeLimits(1_000, null);
        Assert.Equal("approved", (await shop.RequestAsync(CodeShop.Wanted(600), limits)).Status);
        Assert.Equal("approved", (await shop.RequestAsync(CodeShop.Wanted(400), limits)).Status);
        Assert.Equal("requested", (await shop.RequestAsync(CodeShop.Wanted(1), limits)).Status);
        Assert.Equal("approved", (await shop.RequestAsync(CodeShop.Wanted(1_000, by: "ilya@example.com"), limits)).Status);
        Assert.Equal("approved", (await shop.RequestAsync(CodeShop.Wanted(1) with { Day = new DateOnly(2026, 11, 11) }, limits)).Status);
        Assert.Equal("requested", (await shop.RequestAsync(CodeShop.Wanted(1) with { Day = new DateOnly(2026, 11, 12) }, new CodeLimits(null, 4_999_999))).Status);
    }

    [Theory, EachEngine]
    public async Task Two_requests_at_once_do_not_both_slip_below_the_limit(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        CodeShop[] processes = [shop, shop.Another()];
        var batches = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => processes[i % 2].RequestAsync(CodeShop.Wanted(300), new CodeLimits(1_000, null)))));
        Assert.Equal(3, batches.Count(batch => batch.Status == "approved"));
        Assert.Equal(5, batches.Count(batch => batch.Status == "requested"));
        Assert.Equal(8, batches.Select(batch => batch.Number).Distinct().Count());
    }

    [Theory, EachEngine]
    public async Task The_same_request_sent_often_is_one_batch(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        CodeShop[] processes = [shop, shop.Another()];
        var wanted = CodeShop.Wanted();
        var batches = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => processes[i % 2].RequestAsync(wanted))));
        Assert.Single(batches.Select(batch => batch.Number).Distinct());
        Assert.Single((await shop.Batches.ListAsync(new BatchFilter(null, null), null, 50)).Rows);
    }

    [Theory, EachEngine]
    public async Task Approved_by_somebody_else_once_and_a_refused_one_is_void(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var (approvals, waiting) = (new ApprovalStore(shop.Database), new ApprovalQueries(shop.Database));
        var batch = await shop.RequestAsync(CodeShop.Wanted(10), new CodeLimits(5, null));
        var request = (await waiting.OfSubjectAsync(BatchStore.ApprovalKind, $"{batch.Number}")).Single();
        Assert.False(await shop.Store.ClaimAsync(batch.Id, shop.Vault.NewBatchKey));
        await RefusedAsync("ApprovalOwn", () => approvals.ApproveAsync(new Decision(request.Number, "mara@example.com", null), (session, token) => BatchStore.ApproveAsync(session, batch.Number, "mara@example.com", token)));
        await approvals.ApproveAsync(new Decision(request.Number, "ilya@example.com", null), (session, token) => BatchStore.ApproveAsync(session, batch.Number, "ilya@example.com", token));
        Assert.Equal(("approved", "ilya@example.com"), ((await shop.Batches.GetAsync(batch.Id)).Status, (await shop.Batches.GetAsync(batch.Id)).ApprovedBy));

        var other = await shop.RequestAsync(CodeShop.Wanted(10), new CodeLimits(5, null));
        var refused = (await waiting.OfSubjectAsync(BatchStore.ApprovalKind, $"{other.Number}")).Single();
        await approvals.RefuseAsync(new Decision(refused.Number, "ilya@example.com", "Not now"), (session, token) => CodeVoids.EndRequestAsync(session, other.Number, "ilya@example.com", "Not now", token));
        Assert.Equal(("void", 0, "Not now"), ((await shop.Batches.GetAsync(other.Id)).Status, (await shop.Batches.GetAsync(other.Id)).Voided, (await shop.Batches.GetAsync(other.Id)).VoidReason));
    }

    [Theory, EachEngine]
    public async Task What_failed_can_be_taken_up_again(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var batch = await shop.ClaimedAsync(await shop.RequestAsync(CodeShop.Wanted(10)));
        await RefusedAsync("BatchNotFailed", () => shop.Store.ResumeAsync(batch.Number, "mara@example.com"));
        await shop.Database.WriteAsync(Engine.WriteRank.Job, session => BatchStore.Queue.FailAsync(session, batch.Id, new Refusal("Trouble", "", "no disk"), "no disk", forGood: true));
        Assert.Equal("failed", (await shop.Batches.GetAsync(batch.Id)).Status);
        await shop.Store.ResumeAsync(batch.Number, "mara@example.com");
        await shop.Maker.MakeAsync(await shop.ClaimedAsync(await shop.Batches.GetAsync(batch.Id)), CancellationToken.None);
        Assert.Equal(("ready", 10), ((await shop.Batches.GetAsync(batch.Id)).Status, (await shop.Batches.GetAsync(batch.Id)).Available));
    }

    internal static async Task RefusedAsync(string code, Func<Task> act) => Assert.Equal(code, (await Assert.ThrowsAsync<RefusedException>(act)).Refusal.Code);
}
