using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

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
    long Id, string Upstream, string Model, TokenPart Part, PriceBand Band, string Currency, long PriceMicro, DateTime? ValidFrom, DateTime? ValidUntil);

/// <summary>What a model's name stands for at an upstream: a stored row, never edited but for its end. Source: settlement rules 2.</summary>
/// <param name="Id">The row's id; 0 for one that is not stored yet.</param>
/// <param name="Name">The name that records carry, in canonical form.</param>
/// <param name="Upstream">The upstream, in canonical form.</param>
/// <param name="Model">The upstream's model, in canonical form; <see cref="ModelNames.NotTokens"/> when what has this name is not tokens.</param>
/// <param name="ValidFrom">First instant, UTC, a whole quarter-hour; null: always before.</param>
/// <param name="ValidUntil">First instant not included, UTC, a whole quarter-hour; null: no end is set.</param>
public sealed record MappingRow(long Id, string Name, string Upstream, string Model, DateTime? ValidFrom, DateTime? ValidUntil);

/// <summary>How an upstream bills for some time. Source: settlement rules 3 and 6.</summary>
/// <param name="Upstream">The upstream, in canonical form.</param>
/// <param name="Currency">Its billing currency, ISO 4217: prices in another are not used for it.</param>
/// <param name="Zone">Time zone of its billing months.</param>
/// <param name="ValidFrom">First instant, UTC, a whole quarter-hour; null: always before.</param>
/// <param name="ValidUntil">First instant not included, UTC, a whole quarter-hour; null: no end is set.</param>
public sealed record UpstreamTerms(string Upstream, string Currency, TimeZoneInfo Zone, DateTime? ValidFrom, DateTime? ValidUntil);
