namespace BackOffice.Domain.Settlement;

/// <summary>
/// What a token of a part cost under a set of names on a day, exact: an amount over the tokens it is for. Key by key and day there are only sums, exact amounts only by names
/// and quarter-hour; so the tokens of a key are taken to cost what those of its day, names and part cost on the average.
/// </summary>
public readonly record struct CostRate
{
    private CostRate(long whole, long rest, long tokens) => (Whole, Rest, Tokens) = (whole, rest, tokens);

    /// <summary>Thousandths of a nano a token, cut.</summary>
    internal long Whole { get; }

    /// <summary>What the cut left of the amount.</summary>
    internal long Rest { get; }

    /// <summary>The tokens; 0 for no rate.</summary>
    internal long Tokens { get; }

    /// <summary>A rate.</summary>
    /// <param name="amount">Sum of tokens x price in millionths: thousandths of a nano, 0 or more.</param>
    /// <param name="tokens">The tokens, more than 0.</param>
    public static CostRate Of(Int128 amount, long tokens)
    {
        var (whole, rest) = Int128.DivRem(amount, tokens);
        return new CostRate(checked((long)whole), (long)rest, tokens);
    }

    /// <summary>What tokens cost, thousandths of a nano, exact.</summary>
    public Fraction Of(long tokens) => Tokens == 0 ? Fraction.Zero : new Fraction(Whole, 1) * tokens + new Fraction((System.Numerics.BigInteger)Rest * tokens, Tokens);
}

/// <summary>
/// A sum of costs without long fractions: whole thousandths of a nano, and parts of one cut at 2^-64. As long as what was cut cannot matter it rounds as the exact sum does, and
/// it knows when it cannot tell.
/// </summary>
public struct CostSum
{
    private const int FractionBits = 64;
    private const int PerNano = 1000;

    private Int128 whole;
    private UInt128 parts;
    private int cut;

    /// <summary>The sum in nano, rounded down: for putting sums in order.</summary>
    public readonly Int128 Nano => Units / PerNano;

    private readonly Int128 Units => whole + (Int128)(parts >> FractionBits);

    /// <summary>Adds what tokens cost.</summary>
    /// <param name="rate">The rate.</param>
    /// <param name="tokens">Tokens, 0 or more.</param>
    public void Add(in CostRate rate, long tokens)
    {
        if (rate.Tokens == 0 || tokens == 0)
            return;
        whole = checked(whole + (Int128)rate.Whole * tokens);
        if (rate.Rest == 0)
            return;
        var (more, rest) = UInt128.DivRem((UInt128)(ulong)rate.Rest * (ulong)tokens, (ulong)rate.Tokens);
        whole += (Int128)more;
        var (fraction, lost) = UInt128.DivRem(rest << FractionBits, (ulong)rate.Tokens);
        parts += fraction;
        cut += lost == 0 ? 0 : 1;
    }

    /// <summary>The sum in nano, rounded half to even.</summary>
    /// <returns>False: the sum lies so near to half a nano that only the exact fractions tell.</returns>
    /// <exception cref="RefusedException">It leaves 64 bits: <c>SettlementTooLarge</c>.</exception>
    public readonly bool TryRound(out long nano)
    {
        var (floor, rest) = Int128.DivRem(Units, PerNano);
        var fraction = (ulong)(parts & ulong.MaxValue);
        var half = PerNano / 2;
        // The exact sum is more than this where something was cut, and by less than as many 2^-64 as were cut.
        var isUp = rest > half || (rest == half && (fraction > 0 || cut > 0 || Int128.IsOddInteger(floor)));
        var mayBeUp = isUp || (rest == half - 1 && fraction > ulong.MaxValue - (ulong)cut);
        nano = SettlementMath.Fit(floor + (isUp ? 1 : 0));
        return isUp == mayBeUp;
    }
}
