using System.Numerics;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using CsCheck;

namespace BackOffice.Domain.Tests.Settlement;

/// <summary>What must hold of settlements over any usage.</summary>
public sealed class SettlementPropertyTests
{
    private static readonly string[] Models = ["m", "pro", "alias", "nobody", "k", "audio"];

    private static readonly RateBook Book = Rates().Book;

    private static readonly UsageNames[] Names =
        [.. Models.Select(model => new UsageNames("console", null, model, null, null)), .. Models.Select(model => new UsageNames("console", "deepseek", "m", model, "5"))];

    private static readonly Gen<UsageCell> AnyCell =
        Gen.Select(Gen.Int[0, Names.Length - 1], Gen.Int[0, 2_879], Gen.Long[0, 2_000_000].Array[5], Gen.Int[1, 9], (names, quarter, tokens, records) =>
            new UsageCell(names, Quarters.Of(Shelf.September.From) + quarter, new(tokens[0], tokens[1], tokens[2] / 1_000, tokens[3] / 1_000, tokens[4] % 3 == 0 ? 0 : tokens[4]), records));

    private static readonly Gen<(UsageCell Cell, int Origin)[]> AnyUsage = Gen.Select(AnyCell, Gen.Int[0, 9]).Array[0, 60];

    [Fact]
    public void Usage_in_any_portions_and_any_order_gives_the_same_draft() =>
        Gen.Select(AnyUsage, Gen.Long[0, 1_000], Gen.Bool).Sample((usage, share, backwards) =>
        {
            var portions = usage.SelectMany(one => Portions(one.Cell, share).Select(cell => (cell, one.Origin))).ToList();
            if (backwards)
                portions.Reverse();
            Assert.Equal(DraftText.Of(Settle(usage)), DraftText.Of(Settle([.. portions.Where((_, place) => place % 2 == 0), .. portions.Where((_, place) => place % 2 == 1)])));
        }, iter: 100);

    [Fact]
    public void Lines_and_unpriced_groups_hold_every_token_and_sum_to_the_totals() =>
        AnyUsage.Sample(usage =>
        {
            var draft = Settle(usage);
            Assert.True(draft.Check.IsClosed);
            foreach (var part in TokenParts.All)
            {
                var here = usage.Where(one => IsHere(Book.Map(Names[one.Cell.Names], QuarterOf(one)))).Sum(one => one.Cell.Tokens[part]);
                Assert.Equal(here, draft.Lines.Where(line => line.Part == part).Sum(line => line.Tokens) + draft.Unpriced.Where(line => line.Part == part).Sum(line => line.Tokens));
            }
            Assert.Equal(draft.Lines.Sum(line => line.AmountNano), draft.TotalNano);
            Assert.Equal(draft.PayableMinor * 10_000_000, draft.TotalNano + draft.ResidueNano);
            Assert.True(Math.Abs(draft.ResidueNano) <= 5_000_000);
        }, iter: 100);

    // The same month worked out cell by cell, without the engine: only the book is asked.
    [Fact]
    public void A_draft_agrees_to_the_nano_with_exact_fractions() =>
        AnyUsage.Sample(usage =>
        {
            var draft = Settle(usage);
            var exact = new Dictionary<(string Model, TokenPart Part, long Id, string? Adjusts), Fraction>();
            var uncached = new Dictionary<(long, long), Fraction>();
            foreach (var one in usage)
            {
                if (Book.Map(Names[one.Cell.Names], QuarterOf(one)) is not { Kind: MappingKind.Mapped, Upstream: "deepseek", Model: { } model })
                    continue;
                foreach (var part in TokenParts.All)
                {
                    if (Book.PriceAt("deepseek", model, part, QuarterOf(one)) is not { } price)
                        continue;
                    var key = (model, part, price.Id, Adjusts(one.Origin));
                    exact[key] = exact.GetValueOrDefault(key) + new Fraction((BigInteger)one.Cell.Tokens[part] * price.PriceMicro, 1_000);
                    if (part is TokenPart.CacheRead && one.Origin > 1 && Book.PriceAt("deepseek", model, TokenPart.UncachedInput, QuarterOf(one)) is { } other)
                        uncached[(price.Id, other.Id)] = uncached.GetValueOrDefault((price.Id, other.Id)) + new Fraction((BigInteger)one.Cell.Tokens[part] * other.PriceMicro, 1_000);
                }
            }
            Assert.Equal(draft.Lines.Count, draft.Lines.Select(line => (line.Model, line.Part, line.PriceId, line.Adjusts)).Distinct().Count());
            Assert.All(draft.Lines, line => Assert.Equal(exact[(line.Model, line.Part, line.PriceId, line.Adjusts)].RoundHalfEven(), line.AmountNano));
            Assert.Equal(exact.Values.Aggregate(BigInteger.Zero, (sum, amount) => sum + amount.RoundHalfEven()), draft.TotalNano);
            var paid = draft.Lines.Where(line => line is { Part: TokenPart.CacheRead, Adjusts: null }).Sum(line => line.AmountNano);
            Assert.Equal(uncached.Values.Aggregate(BigInteger.Zero, (sum, amount) => sum + amount.RoundHalfEven()) - paid, draft.CacheSavingNano!.Value);
        }, iter: 100);

    private static Shelf Rates()
    {
        var shelf = new Shelf().Mapping("m", "m").Mapping("pro", "pro").Mapping("k", "k3", upstream: "kimi").Mapping("audio", "-")
            .Mapping("alias", "m", until: "2026-09-10 12:15").Mapping("alias", "pro", from: "2026-09-10 12:15");
        foreach (var part in TokenParts.All)
        {
            shelf.Price("m", part, "0.000507", PriceBand.Peak).Price("m", part, "1.003", PriceBand.OffPeak);
            shelf.Price("pro", part, "13.500001", until: "2026-09-20 00:15");
            if (part is not TokenPart.CacheRead)
                shelf.Price("pro", part, "0.0005", from: "2026-09-20 00:15");
        }
        return shelf;
    }

    private static SettlementDraft Settle(IEnumerable<(UsageCell Cell, int Origin)> usage)
    {
        var engine = new SettlementEngine(Book, "deepseek", Shelf.September, Names);
        foreach (var one in usage)
        {
            if (Adjusts(one.Origin) is { } origin)
                engine.AddAdjustment(origin, one.Cell with { Quarter = QuarterOf(one) });
            else
                engine.Add(one.Cell);
        }
        return engine.Draft();
    }

    private static bool IsHere(Mapping mapping) => mapping.Kind is not MappingKind.NotTokens && mapping.Upstream is null or "deepseek";

    private static string? Adjusts(int origin) => origin > 1 ? null : $"2026-0{7 + origin}";

    private static long QuarterOf((UsageCell Cell, int Origin) one) => one.Origin > 1 ? one.Cell.Quarter : one.Cell.Quarter - 31 * 96 * (2 - one.Origin);

    private static IEnumerable<UsageCell> Portions(UsageCell cell, long share)
    {
        var part = new TokenCounts(
            cell.Tokens.UncachedInput * share / 1_000, cell.Tokens.CacheRead * share / 700 / 2, cell.Tokens.CacheWrite5m * share / 1_000, 0, cell.Tokens.Output * share / 1_000);
        yield return cell with { Tokens = part, Records = cell.Records - 1 };
        yield return cell with { Tokens = cell.Tokens - part, Records = 1 };
    }
}
