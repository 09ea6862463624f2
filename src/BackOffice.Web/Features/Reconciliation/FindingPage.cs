using BackOffice.Data.Approvals;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Staff;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Reconciliation;

/// <summary>What a finding's page shows.</summary>
public sealed record FindingPage(FindingRow Finding, FindingFacts Facts, IReadOnlyList<FindingEventRow> Events, BusinessTime Shop, DateOnly Today)
{
    /// <summary>What a second person was asked for, the oldest first.</summary>
    public IReadOnlyList<ApprovalRow> Approvals { get; init; } = [];

    /// <summary>To whom it can be given.</summary>
    public IReadOnlyList<Colleague> Colleagues { get; init; } = [];

    /// <summary>What was typed and refused.</summary>
    public FindingTyped Typed { get; init; } = new();

    public string Url => Links.Finding(Finding.Id);

    /// <summary>Whether drafts of a settlement open and clear it, and not runs of the reconciliation.</summary>
    public bool IsOfSettlement => Finding.Scope is not null;

    /// <summary>The word by which the texts know the kind: records of usage conflict otherwise than transactions.</summary>
    public string Word => SettlementFindingWords.Word(Finding);

    public bool IsOpen => Finding.State == "open";

    public ApprovalRow? Pending => Approvals.FirstOrDefault(approval => approval.IsPending);

    public bool IsOverdue => FindingAge.IsOverdue(Finding, Shop, Today);

    /// <summary>Who is chosen in the form: whom somebody chose in vain stays chosen.</summary>
    public string? AssigneeShown => Typed.Assignee ?? Finding.Assignee;

    public string Age(Texts texts) => FindingAge.Words(texts, Shop, Finding.FirstSeenAt, Today);

    public string DueWords(Texts texts) => texts["Days.One", FindingAge.Due(Finding, Shop)];

    /// <summary>What disagrees, or how it was settled, in one sentence.</summary>
    public string Answer(Texts texts) => Finding.State switch
    {
        "open" when !Facts.Holds => texts[IsOfSettlement ? "Finding.NoLongerDraft" : "Finding.NoLonger"],
        "open" when IsOfSettlement => SettlementFindingWords.Says(Finding, texts),
        "cleared" when IsOfSettlement => texts["Finding.ClearedByDraft"],
        "open" => FindingSentence.Of(Finding, Facts, texts, Shop),
        "cleared" => texts["Finding.Cleared", Events.LastOrDefault(one => one.Kind == "cleared")?.RunNumber ?? 0],
        "resolved" => texts["Finding.Resolved"],
        "accepted" => texts["Finding.Accepted"],
        var other => throw new InvalidOperationException($"{other} is no state of a finding."),
    };

    /// <summary>The facts side by side; what disagrees is marked as long as it does.</summary>
    public FactTable Table(Texts texts) => FactTable.Of(Finding, Facts, IsOpen && Facts.Holds, texts);
}

/// <summary>The forms of a finding's page as they were typed.</summary>
public sealed record FindingTyped
{
    public string? Assignee { get; init; }

    public string? Comment { get; init; }
}

/// <summary>The page of an act that needs a reason.</summary>
/// <param name="Page">The finding.</param>
/// <param name="Act">The last word of the address: <c>acceptance</c>, <c>resolution</c> or <c>reopening</c>.</param>
/// <param name="Reason">As it was typed.</param>
/// <param name="Above">The amount for which accepting takes two people; null when one is enough.</param>
public sealed record FindingActPage(FindingPage Page, string Act, string? Reason, Money? Above)
{
    public bool CanBeDone => Act == "reopening" ? Page.Finding.State is "accepted" or "resolved" : Page.IsOpen && Page.Facts.Holds && (Act != "acceptance" || Page.Pending is null);
}
