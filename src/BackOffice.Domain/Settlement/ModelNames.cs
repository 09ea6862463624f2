namespace BackOffice.Domain.Settlement;

/// <summary>Names of models and upstreams compare trimmed and lower-case (settlement rules 2), and are kept so.</summary>
public static class ModelNames
{
    /// <summary>The model of a mapping that says: what has this name is not tokens.</summary>
    public const string NotTokens = "-";

    /// <summary>The form in which a name is kept and compared.</summary>
    public static string Canonical(string name) => name.Trim().ToLowerInvariant();

    /// <summary>The same, with null and blank as null.</summary>
    public static string? CanonicalOrNull(string? name) => string.IsNullOrWhiteSpace(name) ? null : Canonical(name);
}
