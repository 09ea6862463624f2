using Microsoft.SqlServer.Dac.Model;
using Dac = Microsoft.SqlServer.Dac.Model;

namespace BackOffice.Data.Tests;

/// <summary>The schema as SQL Server has it after all migrations, one line for each column, key, index and check.</summary>
internal static class TSqlSchemaLines
{
    private static TSqlModel Model => TSqlModelOfProgram.Schema;

    public static IEnumerable<string> All() => Columns().Concat(Keys()).Concat(ForeignKeys()).Concat(Indexes()).Concat(Checks());

    private static IEnumerable<string> Columns() => Column.All.Select(column =>
        SchemaLine.Column(column.Table, column.Name, column.Type, column.Nullable, column.Ordinal, column.HasDefault));

    private static IEnumerable<string> Keys() =>
        Of(PrimaryKeyConstraint.TypeClass).Select(key => SchemaLine.PrimaryKey(Host(key, PrimaryKeyConstraint.Host), Names(key, PrimaryKeyConstraint.Columns)))
            .Concat(Of(UniqueConstraint.TypeClass).Select(key => SchemaLine.Unique(Host(key, UniqueConstraint.Host), Names(key, UniqueConstraint.Columns), null)));

    private static IEnumerable<string> ForeignKeys() => Of(ForeignKeyConstraint.TypeClass).Select(key => SchemaLine.ForeignKey(
        Host(key, ForeignKeyConstraint.Host),
        Names(key, ForeignKeyConstraint.Columns),
        key.GetReferenced(ForeignKeyConstraint.ForeignTable).Single().Name.Parts[^1],
        Names(key, ForeignKeyConstraint.ForeignColumns)));

    private static IEnumerable<string> Indexes() => Of(Dac.Index.TypeClass).Select(index =>
    {
        var table = Host(index, Dac.Index.IndexedObject);
        var columns = index.GetReferencedRelationshipInstances(Dac.Index.Columns)
            .Select(column => column.ObjectName.Parts[^1] + (column.GetProperty<bool>(Dac.Index.ColumnsRelationship.Ascending) ? "" : " DESC"));
        var filter = index.GetProperty(Dac.Index.FilterPredicate)?.ToString();
        return index.GetProperty<bool>(Dac.Index.Unique)
            ? SchemaLine.Unique(table, columns, filter)
            : SchemaLine.Index(table, index.Name.Parts[^1], columns, filter);
    });

    private static IEnumerable<string> Checks() => Of(CheckConstraint.TypeClass).Select(check =>
        SchemaLine.Check(Host(check, CheckConstraint.Host), check.Name.Parts[^1], check.GetProperty(CheckConstraint.Expression).ToString()!));

    private static IEnumerable<TSqlObject> Of(ModelTypeClass type) => Model.GetObjects(DacQueryScopes.UserDefined, type);

    private static string Host(TSqlObject part, ModelRelationshipClass relation) => part.GetReferenced(relation).Single().Name.Parts[^1];

    private static IEnumerable<string> Names(TSqlObject part, ModelRelationshipClass relation) => part.GetReferenced(relation).Select(one => one.Name.Parts[^1]);
}
