using Microsoft.Data.SqlClient;

namespace BackOffice.Data.Tests;

/// <summary>
/// The schema of a live server in the lines of <see cref="TSqlSchemaLines"/>, without names of indexes and without the text of checks and filters, which a
/// server words in its own way.
/// </summary>
internal sealed class SqlServerSchemaLines(SqlConnection connection)
{
    private const string Columns = """
        SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, DATETIME_PRECISION, IS_NULLABLE, COLLATION_NAME, COLUMN_DEFAULT
        FROM INFORMATION_SCHEMA.COLUMNS
        WHERE TABLE_SCHEMA = 'dbo'
        """;

    private const string Tables = "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'dbo' AND TABLE_TYPE = 'BASE TABLE'";

    private const string Indexes = """
        SELECT t.name, i.index_id, i.is_primary_key, i.is_unique, c.name, ic.is_descending_key
        FROM sys.tables t
        JOIN sys.indexes i ON i.object_id = t.object_id
        JOIN sys.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
        JOIN sys.columns c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
        WHERE ic.is_included_column = 0
        ORDER BY t.name, i.index_id, ic.key_ordinal
        """;

    private const string ForeignKeys = """
        SELECT t.name, f.object_id, c.name, o.name, d.name
        FROM sys.foreign_keys f
        JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id
        JOIN sys.tables t ON t.object_id = f.parent_object_id
        JOIN sys.columns c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
        JOIN sys.tables o ON o.object_id = f.referenced_object_id
        JOIN sys.columns d ON d.object_id = k.referenced_object_id AND d.column_id = k.referenced_column_id
        ORDER BY f.object_id, k.constraint_column_id
        """;

    private const string Checks = "SELECT t.name, c.name FROM sys.check_constraints c JOIN sys.tables t ON t.object_id = c.parent_object_id";

    public async Task<List<string>> AllAsync() => [.. await ColumnsAsync(), .. await IndexesAsync(), .. await ForeignKeysAsync(), .. await ChecksAsync()];

    // Asked apart: over a join of these two views, each of many tables itself, a server may take minutes.
    private async Task<IEnumerable<string>> ColumnsAsync()
    {
        var tables = (await RowsAsync(Tables, row => row.GetString(0))).ToHashSet();
        var columns = await RowsAsync(Columns, row => (Table: row.GetString(0), Line: SchemaLine.Column(
            row.GetString(0),
            row.GetString(1),
            Type(row.GetString(2), row.IsDBNull(3) ? null : row.GetInt32(3), row.IsDBNull(4) ? null : row.GetInt16(4)),
            row.GetString(5) == "YES",
            !row.IsDBNull(6) && row.GetString(6).EndsWith("bin2", StringComparison.OrdinalIgnoreCase),
            !row.IsDBNull(7))));
        return columns.Where(column => tables.Contains(column.Table)).Select(column => column.Line);
    }

    private async Task<IEnumerable<string>> IndexesAsync()
    {
        var parts = await RowsAsync(Indexes, row => (
            Table: row.GetString(0), Id: row.GetInt32(1), Primary: row.GetBoolean(2), Unique: row.GetBoolean(3), Column: row.GetString(4) + (row.GetBoolean(5) ? " DESC" : "")));
        return parts.GroupBy(part => (part.Table, part.Id, part.Primary, part.Unique)).Select(index =>
        {
            var columns = index.Select(part => part.Column);
            return index.Key.Primary ? SchemaLine.PrimaryKey(index.Key.Table, columns)
                : index.Key.Unique ? SchemaLine.Unique(index.Key.Table, columns, null)
                : SchemaLine.Index(index.Key.Table, "unnamed", columns, null);
        });
    }

    private async Task<IEnumerable<string>> ForeignKeysAsync()
    {
        var parts = await RowsAsync(ForeignKeys, row => (Table: row.GetString(0), Id: row.GetInt32(1), From: row.GetString(2), Other: row.GetString(3), To: row.GetString(4)));
        return parts.GroupBy(part => (part.Table, part.Id, part.Other))
            .Select(key => SchemaLine.ForeignKey(key.Key.Table, key.Select(part => part.From), key.Key.Other, key.Select(part => part.To)));
    }

    private Task<List<string>> ChecksAsync() => RowsAsync(Checks, row => SchemaLine.Check(row.GetString(0), row.GetString(1), ""));

    private static string Type(string type, int? length, short? precision) => type switch
    {
        "datetime2" => $"datetime2({precision})",
        _ when length is { } characters => $"{type}({(characters < 0 ? "max" : characters)})",
        _ => type,
    };

    private async Task<List<T>> RowsAsync<T>(string text, Func<SqlDataReader, T> read)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }
}
