using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>Prices as they might be, for a look at what a month would come to: stored rows with another price, and a price wherever a part has none.</summary>
/// <param name="changed">Other prices of stored rows by id, in millionths of the unit a million.</param>
/// <param name="filled">Prices of parts where no row holds, by model and part, in millionths of the unit a million.</param>
public sealed class OtherPrices(IReadOnlyDictionary<long, long> changed, IReadOnlyDictionary<(string Model, TokenPart Part), long> filled)
{
    /// <summary>The rows that would count; filled ones have ids from -1 down, one a model and part.</summary>
    /// <param name="stored">All rows.</param>
    /// <param name="upstream">Whose parts are filled, canonical.</param>
    /// <param name="currency">What it bills in.</param>
    /// <param name="hasBands">Whether it has peak hours; without them only rows of all hours apply.</param>
    public IEnumerable<PriceRow> Of(IEnumerable<PriceRow> stored, string upstream, string currency, bool hasBands)
    {
        var rows = stored.Select(row => changed.TryGetValue(row.Id, out var micro) ? row with { PriceMicro = micro } : row).ToList();
        var id = 0L;
        foreach (var ((model, part), micro) in filled.OrderBy(one => one.Key.Model, StringComparer.Ordinal).ThenBy(one => one.Key.Part))
        {
            id--;
            var like = new PriceRow(id, upstream, model, part, PriceBand.All, currency, micro, null, null);
            var known = rows.Where(row => IsOf(row, like)).ToList();
            if (!hasBands)
                rows.RemoveAll(row => IsOf(row, like) && row.Band is not PriceBand.All);
            foreach (var band in hasBands ? [PriceBand.Peak, PriceBand.OffPeak] : new[] { PriceBand.All })
                rows.AddRange(Gaps(known.Where(row => row.Band is PriceBand.All || row.Band == band), like with { Band = band }));
        }
        return rows;
    }

    private static bool IsOf(PriceRow row, PriceRow like) => !row.IsWithdrawn && row.Upstream == like.Upstream && row.Model == like.Model && row.Part == like.Part && row.Currency == like.Currency;

    private static IEnumerable<PriceRow> Gaps(IEnumerable<PriceRow> rows, PriceRow like)
    {
        DateTime? from = null;
        foreach (var row in rows.OrderBy(row => row.ValidFrom ?? DateTime.MinValue))
        {
            if (row.ValidFrom is { } begins && (from is null || begins > from))
                yield return like with { ValidFrom = from, ValidUntil = begins };
            if (row.ValidUntil is not { } ends)
                yield break;
            from = ends;
        }
        yield return like with { ValidFrom = from };
    }
}
