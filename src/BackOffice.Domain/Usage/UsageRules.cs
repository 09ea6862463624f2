using System.Globalization;

namespace BackOffice.Domain.Usage;

/// <summary>The small rules by which a console's log row becomes a record. Source: settlement rules 1.</summary>
public static class UsageRules
{
    /// <summary>Most tokens of one figure of one record: a row that names more is damaged and is put aside, before a sum over millions of records leaves 64 bits.</summary>
    public const long MostTokens = 1_000_000_000_000;

    /// <summary>The first instant a record may have, UTC.</summary>
    public static readonly DateTime Earliest = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Whether a record may have occurred then: not before 2020 and not more than a day ahead of the import. All instants are UTC.</summary>
    public static bool IsPlausible(DateTime occurredAt, DateTime importedAt) => occurredAt >= Earliest && occurredAt <= importedAt.AddDays(1);

    /// <summary>The reference of the customer's key: <c>id:</c> and the token's id when the row has one that is not 0, else <c>name:</c> and its name; null when it has neither.</summary>
    public static string? KeyReference(long? tokenId, string? tokenName) => (tokenId, tokenName) switch
    {
        ({ } id and not 0, _) => string.Create(CultureInfo.InvariantCulture, $"id:{id}"),
        (_, null or "") => null,
        _ => "name:" + tokenName,
    };

    /// <summary>What a New API refund row gave back, as a charge: the quota without its sign, negative.</summary>
    /// <exception cref="OverflowException">The quota is the lowest of 64 bits.</exception>
    public static long ChargedByRefund(long quota) => -Math.Abs(quota);

    /// <summary>A One API row: it knows no caches, so the whole prompt is uncached, which the flag says.</summary>
    public static TokenCounts OfOneApi(long prompt, long completion, out UsageFlags flags)
    {
        flags = UsageFlags.CacheUnknown;
        return new TokenCounts(prompt, 0, 0, 0, completion);
    }
}
