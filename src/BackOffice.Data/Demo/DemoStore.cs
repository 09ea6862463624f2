using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Packages;

namespace BackOffice.Data.Demo;

/// <summary>What a demo shop needs besides the facts that come in through the intakes: whether it may be loaded at all, charge prices and fee rules.</summary>
public sealed class DemoStore(Database database)
{
    /// <summary>What the shop holds already.</summary>
    public async Task<DemoBeginning> BeginningAsync(CancellationToken token = default)
    {
        await using var session = await database.OpenAsync(token).ConfigureAwait(false);
        var orders = await session.GetAsync<OrdersRow>(ReadOrders, token: token).ConfigureAwait(false);
        var ofDemo = orders.HasOthers || orders.FirstAt is null ? [] : await session.ListAsync<string>(ListOrderNumbers, token: token).ConfigureAwait(false);
        return new DemoBeginning(orders.HasOthers, orders.FirstAt, ofDemo);
    }

    /// <summary>Adds the charge prices and fee rules that are not there; once they are, this is no act any more.</summary>
    public Task AddSettingsAsync(IReadOnlyList<ChargePrice> prices, IReadOnlyList<FeePrice> fees, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            var (pricesAdded, feesAdded) = (0, 0);
            // In one order, as all who price a package hold it first: no other price can come in between.
            foreach (var price in prices.OrderBy(price => price.Package, StringComparer.Ordinal))
            {
                await session.ExecuteAsync(PackageStore.AdvanceAnyVersion, new PackageStore.OfPackage(price.Package), token).ConfigureAwait(false);
                pricesAdded += await session.ExecuteAsync(InsertPrice, price, token).ConfigureAwait(false);
            }
            foreach (var fee in fees)
                feesAdded += await session.ExecuteAsync(InsertFee, new NewFee(fee.Currency, fee.PartsPerMillion, fee.FixedMinor, fee.ValidFrom, session.At), token).ConfigureAwait(false);
            if (pricesAdded + feesAdded > 0)
                await AuditLog.AppendAsync(session, Act(pricesAdded, feesAdded), token).ConfigureAwait(false);
        }, token);

    private static AuditAct Act(int prices, int feeRules) =>
        new() { Who = "system", Action = AuditActions.DemoLoaded, Subject = AuditSubject.Of("shop", "demo"), Details = new { Prices = prices, FeeRules = feeRules } };

    /// <summary>A fee rule with the moment we learnt it.</summary>
    public sealed record NewFee(string Currency, long PartsPerMillion, long FixedMinor, DateTime ValidFrom, DateTime RecordedAt);

    /// <summary>Whether there are orders of another source, and when the first order of all was recorded.</summary>
    public static readonly Sql ReadOrders = new("""
        SELECT CASE WHEN EXISTS (SELECT 1 FROM Orders WHERE Source <> 'demo') THEN 1 ELSE 0 END AS HasOthers, (SELECT MIN(RecordedAt) FROM Orders) AS FirstAt
        """);

    /// <summary>Every order there is.</summary>
    public static readonly Sql ListOrderNumbers = new("SELECT OrderNo FROM Orders ORDER BY OrderNo");

    /// <summary>A charge price, unless the package has one in that currency.</summary>
    public static readonly Sql<ChargePrice> InsertPrice = new("""
        INSERT INTO PackagePrices (Package, Purpose, Currency, AmountMinor, TaxMode, CreemProductId, ValidFrom)
        SELECT @Package, 'charge', @Currency, @AmountMinor, @TaxMode, @CreemProductId, @ValidFrom
        WHERE NOT EXISTS (SELECT 1 FROM PackagePrices WHERE Package = @Package AND Purpose = 'charge' AND Currency = @Currency)
        """);

    /// <summary>A fee rule, unless the currency has one.</summary>
    public static readonly Sql<NewFee> InsertFee = new("""
        INSERT INTO FeeRules (Currency, PartsPerMillion, FixedMinor, ValidFrom, RecordedAt)
        SELECT @Currency, @PartsPerMillion, @FixedMinor, @ValidFrom, @RecordedAt
        WHERE NOT EXISTS (SELECT 1 FROM FeeRules WHERE Currency = @Currency)
        """);

    private sealed class OrdersRow
    {
        public bool HasOthers { get; init; }

        public DateTime? FirstAt { get; init; }
    }
}

/// <summary>What a shop holds before a demo is loaded.</summary>
/// <param name="HasOthers">Orders that came another way: the shop is no demo.</param>
/// <param name="FirstAt">When the first order was recorded, UTC; null when there is none.</param>
/// <param name="OrderNumbers">The orders of a demo that was begun.</param>
public sealed record DemoBeginning(bool HasOthers, DateTime? FirstAt, IReadOnlyList<string> OrderNumbers);

/// <summary>What a customer is charged for one unit.</summary>
/// <param name="Package">Slug of the package.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="AmountMinor">Minor units.</param>
/// <param name="TaxMode"><c>inclusive</c> or <c>exclusive</c>.</param>
/// <param name="CreemProductId">Creem's <c>prod_</c> id.</param>
/// <param name="ValidFrom">UTC.</param>
public sealed record ChargePrice(string Package, string Currency, long AmountMinor, string TaxMode, string CreemProductId, DateTime ValidFrom);

/// <summary>An estimated fee of one currency.</summary>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="PartsPerMillion">Of the amount paid.</param>
/// <param name="FixedMinor">Minor units.</param>
/// <param name="ValidFrom">UTC.</param>
public sealed record FeePrice(string Currency, long PartsPerMillion, long FixedMinor, DateTime ValidFrom);
