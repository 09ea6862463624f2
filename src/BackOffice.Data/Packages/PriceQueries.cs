using BackOffice.Data.Engine;
using BackOffice.Domain.Packages;

namespace BackOffice.Data.Packages;

/// <summary>Prices as they are dated, and what was sold at them.</summary>
public sealed class PriceQueries(Database database)
{
    /// <summary>All prices, by package, purpose, currency, newest first.</summary>
    public Task<List<PriceRow>> ListAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<PriceRow>(ListPrices, token: token), token);

    /// <summary>The prices of all packages that hold at an instant (UTC).</summary>
    public Task<List<PriceRow>> InForceAsync(DateTime at, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<PriceRow>(ListInForce, new At(at), token), token);

    /// <summary>The prices of a package that hold at an instant (UTC).</summary>
    public Task<List<PriceRow>> InForceAsync(string package, DateTime at, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<PriceRow>(ListInForceOfPackage, new PackageAt(package, at), token), token);

    /// <summary>The prices of a package in one currency, for one purpose, the first to begin first.</summary>
    public Task<List<PriceRow>> SeriesAsync(PriceSeries series, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<PriceRow>(PriceStore.ListSeries, series, token), token);

    /// <summary>One price; null when there is none, or when it was withdrawn.</summary>
    public Task<PriceRow?> FindAsync(PriceKey key, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<PriceRow>(PriceStore.ReadPrice, key, token), token);

    /// <summary>A page of a package's prices, the last to begin first.</summary>
    /// <param name="package">Its slug.</param>
    /// <param name="place">The price next to which the page begins; null for the first page.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<PriceRow>> HistoryAsync(string package, PricePlace? place, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (place is { Newer: true })
            {
                var newer = await session.ListAsync<PriceRow>(ListNewer, place.Args(package, take + 1), token).ConfigureAwait(false);
                if (KeyedPage.Before(newer, take) is { } page)
                    return page;
                place = null;
            }
            var older = await session.ListAsync<PriceRow>(ListOlder, (place ?? PricePlace.Newest).Args(package, take + 1), token).ConfigureAwait(false);
            return KeyedPage.After(older, take, isFirst: place is null);
        }, token);

    /// <summary>The prices of a package that were withdrawn, the last one first.</summary>
    public Task<List<WithdrawnPrice>> WithdrawnAsync(string package, int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<WithdrawnPrice>(ListWithdrawn, new FirstOfPackage(package, 0, take), token), token);

    /// <summary>What the orders of a package name as their charge (or list) amounts, by currency.</summary>
    /// <param name="package">Its slug.</param>
    /// <param name="purpose"><c>charge</c> or <c>list</c>.</param>
    /// <param name="from">First instant, UTC.</param>
    /// <param name="until">First instant that is not included, UTC.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<List<Sold>> SoldAsync(string package, string purpose, DateTime from, DateTime until, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var rows = await session.ListAsync<SoldRow>(purpose == "charge" ? SumCharged : SumListed, new SoldArgs(package, from, until), token).ConfigureAwait(false);
            return rows.ConvertAll(row => new Sold(row.Currency, row.Orders, row.Units, checked((Int128)row.Millions * Million + row.Rest)));
        }, token);

    private const long Million = 1_000_000;

    /// <summary>An instant.</summary>
    public sealed record At(DateTime Instant);

    /// <summary>A package at an instant.</summary>
    public sealed record PackageAt(string Package, DateTime Instant);

    /// <summary>Rows of a package next to a place.</summary>
    public sealed record HistoryArgs(string Package, DateTime ValidFrom, string Purpose, string Currency, int Skip, int Take) : IPaged;

    /// <summary>The first rows of a package.</summary>
    public sealed record FirstOfPackage(string Package, int Skip, int Take) : IPaged;

    /// <summary>Orders of a package within some time.</summary>
    public sealed record SoldArgs(string Package, DateTime From, DateTime Until);

    /// <summary>All prices.</summary>
    public static readonly Sql ListPrices = new($"SELECT {PriceRow.Columns} FROM PackagePrices ORDER BY Package, Purpose DESC, Currency, ValidFrom DESC");

    /// <summary>What holds.</summary>
    public static readonly Sql<At> ListInForce = new($"""
        SELECT {PriceRow.Columns}
        FROM PackagePrices
        WHERE ValidFrom <= @Instant AND (ValidUntil IS NULL OR ValidUntil > @Instant)
        ORDER BY Package, Purpose DESC, Currency
        """);

    /// <summary>What holds of a package.</summary>
    public static readonly Sql<PackageAt> ListInForceOfPackage = new($"""
        SELECT {PriceRow.Columns}
        FROM PackagePrices
        WHERE Package = @Package AND ValidFrom <= @Instant AND (ValidUntil IS NULL OR ValidUntil > @Instant)
        ORDER BY Purpose DESC, Currency
        """);

    /// <summary>The last to begin first.</summary>
    public static readonly Sql<HistoryArgs> ListOlder = new($$"""
        SELECT {{PriceRow.Columns}}
        FROM PackagePrices
        WHERE Package = @Package AND ValidFrom <= @ValidFrom AND (ValidFrom < @ValidFrom OR Purpose < @Purpose OR (Purpose = @Purpose AND Currency < @Currency))
        ORDER BY ValidFrom DESC, Purpose DESC, Currency DESC
        {page}
        """);

    /// <summary>The first to begin first.</summary>
    public static readonly Sql<HistoryArgs> ListNewer = new($$"""
        SELECT {{PriceRow.Columns}}
        FROM PackagePrices
        WHERE Package = @Package AND ValidFrom >= @ValidFrom AND (ValidFrom > @ValidFrom OR Purpose > @Purpose OR (Purpose = @Purpose AND Currency > @Currency))
        ORDER BY ValidFrom, Purpose, Currency
        {page}
        """);

    /// <summary>The last to be withdrawn first.</summary>
    public static readonly Sql<FirstOfPackage> ListWithdrawn = new("""
        SELECT Package, Purpose, Currency, AmountMinor, TaxMode, CreemProductId, ValidFrom, ValidUntil, WithdrawnAt, WithdrawnBy
        FROM WithdrawnPrices
        WHERE Package = @Package
        ORDER BY WithdrawnAt DESC, Id DESC
        {page}
        """);

    /// <summary>Sums of charge amounts; in two parts, as a sum of the largest orders does not fit 64 bits.</summary>
    public static readonly Sql<SoldArgs> SumCharged = new("""
        SELECT ChargeCurrency AS Currency, COUNT(*) AS Orders, SUM(CAST(Units AS bigint)) AS Units, SUM(ChargeMinor / 1000000) AS Millions, SUM(ChargeMinor % 1000000) AS Rest
        FROM Orders
        WHERE Package = @Package AND CreatedAt >= @From AND CreatedAt < @Until
        GROUP BY ChargeCurrency
        ORDER BY ChargeCurrency
        """);

    /// <summary>Sums of list amounts, in the same way.</summary>
    public static readonly Sql<SoldArgs> SumListed = new("""
        SELECT ListCurrency AS Currency, COUNT(*) AS Orders, SUM(CAST(Units AS bigint)) AS Units, SUM(ListMinor / 1000000) AS Millions, SUM(ListMinor % 1000000) AS Rest
        FROM Orders
        WHERE Package = @Package AND CreatedAt >= @From AND CreatedAt < @Until
        GROUP BY ListCurrency
        ORDER BY ListCurrency
        """);

    private sealed class SoldRow
    {
        public string Currency { get; init; } = "";

        public long Orders { get; init; }

        public long Units { get; init; }

        public long Millions { get; init; }

        public long Rest { get; init; }
    }
}

/// <summary>The prices of which at most one holds at any instant.</summary>
/// <param name="Package">Slug of the package.</param>
/// <param name="Purpose"><c>list</c> or <c>charge</c>.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record PriceSeries(string Package, string Purpose, string Currency);

/// <summary>Which price.</summary>
/// <param name="Package">Slug of the package.</param>
/// <param name="Purpose"><c>list</c> or <c>charge</c>.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="ValidFrom">From when it holds, UTC.</param>
public sealed record PriceKey(string Package, string Purpose, string Currency, DateTime ValidFrom);

/// <summary>A place of a package's list of prices: next to a price.</summary>
/// <param name="ValidFrom">When that one begins, UTC.</param>
/// <param name="Purpose">Its purpose.</param>
/// <param name="Currency">Its currency.</param>
/// <param name="Newer">The page holds those before it in the list, which begin later; else those after it.</param>
public sealed record PricePlace(DateTime ValidFrom, string Purpose, string Currency, bool Newer)
{
    internal static readonly PricePlace Newest = new(new DateTime(9999, 12, 31, 0, 0, 0, DateTimeKind.Utc), "list", "ZZZ", Newer: false);

    internal PriceQueries.HistoryArgs Args(string package, int take) => new(package, ValidFrom, Purpose, Currency, 0, take);
}

/// <summary>A dated price; instants are UTC.</summary>
public record PriceRow
{
    internal const string Columns = "Package, Purpose, Currency, AmountMinor, TaxMode, CreemProductId, ValidFrom, ValidUntil";

    /// <summary>Slug of the package.</summary>
    public string Package { get; init; } = "";

    /// <summary><c>list</c> or <c>charge</c>.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Minor units for one unit of the package.</summary>
    public long AmountMinor { get; init; }

    /// <summary><c>inclusive</c> or <c>exclusive</c>; null for list prices.</summary>
    public string? TaxMode { get; init; }

    /// <summary>Creem's product, for charge prices.</summary>
    public string? CreemProductId { get; init; }

    /// <summary>From when it holds.</summary>
    public DateTime ValidFrom { get; init; }

    /// <summary>Until when, not included; null while no end is set.</summary>
    public DateTime? ValidUntil { get; init; }

    /// <summary>When it holds.</summary>
    public PriceSpan Span => new(ValidFrom, ValidUntil);

    /// <summary>What names it.</summary>
    public PriceKey Key => new(Package, Purpose, Currency, ValidFrom);
}

/// <summary>A price that was taken back before it began.</summary>
public sealed record WithdrawnPrice : PriceRow
{
    /// <summary>When it was taken back, UTC.</summary>
    public DateTime WithdrawnAt { get; init; }

    /// <summary>Who did that.</summary>
    public string WithdrawnBy { get; init; } = "";
}
