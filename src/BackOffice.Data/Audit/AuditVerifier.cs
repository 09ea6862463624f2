using System.Data;
using BackOffice.Data.Engine;

namespace BackOffice.Data.Audit;

/// <summary>
/// Walks the audit trail from its first row to its end and says whether it still is what was written. What the walk cannot know is a chain rewritten whole, or
/// cut off and its head with it: for that a head noted earlier, outside, is held against it.
/// </summary>
public sealed class AuditVerifier(Database database)
{
    // An open reader keeps SQLite's log from shrinking: it is opened anew after so many rows.
    private const int Portion = 50_000;

    /// <summary>Every row, and the head.</summary>
    /// <param name="noted">A head noted earlier that the chain must still pass through; null when there is none.</param>
    /// <param name="token">To stop the walk.</param>
    public Task<AuditVerdict> VerifyAsync(AuditHead? noted = null, CancellationToken token = default) => new Walk(database, noted).RunAsync(token);

    /// <summary>The newest rows and the head: what a page can wait for. The row before them is taken as it stands.</summary>
    /// <param name="rows">How many rows at most.</param>
    /// <param name="token">To stop the walk.</param>
    public async Task<AuditVerdict> VerifyNewestAsync(int rows, CancellationToken token = default)
    {
        var queries = new AuditQueries(database);
        var head = await queries.FindHeadAsync(token).ConfigureAwait(false);
        var before = head?.Sequence > rows ? await queries.FindAsync(head.Sequence - rows, token).ConfigureAwait(false) : null;
        return await new Walk(database, null, before).RunAsync(token).ConfigureAwait(false);
    }

    /// <summary>After a number.</summary>
    public sealed record After(long Sequence, int Skip, int Take) : IPaged;

    /// <summary>In the chain's order.</summary>
    public static readonly Sql<After> ReadOn = new($$"""
        SELECT {{AuditEntry.Columns}}
        FROM AuditEntries
        WHERE Sequence > @Sequence
        ORDER BY Sequence
        {page}
        """);

    private sealed class Walk(Database database, AuditHead? noted, AuditEntry? before = null)
    {
        private readonly long _start = before?.Sequence ?? 0;
        private long _last = before?.Sequence ?? 0;
        private byte[] _lastHash = before?.Hash ?? AuditEntry.NoHash;
        private AuditHead? _head;

        public async Task<AuditVerdict> RunAsync(CancellationToken token)
        {
            var found = await RowsAsync(token).ConfigureAwait(false) ?? await EndAsync(token).ConfigureAwait(false);
            return new AuditVerdict(_start, _last, _head, found);
        }

        // The head is read before the rows, so those it counts are there to be read, whoever writes meanwhile; the walk ends when nothing more has come.
        private async Task<AuditBreak?> RowsAsync(CancellationToken token)
        {
            // From below 1: a row put in there is found as well.
            var after = before?.Sequence ?? long.MinValue;
            for (var more = true; more;)
            {
                await using var session = await database.OpenAsync(token).ConfigureAwait(false);
                _head = await session.FindAsync<AuditHead>(AuditLog.ReadHead, token: token).ConfigureAwait(false);
                more = false;
                try
                {
                    await foreach (var row in session.StreamAsync<AuditEntry>(ReadOn, new After(after, 0, Portion)).WithCancellation(token).ConfigureAwait(false))
                    {
                        if (Judge(row) is { } broken)
                            return broken;
                        (after, more) = (_last, true);
                    }
                }
                catch (DataException)
                {
                    return new AuditBreak(_last + 1, AuditBreakKind.Changed); // what cannot even be read was not written by this program
                }
            }
            return null;
        }

        private AuditBreak? Judge(AuditEntry row)
        {
            var expected = _last + 1;
            if (row.Sequence < expected)
                return new AuditBreak(row.Sequence, AuditBreakKind.Inserted);
            if (row.Sequence > expected)
                return new AuditBreak(expected, AuditBreakKind.Removed);
            if (!row.ComputeHash().AsSpan().SequenceEqual(row.Hash))
                return NumberWritten(row) is { } written ? new AuditBreak(expected, AuditBreakKind.Moved, written) : new AuditBreak(expected, AuditBreakKind.Changed);
            if (!row.PreviousHash.AsSpan().SequenceEqual(_lastHash))
                return new AuditBreak(expected, AuditBreakKind.Unlinked);
            if (row.Sequence == noted?.Sequence && !row.Hash.AsSpan().SequenceEqual(noted.Hash))
                return new AuditBreak(expected, AuditBreakKind.Rewritten);
            (_last, _lastHash) = (row.Sequence, row.Hash);
            return null;
        }

        // A row that is whole but for its number was moved: swapped, or numbered anew around one that was put in or taken out.
        private long? NumberWritten(AuditEntry row)
        {
            for (var number = 1L; number <= (_head?.Sequence ?? 0); number++)
            {
                if ((row with { Sequence = number }).ComputeHash().AsSpan().SequenceEqual(row.Hash))
                    return number;
            }
            return null;
        }

        private async Task<AuditBreak?> EndAsync(CancellationToken token)
        {
            if (noted?.Sequence > _last)
                return new AuditBreak(_last + 1, AuditBreakKind.Removed);
            if (_head is null)
                return new AuditBreak(_last, AuditBreakKind.HeadDiffers);
            var isHashOfLast = _lastHash.AsSpan().SequenceEqual(_head.Hash ?? AuditEntry.NoHash);
            if (_head.Sequence == _last)
                return isHashOfLast ? null : new AuditBreak(_last, AuditBreakKind.HeadDiffers);
            if (_head.Sequence > _last)
                return isHashOfLast ? new AuditBreak(_last, AuditBreakKind.HeadDiffers) : new AuditBreak(_last + 1, AuditBreakKind.Removed);
            // The head stands in the middle: either it was set back, or rows were put in after it.
            var named = await new AuditQueries(database).FindAsync(_head.Sequence, token).ConfigureAwait(false);
            return (named?.Hash ?? AuditEntry.NoHash).AsSpan().SequenceEqual(_head.Hash ?? AuditEntry.NoHash)
                ? new AuditBreak(_head.Sequence + 1, AuditBreakKind.Inserted)
                : new AuditBreak(_last, AuditBreakKind.HeadDiffers);
        }
    }
}

/// <summary>What a walk came to.</summary>
/// <param name="After">The walk began after this row; 0 when it began at the first.</param>
/// <param name="Last">Number of the last row found in order.</param>
/// <param name="Head">The end of the chain as the database names it; null when its row is gone.</param>
/// <param name="Break">The first thing that is not as it was written; null when all is.</param>
public sealed record AuditVerdict(long After, long Last, AuditHead? Head, AuditBreak? Break)
{
    /// <summary>Rows found in order.</summary>
    public long Rows => Last - After;

    /// <summary>Everything walked is as it was written.</summary>
    public bool IsWhole => Break is null;
}

/// <summary>Where a chain is broken.</summary>
/// <param name="Sequence">Number of the first row that is broken.</param>
/// <param name="Kind">In what way.</param>
/// <param name="Written">The number under which a moved row was written.</param>
public sealed record AuditBreak(long Sequence, AuditBreakKind Kind, long? Written = null);

/// <summary>How a chain can be broken; the sentences are <c>AuditBreak.{Kind}</c>.</summary>
public enum AuditBreakKind
{
    /// <summary>A value of the row is not what its hash was made of.</summary>
    Changed,

    /// <summary>The row is not there.</summary>
    Removed,

    /// <summary>The row stands where none was written: below the first, or after the head.</summary>
    Inserted,

    /// <summary>The row was written under another number: rows were swapped, put in or taken out.</summary>
    Moved,

    /// <summary>The row does not follow the one before it: one of the two was put in or replaced.</summary>
    Unlinked,

    /// <summary>The head does not name the last row.</summary>
    HeadDiffers,

    /// <summary>The row is not the one that was noted: the chain was rewritten.</summary>
    Rewritten,
}
