using System.Globalization;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Reports;

/// <summary>What the files of a settlement are written from. The same settlement gives the same bytes.</summary>
/// <param name="View">Its figures, and what they are made of.</param>
/// <param name="Keys">The customers' keys that cost most of it, the dearest first.</param>
/// <param name="Earned">What the month brought in, as an estimate.</param>
/// <param name="Row">As it is kept; null when it never was.</param>
/// <param name="AsOf">Of what instant it is, UTC: of an approved one that of the approval.</param>
/// <param name="Time">The shop's clock.</param>
public sealed record SettlementReport(
    SettlementView View, KeyCosts Keys, MonthEarned Earned, SettlementRow? Row, DateTime AsOf, BusinessTime Time)
{
    /// <summary>Its figures.</summary>
    public SettlementDocument Settlement => View.Document;

    /// <summary>The price rows that were used, those that the saving was measured by among them, by number.</summary>
    public IReadOnlyList<PriceRow> Prices =>
    [
        .. View.Details.SelectMany(detail => TokenParts.All.Where(part => detail.Tokens[part] != 0 || (part is TokenPart.UncachedInput && detail.Tokens.CacheRead != 0)).Select(detail.PriceOf))
            .OfType<PriceRow>().DistinctBy(row => row.Id).OrderBy(row => row.Id),
    ];

    /// <summary>What the settlement is called in a language.</summary>
    public string Title(Texts texts) => texts["SettlementReport.Title", Settlement.Upstream, Month(texts, Settlement.Period)];

    /// <summary>Where it stands.</summary>
    public string State(Texts texts) => Row switch
    {
        { ApprovedBy: { } by, ApprovedAt: { } at } => texts["SettlementReport.Approved", by, Instant(at)],
        _ when Settlement.AllBlockers.Count > 0 => texts[Settlement.AllBlockers.Count == 1 ? "SettlementReport.BlockedByOne" : "SettlementReport.Blocked", Settlement.AllBlockers.Count],
        _ => texts["SettlementReport.Draft"],
    };

    /// <summary>An instant on the shop's clock, to the second, with its offset.</summary>
    public string Instant(DateTime at) => $"{Time.ToLocal(at).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} ({Time.OffsetName(at)})";

    /// <summary>A month in words.</summary>
    public static string Month(Texts texts, string period) =>
        SettlementPeriod.Parse(period) is { } day ? day.ToString(texts["Format.Month"], CultureInfo.InvariantCulture) : period;

    /// <summary>Groups of a settlement's own usage, and after them what it adjusts of earlier months: with it they add up to what is paid.</summary>
    public static IReadOnlyList<SettlementGroup<string>> WithAdjustments(Texts texts, SettlementView view, IEnumerable<SettlementGroup<string>> groups) =>
        [.. groups, .. view.ByAdjusted.Select(group => group with { Key = texts["Settlement.Adjustment", Month(texts, group.Key)] })];

    /// <summary>Units of 10^-9 as units of the currency.</summary>
    public static decimal Units(long nano) => nano / 1_000_000_000m;
}
