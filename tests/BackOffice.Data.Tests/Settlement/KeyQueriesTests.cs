using BackOffice.Data.Migrations;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Tests;

public sealed class KeyQueriesTests
{
    private static readonly DateOnly August = new(2026, 8, 1);

    // Prices a million: uncached 1, read 2, 5 minutes 3, 1 hour 4, output 5.
    [Theory, EachEngine]
    public async Task A_key_comes_to_what_is_worked_out_by_hand(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(
            UsageShop.Record("1", "2026-08-10T03:00:00", 0, quota: 26_600) with { Tokens = new TokenCounts(20_000, 80_000, 0, 0, 5_000) },
            // Half past midnight in Shanghai is the day after in UTC.
            UsageShop.Record("2", "2026-08-10T16:30:00", 10, quota: 30),
            UsageShop.Record("3", "2026-08-12T03:00:00", 1_000, key: "id:2"),
            UsageShop.Record("4", "2026-08-12T03:00:00", 7, key: "name:a/b", model: "nothing") with { Upstream = "acme" },
            UsageShop.Record("5", "2026-07-31T15:59:59", 1_000_000), UsageShop.Record("6", "2026-08-31T16:00:00", 1_000_000));
        await shop.UseAsync(UsageShop.Record("7", "2026-08-13T03:00:00", 0, quota: -500) with { Flags = UsageFlags.Refund });

        var month = await shop.Keys.MonthAsync(August);
        var rows = await shop.Keys.RowsAsync(month, [.. month.ByCredits]);

        Assert.Equal(["id:1", "id:2", "name:a/b"], rows.Select(row => row.Reference));
        Assert.Equal((26_610, 26_610, 26_630, -20), (rows[0].Credits, rows[0].KnownCredits, rows[0].Charged, rows[0].Difference));
        Assert.Equal((1, 1L, -500), (rows[0].DaysDiffering, rows[0].Refunds, rows[0].Refunded));
        // 20,000 + 10 at 1, 80,000 at 2, 5,000 at 5 a million: 0.20501.
        Assert.Equal([("CNY", 205_010_000L)], rows[0].Costs);
        Assert.Equal((false, true), (rows[0].HasUnpriced, rows[2].HasUnpriced));
        Assert.Equal((1_000, 0, 0), (rows[1].Credits, rows[1].KnownCredits, rows[1].Charged));
        Assert.Empty(rows[0].Revenue);
        // Nothing was sold: what a credit brings in, and with it every margin, is not known.
        Assert.Equal((null, null, 27_617L), (rows[0].MarginNano, month.Losing, (long)month.Credits));
        Assert.Equal(["id:1", "id:2", "name:a/b"], (await shop.Keys.RowsAsync(month, [.. month.ByLoss])).Select(row => row.Reference));

        var one = (await shop.Keys.OneAsync("new-api", "id:1", August))!;
        Assert.Equal([(10, 26_600, false), (11, 10, true), (13, 0, false)], one.Days.Select(day => (day.Day.Day, day.Credits, day.Differs)));
        Assert.Equal([("chat", 26_610L)], one.Models.Select(model => (model.Name, model.Credits)));
        Assert.Equal(rows[0].Costs, one.Key.Costs);
        Assert.Null(await shop.Keys.OneAsync("new-api", "id:9", August));
        Assert.Empty((await shop.Keys.OneAsync("new-api", "id:2", August.AddMonths(1)))!.Days);
        Assert.Equal(new DateOnly(2026, 9, 1), await shop.Keys.LastDayAsync());
    }

    /// <summary>Keys, days, models and prices thrown: the month is the sums of the domain's own days, and the costs are the exact fractions rounded once.</summary>
    [Theory, EachEngine]
    public async Task A_month_is_what_the_days_add_up_to_and_costs_are_exact(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var dice = new Dice(5);
        // Prices that change within a day: only the day's average is known of a key.
        await shop.TakeAsync(new Data.Rates.PriceIntake("UTC"), UsageShop.Price(TokenPart.Output, 5_000_000, until: At("2026-08-05T10:00:00")), UsageShop.Price(TokenPart.Output, 7_123_457, At("2026-08-05T10:00:00")));
        var records = Enumerable.Range(0, 600).Select(i => UsageShop.Record($"{i}", $"2026-08-{1 + dice.Next(8):00}T{dice.Next(24):00}:{dice.Next(60):00}:00", 0, quota: dice.Next(3) == 0 ? null : dice.Next(40_000), model: dice.Next(6) == 0 ? "m-x" : "chat", key: $"id:{dice.Next(7)}") with
        {
            Tokens = new TokenCounts(dice.Next(9_973), dice.Next(99_991), dice.Next(3) * dice.Next(101), dice.Next(2) * dice.Next(103), dice.Next(997)),
        }).ToArray();
        foreach (var portion in records.Chunk(50))
            await shop.UseAsync(portion);
        var book = new CreditBook([], UsageShop.Business);
        var credits = new KeyDayCredits(book, 3);
        foreach (var record in records)
        {
            var known = record.ChargedQuota is not null;
            credits.Add(new KeyCell(record.Key, record.ConsoleName, UsageShop.Business.DayOf(record.OccurredAt), record.Tokens, 1, known ? record.Tokens : TokenCounts.None, known ? 1 : 0, record.ChargedQuota ?? 0, 0, 0));
        }
        var keys = new KeyQueries(shop.Database, shop.Earnings, UsageShop.Business, 3);
        var month = await keys.MonthAsync(August);
        var rows = await keys.RowsAsync(month, [.. month.Keys]);

        var lines = credits.Lines().Where(line => line.Day.Month == 8).ToLookup(line => line.Key);
        Assert.Equal(7, rows.Count);
        foreach (var row in rows)
        {
            var days = lines[row.Reference].ToList();
            Assert.Equal((days.Sum(day => day.Credits), days.Sum(day => day.KnownCredits), days.Count(day => day.Differs)), (row.Credits, row.KnownCredits, row.DaysDiffering));
            Assert.Equal(days.Aggregate(Fraction.Zero, (sum, day) => sum + day.Difference), row.Difference);
            Assert.Equal(Cost(records, row.Reference), row.Costs.Single().Nano);
            Assert.True(row.HasUnpriced);
            var one = (await keys.OneAsync("new-api", row.Reference, August))!;
            Assert.Equal(days.Select(day => (day.Day, day.Credits, day.Difference)), one.Days.Select(day => (day.Day, day.Credits, day.Difference)));
            Assert.Equal((row.Credits, row.Costs.Single(), row.MarginNano), (one.Key.Credits, one.Key.Costs.Single(), one.Key.MarginNano));
        }
        // What keys cost is what their tokens cost: but for a nano of rounding a key.
        var all = rows.Sum(row => row.Costs.Single().Nano);
        Assert.InRange(all - (long)(Amounts(records.Where(record => record.ConsoleName == "chat" && UsageShop.Business.DayOf(record.OccurredAt).Month == 8)) / 1000).RoundHalfEven(), -7, 7);
    }

    [Theory]
    [InlineData(new long[] { 1_500, 1 }, 2)] // 1.5 nano: to even
    [InlineData(new long[] { 2_500, 1 }, 2)]
    [InlineData(new long[] { 1_499, 1, 1, 3, 1, 3, 1, 3 }, 2)] // 1,499 and three thirds, which cut sums cannot tell from less: asked of fractions
    public void A_sum_of_costs_rounds_as_the_exact_sum_does_or_says_that_it_cannot(long[] amounts, long nano)
    {
        var sum = new CostSum();
        var exact = Fraction.Zero;
        for (var i = 0; i < amounts.Length; i += 2)
        {
            var rate = CostRate.Of(amounts[i], amounts[i + 1]);
            sum.Add(rate, 1);
            exact += rate.Of(1);
        }
        Assert.Equal(nano, (long)(exact / 1000).RoundHalfEven());
        Assert.Equal(amounts.Length == 2, sum.TryRound(out var rounded));
        if (amounts.Length == 2)
            Assert.Equal(nano, rounded);
    }

    // By fractions alone, a second way: each token at the average of its day, model and part.
    private static long Cost(UsageRecord[] records, string key)
    {
        var sum = Fraction.Zero;
        foreach (var day in records.Where(record => record.ConsoleName == "chat").GroupBy(record => UsageShop.Business.DayOf(record.OccurredAt)).Where(day => day.Key.Month == 8))
        {
            foreach (var part in TokenParts.All)
            {
                var all = day.Sum(record => record.Tokens[part]);
                if (all > 0)
                    sum += Amounts(day, part) * day.Where(record => record.Key == key).Sum(record => record.Tokens[part]) / all;
            }
        }
        return (long)(sum / 1000).RoundHalfEven();
    }

    private static Fraction Amounts(IEnumerable<UsageRecord> records) => TokenParts.All.Aggregate(Fraction.Zero, (sum, part) => sum + Amounts(records, part));

    private static Fraction Amounts(IEnumerable<UsageRecord> records, TokenPart part) => records.Aggregate(Fraction.Zero, (sum, record) =>
        sum + record.Tokens[part] * (part == TokenPart.Output && record.OccurredAt >= At("2026-08-05T10:00:00") ? 7_123_457L : ((int)part + 1) * 1_000_000L));

    private static DateTime At(string text) => DateTime.SpecifyKind(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc);

    // Numbers that look thrown, the same for the same seed.
    private sealed class Dice(int seed)
    {
        private ulong _state = (ulong)seed;

        public int Next(int sides)
        {
            _state = unchecked(_state * 6364136223846793005 + 1442695040888963407);
            return (int)((_state >> 33) % (ulong)sides);
        }
    }
}
