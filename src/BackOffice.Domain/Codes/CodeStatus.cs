namespace BackOffice.Domain.Codes;

/// <summary>Where a code is in its life (codes rules 3). The word in lower case stands in the row.</summary>
public enum CodeStatus
{
    /// <summary>In stock.</summary>
    Available,

    /// <summary>Taken for an order that is being delivered.</summary>
    Allocated,

    /// <summary>Handed to a customer.</summary>
    Delivered,

    /// <summary>Used at the console, which says so: nothing undoes it.</summary>
    Redeemed,

    /// <summary>Worth nothing, for good.</summary>
    Void,
}

/// <summary>Codes' states in words and in effect.</summary>
public static class CodeStatuses
{
    /// <summary>The words, in the order of a code's life.</summary>
    public static readonly IReadOnlyList<string> Words = ["available", "allocated", "delivered", "redeemed", "void"];

    /// <summary>The word of a state.</summary>
    public static string Word(this CodeStatus status) => Words[(int)status];

    /// <summary>The state of a word; null when it is none.</summary>
    public static CodeStatus? Of(string? word) => Words.ToList().IndexOf(word ?? "") is >= 0 and var index ? (CodeStatus)index : null;

    /// <summary>
    /// The state that counts: of a void batch, available and allocated codes are void from the commit on that made it so, whatever their rows still say; the
    /// delivered ones only when that was asked for, redeemed ones never (codes rules 3).
    /// </summary>
    public static CodeStatus Effective(this CodeStatus own, bool batchIsVoid, bool withDelivered) => own switch
    {
        CodeStatus.Available or CodeStatus.Allocated when batchIsVoid => CodeStatus.Void,
        CodeStatus.Delivered when batchIsVoid && withDelivered => CodeStatus.Void,
        _ => own,
    };

    /// <summary>Whether redeeming a code in this state is a surprise: nobody had been handed it (codes rules 3, <c>redeemed_unexpectedly</c>).</summary>
    public static bool IsRedeemedUnexpectedly(this CodeStatus before) => before is CodeStatus.Available or CodeStatus.Allocated or CodeStatus.Void;
}
