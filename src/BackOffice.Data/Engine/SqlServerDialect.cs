using System.Data.Common;
using Microsoft.Data.SqlClient;

namespace BackOffice.Data.Engine;

/// <summary>SQL Server 2019 or newer.</summary>
public sealed class SqlServerDialect(string connectionString) : Dialect
{
    /// <inheritdoc/>
    public override string Page => "OFFSET @Skip ROWS FETCH NEXT @Take ROWS ONLY";

    /// <inheritdoc/>
    public override TimeSpan LongestJobTransaction => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override TimeSpan SettlingTime => TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override async Task<DbConnection> OpenAsync(CancellationToken token)
    {
        var connection = new SqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(token).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool IsUniqueViolation(Exception failure) => failure is SqlException { Number: 2601 or 2627 };

    /// <inheritdoc/>
    public override bool IsDeadlock(Exception failure) => failure is SqlException { Number: 1205 };

    internal override async Task<WriteTurn> BeginAsync(WriteRank rank, CancellationToken token)
    {
        var connection = (SqlConnection)await OpenAsync(token).ConfigureAwait(false);
        try
        {
            var transaction = (SqlTransaction)await connection.BeginTransactionAsync(token).ConfigureAwait(false);
            return new WriteTurn(connection, transaction, static () => false, async () =>
            {
                await transaction.DisposeAsync().ConfigureAwait(false);
                await connection.DisposeAsync().ConfigureAwait(false);
            });
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    internal override async Task BulkInsertAsync<TRow>(DbConnection connection, DbTransaction transaction, BulkTable<TRow> table, IReadOnlyList<TRow> rows, CancellationToken token)
    {
        using var copy = new SqlBulkCopy((SqlConnection)connection, SqlBulkCopyOptions.CheckConstraints | SqlBulkCopyOptions.FireTriggers, (SqlTransaction)transaction);
        copy.DestinationTableName = table.Name;
        foreach (var column in table.Columns)
            copy.ColumnMappings.Add(column, column);
        using var data = table.ToDataTable(rows);
        await copy.WriteToServerAsync(data, token).ConfigureAwait(false);
    }

    private protected override DbCommand SumCommand<TRow>(DbConnection connection, SumTable<TRow> table, string text)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        table.Declare(command);
        return command;
    }
}
