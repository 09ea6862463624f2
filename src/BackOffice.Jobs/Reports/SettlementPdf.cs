using System.Globalization;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs.Reports.Pdf;

namespace BackOffice.Jobs.Reports;

/// <summary>A settlement as a PDF to sign and keep: its figures, its days drawn, its lines, what blocks it, the prices it used, and the SHA-256 of its data.</summary>
public sealed class SettlementPdf(SettlementReport report, Texts texts)
{
    private static readonly (TokenPart Part, string Color)[] Colors =
    [
        (TokenPart.UncachedInput, "#4173fb"), (TokenPart.CacheRead, "#37705a"), (TokenPart.CacheWrite5m, "#9625a8"), (TokenPart.CacheWrite1h, "#542e16"), (TokenPart.Output, "#e17300"),
    ];

    private readonly SettlementDocument settlement = report.Settlement;

    /// <summary>Writes it.</summary>
    /// <param name="output">Empty; a file or memory, not a response.</param>
    /// <param name="who">Who has it made.</param>
    /// <param name="token">To stop.</param>
    /// <returns>Its pages.</returns>
    public Task<int> WriteAsync(Stream output, string who, CancellationToken token) => new PdfReport(texts, report.Time)
    {
        Title = report.Title(texts),
        Subtitle = texts["SettlementReport.Answer", Payable(settlement.Total), report.State(texts)],
        Who = who,
        AsOf = report.AsOf,
        Sections = [.. Sections()],
    }.WriteAsync(output, token);

    private IEnumerable<PdfSection> Sections()
    {
        yield return new PdfParameters([.. Figures()]);
        var days = report.View.ByDay;
        if (days.Any(day => day.AmountNano != 0))
        {
            yield return new PdfHeading(texts["SettlementReport.DaysIn", settlement.Currency]);
            yield return new PdfBars(
                [.. days.Select(day => day.Key.ToString("MM-dd", CultureInfo.InvariantCulture))],
                [
                    .. Colors.Where(one => days.Any(day => day.AmountNanoOf(one.Part) != 0)).Select(one => new PdfSeries(
                        texts["Part." + TokenParts.NameOf(one.Part)], one.Color, [.. days.Select(day => Math.Max(0, SettlementReport.Units(day.AmountNanoOf(one.Part))))])),
                ]);
        }
        yield return new PdfHeading(texts["Settlement.Lines"]);
        yield return Lines();
        if (report.View.ByModel.Count + report.View.ByAdjusted.Count > 0)
        {
            yield return new PdfHeading(texts["SettlementReport.ByModel"]);
            yield return Models();
        }
        if (settlement.AllBlockers.Count > 0)
        {
            yield return new PdfHeading(texts["Settlement.BlockedTitle"]);
            yield return new PdfText(string.Join('\n', settlement.AllBlockers.Select(blocker => $"{texts["Blocker." + blocker.Kind, blocker.Count]} {texts["Blocker.What." + blocker.Kind]}")));
        }
        yield return new PdfHeading(texts["SettlementReport.Prices"]);
        yield return Prices();
        yield return new PdfHash(texts["SettlementReport.HashLabel"], SettlementStore.HashOf(settlement));
        yield return new PdfSignatures(texts["SettlementReport.Prepared"], texts["SettlementReport.ApprovedSign"]);
    }

    private IEnumerable<PdfParameter> Figures()
    {
        foreach (var total in settlement.Totals)
        {
            yield return new(texts["Settlement.Payable"], Payable(total));
            yield return new(texts["Settlement.Total"], texts["SettlementReport.TotalAndResidue", total.Currency, Nano(total.TotalNano), Nano(total.ResidueNano)]);
        }
        yield return new(texts["Settlement.HitRate"], settlement.HitRate is { } rate ? texts["SettlementReport.HitRateOf", rate, Count(settlement.Reads), Count(settlement.Input)] : "—");
        yield return new(texts["Settlement.Saving"], settlement.SavingNano is { } saving ? $"{settlement.Currency} {Nano(saving)}" : "—");
        yield return new(texts["Settlement.Records"], Count(settlement.Records));
        var earnings = report.Earned.Earnings;
        if (earnings.Revenue.Count > 0)
            yield return new(texts["Earned.Revenue"], string.Join(", ", earnings.Revenue.Select(amount => $"{amount.Currency} {amount.ToInvariantString()}")));
        if (earnings is { Revenue.Count: > 0, Margin: { } margin })
            yield return new(texts["Earned.Margin"], $"{margin.Currency} {margin.ToInvariantString()}");
    }

    private PdfTable<SettlementLine> Lines() => new(
        [
            new(texts["Settlement.Model"], 26, PdfCells.Words, line => line.Adjusts is null ? line.Model : texts["SettlementReport.Adjusting", line.Model, line.Adjusts]),
            new(texts["Settlement.Part"], 20, PdfCells.Words, line => texts["Part." + TokenParts.NameOf(line.Part)]),
            new(texts["Settlement.Band"], 13, PdfCells.Words, line => texts["Band." + PriceBands.NameOf(line.Band)]),
            new(texts["Settlement.Tokens"], 22, PdfCells.Number, line => Count(line.Tokens)),
            new(texts["Settlement.Price"], 14, PdfCells.Number, line => RateRules.PriceText(line.PriceMicro)),
            new(texts["Settlement.Amount"], 28, PdfCells.Number, line => $"{line.Currency} {Nano(line.AmountNano)}"),
        ],
        settlement.Lines,
        ["", "", "", "", "", string.Join(", ", settlement.Totals.Select(total => $"{total.Currency} {Nano(total.TotalNano)}"))])
    {
        WhenEmpty = texts["SettlementReport.NoLines"],
    };

    private PdfTable<SettlementGroup<string>> Models() => new(
        [
            new(texts["Settlement.Model"], 30, PdfCells.Words, group => group.Key.Length == 0 ? texts["Settlement.NoName"] : group.Key),
            new(texts["Settlement.InputTokens"], 24, PdfCells.Number, group => Count(group.Tokens.Input + group.Unpriced.Input)),
            new(texts["Settlement.OutputTokens"], 24, PdfCells.Number, group => Count(group.Tokens.Output + group.Unpriced.Output)),
            new(texts["Settlement.HitRate"], 16, PdfCells.Number, group => group.HitRate ?? "—"),
            new(texts["Settlement.AmountIn", settlement.Currency], 28, PdfCells.Number, group => group.IsUnpriced ? texts["Settlement.NoPrice"] : Nano(group.AmountNano)),
        ],
        SettlementReport.WithAdjustments(texts, report.View, report.View.ByModel));

    private PdfTable<PriceRow> Prices() => new(
        [
            new(texts["Settlement.PriceRow"], 13, PdfCells.Number, row => row.Id.ToString(CultureInfo.InvariantCulture)),
            new(texts["Settlement.Model"], 21, PdfCells.Words, row => row.Model),
            new(texts["Settlement.Part"], 20, PdfCells.Words, row => texts["Part." + TokenParts.NameOf(row.Part)]),
            new(texts["Settlement.Band"], 15, PdfCells.Words, row => texts["Band." + PriceBands.NameOf(row.Band)]),
            new(texts["Settlement.Price"], 16, PdfCells.Number, row => $"{row.Currency} {RateRules.PriceText(row.PriceMicro)}"),
            new(texts["SettlementReport.Since"], 23, PdfCells.Words, row => row.ValidFrom is null ? texts["Rates.SinceEver"] : Minute(row.ValidFrom)),
            new(texts["SettlementReport.Until"], 23, PdfCells.Words, row => Minute(row.ValidUntil)),
        ],
        report.Prices)
    {
        WhenEmpty = texts["SettlementReport.NoLines"],
    };

    private string Minute(DateTime? at) => at is { } instant ? report.Time.ToLocal(instant).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "—";

    private static string Payable(CurrencyTotal total) => $"{total.Currency} {new Money(total.PayableMinor, total.Currency).ToInvariantString()}";

    private static string Nano(long nano) => SettlementReport.Units(nano).ToString("#,##0.000000000", CultureInfo.InvariantCulture);

    private static string Count(long number) => number.ToString("#,##0", CultureInfo.InvariantCulture);
}
