using System.Text.RegularExpressions;
using Microsoft.SqlServer.Dac.Model;

namespace BackOffice.Data.Tests;

/// <summary>
/// The migrated schema as SQL Server would have it, and what it says of statements: each is bound as the body of a procedure whose parameters are the
/// statement's arguments. Built once for all statements, since it takes a second.
/// </summary>
internal static partial class TSqlModelOfProgram
{
    private const SqlServerVersion Oldest = SqlServerVersion.Sql150;
    private static readonly Lazy<TSqlModel> SchemaOnce = new(BuildSchema);

    /// <summary>The schema alone.</summary>
    public static TSqlModel Schema => SchemaOnce.Value;

    /// <summary>What binding says of each statement, by its name; those it says nothing of are missing.</summary>
    public static ILookup<string, string> Complaints(IEnumerable<Statement> statements)
    {
        var complaints = new List<(string Name, string Message)>();
        var left = statements.ToList();
        while (true)
        {
            using var model = BuildSchema();
            if (left.FirstOrDefault(statement => !TryAdd(model, statement, complaints)) is { } spoilt)
            {
                left.Remove(spoilt); // the model cannot be used any more
                continue;
            }
            foreach (var message in model.Validate().Where(message => !IsNoise(message)))
                complaints.Add((Element().Match(message.Message).Groups[1].Value, message.ToString()));
            return complaints.ToLookup(complaint => complaint.Name, complaint => complaint.Message);
        }
    }

    private static TSqlModel BuildSchema()
    {
        var model = new TSqlModel(Oldest, new TSqlModelOptions());
        foreach (var text in MigratedSchema.OfProgram())
            model.AddObjects(text);
        return model;
    }

    private static bool TryAdd(TSqlModel model, Statement statement, List<(string Name, string Message)> complaints)
    {
        var parameters = statement.Arguments.Select(argument => $"@{argument.Name} {argument.TSqlType}");
        var procedure = $"CREATE PROCEDURE [{statement.Name}] {string.Join(", ", parameters)} AS BEGIN\n{statement.TSql}\nEND";
        try
        {
            model.AddOrUpdateObjects(procedure, statement.Name, new TSqlObjectOptions());
            return true;
        }
        catch (DacModelException failure)
        {
            complaints.Add((statement.Name, failure.Message));
            return false;
        }
    }

    private static bool IsNoise(DacModelMessage message) =>
        message.Message.Contains("[sys].", StringComparison.OrdinalIgnoreCase) || message.Message.Contains("[INFORMATION_SCHEMA].", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"element \[dbo\]\.\[(.+?)\]:")]
    private static partial Regex Element();
}
