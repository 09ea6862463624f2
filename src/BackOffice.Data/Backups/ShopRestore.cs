using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Domain;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;

namespace BackOffice.Data.Backups;

/// <summary>A shop that was put back.</summary>
/// <param name="Copy">The copy it came from.</param>
/// <param name="Manifest">What it holds.</param>
/// <param name="KeptAside">The database that was there before; null when there was none.</param>
/// <param name="Schema">Whether it needs <c>migrate</c>.</param>
/// <param name="Audit">Whether its audit trail is whole; null when the copy is older than the trail.</param>
public sealed record RestoredShop(string Copy, BackupManifest Manifest, string? KeptAside, SchemaState Schema, AuditVerdict? Audit);

/// <summary>
/// Puts a copy in the place of a SQLite shop that is stopped. The copy is fetched beside the present database, held against its manifest, checked, and its
/// secrets tried; then one rename replaces the database, which stays under another name. Killed before the rename it leaves the old shop, after it the new one.
/// </summary>
/// <param name="settings">Where the shop is.</param>
/// <param name="keyRing">The shop's key ring. Keys of the copy are added to it; none is ever removed, so that both shops open.</param>
/// <param name="openRing">Opens the key ring of a folder.</param>
/// <param name="clock">Names what is kept aside.</param>
public sealed class ShopRestore(DatabaseSettings settings, string keyRing, Func<string, IDataProtectionProvider> openRing, TimeProvider clock)
{
    private static readonly string[] LogEnds = ["-wal", "-shm"];

    private readonly string _file = settings.SqliteFile;

    private string Fetched => _file + ".restoring";

    private string StagedRing => keyRing + ".restoring";

    /// <summary>Restores.</summary>
    /// <param name="from">A copy, or a folder of copies: then the newest.</param>
    /// <param name="keysFrom">The copy of its key ring, or a folder of them; null: beside the copy, or else the ring that is there.</param>
    /// <param name="token">To stop; the old shop stays.</param>
    /// <exception cref="RefusedException">The shop runs, or the copy is damaged, newer than the program or does not open. Nothing was changed.</exception>
    public async Task<RestoredShop> RestoreAsync(string from, string? keysFrom, CancellationToken token = default)
    {
        var copy = BackupShelf.Find(from);
        var manifest = await BackupManifest.ReadAsync(copy, token).ConfigureAwait(false);
        var known = Migrator.KnownScripts(DatabaseProvider.Sqlite);
        if (!manifest.Schema.All(known.Contains))
            throw new RefusedException(new Refusal("BackupNewer", "", copy));
        var keys = FindKeys(copy, keysFrom);
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        using var alone = ShopLock.TakeAlone(_file);
        try
        {
            RemoveStaged(); // of one that was killed
            using (File.Exists(_file) ? SqliteCopy.TakeAlone(_file) : null)
            {
                // Only asks whether anything else has it open, before the long work.
            }
            await FetchAsync(copy, manifest, token).ConfigureAwait(false);
            await StageRingAsync(keys, manifest, token).ConfigureAwait(false);
            var audit = await RequireOpensAsync(manifest, token).ConfigureAwait(false);
            AddKeys(manifest, keys);
            token.ThrowIfCancellationRequested();
            var aside = Swap();
            return new RestoredShop(copy, manifest, aside, manifest.Schema.Count == known.Count ? SchemaState.Current : SchemaState.Older, audit);
        }
        finally
        {
            RemoveStaged();
        }
    }

    private static string? FindKeys(string copy, string? keysFrom)
    {
        var name = BackupShelf.InstantOf(copy, BackupShelf.Shop) is { } at ? BackupShelf.Keys + BackupShelf.Name(at) : null;
        if (keysFrom is null)
            return name is not null && Path.Combine(Path.GetDirectoryName(copy)!, name) is var beside && Directory.Exists(beside) ? beside : null;
        if (!Directory.Exists(keysFrom))
            throw new RefusedException(new Refusal("FolderMissing", "keys-from", keysFrom));
        return name is not null && Path.Combine(keysFrom, name) is var inside && Directory.Exists(inside) ? inside : keysFrom;
    }

    private async Task FetchAsync(string copy, BackupManifest manifest, CancellationToken token)
    {
        var source = Path.Combine(copy, manifest.Database.Name);
        if (!File.Exists(source))
            throw new RefusedException(new Refusal("BackupDamaged", "", source));
        var fetched = await Durable.CopyAsync(source, Fetched, token).ConfigureAwait(false);
        if (fetched.Sha256 != manifest.Database.Sha256 || !await Task.Run(() => SqliteCopy.IsSound(Fetched, thorough: true), token).ConfigureAwait(false))
            throw new RefusedException(new Refusal("BackupDamaged", "", source));
    }

    // The present ring and the copy's together, in a folder of their own: trying a ring can make a new key in it, and neither the shop's nor the copy's is to change by that.
    private async Task StageRingAsync(string? keys, BackupManifest manifest, CancellationToken token)
    {
        Directory.CreateDirectory(StagedRing);
        foreach (var file in Directory.Exists(keyRing) ? Directory.EnumerateFiles(keyRing, "*.xml").ToList() : [])
            await Durable.CopyAsync(file, Path.Combine(StagedRing, Path.GetFileName(file)), token).ConfigureAwait(false);
        if (keys is null)
            return;
        foreach (var file in manifest.KeyRing)
        {
            var source = Path.Combine(keys, file.Name);
            if (!File.Exists(source) || (await Durable.CopyAsync(source, Path.Combine(StagedRing, file.Name), token).ConfigureAwait(false)).Sha256 != file.Sha256)
                throw new RefusedException(new Refusal("BackupDamaged", "", source));
            var present = Path.Combine(keyRing, file.Name);
            if (File.Exists(present) && !File.ReadAllBytes(present).SequenceEqual(File.ReadAllBytes(source)))
                throw new RefusedException(new Refusal("BackupKeysClash", "", present));
        }
    }

    // A broken trail is told and hinders nothing: the copy may be all that is left.
    private async Task<AuditVerdict?> RequireOpensAsync(BackupManifest manifest, CancellationToken token)
    {
        var fetched = new DatabaseSettings(DatabaseProvider.Sqlite, new SqliteConnectionStringBuilder { DataSource = Fetched, Pooling = false }.ConnectionString);
        await using var database = new Database(fetched.Dialect(), clock);
        await new Vault.Vault(database, openRing(StagedRing)).RequireAsync(token).ConfigureAwait(false);
        return manifest.Rows.ContainsKey("AuditEntries") ? await new AuditVerifier(database).VerifyAsync(token: token).ConfigureAwait(false) : null;
    }

    private void AddKeys(BackupManifest manifest, string? keys)
    {
        if (keys is null)
            return;
        Directory.CreateDirectory(keyRing);
        foreach (var name in manifest.KeyRing.Select(file => file.Name).Where(name => !File.Exists(Path.Combine(keyRing, name))))
            File.Move(Path.Combine(StagedRing, name), Path.Combine(keyRing, name));
        Durable.FlushFolder(keyRing);
    }

    private string? Swap()
    {
        var folder = Path.GetDirectoryName(_file)!;
        var aside = $"{_file}.before-{BackupShelf.Name(clock.UtcNow())}";
        if (!File.Exists(_file))
        {
            MoveLogs(aside);
            File.Move(Fetched, _file);
            Durable.FlushFolder(folder);
            return null;
        }
        using (var held = SqliteCopy.TakeAlone(_file))
        {
            // A log that could not be brought home belongs to the damaged database, and would be read into the new one.
            if (held is null)
                MoveLogs(aside);
            // The present file gets a second name, then the new one takes the first: at no moment is there no shop.
            File.Replace(Fetched, _file, aside);
            Durable.FlushFolder(folder);
        }
        return aside;
    }

    private void MoveLogs(string aside)
    {
        foreach (var end in LogEnds.Where(end => File.Exists(_file + end)))
            File.Move(_file + end, aside + end);
    }

    private void RemoveStaged()
    {
        foreach (var end in new[] { "", "-wal", "-shm", "-journal", ".in-use" })
            File.Delete(Fetched + end);
        if (Directory.Exists(StagedRing))
            Directory.Delete(StagedRing, recursive: true);
    }
}
