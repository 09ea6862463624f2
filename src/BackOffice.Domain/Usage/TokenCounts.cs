namespace BackOffice.Domain.Usage;

/// <summary>
/// Tokens by part: the normal form of settlement rules 1, in which no token stands in two parts. Of a record none is negative; a sum may be, where a replaced
/// record is taken off again. All arithmetic is checked.
/// </summary>
/// <param name="UncachedInput">Input tokens outside of any cache.</param>
/// <param name="CacheRead">Input tokens read from a cache.</param>
/// <param name="CacheWrite5m">Input tokens written to a cache of five minutes.</param>
/// <param name="CacheWrite1h">Input tokens written to a cache of an hour.</param>
/// <param name="Output">Output tokens.</param>
public readonly record struct TokenCounts(long UncachedInput, long CacheRead, long CacheWrite5m, long CacheWrite1h, long Output)
{
    /// <summary>No tokens at all.</summary>
    public static TokenCounts None => default;

    /// <summary>The tokens of one part.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a part.</exception>
    public long this[TokenPart part] => part switch
    {
        TokenPart.UncachedInput => UncachedInput,
        TokenPart.CacheRead => CacheRead,
        TokenPart.CacheWrite5m => CacheWrite5m,
        TokenPart.CacheWrite1h => CacheWrite1h,
        TokenPart.Output => Output,
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "Not a part of tokens."),
    };

    /// <summary>All input tokens: the four parts that are no output.</summary>
    /// <exception cref="OverflowException">The sum leaves 64 bits.</exception>
    public long Input => checked(UncachedInput + CacheRead + CacheWrite5m + CacheWrite1h);

    /// <summary>Whether every part is 0: such a record needs neither mapping nor price (settlement rules 2).</summary>
    public bool IsNone => (UncachedInput | CacheRead | CacheWrite5m | CacheWrite1h | Output) == 0;

    /// <summary>Tokens of one part alone.</summary>
    public static TokenCounts Of(TokenPart part, long tokens) => part switch
    {
        TokenPart.UncachedInput => new(tokens, 0, 0, 0, 0),
        TokenPart.CacheRead => new(0, tokens, 0, 0, 0),
        TokenPart.CacheWrite5m => new(0, 0, tokens, 0, 0),
        TokenPart.CacheWrite1h => new(0, 0, 0, tokens, 0),
        TokenPart.Output => new(0, 0, 0, 0, tokens),
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "Not a part of tokens."),
    };

    /// <summary>Adds part by part.</summary>
    /// <exception cref="OverflowException">A part leaves 64 bits.</exception>
    public static TokenCounts operator +(TokenCounts left, TokenCounts right) => checked(new(
        left.UncachedInput + right.UncachedInput, left.CacheRead + right.CacheRead, left.CacheWrite5m + right.CacheWrite5m,
        left.CacheWrite1h + right.CacheWrite1h, left.Output + right.Output));

    /// <summary>Subtracts part by part.</summary>
    /// <exception cref="OverflowException">A part leaves 64 bits.</exception>
    public static TokenCounts operator -(TokenCounts left, TokenCounts right) => checked(new(
        left.UncachedInput - right.UncachedInput, left.CacheRead - right.CacheRead, left.CacheWrite5m - right.CacheWrite5m,
        left.CacheWrite1h - right.CacheWrite1h, left.Output - right.Output));
}
