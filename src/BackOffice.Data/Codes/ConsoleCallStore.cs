using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;

namespace BackOffice.Data.Codes;

/// <summary>
/// The calls that make codes at the console: a name of its own for each, kept before the call is made. What became of a call whose answer did not come is found by that name, so
/// that no code is lost and none is made twice (codes rules 4).
/// </summary>
public sealed class ConsoleCallStore(Database database, BatchMaker maker)
{
    /// <summary>The next call of a batch, kept before it is made, by who holds the batch.</summary>
    /// <exception cref="LeaseLostException">Somebody else makes the batch, or it is void.</exception>
    public Task<ConsoleCallRow> IntendAsync(BatchRow batch, int wanted, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            if (!await BatchStore.Queue.RenewAsync(session, batch.Id, token).ConfigureAwait(false))
                throw new LeaseLostException();
            var number = await session.GetAsync<int>(CountCalls, new BatchQueries.ByNumber(batch.Number), token).ConfigureAwait(false) + 1;
            await session.ExecuteAsync(Insert, new InsertArgs(batch.Number, number, NameOf(batch.Number, number), wanted, session.At), token).ConfigureAwait(false);
            return await session.GetAsync<ConsoleCallRow>(ReadOne, new OfCall(batch.Number, number), token).ConfigureAwait(false);
        }, token);

    /// <summary>Takes in the keys of a call that are not in yet, up to what the batch wants, and settles the call where that is all it made.</summary>
    /// <param name="batch">The batch's row.</param>
    /// <param name="call">The call.</param>
    /// <param name="codes">Keys with their lookup keys, each once.</param>
    /// <param name="isSettled">Whether the call has made no other.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>Keys that are too many: the batch is complete without them.</returns>
    /// <exception cref="LeaseLostException">Somebody else makes the batch, or it is void.</exception>
    public Task<List<string>> TakeInAsync(Guid batch, ConsoleCallRow call, IReadOnlyList<(string Key, byte[] LookupKey)> codes, bool isSettled, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            if (!await BatchStore.Queue.RenewAsync(session, batch, token).ConfigureAwait(false))
                throw new LeaseLostException();
            var row = await session.GetAsync<BatchRow>(BatchQueries.ReadById, new BatchQueries.ById(batch), token).ConfigureAwait(false);
            var fresh = new List<string>();
            foreach (var (key, lookupKey) in codes)
            {
                if (await session.FindAsync<CodeRow>(CodeQueries.ReadByKey, new CodeQueries.ByKey(lookupKey), token).ConfigureAwait(false) is null)
                    fresh.Add(key);
            }
            var taken = fresh.Take(row.Wanted - row.Made).ToList();
            if (taken.Count > 0)
                await maker.TakeInAsync(session, row, taken, token).ConfigureAwait(false);
            await session.ExecuteAsync(Note, new NoteArgs(call.BatchNo, call.CallNo, taken.Count, isSettled ? "settled" : "intended", session.At), token).ConfigureAwait(false);
            return fresh.Skip(taken.Count).ToList();
        }, token);

    /// <summary>Calls of a batch after one, in their order.</summary>
    public Task<List<ConsoleCallRow>> ListAsync(long batch, int after, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<ConsoleCallRow>(ReadAfter, new OfCall(batch, after), token), token);

    /// <summary>What a call is named: at most 20 bytes, whatever the batch. Codes that we make ourselves are named by the hundred alike.</summary>
    public static string NameOf(long batch, int call) => FormattableString.Invariant($"B{batch}-{call}");

    /// <summary>Which call; or those after it.</summary>
    public sealed record OfCall(long BatchNo, int CallNo);

    /// <summary>A call to come.</summary>
    public sealed record InsertArgs(long BatchNo, int CallNo, string Name, int Wanted, DateTime At);

    /// <summary>What came of it.</summary>
    public sealed record NoteArgs(long BatchNo, int CallNo, int More, string Status, DateTime At);

    /// <summary>How many there were.</summary>
    public static readonly Sql<BatchQueries.ByNumber> CountCalls = new("SELECT COUNT(*) FROM ConsoleCalls WHERE BatchNo = @Number");

    /// <summary>A call to come.</summary>
    public static readonly Sql<InsertArgs> Insert = new("""
        INSERT INTO ConsoleCalls (BatchNo, CallNo, Name, Wanted, Received, Status, IntendedAt) VALUES (@BatchNo, @CallNo, @Name, @Wanted, 0, 'intended', @At)
        """);

    /// <summary>One call.</summary>
    public static readonly Sql<OfCall> ReadOne = new("SELECT BatchNo, CallNo, Name, Wanted, Received, Status, IntendedAt FROM ConsoleCalls WHERE BatchNo = @BatchNo AND CallNo = @CallNo");

    /// <summary>Those after one.</summary>
    public static readonly Sql<OfCall> ReadAfter = new("SELECT BatchNo, CallNo, Name, Wanted, Received, Status, IntendedAt FROM ConsoleCalls WHERE BatchNo = @BatchNo AND CallNo > @CallNo ORDER BY CallNo");

    /// <summary>More keys of it are in.</summary>
    public static readonly Sql<NoteArgs> Note = new("""
        UPDATE ConsoleCalls SET Received = Received + @More, Status = @Status, SettledAt = CASE WHEN @Status = 'settled' THEN @At ELSE NULL END WHERE BatchNo = @BatchNo AND CallNo = @CallNo
        """);
}

/// <summary>A call that makes codes at the console. Instants are UTC.</summary>
public sealed class ConsoleCallRow
{
    /// <summary>Number of the batch.</summary>
    public long BatchNo { get; init; }

    /// <summary>Its number in the batch, from 1.</summary>
    public int CallNo { get; init; }

    /// <summary>By which the console knows what it made.</summary>
    public string Name { get; init; } = "";

    /// <summary>Codes asked for.</summary>
    public int Wanted { get; init; }

    /// <summary>Codes of it that are in.</summary>
    public int Received { get; init; }

    /// <summary><c>intended</c> as long as it may have made others, then <c>settled</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>When it was kept.</summary>
    public DateTime IntendedAt { get; init; }

    /// <summary>Whether it has made no other than those that are in.</summary>
    public bool IsSettled => Status == "settled";
}
