using System.Text.Json;
using BackOffice.Domain;

namespace BackOffice.Jobs.Imports;

/// <summary>Which console a file of usage is of; part of what the same import is.</summary>
/// <param name="Flavour">One of <see cref="Flavours"/>: how its rows are read.</param>
/// <param name="SourceName">The console's name: ids of records are unique within it.</param>
public sealed record UsageOptions(string Flavour, string SourceName)
{
    public const string NewApi = "new-api";
    public const string OneApi = "one-api";
    public const string Neutral = "neutral";

    public static readonly IReadOnlyList<string> Flavours = [NewApi, OneApi, Neutral];

    /// <summary>What a person chose.</summary>
    /// <exception cref="RefusedException">There is no such flavour, or the name is no name.</exception>
    public static UsageOptions Of(string? flavour, string? sourceName)
    {
        if (flavour is null || !Flavours.Contains(flavour))
            throw new RefusedException(new Refusal("WordNotOneOf", "source", Quoted.Text(flavour ?? ""), string.Join(", ", Flavours)));
        var name = string.IsNullOrWhiteSpace(sourceName) ? flavour : sourceName.Trim().ToLowerInvariant();
        if (!IsName(name))
            throw new RefusedException(new Refusal("SourceNameNotPlain", "source_name", Quoted.Text(name)));
        return new UsageOptions(flavour, name);
    }

    /// <summary>Whether a console can be called so.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 40 && !name.AsSpan().ContainsAnyExceptInRange('!', '~') && !name.Contains('/');

    /// <summary>Only the console's name was said: how its rows are read is seen from the file.</summary>
    /// <exception cref="RefusedException">The name is no name.</exception>
    public static string NamedText(string sourceName) => (Of(Neutral, sourceName) with { Flavour = "" }).Text();

    /// <summary>What was said of a file, or, where nothing was, what it looks like.</summary>
    public static UsageOptions Read(string? json, string path)
    {
        var said = json is null ? null : JsonSerializer.Deserialize<UsageOptions>(json);
        return said is { Flavour.Length: > 0 } ? said : Of(GuessedKind.FlavourOf(path), said?.SourceName);
    }

    public string Text() => JsonSerializer.Serialize(this);
}
