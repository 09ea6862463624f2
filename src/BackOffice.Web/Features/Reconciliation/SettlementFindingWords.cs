using BackOffice.Data.Reconciliation;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Web.Features.Settlement;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Reconciliation;

/// <summary>What a settlement's finding says, and where it is mended.</summary>
public static class SettlementFindingWords
{
    /// <summary>The word by which the texts know the kind.</summary>
    public static string Word(FindingRow finding) => finding is { Scope: not null, Kind: FindingKinds.ConflictingRecord } ? "conflicting_usage" : finding.Kind;

    public static string Says(FindingRow finding, Texts texts)
    {
        var detail = FindingDetail.Read(finding.Detail ?? "{}");
        object[] values = finding.Kind switch
        {
            FindingKinds.UnmappedModel => [detail.Name ?? "", Count(detail.Tokens)],
            FindingKinds.UnpricedPart => [detail.Name ?? "", texts["Part." + detail.Part], Count(detail.Tokens)],
            FindingKinds.ChargedDiffers => [KeyWords.Name(detail.Key, texts), Count(detail.Credits), detail.Charged ?? "", Count(detail.Records)],
            FindingKinds.InvoiceUnexplained => [$"{finding.Currency} {Figures.Nano(detail.Nano ?? 0, plus: true)}"],
            _ => [Count(detail.Count), detail.Source ?? ""],
        };
        return texts[$"Finding.Says.{Word(finding)}", values];
    }

    /// <summary>Where it is mended: the address, and the key of the words that lead there.</summary>
    public static (string Url, string Words) MendAt(FindingRow finding)
    {
        var detail = FindingDetail.Read(finding.Detail ?? "{}");
        return finding.Kind switch
        {
            FindingKinds.ChargedDiffers => (KeyWords.Url(detail.Source ?? "", detail.Key ?? "", detail.Period), "Finding.ToKey"),
            FindingKinds.InvoiceUnexplained => (SettlementWords.Url(detail.Upstream ?? "", detail.Period ?? "") + "/invoice", "Finding.ToInvoice"),
            FindingKinds.ConflictingRecord or FindingKinds.UsagePutAside => (PutAsidePage.Path, "Finding.ToPutAside"),
            _ => (Links.Upstream(detail.Upstream ?? ""), "Settlement.Mend"),
        };
    }

    /// <summary>What is known of it: the key of the label, and the words.</summary>
    public static IEnumerable<(string Label, string Words)> Facts(FindingRow finding, Texts texts)
    {
        var detail = FindingDetail.Read(finding.Detail ?? "{}");
        (string Label, string? Words)[] facts =
        [
            ("Settlement.Model", detail.Name),
            ("Settlement.Part", detail.Part is { } part ? texts["Part." + part] : null),
            ("Settlement.Tokens", detail.Tokens is { } tokens ? Figures.Count(tokens) : null),
            ("Keys.Source", detail.Source),
            ("Finding.PutAsideCount", detail.Count is { } count ? Figures.Count(count) : null),
            ("Keys.Key", detail.Key is { } key ? KeyWords.Name(key, texts) : null),
            ("Keys.Day", detail.Day is { } day ? day.ToString(texts["Format.Day"], System.Globalization.CultureInfo.InvariantCulture) : null),
            ("Keys.Credits", detail.Credits is { } credits ? Figures.Count(credits) : null),
            ("Keys.Charged", detail.Charged),
            ("Keys.Quota", detail.Quota is { } quota ? Figures.Count(quota) : null),
            ("Keys.Records", detail.Records is { } records ? Figures.Count(records) : null),
            ("Invoice.Number", detail.Invoice is { } invoice ? Figures.Count(invoice) : null),
            ("Invoice.Step.rounding", detail.Nano is { } nano ? $"{finding.Currency} {Figures.Nano(nano, plus: true)}" : null),
        ];
        return facts.Where(fact => fact.Words is not null).Select(fact => (fact.Label, fact.Words!));
    }

    private static string Count(long? number) => Figures.Count(number ?? 0);
}
