namespace BackOffice.Domain;

/// <summary>
/// Why something was not done, for a person: a code that names the sentence in both languages (<c>Refusal.{Code}</c>),
/// the field it is about as the person knows it (a column of a file, a label of a form), and the values the sentence quotes.
/// </summary>
/// <param name="Code">Name of the sentence, such as <c>TooManyDecimals</c>.</param>
/// <param name="Field">Field the refusal is about, empty when it is about the whole.</param>
/// <param name="Args">Values for the placeholders of the sentence, already safe to show: never a secret.</param>
public sealed record Refusal(string Code, string Field, params string[] Args);

/// <summary>Thrown where a value must not exist and the caller had the means to know it; a refusal is for people, this is for bugs and for verbs.</summary>
public sealed class RefusedException : Exception
{
    /// <summary>Wraps a refusal, so that it can leave a call that has no other way to answer.</summary>
    public RefusedException(Refusal refusal) : base($"{refusal.Field}: {refusal.Code} ({string.Join(", ", refusal.Args)})") => Refusal = refusal;

    /// <summary>The refusal itself, to be put into words at the edge.</summary>
    public Refusal Refusal { get; }
}
