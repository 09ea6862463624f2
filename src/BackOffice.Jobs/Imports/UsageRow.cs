using System.Globalization;
using System.Security.Cryptography;
using BackOffice.Domain;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Imports;

/// <summary>What every file of usage holds its records to.</summary>
internal static class UsageRow
{
    public const int LongestId = 80;
    public const int LongestName = 120;

    /// <summary>The key is stored as <c>name:</c> and the token's name, and the two must fit its column.</summary>
    public const int LongestTokenName = LongestName - 5;

    /// <summary>Why an instant is no time of a record imported now (settlement rules 1): before 2020, or more than a day ahead.</summary>
    public static Refusal? WhyNotThen(DateTime instant, DateTime now, string field)
    {
        if (UsageRules.IsPlausible(instant, now))
            return null;
        return instant < now ? new Refusal("UsageTooOld", field, Shown(instant)) : new Refusal("UsageAhead", field, Shown(instant), Shown(now));
    }

    /// <summary>To know a line again that could not be read.</summary>
    public static byte[] Fingerprint(ReadOnlySpan<byte> text) => SHA256.HashData(text)[..16];

    private static string Shown(DateTime instant) => instant.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
