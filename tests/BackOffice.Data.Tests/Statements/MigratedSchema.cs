using BackOffice.Data.Migrations;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BackOffice.Data.Tests;

/// <summary>
/// What a SQL Server database is after all migrations, told from the scripts alone: later scripts change the tables that earlier ones made. Knows the words
/// that both engines know (two-engines 2), and refuses others.
/// </summary>
internal sealed class MigratedSchema
{
    // Evolve makes this one.
    private const string SchemaVersions = """
        CREATE TABLE SchemaVersions (
            id int IDENTITY(1,1) NOT NULL PRIMARY KEY, type tinyint NULL, version nvarchar(50) NULL, description nvarchar(200) NOT NULL, name nvarchar(300) NOT NULL,
            checksum nvarchar(32) NULL, installed_by nvarchar(100) NOT NULL, installed_on datetime NOT NULL DEFAULT GETDATE(), success bit NOT NULL)
        """;

    private readonly Dictionary<string, TSqlStatement> _objects = [];

    /// <summary>The objects of scripts, in the order they were made.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> scripts)
    {
        var schema = new MigratedSchema();
        foreach (var script in scripts)
        {
            foreach (var statement in TSql.Parse(script).Batches.SelectMany(batch => batch.Statements))
                schema.Apply(statement);
        }
        var generator = new Sql150ScriptGenerator();
        return [.. schema._objects.Values.Select(statement =>
        {
            generator.GenerateScript(statement, out var text);
            return text;
        })];
    }

    /// <summary>The objects of the program's own migrations.</summary>
    public static IReadOnlyList<string> OfProgram() => Of(Scripts(DatabaseProvider.SqlServer).Prepend(SchemaVersions));

    /// <summary>The scripts of an engine in the order they are applied, their placeholders filled in.</summary>
    public static IEnumerable<string> Scripts(DatabaseProvider engine) => Migrator.Folders(engine)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.sql"))
        .OrderBy(Path.GetFileName, StringComparer.Ordinal)
        .Select(file => Migrator.Placeholders(engine).Aggregate(File.ReadAllText(file), (text, pair) => text.Replace(pair.Key, pair.Value, StringComparison.Ordinal)));

    private void Apply(TSqlStatement statement)
    {
        switch (statement)
        {
            case CreateTableStatement table:
                _objects.Add(table.SchemaObjectName.BaseIdentifier.Value, table);
                break;
            case CreateIndexStatement index:
                _objects.Add(index.Name.Value, index);
                break;
            case CreateViewStatement view:
                _objects.Add(view.SchemaObjectName.BaseIdentifier.Value, view);
                break;
            case AlterTableAddTableElementStatement added:
                var definition = Table(added.SchemaObjectName).Definition;
                foreach (var column in added.Definition.ColumnDefinitions)
                    definition.ColumnDefinitions.Add(column);
                foreach (var constraint in added.Definition.TableConstraints)
                    definition.TableConstraints.Add(constraint);
                break;
            case AlterTableDropTableElementStatement dropped:
                foreach (var element in dropped.AlterTableDropTableElements)
                    Drop(Table(dropped.SchemaObjectName).Definition, element);
                break;
            case DropObjectsStatement dropped and (DropTableStatement or DropViewStatement):
                foreach (var name in dropped.Objects)
                    DropObject(name.BaseIdentifier.Value);
                break;
            case InsertStatement or UpdateStatement or DeleteStatement:
                break; // rows are no schema
            default:
                throw new NotSupportedException($"{statement.GetType().Name} in a migration: teach the tests to follow it.");
        }
    }

    private CreateTableStatement Table(SchemaObjectName name) => (CreateTableStatement)_objects[name.BaseIdentifier.Value];

    private static void Drop(TableDefinition table, AlterTableDropTableElement element)
    {
        var name = element.Name.Value;
        var gone = element.TableElementType == TableElementType.Column
            ? table.ColumnDefinitions.Remove(table.ColumnDefinitions.SingleOrDefault(column => column.ColumnIdentifier.Value == name))
            : table.TableConstraints.Remove(table.TableConstraints.SingleOrDefault(constraint => constraint.ConstraintIdentifier?.Value == name))
                || table.ColumnDefinitions.Any(column => column.Constraints.Remove(column.Constraints.SingleOrDefault(own => own.ConstraintIdentifier?.Value == name)));
        if (!gone)
            throw new NotSupportedException($"A migration drops {name}, which is not there.");
    }

    private void DropObject(string name)
    {
        _objects.Remove(name);
        foreach (var index in _objects.Values.OfType<CreateIndexStatement>().Where(index => index.OnName.BaseIdentifier.Value == name).ToList())
            _objects.Remove(index.Name.Value);
    }
}
