namespace BackOffice.Domain.Reconciliation;

/// <summary>What a transaction has come to (reconciliation rules 2).</summary>
public enum NormalStatus
{
    /// <summary>No money came: pending, declined, canceled, void, uncollectible.</summary>
    Unpaid,

    /// <summary>Paid, perhaps refunded in part: it stands.</summary>
    Paid,

    /// <summary>Refunded in full.</summary>
    Refunded,

    /// <summary>Taken back through the customer's bank.</summary>
    ChargedBack,

    /// <summary>A word nobody has told us the meaning of.</summary>
    Unknown,
}

/// <summary>The rank of a step (reconciliation rules 1): of two steps the one of higher rank is the later state, whichever was learnt first.</summary>
public enum StepRank
{
    /// <summary>Not yet decided.</summary>
    Pending = 0,

    /// <summary>Declined, canceled, void or uncollectible.</summary>
    Failed = 1,

    /// <summary>A word nobody has told us the meaning of.</summary>
    Unknown = 2,

    /// <summary>Paid, nothing refunded.</summary>
    Paid = 3,

    /// <summary>Paid and refunded in part, also when the part is not told.</summary>
    PartlyRefunded = 4,

    /// <summary>Refunded in full.</summary>
    Refunded = 5,

    /// <summary>Charged back.</summary>
    ChargedBack = 6,
}

/// <summary>Reads Creem's words for a status. Source: reconciliation rules 2; both spellings of each are in use (creem.md 3.2).</summary>
public static class StatusWords
{
    private const int Longest = 17;

    /// <summary>The rank of a word beside its amounts: <c>paid</c> with <c>refunded_amount &gt;= amount_paid &gt; 0</c> is refunded. Case and underscores are ignored.</summary>
    /// <param name="word">Creem's word, as it came.</param>
    /// <param name="refundedMinor">Refunded amount, minor units; null when missing.</param>
    /// <param name="paidMinor">Amount paid, minor units; null when missing.</param>
    public static StepRank Rank(string word, long? refundedMinor, long? paidMinor)
    {
        var rank = Rank(word);
        if (rank is not (StepRank.Paid or StepRank.PartlyRefunded))
            return rank;
        if (paidMinor > 0 && refundedMinor >= paidMinor)
            return StepRank.Refunded;
        return refundedMinor > 0 ? StepRank.PartlyRefunded : rank;
    }

    /// <summary>The normal status of a rank.</summary>
    public static NormalStatus Normal(StepRank rank) => rank switch
    {
        StepRank.Pending or StepRank.Failed => NormalStatus.Unpaid,
        StepRank.Paid or StepRank.PartlyRefunded => NormalStatus.Paid,
        StepRank.Refunded => NormalStatus.Refunded,
        StepRank.ChargedBack => NormalStatus.ChargedBack,
        StepRank.Unknown => NormalStatus.Unknown,
        _ => throw new ArgumentOutOfRangeException(nameof(rank), rank, "Not a rank."),
    };

    /// <summary>Whether money came in: paid, refunded or charged back.</summary>
    public static bool IsMoneyIn(NormalStatus status) => status is NormalStatus.Paid or NormalStatus.Refunded or NormalStatus.ChargedBack;

    private static StepRank Rank(string word)
    {
        Span<char> letters = stackalloc char[Longest];
        var length = 0;
        foreach (var character in word)
        {
            if (character == '_')
                continue;
            if (length == Longest)
                return StepRank.Unknown;
            letters[length++] = char.ToLowerInvariant(character);
        }
        return letters[..length] switch
        {
            "paid" => StepRank.Paid,
            "refunded" => StepRank.Refunded,
            "partialrefund" or "partiallyrefunded" => StepRank.PartlyRefunded,
            "chargedback" or "chargeback" => StepRank.ChargedBack,
            "pending" => StepRank.Pending,
            "declined" or "canceled" or "void" or "uncollectible" => StepRank.Failed,
            _ => StepRank.Unknown,
        };
    }
}
