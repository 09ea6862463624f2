using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using BackOffice.Domain;
using BackOffice.Domain.Access;

namespace BackOffice.Jobs.CommandLine;

/// <summary>Options every verb takes.</summary>
public sealed class SharedOptions
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private const string Nobody = "system";

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document on standard output and nothing else there.", Recursive = true };
    private readonly Option<string> _as = new("--as") { Description = "E-mail of the member of staff who acts.", DefaultValueFactory = _ => Nobody, Recursive = true };

    public void AddTo(RootCommand root)
    {
        _as.Validators.Add(RequireAddress);
        root.Add(_json);
        root.Add(_as);
    }

    private static void RequireAddress(OptionResult given)
    {
        if (given.Tokens is [{ Value: { Length: > 0 } by }] && by != Nobody && (by.Length > 320 || !by.Contains('@') || by.Any(character => char.IsWhiteSpace(character) || char.IsControl(character))))
            given.AddError("--as takes one e-mail address, at most 320 characters.");
    }

    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    public string By(ParseResult parsed) => parsed.GetValue(_as) is { Length: > 0 } by ? EmailAddress.Canonical(by) : Nobody;

    /// <summary>Who decides what takes two: somebody, named.</summary>
    /// <exception cref="RefusedException">Nobody is.</exception>
    public string SecondPerson(ParseResult parsed) => By(parsed) is var by && by != Nobody ? by : throw new RefusedException(new Refusal("SecondPersonUnnamed", "as"));

    /// <summary>The answer: JSON when asked for, else the sentence.</summary>
    public void Answer(ParseResult parsed, object document, string sentence) =>
        Console.Out.WriteLine(Json(parsed) ? JsonSerializer.Serialize(document, Indented) : sentence);
}
