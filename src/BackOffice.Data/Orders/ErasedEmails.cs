using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Vault;
using BackOffice.Domain;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Data.Orders;

/// <summary>Addresses that were erased, as an import sees them: read anew when another one was erased meanwhile. As long as there are none, no key ring is needed.</summary>
public sealed class ErasedEmails(VaultOfSecrets vault)
{
    private Finder? _finder;
    private long _version = 1;
    private Dictionary<Guid, Erased> _erased = [];

    /// <summary>Reads what was erased. In a write transaction an erasure that is under way is waited for, and the next one waits.</summary>
    public async Task ReadAsync(Session session, CancellationToken token)
    {
        if (session is WriteSession write)
            await write.ExecuteAsync(Wait, token: token).ConfigureAwait(false);
        var version = await session.GetAsync<long>(ReadVersion, token: token).ConfigureAwait(false);
        if (version == _version)
            return;
        _finder ??= await vault.FinderAsync(token).ConfigureAwait(false);
        _erased = (await session.ListAsync<Erased>(ReadAll, token: token).ConfigureAwait(false)).ToDictionary(one => new Guid(one.LookupKey));
        _version = version;
    }

    /// <summary>The address an order is kept under: a stand-in when it was erased after the order was made, or the order is kept under the stand-in already.</summary>
    /// <param name="email">As the source has it, lower-case.</param>
    /// <param name="madeAt">When the order was made, UTC.</param>
    /// <param name="stored">The address the order is kept under; null when it is not known yet.</param>
    public string Kept(string email, DateTime madeAt, string? stored)
    {
        if (_erased.Count == 0 || !_erased.TryGetValue(new Guid(KeyOf(_finder!, email)), out var erased))
            return email;
        var standIn = StandIn(erased.Number);
        return stored == standIn || (stored is null && madeAt < erased.ErasedAt) ? standIn : email;
    }

    /// <summary>What stands in the place of an erased address. No mail can reach it (RFC 2606).</summary>
    public static string StandIn(long number) => FormattableString.Invariant($"erased-{number}@invalid");

    /// <summary>Whether an address is a stand-in.</summary>
    public static bool IsStandIn(string email) => email.StartsWith("erased-", StringComparison.Ordinal) && email.EndsWith("@invalid", StringComparison.Ordinal);

    // Apart from the secrets, which are hashed under the same key.
    internal static byte[] KeyOf(Finder finder, string email) => finder.LookupKey("e-mail:" + email);

    /// <summary>Changes nothing: holds erasures off until the transaction ends.</summary>
    public static readonly Sql Wait = new("UPDATE Counters SET Value = Value WHERE Name = 'ErasedEmails'");

    /// <summary>One more than there are.</summary>
    public static readonly Sql ReadVersion = new("SELECT Value FROM Counters WHERE Name = 'ErasedEmails'");

    /// <summary>All of them: people who asked for it.</summary>
    public static readonly Sql ReadAll = new("SELECT LookupKey, Number, ErasedAt FROM ErasedEmails ORDER BY Number");

    private sealed class Erased
    {
        public byte[] LookupKey { get; init; } = [];

        public long Number { get; init; }

        public DateTime ErasedAt { get; init; }
    }
}

/// <summary>What an erasure would touch, or has touched.</summary>
/// <param name="Orders">Orders under the address.</param>
/// <param name="WaitingImports">Files of orders that were sent and wait for a person's word: they are kept until then, the address in them.</param>
public sealed record ErasureCounts(long Orders, long WaitingImports);

/// <summary>An erasure that was done.</summary>
/// <param name="StandIn">What stands in the address's place.</param>
/// <param name="Orders">How many orders.</param>
/// <param name="AuditNumber">Number of its audit row.</param>
public sealed record Erasure(string StandIn, long Orders, long AuditNumber);

/// <summary>Erases a customer's address for good. A keyed hash is kept, so that a file that still holds it does not bring it back.</summary>
public sealed class ErasureStore(Database database, VaultOfSecrets vault)
{
    /// <summary>What would be touched.</summary>
    public Task<ErasureCounts> PreviewAsync(string email, CancellationToken token = default) =>
        database.ReadAsync(async session => new ErasureCounts(
            await session.GetAsync<long>(Count, new ByEmail(email), token).ConfigureAwait(false),
            await session.GetAsync<long>(CountWaiting, token: token).ConfigureAwait(false)), token);

    /// <summary>Puts the stand-in everywhere the address stands. An address that was erased before keeps its stand-in.</summary>
    /// <exception cref="RefusedException">No order is under the address.</exception>
    /// <exception cref="KeyRingException">The key ring does not open the vault's keys.</exception>
    public async Task<Erasure> EraseAsync(string email, string by, string reason, CancellationToken token = default)
    {
        var key = ErasedEmails.KeyOf(await vault.FinderAsync(token).ConfigureAwait(false), email);
        return await database.WriteAsync(WriteRank.Request, async session =>
        {
            await session.ExecuteAsync(ErasedEmails.Wait, token: token).ConfigureAwait(false);
            var number = await NumberAsync(session, key, by, token).ConfigureAwait(false);
            var standIn = ErasedEmails.StandIn(number);
            var orders = await session.ExecuteAsync(Replace, new Replacement(email, standIn), token).ConfigureAwait(false);
            if (orders == 0)
                throw new RefusedException(new Refusal("EmailNotThere", "email"));
            var audit = await AuditLog.AppendAsync(session, new AuditAct
            {
                Who = by,
                Action = AuditActions.EmailErased,
                Subject = AuditSubject.Of("customer", standIn),
                Reason = reason,
                Details = new { Email = Masked(email), Orders = orders },
            }, token).ConfigureAwait(false);
            return new Erasure(standIn, orders, audit);
        }, token).ConfigureAwait(false);
    }

    /// <summary>An address as it may stay on record: a…@example.com.</summary>
    public static string Masked(string email) => email.IndexOf('@') is > 0 and var at ? $"{email[..1]}…{email[at..]}" : "…";

    private static async Task<long> NumberAsync(WriteSession session, byte[] key, string by, CancellationToken token)
    {
        // The counter tells running imports to read anew.
        var next = await session.NextNumberAsync("ErasedEmails", token).ConfigureAwait(false) - 1;
        var known = await session.FindAsync<long?>(FindNumber, new ByKey(key), token).ConfigureAwait(false);
        if (known is null)
            await session.ExecuteAsync(Insert, new NewErased(key, next, session.At, by), token).ConfigureAwait(false);
        else
            await session.ExecuteAsync(EraseAgain, new ErasedAgain(key, session.At), token).ConfigureAwait(false);
        return known ?? next;
    }

    /// <summary>An address.</summary>
    public sealed record ByEmail(string Email);

    /// <summary>The hash of an address.</summary>
    public sealed record ByKey(byte[] LookupKey);

    /// <summary>An address and its stand-in.</summary>
    public sealed record Replacement(string Email, string StandIn);

    /// <summary>An address that is erased.</summary>
    public sealed record NewErased(byte[] LookupKey, long Number, DateTime ErasedAt, string RecordedBy);

    /// <summary>Once more.</summary>
    public sealed record ErasedAgain(byte[] LookupKey, DateTime ErasedAt);

    /// <summary>A customer's orders are few.</summary>
    public static readonly Sql<ByEmail> Count = new("SELECT COUNT(*) FROM Orders WHERE CustomerEmail = @Email");

    /// <summary>Files that may hold the address and are not taken in yet.</summary>
    public static readonly Sql CountWaiting = new("SELECT COUNT(*) FROM Imports WHERE Status IN ('pending', 'running', 'checked', 'failed') AND Kind = 'orders'");

    /// <summary>Under the stand-in.</summary>
    public static readonly Sql<Replacement> Replace = new("UPDATE Orders SET CustomerEmail = @StandIn WHERE CustomerEmail = @Email");

    /// <summary>The number of an address that was erased before.</summary>
    public static readonly Sql<ByKey> FindNumber = new("SELECT Number FROM ErasedEmails WHERE LookupKey = @LookupKey");

    /// <summary>Remembers it.</summary>
    public static readonly Sql<NewErased> Insert = new("INSERT INTO ErasedEmails (LookupKey, Number, ErasedAt, RecordedBy) VALUES (@LookupKey, @Number, @ErasedAt, @RecordedBy)");

    /// <summary>The customer bought again, and asked again.</summary>
    public static readonly Sql<ErasedAgain> EraseAgain = new("UPDATE ErasedEmails SET ErasedAt = @ErasedAt WHERE LookupKey = @LookupKey");
}
