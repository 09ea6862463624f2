using BackOffice.Data.Audit;
using BackOffice.Data.Home;
using BackOffice.Data.Jobs;
using BackOffice.Jobs.Outbox;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Jobs.Nights;

/// <summary>
/// Tells a person each morning how the night's work ended, with the end of the audit trail, which so is kept outside. A morning without it means that the program is
/// not running.
/// </summary>
public sealed class MorningReport(JobRunStore rows, HomeQueries home, AuditQueries audit, Alarm alarm, Settings settings, IServiceProvider services) : Night
{
    public const string JobName = "morning-report";

    public override string Name => JobName;

    public override TimeOnly At => settings.MorningReportAt;

    public override bool IsOn => alarm.Channels.Count > 0;

    // A day is told once.
    public override bool CanRepeat => false;

    /// <returns>Ways by which it was told.</returns>
    public override async Task<long> DoAsync(JobRunRow row, CancellationToken token)
    {
        var states = new List<(string Job, JobRunRow? Row)>();
        // Asked for here: the nights are made together, this one among them.
        foreach (var night in services.GetServices<Night>().Where(night => night.IsOn && night.Name != JobName))
            states.Add((night.Name, await rows.FindAsync(night.Name, row.Argument, token).ConfigureAwait(false)));
        var waiting = await home.WaitingAsync(token).ConfigureAwait(false);
        var head = await audit.HeadAsync(token).ConfigureAwait(false);
        var undone = states.Count(state => state.Row?.Status != "done");
        await alarm.TellAsync(
            Alarm.InBothLanguages(
                $"report:{row.Argument}",
                texts => undone == 0 ? texts["MorningReport.AllDone", row.Argument] : texts["MorningReport.NotDone", row.Argument, undone],
                texts => string.Join(Environment.NewLine, [
                    .. states.Select(state => Line(texts, state.Job, state.Row)),
                    texts["MorningReport.Findings", waiting.OpenP1, waiting.OpenP2],
                    texts["MorningReport.Head", head],
                ])),
            token).ConfigureAwait(false);
        return alarm.Channels.Count;
    }

    private static string Line(Texts texts, string job, JobRunRow? row) => row switch
    {
        null => texts["MorningReport.Missing", texts["Job." + job]],
        { Status: "done" } => texts["MorningReport.Done", texts["Job." + job], row.RowsDone, (row.EndedAt!.Value - row.StartedAt!.Value).ToString(@"h\:mm\:ss", System.Globalization.CultureInfo.InvariantCulture)],
        { FailureReason: { } reason } => texts["Common.Labelled", texts["Job." + job], texts.WithField(reason)],
        _ => texts["Common.Labelled", texts["Job." + job], texts["State." + (row.Status == "pending" ? "queued" : row.Status)]],
    };
}
