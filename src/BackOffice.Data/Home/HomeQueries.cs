using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;

namespace BackOffice.Data.Home;

/// <summary>The figures of the first page. Each is read from an index and none is counted further than a page can say.</summary>
public sealed class HomeQueries(Database database)
{
    /// <summary>Beyond it a page says "more than" (guide, Tables).</summary>
    public const int MostCounted = 1_000;

    /// <summary>How much waits, as of now.</summary>
    public Task<WaitingWork> WaitingAsync(CancellationToken token = default) =>
        database.ReadAsync(async session => new WaitingWork(
            await session.GetAsync<int>(CountOpen, new OpenArgs("P1", FindingFilter.Earliest, FindingFilter.Latest, 0, MostCounted + 1), token).ConfigureAwait(false),
            await session.GetAsync<int>(CountOpen, new OpenArgs("P2", FindingFilter.Earliest, FindingFilter.Latest, 0, MostCounted + 1), token).ConfigureAwait(false),
            await session.GetAsync<int>(CountChecked, new CheckedArgs(0, MostCounted + 1), token).ConfigureAwait(false)), token);

    /// <summary>How many findings of a priority are open that were first seen in each of the spans, which may overlap.</summary>
    public Task<List<int>> OpenFindingsAsync(string priority, IEnumerable<(DateTime From, DateTime Until)> spans, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var counts = new List<int>();
            foreach (var (from, until) in spans)
                counts.Add(await session.GetAsync<int>(CountOpen, new OpenArgs(priority, from, until, 0, MostCounted + 1), token).ConfigureAwait(false));
            return counts;
        }, token);

    /// <summary>How many orders came to one of some statuses.</summary>
    /// <param name="statuses">Words of a row, each once.</param>
    /// <param name="from">Made at this instant or later, UTC.</param>
    /// <param name="until">Made before this instant, UTC.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<int> OrdersAsync(IEnumerable<string> statuses, DateTime from, DateTime until, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var count = 0;
            foreach (var status in statuses.TakeWhile(_ => count <= MostCounted))
                count += await session.GetAsync<int>(CountOrders, new OrdersArgs(status, from, until, 0, MostCounted + 1 - count), token).ConfigureAwait(false);
            return count;
        }, token);

    /// <summary>Findings of a priority by when they were first seen, as many as are counted.</summary>
    public sealed record OpenArgs(string Priority, DateTime From, DateTime Until, int Skip, int Take) : IPaged;

    /// <summary>As many as are counted.</summary>
    public sealed record CheckedArgs(int Skip, int Take) : IPaged;

    /// <summary>Orders of a status by when they were made, as many as are counted.</summary>
    public sealed record OrdersArgs(string Status, DateTime From, DateTime Until, int Skip, int Take) : IPaged;

    /// <summary>Open findings of a priority.</summary>
    public static readonly Sql<OpenArgs> CountOpen = new("""
        SELECT COUNT(*) FROM (
            SELECT Id FROM Findings WHERE State = 'open' AND Priority = @Priority AND FirstSeenAt >= @From AND FirstSeenAt < @Until ORDER BY FirstSeenAt, Id
            {page}
        ) AS f
        """);

    /// <summary>Imports that were checked and wait for a person's word.</summary>
    public static readonly Sql<CheckedArgs> CountChecked = new("""
        SELECT COUNT(*) FROM (
            SELECT Number FROM Imports WHERE Status = 'checked' ORDER BY Number
            {page}
        ) AS i
        """);

    /// <summary>Orders of a status.</summary>
    public static readonly Sql<OrdersArgs> CountOrders = new("""
        SELECT COUNT(*) FROM (
            SELECT OrderNo FROM Orders WHERE Status = @Status AND CreatedAt >= @From AND CreatedAt < @Until ORDER BY CreatedAt, OrderNo
            {page}
        ) AS o
        """);
}

/// <summary>How much waits for a person; a figure above <see cref="HomeQueries.MostCounted"/> means more than that.</summary>
public sealed record WaitingWork(int OpenP1, int OpenP2, int CheckedImports);
