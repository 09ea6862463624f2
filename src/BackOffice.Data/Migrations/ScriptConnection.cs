using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace BackOffice.Data.Migrations;

/// <summary>
/// A connection on which a script fails when any of its statements does. The driver stops at a statement that has columns, as one that changes a constraint
/// does, and what fails after it is lost when its reader is closed: the script would count as applied.
/// </summary>
public sealed class ScriptConnection(string connectionString) : SqliteConnection(connectionString)
{
    /// <inheritdoc/>
    public override SqliteCommand CreateCommand() => new ScriptCommand { Connection = this, Transaction = Transaction, CommandTimeout = DefaultTimeout };
}

/// <summary>Runs every statement of its text, and says so when one fails.</summary>
public sealed class ScriptCommand : SqliteCommand
{
    /// <summary>Runs all statements.</summary>
    [SuppressMessage("Performance", "CA1849:Call async methods when in an async method", Justification = "It is the synchronous one.")]
    public override int ExecuteNonQuery()
    {
        using var reader = ExecuteReader();
        while (reader.NextResult())
        {
        }
        return reader.RecordsAffected;
    }
}
