namespace BackOffice.Domain.Access;

/// <summary>What a member of staff is (DESIGN 1). The word in lower case stands in the row.</summary>
public enum Role
{
    /// <summary>Helps customers who lost their page.</summary>
    Support,

    /// <summary>Reconciles, settles, closes, exports.</summary>
    Finance,

    /// <summary>Runs packages, codes, staff and settings.</summary>
    Admin,
}

/// <summary>Roles as rows and command lines write them.</summary>
public static class Roles
{
    /// <summary>The words, in the order of the table of DESIGN 8.</summary>
    public static readonly IReadOnlyList<string> Words = ["support", "finance", "admin"];

    /// <summary>The word of a role.</summary>
    public static string Word(this Role role) => Words[(int)role];

    /// <summary>The role of a word; null when it is none.</summary>
    public static Role? Of(string? word) => Words.ToList().IndexOf(word ?? "") is >= 0 and var index ? (Role)index : null;
}
