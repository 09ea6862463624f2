using System.Text;
using BackOffice.Domain;

namespace BackOffice.Jobs.Integrations.OneApi;

/// <summary>Something between us and the console went wrong; its refusal is for a person and quotes no key, no token and no body.</summary>
public sealed class ConsoleException(Refusal refusal, bool isPassing) : Exception(Texts.English.WithField(refusal))
{
    public Refusal Refusal => refusal;

    /// <summary>Whether it may go by itself, so that the same step is worth trying later.</summary>
    public bool IsPassing => isPassing;
}

/// <summary>A code as it is to be written into the console.</summary>
/// <param name="Key">Exactly as the customer gets it; a secret.</param>
/// <param name="Name">1 to 20 bytes of UTF-8.</param>
/// <param name="Quota">What it is worth there, above 0.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ExpiresAt">UTC; null for never.</param>
public sealed record ConsoleCode(string Key, string Name, long Quota, DateTime CreatedAt, DateTime? ExpiresAt = null)
{
    /// <summary>Its last four only.</summary>
    public override string ToString() => $"code …{ConsoleRules.LastFour(Key)}";
}

/// <summary>What a code is in the console; the numbers are the console's.</summary>
public enum ConsoleCodeStatus
{
    Enabled = 1,
    Disabled = 2,
    Used = 3,
}

/// <summary>A code as the console lists it.</summary>
/// <param name="Id">Its number there.</param>
/// <param name="Key">A secret.</param>
/// <param name="Status">As it is stored: an expired one is still enabled.</param>
/// <param name="Name">As it was given when the code was made.</param>
/// <param name="Quota">What it is worth there.</param>
/// <param name="CreatedAt">UTC, whole seconds.</param>
/// <param name="RedeemedAt">UTC; null when it was not.</param>
/// <param name="UsedBy">The console's user who redeemed it; null where nobody did, and always with One API, which does not record it.</param>
/// <param name="ExpiresAt">UTC; null for never.</param>
public sealed record ConsoleRedemption(
    long Id, string Key, ConsoleCodeStatus Status, string Name, long Quota, DateTime CreatedAt, DateTime? RedeemedAt, long? UsedBy, DateTime? ExpiresAt)
{
    /// <summary>Its number and last four only.</summary>
    public override string ToString() => FormattableString.Invariant($"code {Id} …{ConsoleRules.LastFour(Key)}, {Status}");
}

/// <summary>What the console says of itself to everybody.</summary>
/// <param name="Version">As it calls itself; empty when it does not say.</param>
/// <param name="SystemName">The name on its pages.</param>
/// <param name="QuotaPerUnit">How much quota one dollar is; null when it does not say.</param>
public sealed record ConsoleStatus(string Version, string SystemName, decimal? QuotaPerUnit);

public enum ConsoleCreationState
{
    /// <summary>As many as were asked for, and these are their keys.</summary>
    Created,

    /// <summary>The console stopped in the middle. The keys are live codes; no other was made.</summary>
    Partial,

    /// <summary>Nothing was made, and the same call would be refused again.</summary>
    Refused,

    /// <summary>The token, its user or that user's role was refused; nothing was made.</summary>
    Unauthorised,

    /// <summary>Too many calls; nothing was made.</summary>
    Limited,

    /// <summary>The call did not leave this machine or not reach the other; nothing was made.</summary>
    Unreachable,

    /// <summary>None, some or all were made. The keys that came are live; what else was made is found by the name only.</summary>
    Unclear,
}

/// <summary>What came of asking for codes. Whatever the state, the keys are live codes and must be taken.</summary>
/// <param name="State">What is certain about it.</param>
/// <param name="Keys">Secrets, in the order in which the console gave them.</param>
/// <param name="Why">For a person; null when all were created.</param>
/// <param name="RetryAfter">How long the console asked to be left alone.</param>
public sealed record ConsoleCreation(ConsoleCreationState State, IReadOnlyList<string> Keys, Refusal? Why, TimeSpan? RetryAfter = null)
{
    /// <summary>How many keys, not which.</summary>
    public override string ToString() => FormattableString.Invariant($"{State}, {Keys.Count} keys");
}

public enum ConsoleDisabling
{
    Disabled,
    WasDisabled,

    /// <summary>Somebody redeemed it first. It was left as it is, or, where that happened in the same instant, its redeeming is on record all the same.</summary>
    Used,
}

/// <summary>What the console takes, and what may be said of what it answers.</summary>
internal static partial class ConsoleRules
{
    public const int LongestName = 20; // bytes: New API counts characters since July 2025, One API and older ones bytes
    public const int LongestKey = 32; // char(32)
    public const int MostPerCall = 100;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="RefusedException">The console would not take the code, or take it for another.</exception>
    public static void Require(ConsoleCode code)
    {
        RequireKey(code.Key);
        RequireName(code.Name);
        RequireQuota(code.Quota);
    }

    /// <exception cref="RefusedException">It is no key that a code can have.</exception>
    public static void RequireKey(string key)
    {
        if (key.Length is 0 or > LongestKey || !key.All(sign => char.IsAsciiLetterOrDigit(sign) || sign == '-'))
            throw new RefusedException(new Refusal("ConsoleKeyUnusable", "", LastFour(key)));
    }

    /// <exception cref="RefusedException">It is no name that a code can have.</exception>
    public static void RequireName(string name)
    {
        if (BytesOf(name) is < 1 or > LongestName || name.Any(char.IsControl))
            throw new RefusedException(new Refusal("ConsoleNameUnusable", ""));
    }

    // The console stores its column's default of 100 for a quota of 0.
    /// <exception cref="RefusedException">It is nothing or less.</exception>
    public static void RequireQuota(long quota)
    {
        if (quota <= 0)
            throw new RefusedException(new Refusal("ConsoleQuotaUnusable", ""));
    }

    public static string LastFour(string key) => key.Length > 8 ? key[^4..] : "";

    /// <summary>Seconds since 1970, cut off.</summary>
    public static long Seconds(DateTime at) => (at.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;

    /// <summary>Null for 0, by which the console says never.</summary>
    public static DateTime? Instant(long seconds) => seconds == 0 ? null : DateTime.UnixEpoch.AddSeconds(seconds);

    /// <summary>What somebody else's program said, in one line, without anything that may be a key.</summary>
    public static string Said(string? text, string? secret)
    {
        var line = (text ?? "").ReplaceLineEndings(" ").Trim();
        if (!string.IsNullOrEmpty(secret))
            line = line.Replace(secret, "…", StringComparison.OrdinalIgnoreCase);
        line = LooksLikeKey().Replace(line, "…");
        return line.Length > 200 ? line[..200] + "…" : line;
    }

    private static int BytesOf(string name)
    {
        try
        {
            return Strict.GetByteCount(name);
        }
        catch (EncoderFallbackException)
        {
            return 0; // half a character
        }
    }

    [System.Text.RegularExpressions.GeneratedRegex("[0-9A-Za-z-]{16,}")]
    private static partial System.Text.RegularExpressions.Regex LooksLikeKey();
}
