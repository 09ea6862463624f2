using System.Security.Cryptography;
using BackOffice.Data.Imports;
using BackOffice.Domain;

namespace BackOffice.Jobs.Imports;

/// <summary>Where files arrive: hashes them and adds the row that the job works off.</summary>
public sealed class ImportDesk(ImportStore store, Settings settings)
{
    public static readonly IReadOnlyList<string> Kinds = ["orders", "deliveries", "creem", "usage", "prices", "mappings", "invoice"];

    /// <summary>A file named on the command line: taken in where it lies. An import of the same content that did not end is taken up where it stopped, if wanted.</summary>
    public async Task<ImportRow> TakeFileAsync(string kind, string path, string stage, bool adopt, string by, string? options, CancellationToken token)
    {
        if (!File.Exists(path))
            throw new RefusedException(path.Length == 0 ? new Refusal("FileNotChosen", "file") : new Refusal(Directory.Exists(path) ? "FileIsFolder" : "FileMissing", "", path));
        var full = Path.GetFullPath(path);
        var (size, sha256) = await HashAsync(full, token).ConfigureAwait(false);
        if (adopt && await store.AdoptAsync(kind, sha256, options, full, by, token).ConfigureAwait(false) is { } unfinished)
            return unfinished;
        return await store.AddAsync(new NewImport(kind, NameOf(full), full, size, sha256, stage, by, options), token).ConfigureAwait(false);
    }

    /// <summary>A file uploaded by a page: kept in the uploads folder and checked first.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>; null when the file is to tell.</param>
    /// <param name="fileName">As the browser calls it.</param>
    /// <param name="content">The file, read once to its end.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="token">To stop waiting.</param>
    /// <param name="optionsOf">What else is said of a file of a kind; null when nothing is.</param>
    /// <exception cref="RefusedException">What is said of it cannot be.</exception>
    public async Task<ImportRow> UploadAsync(string? kind, string fileName, Stream content, string by, CancellationToken token, Func<string, string?>? optionsOf = null)
    {
        Directory.CreateDirectory(settings.UploadsDirectory);
        var path = Path.Combine(settings.UploadsDirectory, Path.GetRandomFileName());
        try
        {
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                await content.CopyToAsync(file, token).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }
            var (size, sha256) = await HashAsync(path, token).ConfigureAwait(false);
            var name = SafeName(fileName);
            var known = kind ?? GuessedKind.Of(path, name);
            return await store.AddAsync(new NewImport(known, name, path, size, sha256, "check", by, optionsOf?.Invoke(known)), token).ConfigureAwait(false);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>A person does not want it: nothing of it goes in, and the uploaded file goes.</summary>
    /// <returns>False when it is not waiting for an answer.</returns>
    public async Task<bool> CancelAsync(ImportRow import, string by, CancellationToken token)
    {
        if (!await store.CancelAsync(import.Id, by, token).ConfigureAwait(false))
            return false;
        DropUpload(import);
        return true;
    }

    /// <summary>Deletes the file of an import that is over, if a page uploaded it: a deliveries file has whole secrets in it. A file of somebody's own stays.</summary>
    public void DropUpload(ImportRow import)
    {
        if (Path.GetDirectoryName(import.FilePath) == Path.GetFullPath(settings.UploadsDirectory))
            File.Delete(import.FilePath);
    }

    /// <summary>The name of a file as sentences may show it: without what would move a terminal's cursor.</summary>
    public static string NameOf(string path) => new([.. Path.GetFileName(path).Where(character => !char.IsControl(character))]);

    /// <summary>What an import goes on with must be what it began with: its place in the file means nothing in another.</summary>
    /// <exception cref="RefusedException">The file was changed.</exception>
    public static async Task RequireUnchangedAsync(ImportRow import, CancellationToken token)
    {
        var (_, sha256) = await HashAsync(import.FilePath, token).ConfigureAwait(false);
        if (!sha256.AsSpan().SequenceEqual(import.Sha256))
            throw new RefusedException(new Refusal("FileChanged", ""));
    }

    private static async Task<(long Size, byte[] Sha256)> HashAsync(string path, CancellationToken token)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        // It is read twice, and again after a kill.
        if (!stream.CanSeek)
            throw new RefusedException(new Refusal("FileNotPlain", "", path));
        return (stream.Length, await SHA256.HashDataAsync(stream, token).ConfigureAwait(false));
    }

    private static string SafeName(string fileName)
    {
        var name = NameOf(fileName.Replace('\\', '/'));
        return name.Length is 0 or > 200 ? "upload" : name;
    }
}
