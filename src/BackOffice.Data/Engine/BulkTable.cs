using System.Data;

namespace BackOffice.Data.Engine;

/// <summary>
/// How rows of one type go into one table by the thousand: table, columns, and where each value comes from. Held in a static field, so that a test
/// compares it with the schema.
/// </summary>
public sealed class BulkTable<TRow>(string name, params (string Column, Type Type, Func<TRow, object?> Value)[] columns) : IBulkTable
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; } = [.. columns.Select(column => column.Column)];

    /// <inheritdoc/>
    public IReadOnlyList<Type> Types { get; } = [.. columns.Select(column => column.Type)];

    /// <summary>The value of a column of a row as the driver takes it: instants in whole milliseconds, ids as 16 bytes.</summary>
    public object ValueOf(TRow row, int column) => columns[column].Value(row) switch
    {
        null => DBNull.Value,
        DateTime instant => Instants.Stored(instant),
        Guid id => Ids.Bytes(id),
        var value => value,
    };

    /// <summary>A prepared single-row insert: on SQLite the fastest way there is.</summary>
    internal string InsertText { get; } =
        $"INSERT INTO {name} ({string.Join(", ", columns.Select(c => c.Column))}) VALUES ({string.Join(", ", columns.Select(c => "@" + c.Column))})";

    /// <summary>The rows as a table for SqlBulkCopy.</summary>
    internal DataTable ToDataTable(IReadOnlyList<TRow> rows)
    {
        var table = new DataTable { Locale = System.Globalization.CultureInfo.InvariantCulture };
        foreach (var (column, type, _) in columns)
            table.Columns.Add(column, type == typeof(Guid) ? typeof(byte[]) : type);
        foreach (var row in rows)
        {
            var values = new object[columns.Length];
            for (var i = 0; i < values.Length; i++)
                values[i] = ValueOf(row, i);
            table.Rows.Add(values);
        }
        return table;
    }
}

/// <summary>What the test of the schema asks of a bulk table.</summary>
public interface IBulkTable
{
    /// <summary>The table.</summary>
    string Name { get; }

    /// <summary>The columns that are filled.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>What the values of each column are.</summary>
    IReadOnlyList<Type> Types { get; }
}
