using System.Text.RegularExpressions;

namespace BackOffice.Data.Tests;

/// <summary>One fact about a schema as a line of text, the same for both engines: what differs shows as two lines.</summary>
internal static partial class SchemaLine
{
    public static string Column(string table, string name, string type, bool nullable, bool ordinal, bool hasDefault) =>
        $"{table}.{name} {type}{(ordinal ? " ordinal" : "")}{(nullable ? " NULL" : " NOT NULL")}{(hasDefault ? " DEFAULT" : "")}";

    public static string PrimaryKey(string table, IEnumerable<string> columns) => $"{table} primary key ({string.Join(", ", columns)})";

    public static string Unique(string table, IEnumerable<string> columns, string? filter) => $"{table} unique ({string.Join(", ", columns)}){Where(filter)}";

    public static string Index(string table, string name, IEnumerable<string> columns, string? filter) => $"{table} index {name} ({string.Join(", ", columns)}){Where(filter)}";

    public static string ForeignKey(string table, IEnumerable<string> columns, string other, IEnumerable<string> otherColumns) =>
        $"{table} foreign key ({string.Join(", ", columns)}) references {other} ({string.Join(", ", otherColumns)})";

    public static string Check(string table, string name, string expression) => $"{table} check {name} {Plain(expression)}";

    private static string Where(string? filter) => string.IsNullOrEmpty(filter) ? "" : $" where {Plain(filter)}";

    private static string Plain(string expression)
    {
        var text = Blanks().Replace(expression.Trim(), "");
        return text.StartsWith('(') && text.EndsWith(')') ? text[1..^1] : text;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
