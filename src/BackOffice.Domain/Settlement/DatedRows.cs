using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>A stored row of rates that holds for some time and is never edited but for its end. Source: settlement rules 3.</summary>
/// <param name="Id">The row's number; 0 for one that is not stored yet.</param>
/// <param name="ValidFrom">First instant, UTC, a whole quarter-hour; null: always before.</param>
/// <param name="ValidUntil">First instant not included, UTC, a whole quarter-hour; null: no end is set.</param>
public abstract record DatedRow(long Id, DateTime? ValidFrom, DateTime? ValidUntil)
{
    /// <summary>Whether another row is about the same, so that both may not hold for one instant.</summary>
    public abstract bool Excludes(DatedRow other);

    /// <summary>Why a row may not be added that would hold together with this one: it quotes what this one says.</summary>
    public abstract Refusal Overlap();

    /// <summary>Whether it holds at an instant in UTC.</summary>
    public bool Holds(DateTime at) => !(ValidFrom > at) && !(ValidUntil <= at);

    /// <summary>Whether it ends where it begins and so never holds: it was withdrawn.</summary>
    public bool IsWithdrawn => ValidFrom is not null && ValidFrom == ValidUntil;

    /// <summary>Whether both hold for some instant.</summary>
    public bool Meets(DatedRow other) =>
        !IsWithdrawn && !other.IsWithdrawn && (ValidFrom ?? DateTime.MinValue) < (other.ValidUntil ?? DateTime.MaxValue) && (other.ValidFrom ?? DateTime.MinValue) < (ValidUntil ?? DateTime.MaxValue);

    private protected Refusal Overlap(string says) => new("RateRowOverlaps", "valid_from", says, RateRules.Words(ValidFrom), RateRules.Words(ValidUntil));
}

/// <summary>A price of an upstream: a stored row, never edited but for its end. Source: settlement rules 3.</summary>
/// <param name="Id">The row's id; 0 for one that is not stored yet.</param>
/// <param name="Upstream">Who bills it, in canonical form.</param>
/// <param name="Model">The upstream's model, in canonical form.</param>
/// <param name="Part">The part of the tokens it is for.</param>
/// <param name="Band">At which times it holds.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="PriceMicro">Price of a million tokens, in millionths of the currency unit: 0.15 is 150,000.</param>
/// <param name="ValidFrom">First instant, UTC, a whole quarter-hour; null: always before.</param>
/// <param name="ValidUntil">First instant not included, UTC, a whole quarter-hour; null: no end is set.</param>
public sealed record PriceRow(
    long Id, string Upstream, string Model, TokenPart Part, PriceBand Band, string Currency, long PriceMicro, DateTime? ValidFrom, DateTime? ValidUntil)
    : DatedRow(Id, ValidFrom, ValidUntil)
{
    /// <inheritdoc/>
    public override bool Excludes(DatedRow other) =>
        other is PriceRow price && price.Upstream == Upstream && price.Model == Model && price.Part == Part && price.Currency == Currency && RateRules.BandsMeet(price.Band, Band);

    /// <inheritdoc/>
    public override Refusal Overlap() =>
        new("PriceRowOverlaps", "valid_from", PriceBands.NameOf(Band), RateRules.PriceText(PriceMicro), RateRules.Words(ValidFrom), RateRules.Words(ValidUntil));
}

/// <summary>What a model's name stands for at an upstream: a stored row, never edited but for its end. Source: settlement rules 2.</summary>
/// <param name="Id">The row's id; 0 for one that is not stored yet.</param>
/// <param name="Name">The name that records carry, in canonical form.</param>
/// <param name="Upstream">The upstream, in canonical form.</param>
/// <param name="Model">The upstream's model, in canonical form; <see cref="ModelNames.NotTokens"/> when what has this name is not tokens.</param>
/// <param name="ValidFrom">First instant, UTC, a whole quarter-hour; null: always before.</param>
/// <param name="ValidUntil">First instant not included, UTC, a whole quarter-hour; null: no end is set.</param>
public sealed record MappingRow(long Id, string Name, string Upstream, string Model, DateTime? ValidFrom, DateTime? ValidUntil) : DatedRow(Id, ValidFrom, ValidUntil)
{
    /// <inheritdoc/>
    public override bool Excludes(DatedRow other) => other is MappingRow mapping && mapping.Name == Name && mapping.Upstream == Upstream;

    /// <inheritdoc/>
    public override Refusal Overlap() => new("MappingRowOverlaps", "valid_from", Model, RateRules.Words(ValidFrom), RateRules.Words(ValidUntil));
}

/// <summary>What an upstream bills in for some time: a stored row. Source: settlement rules 3.</summary>
/// <param name="Id">The row's number; 0 for one that is not stored yet.</param>
/// <param name="Upstream">The upstream, in canonical form.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="ValidFrom">First instant, UTC, a whole quarter-hour; null: always before.</param>
/// <param name="ValidUntil">First instant not included, UTC, a whole quarter-hour; null: no end is set.</param>
public sealed record CurrencyRow(long Id, string Upstream, string Currency, DateTime? ValidFrom, DateTime? ValidUntil) : DatedRow(Id, ValidFrom, ValidUntil)
{
    /// <inheritdoc/>
    public override bool Excludes(DatedRow other) => other is CurrencyRow row && row.Upstream == Upstream;

    /// <inheritdoc/>
    public override Refusal Overlap() => Overlap(Currency);
}

/// <summary>How an upstream bills for some time. Source: settlement rules 3 and 6.</summary>
/// <param name="Upstream">The upstream, in canonical form.</param>
/// <param name="Currency">Its billing currency, ISO 4217: prices in another are not used for it.</param>
/// <param name="Zone">Time zone of its billing months.</param>
/// <param name="ValidFrom">First instant, UTC, a whole quarter-hour; null: always before.</param>
/// <param name="ValidUntil">First instant not included, UTC, a whole quarter-hour; null: no end is set.</param>
public sealed record UpstreamTerms(string Upstream, string Currency, TimeZoneInfo Zone, DateTime? ValidFrom, DateTime? ValidUntil);

/// <summary>Whose the calls of a console's channel are, where a record does not name its upstream: until the channel's next row begins. Source: settlement rules 2.</summary>
/// <param name="Source">The console.</param>
/// <param name="Channel">The channel's id there.</param>
/// <param name="Upstream">The upstream; null: nobody's.</param>
/// <param name="ValidFrom">First instant, UTC, on a whole quarter-hour; null: since ever.</param>
public sealed record ChannelUpstream(string Source, string Channel, string? Upstream, DateTime? ValidFrom);
