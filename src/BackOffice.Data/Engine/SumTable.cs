using System.Data;
using System.Data.Common;

namespace BackOffice.Data.Engine;

/// <summary>
/// Rows that are added up: what a key has already is added to, a key that is not there begins with the figures given. Held in a static field, so that a test
/// compares it with the schema.
/// </summary>
/// <param name="name">The table.</param>
/// <param name="keys">The columns of its primary key, and where each value comes from; never null.</param>
/// <param name="sums">The other columns, 64-bit sums.</param>
public sealed class SumTable<TRow>(string name, (string Column, Type Type, Func<TRow, object> Value)[] keys, params (string Column, Func<TRow, long> Value)[] sums) : IBulkTable
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; } = [.. keys.Select(key => key.Column), .. sums.Select(sum => sum.Column)];

    /// <inheritdoc/>
    public IReadOnlyList<Type> Types { get; } = [.. keys.Select(key => key.Type), .. sums.Select(_ => typeof(long))];

    internal string UpdateText { get; } =
        $"UPDATE {name} SET {string.Join(", ", sums.Select(sum => $"{sum.Column} = {sum.Column} + @{sum.Column}"))} WHERE {string.Join(" AND ", keys.Select(key => $"{key.Column} = @{key.Column}"))}";

    internal string InsertText { get; } =
        $"INSERT INTO {name} ({string.Join(", ", [.. keys.Select(key => key.Column), .. sums.Select(sum => sum.Column)])}) VALUES ({string.Join(", ", [.. keys.Select(key => "@" + key.Column), .. sums.Select(sum => "@" + sum.Column)])})";

    internal void Declare(DbCommand command)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + Columns[i];
            parameter.DbType = Types[i] == typeof(int) ? DbType.Int32 : Types[i] == typeof(long) ? DbType.Int64 : Types[i] == typeof(bool) ? DbType.Boolean : DbType.Date;
            command.Parameters.Add(parameter);
        }
    }

    internal void Fill(DbCommand command, TRow row)
    {
        for (var i = 0; i < keys.Length; i++)
            command.Parameters[i].Value = keys[i].Value(row);
        for (var i = 0; i < sums.Length; i++)
            command.Parameters[keys.Length + i].Value = sums[i].Value(row);
    }
}
