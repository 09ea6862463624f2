using BackOffice.Data.Engine;
using BackOffice.Domain.Settlement;

namespace BackOffice.Data.Rates;

/// <summary>Upstreams made known by what names them first (settlement rules 3): billed in the first price's currency, in months of the shop's zone, without a calendar.</summary>
internal static class UpstreamStore
{
    /// <summary>Makes an upstream known, if it is not.</summary>
    /// <returns>Whether it was not.</returns>
    public static async Task<bool> EnsureAsync(WriteSession session, string upstream, string? currency, string zone, string by, CancellationToken token)
    {
        var isNew = await session.ExecuteAsync(Insert, new NewUpstream(upstream, zone, session.At, by), token).ConfigureAwait(false) > 0;
        if (currency is not null)
            await TellCurrencyAsync(session, upstream, currency, by, token).ConfigureAwait(false);
        return isNew;
    }

    /// <summary>An upstream bills in a currency since ever, if nothing has told what it bills in.</summary>
    public static async Task TellCurrencyAsync(WriteSession session, string upstream, string currency, string by, CancellationToken token)
    {
        if (await session.GetAsync<int>(CountCurrencies, new RateTable.OfUpstream(upstream), token).ConfigureAwait(false) == 0)
            await RateTables.Currencies.InsertAsync(session, new CurrencyRow(0, upstream, currency, null, null), "", by, token).ConfigureAwait(false);
    }

    /// <summary>Sets the zone of an upstream's months, as long as nothing has told what it bills in.</summary>
    /// <returns>The zone before; null when it was not set.</returns>
    public static async Task<string?> SetZoneAsync(WriteSession session, string upstream, string zone, CancellationToken token)
    {
        if (await session.GetAsync<int>(CountCurrencies, new RateTable.OfUpstream(upstream), token).ConfigureAwait(false) > 0)
            return null;
        var before = await session.FindAsync<string>(FindZone, new RateTable.OfUpstream(upstream), token).ConfigureAwait(false);
        return await session.ExecuteAsync(UpdateZone, new NewZone(upstream, zone), token).ConfigureAwait(false) > 0 ? before : null;
    }

    /// <summary>An upstream not known before.</summary>
    public sealed record NewUpstream(string Name, string Zone, DateTime RecordedAt, string RecordedBy);

    /// <summary>An upstream's zone.</summary>
    public sealed record NewZone(string Name, string Zone);

    /// <summary>The zone of an upstream's months.</summary>
    public static readonly Sql<RateTable.OfUpstream> FindZone = new("SELECT Zone FROM Upstreams WHERE Name = @Upstream");

    /// <summary>A new upstream, if it is one.</summary>
    public static readonly Sql<NewUpstream> Insert = new("""
        INSERT INTO Upstreams (Name, Zone, RecordedAt, RecordedBy)
        SELECT @Name, @Zone, @RecordedAt, @RecordedBy
        WHERE NOT EXISTS (SELECT 1 FROM Upstreams WHERE Name = @Name)
        """);

    /// <summary>The zone of an upstream's months.</summary>
    public static readonly Sql<NewZone> UpdateZone = new("UPDATE Upstreams SET Zone = @Zone WHERE Name = @Name");

    /// <summary>Whether an upstream has a currency; what was withdrawn is none.</summary>
    public static readonly Sql<RateTable.OfUpstream> CountCurrencies = new("""
        SELECT COUNT(*) FROM UpstreamCurrencies WHERE Upstream = @Upstream AND (ValidFrom IS NULL OR ValidUntil IS NULL OR ValidUntil > ValidFrom)
        """);
}
