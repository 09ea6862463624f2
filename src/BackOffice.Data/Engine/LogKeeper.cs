using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BackOffice.Data.Engine;

/// <summary>
/// Brings SQLite's log home beside the writers. By default whoever commits does that before the answer, every thousand pages: with keys in random order
/// each of these pages is another place on the disk, and a page that waits would pay for a job's rows.
/// </summary>
internal sealed class LogKeeper(WriteGate gate, Func<Task<SqliteConnection>> open) : IAsyncDisposable
{
    /// <summary>For the connection that writes: should no pass of ours get through, SQLite does it itself after 64 MB.</summary>
    public const string Pragmas = "PRAGMA wal_autocheckpoint = 16384;";

    private const int Count = -1; // SQLITE_CHECKPOINT_NOOP: says how many pages there are and moves none
    private const int PagesWorthAPass = 500;

    // The log begins anew only when none of it is left to bring home at a moment when nobody writes; until then it grows.
    private const int PagesWorthATurn = 4000;

    private Task _pass = Task.CompletedTask;
    private SqliteConnection? _connection;

    /// <summary>After a commit, the gate still held: begins a pass where it is worth one.</summary>
    public void NoteCommit(SqliteConnection writer)
    {
        if (_pass.IsCompleted && raw.sqlite3_wal_checkpoint_v2(writer.Handle, "main", Count, out var all, out var home) == raw.SQLITE_OK && all - home >= PagesWorthAPass)
            _pass = Task.Run(PassAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _pass.ConfigureAwait(false);
        if (_connection is not null)
            await _connection.DisposeAsync().ConfigureAwait(false);
        _connection = null;
    }

    private async Task PassAsync()
    {
        try
        {
            _connection ??= await open().ConfigureAwait(false);
            if (BringHome(_connection) < PagesWorthATurn)
                return;
            BringHome(_connection);
            using var turn = await gate.EnterAsync(WriteRank.Job, CancellationToken.None).ConfigureAwait(false);
            BringHome(_connection);
        }
        catch (SqliteException)
        {
            // The file is gone or another process has it: the next commit begins another pass, and whoever writes is told what is wrong.
        }
    }

    /// <returns>Pages in the log.</returns>
    private static int BringHome(SqliteConnection connection)
    {
        // Busy: another process brings the log home, or a reader still needs it as it was.
        _ = raw.sqlite3_wal_checkpoint_v2(connection.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var all, out _);
        return all;
    }
}
