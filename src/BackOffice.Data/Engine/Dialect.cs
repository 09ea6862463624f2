using System.Collections.Concurrent;
using System.Data.Common;

namespace BackOffice.Data.Engine;

/// <summary>
/// What the two engines do not share (two-engines 4): opening, beginning a transaction that writes, the paging suffix, bulk insert, and what a broken
/// unique index and a deadlock look like. Everything else is one neutral text.
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

    /// <summary>Whether the failure is a broken unique index or primary key: somebody was first.</summary>
    public abstract bool IsUniqueViolation(Exception failure);

    /// <summary>Whether the engine gave the transaction up because it and another one waited for each other: nothing of it was written, and it may be repeated.</summary>
    public abstract bool IsDeadlock(Exception failure);

    internal string TextOf(Sql sql) => _texts.GetOrAdd(sql, static (s, page) => s.Text.Replace("{page}", page, StringComparison.Ordinal), Page);
}

/// <summary>A turn to write: the connection, its transaction, and the way to let the next one in.</summary>
internal sealed record WriteTurn(DbConnection Connection, DbTransaction Transaction, Func<bool> RequestWaits, Func<ValueTask> EndAsync);
