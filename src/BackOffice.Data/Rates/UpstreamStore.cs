using BackOffice.Data.Engine;

namespace BackOffice.Data.Rates;

/// <summary>Upstreams made known by what names them first (settlement rules 3): billed in the first price's currency, in months of the shop's zone, without a calendar.</summary>
internal static class UpstreamStore
{
    /// <summary>Makes an upstream known, if it is not.</summary>
    public static async Task EnsureAsync(WriteSession session, string upstream, string? currency, string zone, string by, CancellationToken token)
    {
        await session.ExecuteAsync(Insert, new NewUpstream(upstream, zone, session.At, by), token).ConfigureAwait(false);
        if (currency is null || await session.GetAsync<int>(CountCurrencies, new OfUpstream(upstream), token).ConfigureAwait(false) > 0)
            return;
        var number = await session.NextNumberAsync("UpstreamCurrencies", token).ConfigureAwait(false);
        await session.ExecuteAsync(InsertCurrency, new NewCurrency(number, upstream, currency, session.At, by), token).ConfigureAwait(false);
    }

    /// <summary>Which upstream.</summary>
    public sealed record OfUpstream(string Upstream);

    /// <summary>An upstream not known before.</summary>
    public sealed record NewUpstream(string Name, string Zone, DateTime RecordedAt, string RecordedBy);

    /// <summary>What an upstream bills in.</summary>
    public sealed record NewCurrency(long Number, string Upstream, string Currency, DateTime RecordedAt, string RecordedBy);

    /// <summary>A new upstream, if it is one.</summary>
    public static readonly Sql<NewUpstream> Insert = new("""
        INSERT INTO Upstreams (Name, Zone, RecordedAt, RecordedBy)
        SELECT @Name, @Zone, @RecordedAt, @RecordedBy
        WHERE NOT EXISTS (SELECT 1 FROM Upstreams WHERE Name = @Name)
        """);

    /// <summary>Whether an upstream has a currency.</summary>
    public static readonly Sql<OfUpstream> CountCurrencies = new("SELECT COUNT(*) FROM UpstreamCurrencies WHERE Upstream = @Upstream");

    /// <summary>A currency, since ever.</summary>
    public static readonly Sql<NewCurrency> InsertCurrency = new("""
        INSERT INTO UpstreamCurrencies (Number, Upstream, Currency, ValidFrom, ValidUntil, RecordedAt, RecordedBy)
        VALUES (@Number, @Upstream, @Currency, NULL, NULL, @RecordedAt, @RecordedBy)
        """);
}
