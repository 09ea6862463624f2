using BackOffice.Data.Engine;

namespace BackOffice.Data.Home;

/// <summary>The figures of the first page. Each is read from an index and none is counted further than a page can say.</summary>
public sealed class HomeQueries(Database database)
{
    /// <summary>Beyond it a page says "more than" (guide, Tables).</summary>
    public const int MostCounted = 1_000;

    /// <summary>How much waits, as of now.</summary>
    public Task<WaitingWork> WaitingAsync(CancellationToken token = default) =>
        database.ReadAsync(async session => new WaitingWork(
            await session.GetAsync<int>(CountOpen, new OpenArgs("P1", 0, MostCounted + 1), token).ConfigureAwait(false),
            await session.GetAsync<int>(CountOpen, new OpenArgs("P2", 0, MostCounted + 1), token).ConfigureAwait(false),
            await session.GetAsync<int>(CountChecked, new CheckedArgs(0, MostCounted + 1), token).ConfigureAwait(false)), token);

    /// <summary>Findings of a priority, as many as are counted.</summary>
    public sealed record OpenArgs(string Priority, int Skip, int Take) : IPaged;

    /// <summary>As many as are counted.</summary>
    public sealed record CheckedArgs(int Skip, int Take) : IPaged;

    /// <summary>Open findings of a priority.</summary>
    public static readonly Sql<OpenArgs> CountOpen = new("""
        SELECT COUNT(*) FROM (
            SELECT Id FROM Findings WHERE State = 'open' AND Priority = @Priority ORDER BY FirstSeenAt, Id
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
}

/// <summary>How much waits for a person; a figure above <see cref="HomeQueries.MostCounted"/> means more than that.</summary>
public sealed record WaitingWork(int OpenP1, int OpenP2, int CheckedImports);
