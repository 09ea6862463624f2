using System.Security.Cryptography;
using System.Text;
using BackOffice.Domain.Orders;

namespace BackOffice.Jobs.Staff;

/// <summary>What is made once, shown once and typed by hand: one-time passwords and recovery codes, 16 characters of 5 bits each.</summary>
public static class OneTimeWords
{
    private const int Characters = 16;
    private const int RecoveryCodes = 10;

    /// <summary>Four groups of four.</summary>
    public static string New()
    {
        Span<byte> dice = stackalloc byte[Characters];
        RandomNumberGenerator.Fill(dice);
        var word = new StringBuilder();
        for (var i = 0; i < Characters; i++)
            word.Append(i > 0 && i % 4 == 0 ? "-" : "").Append(PublicCode.Alphabet[dice[i] & 31]);
        return word.ToString();
    }

    public static IReadOnlyList<string> NewRecoveryCodes() => [.. Enumerable.Range(0, RecoveryCodes).Select(_ => New())];

    /// <summary>SHA-256 of a recovery code as it was typed: 80 bits drawn at random need no salt.</summary>
    public static byte[] Hash(string typed)
    {
        var canonical = new string([.. typed.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit).Select(character => character switch { 'O' => '0', 'I' or 'L' => '1', _ => character })]);
        return SHA256.HashData(Encoding.UTF8.GetBytes("recovery:" + canonical));
    }
}
