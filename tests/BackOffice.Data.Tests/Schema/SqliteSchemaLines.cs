using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BackOffice.Data.Tests;

/// <summary>
/// The schema as SQLite understood it, in the lines of <see cref="TSqlSchemaLines"/>: from its pragmas, and where they are silent (checks, filters, the
/// order of a column) from the text it keeps.
/// </summary>
internal sealed partial class SqliteSchemaLines(SqliteConnection connection)
{
    public async Task<List<string>> AllAsync()
    {
        var lines = new List<string>();
        foreach (var (table, text) in await RowsAsync(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT IN ('sqlite_sequence', 'SchemaVersions')", row => (row.GetString(0), row.GetString(1))))
        {
            lines.AddRange(await ColumnsAsync(table, Parsed(text)));
            lines.AddRange(await KeysAndIndexesAsync(table));
            lines.AddRange(await ForeignKeysAsync(table));
            lines.AddRange(Checks(table, Parsed(text)));
        }
        return lines;
    }

    private async Task<IEnumerable<string>> ColumnsAsync(string table, CreateTableStatement made)
    {
        var ordinal = made.Definition.ColumnDefinitions.Where(column => column.Collation?.Value == "BINARY").Select(column => column.ColumnIdentifier.Value).ToHashSet();
        return await RowsAsync(
            $"SELECT name, type, \"notnull\", dflt_value FROM pragma_table_info('{table}')",
            row => SchemaLine.Column(table, row.GetString(0), TSqlType(row.GetString(1)), row.GetInt32(2) == 0, ordinal.Contains(row.GetString(0)), !row.IsDBNull(3)));
    }

    private async Task<List<string>> KeysAndIndexesAsync(string table)
    {
        var lines = new List<string>();
        var key = await RowsAsync($"SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk", row => row.GetString(0));
        if (key.Count > 0)
            lines.Add(SchemaLine.PrimaryKey(table, key));
        var indexes = await RowsAsync(
            $"SELECT i.name, i.\"unique\", m.sql FROM pragma_index_list('{table}') i JOIN sqlite_master m ON m.name = i.name WHERE i.origin <> 'pk'",
            row => (Name: row.GetString(0), Unique: row.GetInt32(1) == 1, Text: row.IsDBNull(2) ? null : row.GetString(2)));
        foreach (var (name, unique, text) in indexes)
        {
            var columns = await RowsAsync(
                $"SELECT name, \"desc\" FROM pragma_index_xinfo('{name}') WHERE \"key\" = 1 ORDER BY seqno", row => row.GetString(0) + (row.GetInt32(1) == 1 ? " DESC" : ""));
            var filter = text is null ? null : TSql.All<CreateIndexStatement>(TSql.Parse(text)).Single().FilterPredicate is { } predicate ? TSql.Text(predicate) : null;
            lines.Add(unique ? SchemaLine.Unique(table, columns, filter) : SchemaLine.Index(table, name, columns, filter));
        }
        return lines;
    }

    private async Task<IEnumerable<string>> ForeignKeysAsync(string table)
    {
        var parts = await RowsAsync(
            $"SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list('{table}') ORDER BY id, seq",
            row => (Id: row.GetInt32(0), Other: row.GetString(1), From: row.GetString(2), To: row.GetString(3)));
        return parts.GroupBy(part => (part.Id, part.Other)).Select(key => SchemaLine.ForeignKey(table, key.Select(part => part.From), key.Key.Other, key.Select(part => part.To)));
    }

    private static IEnumerable<string> Checks(string table, CreateTableStatement made) => TSql.All<CheckConstraintDefinition>(made)
        .Select(check => SchemaLine.Check(table, check.ConstraintIdentifier.Value, TSql.Text(check.CheckCondition)));

    private static CreateTableStatement Parsed(string text) =>
        TSql.All<CreateTableStatement>(TSql.Parse(WithoutRowId().Replace(text, ""))).Single();

    private static string TSqlType(string type) => type.ToLower(CultureInfo.InvariantCulture) switch
    {
        "text" => "nvarchar(max)",
        "blob" => "varbinary(max)",
        var other => other.Replace(" ", "", StringComparison.Ordinal),
    };

    private async Task<List<T>> RowsAsync<T>(string text, Func<SqliteDataReader, T> read)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }

    [GeneratedRegex(@"\bWITHOUT\s+ROWID\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex WithoutRowId();
}
