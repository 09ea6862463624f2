namespace BackOffice.Domain.Usage;

/// <summary>
/// The token fields of a New API consume row, each at least 0 and 0 where the row has none. Whether the cached tokens lie inside of the prompt differs from row
/// to row: <see cref="Normalise"/> is the one place that knows. Source: settlement rules 1.
/// </summary>
/// <param name="Prompt"><c>prompt_tokens</c>.</param>
/// <param name="Completion"><c>completion_tokens</c>.</param>
/// <param name="CacheTokens"><c>other.cache_tokens</c>.</param>
/// <param name="Write5m"><c>other.cache_creation_tokens_5m</c>.</param>
/// <param name="Write1h"><c>other.cache_creation_tokens_1h</c>.</param>
/// <param name="CacheCreation"><c>other.cache_creation_tokens</c>.</param>
/// <param name="CacheWrite"><c>other.cache_write_tokens</c>.</param>
/// <param name="InputTotal"><c>other.input_tokens_total</c>; null when the row does not have it.</param>
/// <param name="IsAnthropic"><c>other.claude</c> is true or <c>other.usage_semantic</c> is <c>anthropic</c>.</param>
public readonly record struct NewApiFigures(
    long Prompt, long Completion, long CacheTokens, long Write5m, long Write1h, long CacheCreation, long CacheWrite, long? InputTotal, bool IsAnthropic)
{
    /// <summary>The row in normal form.</summary>
    /// <param name="flags">What had to be read in a certain way.</param>
    /// <exception cref="OverflowException">Figures beyond <see cref="UsageRules.MostTokens"/> left 64 bits.</exception>
    public TokenCounts Normalise(out UsageFlags flags)
    {
        flags = UsageFlags.None;
        var split = Write5m + Write1h;
        var rest = Math.Max(Math.Max(CacheCreation, CacheWrite) - split, 0);
        if (split == 0 && rest > 0)
            flags |= UsageFlags.WriteSplitMissing;
        var uncached = Uncached(CacheTokens + split + rest);
        if (uncached < 0)
            flags |= UsageFlags.CacheExceedsPrompt;
        return new TokenCounts(Math.Max(uncached, 0), CacheTokens, Write5m + rest, Write1h, Completion);
    }

    // The stated total counts everything; without it an Anthropic prompt is without the cached parts, any other is with them.
    private long Uncached(long cached) => InputTotal is { } total ? total - cached : IsAnthropic ? Prompt : Prompt - cached;
}
