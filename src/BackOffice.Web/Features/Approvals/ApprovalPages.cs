using BackOffice.Data.Approvals;
using BackOffice.Data.Engine;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Features.Codes;
using BackOffice.Web.Features.Reconciliation;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Approvals;

/// <summary>A page of the list.</summary>
/// <param name="Page">The rows.</param>
/// <param name="Waiting">How many wait for whoever reads.</param>
public sealed record ApprovalsPage(KeyedPage<ApprovalRow> Page, int Waiting)
{
    public const string Path = "/approvals";

    public const int MostCounted = Data.Home.HomeQueries.MostCounted;

    public string? Newer => Page.HasBefore ? Address.With(Path, ("before", Address.Text(Page.Rows[0].Number))) : null;

    public string? Older => Page.HasAfter ? Address.With(Path, ("after", Address.Text(Page.Rows[^1].Number))) : null;
}

/// <summary>One request.</summary>
/// <param name="Approval">The request.</param>
/// <param name="Me">E-mail of who reads.</param>
/// <param name="Signs">What the second person must be allowed; null when this program does not know the kind.</param>
/// <param name="MaySign">Whether who reads is.</param>
/// <param name="Reason">As it was typed.</param>
public sealed record ApprovalPage(ApprovalRow Approval, string Me, Act? Signs, bool MaySign, string? Reason)
{
    /// <summary>Why it cannot be approved as things are; null when it can, or when who reads may not decide.</summary>
    public Refusal? WhyNot { get; init; }

    /// <summary>What is to be accepted, when that is what was asked for.</summary>
    public FindingPage? Finding { get; init; }

    /// <summary>What would be made or made void, when that is what was asked for.</summary>
    public CodesAsked? Codes { get; init; }

    /// <summary>The month to be approved, when that is what was asked for.</summary>
    public SettlementDocument? Settlement { get; init; }

    public bool IsOwn => Approval.RequestedBy == Me;

    public bool MayDecide => Approval.IsPending && MaySign && !IsOwn;

    public string Url => Links.Approval(Approval.Number);

    /// <summary>The words of the button, with how much it is about.</summary>
    public string ApproveWords(Texts texts) => Codes switch
    {
        null when Settlement is { } month => texts["Approval.ApproveSettlement", Figures.Money(new Money(month.Total.PayableMinor, month.Total.Currency), MoneyStyle.Code)],
        null => texts["Approval.Approve"],
        { Export: not null } => texts["Approval.ApproveExport", Figures.Count(Codes.Codes)],
        { Voids: null } => texts["Approval.ApproveCodes", Figures.Count(Codes.Codes)],
        _ => texts["Approval.ApproveVoid", Figures.Count(Codes.Codes)],
    };

    /// <summary>What is to be done, and where that stands.</summary>
    public string Answer(Texts texts) => Approval.Status switch
    {
        "pending" when IsOwn => texts["Approval.Own"],
        "pending" => texts["Approval.Waits", Approval.RequestedBy, ApprovalWords.What(texts, Approval)],
        "approved" => texts["Approval.Approved", Approval.DecidedBy!],
        "refused" => texts["Approval.Refused", Approval.DecidedBy!],
        _ => texts["Approval.Withdrawn", Approval.RequestedBy],
    };
}

/// <summary>Requests in words.</summary>
public static class ApprovalWords
{
    /// <summary>What was asked for, with the amount that takes two people.</summary>
    public static string What(Texts texts, ApprovalRow approval)
    {
        if (approval.Kind == SettlementStore.ApprovalKind)
            return texts["Approval.Kind.settlement", approval.SubjectId];
        if (approval.Kind != FindingAcceptance.Word)
            return CodesAsked.Kinds.Contains(approval.Kind) ? texts[$"Approval.Kind.{approval.Kind}", approval.SubjectId] : texts.Find($"Approval.Kind.{approval.Kind}") ?? approval.Kind;
        var payload = FindingAcceptance.PayloadOf(approval);
        return texts["Approval.Kind.finding_acceptance", Figures.Money(new Money(payload.AmountMinor, payload.Currency), MoneyStyle.Code)];
    }

    /// <summary>Who asked, and who decided.</summary>
    public static string Persons(Texts texts, ApprovalRow approval) =>
        approval.DecidedBy is null || approval.DecidedBy == approval.RequestedBy ? approval.RequestedBy : texts["Approval.Persons", approval.RequestedBy, approval.DecidedBy];
}

/// <summary>The state of a request among <see cref="Shared.States"/>.</summary>
public static class ApprovalStates
{
    public static string Of(string status) => status == "pending" ? "awaiting_approval" : status;
}
