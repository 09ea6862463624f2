using BackOffice.Data.Backups;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Migrations;
using BackOffice.Jobs.Nights;

namespace BackOffice.Jobs.Backups;

/// <summary>The nightly backup: a copy of the shop and, apart, of its key ring; the oldest copies go when the new one is whole.</summary>
public sealed class BackupNight(Database database, Settings settings, ShopBackup backup) : Night
{
    public const string JobName = "nightly-backup";

    public override string Name => JobName;

    public override TimeOnly At => settings.Backup.At;

    public override bool IsOn => settings.Backup.Keep > 0;

    /// <returns>Rows of the copied database; with SQL Server, whose database is not copied here, none.</returns>
    public override async Task<long> DoAsync(JobRunRow row, CancellationToken token)
    {
        foreach (var folder in new[] { settings.Backup.Directory, settings.Backup.KeysDirectory }.Where(IsOurs))
            Directory.CreateDirectory(folder);
        if (settings.Database.Provider == DatabaseProvider.SqlServer)
        {
            await ShopBackup.TakeKeysAsync(settings.KeyRing, settings.Backup.KeysDirectory, database.Clock.UtcNow(), token).ConfigureAwait(false);
            return 0;
        }
        var taken = await backup.TakeAsync(settings.Backup.Directory, settings.Backup.KeysDirectory, token).ConfigureAwait(false);
        BackupShelf.Prune(settings.Backup.Directory, settings.Backup.KeysDirectory, settings.Backup.Keep);
        return taken.Manifest.Rows.Values.Sum();
    }

    // Another folder may be another disk that is not mounted: it is not made, and its absence is told.
    private bool IsOurs(string folder) => folder.StartsWith(settings.DataDirectory + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
