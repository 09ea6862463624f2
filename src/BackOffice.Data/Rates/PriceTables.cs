using BackOffice.Data.Engine;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Rates;

/// <summary>Prices of upstreams (settlement rules 3).</summary>
public sealed class PriceTable : RateTable
{
    /// <inheritdoc/>
    public override string Kind => RateKinds.Price;

    /// <inheritdoc/>
    public override string? GroupOf(DatedRow row) => ((PriceRow)row).Upstream;

    internal override object FactsOf(DatedRow row)
    {
        var price = (PriceRow)row;
        return new { Kind, price.Model, Part = TokenParts.NameOf(price.Part), Band = PriceBands.NameOf(price.Band), price.Currency, PricePerMillion = RateRules.PriceText(price.PriceMicro), price.ValidFrom, price.ValidUntil };
    }

    internal override Task<List<KeptRow>> ListAsync(Session session, string? group, CancellationToken token) => ReadAsync<PriceRead>(session, List, new OfUpstream(group!), token);

    internal override async Task<long> InsertAsync(WriteSession session, DatedRow row, string origin, string by, CancellationToken token)
    {
        var price = (PriceRow)row;
        var number = await session.NextNumberAsync("UpstreamPrices", token).ConfigureAwait(false);
        var args = new NewPrice(
            number, price.Upstream, price.Model, TokenParts.NameOf(price.Part), PriceBands.NameOf(price.Band), price.Currency, price.PriceMicro, price.ValidFrom, price.ValidUntil, origin, session.At, by);
        await session.ExecuteAsync(Insert, args, token).ConfigureAwait(false);
        return number;
    }

    internal override Task CloseAsync(WriteSession session, DatedRow row, DateTime until, CancellationToken token) => session.ExecuteAsync(Close, new Ending(row.Id, until), token);

    /// <summary>A price to be stored.</summary>
    public sealed record NewPrice(
        long Number, string Upstream, string Model, string Part, string Band, string Currency, long PriceMicro, DateTime? ValidFrom, DateTime? ValidUntil, string Origin,
        DateTime RecordedAt, string RecordedBy);

    /// <summary>An upstream's prices.</summary>
    public static readonly Sql<OfUpstream> List = new($"SELECT {RateQueries.PriceColumns}, Origin, RecordedAt, RecordedBy FROM UpstreamPrices WHERE Upstream = @Upstream");

    /// <summary>A new price.</summary>
    public static readonly Sql<NewPrice> Insert = new("""
        INSERT INTO UpstreamPrices (Number, Upstream, Model, Part, Band, Currency, PriceMicro, ValidFrom, ValidUntil, Origin, RecordedAt, RecordedBy)
        VALUES (@Number, @Upstream, @Model, @Part, @Band, @Currency, @PriceMicro, @ValidFrom, @ValidUntil, @Origin, @RecordedAt, @RecordedBy)
        """);

    /// <summary>Sets a blank end, once.</summary>
    public static readonly Sql<Ending> Close = new("UPDATE UpstreamPrices SET ValidUntil = @ValidUntil WHERE Number = @Number AND ValidUntil IS NULL");
}

/// <summary>What names stand for (settlement rules 2).</summary>
public sealed class MappingTable : RateTable
{
    /// <inheritdoc/>
    public override string Kind => RateKinds.Mapping;

    /// <inheritdoc/>
    public override string? GroupOf(DatedRow row) => ((MappingRow)row).Upstream;

    internal override object FactsOf(DatedRow row)
    {
        var mapping = (MappingRow)row;
        return new { Kind, mapping.Name, mapping.Model, mapping.ValidFrom, mapping.ValidUntil };
    }

    internal override Task<List<KeptRow>> ListAsync(Session session, string? group, CancellationToken token) => ReadAsync<MappingRead>(session, List, new OfUpstream(group!), token);

    internal override async Task<long> InsertAsync(WriteSession session, DatedRow row, string origin, string by, CancellationToken token)
    {
        var mapping = (MappingRow)row;
        var number = await session.NextNumberAsync("ModelMappings", token).ConfigureAwait(false);
        var args = new NewMapping(number, mapping.Name, mapping.Upstream, mapping.Model, mapping.ValidFrom, mapping.ValidUntil, origin, session.At, by);
        await session.ExecuteAsync(Insert, args, token).ConfigureAwait(false);
        return number;
    }

    internal override Task CloseAsync(WriteSession session, DatedRow row, DateTime until, CancellationToken token) => session.ExecuteAsync(Close, new Ending(row.Id, until), token);

    /// <summary>A mapping to be stored.</summary>
    public sealed record NewMapping(
        long Number, string Name, string Upstream, string Model, DateTime? ValidFrom, DateTime? ValidUntil, string Origin, DateTime RecordedAt, string RecordedBy);

    /// <summary>The names of an upstream.</summary>
    public static readonly Sql<OfUpstream> List = new($"SELECT {RateQueries.MappingColumns}, Origin, RecordedAt, RecordedBy FROM ModelMappings WHERE Upstream = @Upstream");

    /// <summary>A new mapping.</summary>
    public static readonly Sql<NewMapping> Insert = new("""
        INSERT INTO ModelMappings (Number, Name, Upstream, Model, ValidFrom, ValidUntil, Origin, RecordedAt, RecordedBy)
        VALUES (@Number, @Name, @Upstream, @Model, @ValidFrom, @ValidUntil, @Origin, @RecordedAt, @RecordedBy)
        """);

    /// <summary>Sets a blank end, once.</summary>
    public static readonly Sql<Ending> Close = new("UPDATE ModelMappings SET ValidUntil = @ValidUntil WHERE Number = @Number AND ValidUntil IS NULL");
}

internal sealed class PriceRead : RateRead
{
    public string Upstream { get; init; } = "";

    public string Model { get; init; } = "";

    public string Part { get; init; } = "";

    public string Band { get; init; } = "";

    public string Currency { get; init; } = "";

    public long PriceMicro { get; init; }

    public PriceRow Row => new(Number, Upstream, Model, TokenParts.Parse(Part)!.Value, PriceBands.Parse(Band)!.Value, Currency, PriceMicro, ValidFrom, ValidUntil);

    public override DatedRow Dated => Row;
}

internal sealed class MappingRead : RateRead
{
    public string Name { get; init; } = "";

    public string Upstream { get; init; } = "";

    public string Model { get; init; } = "";

    public MappingRow Row => new(Number, Name, Upstream, Model, ValidFrom, ValidUntil);

    public override DatedRow Dated => Row;
}
