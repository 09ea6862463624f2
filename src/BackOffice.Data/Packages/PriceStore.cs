using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Packages;

namespace BackOffice.Data.Packages;

/// <summary>
/// Dated prices: each method is one act in one transaction, with its audit row. All of them hold the package first (<see cref="PackageStore.HoldAsync"/>), so that
/// no two prices of a series can come to hold at one instant, whoever else writes.
/// </summary>
public sealed class PriceStore(Database database, BusinessTime shop)
{
    /// <summary>Adds a price; ends the one before where it begins, if that is wanted.</summary>
    /// <param name="wanted">The price.</param>
    /// <param name="version">The package's version that was read.</param>
    /// <param name="reason">Why, in the person's own words.</param>
    /// <param name="by">Who.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">Somebody was first, or the price would hold at the same time as another one (fields <c>from</c>, <c>until</c>).</exception>
    public Task AddAsync(WantedPrice wanted, long version, string reason, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            await PackageStore.HoldAsync(session, wanted.Series.Package, version, token).ConfigureAwait(false);
            var span = new PriceSpan(wanted.From ?? session.At, wanted.Until);
            var present = await session.ListAsync<PriceRow>(ListSeries, wanted.Series, token).ConfigureAwait(false);
            Require(PriceRules.Add(present.Select(price => price.Span), span, wanted.EndsPresent, session.At, shop, out var ended));
            var before = present.Find(price => price.Span.Holds(span.From));
            if (ended is { } start)
                await session.ExecuteAsync(SetEnd, new EndArgs(wanted.Series.Package, wanted.Series.Purpose, wanted.Series.Currency, start, span.From), token).ConfigureAwait(false);
            var price = wanted.At(span);
            await session.ExecuteAsync(Insert, Args(price), token).ConfigureAwait(false);
            var act = Act(AuditActions.PriceAdded, price.Package, reason, by) with
            {
                Before = before is null ? null : Facts(before),
                After = Facts(price),
                Details = ended is null ? null : new { EndedFrom = ended, EndedUntil = span.From },
            };
            await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
        }, token);

    /// <summary>Sets the end of a price that has none.</summary>
    /// <param name="key">Which one.</param>
    /// <param name="version">The package's version that was read.</param>
    /// <param name="until">The first instant at which it does not hold, UTC; null for now.</param>
    /// <param name="reason">Why, in the person's own words.</param>
    /// <param name="by">Who.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">Somebody was first, it has an end, or the end lies in the past (field <c>until</c>).</exception>
    public Task EndAsync(PriceKey key, long version, DateTime? until, string reason, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var before = await HoldPriceAsync(session, key, version, token).ConfigureAwait(false);
            var end = until ?? session.At;
            Require(PriceRules.End(before.Span, end, session.At, shop));
            await session.ExecuteAsync(SetEnd, new EndArgs(key.Package, key.Purpose, key.Currency, key.ValidFrom, end), token).ConfigureAwait(false);
            var act = Act(AuditActions.PriceEnded, key.Package, reason, by) with { Before = Facts(before), After = Facts(before with { ValidUntil = end }) };
            await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
        }, token);

    /// <summary>Takes a price back that has not begun. It is kept apart, on record.</summary>
    /// <exception cref="RefusedException">Somebody was first, or it has begun.</exception>
    public Task WithdrawAsync(PriceKey key, long version, string reason, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var before = await HoldPriceAsync(session, key, version, token).ConfigureAwait(false);
            Require(PriceRules.Withdraw(before.Span, session.At, shop));
            await session.ExecuteAsync(InsertWithdrawn, new WithdrawnArgs(
                Ids.New(session.At), before.Package, before.Purpose, before.Currency, before.AmountMinor, before.TaxMode, before.CreemProductId, before.ValidFrom, before.ValidUntil, session.At, by), token).ConfigureAwait(false);
            await session.ExecuteAsync(Delete, key, token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, Act(AuditActions.PriceWithdrawn, key.Package, reason, by) with { Before = Facts(before) }, token).ConfigureAwait(false);
        }, token);

    private static async Task<PriceRow> HoldPriceAsync(WriteSession session, PriceKey key, long version, CancellationToken token)
    {
        await PackageStore.HoldAsync(session, key.Package, version, token).ConfigureAwait(false);
        return await session.FindAsync<PriceRow>(ReadPrice, key, token).ConfigureAwait(false) ?? throw new RefusedException(new Refusal("PackageChanged", ""));
    }

    private static void Require(Refusal? refusal)
    {
        if (refusal is not null)
            throw new RefusedException(refusal);
    }

    private static AuditAct Act(string action, string package, string reason, string by) => new() { Who = by, Action = action, Subject = PackageStore.Subject(package), Reason = reason };

    private static object Facts(PriceRow price) => new { price.Purpose, price.Currency, price.AmountMinor, price.TaxMode, price.CreemProductId, price.ValidFrom, price.ValidUntil };

    private static PriceArgs Args(PriceRow price) => new(price.Package, price.Purpose, price.Currency, price.AmountMinor, price.TaxMode, price.CreemProductId, price.ValidFrom, price.ValidUntil);

    /// <summary>Columns of a price.</summary>
    public sealed record PriceArgs(string Package, string Purpose, string Currency, long AmountMinor, string? TaxMode, string? CreemProductId, DateTime ValidFrom, DateTime? ValidUntil);

    /// <summary>The end of a price.</summary>
    public sealed record EndArgs(string Package, string Purpose, string Currency, DateTime ValidFrom, DateTime ValidUntil);

    /// <summary>Columns of a price that is withdrawn.</summary>
    public sealed record WithdrawnArgs(
        Guid Id, string Package, string Purpose, string Currency, long AmountMinor, string? TaxMode, string? CreemProductId, DateTime ValidFrom, DateTime? ValidUntil, DateTime WithdrawnAt, string WithdrawnBy);

    /// <summary>A series in the order of time.</summary>
    public static readonly Sql<PriceSeries> ListSeries = new($"""
        SELECT {PriceRow.Columns} FROM PackagePrices WHERE Package = @Package AND Purpose = @Purpose AND Currency = @Currency ORDER BY ValidFrom
        """);

    /// <summary>One price.</summary>
    public static readonly Sql<PriceKey> ReadPrice = new($"""
        SELECT {PriceRow.Columns} FROM PackagePrices WHERE Package = @Package AND Purpose = @Purpose AND Currency = @Currency AND ValidFrom = @ValidFrom
        """);

    /// <summary>A new price.</summary>
    public static readonly Sql<PriceArgs> Insert = new("""
        INSERT INTO PackagePrices (Package, Purpose, Currency, AmountMinor, TaxMode, CreemProductId, ValidFrom, ValidUntil)
        VALUES (@Package, @Purpose, @Currency, @AmountMinor, @TaxMode, @CreemProductId, @ValidFrom, @ValidUntil)
        """);

    /// <summary>Once only.</summary>
    public static readonly Sql<EndArgs> SetEnd = new("""
        UPDATE PackagePrices SET ValidUntil = @ValidUntil
        WHERE Package = @Package AND Purpose = @Purpose AND Currency = @Currency AND ValidFrom = @ValidFrom AND ValidUntil IS NULL
        """);

    /// <summary>On record.</summary>
    public static readonly Sql<WithdrawnArgs> InsertWithdrawn = new("""
        INSERT INTO WithdrawnPrices (Id, Package, Purpose, Currency, AmountMinor, TaxMode, CreemProductId, ValidFrom, ValidUntil, WithdrawnAt, WithdrawnBy)
        VALUES (@Id, @Package, @Purpose, @Currency, @AmountMinor, @TaxMode, @CreemProductId, @ValidFrom, @ValidUntil, @WithdrawnAt, @WithdrawnBy)
        """);

    /// <summary>It never held.</summary>
    public static readonly Sql<PriceKey> Delete = new("DELETE FROM PackagePrices WHERE Package = @Package AND Purpose = @Purpose AND Currency = @Currency AND ValidFrom = @ValidFrom");
}

/// <summary>A price that is to be added.</summary>
/// <param name="Series">Whose, for what, in which currency.</param>
/// <param name="AmountMinor">Minor units for one unit of the package, 1 or more.</param>
/// <param name="TaxMode"><c>inclusive</c> or <c>exclusive</c>; null for list prices.</param>
/// <param name="CreemProductId">Creem's product; null for list prices, and where there is none yet.</param>
/// <param name="From">From when it is to hold, UTC; null for the instant at which it is added.</param>
/// <param name="Until">Until when, not included, UTC; null for no end.</param>
/// <param name="EndsPresent">A price without an end that began before ends where this one begins.</param>
public sealed record WantedPrice(PriceSeries Series, long AmountMinor, string? TaxMode, string? CreemProductId, DateTime? From, DateTime? Until, bool EndsPresent)
{
    /// <summary>The price as a row.</summary>
    public PriceRow At(PriceSpan span) => new()
    {
        Package = Series.Package,
        Purpose = Series.Purpose,
        Currency = Series.Currency,
        AmountMinor = AmountMinor,
        TaxMode = TaxMode,
        CreemProductId = CreemProductId,
        ValidFrom = span.From,
        ValidUntil = span.Until,
    };
}
