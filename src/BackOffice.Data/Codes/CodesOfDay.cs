using BackOffice.Data.Engine;
using BackOffice.Domain.Access;

namespace BackOffice.Data.Codes;

/// <summary>What counts together against the limits (codes rules 3): one person's acts of a kind on one day of the shop's, so that a large one is not made of small ones.</summary>
public static class CodesOfDay
{
    /// <summary>Who asks at the same moment waits here until the commit, so that the limits count both. Acts of nobody in particular do not wait.</summary>
    public static Task HoldAsync(WriteSession session, string by, CancellationToken token) => session.ExecuteAsync(Hold, new Person(by), token);

    /// <summary>Codes of the files that somebody asked for, but for those that a second person refused and those that were never made.</summary>
    public static Task<CodesWorth> ExportedAsync(Session session, PersonsDay day, CancellationToken token) => SumAsync(session, ReadExported, day, token);

    /// <summary>Codes that somebody made void, batch by batch and in lists; of a list all that it named.</summary>
    public static async Task<CodesWorth> VoidedAsync(Session session, PersonsDay day, CancellationToken token) =>
        await SumAsync(session, ReadVoidedBatches, day, token).ConfigureAwait(false) + await SumAsync(session, ReadVoidedLists, day, token).ConfigureAwait(false);

    private static async Task<CodesWorth> SumAsync(Session session, Sql<PersonsDay> read, PersonsDay day, CancellationToken token)
    {
        var rows = await session.ListAsync<WorthRow>(read, day, token).ConfigureAwait(false);
        return rows.Aggregate(CodesWorth.None, (sum, row) => sum + CodesWorth.Of(row.Codes, row.Tokens));
    }

    /// <summary>Whose.</summary>
    public sealed record Person(string By);

    /// <summary>Changes nothing.</summary>
    public static readonly Sql<Person> Hold = new("UPDATE Staff SET Name = Name WHERE Email = @By");

    /// <summary>Files, by what a code is worth.</summary>
    public static readonly Sql<PersonsDay> ReadExported = new("""
        SELECT b.Tokens, SUM(CAST(e.RowsTotal AS bigint)) AS Codes
        FROM CodeExports e
        JOIN CodeBatches b ON b.Number = e.BatchNo
        WHERE e.RequestedBy = @By AND e.RequestedAt >= @From AND e.RequestedAt < @Until AND e.Status NOT IN ('refused', 'failed')
        GROUP BY b.Tokens
        """);

    /// <summary>Void batches, by what a code is worth.</summary>
    public static readonly Sql<PersonsDay> ReadVoidedBatches = new("""
        SELECT b.Tokens, SUM(CAST(e.Codes AS bigint)) AS Codes
        FROM CodeBatches b
        JOIN CodeEvents e ON e.BatchNo = b.Number AND e.Sequence = 0 AND e.Kind = 'voided'
        WHERE b.VoidedBy = @By AND b.VoidedAt >= @From AND b.VoidedAt < @Until
        GROUP BY b.Tokens
        """);

    /// <summary>Lists that were said to be meant, by what a code is worth.</summary>
    public static readonly Sql<PersonsDay> ReadVoidedLists = new("""
        SELECT b.Tokens, CAST(COUNT(*) AS bigint) AS Codes
        FROM CodeTasks t
        JOIN CodeTaskRows r ON r.TaskId = t.Id
        JOIN CodeBatches b ON b.Number = r.BatchNo
        WHERE t.Kind = 'voidlist' AND t.Status IN ('pending', 'running', 'done', 'failed') AND t.RequestedBy = @By AND t.RequestedAt >= @From AND t.RequestedAt < @Until
        GROUP BY b.Tokens
        """);

    private sealed class WorthRow
    {
        public long Tokens { get; init; }

        public long Codes { get; init; }
    }
}

/// <summary>A person on a day of the shop's. Instants are UTC.</summary>
/// <param name="By">E-mail.</param>
/// <param name="From">When the day begins.</param>
/// <param name="Until">When the next one begins.</param>
public sealed record PersonsDay(string By, DateTime From, DateTime Until)
{
    /// <summary>The day in which an instant (UTC) falls.</summary>
    public static PersonsDay Of(string by, DateTime now, Domain.BusinessTime shop) => new(by, shop.StartOf(shop.DayOf(now)), shop.StartOf(shop.DayOf(now).AddDays(1)));
}

/// <summary>Codes, and the tokens of all of them.</summary>
public sealed record CodesWorth(Int128 Codes, Int128 Tokens)
{
    /// <summary>Nothing.</summary>
    public static readonly CodesWorth None = new(0, 0);

    /// <summary>So many codes of so many tokens each.</summary>
    public static CodesWorth Of(long codes, long tokensEach) => new(codes, (Int128)codes * tokensEach);

    /// <summary>Both together.</summary>
    public static CodesWorth operator +(CodesWorth one, CodesWorth other) => new(checked(one.Codes + other.Codes), checked(one.Tokens + other.Tokens));

    /// <summary>Whether so much needs a second person.</summary>
    public bool Exceeds(CodeLimits limits) => limits.AreExceeded(Codes, Tokens);
}
