namespace BackOffice.Data.Tests;

/// <summary>The compiler keeps out the clock, the dice, cultureless parsing and Dapper's own text methods: as long as the lists are in place.</summary>
public sealed class BannedSymbolTests
{
    private const string Rule = "RS" + "0030"; // in two parts, so that this file is none of those it looks for

    [Theory]
    [InlineData("P:System.DateTime.Now")]
    [InlineData("P:System.DateTime.UtcNow")]
    [InlineData("P:System.DateTimeOffset.UtcNow")]
    [InlineData("T:System.Random")]
    [InlineData("M:System.Guid.NewGuid")]
    [InlineData("M:System.Decimal.Parse(System.String)")]
    [InlineData("T:Dapper.SqlMapper")]
    public void The_list_for_every_project_names(string symbol) =>
        Assert.Contains(File.ReadAllLines(Path.Combine(Repository.Root, "BannedSymbols.txt")), line => line.StartsWith(symbol + ";", StringComparison.Ordinal));

    [Theory]
    [InlineData("T:System.Double")]
    [InlineData("T:System.Single")]
    public void The_list_for_Domain_names(string symbol) => Assert.Contains(
        File.ReadAllLines(Path.Combine(Repository.Root, "src", "BackOffice.Domain", "BannedSymbols.Domain.txt")),
        line => line.StartsWith(symbol + ";", StringComparison.Ordinal));

    [Fact]
    public void Every_project_is_compiled_with_the_list()
    {
        var common = File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props"));

        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", common, StringComparison.Ordinal);
        Assert.Contains("BannedSymbols.txt", common, StringComparison.Ordinal);
        Assert.Contains("<TreatWarningsAsErrors>true</TreatWarningsAsErrors>", common, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_Engine_may_step_over_the_list()
    {
        string[] settings = [Path.Combine(Repository.Root, ".editorconfig"), .. Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)];
        var steps = settings.Concat(Repository.Sources("src")).Concat(Repository.Sources("tests"))
            .Where(file => File.ReadAllText(file).Contains(Rule, StringComparison.Ordinal))
            .Select(Repository.Relative);

        Assert.Equal(["src/BackOffice.Data/Engine/Session.cs", "src/BackOffice.Data/Engine/TypeHandlers.cs"], steps.Order(StringComparer.Ordinal));
    }
}
