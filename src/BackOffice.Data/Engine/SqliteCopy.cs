using System.Globalization;
using BackOffice.Domain;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BackOffice.Data.Engine;

/// <summary>Copies a SQLite database that is in use, and looks at copies. What only SQLite has, so that it stands apart from the neutral statements.</summary>
internal static class SqliteCopy
{
    private const int PagesAtATime = 2048; // 8 MB

    /// <summary>
    /// Copies the database as it is at this instant. One read transaction is held to the end: in WAL no writer waits for it, and SQLite's backup, which begins
    /// anew whenever another connection writes, has nothing to begin anew for.
    /// </summary>
    public static Task TakeAsync(string source, string target, CancellationToken token) => Task.Run(() => CopyAsync(source, target, token), token);

    /// <summary>Whether the file is a whole database.</summary>
    /// <param name="file">A file nobody else has open.</param>
    /// <param name="thorough">Indexes are held against their tables as well.</param>
    public static bool IsSound(string file, bool thorough)
    {
        try
        {
            using var connection = OpenStill(file);
            return Scalar(connection, thorough ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)") is "ok";
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is 11 or 26)
        {
            return false;
        }
    }

    /// <summary>Rows of every table of a file nobody else has open.</summary>
    public static SortedDictionary<string, long> CountRows(string file)
    {
        using var connection = OpenStill(file);
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in Texts(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"))
            counts[table] = Convert.ToInt64(Scalar(connection, $"SELECT COUNT(*) FROM \"{table.Replace("\"", "\"\"", StringComparison.Ordinal)}\""), CultureInfo.InvariantCulture);
        return counts;
    }

    /// <summary>The scripts applied to a file nobody else has open.</summary>
    public static List<string> AppliedScripts(string file)
    {
        using var connection = OpenStill(file);
        return Texts(connection, Migrations.Migrator.AppliedScripts.Text);
    }

    /// <summary>
    /// Brings the log of a database home and keeps every other program out until disposed. Null: the file is damaged, and there is nothing to bring home.
    /// </summary>
    /// <exception cref="RefusedException">Some program has the database open.</exception>
    public static IDisposable? TakeAlone(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 1 }.ConnectionString);
        try
        {
            connection.Open();
            // Only who has the database alone can leave WAL, and nothing of the log is left then. Who opens the file next goes back to WAL.
            Execute(connection, "PRAGMA journal_mode = DELETE;");
            Execute(connection, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;");
            if (Scalar(connection, "PRAGMA journal_mode") is not "delete")
                throw new SqliteException("The database is in use.", raw.SQLITE_BUSY);
            return connection;
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            return failure.SqliteErrorCode switch
            {
                5 or 6 => throw new RefusedException(new Refusal("ShopRunning", "", file)),
                11 or 26 => null,
                _ => throw new SqliteException(failure.Message, failure.SqliteErrorCode, failure.SqliteExtendedErrorCode),
            };
        }
    }

    private static async Task CopyAsync(string source, string target, CancellationToken token)
    {
        using var from = Open(source, SqliteOpenMode.ReadWrite);
        using var snapshot = from.BeginTransaction(deferred: true);
        Scalar(from, "SELECT COUNT(*) FROM sqlite_master", snapshot); // the snapshot is taken with the first read
        using var to = Open(target, SqliteOpenMode.ReadWriteCreate);
        // A copy that is not finished is thrown away whole, and the finished one is flushed by its owner.
        Execute(to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;");
        using var backup = raw.sqlite3_backup_init(to.Handle, "main", from.Handle, "main");
        if (backup.IsInvalid)
            SqliteException.ThrowExceptionForRC(raw.sqlite3_errcode(to.Handle), to.Handle);
        while (true)
        {
            token.ThrowIfCancellationRequested();
            var answer = raw.sqlite3_backup_step(backup, PagesAtATime);
            if (answer == raw.SQLITE_DONE)
                return;
            if (answer != raw.SQLITE_OK)
                throw new SqliteException("The copy could not be written.", answer & 0xFF, answer);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, token).ConfigureAwait(false); // the disk is the shop's first
        }
    }

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ConnectionString);
        connection.Open();
        Execute(connection, "PRAGMA busy_timeout = 5000;");
        return connection;
    }

    // Immutable: without it, looking at a copy would make a log beside it.
    private static SqliteConnection OpenStill(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = new Uri(file).AbsoluteUri + "?immutable=1", Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string text, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.CommandTimeout = 0;
        command.Transaction = transaction;
        return command.ExecuteScalar();
    }

    private static List<string> Texts(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        using var reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
            texts.Add(reader.GetString(0));
        return texts;
    }
}
