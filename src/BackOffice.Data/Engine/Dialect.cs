using System.Collections.Concurrent;
using System.Data.Common;

namespace BackOffice.Data.Engine;

/// <summary>
/// What the two engines do not share (two-engines 4): opening, beginning a transaction that writes, the paging suffix, bulk insert, and what a broken
/// unique index and a deadlock look like, and which commands are kept prepared. Everything else is one neutral text.
/// </summary>
public abstract class Dialect
{
    private readonly ConcurrentDictionary<Sql, string> _texts = new();

    /// <summary>Appended after ORDER BY: leaves out @Skip rows and takes @Take.</summary>
    public abstract string Page { get; }

    /// <summary>How long a job's transaction may last while nobody waits.</summary>
    public abstract TimeSpan LongestJobTransaction { get; }

    /// <summary>How long a run waits after its start before it reads, so that no transaction with an earlier instant is still open (DESIGN 11).</summary>
    public abstract TimeSpan SettlingTime { get; }

    /// <summary>Opens a connection that reads.</summary>
    public abstract Task<DbConnection> OpenAsync(CancellationToken token);

    /// <summary>Begins a transaction that writes, waiting for its turn.</summary>
    internal abstract Task<WriteTurn> BeginAsync(WriteRank rank, CancellationToken token);

    /// <summary>Inserts many rows inside the transaction.</summary>
    internal abstract Task BulkInsertAsync<TRow>(DbConnection connection, DbTransaction transaction, BulkTable<TRow> table, IReadOnlyList<TRow> rows, CancellationToken token);

    /// <summary>A command of the connection that writes, with the table's parameters; kept where the connection is.</summary>
    private protected abstract DbCommand SumCommand<TRow>(DbConnection connection, SumTable<TRow> table, string text);

    /// <summary>Adds the rows to what their keys have: one neutral way, an update, and an insert where it found nothing. An insert that collides fails the transaction.</summary>
    internal async Task AddUpAsync<TRow>(DbConnection connection, DbTransaction transaction, SumTable<TRow> table, IEnumerable<TRow> rows, CancellationToken token)
    {
        var update = SumCommand(connection, table, table.UpdateText);
        var insert = SumCommand(connection, table, table.InsertText);
        (update.Transaction, insert.Transaction) = (transaction, transaction);
        foreach (var row in rows)
        {
            table.Fill(update, row);
            if (await update.ExecuteNonQueryAsync(token).ConfigureAwait(false) > 0)
                continue;
            table.Fill(insert, row);
            await insert.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the failure is a broken unique index or primary key: somebody was first.</summary>
    public abstract bool IsUniqueViolation(Exception failure);

    /// <summary>Whether the engine gave the transaction up because it and another one waited for each other: nothing of it was written, and it may be repeated.</summary>
    public abstract bool IsDeadlock(Exception failure);

    internal string TextOf(Sql sql) => _texts.GetOrAdd(sql, static (s, page) => s.Text.Replace("{page}", page, StringComparison.Ordinal), Page);
}

/// <summary>A turn to write: the connection, its transaction, and the way to let the next one in.</summary>
internal sealed record WriteTurn(DbConnection Connection, DbTransaction Transaction, Func<bool> RequestWaits, Func<ValueTask> EndAsync);
