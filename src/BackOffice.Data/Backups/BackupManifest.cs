using System.Text.Json;
using BackOffice.Domain;

namespace BackOffice.Data.Backups;

/// <summary>One file of a copy.</summary>
/// <param name="Name">Its name in its folder.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Hexadecimal, lower case.</param>
public sealed record BackupFile(string Name, long Size, string Sha256);

/// <summary>What a copy holds. It is written last, so that a copy without one is none.</summary>
/// <param name="Format">Version of this list: 1.</param>
/// <param name="Program">Version of the program that made it.</param>
/// <param name="TakenAt">UTC.</param>
/// <param name="Database">The database.</param>
/// <param name="Schema">The scripts that were applied to it.</param>
/// <param name="Rows">Rows of each table.</param>
/// <param name="KeyRing">The files of the key ring, which lie in a folder of their own.</param>
public sealed record BackupManifest(
    int Format, string Program, DateTime TakenAt, BackupFile Database, IReadOnlyList<string> Schema, IReadOnlyDictionary<string, long> Rows, IReadOnlyList<BackupFile> KeyRing)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The version of the list that this program writes, and the newest it reads.</summary>
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>As it is kept.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Written);

    /// <summary>Reads the list of a copy.</summary>
    /// <exception cref="RefusedException">It is damaged, or of a newer program.</exception>
    public static async Task<BackupManifest> ReadAsync(string copy, CancellationToken token = default)
    {
        var file = Path.Combine(copy, FileName);
        BackupManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<BackupManifest>(await File.ReadAllBytesAsync(file, token).ConfigureAwait(false), Written);
        }
        catch (JsonException)
        {
            throw new RefusedException(new Refusal("BackupDamaged", "", file));
        }
        if (manifest is { Format: > CurrentFormat })
            throw new RefusedException(new Refusal("BackupNewer", "", copy));
        // Names come from a file that anybody may have written: none may lead out of its folder.
        return manifest is { Format: CurrentFormat, Database: { } database, Schema: not null, Rows: not null, KeyRing: { } ring } && ring.Append(database).All(IsPlain)
            ? manifest
            : throw new RefusedException(new Refusal("BackupDamaged", "", file));
    }

    private static bool IsPlain(BackupFile file) => file is { Name.Length: > 0, Sha256.Length: 64 } && Path.GetFileName(file.Name) == file.Name && file.Name is not ("." or "..");
}
