using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Settlement;

/// <summary>What is wrong with a settlement, as the queue of findings has it (settlement rules 2, 3, 5, 6 and 7).</summary>
public sealed class SettlementFindingReader(Database database, KeyQueries keys)
{
    /// <summary>The most days of keys that stand in the queue, the greatest differences: a wrong setting would else bring every key's every day into it.</summary>
    public const int MostCharged = 1_000;

    /// <summary>All findings of a month, ordered by kind and subject (ordinal): those of the settlement, and those of what customers were charged in the business month of the same name.</summary>
    /// <param name="settlement">The settlement, a draft or approved.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<IReadOnlyList<SettlementFinding>> OfAsync(SettlementDocument settlement, CancellationToken token = default) => database.ReadAsync(async session =>
    {
        var findings = await OfSettlementAsync(session, settlement, token).ConfigureAwait(false);
        foreach (var (source, line) in await keys.DifferingAsync(session, SettlementPeriod.Parse(settlement.Period)!.Value, MostCharged, token).ConfigureAwait(false))
            findings.Add(Charged(source, line));
        return (IReadOnlyList<SettlementFinding>)[.. findings.OrderBy(finding => finding.Line.Kind, StringComparer.Ordinal).ThenBy(finding => finding.Line.Subject, StringComparer.Ordinal)];
    }, token);

    /// <summary>A finding as things are now; null when they no longer show it.</summary>
    public Task<FindingLine?> JudgeAsync(FindingRow finding, CancellationToken token) => database.ReadAsync(async session =>
    {
        var detail = FindingDetail.Read(finding.Detail ?? "{}");
        if (finding.Kind == FindingKinds.ChargedDiffers)
            return await keys.DayAsync(session, detail.Source ?? "", detail.Key ?? "", detail.Day ?? default, token).ConfigureAwait(false) is { Differs: true } line ? Charged(detail.Source!, line).Line : null;
        var month = SettlementPeriod.Parse(detail.Period ?? "")!.Value;
        var settlement = await SettlementReader.NowAsync(session, detail.Upstream!, month, token).ConfigureAwait(false);
        return (await OfSettlementAsync(session, settlement, token).ConfigureAwait(false)).Find(one => one.Line.Kind == finding.Kind && one.Line.Subject == finding.Subject)?.Line;
    }, token);

    /// <summary>Whose drafts open and clear the findings of a settlement.</summary>
    public static string ScopeOf(SettlementDocument settlement) => $"{settlement.Upstream}/{settlement.Period}";

    private static async Task<List<SettlementFinding>> OfSettlementAsync(Session session, SettlementDocument settlement, CancellationToken token)
    {
        List<SettlementFinding> findings = [.. settlement.Unpriced.GroupBy(line => (line.Reason, line.Name, Part: line.Reason == UnpricedReasons.UnpricedPart ? line.Part : default)).Select(group => Unpriced(settlement, [.. group]))];
        // What was approved has no part in what is put aside since.
        if (!settlement.IsApproved)
        {
            var window = new SettlementReader.Window(checked((int)Quarters.Of(settlement.From)), checked((int)Quarters.Of(settlement.Until)));
            findings.AddRange((await session.ListAsync<AsideRow>(CountAsides, window, token).ConfigureAwait(false)).Select(row => Aside(settlement, row)));
        }
        if (await UnexplainedAsync(session, settlement, token).ConfigureAwait(false) is { } invoice)
            findings.Add(invoice);
        return findings;
    }

    private static SettlementFinding Unpriced(SettlementDocument settlement, List<UnpricedLine> lines)
    {
        var (first, isPart) = (lines[0], lines[0].Reason == UnpricedReasons.UnpricedPart);
        var part = isPart ? TokenParts.NameOf(first.Part) : null;
        return SettlementFinding.Of(
            first.Reason, ScopeOf(settlement), $"{ScopeOf(settlement)}/{first.Name}{(isPart ? "/" + part : "")}", string.Join('|', lines.Select(line => $"{TokenParts.NameOf(line.Part)}:{FindingDetail.Text(line.Tokens)}")),
            new FindingDetail { Upstream = settlement.Upstream, Period = settlement.Period, Name = first.Name, Part = part, Tokens = lines.Sum(line => line.Tokens) });
    }

    private static SettlementFinding Aside(SettlementDocument settlement, AsideRow row) => SettlementFinding.Of(
        row.Kind == "conflict" ? FindingKinds.ConflictingRecord : FindingKinds.UsagePutAside, ScopeOf(settlement), $"{ScopeOf(settlement)}/{row.Source}/{row.Import}", FindingDetail.Text(row.Asides),
        new FindingDetail { Upstream = settlement.Upstream, Period = settlement.Period, Source = row.Source, Import = row.Import, Count = row.Asides });

    // Whoever accepted exactly these figures, with a reason, has settled it. Figures too large to compare are said on the invoice's page.
    private static async Task<SettlementFinding?> UnexplainedAsync(Session session, SettlementDocument settlement, CancellationToken token)
    {
        try
        {
            if (await InvoiceQueries.CompareAsync(session, settlement, null, token).ConfigureAwait(false) is not { IsAccepted: false, Difference: { IsUnexplained: true } difference } figures)
                return null;
            var currency = figures.Invoice.Currency;
            var finding = SettlementFinding.Of(FindingKinds.InvoiceUnexplained, ScopeOf(settlement), $"{ScopeOf(settlement)}/invoice", figures.HashText, new FindingDetail
            {
                Upstream = settlement.Upstream,
                Period = settlement.Period,
                Invoice = figures.Invoice.Number,
                Nano = difference.Variance.Rounding,
            });
            var amounts = (Ours: SettlementMath.Payable(difference.OursNano, currency), Theirs: SettlementMath.Payable(difference.InvoiceNano, currency));
            return finding with { Line = finding.Line with { Currency = currency, ExpectedMinor = amounts.Ours, ActualMinor = amounts.Theirs } };
        }
        catch (RefusedException)
        {
            return null;
        }
    }

    private static SettlementFinding Charged(string source, KeyDayLine line) => SettlementFinding.Of(
        FindingKinds.ChargedDiffers, SettlementPeriod.NameOf(line.Day), $"{source}/{line.Key}/{line.Day:yyyy-MM-dd}",
        $"{FindingDetail.Text(line.KnownCredits)}|{FindingDetail.Text(line.KnownQuota)}|{FindingDetail.Text(line.KnownRecords)}",
        new FindingDetail { Period = SettlementPeriod.NameOf(line.Day), Source = source, Key = line.Key ?? "", Day = line.Day, Credits = line.KnownCredits, Quota = line.KnownQuota, Charged = SettlementMath.SixDecimals(line.KnownCredits - line.Difference), Records = line.KnownRecords });

    /// <summary>What was put aside of the month, or of no month that could be read, and nobody has decided about, by what brought it.</summary>
    public static readonly Sql<SettlementReader.Window> CountAsides = new("""
        SELECT a.Kind, s.Name AS Source, m.Number AS Import, COUNT(*) AS Asides
        FROM UsageAsides a
        JOIN UsageSources s ON s.Id = a.SourceId
        LEFT JOIN Imports m ON m.Id = a.ImportId
        WHERE a.State = 'open' AND ((a.Quarter >= @From AND a.Quarter < @Until) OR (a.OtherQuarter >= @From AND a.OtherQuarter < @Until) OR a.Quarter IS NULL)
        GROUP BY a.Kind, s.Name, m.Number
        """);

    private sealed class AsideRow
    {
        public string Kind { get; init; } = "";

        public string Source { get; init; } = "";

        public long? Import { get; init; }

        public long Asides { get; init; }
    }
}
