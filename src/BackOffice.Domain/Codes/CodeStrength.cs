using System.Numerics;

namespace BackOffice.Domain.Codes;

/// <summary>How well codes hide among all that there could be: shown before a batch is made, and a reason to refuse it.</summary>
/// <param name="Alphabet">Different characters at each place, 2 or more.</param>
/// <param name="Characters">Random places, 1 or more; a check character tells nothing new and does not count.</param>
/// <param name="Codes">Codes that share this space, those to be made included; 1 or more.</param>
public sealed record CodeStrength(int Alphabet, int Characters, long Codes)
{
    /// <summary>
    /// A guess may hit any code at most once in 2^45: who could try a hundred a second for a whole year, 3.2 thousand million guesses, would find one with odds of one in ten thousand.
    /// </summary>
    public static readonly BigInteger LeastOneIn = BigInteger.One << 45;

    /// <summary>Of a format.</summary>
    /// <param name="format">Of the batch.</param>
    /// <param name="codes">Codes of this format, those to be made included.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no code.</exception>
    public static CodeStrength Of(CodeFormat format, long codes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(codes, 1);
        return format == CodeFormat.Console ? new(16, 32, codes) : new(32, 15, codes);
    }

    /// <summary>Codes the format can make.</summary>
    public BigInteger Space => BigInteger.Pow(Alphabet, Characters);

    /// <summary>A guess hits one of the codes once in so many tries; the space is full to one part in as many. Rounded down, so never too good.</summary>
    public BigInteger OneIn => Space / Codes;

    /// <summary>Random characters it lacks to be strong enough; 0 when it is.</summary>
    public int Lacking
    {
        get
        {
            var (lacking, space, needed) = (0, Space, LeastOneIn * Codes);
            for (; space < needed; space *= Alphabet)
                lacking++;
            return lacking;
        }
    }
}
