using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>The raw names by which usage is rolled up; mapped and priced when read, so that a mapping added later counts for usage taken in before.</summary>
/// <param name="Source">The console, as its records are identified by it.</param>
/// <param name="Upstream">The upstream that the records themselves name; null when they name none.</param>
/// <param name="ConsoleName">The model as the console calls it.</param>
/// <param name="UpstreamName">The model as the upstream calls it; null when the rows do not have it.</param>
/// <param name="Channel">The console's channel id as text; null when the rows name none.</param>
public sealed record UsageNames(string Source, string? Upstream, string ConsoleName, string? UpstreamName, string? Channel)
{
    /// <summary>The name that lists show: the upstream's when there is one, else the console's, in canonical form. Source: DESIGN 6.</summary>
    public string Shown => ModelNames.CanonicalOrNull(UpstreamName) ?? ModelNames.Canonical(ConsoleName);
}

/// <summary>The usage of one quarter-hour under one set of names.</summary>
/// <param name="Names">Place in the list of names that the engine was given, from 0.</param>
/// <param name="Quarter">The quarter-hour, see <see cref="Quarters"/>.</param>
/// <param name="Tokens">Tokens of all its records; negative only in adjustments, where a replaced record is taken off.</param>
/// <param name="Records">Number of its records.</param>
public readonly record struct UsageCell(int Names, long Quarter, TokenCounts Tokens, long Records);
