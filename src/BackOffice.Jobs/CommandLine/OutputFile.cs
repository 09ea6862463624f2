using BackOffice.Domain;

namespace BackOffice.Jobs.CommandLine;

/// <summary>The file that <c>--out</c> names.</summary>
internal static class OutputFile
{
    /// <summary>Which of the formats it is, by its ending; null without a file.</summary>
    /// <exception cref="RefusedException">It is none of them, or cannot be written there: said before the work is done, when a mistyped folder costs nothing yet.</exception>
    public static string? Format(string? file, IReadOnlyList<string> formats)
    {
        if (file is null)
            return null;
        var format = Path.GetExtension(file).TrimStart('.').ToLowerInvariant();
        if (!formats.Contains(format))
            throw new RefusedException(new Refusal("FormatUnknown", "out", file, string.Join(", ", formats.Select(one => "." + one))));
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (!Directory.Exists(folder))
            throw new RefusedException(new Refusal("FolderMissing", "out", folder));
        return Directory.Exists(file) ? throw new RefusedException(new Refusal("FileIsFolder", "out", file)) : format;
    }
}
