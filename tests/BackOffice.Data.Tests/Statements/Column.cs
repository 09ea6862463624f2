using Microsoft.SqlServer.Dac.Model;
using Dac = Microsoft.SqlServer.Dac.Model;

namespace BackOffice.Data.Tests;

/// <summary>A column of the migrated schema: its table, name, T-SQL type and what else matters.</summary>
internal sealed record Column(string Table, string Name, string Type, bool Nullable, bool HasDefault, bool Ordinal)
{
    private static readonly Lazy<IReadOnlyList<Column>> Once = new(() => [.. Read()]);

    public static IReadOnlyList<Column> All => Once.Value;

    /// <summary>Values of one family can be compared: text, number, instant, day, bytes.</summary>
    public string Family => FamilyOf(Type);

    public static string FamilyOf(string type) => type.Split('(')[0] switch
    {
        "nvarchar" or "nchar" => "text",
        "int" or "bigint" or "bit" or "tinyint" => "number",
        "datetime2" or "datetime" => "instant",
        "date" => "day",
        "binary" or "varbinary" => "bytes",
        var other => other,
    };

    /// <summary>The columns of that name, whichever table they are in.</summary>
    public static IEnumerable<Column> Named(string name) => All.Where(column => column.Name == name);

    private static IEnumerable<Column> Read()
    {
        var withDefault = TSqlModelOfProgram.Schema.GetObjects(DacQueryScopes.UserDefined, DefaultConstraint.TypeClass)
            .Select(constraint => constraint.GetReferenced(DefaultConstraint.TargetColumn).Single().Name.ToString()).ToHashSet();
        return from table in TSqlModelOfProgram.Schema.GetObjects(DacQueryScopes.UserDefined, Dac.Table.TypeClass)
               from column in table.GetReferenced(Dac.Table.Columns)
               select new Column(
                   table.Name.Parts[^1],
                   column.Name.Parts[^1],
                   TypeOf(column),
                   column.GetProperty<bool>(Dac.Column.Nullable),
                   column.GetProperty<bool>(Dac.Column.IsIdentity) || withDefault.Contains(column.Name.ToString()),
                   column.GetProperty<string>(Dac.Column.Collation) == "Latin1_General_100_BIN2");
    }

    private static string TypeOf(TSqlObject column)
    {
        var type = column.GetReferenced(Dac.Column.DataType).Single().Name.Parts[^1].ToLowerInvariant();
        var length = column.GetProperty<int>(Dac.Column.Length);
        var max = column.GetProperty<bool>(Dac.Column.IsMax);
        var scale = column.GetProperty<int>(Dac.Column.Scale);
        return type switch
        {
            "datetime2" => $"datetime2({scale})",
            "nvarchar" or "nchar" or "varbinary" or "binary" => $"{type}({(max ? "max" : length)})",
            _ => type,
        };
    }
}
