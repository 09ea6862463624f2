using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace BackOffice.Data.Engine;

/// <summary>SQLite, the embedded default: WAL, synchronous=FULL, one write gate a process.</summary>
public sealed class SqliteDialect : Dialect, IAsyncDisposable
{
    // 64 MB for the one connection that writes: unique indexes over random keys are read all over.
    private const string WriterPragmas = "PRAGMA cache_size = -65536;" + LogKeeper.Pragmas;

    // For another process that holds the file: SQLite itself waits as long as busy_timeout says, and the driver asks it again until this is over. Long enough
    // for one that writes without a pause to let us in; short enough for a person who waits for the answer that something does not let go.
    private const int BusySeconds = 10;

    private const string Pragmas = "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192;";
    private const string BulkInsertPoint = "BulkInsert";
    private const int ConstraintBroken = 19; // SQLITE_CONSTRAINT

    private readonly string _connectionString;
    private readonly WriteGate _gate = new();
    private readonly Dictionary<object, SqliteCommand> _inserts = [];
    private readonly LogKeeper _log;
    private SqliteConnection? _writer;
    private FileStream? _inUse;

    /// <summary>Uses the database file of a Microsoft.Data.Sqlite connection string. The file must be there: migrations make it.</summary>
    public SqliteDialect(string connectionString)
    {
        _connectionString = new SqliteConnectionStringBuilder(connectionString) { Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = BusySeconds }.ConnectionString;
        File = new SqliteConnectionStringBuilder(connectionString).DataSource;
        _log = new LogKeeper(_gate, () => OpenWithAsync(Pragmas, CancellationToken.None));
    }

    /// <summary>The database file.</summary>
    public string File { get; }

    /// <inheritdoc/>
    public override string Page => "LIMIT @Take OFFSET @Skip";

    /// <inheritdoc/>
    public override TimeSpan LongestJobTransaction => TimeSpan.FromMilliseconds(5);

    /// <inheritdoc/>
    public override TimeSpan SettlingTime => TimeSpan.Zero;

    /// <inheritdoc/>
    public override async Task<DbConnection> OpenAsync(CancellationToken token) => await OpenWithAsync(Pragmas, token).ConfigureAwait(false);

    /// <inheritdoc/>
    public override bool IsUniqueViolation(Exception failure) => failure is SqliteException { SqliteExtendedErrorCode: 2067 or 1555 };

    /// <summary>Never: one transaction writes at a time.</summary>
    public override bool IsDeadlock(Exception failure) => false;

    /// <summary>Closes the connection that writes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync().ConfigureAwait(false);
        using var turn = await _gate.EnterAsync(WriteRank.Job, CancellationToken.None).ConfigureAwait(false);
        foreach (var command in _inserts.Values)
            await command.DisposeAsync().ConfigureAwait(false);
        _inserts.Clear();
        if (_writer is not null)
            await _writer.DisposeAsync().ConfigureAwait(false);
        _writer = null;
        Interlocked.Exchange(ref _inUse, null)?.Dispose();
    }

    internal override async Task<WriteTurn> BeginAsync(WriteRank rank, CancellationToken token)
    {
        var turn = await _gate.EnterAsync(rank, token).ConfigureAwait(false);
        try
        {
            token.ThrowIfCancellationRequested();
            _writer ??= await OpenWithAsync(Pragmas + WriterPragmas, token).ConfigureAwait(false);
            var transaction = _writer.BeginTransaction(deferred: false);
            return new WriteTurn(_writer, transaction, () => rank == WriteRank.Job && _gate.RequestWaits, async () =>
            {
                try
                {
                    await transaction.DisposeAsync().ConfigureAwait(false);
                    _log.NoteCommit(_writer);
                }
                finally
                {
                    turn.Dispose();
                }
            });
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    internal override Task BulkInsertAsync<TRow>(DbConnection connection, DbTransaction transaction, BulkTable<TRow> table, IReadOnlyList<TRow> rows, CancellationToken token)
    {
        // All rows or none, as SqlBulkCopy does it: a caller may catch a broken unique index and go on.
        transaction.Save(BulkInsertPoint);
        try
        {
            InsertEach(PreparedInsert((SqliteConnection)connection, table), (SqliteTransaction)transaction, table, rows);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode == ConstraintBroken)
        {
            transaction.Rollback(BulkInsertPoint);
            throw;
        }
        transaction.Release(BulkInsertPoint);
        return Task.CompletedTask;
    }

    private static void InsertEach<TRow>(SqliteCommand command, SqliteTransaction transaction, BulkTable<TRow> table, IReadOnlyList<TRow> rows)
    {
        command.Transaction = transaction;
        foreach (var row in rows)
        {
            for (var i = 0; i < table.Columns.Count; i++)
                command.Parameters[i].Value = table.ValueOf(row, i);
            command.ExecuteNonQuery();
        }
    }

    // Prepared once for the connection that writes; the gate lets one caller in at a time.
    private SqliteCommand PreparedInsert<TRow>(SqliteConnection connection, BulkTable<TRow> table)
    {
        if (_inserts.TryGetValue(table, out var prepared))
            return prepared;
        var command = connection.CreateCommand();
        command.CommandText = table.InsertText;
        foreach (var column in table.Columns)
            command.Parameters.Add(new SqliteParameter { ParameterName = "@" + column });
        return _inserts[table] = command;
    }

    private protected override DbCommand SumCommand<TRow>(DbConnection connection, SumTable<TRow> table, string text)
    {
        if (_inserts.TryGetValue((table, text), out var prepared))
            return prepared;
        var command = ((SqliteConnection)connection).CreateCommand();
        command.CommandText = text;
        table.Declare(command);
        return _inserts[(table, text)] = command;
    }

    private async Task<SqliteConnection> OpenWithAsync(string pragmas, CancellationToken token)
    {
        ShareShop();
        var connection = new SqliteConnection(_connectionString);
        try
        {
            await connection.OpenAsync(token).ConfigureAwait(false);
            await using var command = connection.CreateCommand();
            command.CommandText = pragmas;
            await command.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Held until the process ends or lets go of the database: nobody replaces a file under our feet.
    private void ShareShop()
    {
        if (_inUse is not null || ShopLock.Share(File) is not { } mine)
            return;
        if (Interlocked.CompareExchange(ref _inUse, mine, null) is not null)
            mine.Dispose();
    }
}
