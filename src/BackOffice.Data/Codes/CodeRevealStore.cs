using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Vault;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Data.Codes;

/// <summary>Shows a code in full, on record: who, when and why is committed before the code is handed out.</summary>
public sealed class CodeRevealStore(Database database, VaultOfSecrets vault)
{
    /// <summary>Opens the code, puts the reveal on record, and only then hands the code out. What cannot be opened was not revealed.</summary>
    /// <exception cref="KeyRingException">The key ring does not open the batch's key.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The sealed code was changed, or is another row's.</exception>
    public async Task<string> RevealAsync(CodeRow code, string by, string reason, CancellationToken token = default)
    {
        var lies = await database.ReadAsync(session => session.GetAsync<SealedCode>(ReadSealed, new CodeQueries.OfCode(code.BatchNo, code.Sequence), token), token).ConfigureAwait(false);
        string secret;
        using (var sealer = await vault.CodeSealerAsync(lies.Id, lies.WrappedKey, token).ConfigureAwait(false))
            secret = sealer.Open(code.Sequence, lies.Cipher);
        await database.WriteAsync(WriteRank.Request, async session =>
        {
            var revealed = new NewCodeEvent(code.BatchNo, code.Sequence, CodeEventKinds.Revealed, by) { StatusBefore = code.Status, OrderNo = code.OrderNo, Reason = reason };
            await CodeEvents.AddAsync(session, revealed, token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, new AuditAct
            {
                Who = by,
                Action = AuditActions.CodeRevealed,
                Subject = AuditSubject.Of("code", code.Subject),
                Reason = reason,
                Details = new { code.LastFour, Status = Domain.Codes.CodeStatuses.Word(code.Effective) },
            }, token).ConfigureAwait(false);
        }, token).ConfigureAwait(false);
        return secret;
    }

    /// <summary>The code as it lies, with what opens it.</summary>
    public static readonly Sql<CodeQueries.OfCode> ReadSealed = new("""
        SELECT b.Id, b.WrappedKey, c.Cipher FROM Codes c JOIN CodeBatches b ON b.Number = c.BatchNo WHERE c.BatchNo = @BatchNo AND c.Sequence = @Sequence
        """);

    private sealed class SealedCode
    {
        public Guid Id { get; init; }

        public byte[] WrappedKey { get; init; } = [];

        public byte[] Cipher { get; init; } = [];
    }
}
