using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;

namespace BackOffice.Data.Tests;

/// <summary>An audit trail of a test's own, and what somebody with a SQL shell could do to it.</summary>
internal sealed class Chain : IAsyncDisposable
{
    private static readonly Sql Rows = new("SELECT Sequence, At, Who, Action, Subject, Reason, Details, PreviousHash, Hash FROM AuditEntries ORDER BY Sequence");
    private static readonly Sql DeleteRows = new("DELETE FROM AuditEntries");
    private static readonly Sql DeleteHead = new("DELETE FROM AuditHead");
    private static readonly Sql<HeadArgs> InsertHead = new("INSERT INTO AuditHead (Id, Sequence, Hash) VALUES (1, @Sequence, @Hash)");

    private static readonly BulkTable<AuditEntry> Table = new(
        "AuditEntries",
        ("Sequence", typeof(long), row => row.Sequence),
        ("At", typeof(DateTime), row => row.At),
        ("Who", typeof(string), row => row.Who),
        ("Action", typeof(string), row => row.Action),
        ("Subject", typeof(string), row => row.Subject),
        ("Reason", typeof(string), row => row.Reason),
        ("Details", typeof(string), row => row.Details),
        ("PreviousHash", typeof(byte[]), row => row.PreviousHash),
        ("Hash", typeof(byte[]), row => row.Hash));

    private Chain(TestDatabase home) => Home = home;

    public TestDatabase Home { get; }

    public static async Task<Chain> OnAsync(DatabaseProvider engine, int rows, TimeProvider? clock = null)
    {
        var chain = new Chain(await TestDatabase.OfItsOwnAsync(engine, clock));
        for (var i = 1; i <= rows; i++)
            await chain.ActAsync(Act(i));
        return chain;
    }

    /// <summary>An act that has everything; every second one without a reason.</summary>
    public static AuditAct Act(int number) => new()
    {
        Who = number % 3 == 0 ? "ilya@example.com" : "mara@example.com",
        Action = "price.changed",
        Subject = AuditSubject.Of("price", number),
        Reason = number % 2 == 0 ? null : "The list of November",
        Before = new { AmountMinor = number, Currency = "CNY" },
        After = new { AmountMinor = number + 100, Currency = "CNY" },
    };

    public Task<long> ActAsync(AuditAct act, Database? by = null) => (by ?? Home.Database).WriteAsync(WriteRank.Request, session => AuditLog.AppendAsync(session, act));

    public Task<AuditVerdict> VerifyAsync(AuditHead? noted = null) => new AuditVerifier(Home.Database).VerifyAsync(noted);

    public Task<List<AuditEntry>> RowsAsync() => Home.Database.ReadAsync(session => session.ListAsync<AuditEntry>(Rows));

    public Task<AuditHead> HeadAsync() => new AuditQueries(Home.Database).HeadAsync();

    /// <summary>Makes the tables hold exactly this; no head means none.</summary>
    public Task PutAsync(IEnumerable<AuditEntry> rows, AuditHead? head) => Home.Database.WriteAsync(WriteRank.Request, async session =>
    {
        await session.ExecuteAsync(DeleteRows);
        await session.ExecuteAsync(DeleteHead);
        await session.BulkInsertAsync(Table, [.. rows.OrderBy(row => row.Sequence)]);
        if (head is not null)
            await session.ExecuteAsync(InsertHead, new HeadArgs(head.Sequence, head.Hash));
    });

    /// <summary>A row as a forger who knows the rule would write it.</summary>
    public static AuditEntry Forged(AuditEntry row) => row with { Hash = row.ComputeHash() };

    /// <summary>Rows linked and hashed anew, each with its place as its number.</summary>
    public static List<AuditEntry> Relinked(IEnumerable<AuditEntry> rows)
    {
        var linked = new List<AuditEntry>();
        foreach (var row in rows)
            linked.Add(Forged(row with { Sequence = linked.Count + 1, PreviousHash = linked.Count == 0 ? AuditEntry.NoHash : linked[^1].Hash }));
        return linked;
    }

    public static AuditHead HeadOf(IReadOnlyList<AuditEntry> rows) => new() { Sequence = rows[^1].Sequence, Hash = rows[^1].Hash };

    public ValueTask DisposeAsync() => Home.DisposeAsync();

    public sealed record HeadArgs(long Sequence, byte[]? Hash);
}
