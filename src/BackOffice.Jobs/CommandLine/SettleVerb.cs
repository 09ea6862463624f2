using System.CommandLine;
using BackOffice.Data.Engine;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Reports;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>settle</c>: what an upstream's month comes to.</summary>
internal static class SettleVerb
{
    public static Command Command(SharedOptions shared)
    {
        var upstream = new Option<string>("--upstream") { Description = "Whose month it is, such as deepseek.", Required = true };
        var month = new Option<string>("--month") { Description = "The month in the upstream's own zone, 2026-09.", Required = true };
        month.Validators.Add(SharedOptions.RequireMonth);
        var output = new Option<string?>("--out") { Description = "File to write: .xlsx, .pdf, .csv or .json." };
        var command = new Command("settle", "Compute what an upstream's month comes to, by model, part and price.") { upstream, month, output };
        command.SetAction(async (parsed, token) =>
        {
            var name = ModelNames.Canonical(parsed.GetValue(upstream)!);
            var period = SettlementPeriod.Parse(parsed.GetValue(month)!) ?? throw new RefusedException(new Refusal("MonthUnreadable", "month", Quoted.Text(parsed.GetValue(month)!)));
            var file = parsed.GetValue(output);
            var format = OutputFile.Format(file, SettlementReports.Formats);
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var by = await shared.ByAsync(parsed, office, Act.WorkOnMoney, token).ConfigureAwait(false);
            var settlement = await office.Get<SettlementStore>().DraftAsync(name, period, by, token).ConfigureAwait(false);
            if (file is not null)
                await WriteAsync(office.Get<SettlementReports>(), settlement, file, format!, by, token).ConfigureAwait(false);
            await AnswerAsync(settlement, office.Get<TimeProvider>().UtcNow(), file, parsed, shared).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static async Task WriteAsync(SettlementReports reports, SettlementDocument settlement, string file, string format, string by, CancellationToken token)
    {
        using var made = new MemoryStream();
        await reports.WriteAsync(settlement.Upstream, SettlementPeriod.Parse(settlement.Period)!.Value, format, Texts.English, by, made, token).ConfigureAwait(false);
        await File.WriteAllBytesAsync(file, made.ToArray(), token).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(SettlementDocument settlement, DateTime now, string? file, ParseResult parsed, SharedOptions shared)
    {
        var total = settlement.Total;
        var document = new
        {
            settlement.Upstream,
            settlement.Period,
            Lines = settlement.Lines.Count,
            total.TotalNano,
            total.PayableMinor,
            total.ResidueNano,
            settlement.Currency,
            Out = file,
            Blocked = settlement.AllBlockers.Select(blocker => new { blocker.Kind, blocker.Count }),
        };
        var payable = new Money(total.PayableMinor, total.Currency).ToInvariantString();
        shared.Answer(parsed, document, FormattableString.Invariant($"{settlement.Upstream} {settlement.Period}: {payable} {total.Currency} to pay, {settlement.Lines.Count} lines.") + (file is null ? "" : $" Written to {file}."));
        if (settlement.AllBlockers.Count > 0)
            await Console.Error.WriteLineAsync($"It cannot be approved: {string.Join(", ", settlement.AllBlockers.Select(blocker => FormattableString.Invariant($"{blocker.Kind} {blocker.Count}")))}.").ConfigureAwait(false);
        else if (SettlementStore.WhyBlocked(settlement, now) is { } refusal)
            await Console.Error.WriteLineAsync(Texts.English.Of(refusal)).ConfigureAwait(false);
    }
}
