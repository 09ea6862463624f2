namespace BackOffice.Web.Tests;

/// <summary>The source tree these tests were built from, for the rules that are about the sources themselves.</summary>
internal static class Repository
{
    public static readonly string Root = Find(AppContext.BaseDirectory);

    /// <summary>The project's own source files with one of these endings; nothing built or restored.</summary>
    public static IEnumerable<string> Sources(params string[] endings) =>
        from ending in endings
        from file in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*" + ending, SearchOption.AllDirectories)
        let parts = Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar)
        where !parts.Any(part => part is "bin" or "obj" or "node_modules" or "lib")
        select file;

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "BackOffice.sln"))
            ? folder
            : Find(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("BackOffice.sln is in no folder above the tests."));
}
