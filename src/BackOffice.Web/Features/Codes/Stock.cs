using BackOffice.Data.Codes;
using BackOffice.Data.Packages;
using BackOffice.Domain.Codes;
using BackOffice.Jobs;
using BackOffice.Web.Features.Packages;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Codes;

/// <summary>Stock of a package and a number of units, with how long it lasts.</summary>
/// <param name="Package">The package.</param>
/// <param name="Units">Units of one code.</param>
/// <param name="Level">What there is; null when no batch was ever asked for.</param>
public sealed record StockRow(PackageRow Package, int Units, StockLevel? Level)
{
    public StockForecast Forecast => new(Level?.Available ?? 0, Level?.Taken ?? 0);

    /// <summary>A chip's state; null when nothing is to be said. What was never in stock, or is not sold, does not run out.</summary>
    public string? State(int lowDays) =>
        Level is null || !Package.Active ? null : Forecast.IsOut ? "out_of_stock" : Forecast.IsLow(lowDays) ? "low_stock" : null;

    /// <summary>The form of a batch that lasts a while, filled in.</summary>
    public string IssueUrl => Address.With("/codes/batches/new", ("package", Package.Slug), ("units", Units == 1 ? null : Address.Text(Units)), ("count", Address.Text(Forecast.Prepared)));

    public string BatchesUrl => Address.With(BatchListQuery.Path, ("package", Package.Slug));
}

/// <summary>Reads stock as pages show it: what is sold comes with nothing in stock too.</summary>
public sealed class StockBook(CodeStock stock, PackageQueries packages, Settings settings, TimeProvider clock)
{
    public int LowDays => settings.LowStockDays;

    public async Task<IReadOnlyList<StockRow>> ReadAsync(CancellationToken token)
    {
        var today = settings.Business.DayOf(clock.GetUtcNow().UtcDateTime);
        var levels = (await stock.LevelsAsync(today.AddDays(1 - StockForecast.DaysLookedBack), token)).ToLookup(level => level.Package);
        return
        [
            .. from package in await packages.ListAsync(token)
               from units in levels[package.Slug].Select(level => level.Units).Append(1).Distinct().Order()
               let level = levels[package.Slug].FirstOrDefault(level => level.Units == units)
               where package.Active || level is not null
               select new StockRow(package, units, level),
        ];
    }

    /// <summary>Stock of one kind of code; null when there never was any.</summary>
    public async Task<StockRow?> FindAsync(string package, int units, CancellationToken token) =>
        (await ReadAsync(token)).FirstOrDefault(row => row.Package.Slug == package && row.Units == units);
}

/// <summary>What the page shows.</summary>
public sealed record StockPage(IReadOnlyList<StockRow> Rows, int LowDays)
{
    /// <summary>What runs out, in a sentence.</summary>
    public string Answer(Texts texts)
    {
        if (Rows.All(row => row.Level is null))
            return texts["Stock.None"];
        var low = StockWords.Names(Rows.Where(row => row.State(LowDays) is not null), texts);
        return low.Length == 0 ? texts["Stock.Answer", LowDays] : texts["Stock.Low", low];
    }
}

public static class StockWords
{
    public static string Name(StockRow row, Texts texts) => CodeWords.Package(texts, row.Package.Name(texts), row.Units);

    public static string Names(IEnumerable<StockRow> rows, Texts texts) => string.Join(texts["Common.Comma"], rows.Select(row => Name(row, texts)));

    /// <summary>3 days, 41 days, less than a day; a dash where there is no rate.</summary>
    public static string? Days(StockForecast forecast, Texts texts) => forecast.Days switch
    {
        null => null,
        0 => texts["Stock.LessThanADay"],
        1 => texts["Stock.OneDay"],
        { } days => texts["Stock.Days", Figures.Count(days)],
    };
}
