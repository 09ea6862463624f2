using System.CommandLine;
using System.Globalization;
using System.Text;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Jobs.Reports;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>reconcile</c>: makes a run in this process and writes what it saw.</summary>
internal static class ReconcileVerb
{
    private static readonly string[] Formats = ["xlsx", "csv", "json"];

    public static Command Command(SharedOptions shared)
    {
        var from = new Option<string>("--from") { Description = "First business day, 2026-10-01.", Required = true };
        var until = new Option<string>("--until") { Description = "First business day that is not included.", Required = true };
        var asOf = new Option<string?>("--as-of") { Description = "Only what happened before this instant counts, 2026-11-01T00:00:00+08:00." };
        var knownAsOf = new Option<string?>("--known-as-of") { Description = "Only what was known at this instant counts." };
        var output = new Option<string?>("--out") { Description = "File to write: .xlsx, .csv or .json." };
        var command = new Command("reconcile", "Hold orders, payments and deliveries against each other.") { from, until, asOf, knownAsOf, output };
        command.SetAction(async (parsed, token) =>
        {
            var window = (Day(parsed.GetValue(from)!, "from"), Day(parsed.GetValue(until)!, "until"));
            var instants = (Instant(parsed.GetValue(asOf), "as-of"), Instant(parsed.GetValue(knownAsOf), "known-as-of"));
            var file = parsed.GetValue(output);
            var format = OutputFile.Format(file, Formats);
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var by = await shared.ByAsync(parsed, office, Act.WorkOnMoney, token).ConfigureAwait(false);
            var run = await office.Get<RunDesk>().AddAsync(window.Item1, window.Item2, instants.Item1, instants.Item2, by, token).ConfigureAwait(false);
            await office.Get<ReconcileJob>().RunToEndAsync(run.Id, token).ConfigureAwait(false);
            run = await office.Get<RunQueries>().GetAsync(run.Id, token).ConfigureAwait(false);
            if (file is not null)
                await office.Get<ReportJob>().WriteAsync(run, format!, Texts.English, file, static _ => { }, token).ConfigureAwait(false);
            return await AnswerAsync(office, run, file, parsed, shared, token).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> AnswerAsync(Office office, RunRow run, string? file, ParseResult parsed, SharedOptions shared, CancellationToken token)
    {
        var counts = await office.Get<RunResultQueries>().CountsAsync(run.Id, token).ConfigureAwait(false);
        var byKind = counts.GroupBy(count => count.Kind, StringComparer.Ordinal).ToDictionary(kind => kind.Key, kind => kind.Sum(count => count.Findings), StringComparer.Ordinal);
        var document = new { Run = run.Number, run.Status, Findings = run.FindingsSeen, ByKind = byKind, Out = file };
        var kinds = string.Join(", ", byKind.Select(kind => FormattableString.Invariant($"{kind.Key} {kind.Value}")));
        var sentence = new StringBuilder(FormattableString.Invariant($"Run {run.Number} is {run.Status}: {run.FindingsSeen} findings"));
        sentence.Append(kinds.Length == 0 ? "." : $" ({kinds}).").Append(file is null ? "" : $" Written to {file}.");
        shared.Answer(parsed, document, sentence.ToString());
        if (run.Status == "broken")
            await Console.Error.WriteLineAsync("The bridge does not close: the run is marked broken and cannot close a period.").ConfigureAwait(false);
        return 0;
    }

    private static DateOnly Day(string text, string field) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw new RefusedException(text.Length == 0 ? new Refusal("DayMissing", field) : new Refusal("DayUnreadable", field, text));

    internal static DateTime? Instant(string? text, string field)
    {
        if (text is null)
            return null;
        return InstantText.Read(Encoding.UTF8.GetBytes(text), field, out var instant) is { } refusal ? throw new RefusedException(refusal) : instant;
    }
}
