using System.Text;
using System.Text.RegularExpressions;
using BackOffice.Domain.Orders;

namespace BackOffice.Domain.Search;

/// <summary>What a text typed or pasted into the search box may name: an order number within a sentence, ids of Creem, addresses, the end of a secret, a small number.</summary>
public sealed partial record SearchText
{
    /// <summary>Characters that are looked at.</summary>
    public const int Longest = 1000;

    private const int MostOfAKind = 10;

    private SearchText(string text) => Text = text;

    /// <summary>The text, full-width signs of a Chinese keyboard read as plain ones, without what stands around it.</summary>
    public string Text { get; }

    /// <summary>Order numbers of our own making, read as <see cref="OrderNumber.Read"/> does.</summary>
    public required IReadOnlyList<string> OrderNumbers { get; init; }

    /// <summary>Made like an order number, but its check character does not fit; null when there is none, or another one fits.</summary>
    public required string? Mistyped { get; init; }

    /// <summary>Words that may be an order number of another making, as they stand and in capitals.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>Creem's ids: <c>ord_</c>, <c>ch_</c>, <c>tran_</c>.</summary>
    public required IReadOnlyList<string> CreemIds { get; init; }

    /// <summary>Addresses, lower-case.</summary>
    public required IReadOnlyList<string> Emails { get; init; }

    /// <summary>The last four characters of a key or code, as they stand; null when the text is anything longer.</summary>
    public required string? LastFour { get; init; }

    /// <summary>The number of a run, an import or a report; null when the text has no figures, or more than one, or begins with dots, as the end of a secret is shown.</summary>
    public required long? Number { get; init; }

    /// <summary>Nothing was typed.</summary>
    public bool IsEmpty => Text.Length == 0;

    /// <summary>Takes a text apart.</summary>
    public static SearchText Read(string? typed)
    {
        var text = (typed ?? "").Trim();
        text = (text.Length > Longest ? text[..Longest] : text).ReplaceLineEndings(" ");
        text = IsUnicode(text) ? text.Normalize(NormalizationForm.FormKC).Trim() : "";
        List<string> numbers = [.. Shaped(text).Select(OrderNumber.Read).OfType<string>().Distinct().Take(MostOfAKind)];
        return new SearchText(text)
        {
            OrderNumbers = numbers,
            Mistyped = numbers.Count == 0 && Written().Match(text) is { Success: true } written ? written.Value : null,
            Words = [.. WordsOf(text)],
            CreemIds = [.. Creem().Matches(text).Select(match => match.Value).Distinct().Take(MostOfAKind)],
            Emails = [.. Email().Matches(text).Select(match => match.Value.TrimEnd('.').ToLowerInvariant()).Distinct().Take(MostOfAKind)],
            LastFour = End().Match(text) is { Success: true } end ? end.Groups[1].Value : null,
            Number = Figures().Match(text) is { Success: true } figures ? long.Parse(figures.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : null,
        };
    }

    // Half a surrogate pair cannot be normalized, and names nothing.
    private static bool IsUnicode(string text) => !text.EnumerateRunes().Contains(Rune.ReplacementChar);

    // Every place at which a number may begin: one of them can stand within what only looks like one.
    private static IEnumerable<string> Shaped(string text)
    {
        foreach (var shape in new[] { WithPrefix(), InGroups(), InOne() })
        {
            for (var match = shape.Match(text); match.Success; match = shape.Match(text, match.Index + 1))
                yield return shape == WithPrefix() ? match.Value : "AC" + match.Value;
        }
    }

    private static IEnumerable<string> WordsOf(string text) => text
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('.', ',', ';', ':', '!', '?', '(', ')', '"', '\'', '“', '”', '。', '，'))
        .Append(text)
        .Where(word => word.Length is > 1 and <= 64 && !word.Contains('@'))
        .SelectMany(word => new[] { word, word.ToUpperInvariant() })
        .Distinct()
        .Take(2 * MostOfAKind);

    [GeneratedRegex(@"(?<![A-Za-z0-9])A[\s\-‐‑–]*C[\s\-‐‑–]*(?:[A-Za-z0-9][\s\-‐‑–]*){11}[A-Za-z0-9]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WithPrefix();

    [GeneratedRegex(@"(?<![A-Za-z0-9])[A-Za-z0-9]{4}[\s\-‐‑–]+[A-Za-z0-9]{4}[\s\-‐‑–]+[A-Za-z0-9]{4}(?![A-Za-z0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex InGroups();

    [GeneratedRegex("(?<![A-Za-z0-9])[A-Za-z0-9]{12}(?![A-Za-z0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex InOne();

    [GeneratedRegex("(?<![A-Za-z0-9])AC-?[A-Za-z0-9]{4}-?[A-Za-z0-9]{4}-?[A-Za-z0-9]{4}(?![A-Za-z0-9])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Written();

    [GeneratedRegex("(?<![A-Za-z0-9_])(?:ord|ch|tran)_[A-Za-z0-9_-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Creem();

    [GeneratedRegex("""[^\s<>"'(),;:@]+@[^\s<>"'(),;:@]+\.[^\s<>"'(),;:@]+""", RegexOptions.CultureInvariant)]
    private static partial Regex Email();

    [GeneratedRegex(@"^[.…]*([A-Za-z0-9_\-]{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex End();

    [GeneratedRegex(@"^(?![.…])[^\d@_\-]{0,12}(\d{1,12})[^\d@_\-]{0,12}$", RegexOptions.CultureInvariant)]
    private static partial Regex Figures();
}
