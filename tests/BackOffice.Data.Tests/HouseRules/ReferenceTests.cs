using System.Reflection;
using System.Xml.Linq;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Jobs;

namespace BackOffice.Data.Tests;

/// <summary>References run one way: Domain, Data, Jobs, Web (DESIGN 2).</summary>
public sealed class ReferenceTests
{
    private static readonly string[] Projects = ["BackOffice.Domain", "BackOffice.Data", "BackOffice.Jobs", "BackOffice.Web"];

    [Fact]
    public void Each_project_refers_to_the_one_below_it()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(Projects.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        for (var i = 0; i < Projects.Length; i++)
            Assert.Equal(Projects.Skip(i - 1).Take(i == 0 ? 0 : 1), Included(Projects[i], "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)));
    }

    [Fact]
    public void Domain_has_no_packages_and_no_frameworks()
    {
        Assert.Empty(Included("BackOffice.Domain", "PackageReference"));
        Assert.Empty(Included("BackOffice.Domain", "FrameworkReference"));
        Assert.Empty(Included("BackOffice.Domain", "Reference"));
        Assert.All(ReferencesOf(typeof(Money).Assembly), name => Assert.Matches(@"^System\.|^System$|^netstandard$", name));
    }

    [Fact]
    public void Data_knows_no_web_and_no_Hangfire()
    {
        Assert.Equal("Microsoft.NET.Sdk", Project("BackOffice.Data").Attribute("Sdk")!.Value);
        Assert.Empty(Included("BackOffice.Data", "FrameworkReference"));
        Assert.Equal(
            ["Dapper", "Evolve", "Microsoft.AspNetCore.DataProtection", "Microsoft.Data.SqlClient", "Microsoft.Data.Sqlite"],
            Included("BackOffice.Data", "PackageReference").Order(StringComparer.Ordinal));
        Assert.DoesNotContain(ReferencesOf(typeof(Database).Assembly), name => IsWeb(name) || name.StartsWith("Hangfire", StringComparison.Ordinal));
    }

    [Fact]
    public void Jobs_knows_no_MVC()
    {
        Assert.Equal("Microsoft.NET.Sdk", Project("BackOffice.Jobs").Attribute("Sdk")!.Value);
        Assert.DoesNotContain(ReferencesOf(typeof(WorkerHost).Assembly), name => name.StartsWith("Microsoft.AspNetCore.Mvc", StringComparison.Ordinal));
    }

    private static bool IsWeb(string name) =>
        name == "System.Net.Http" || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) && !name.StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal);

    private static IEnumerable<string> ReferencesOf(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    private static IEnumerable<string> Included(string project, string item) => Project(project).Descendants(item).Select(one => one.Attribute("Include")!.Value.Replace('\\', '/'));

    private static XElement Project(string project) => XElement.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"));
}
