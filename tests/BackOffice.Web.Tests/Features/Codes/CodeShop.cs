using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Codes;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Codes;

/// <summary>Batches of codes of a site, made without its pages.</summary>
internal static class CodeShop
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Asks for a batch as the command line does; it waits where the limits say so.</summary>
    public static async Task<BatchRow> AskForBatchAsync(this Site site, int count, string package = "trial", CodeFormat format = CodeFormat.Friendly, string prefix = "", string note = "", string by = "mara@example.com")
    {
        await using var scope = site.Services.CreateAsyncScope();
        var request = new BatchRequest(Ids.New(site.Now), package, 1, count, format, prefix, PublishWay.Script, note, null);
        return await scope.ServiceProvider.GetRequiredService<BatchDesk>().RequestAsync(request, by, Token);
    }

    /// <summary>A batch that is ready, and known to the console unless it is said not to be.</summary>
    public static async Task<BatchRow> MakeBatchAsync(this Site site, int count, string package = "trial", CodeFormat format = CodeFormat.Friendly, string prefix = "", string note = "", bool published = true)
    {
        var batch = await site.AskForBatchAsync(count, package, format, prefix, note);
        await site.RunBatchAsync(batch.Number);
        if (published)
            await site.Services.GetRequiredService<CodeTaskStore>().MarkPublishedAsync(batch.Number, "mara@example.com", null, Token);
        return await site.BatchAsync(batch.Number);
    }

    public static async Task RunBatchAsync(this Site site, long number)
    {
        await using var scope = site.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<BatchJob>().RunAsync((await site.BatchAsync(number)).Id, Token);
    }

    /// <summary>Does what was decided about codes.</summary>
    public static async Task RunTasksAsync(this Site site)
    {
        await using var scope = site.Services.CreateAsyncScope();
        foreach (var number in ShopRows.Of(site.Shop, "SELECT Number FROM CodeTasks WHERE Status = 'pending' AND Kind IN ('settle', 'voidlist')"))
        {
            var task = await site.Services.GetRequiredService<CodeTaskStore>().FindAsync(long.Parse(number, System.Globalization.CultureInfo.InvariantCulture), Token);
            await scope.ServiceProvider.GetRequiredService<CodeTaskJob>().RunAsync(task!.Id, Token);
        }
    }

    public static async Task<BatchRow> BatchAsync(this Site site, long number) =>
        await site.Services.GetRequiredService<BatchQueries>().FindAsync(number, Token) ?? throw new InvalidOperationException($"There is no batch {number}.");

    public static async Task<CodeRow> CodeAsync(this Site site, long batch, int sequence) =>
        await site.Services.GetRequiredService<CodeQueries>().FindAsync(batch, sequence, Token) ?? throw new InvalidOperationException($"There is no code {batch}-{sequence}.");

    /// <summary>A code in full. It is on record as revealed afterwards.</summary>
    public static async Task<string> SecretAsync(this Site site, long batch, int sequence) =>
        await site.Services.GetRequiredService<CodeRevealStore>().RevealAsync(await site.CodeAsync(batch, sequence), "system", "for a test", Token);

    /// <summary>Takes a code for an order; hands it out too unless it is said not to be.</summary>
    public static async Task<CodeRow> TakeCodeAsync(this Site site, string orderNo, string package = "trial", bool delivered = true)
    {
        var code = await site.Services.GetRequiredService<CodeStock>().TakeAsync(orderNo, package, 1, "system", Token) ?? throw new InvalidOperationException("Nothing is in stock.");
        if (delivered)
            await site.Services.GetRequiredService<Database>().WriteAsync(WriteRank.Request, session => CodeStock.DeliverAsync(session, code, "system", Token), Token);
        return await site.CodeAsync(code.BatchNo, code.Sequence);
    }

    /// <summary>The console says that a delivered code was used.</summary>
    public static void Redeem(this Site site, CodeRow code)
    {
        ShopRows.Change(site.Shop, $"UPDATE Codes SET Status = 'redeemed' WHERE BatchNo = {code.BatchNo} AND Sequence = {code.Sequence}");
        ShopRows.Change(site.Shop, $"UPDATE CodeBatches SET Delivered = Delivered - 1, Redeemed = Redeemed + 1 WHERE Number = {code.BatchNo}");
        ShopRows.Change(site.Shop, $"UPDATE CodeDays SET Redeemed = Redeemed + 1 WHERE BatchNo = {code.BatchNo}");
    }
}
