namespace BackOffice.Domain.Settlement;

/// <summary>What an upstream may be called: it stands in files and in addresses of pages, and whatever names it makes it known (settlement rules 3).</summary>
public static class UpstreamNames
{
    /// <summary>Characters a name has at most.</summary>
    public const int Longest = 40;

    // The page on which one is added has this place among the upstreams' pages.
    private const string Taken = "new";

    /// <summary>Reads a name: ASCII letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, a letter or digit first, at most 40.</summary>
    /// <param name="text">As it was written; spaces around it, of any kind, and case do not count.</param>
    /// <param name="field">Field that a refusal names.</param>
    /// <param name="name">The name, canonical.</param>
    /// <returns>The refusal, or null when <paramref name="name"/> holds a name.</returns>
    public static Refusal? Read(string text, string field, out string name)
    {
        name = ModelNames.Canonical(text);
        if (name.Length == 0)
            return new Refusal("FieldBlank", field);
        var isName = name.Length <= Longest && name != Taken && char.IsAsciiLetterOrDigit(name[0])
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');
        return isName ? null : new Refusal("UpstreamNameUnusable", field);
    }
}
