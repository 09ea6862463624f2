namespace BackOffice.Domain.Access;

/// <summary>An e-mail address as staff sign in with: lower case, no spaces around.</summary>
public static class EmailAddress
{
    /// <summary>Most characters of an address: with the word before it, it must fit the audit trail.</summary>
    public const int Longest = 190;

    /// <summary>The one form of an address that is kept and compared.</summary>
    public static string Canonical(string text) => text.Trim().ToLowerInvariant();

    /// <summary>Whether a canonical text can be an address: one at sign with something on both sides, no space, no control character.</summary>
    public static bool IsOne(string canonical) =>
        canonical.Length <= Longest && canonical.Split('@') is [{ Length: > 0 }, { Length: > 2 }] && !canonical.Any(character => char.IsWhiteSpace(character) || char.IsControl(character));
}
