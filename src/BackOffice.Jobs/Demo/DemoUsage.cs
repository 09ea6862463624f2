using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Rates;
using BackOffice.Data.Usage;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Demo;

/// <summary>
/// Eight weeks of what the customers used, with the prices and mappings that settle it. The last days have a model without a mapping, and a record that came with two
/// contents: so that there is something to mend. The same call finds it all there.
/// </summary>
public sealed class DemoUsage(Database database, Settings settings)
{
    /// <summary>Records of it, conflicts not counted.</summary>
    public const int Records = 3_000;

    private const string By = "system";
    private const string Source = "new-api";
    private const string Upstream = "deepseek";
    private const int Weeks = 8;
    private const int Keys = 24;
    private const int Stranger = 40; // one in so many of the last days is of a model without a mapping
    private const int Slice = 500;

    private static readonly (string Model, decimal Read, decimal Input, decimal Output)[] Prices = [("deepseek-flash", 0.02m, 1m, 4m), ("deepseek-v4-pro", 0.15m, 4.5m, 13.5m)];
    private static readonly (string Name, string Model, int Weight)[] Models = [("deepseek-chat", "deepseek-flash", 70), ("deepseek-reasoner", "deepseek-v4-pro", 25), ("poster-maker", ModelNames.NotTokens, 5)];

    /// <summary>Adds what is not there yet.</summary>
    /// <returns>Rows and records that were not.</returns>
    internal async Task<long> AddAsync(DemoFacts facts, long seed, CancellationToken token)
    {
        var (zone, all) = (settings.Business.Zone.Id, Make(facts.Until, seed));
        var conflict = all[^7] with { Tokens = all[^7].Tokens + TokenCounts.Of(TokenPart.Output, 1_000) };
        return await TakeAsync(new PriceIntake(zone), [.. Rows()], token).ConfigureAwait(false)
            + await TakeAsync(new MappingIntake(zone), [.. Models.Select(model => new ImportedMapping { Line = 1, Row = new MappingRow(0, model.Name, Upstream, model.Model, null, null) })], token).ConfigureAwait(false)
            + await TakeAsync(await UsageIntake.StartAsync(database, Source, settings.Business, token).ConfigureAwait(false), [.. all, conflict], token).ConfigureAwait(false);
    }

    // At peak twice the price, as the upstream's list has it (upstream-pricing.md).
    private static IEnumerable<ImportedPrice> Rows() =>
        from price in Prices
        from band in new[] { PriceBand.OffPeak, PriceBand.Peak }
        from part in new[] { TokenPart.CacheRead, TokenPart.UncachedInput, TokenPart.Output }
        let off = part switch { TokenPart.CacheRead => price.Read, TokenPart.Output => price.Output, _ => price.Input }
        select new ImportedPrice { Line = 1, Row = new PriceRow(0, Upstream, price.Model, part, band, "CNY", (long)(off * 1_000_000m) * (band == PriceBand.Peak ? 2 : 1), null, null) };

    private List<UsageRecord> Make(DateOnly today, long seed)
    {
        var dice = new Dice(seed, today.DayNumber, Records);
        var (from, days) = (today.AddDays(-7 * Weeks), 7 * Weeks);
        return [.. Enumerable.Range(0, Records).Select(number => Make(from.AddDays((int)((long)number * days / Records)), number, today, dice))];
    }

    private UsageRecord Make(DateOnly day, int number, DateOnly today, Dice dice)
    {
        var model = Models[dice.Weighed([.. Models.Select(one => one.Weight)])];
        var isStrange = dice.Below(Stranger) == 0 && day > today.AddDays(-10);
        var isTokens = model.Model != ModelNames.NotTokens;
        var prompt = isTokens ? dice.Between(50, 40_000) : 0;
        var read = dice.Chance(60) ? (long)prompt * dice.Between(30, 95) / 100 : 0;
        var output = isTokens ? dice.Between(20, 4_000) : 0;
        var tokens = new TokenCounts(prompt - read, read, 0, 0, output);
        return new UsageRecord
        {
            Line = 0,
            ExternalId = (10_001 + number).ToString(CultureInfo.InvariantCulture),
            // Two thirds of it by day, as people work.
            OccurredAt = settings.Business.StartOf(day).AddSeconds(dice.Chance(66) ? dice.Between(9 * 3600, 20 * 3600) : dice.Below(24 * 3600)),
            ConsoleName = isStrange ? "glm-4-air" : model.Name,
            UpstreamName = isStrange || !isTokens ? null : model.Model,
            Key = UsageRules.KeyReference(100 + dice.Below(Keys), null),
            Channel = isTokens ? "3" : "7",
            Tokens = tokens,
            ChargedQuota = isTokens ? tokens.UncachedInput + tokens.CacheRead / 50 + tokens.Output : 5_000,
            Flags = read > 0 && dice.Below(200) == 0 ? UsageFlags.CacheExceedsPrompt : UsageFlags.None,
        };
    }

    private async Task<long> TakeAsync<T>(Intake<T> intake, IReadOnlyList<T> records, CancellationToken token)
    {
        var added = 0L;
        foreach (var slice in records.Chunk(Slice))
        {
            added += await database.WriteAsync(WriteRank.Job, async session =>
            {
                var (fresh, asides) = (0L, new List<(long, PutAside)>());
                foreach (var portion in slice.Chunk(Intake<T>.Portion))
                {
                    var outcomes = await intake.TakeAsync(session, portion, By, token).ConfigureAwait(false);
                    fresh += outcomes.Count(outcome => outcome.Kind == OutcomeKind.New);
                    asides.AddRange(outcomes.Where(outcome => outcome.Kind == OutcomeKind.PutAside).Select(outcome => (0L, new PutAside(0, outcome.Reason!, outcome.Usage))));
                }
                await intake.FinishAsync(session, null, asides, token).ConfigureAwait(false);
                return fresh;
            }, token).ConfigureAwait(false);
        }
        return added;
    }
}
