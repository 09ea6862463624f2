using System.Security.Cryptography;
using System.Text;
using BackOffice.Data.Engine;

namespace BackOffice.Data.Audit;

/// <summary>Writes the audit trail: a chain in which each row holds the hash of the one before.</summary>
public static class AuditLog
{
    /// <summary>Characters of the longest reason: what a form may take.</summary>
    public const int LongestReason = 1000;

    /// <summary>
    /// Adds a row, inside the transaction that does what the row tells. To be called last: it locks the end of the chain, for which others then wait, until
    /// the transaction ends.
    /// </summary>
    /// <returns>The row's number, which people may be told.</returns>
    /// <exception cref="ArgumentException">The act does not fit a row, or looks as if it held a secret: a mistake of the caller.</exception>
    public static async Task<long> AppendAsync(WriteSession session, AuditAct act, CancellationToken token = default)
    {
        var entry = Entry(session.At, act);
        if (await session.ExecuteAsync(LockHead, token: token).ConfigureAwait(false) != 1)
            throw new InvalidOperationException("The row of AuditHead is gone, so nothing can be put on record. Run audit verify, and bring the database back from a backup.");
        var head = await session.GetAsync<AuditHead>(ReadHead, token: token).ConfigureAwait(false);
        entry = entry with { Sequence = head.Sequence, PreviousHash = head.Hash ?? AuditEntry.NoHash };
        entry = entry with { Hash = entry.ComputeHash() };
        await session.ExecuteAsync(Insert, entry, token).ConfigureAwait(false);
        await session.ExecuteAsync(MoveHead, new NewHash(entry.Hash), token).ConfigureAwait(false);
        return entry.Sequence;
    }

    /// <summary>SHA-256 of a list, in its order, as 64 hexadecimal digits: what a row keeps of the rows an act touched. Each item counts with its length.</summary>
    public static string HashOf(IEnumerable<string> items)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in items)
        {
            var bytes = Encoding.UTF8.GetBytes(item);
            hash.AppendData(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{bytes.Length}:")));
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static AuditEntry Entry(DateTime at, AuditAct act) => new()
    {
        At = at,
        Who = Fit(act.Who, 320, nameof(act.Who)),
        Action = Fit(act.Action, 60, nameof(act.Action)),
        Subject = Fit(act.Subject, 200, nameof(act.Subject)),
        Reason = act.Reason is null ? null : Fit(act.Reason, LongestReason, nameof(act.Reason)),
        Details = AuditDetails.Of(act),
    };

    // SQLite does not enforce lengths. What UTF-8 cannot say, or SQLite reads back shortened, would give another hash when read.
    private static string Fit(string text, int most, string field)
    {
        var stored = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
        if (stored.Length > most || (stored.Length == 0 && field != nameof(AuditAct.Reason)))
            throw new ArgumentException($"{field} of an audit row has 1 to {most} characters, not {stored.Length}.", field);
        return stored;
    }

    /// <summary>The new end of the chain.</summary>
    public sealed record NewHash(byte[] Hash);

    /// <summary>Takes the next number, and the lock with it.</summary>
    public static readonly Sql LockHead = new("UPDATE AuditHead SET Sequence = Sequence + 1 WHERE Id = 1");

    /// <summary>The end of the chain; after <see cref="LockHead"/> the number is that of the new row, the hash still that of the row before.</summary>
    public static readonly Sql ReadHead = new("SELECT Sequence, Hash FROM AuditHead WHERE Id = 1");

    /// <summary>A new row.</summary>
    public static readonly Sql<AuditEntry> Insert = new("""
        INSERT INTO AuditEntries (Sequence, At, Who, Action, Subject, Reason, Details, PreviousHash, Hash)
        VALUES (@Sequence, @At, @Who, @Action, @Subject, @Reason, @Details, @PreviousHash, @Hash)
        """);

    /// <summary>The new row is the end of the chain.</summary>
    public static readonly Sql<NewHash> MoveHead = new("UPDATE AuditHead SET Hash = @Hash WHERE Id = 1");
}
