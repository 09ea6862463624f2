using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace BackOffice.Data.Backups;

/// <summary>Files that are on the disk, and not only on their way there, before anything relies on them.</summary>
internal static class Durable
{
    /// <summary>Copies a file and flushes the copy.</summary>
    /// <returns>What was written, by its name, size and SHA-256.</returns>
    public static async Task<BackupFile> CopyAsync(string source, string target, CancellationToken token)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await using var to = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None);
        var buffer = new byte[1 << 20];
        var size = 0L;
        while (await from.ReadAsync(buffer, token).ConfigureAwait(false) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), token).ConfigureAwait(false);
            size += read;
        }
        to.Flush(flushToDisk: true);
        return new BackupFile(Path.GetFileName(target), size, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Flushes a file that is written.</summary>
    /// <returns>The file by its name, size and SHA-256.</returns>
    public static async Task<BackupFile> SealAsync(string file, CancellationToken token)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        stream.Flush(flushToDisk: true);
        return new BackupFile(Path.GetFileName(file), stream.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, token).ConfigureAwait(false)));
    }

    /// <summary>Writes a small file and flushes it.</summary>
    public static async Task WriteAsync(string file, byte[] content, CancellationToken token)
    {
        await using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None);
        await stream.WriteAsync(content, token).ConfigureAwait(false);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Flushes the names in a folder; Windows does so by itself.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(Encoding.UTF8.GetBytes(folder + "\0"), 0);
        if (descriptor < 0)
            return; // some file systems do not let a folder be opened: the names are then theirs to keep
        _ = Fsync(descriptor);
        _ = Close(descriptor);
    }

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
