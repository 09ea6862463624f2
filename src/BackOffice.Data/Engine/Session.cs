using System.Data.Common;
using System.Diagnostics;
using Dapper;

namespace BackOffice.Data.Engine;

#pragma warning disable RS0030 // Engine is where Dapper may be used
/// <summary>
/// What can be asked over one connection. One open reader at a time: SQL Server allows no second one, SQLite would not show the mistake; streams that are
/// merged take a session each.
/// </summary>
public abstract class Session
{
    private readonly SlowStatements _slow;

    private protected Session(Dialect dialect, DbConnection connection, DbTransaction? transaction, SlowStatements slow)
    {
        Dialect = dialect;
        Connection = connection;
        Transaction = transaction;
        _slow = slow;
    }

    /// <summary>The engine's own version, as it tells it.</summary>
    public string EngineVersion => Connection.ServerVersion;

    private protected Dialect Dialect { get; }

    private protected DbConnection Connection { get; }

    private protected DbTransaction? Transaction { get; }

    /// <summary>All rows.</summary>
    public async Task<List<TRow>> ListAsync<TRow>(Sql sql, object? args = null, CancellationToken token = default)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var rows = (await Connection.QueryAsync<TRow>(Command(sql, args, token)).ConfigureAwait(false)).AsList();
        _slow.Note(sql, startedAt);
        return rows;
    }

    /// <summary>All rows of a join, each made of two: the second begins at the column <paramref name="splitOn"/> and is null where that is null.</summary>
    public async Task<List<(TFirst First, TSecond? Second)>> ListPairsAsync<TFirst, TSecond>(Sql sql, object? args, string splitOn, CancellationToken token) where TSecond : class
    {
        var startedAt = Stopwatch.GetTimestamp();
        var rows = (await Connection.QueryAsync<TFirst, TSecond?, (TFirst, TSecond?)>(Command(sql, args, token), static (first, second) => (first, second), splitOn)
            .ConfigureAwait(false)).AsList();
        _slow.Note(sql, startedAt);
        return rows;
    }

    /// <summary>The only row, or null when there is none.</summary>
    /// <exception cref="InvalidOperationException">There are two.</exception>
    public async Task<TRow?> FindAsync<TRow>(Sql sql, object? args = null, CancellationToken token = default)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var row = await Connection.QuerySingleOrDefaultAsync<TRow>(Command(sql, args, token)).ConfigureAwait(false);
        _slow.Note(sql, startedAt);
        return row;
    }

    /// <summary>The only row.</summary>
    /// <exception cref="InvalidOperationException">There is none, or there are two.</exception>
    public async Task<TRow> GetAsync<TRow>(Sql sql, object? args = null, CancellationToken token = default)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var row = await Connection.QuerySingleAsync<TRow>(Command(sql, args, token)).ConfigureAwait(false);
        _slow.Note(sql, startedAt);
        return row;
    }

    /// <summary>The rows one by one, never all in memory. Slow is here what comes late with its first row: after that the reader's own time counts.</summary>
    public IAsyncEnumerable<TRow> StreamAsync<TRow>(Sql sql, object? args = null)
    {
        Check(sql, args);
        return _slow.Watch(sql, Connection.QueryUnbufferedAsync<TRow>(Dialect.TextOf(sql), args, Transaction));
    }

    /// <summary>
    /// Shows every row to a visitor, as the driver has it. For sums over tens of thousands of rows on a page that somebody waits for: an object a row would cost more
    /// than the row.
    /// </summary>
    public async Task EachAsync(Sql sql, object? args, Action<DbDataReader> visit, CancellationToken token)
    {
        var startedAt = Stopwatch.GetTimestamp();
        await using var reader = await Connection.ExecuteReaderAsync(Command(sql, args, token)).ConfigureAwait(false);
        while (await reader.ReadAsync(token).ConfigureAwait(false))
            visit(reader);
        Note(sql, startedAt);
    }

    private protected void Note(Sql sql, long startedAt) => _slow.Note(sql, startedAt);

    private protected CommandDefinition Command(Sql sql, object? args, CancellationToken token)
    {
        Check(sql, args);
        return new CommandDefinition(Dialect.TextOf(sql), args, Transaction, cancellationToken: token);
    }

    private static void Check(Sql sql, object? args)
    {
        if (args?.GetType() != sql.ArgsType)
            throw new ArgumentException($"The statement takes {sql.ArgsType?.Name ?? "no arguments"}, not {args?.GetType().Name ?? "none"}.", nameof(args));
    }
}

/// <summary>A connection that reads; dispose it.</summary>
public sealed class ReadSession : Session, IAsyncDisposable
{
    internal ReadSession(Dialect dialect, DbConnection connection, SlowStatements slow) : base(dialect, connection, null, slow)
    {
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}

/// <summary>A transaction that writes, from its first word; made by <see cref="Database.WriteAsync{T}"/>, which commits it.</summary>
public sealed class WriteSession : Session
{
    // SQLite: DESIGN 3. SQL Server has no gate, but a business transaction must be well under the 5 s that a run waits before it reads (DESIGN 11).
    private const int MostRows = 20_000;
    private readonly long _startedAt;
    private int _rows;

    internal WriteSession(Dialect dialect, DbConnection connection, DbTransaction transaction, Func<bool> requestWaits, TimeProvider clock, SlowStatements slow)
        : base(dialect, connection, transaction, slow)
    {
        RequestWaits = requestWaits;
        Clock = clock;
        At = clock.UtcNow();
        _startedAt = clock.GetTimestamp();
    }

    /// <summary>The instant of this transaction, UTC, read after it began: what <c>RecordedAt</c> takes (DESIGN 11).</summary>
    public DateTime At { get; }

    /// <summary>A job's transaction should end now: somebody waits, or it has lasted long enough. Asked after each part of the work.</summary>
    public bool ShouldEnd => _rows >= MostRows || RequestWaits() || Clock.GetElapsedTime(_startedAt) >= Dialect.LongestJobTransaction;

    private Func<bool> RequestWaits { get; }

    private TimeProvider Clock { get; }

    /// <summary>Runs a statement and says how many rows it touched.</summary>
    public async Task<int> ExecuteAsync(Sql sql, object? args = null, CancellationToken token = default)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var rows = await Connection.ExecuteAsync(Command(sql, args, token)).ConfigureAwait(false);
        Note(sql, startedAt);
        _rows += Math.Max(rows, 0);
        return rows;
    }

    /// <summary>Inserts many rows, or none when one of them fails.</summary>
    public async Task BulkInsertAsync<TRow>(BulkTable<TRow> table, IReadOnlyList<TRow> rows, CancellationToken token = default)
    {
        if (rows.Count == 0)
            return;
        await Dialect.BulkInsertAsync(Connection, Transaction!, table, rows, token).ConfigureAwait(false);
        _rows += rows.Count;
    }

    /// <summary>Adds rows to what their keys have already.</summary>
    public async Task AddUpAsync<TRow>(SumTable<TRow> table, IReadOnlyCollection<TRow> rows, CancellationToken token = default)
    {
        await Dialect.AddUpAsync(Connection, Transaction!, table, rows, token).ConfigureAwait(false);
        _rows += rows.Count;
    }

    /// <summary>The next small number of a counter, for people to see and type (batch 118, run 231).</summary>
    public async Task<long> NextNumberAsync(string counter, CancellationToken token = default)
    {
        var args = new CounterName(counter);
        if (await ExecuteAsync(AdvanceCounter, args, token).ConfigureAwait(false) == 0 && !await StartAsync(args, token).ConfigureAwait(false))
            await ExecuteAsync(AdvanceCounter, args, token).ConfigureAwait(false);
        return await GetAsync<long>(ReadCounter, args, token).ConfigureAwait(false);
    }

    private async Task<bool> StartAsync(CounterName args, CancellationToken token)
    {
        try
        {
            return await ExecuteAsync(StartCounter, args, token).ConfigureAwait(false) == 1;
        }
        catch (Exception failure) when (Dialect.IsUniqueViolation(failure))
        {
            return false; // another transaction started it in between, which SQL Server lets happen
        }
    }

    /// <summary>Lets the clock pass the millisecond of <see cref="At"/> while the transaction still holds the writers off: whatever is recorded later has a later instant.</summary>
    public async Task OutlastInstantAsync(CancellationToken token)
    {
        while (Clock.UtcNow() <= At)
            await Task.Delay(TimeSpan.FromMilliseconds(1), Clock, token).ConfigureAwait(false);
    }

    /// <summary>Which counter.</summary>
    public sealed record CounterName(string Name);

    /// <summary>Adds one; no row yet means the counter starts.</summary>
    public static readonly Sql<CounterName> AdvanceCounter = new("UPDATE Counters SET Value = Value + 1 WHERE Name = @Name");

    /// <summary>The first number is 1.</summary>
    public static readonly Sql<CounterName> StartCounter = new("INSERT INTO Counters (Name, Value) VALUES (@Name, 1)");

    /// <summary>The number just given, still inside the transaction.</summary>
    public static readonly Sql<CounterName> ReadCounter = new("SELECT Value FROM Counters WHERE Name = @Name");
}
#pragma warning restore RS0030
