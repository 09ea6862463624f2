using OtpNet;

namespace BackOffice.Jobs.Staff;

/// <summary>Codes of an app (RFC 6238): six digits, SHA-1, a new one every 30 seconds, as every app makes them. One step before and after is taken too.</summary>
public static class TotpCodes
{
    private const string Issuer = "AiCredits back office";

    // 160 bits, as RFC 4226 asks.
    public static string NewSecret() => Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(20));

    /// <summary>What an app reads out of the square code.</summary>
    public static string Uri(string secret, string email) => new OtpUri(OtpType.Totp, secret, email, Issuer).ToString();

    /// <summary>The time step of a code that is right at an instant (UTC); null when it is wrong.</summary>
    public static long? StepOf(string secret, string code, DateTime at)
    {
        var digits = new string([.. code.Where(character => !char.IsWhiteSpace(character)).Select(Ascii)]);
        return digits.Length == 6 && new Totp(Base32Encoding.ToBytes(secret)).VerifyTotp(at, digits, out var step, new VerificationWindow(previous: 1, future: 1)) ? step : null;
    }

    /// <summary>The code of an instant (UTC).</summary>
    public static string At(string secret, DateTime at) => new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(at);

    // Chinese keyboards write full-width digits.
    private static char Ascii(char character) => character is >= '０' and <= '９' ? (char)(character - '０' + '0') : character;
}
