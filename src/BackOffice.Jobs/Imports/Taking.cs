using BackOffice.Data.Engine;
using BackOffice.Data.Imports;

namespace BackOffice.Jobs.Imports;

/// <summary>Takes slices in, one after the other. A slice is several transactions: each ends as soon as a request waits, and holds its records, its figures and its place together.</summary>
/// <param name="database">Where to.</param>
/// <param name="intake">What judges and stores.</param>
/// <param name="by">Who asked.</param>
/// <param name="import">The import they are of; null for what came from no file.</param>
/// <param name="noteAsync">Keeps what a transaction came to, in it.</param>
internal sealed class Taking<T>(Database database, Intake<T> intake, string by, Guid? import, Func<WriteSession, Slice<T>.Portions, CancellationToken, Task> noteAsync) where T : class
{
    private const int MostCollisions = 10;

    // Whether what came last was known throughout: likely all of it was taken in before.
    private bool _looksRepeated = true;

    public async Task TakeAsync(Slice<T> slice, CancellationToken token)
    {
        if (!_looksRepeated || !await PassRepeatedAsync(slice, token).ConfigureAwait(false))
            _looksRepeated = await StoreAsync(slice, token).ConfigureAwait(false);
    }

    // On SQL Server another one may be first with a row, or the two may wait for each other's; then the transaction is made again.
    private async Task<bool> StoreAsync(Slice<T> slice, CancellationToken token)
    {
        var collisions = 0;
        var nothingNew = true;
        while (!slice.IsDone)
        {
            var portions = slice.Begin();
            try
            {
                await database.WriteAsync(WriteRank.Job, async session =>
                {
                    do
                        portions.Count(await intake.TakeAsync(session, portions.Next(), by, token).ConfigureAwait(false));
                    while (!portions.IsDone && !session.ShouldEnd);
                    await FinishAsync(session, portions, token).ConfigureAwait(false);
                }, token).ConfigureAwait(false);
                slice.Commit(portions);
                nothingNew = portions.NothingNew;
            }
            catch (Exception failure) when ((database.Dialect.IsUniqueViolation(failure) || database.Dialect.IsDeadlock(failure)) && collisions++ < MostCollisions)
            {
                // The other one's rows are there now, or soon: this time they are found.
                intake.Forget();
            }
        }
        return nothingNew;
    }

    // What is stored stays as it is: a slice that a look at the index shows to be repeated or put aside throughout needs no turn at the gate but to note so.
    private async Task<bool> PassRepeatedAsync(Slice<T> slice, CancellationToken token)
    {
        var portions = slice.Begin();
        await using (var session = await database.OpenAsync(token).ConfigureAwait(false))
        {
            while (!portions.IsDone && portions.NothingNew)
                portions.Count(await intake.JudgeAsync(session, portions.Next(), token).ConfigureAwait(false));
        }
        if (!portions.NothingNew)
            return false;
        await database.WriteAsync(WriteRank.Job, session => FinishAsync(session, portions, token), token).ConfigureAwait(false);
        slice.Commit(portions);
        return true;
    }

    private async Task FinishAsync(WriteSession session, Slice<T>.Portions portions, CancellationToken token)
    {
        await intake.FinishAsync(session, import, portions.Asides, token).ConfigureAwait(false);
        await noteAsync(session, portions, token).ConfigureAwait(false);
    }
}
