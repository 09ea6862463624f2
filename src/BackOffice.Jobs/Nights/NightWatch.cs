using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Jobs.Outbox;

namespace BackOffice.Jobs.Nights;

/// <summary>
/// Notices nights that failed or did not happen, and other work that was given up, and has a person told. It reads what is there, so it may run at any time and
/// as often as it likes; and whoever was dead when it should have looked, looks after the next start.
/// </summary>
public sealed class NightWatch(Database database, JobRunQueries rows, WorkQueries work, IEnumerable<Night> nights, Alarm alarm, Settings settings)
{
    /// <summary>A night may take so long from the moment it is due.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(2);

    private const int DaysLookedBack = 7;

    /// <summary>Has told what was not told yet.</summary>
    public async Task LookAsync(CancellationToken token)
    {
        var now = database.Clock.UtcNow();
        foreach (var night in nights.Where(night => night.IsOn))
            await LookAsync(night, settings.Business.ToLocal(now), token).ConfigureAwait(false);
        foreach (var failed in await work.ListGivenUpAsync(now.AddDays(-DaysLookedBack), token).ConfigureAwait(false))
            await TellAsync($"work:{failed.Kind}:{failed.Number.ToString(CultureInfo.InvariantCulture)}", texts => texts["Alarm.Work", texts["Work." + failed.Kind, failed.Number]], failed.Failure, token).ConfigureAwait(false);
    }

    private async Task LookAsync(Night night, DateTime local, CancellationToken token)
    {
        var known = (await rows.ListAsync(new JobRunFilter { Job = night.Name }, null, DaysLookedBack, token).ConfigureAwait(false)).Rows;
        foreach (var failed in known.Where(row => row.Status == "failed"))
            await TellAsync(night, failed.Argument, "Alarm.NightFailed", failed.Failure, token).ConfigureAwait(false);
        var due = night.LastDue(local);
        var row = known.FirstOrDefault(row => row.Argument == NightSchedule.Argument(due));
        // The first night of a shop is late by the hour at which the shop began.
        if (known.Count <= (row is null ? 0 : 1) || local < due.ToDateTime(night.At) + Patience)
            return;
        if (row is null || row.Status is "pending" or "running")
            await TellAsync(night, NightSchedule.Argument(due), row is null ? "Alarm.NightMissing" : "Alarm.NightLate", row?.Failure, token).ConfigureAwait(false);
    }

    private Task TellAsync(Night night, string day, string key, string? reason, CancellationToken token) =>
        TellAsync($"night:{night.Name}:{day}", texts => texts[key, texts["Job." + night.Name], day, (night.At.ToTimeSpan() + Patience).ToString(@"hh\:mm", CultureInfo.InvariantCulture)], reason, token);

    private Task TellAsync(string cause, Func<Texts, string> sentence, string? reason, CancellationToken token) => alarm.TellAsync(
        Alarm.InBothLanguages(cause, sentence, texts => reason is null ? texts["Alarm.Look"] : $"{reason}{Environment.NewLine}{texts["Alarm.Look"]}"), token);
}
