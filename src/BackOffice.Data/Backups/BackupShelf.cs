using System.Globalization;
using BackOffice.Domain;

namespace BackOffice.Data.Backups;

/// <summary>
/// A folder of copies: <c>backup-INSTANT</c> holds a database and its manifest, <c>keys-INSTANT</c> the key ring of the same backup, here or in another folder.
/// A name that begins with a dot is not finished.
/// </summary>
public static class BackupShelf
{
    internal const string Shop = "backup-";
    internal const string Keys = "keys-";
    private const string Stamp = "yyyyMMdd'T'HHmmssfff'Z'";
    private const string Unfinished = ".partial";

    /// <summary>The whole copies of a folder, newest first, with the instants (UTC) they are named after.</summary>
    public static IReadOnlyList<(string Path, DateTime TakenAt)> Copies(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. from path in Directory.EnumerateDirectories(folder, Shop + "*")
           let at = InstantOf(path, Shop)
           where at is not null && File.Exists(System.IO.Path.Combine(path, BackupManifest.FileName))
           orderby at descending
           select (path, at.Value),
    ];

    /// <summary>The copy that a person means: the folder itself, or the newest in it.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public static string Find(string folder)
    {
        if (!Directory.Exists(folder))
            throw new RefusedException(new Refusal("FolderMissing", "from", folder));
        if (File.Exists(System.IO.Path.Combine(folder, BackupManifest.FileName)))
            return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
        return Copies(folder) is [var newest, ..] ? newest.Path : throw new RefusedException(new Refusal("BackupNone", "from", folder));
    }

    /// <summary>Removes the oldest copies, and the rings that were kept with them.</summary>
    public static void Prune(string folder, string keysFolder, int keep)
    {
        foreach (var (path, at) in Copies(folder).Skip(keep))
        {
            // First the name that makes it a copy: a removal that is cut short leaves nothing that looks whole.
            File.Delete(System.IO.Path.Combine(path, BackupManifest.FileName));
            Directory.Delete(path, recursive: true);
            if (Directory.Exists(System.IO.Path.Combine(keysFolder, Keys + Name(at))))
                Directory.Delete(System.IO.Path.Combine(keysFolder, Keys + Name(at)), recursive: true);
        }
    }

    internal static string Name(DateTime at) => at.ToString(Stamp, CultureInfo.InvariantCulture);

    internal static string Partial(string folder, string kind, DateTime at) => System.IO.Path.Combine(folder, "." + kind + Name(at) + Unfinished);

    internal static void RemovePartials(string folder, string kind)
    {
        foreach (var path in Directory.EnumerateDirectories(folder, "." + kind + "*" + Unfinished).ToList())
            Directory.Delete(path, recursive: true);
    }

    internal static DateTime? InstantOf(string path, string kind) =>
        System.IO.Path.GetFileName(path) is var name && name.StartsWith(kind, StringComparison.Ordinal)
        && DateTime.TryParseExact(name[kind.Length..], Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? at
            : null;
}
