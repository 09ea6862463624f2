using System.Threading.Channels;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Data.Codes;

/// <summary>
/// Makes the codes of a claimed batch: one thread draws and seals while another one writes, in transactions that end when a request waits. Each advances the
/// batch's count from what it found, so that a job that is killed, or runs twice, leaves neither a gap nor a code too many.
/// </summary>
public sealed class BatchMaker(Database database, VaultOfSecrets vault, CodeDice dice)
{
    // A larger slab writes the unique index in longer runs; the first ones are small, so that writing begins at once.
    private const int SmallestSlab = 10_000;
    private const int LargestSlab = 100_000;

    // SQLite looks whether a request waits after so many rows; a server is asked a few times a second, and each time costs a round trip.
    private int RowsAtOnce => database.Dialect.LongestJobTransaction < TimeSpan.FromMilliseconds(100) ? 200 : 5_000;

    /// <summary>Makes what is missing, and makes the batch ready.</summary>
    /// <exception cref="LeaseLostException">Somebody else makes it, or it is void.</exception>
    public async Task MakeAsync(BatchRow batch, CancellationToken token)
    {
        var made = batch.Made;
        while (made < batch.Wanted)
            made = await MakeFromAsync(batch, made, token).ConfigureAwait(false);
        await FinishAsync(batch, token).ConfigureAwait(false);
    }

    /// <summary>Takes in codes that the console made: they are live there, so none is refused.</summary>
    /// <param name="session">The transaction that settles the call.</param>
    /// <param name="batch">The batch as it is now.</param>
    /// <param name="codes">Codes that are not in yet.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="LeaseLostException">Somebody else makes it, or it is void.</exception>
    public async Task TakeInAsync(WriteSession session, BatchRow batch, IReadOnlyList<string> codes, CancellationToken token)
    {
        using var sealer = await vault.CodeSealerAsync(batch.Id, batch.WrappedKey!, token).ConfigureAwait(false);
        using var slab = CodeSlab.Of(batch, sealer, dice, batch.Made + 1, codes);
        await AdvanceAsync(session, batch.Id, batch.Made, batch.Made + codes.Count, token).ConfigureAwait(false);
        await session.BulkInsertAsync(CodeInsert.Table, slab.Rows(slab.First, slab.Count), token).ConfigureAwait(false);
    }

    /// <summary>All codes are made: from now on they are in stock.</summary>
    /// <exception cref="LeaseLostException">Somebody else makes it, or it is void.</exception>
    public Task FinishAsync(BatchRow batch, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            if (await session.ExecuteAsync(Finish, new FinishArgs(batch.Id, LeaseOwner.Current, session.At), token).ConfigureAwait(false) == 0)
                throw new LeaseLostException();
            await CodeEvents.AddAsync(session, new NewCodeEvent(batch.Number, CodeEvents.WholeBatch, CodeEventKinds.Ready, "system") { Codes = batch.Wanted }, token).ConfigureAwait(false);
        }, token);

    private async Task<int> MakeFromAsync(BatchRow batch, int made, CancellationToken token)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var slabs = Channel.CreateBounded<CodeSlab>(1);
        var drawing = Task.Run(() => DrawAsync(batch, made, slabs.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var slab in slabs.Reader.ReadAllAsync(token).ConfigureAwait(false))
            {
                while (made < slab.First + slab.Count - 1)
                    made = await WriteAsync(batch, slab, made, token).ConfigureAwait(false);
                slab.Dispose();
            }
            await drawing.ConfigureAwait(false);
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            // A code that there is already: as likely as a guess that hits. What was committed stays, the rest is drawn again.
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await drawing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return made;
    }

    private async Task DrawAsync(BatchRow batch, int made, ChannelWriter<CodeSlab> slabs, CancellationToken token)
    {
        try
        {
            using var sealer = await vault.CodeSealerAsync(batch.Id, batch.WrappedKey!, token).ConfigureAwait(false);
            var size = SmallestSlab;
            for (var first = made + 1; first <= batch.Wanted;)
            {
                var count = Math.Min(size, batch.Wanted - first + 1);
                await slabs.WriteAsync(CodeSlab.Draw(batch, sealer, dice, first, count), token).ConfigureAwait(false);
                first += count;
                size = Math.Min(size * 3, LargestSlab);
            }
            slabs.Complete();
        }
        catch (Exception failure)
        {
            slabs.Complete(failure);
            throw;
        }
    }

    // One transaction.
    private Task<int> WriteAsync(BatchRow batch, CodeSlab slab, int made, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            var (before, last) = (made, slab.First + slab.Count - 1);
            // First: another one who makes the batch, or has made it void, is met before a row is written.
            if (!await BatchStore.Queue.RenewAsync(session, batch.Id, token).ConfigureAwait(false))
                throw new LeaseLostException();
            var next = before;
            do
            {
                var rows = slab.Rows(next + 1, Math.Min(RowsAtOnce, last - next));
                await session.BulkInsertAsync(CodeInsert.Table, rows, token).ConfigureAwait(false);
                next += rows.Length;
            }
            while (next < last && !session.ShouldEnd);
            await AdvanceAsync(session, batch.Id, before, next, token).ConfigureAwait(false);
            return next;
        }, token);

    private static async Task AdvanceAsync(WriteSession session, Guid id, int before, int made, CancellationToken token)
    {
        if (await session.ExecuteAsync(Advance, new AdvanceArgs(id, LeaseOwner.Current, before, made), token).ConfigureAwait(false) == 0)
            throw new LeaseLostException();
    }

    /// <summary>How far it is, from where this worker left it.</summary>
    public sealed record AdvanceArgs(Guid Id, string Owner, int Before, int Made);

    /// <summary>The batch is complete.</summary>
    public sealed record FinishArgs(Guid Id, string Owner, DateTime At);

    /// <summary>More codes are made, by whoever holds the batch and nobody else.</summary>
    public static readonly Sql<AdvanceArgs> Advance = new("""
        UPDATE CodeBatches SET Made = @Made WHERE Id = @Id AND Status = 'generating' AND LeaseOwner = @Owner AND Made = @Before
        """);

    /// <summary>All are made, and in stock from now on. What the console made itself, it knows.</summary>
    public static readonly Sql<FinishArgs> Finish = new("""
        UPDATE CodeBatches
        SET Status = 'ready', Available = Made - Redeemed, EndedAt = @At, LeaseOwner = NULL, LeaseUntil = NULL, PublishedAt = CASE WHEN PublishBy = 'api' THEN @At ELSE PublishedAt END
        WHERE Id = @Id AND Status = 'generating' AND LeaseOwner = @Owner AND Made = Wanted
        """);
}
