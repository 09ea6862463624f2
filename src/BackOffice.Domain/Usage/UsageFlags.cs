namespace BackOffice.Domain.Usage;

/// <summary>What is to be known of a record whose figures had to be read in a certain way. Source: settlement rules 1.</summary>
[Flags]
public enum UsageFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>What was written to a cache is not split by its life and counts as five minutes.</summary>
    WriteSplitMissing = 1,

    /// <summary>The cached parts came to more than the prompt they should be inside of; the uncached part is 0.</summary>
    CacheExceedsPrompt = 2,

    /// <summary>The console knows no caches: all input counts as uncached.</summary>
    CacheUnknown = 4,

    /// <summary>Quota given back; no tokens.</summary>
    Refund = 8,
}

/// <summary>The words for the flags in files and on pages.</summary>
public static class UsageFlagNames
{
    private static readonly (UsageFlags Flag, string Name)[] Words =
    [
        (UsageFlags.WriteSplitMissing, "write_split_missing"),
        (UsageFlags.CacheExceedsPrompt, "cache_exceeds_prompt"),
        (UsageFlags.CacheUnknown, "cache_unknown"),
        (UsageFlags.Refund, "refund"),
    ];

    /// <summary>The words of the flags that are set, in the order of their values; none when none is.</summary>
    public static IReadOnlyList<string> NamesOf(UsageFlags flags) => [.. Words.Where(word => flags.HasFlag(word.Flag)).Select(word => word.Name)];

    /// <summary>The flag of a word exactly as <see cref="NamesOf"/> writes it; null for any other text.</summary>
    public static UsageFlags? Parse(string text)
    {
        foreach (var (flag, name) in Words)
        {
            if (name == text)
                return flag;
        }
        return null;
    }
}
