using System.Security.Cryptography;
using System.Text;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;

namespace BackOffice.Data.Staff;

/// <summary>
/// How often a password or code may be tried. A try is taken before anything is compared, in a statement that cannot be overtaken, and kept in the
/// database: so it holds for all processes and over a restart, and where it cannot be written nobody signs in. Accounts that do not exist are counted as
/// those that do.
/// </summary>
public sealed class SignInTries(Database database)
{
    /// <summary>Tries an account has.</summary>
    public const int MostOfAccount = 5;

    /// <summary>Tries an address has: an office may share one.</summary>
    public const int MostOfAddress = 30;

    /// <summary>How long tries count, from the first of them.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>The key of an account's tries.</summary>
    public static byte[] OfAccount(string email) => Hash("account", email);

    /// <summary>The key of an address's tries.</summary>
    public static byte[] OfAddress(string address) => Hash("address", address);

    /// <summary>Takes a try of the address, then of the account: an address that has none left cannot use up an account's.</summary>
    /// <returns>Whether it may be tried.</returns>
    public Task<bool> TakeAsync(string email, string address, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            await session.ExecuteAsync(DeleteEnded, new EndedBefore(session.At), token).ConfigureAwait(false);
            return await TakeAsync(session, OfAddress(address), MostOfAddress, token).ConfigureAwait(false)
                && await TakeAsync(session, OfAccount(email), MostOfAccount, token).ConfigureAwait(false);
        }, token);

    /// <summary>The try was right: the address gets it back, so that an office where many sign in is not shut out.</summary>
    public Task ReturnAsync(string address, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, session => session.ExecuteAsync(Return, new ById(OfAddress(address)), token), token);

    /// <summary>Forgives an account's tries.</summary>
    public Task ForgiveAsync(string email, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, session => session.ExecuteAsync(Forgive, new ById(OfAccount(email)), token), token);

    /// <summary>A try failed: when it was the account's last, the audit trail tells. The same is written for accounts that do not exist, under no name.</summary>
    public Task NoteFailureAsync(string email, bool exists, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.FindAsync<int?>(ReadTries, new ById(OfAccount(email)), token).ConfigureAwait(false) == MostOfAccount)
                await AuditLog.AppendAsync(session, new AuditAct { Who = "system", Action = AuditActions.SignInPaused, Subject = AuditSubject.Of("staff", exists ? email : "unknown") }, token).ConfigureAwait(false);
        }, token);

    private async Task<bool> TakeAsync(WriteSession session, byte[] id, int most, CancellationToken token)
    {
        if (await session.ExecuteAsync(Take, new TakeArgs(id, most, session.At), token).ConfigureAwait(false) == 1)
            return true;
        try
        {
            return await session.ExecuteAsync(Begin, new BeginArgs(id, session.At + Window), token).ConfigureAwait(false) == 1;
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            // Either there is none left, or another transaction began in between, which SQL Server lets happen.
            return await session.ExecuteAsync(Take, new TakeArgs(id, most, session.At), token).ConfigureAwait(false) == 1;
        }
    }

    private static byte[] Hash(string kind, string value) => SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}:{value}"));

    /// <summary>Whose tries.</summary>
    public sealed record ById(byte[] Id);

    /// <summary>One try of so many.</summary>
    public sealed record TakeArgs(byte[] Id, int Most, DateTime At);

    /// <summary>The first try.</summary>
    public sealed record BeginArgs(byte[] Id, DateTime EndsAt);

    /// <summary>What ended before.</summary>
    public sealed record EndedBefore(DateTime EndsAt);

    /// <summary>One more, if there is one left.</summary>
    public static readonly Sql<TakeArgs> Take = new("UPDATE SignInTries SET Tries = Tries + 1 WHERE Id = @Id AND EndsAt > @At AND Tries < @Most");

    /// <summary>The first one.</summary>
    public static readonly Sql<BeginArgs> Begin = new("INSERT INTO SignInTries (Id, Tries, EndsAt) VALUES (@Id, 1, @EndsAt)");

    /// <summary>One back.</summary>
    public static readonly Sql<ById> Return = new("UPDATE SignInTries SET Tries = Tries - 1 WHERE Id = @Id AND Tries > 0");

    /// <summary>All back.</summary>
    public static readonly Sql<ById> Forgive = new("DELETE FROM SignInTries WHERE Id = @Id");

    /// <summary>How many were taken.</summary>
    public static readonly Sql<ById> ReadTries = new("SELECT Tries FROM SignInTries WHERE Id = @Id");

    /// <summary>Windows that are over: they count no more.</summary>
    public static readonly Sql<EndedBefore> DeleteEnded = new("DELETE FROM SignInTries WHERE EndsAt <= @EndsAt");
}
