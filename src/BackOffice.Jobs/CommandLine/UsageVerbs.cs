using System.CommandLine;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Usage;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>usage prove</c>: whether the sums of usage equal its records; <c>usage pull</c>: reads the console now.</summary>
internal static class UsageVerbs
{
    private const int MostLines = 10_000;

    public static Command Command(SharedOptions shared) => new("usage", "Usage as it was taken in.") { Prove(shared), Pull(shared) };

    private static Command Prove(SharedOptions shared)
    {
        var month = new Option<string?>("--month") { Description = "A month of the shop, 2026-09; without it all there is." };
        month.Validators.Add(SharedOptions.RequireMonth);
        var command = new Command("prove", "Prove that the sums of usage equal its records: a line for each that does not, and exit status 1.") { month };
        command.SetAction(async (parsed, token) =>
        {
            DateOnly? first = parsed.GetValue(month) is not { } text ? null
                : SettlementPeriod.Parse(text) ?? throw new RefusedException(new Refusal("MonthUnreadable", "month", Quoted.Text(text)));
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var proof = office.Get<UsageProof>();
            var days = first is { } day ? UsageProof.DaysOfMonth(day) : await proof.DaysAsync(token).ConfigureAwait(false);
            var outcome = await proof.ProveAsync(days, MostLines, (_, _, _) => Task.CompletedTask, token).ConfigureAwait(false);
            shared.Answer(
                parsed,
                new { Days = days.Count, outcome.Records, outcome.Differences, Lines = outcome.First.Select(line => line.ToString()) },
                outcome.Differences == 0 ? FormattableString.Invariant($"The sums of {days.Count} days equal their {outcome.Records} records.") : string.Join(Environment.NewLine, outcome.First));
            if (outcome.Differences == 0)
                return 0;
            await Console.Error.WriteLineAsync(FormattableString.Invariant($"{outcome.Differences} sums differ from their records. Nothing was mended: keep the database as it is and compare it with the last backup.")).ConfigureAwait(false);
            return 1;
        });
        return command;
    }

    private static Command Pull(SharedOptions shared)
    {
        var command = new Command("pull", "Read usage from the console now, as every hour.");
        command.SetAction(async (parsed, token) =>
        {
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var (store, job) = (office.Get<UsagePullStore>(), office.Get<UsagePullJob>());
            if (!job.IsOn)
                throw new RefusedException(new Refusal("UsagePullOff", ""));
            await job.RunAsync(await store.AskAsync(UsagePullJob.Console, await shared.ByAsync(parsed, office, Act.TakeIn, token).ConfigureAwait(false), token).ConfigureAwait(false), token).ConfigureAwait(false);
            var row = (await store.FindAsync(UsagePullJob.Console, token).ConfigureAwait(false))!;
            if (row.Status != "done")
                throw new RefusedException(new Refusal("UsagePullElsewhere", ""));
            shared.Answer(
                parsed,
                new { row.Source, row.Way, Read = row.RecordsRead, New = row.RecordsNew, Repeated = row.RecordsRepeated, PutAside = row.RecordsPutAside },
                FormattableString.Invariant($"{row.RecordsRead} rows of {row.Source} read: {row.RecordsNew} new, {row.RecordsRepeated} repeated, {row.RecordsPutAside} put aside."));
            return 0;
        });
        return command;
    }
}
