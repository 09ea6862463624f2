namespace BackOffice.Web.Tests;

/// <summary>The prepared cases that lie beside the checkout, in shared/fixtures. A checkout alone has none: then the tests that want them are skipped, visibly.</summary>
internal static class Fixtures
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "fixtures"));

    /// <summary>The path of a prepared case.</summary>
    public static string Require(string name)
    {
        var folder = Path.Combine(Folder, name);
        Assert.SkipUnless(Directory.Exists(folder), $"There is no shared/fixtures/{name} beside the checkout.");
        return folder;
    }
}
