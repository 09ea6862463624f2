using System.Globalization;
using BackOffice.Data.Approvals;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Settlement;

/// <summary>The list, and the form that opens a month.</summary>
/// <param name="Rows">All settlements, the latest month first.</param>
/// <param name="Upstreams">Whose a month can be.</param>
/// <param name="Upstream">As it was chosen.</param>
/// <param name="Month">As it was typed.</param>
public sealed record SettlementsPage(IReadOnlyList<SettlementRow> Rows, IReadOnlyList<string> Upstreams, string? Upstream, string? Month)
{
    public const string Path = "/settlements";

    /// <summary>What stands of money to be paid, or that nothing does.</summary>
    public string Answer(Texts texts)
    {
        var blocked = Rows.Count(row => row is { Status: "draft", Blockers: > 0 });
        return Rows.Count == 0 ? texts["Settlements.AnswerNone"]
            : blocked == 0 ? texts["Settlements.Answer"]
            : blocked == 1 ? texts["Settlements.AnswerBlockedOne"]
            : texts["Settlements.AnswerBlocked", blocked];
    }
}

/// <summary>One month of an upstream.</summary>
/// <param name="View">Its figures, and what they are made of.</param>
/// <param name="Row">As it is kept; null when it never was.</param>
/// <param name="Waiting">The request that waits for a second person; null when none does.</param>
/// <param name="WhyNot">Why nobody can approve it as it is; null when somebody can.</param>
/// <param name="Earned">What it brought in, as an estimate.</param>
public sealed record SettlementPage(SettlementView View, SettlementRow? Row, ApprovalRow? Waiting, Refusal? WhyNot, MonthEarned Earned)
{
    /// <summary>As it was typed.</summary>
    public string? Reason { get; init; }

    public string Url => SettlementWords.Url(Settlement.Upstream, Settlement.Period);

    public string State => Row is { Status: not "draft" } ? Row.Status : Waiting is not null ? "awaiting_approval" : Settlement.AllBlockers.Count > 0 ? "blocked" : "draft";

    public SettlementDocument Settlement => View.Document;

    /// <summary>Whether lists still tell other figures than these: usage or rates changed since they were computed.</summary>
    public bool IsBehind => Row is not { Status: not "draft" } && (Row is null ? Settlement.Records > 0 || Settlement.Lines.Count > 0 : Convert.ToHexStringLower(Row.DataHash) != SettlementStore.HashOf(Settlement));

    public bool CanClose => Row is { Status: "approved" };

    public bool IsAdjusted => Settlement.Lines.Any(line => line.Adjusts is not null);

    public bool CanAsk => Row is not { Status: not "draft" } && Waiting is null && WhyNot is null;

    public string Answer(Texts texts)
    {
        var payable = Figures.Money(new Money(Settlement.Total.PayableMinor, Settlement.Total.Currency), MoneyStyle.Code);
        if (Settlement.Records == 0 && Settlement.Lines.Count == 0)
            return texts["Settlement.AnswerEmpty"];
        return State switch
        {
            "blocked" when Settlement.AllBlockers.Count == 1 => texts["Settlement.AnswerBlockedByOne", payable],
            "blocked" => texts["Settlement.AnswerBlocked", payable, Settlement.AllBlockers.Count],
            "awaiting_approval" => texts["Settlement.AnswerWaits", payable, Waiting!.RequestedBy],
            "approved" or "closed" => texts["Settlement.AnswerApproved", payable, Row!.ApprovedBy!],
            _ => texts["Settlement.AnswerDraft", payable],
        };
    }
}

/// <summary>A table of a settlement's groups.</summary>
/// <param name="Title">What it is grouped by.</param>
/// <param name="What">What it tells.</param>
/// <param name="KeyName">Head of its first column.</param>
/// <param name="Currency">Of its amounts.</param>
/// <param name="Groups">Its rows.</param>
public sealed record GroupsTable(string Title, string What, string KeyName, string Currency, IReadOnlyList<SettlementGroup<string>> Groups);

/// <summary>Settlements in words.</summary>
public static class SettlementWords
{
    public static string Url(string upstream, string period) => $"{SettlementsPage.Path}/{Uri.EscapeDataString(upstream)}/{period}";

    /// <summary>Why a figure is what it is: of the whole month, or of one line.</summary>
    public static string WhyUrl(SettlementDocument settlement, SettlementLine? line = null) =>
        line is null ? $"{Url(settlement.Upstream, settlement.Period)}/why"
            : FormattableString.Invariant($"{Url(settlement.Upstream, settlement.Period)}/why/{line.PriceId}") + (line.Adjusts is null ? "" : $"?adjusts={line.Adjusts}");

    public static string Title(Texts texts, string upstream, string period) => texts["Settlement.Title", upstream, Month(texts, period)];

    public static string Month(Texts texts, string period) => SettlementReport.Month(texts, period);

    /// <summary>0.520976 as 52.1%.</summary>
    public static string? Percent(string? rate) => rate is null ? null : (decimal.Parse(rate, CultureInfo.InvariantCulture) * 100).ToString("0.0", CultureInfo.InvariantCulture) + "%";

    /// <summary>Where a person mends what stops the approval: with what is missing filled in where it is one thing, else on the page of the upstream's rates, as for who may only look.</summary>
    public static string MendAt(SettlementDocument settlement, string kind, bool mayAct)
    {
        if (kind is SettlementBlockers.Conflict or SettlementBlockers.PutAside)
            return PutAsidePage.Path;
        var missing = settlement.Unpriced.Where(line => line.Reason == kind).ToList();
        return mayAct && missing.Select(line => (line.Name, kind == UnpricedReasons.UnpricedPart ? line.Part : default)).Distinct().Count() == 1
            ? MendAt(settlement, missing[0])
            : Links.Upstream(settlement.Upstream);
    }

    /// <summary>The form that adds the mapping or the price that a line lacks, and leads back to the month.</summary>
    public static string MendAt(SettlementDocument settlement, UnpricedLine line) => line.Reason == UnpricedReasons.UnpricedPart
        ? Address.With(Links.Upstream(settlement.Upstream) + "/prices/new", ("model", line.Name), ("part", TokenParts.NameOf(line.Part)), ("month", settlement.Period))
        : Address.With(Links.Upstream(settlement.Upstream) + "/mappings/new", ("name", line.Name), ("month", settlement.Period));
}
