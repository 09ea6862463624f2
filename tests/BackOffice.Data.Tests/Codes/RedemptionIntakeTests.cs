using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Domain;

namespace BackOffice.Data.Tests;

public sealed class RedemptionIntakeTests
{
    /// <summary>The hourly run and the nightly one meet: each tells of the same batches, in opposite order.</summary>
    [Theory, EachEngine]
    public async Task Two_runs_at_once_take_each_redemption_in_once(DatabaseProvider engine)
    {
        const int Codes = 60;
        await using var shop = await CodeShop.OnAsync(engine);
        BatchRow[] batches = [await shop.MadeAsync(CodeShop.Wanted(Codes)), await shop.MadeAsync(CodeShop.Wanted(Codes)), await shop.MadeAsync(CodeShop.Wanted(Codes))];
        var finder = await shop.Vault.FinderAsync();
        var at = shop.Database.Clock.UtcNow();
        var all = new List<Redemption>();
        foreach (var batch in batches)
            all.AddRange((await shop.OpenedAsync(batch)).Select(code => new Redemption(finder.LookupKey(code.Code), at, null)));
        // One of each batch in turn, so that every portion has codes of all three.
        var told = Enumerable.Range(0, Codes).SelectMany(code => Enumerable.Range(0, batches.Length).Select(batch => all[batch * Codes + code])).ToList();

        var other = shop.Another();
        var outcomes = await Task.WhenAll(
            Task.Run(() => Intake(shop).TakeInAsync(told)),
            Task.Run(() => Intake(other).TakeInAsync([.. Enumerable.Reverse(told)])));

        Assert.Equal(all.Count, outcomes.Sum(outcome => outcome.New));
        foreach (var batch in batches)
        {
            var now = await shop.Batches.GetAsync(batch.Id);
            Assert.Equal((0, Codes), (now.Available, now.Redeemed));
        }
    }

    private static RedemptionIntake Intake(CodeShop shop) => new(shop.Database, new BusinessTime(TimeZoneInfo.Utc));
}
