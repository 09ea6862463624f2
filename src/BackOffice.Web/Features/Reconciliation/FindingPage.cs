using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Jobs;

namespace BackOffice.Web.Features.Reconciliation;

/// <summary>What a finding's page shows.</summary>
public sealed record FindingPage(FindingRow Finding, FindingFacts Facts, IReadOnlyList<FindingEventRow> Events, BusinessTime Shop, DateOnly Today)
{
    public bool IsOpen => Finding.State == "open";

    public string Age(Texts texts) => FindingAge.Words(texts, Shop, Finding.FirstSeenAt, Today);

    /// <summary>What disagrees, or how it was settled, in one sentence.</summary>
    public string Answer(Texts texts) => Finding.State switch
    {
        "open" when !Facts.Holds => texts["Finding.NoLonger"],
        "open" => FindingSentence.Of(Finding, Facts, texts, Shop),
        "cleared" => texts["Finding.Cleared", Events[^1].RunNumber ?? 0],
        "resolved" => texts["Finding.Resolved"],
        "accepted" => texts["Finding.Accepted"],
        var other => throw new InvalidOperationException($"{other} is no state of a finding."),
    };

    /// <summary>The facts side by side; what disagrees is marked as long as it does.</summary>
    public FactTable Table(Texts texts) => FactTable.Of(Finding, Facts, IsOpen && Facts.Holds, texts);
}
