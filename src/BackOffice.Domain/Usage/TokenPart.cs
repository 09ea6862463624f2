namespace BackOffice.Domain.Usage;

/// <summary>The five parts into which a request's tokens fall, each with a price of its own. Source: settlement rules 1 and 3.</summary>
public enum TokenPart
{
    /// <summary>Input that no cache knew and that was not written to one.</summary>
    UncachedInput,

    /// <summary>Input read from a cache.</summary>
    CacheRead,

    /// <summary>Input written to a cache that lives five minutes; also what is written when a row does not say for how long.</summary>
    CacheWrite5m,

    /// <summary>Input written to a cache that lives an hour.</summary>
    CacheWrite1h,

    /// <summary>Output, reasoning included.</summary>
    Output,
}

/// <summary>The words for the parts in files, rows and addresses.</summary>
public static class TokenParts
{
    /// <summary>All parts, in the order of the columns of usage files.</summary>
    public static readonly IReadOnlyList<TokenPart> All = [TokenPart.UncachedInput, TokenPart.CacheRead, TokenPart.CacheWrite5m, TokenPart.CacheWrite1h, TokenPart.Output];

    /// <summary>The word of a part, such as <c>cache_write_5m</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a part.</exception>
    public static string NameOf(TokenPart part) => part switch
    {
        TokenPart.UncachedInput => "uncached_input",
        TokenPart.CacheRead => "cache_read",
        TokenPart.CacheWrite5m => "cache_write_5m",
        TokenPart.CacheWrite1h => "cache_write_1h",
        TokenPart.Output => "output",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "Not a part of tokens."),
    };

    /// <summary>The part of a word exactly as <see cref="NameOf"/> writes it; null for any other text.</summary>
    public static TokenPart? Parse(string text) => text switch
    {
        "uncached_input" => TokenPart.UncachedInput,
        "cache_read" => TokenPart.CacheRead,
        "cache_write_5m" => TokenPart.CacheWrite5m,
        "cache_write_1h" => TokenPart.CacheWrite1h,
        "output" => TokenPart.Output,
        _ => null,
    };

    /// <summary>Whether the part belongs to the input, of which the cache hit rate is taken.</summary>
    public static bool IsInput(TokenPart part) => part is not TokenPart.Output;
}
