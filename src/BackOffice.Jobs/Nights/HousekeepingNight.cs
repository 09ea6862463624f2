using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Jobs.Imports;

namespace BackOffice.Jobs.Nights;

/// <summary>
/// Throws away what is of no use: uploads without an answer, which may hold whole secrets, files in the uploads folder that no import knows, and rows about
/// work that ended long ago. Facts, findings, reports and the audit trail stay for ever.
/// </summary>
public sealed class HousekeepingNight(Database database, HousekeepingStore store, ImportDesk imports, Settings settings) : Night
{
    public const string JobName = "nightly-housekeeping";

    // A file may be on its way in, before it has its row.
    private static readonly TimeSpan OnItsWay = TimeSpan.FromDays(1);

    public override string Name => JobName;

    public override TimeOnly At => settings.HousekeepingAt;

    /// <returns>Uploads, files and rows that went.</returns>
    public override async Task<long> DoAsync(JobRunRow row, CancellationToken token)
    {
        var now = database.Clock.UtcNow();
        var gone = await CancelForgottenAsync(now.AddDays(-settings.UploadDays), token).ConfigureAwait(false);
        gone += await DeleteStraysAsync(now - OnItsWay, token).ConfigureAwait(false);
        var first = NightSchedule.Day(row.Argument).AddDays(-settings.HistoryDays);
        return gone + await store.ForgetAsync(NightSchedule.Argument(first), settings.Business.StartOf(first), token).ConfigureAwait(false);
    }

    private async Task<int> CancelForgottenAsync(DateTime before, CancellationToken token)
    {
        var cancelled = 0;
        foreach (var import in await store.ForgottenUploadsAsync(before, token).ConfigureAwait(false))
            cancelled += await imports.CancelAsync(import, "system", token).ConfigureAwait(false) ? 1 : 0;
        return cancelled;
    }

    private async Task<int> DeleteStraysAsync(DateTime before, CancellationToken token)
    {
        if (!Directory.Exists(settings.UploadsDirectory))
            return 0;
        // Listed before the rows are read: a file that comes later is not in the list.
        var old = new DirectoryInfo(settings.UploadsDirectory).GetFiles().Where(file => file.LastWriteTimeUtc < before).ToList();
        var used = await store.FilesInUseAsync(token).ConfigureAwait(false);
        var strays = old.FindAll(file => !used.Contains(file.FullName));
        strays.ForEach(file => file.Delete());
        return strays.Count;
    }
}
