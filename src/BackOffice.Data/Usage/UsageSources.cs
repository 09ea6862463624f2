using BackOffice.Data.Engine;

namespace BackOffice.Data.Usage;

/// <summary>Consoles that usage comes from, by name.</summary>
public static class UsageSources
{
    /// <summary>The console's id; it is made known when it is not.</summary>
    public static async Task<int> IdOfAsync(Database database, string name, CancellationToken token = default)
    {
        if (await FindAsync(database, name, token).ConfigureAwait(false) is { } known)
            return known;
        try
        {
            return await database.WriteAsync(WriteRank.Job, async session =>
            {
                if (await session.FindAsync<int?>(FindSource, new ByName(name), token).ConfigureAwait(false) is { } there)
                    return there;
                var id = checked((int)await session.NextNumberAsync("UsageSources", token).ConfigureAwait(false));
                await session.ExecuteAsync(InsertSource, new NewSource(id, name, session.At), token).ConfigureAwait(false);
                return id;
            }, token).ConfigureAwait(false);
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            return (await FindAsync(database, name, token).ConfigureAwait(false))!.Value; // another import made it known at the same moment
        }
    }

    private static Task<int?> FindAsync(Database database, string name, CancellationToken token) =>
        database.ReadAsync(session => session.FindAsync<int?>(FindSource, new ByName(name), token), token);

    /// <summary>By its name.</summary>
    public sealed record ByName(string Name);

    /// <summary>A console not known before.</summary>
    public sealed record NewSource(int Id, string Name, DateTime RecordedAt);

    /// <summary>A console by its name.</summary>
    public static readonly Sql<ByName> FindSource = new("SELECT Id FROM UsageSources WHERE Name = @Name");

    /// <summary>A new console.</summary>
    public static readonly Sql<NewSource> InsertSource = new("INSERT INTO UsageSources (Id, Name, RecordedAt) VALUES (@Id, @Name, @RecordedAt)");
}

/// <summary>
/// How many settlements have been approved so far. What comes in keeps the number, and holds it to its commit; an approval advances it: so each record is on one
/// side of each approval, and counts there once (settlement rules 6).
/// </summary>
internal static class UsageEra
{
    private const string Counter = "UsageEra";

    /// <summary>The present era; it cannot end before this transaction.</summary>
    public static async Task<int> HoldAsync(WriteSession session, CancellationToken token)
    {
        await session.ExecuteAsync(Hold, token: token).ConfigureAwait(false);
        return checked((int)await session.GetAsync<long>(WriteSession.ReadCounter, new WriteSession.CounterName(Counter), token).ConfigureAwait(false));
    }

    /// <summary>Ends the present era with this transaction.</summary>
    /// <returns>The first era that is later than what this transaction sees.</returns>
    public static async Task<int> EndAsync(WriteSession session, CancellationToken token) =>
        checked((int)await session.NextNumberAsync(Counter, token).ConfigureAwait(false));

    /// <summary>Holds the row without changing it.</summary>
    public static readonly Sql Hold = new("UPDATE Counters SET Value = Value WHERE Name = 'UsageEra'");
}
