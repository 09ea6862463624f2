using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BackOffice.Domain;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace BackOffice.Jobs.Integrations.OneApi;

/// <summary>Which of the columns that not every console has are there, and may be read by us.</summary>
/// <param name="UsedBy"><c>used_user_id</c>: New API.</param>
/// <param name="DeletedAt"><c>deleted_at</c>: New API, which hides what it deletes.</param>
/// <param name="ExpiresAt"><c>expired_time</c>: newer New API.</param>
public sealed record ConsoleColumns(bool UsedBy, bool DeletedAt, bool ExpiresAt);

/// <summary>What came of writing a slice of codes; together as many as were given.</summary>
/// <param name="Added">New there.</param>
/// <param name="WereThere">There before, with the same name and quota.</param>
public sealed record ConsolePublished(int Added, int WereThere);

/// <summary>What came of disabling a slice of codes.</summary>
/// <param name="Disabled">By this.</param>
/// <param name="WereDisabled">Before.</param>
/// <param name="UsedKeys">Those that somebody had redeemed; they are left as they are. Secrets.</param>
/// <param name="UnknownKeys">Those the console does not have. Secrets.</param>
public sealed record ConsoleDisabled(int Disabled, int WereDisabled, IReadOnlyList<string> UsedKeys, IReadOnlyList<string> UnknownKeys);

/// <summary>A code that somebody redeemed.</summary>
/// <param name="Id">Its number in the console.</param>
/// <param name="Key">A secret.</param>
/// <param name="RedeemedAt">UTC, whole seconds.</param>
/// <param name="UsedBy">The console's user; null where it does not record it.</param>
public sealed record ConsoleRedeemed(long Id, string Key, DateTime RedeemedAt, long? UsedBy)
{
    /// <summary>Its number and last four only.</summary>
    public override string ToString() => FormattableString.Invariant($"code {Id} …{ConsoleRules.LastFour(Key)}");
}

/// <summary>
/// The console's own database, SQLite or PostgreSQL: for amounts that its API is too slow for. Writes codes, disables them, and reads which were redeemed; and reads the log, over
/// a connection that can only read.
/// </summary>
/// <remarks>
/// It is somebody else's database: each call opens, does one short transaction, and lets go. One text does for both engines, which take a slice as one JSON parameter; they differ in how that becomes rows.
/// </remarks>
public sealed class ConsoleDatabase(ConsoleSettings settings)
{
    /// <summary>The most codes of one call, which is one transaction.</summary>
    public const int LargestSlice = 20_000;

    private const int PageSize = 10_000; // a reader held open would keep a SQLite console from writing
    private static readonly string[] Needed = ["id", "key", "status", "name", "quota", "redeemed_time"];
    private static readonly string[] NeededOfLogs = ["id", "created_at", "type", "model_name", "token_name", "channel_id", "quota", "prompt_tokens", "completion_tokens"];

    /// <summary>Whether there is one to reach.</summary>
    public bool IsOn => settings.Database is not null;

    /// <summary>Which engine it is.</summary>
    /// <exception cref="RefusedException">None is set.</exception>
    public ConsoleEngine Engine => Database.Engine;

    private ConsoleDatabaseSettings Database => settings.Database ?? throw new RefusedException(new Refusal("ConsoleNotSet", "", "Console:Database"));

    private bool IsSqlite => Database.Engine == ConsoleEngine.Sqlite;

    /// <summary>Looks whether it is a console's database, and what it has.</summary>
    /// <exception cref="ConsoleException">It cannot be reached, or is none.</exception>
    public Task<ConsoleColumns> ColumnsAsync(CancellationToken token) => RunAsync(ColumnsAsync, token);

    /// <summary>Adds a slice of codes in one transaction; a second time it adds nothing. All or none.</summary>
    /// <exception cref="RefusedException">The console has one of the keys with another name or quota, or used or deleted; or a code expires and its table cannot say so.</exception>
    /// <exception cref="ConsoleException">It cannot be reached, or does not take it.</exception>
    public Task<ConsolePublished> InsertAsync(IReadOnlyList<ConsoleCode> codes, CancellationToken token)
    {
        RequireSlice(codes.Count);
        foreach (var code in codes)
            ConsoleRules.Require(code);
        return codes.Count == 0 ? Task.FromResult(new ConsolePublished(0, 0)) : RunAsync((connection, ending) => InsertAsync(connection, codes, ending), token);
    }

    /// <summary>Disables those of the codes that nobody has used, in one transaction. It neither enables nor deletes.</summary>
    /// <exception cref="RefusedException">A key that no code can have.</exception>
    /// <exception cref="ConsoleException">It cannot be reached, or does not take it.</exception>
    public Task<ConsoleDisabled> DisableAsync(IReadOnlyCollection<string> keys, CancellationToken token)
    {
        RequireSlice(keys.Count);
        foreach (var key in keys)
            ConsoleRules.RequireKey(key);
        return keys.Count == 0 ? Task.FromResult(new ConsoleDisabled(0, 0, [], [])) : RunAsync((connection, ending) => DisableAsync(connection, keys, ending), token);
    }

    /// <summary>What was redeemed since, oldest first, also what the console has hidden since. The console notes the time before it commits: begin a little earlier than where you ended.</summary>
    /// <exception cref="ConsoleException">It cannot be reached, or is no console's.</exception>
    public async IAsyncEnumerable<ConsoleRedeemed> ReadRedeemedAsync(DateTime since, [EnumeratorCancellation] CancellationToken token)
    {
        var columns = await ColumnsAsync(token).ConfigureAwait(false);
        var (at, id) = (ConsoleRules.Seconds(since), 0L);
        while (true)
        {
            var page = await RunAsync((connection, ending) => RedeemedAsync(connection, columns, at, id, ending), token).ConfigureAwait(false);
            foreach (var one in page)
                yield return one;
            if (page.Count < PageSize)
                yield break;
            (at, id) = (ConsoleRules.Seconds(page[^1].RedeemedAt), page[^1].Id);
        }
    }

    /// <summary>Which console's log it is: New API's rows have more.</summary>
    /// <exception cref="ConsoleException">It cannot be reached, or has no log that we may read.</exception>
    public Task<ConsoleFlavour> LogFlavourAsync(CancellationToken token) => RunAsync(
        async (connection, ending) => (await ColumnsAsync(connection, "logs", NeededOfLogs, ending).ConfigureAwait(false)).IsSupersetOf(["other", "token_id"]) ? ConsoleFlavour.NewApi : ConsoleFlavour.OneApi, token, readOnly: true);

    /// <summary>The number of the log's last row; 0 when there is none.</summary>
    /// <exception cref="ConsoleException">It cannot be reached.</exception>
    public Task<long> LastLogAsync(CancellationToken token) => RunAsync((connection, ending) => NumberAsync(connection, "SELECT COALESCE(MAX(id), 0) FROM logs", ending), token, readOnly: true);

    /// <summary>The number after which the rows since an instant (UTC) come; that of the last row when none came since.</summary>
    /// <exception cref="ConsoleException">It cannot be reached.</exception>
    public Task<long> LogBeforeAsync(DateTime since, CancellationToken token) => RunAsync(
        (connection, ending) => NumberAsync(connection, "SELECT COALESCE((SELECT MIN(id) - 1 FROM logs WHERE created_at >= @At), (SELECT MAX(id) FROM logs), 0)", ending, ("At", ConsoleRules.Seconds(since))), token, readOnly: true);

    /// <summary>Rows of the log after a number, in their order, of all types: the columns that usage is read from and no others.</summary>
    /// <param name="after">The last row that is known.</param>
    /// <param name="flavour">Which console it is.</param>
    /// <param name="take">How many.</param>
    /// <param name="token">To stop.</param>
    /// <exception cref="ConsoleException">It cannot be reached.</exception>
    public Task<List<ConsoleLogRow>> ReadLogsAsync(long after, ConsoleFlavour flavour, int take, CancellationToken token) => RunAsync(async (connection, ending) =>
    {
        using var read = Command(connection, null, $"""
            SELECT id, created_at, type, model_name, token_name, channel_id AS channel, quota, prompt_tokens, completion_tokens{(flavour == ConsoleFlavour.NewApi ? ", token_id, other" : "")}
            FROM logs
            WHERE id > @After
            ORDER BY id
            LIMIT {take}
            """, ("After", after));
        var page = new List<ConsoleLogRow>();
        await using var rows = await read.ExecuteReaderAsync(ending).ConfigureAwait(false);
        while (await rows.ReadAsync(ending).ConfigureAwait(false))
            page.Add(ConsoleLogRow.Of(rows));
        return page;
    }, token, readOnly: true);

    private async Task<long> NumberAsync(DbConnection connection, string query, CancellationToken token, params (string Name, object Value)[] values)
    {
        using var read = Command(connection, null, query, values);
        return Convert.ToInt64(await read.ExecuteScalarAsync(token).ConfigureAwait(false), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<ConsolePublished> InsertAsync(DbConnection connection, IReadOnlyList<ConsoleCode> codes, CancellationToken token)
    {
        var columns = await ColumnsAsync(connection, token).ConfigureAwait(false);
        if (!columns.ExpiresAt && codes.Any(code => code.ExpiresAt is not null))
            throw new RefusedException(new Refusal("ConsoleNoExpiry", ""));
        var rows = JsonSerializer.Serialize(codes.Select(code => new
        {
            k = code.Key,
            n = code.Name,
            q = code.Quota,
            c = ConsoleRules.Seconds(code.CreatedAt),
            e = code.ExpiresAt is { } at ? ConsoleRules.Seconds(at) : 0,
        }));
        await using var transaction = await connection.BeginTransactionAsync(token).ConfigureAwait(false);
        using var insert = Command(connection, transaction, $"""
            INSERT INTO redemptions (user_id, "key", status, name, quota, created_time, redeemed_time{(columns.ExpiresAt ? ", expired_time" : "")})
            SELECT @UserId, k, 1, n, q, c, 0{(columns.ExpiresAt ? ", e" : "")}
            FROM {Rows} AS given
            WHERE 1 = 1
            ON CONFLICT ("key") DO NOTHING
            """, ("Rows", rows), ("UserId", settings.UserId!.Value));
        var added = await insert.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        if (added < codes.Count)
            await RequireSameAsync(connection, transaction, codes, columns, token).ConfigureAwait(false);
        await transaction.CommitAsync(token).ConfigureAwait(false);
        return new(added, codes.Count - added);
    }

    // A key that was there may be another's, or spent: then the customer would hold something else than what we sold.
    private async Task RequireSameAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<ConsoleCode> codes, ConsoleColumns columns, CancellationToken token)
    {
        using var read = Command(connection, transaction, $"""
            SELECT "key", COALESCE(name, ''), quota, status, {(columns.DeletedAt ? "CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END" : "0")} AS gone
            FROM redemptions
            WHERE "key" IN ({Keys})
            """, ("Keys", JsonSerializer.Serialize(codes.Select(code => code.Key))));
        var there = new Dictionary<string, (string Name, long Quota, long Status, bool IsGone)>(StringComparer.Ordinal);
        await using var rows = await read.ExecuteReaderAsync(token).ConfigureAwait(false);
        while (await rows.ReadAsync(token).ConfigureAwait(false))
            there[Key(rows, 0)] = (rows.GetString(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt32(4) == 1);
        foreach (var code in codes)
        {
            if (!there.TryGetValue(code.Key, out var one))
                throw new ConsoleException(new Refusal("ConsoleDatabaseBusy", ""), isPassing: true); // deleted in this very moment
            var (name, quota, status, isGone) = one;
            var trouble = status == (int)ConsoleCodeStatus.Used ? "ConsoleKeyUsed" : isGone ? "ConsoleKeyGone" : name != code.Name || quota != code.Quota ? "ConsoleKeyTaken" : null;
            if (trouble is not null)
                throw new RefusedException(Of(trouble, code.Key));
        }
    }

    private async Task<ConsoleDisabled> DisableAsync(DbConnection connection, IReadOnlyCollection<string> keys, CancellationToken token)
    {
        var given = ("Keys", (object)JsonSerializer.Serialize(keys));
        await using var transaction = await connection.BeginTransactionAsync(token).ConfigureAwait(false);
        using var update = Command(connection, transaction, $"""UPDATE redemptions SET status = 2 WHERE status = 1 AND "key" IN ({Keys})""", given);
        var disabled = await update.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        using var read = Command(connection, transaction, $"""SELECT "key", status FROM redemptions WHERE "key" IN ({Keys})""", given);
        var (unknown, used, off) = (keys.ToHashSet(StringComparer.Ordinal), new List<string>(), 0);
        await using (var rows = await read.ExecuteReaderAsync(token).ConfigureAwait(false))
        {
            while (await rows.ReadAsync(token).ConfigureAwait(false))
            {
                var key = Key(rows, 0);
                unknown.Remove(key);
                if (rows.GetInt64(1) == (int)ConsoleCodeStatus.Used)
                    used.Add(key);
                else
                    off++;
            }
        }
        await transaction.CommitAsync(token).ConfigureAwait(false);
        return new(disabled, off - disabled, used, [.. unknown]);
    }

    private async Task<List<ConsoleRedeemed>> RedeemedAsync(DbConnection connection, ConsoleColumns columns, long at, long id, CancellationToken token)
    {
        using var read = Command(connection, null, $"""
            SELECT id, "key", redeemed_time, {(columns.UsedBy ? "used_user_id" : "NULL")} AS used_user_id
            FROM redemptions
            WHERE (status = 3 OR redeemed_time > 0) AND (redeemed_time, id) > (@At, @Id)
            ORDER BY redeemed_time, id
            LIMIT {PageSize}
            """, ("At", at), ("Id", id));
        var page = new List<ConsoleRedeemed>();
        await using var rows = await read.ExecuteReaderAsync(token).ConfigureAwait(false);
        while (await rows.ReadAsync(token).ConfigureAwait(false))
        {
            var user = await rows.IsDBNullAsync(3, token).ConfigureAwait(false) ? 0 : rows.GetInt64(3);
            page.Add(new(rows.GetInt64(0), Key(rows, 1), DateTime.UnixEpoch.AddSeconds(rows.GetInt64(2)), user > 0 ? user : null));
        }
        return page;
    }

    private async Task<ConsoleColumns> ColumnsAsync(DbConnection connection, CancellationToken token)
    {
        var names = await ColumnsAsync(connection, "redemptions", Needed, token).ConfigureAwait(false);
        return new(names.Contains("used_user_id"), names.Contains("deleted_at"), names.Contains("expired_time"));
    }

    private async Task<HashSet<string>> ColumnsAsync(DbConnection connection, string table, string[] needed, CancellationToken token)
    {
        using var read = Command(connection, null, IsSqlite
            ? $"SELECT name FROM pragma_table_info('{table}')"
            : $"SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('{table}') AND attnum > 0 AND NOT attisdropped AND has_column_privilege(attrelid, attnum, 'SELECT')");
        var names = new HashSet<string>(StringComparer.Ordinal);
        await using var rows = await read.ExecuteReaderAsync(token).ConfigureAwait(false);
        while (await rows.ReadAsync(token).ConfigureAwait(false))
            names.Add(rows.GetString(0));
        return names.IsSupersetOf(needed) ? names
            : throw new ConsoleException(new Refusal(table == "logs" ? "ConsoleLogMissing" : "ConsoleTableMissing", "", string.Join(", ", needed.Except(names))), isPassing: false);
    }

    private string Rows => IsSqlite
        ? "(SELECT value ->> 'k' AS k, value ->> 'n' AS n, value ->> 'q' AS q, value ->> 'c' AS c, value ->> 'e' AS e FROM json_each(@Rows))"
        : "json_to_recordset(CAST(@Rows AS json))"; // its columns follow the alias

    // As the column is, so that its index is used: text would be compared as text.
    private string Keys => IsSqlite ? "SELECT value FROM json_each(@Keys)" : "SELECT CAST(value AS bpchar) FROM json_array_elements_text(CAST(@Keys AS json))";

    private DbCommand Command(DbConnection connection, DbTransaction? transaction, string text, params (string Name, object Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = IsSqlite ? text : text.Replace(" AS given", " AS given (k bpchar, n text, q bigint, c bigint, e bigint)", StringComparison.Ordinal);
        command.Transaction = transaction;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("@" + name, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }

    private async Task<T> RunAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken token, bool readOnly = false)
    {
        try
        {
            var how = readOnly ? Database.ReadOnlyConnectionString : Database.ConnectionString;
            await using DbConnection connection = IsSqlite ? new SqliteConnection(how) : new NpgsqlConnection(how);
            await connection.OpenAsync(token).ConfigureAwait(false);
            return await work(connection, token).ConfigureAwait(false);
        }
        catch (DbException failure)
        {
            throw Of(failure);
        }
        catch (Exception failure) when (failure is System.Net.Sockets.SocketException or TimeoutException or IOException)
        {
            throw new ConsoleException(new Refusal("ConsoleDatabaseSilent", ""), isPassing: true);
        }
    }

    // The drivers' own sentences may quote what was given to them, so that only those are passed on which speak of rights, names and files.
    private static ConsoleException Of(DbException failure) => failure switch
    {
        SqliteException { SqliteErrorCode: 5 or 6 } => new(new Refusal("ConsoleDatabaseBusy", ""), isPassing: true),
        SqliteException { SqliteErrorCode: 14 } => new(new Refusal("ConsoleDatabaseSilent", ""), isPassing: false),
        SqliteException sqlite => new(new Refusal("ConsoleDatabaseAnswered", "", FormattableString.Invariant($"SQLite {sqlite.SqliteErrorCode}")), isPassing: false),
        PostgresException { SqlState: ['2', '8', ..] } => new(new Refusal("ConsoleDatabaseLogin", ""), isPassing: false),
        PostgresException { SqlState: "42501" } right => new(new Refusal("ConsoleDatabaseRight", "", ConsoleRules.Said(right.MessageText, null)), isPassing: false),
        PostgresException server => new(new Refusal("ConsoleDatabaseAnswered", "", server.SqlState), server.IsTransient),
        _ => new(new Refusal("ConsoleDatabaseSilent", ""), isPassing: true),
    };

    private static string Key(DbDataReader rows, int column) => rows.GetString(column).TrimEnd(' '); // char(32) is filled up

    private static Refusal Of(string code, string key) => new(code, "", ConsoleRules.LastFour(key));

    private static void RequireSlice(int count) => ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LargestSlice);
}
