using BackOffice.Data.Engine;
using BackOffice.Data.Home;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Web.Features.Home;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Reconciliation;

/// <summary>The filters of the queue as they stand in the address. Without any it shows what is open.</summary>
public sealed record FindingsAddress
{
    public const string Path = "/findings";

    /// <summary>The word for no filter by state: without any, the queue shows what is open.</summary>
    public static readonly string AnyState = "any";

    /// <summary>States by their word in the address, which is that of <see cref="Shared.States"/>, with the word of the row.</summary>
    public static readonly IReadOnlyList<(string Word, string Stored)> States =
        [("open", "open"), ("resolved_by_itself", "cleared"), ("resolved", "resolved"), ("accepted", "accepted")];

    public static readonly IReadOnlyList<string> Priorities = ["P1", "P2", "P3"];

    /// <summary>Buckets of age (reconciliation rules 5), the youngest first: calendar days of the business zone, both ends included.</summary>
    public static readonly IReadOnlyList<(string Word, int Least, int? Most)> Ages = [("0-1", 0, 1), ("2-7", 2, 7), ("8-30", 8, 30), ("over-30", 31, null)];

    /// <summary>Whose work: the reader's own, or nobody's.</summary>
    public static readonly IReadOnlyList<string> Assignees = ["mine", "nobody"];

    public string? State { get; init; }

    public string? Assignee { get; init; }

    public string? Priority { get; init; }

    public string? Kind { get; init; }

    public string? Age { get; init; }

    public string? Text { get; init; }

    public string? After { get; init; }

    public string? Before { get; init; }

    public bool HasFilters => this != new FindingsAddress();

    public bool ShowsEveryState => State == AnyState;

    /// <summary>Only what can be filtered by: an unknown word is left out, and so is a place in the list.</summary>
    public FindingsAddress Known() => new()
    {
        State = Address.OneOf(State, States.Select(state => state.Word).Skip(1).Append(AnyState)),
        Priority = Address.OneOf(Priority, Priorities),
        Kind = Address.OneOf(Kind, FindingKinds.All),
        Assignee = Address.OneOf(Assignee, Assignees),
        Age = Address.OneOf(Age, Ages.Select(age => age.Word)),
        Text = string.IsNullOrWhiteSpace(Text) ? null : Text.Trim(),
    };

    public FindingPlace? Place() => Address.Id(Before ?? After) is { } id ? new FindingPlace(id, Before is not null) : null;

    /// <param name="shop">The zone of business days.</param>
    /// <param name="today">The business day now.</param>
    /// <param name="me">E-mail of who reads.</param>
    public FindingFilter Filter(BusinessTime shop, DateOnly today, string me)
    {
        var age = Ages.SingleOrDefault(age => age.Word == Age);
        return new FindingFilter
        {
            State = ShowsEveryState ? null : States.Single(state => state.Word == (State ?? "open")).Stored,
            Priority = Priority,
            Kind = Kind,
            Assignee = Assignee == "mine" ? me : null,
            IsNobodys = Assignee == "nobody",
            Text = Text,
            From = age.Most is { } most ? shop.StartOf(today.AddDays(-most)) : FindingFilter.Earliest,
            Until = age.Least > 0 ? shop.StartOf(today.AddDays(1 - age.Least)) : FindingFilter.Latest,
        };
    }

    public string Url(params (string Name, string? Value)[] place) =>
        Address.With(Path, [("state", State), ("priority", Priority), ("kind", Kind), ("assignee", Assignee), ("age", Age), ("text", Text), .. place]);

    /// <summary>The active filters in words, each with the address without it. What is open is the rule; without it the list shows every state.</summary>
    public IEnumerable<(string Words, string Url)> Chips(Texts texts)
    {
        if (!ShowsEveryState)
            yield return (texts["Findings.StateIs", texts[$"State.{State ?? "open"}"]], (this with { State = AnyState }).Url());
        if (Priority is not null)
            yield return (Priority, (this with { Priority = null }).Url());
        if (Kind is not null)
            yield return (texts[$"Kind.{Kind}"], (this with { Kind = null }).Url());
        if (Assignee is not null)
            yield return (texts[$"Findings.Assignee.{Assignee}"], (this with { Assignee = null }).Url());
        if (Age is not null)
            yield return (texts["Findings.AgeIs", texts[$"Age.{Age}"]], (this with { Age = null }).Url());
        if (Text is not null)
            yield return (Text, (this with { Text = null }).Url());
    }
}

/// <summary>A page of the queue.</summary>
public sealed record FindingsPage(FindingsAddress Wanted, KeyedPage<FindingRow> Page, WaitingWork Waiting, BusinessTime Shop, DateOnly Today)
{
    public string? Before => Page.HasBefore ? Wanted.Url(("before", NameOf(Page.Rows[0]))) : null;

    public string? After => Page.HasAfter ? Wanted.Url(("after", NameOf(Page.Rows[^1]))) : null;

    /// <summary>What is filtered, as the words of the table's caption.</summary>
    public string Filters(Texts texts) => string.Join(", ", Wanted.Chips(texts).Select(chip => chip.Words));

    /// <summary>How much is open, whatever is filtered.</summary>
    public string Answer(Texts texts) =>
        Waiting is { OpenP1: 0, OpenP2: 0 } ? texts["Findings.NoneUrgent"] : texts["Findings.Answer", CountWords.Of(Waiting.OpenP1, texts), CountWords.Of(Waiting.OpenP2, texts)];

    public string AgeOf(FindingRow finding, Texts texts) => FindingAge.Words(texts, Shop, finding.FirstSeenAt, Today);

    public bool IsOverdue(FindingRow finding) => FindingAge.IsOverdue(finding, Shop, Today);

    private static string NameOf(FindingRow finding) => finding.Id.ToString("N");
}

/// <summary>How old a finding is: calendar days of the business zone since the first run that saw it knew (reconciliation rules 5).</summary>
public static class FindingAge
{
    public static DateOnly Due(FindingRow finding, BusinessTime shop) => FindingDue.Day(finding.Priority, shop.DayOf(finding.FirstSeenAt));

    /// <summary>Only what is open can be late.</summary>
    public static bool IsOverdue(FindingRow finding, BusinessTime shop, DateOnly today) => finding.State == "open" && Due(finding, shop) < today;

    public static string Words(Texts texts, BusinessTime shop, DateTime firstSeenAt, DateOnly today) => (today.DayNumber - shop.DayOf(firstSeenAt).DayNumber) switch
    {
        <= 0 => texts["Age.Today"],
        1 => texts["Age.Day"],
        var days => texts["Age.Days", days],
    };
}

/// <summary>The state of a finding among <see cref="Shared.States"/>.</summary>
public static class FindingStates
{
    public static string Of(string stored) => FindingsAddress.States.Single(state => state.Stored == stored).Word;
}
