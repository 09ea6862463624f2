using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Usage;

/// <summary>What makes two records of one id the same (settlement rules 1): instant, names, key, channel, tokens and charge; of the flags only whether it is a refund.</summary>
internal static class UsageContent
{
    /// <summary>Whether two records of one id say the same.</summary>
    public static bool AreSame(UsageRecord left, UsageRecord right) => Text(left) == Text(right);

    /// <summary>First 16 bytes of SHA-256 over the id and everything that counts.</summary>
    public static byte[] Fingerprint(UsageRecord record) => SHA256.HashData(Encoding.UTF8.GetBytes(Text(record)))[..16];

    private static string Text(UsageRecord record) => string.Join('\u001f',
        record.ExternalId, record.OccurredAt.ToString("O", CultureInfo.InvariantCulture), UsageNameKey.Stored(record.Upstream), UsageNameKey.Stored(record.ConsoleName),
        UsageNameKey.Stored(record.UpstreamName), UsageNameKey.Stored(record.Key), UsageNameKey.Stored(record.Channel),
        Number(record.Tokens.UncachedInput), Number(record.Tokens.CacheRead), Number(record.Tokens.CacheWrite5m), Number(record.Tokens.CacheWrite1h), Number(record.Tokens.Output),
        ChargeOf(record.ChargedQuota, record.Flags) is { } quota ? Number(quota) : "", record.Flags.HasFlag(UsageFlags.Refund) ? "refund" : "");

    /// <summary>What counts as taken: a refund that says nothing of what it gave back gave nothing back, as far as is known.</summary>
    public static long? ChargeOf(long? quota, UsageFlags flags) => quota ?? (flags.HasFlag(UsageFlags.Refund) ? 0 : null);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
