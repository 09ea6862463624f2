using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using BackOffice.Data.Staff;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs.Imports;

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

    /// <summary>Refuses what is no month before anything is opened.</summary>
    public static void RequireMonth(OptionResult given)
    {
        if (given.Tokens is [{ Value: var text }] && SettlementPeriod.Parse(text) is null)
            given.AddError("--month: " + Texts.English.Of(new Refusal("MonthUnreadable", "month", Quoted.Text(text))));
    }

    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Who acts: nobody in particular, or a member of staff who may.</summary>
    /// <param name="parsed">The line.</param>
    /// <param name="office">Knows the staff.</param>
    /// <param name="act">What is to be done.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">There is no such member of staff, or one who may not.</exception>
    public async Task<string> ByAsync(ParseResult parsed, Office office, Act act, CancellationToken token)
    {
        var by = Named(parsed);
        if (by == Nobody)
            return by;
        var member = await office.Get<StaffQueries>().FindAsync(by, token).ConfigureAwait(false) ?? throw new RefusedException(new Refusal("ActorUnknown", "as", by));
        if (member.DisabledAt is not null)
            throw new RefusedException(new Refusal("ActorDisabled", "as", by));
        return member.InRole.May(act) ? by : throw new RefusedException(new Refusal("ActorMayNot", "as", by, member.Role, string.Join(", ", RoleTable.For(act).Select(role => role.Word()))));
    }

    /// <summary>Who decides what takes two: somebody, named, who may.</summary>
    /// <exception cref="RefusedException">Nobody is, or somebody who may not.</exception>
    public Task<string> SecondPersonAsync(ParseResult parsed, Office office, Act act, CancellationToken token) =>
        Named(parsed) == Nobody ? throw new RefusedException(new Refusal("SecondPersonUnnamed", "as")) : ByAsync(parsed, office, act, token);

    private string Named(ParseResult parsed) => parsed.GetValue(_as) is { Length: > 0 } by ? EmailAddress.Canonical(by) : Nobody;

    /// <summary>The answer: JSON when asked for, else the sentence.</summary>
    public void Answer(ParseResult parsed, object document, string sentence) =>
        Console.Out.WriteLine(Json(parsed) ? JsonSerializer.Serialize(document, Indented) : sentence);
}
