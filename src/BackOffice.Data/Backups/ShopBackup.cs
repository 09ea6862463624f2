using System.Reflection;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Domain;
using Microsoft.Data.Sqlite;

namespace BackOffice.Data.Backups;

/// <summary>A finished backup.</summary>
/// <param name="Path">Folder of the database and the manifest.</param>
/// <param name="KeysPath">Folder of the key ring's copy.</param>
/// <param name="Manifest">What was copied.</param>
public sealed record TakenBackup(string Path, string KeysPath, BackupManifest Manifest);

/// <summary>
/// Copies a SQLite shop while it runs, and its key ring apart. Everything is written under a name that is none, checked and flushed; the last rename makes it
/// a copy. What a killed backup left is removed by the next one.
/// </summary>
public sealed class ShopBackup(DatabaseSettings settings, string keyRing, TimeProvider clock)
{
    private const string DatabaseName = "backoffice.db";

    /// <summary>Takes a copy into two folders, which must be there: a disk that is not mounted must not be filled by its mount point.</summary>
    /// <exception cref="RefusedException">A folder is missing or full, or another backup writes to it.</exception>
    public async Task<TakenBackup> TakeAsync(string folder, string keysFolder, CancellationToken token = default)
    {
        RequireFolder(folder, "to");
        RequireFolder(keysFolder, "keys-to");
        using var turn = TakeTurn(folder);
        using var keysTurn = System.IO.Path.GetFullPath(folder) == System.IO.Path.GetFullPath(keysFolder) ? null : TakeTurn(keysFolder);
        BackupShelf.RemovePartials(folder, BackupShelf.Shop);
        BackupShelf.RemovePartials(keysFolder, BackupShelf.Keys);
        var at = clock.UtcNow();
        var shop = BackupShelf.Partial(folder, BackupShelf.Shop, at);
        var keys = BackupShelf.Partial(keysFolder, BackupShelf.Keys, at);
        try
        {
            var manifest = await CopyAsync(shop, keys, at, token).ConfigureAwait(false);
            return Publish(new TakenBackup(System.IO.Path.Combine(folder, BackupShelf.Shop + BackupShelf.Name(at)), System.IO.Path.Combine(keysFolder, BackupShelf.Keys + BackupShelf.Name(at)), manifest), shop, keys);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is 10 or 13)
        {
            throw new RefusedException(new Refusal("BackupDiskFull", "", folder));
        }
        finally
        {
            Remove(shop);
            Remove(keys);
        }
    }

    /// <summary>Copies a key ring alone: with SQL Server the database's copy is the server's.</summary>
    /// <returns>The folder of the copy.</returns>
    public static async Task<string> TakeKeysAsync(string keyRing, string keysFolder, DateTime at, CancellationToken token = default)
    {
        RequireFolder(keysFolder, "keys-to");
        using var turn = TakeTurn(keysFolder);
        BackupShelf.RemovePartials(keysFolder, BackupShelf.Keys);
        var partial = BackupShelf.Partial(keysFolder, BackupShelf.Keys, at);
        try
        {
            await CopyRingAsync(keyRing, partial, token).ConfigureAwait(false);
            var path = System.IO.Path.Combine(keysFolder, BackupShelf.Keys + BackupShelf.Name(at));
            Directory.Move(partial, path);
            Durable.FlushFolder(keysFolder);
            return path;
        }
        finally
        {
            Remove(partial);
        }
    }

    private async Task<BackupManifest> CopyAsync(string shop, string keys, DateTime at, CancellationToken token)
    {
        MakePrivate(shop);
        var copy = System.IO.Path.Combine(shop, DatabaseName);
        await SqliteCopy.TakeAsync(settings.SqliteFile, copy, token).ConfigureAwait(false);
        var database = await Durable.SealAsync(copy, token).ConfigureAwait(false);
        if (!SqliteCopy.IsSound(copy, thorough: false))
            throw new RefusedException(new Refusal("DatabaseDamaged", ""));
        // After the database: a key that wraps one of its rows was in the ring before the row.
        var ring = await CopyRingAsync(keyRing, keys, token).ConfigureAwait(false);
        var program = typeof(ShopBackup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var manifest = new BackupManifest(BackupManifest.CurrentFormat, program, at, database, SqliteCopy.AppliedScripts(copy), SqliteCopy.CountRows(copy), ring);
        await Durable.WriteAsync(System.IO.Path.Combine(shop, BackupManifest.FileName), manifest.ToBytes(), token).ConfigureAwait(false);
        Durable.FlushFolder(shop);
        return manifest;
    }

    // The ring first: a copy of the shop that can be seen has its keys.
    private static TakenBackup Publish(TakenBackup taken, string shop, string keys)
    {
        Directory.Move(keys, taken.KeysPath);
        Durable.FlushFolder(System.IO.Path.GetDirectoryName(taken.KeysPath)!);
        Directory.Move(shop, taken.Path);
        Durable.FlushFolder(System.IO.Path.GetDirectoryName(taken.Path)!);
        return taken;
    }

    private static async Task<List<BackupFile>> CopyRingAsync(string keyRing, string keys, CancellationToken token)
    {
        MakePrivate(keys);
        var files = new List<BackupFile>();
        foreach (var file in Directory.Exists(keyRing) ? Directory.EnumerateFiles(keyRing, "*.xml").Order(StringComparer.Ordinal).ToList() : [])
            files.Add(await Durable.CopyAsync(file, System.IO.Path.Combine(keys, System.IO.Path.GetFileName(file)), token).ConfigureAwait(false));
        Durable.FlushFolder(keys);
        return files.Count > 0 ? files : throw new RefusedException(new Refusal("BackupKeysMissing", "", keyRing));
    }

    private static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void RequireFolder(string folder, string field)
    {
        if (!Directory.Exists(folder))
            throw new RefusedException(new Refusal("FolderMissing", field, folder));
    }

    // One backup at a time in a folder, so that whatever is unfinished there is a dead one's.
    private static FileStream TakeTurn(string folder)
    {
        var file = System.IO.Path.Combine(folder, ".backing-up");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(file))
        {
            throw new RefusedException(new Refusal("BackupUnderWay", "", folder));
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
