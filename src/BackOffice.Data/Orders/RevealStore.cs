using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Vault;
using BackOffice.Domain.Orders;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Data.Orders;

/// <summary>Shows a delivery's secret in full, on record: who, when and why is committed before the secret is handed out.</summary>
public sealed class RevealStore(Database database, VaultOfSecrets vault)
{
    /// <summary>A delivery without its secret; null when there is none.</summary>
    public Task<RevealableDelivery?> FindAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<RevealableDelivery>(ReadOne, new ById(id), token), token);

    /// <summary>Opens the secret, puts the reveal on record, and only then hands the secret out. What cannot be opened was not revealed.</summary>
    /// <exception cref="KeyRingException">The key ring does not open the vault's keys.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The sealed secret was changed, or is another row's.</exception>
    public async Task<string> RevealAsync(RevealableDelivery delivery, string by, string reason, CancellationToken token = default)
    {
        var cipher = await database.ReadAsync(session => session.GetAsync<SealedSecret>(ReadSealed, new ById(delivery.Id), token), token).ConfigureAwait(false);
        var secret = await vault.OpenAsync(cipher.KeyName, cipher.Cipher, DeliveryIntake.SecretPlace, delivery.Id, token).ConfigureAwait(false);
        await database.WriteAsync(WriteRank.Request, async session =>
        {
            await session.ExecuteAsync(Record, new NewReveal(Ids.New(session.At), delivery.Id, delivery.OrderNo, session.At, by, reason), token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, new AuditAct
            {
                Who = by,
                Action = AuditActions.SecretRevealed,
                Subject = AuditSubject.Of("order", delivery.OrderNo),
                Reason = reason,
                Details = new { delivery.Kind, delivery.LastFour, Revoked = delivery.RevokedAt is not null },
            }, token).ConfigureAwait(false);
        }, token).ConfigureAwait(false);
        return secret;
    }

    /// <summary>Which delivery.</summary>
    public sealed record ById(Guid Id);

    /// <summary>Somebody saw a secret.</summary>
    public sealed record NewReveal(Guid Id, Guid DeliveryId, string OrderNo, DateTime At, string RecordedBy, string Reason);

    /// <summary>One delivery.</summary>
    public static readonly Sql<ById> ReadOne = new("SELECT Id, OrderNo, Kind, LastFour, DeliveredAt, RevokedAt FROM Deliveries WHERE Id = @Id");

    /// <summary>Its secret as it lies.</summary>
    public static readonly Sql<ById> ReadSealed = new("SELECT KeyName, Cipher FROM Deliveries WHERE Id = @Id");

    /// <summary>What happened to the delivery.</summary>
    public static readonly Sql<NewReveal> Record = new("""
        INSERT INTO DeliveryEvents (Id, DeliveryId, OrderNo, Kind, HappenedAt, RecordedAt, RecordedBy, Reason)
        VALUES (@Id, @DeliveryId, @OrderNo, 'revealed', @At, @At, @RecordedBy, @Reason)
        """);

    private sealed class SealedSecret
    {
        public string KeyName { get; init; } = "";

        public byte[] Cipher { get; init; } = [];
    }
}

/// <summary>A delivery whose secret can be shown: never the secret itself. Instants are UTC.</summary>
public sealed class RevealableDelivery
{
    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>The order it was made for.</summary>
    public string OrderNo { get; init; } = "";

    /// <summary>One of <see cref="DeliveryKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Last four characters of the secret.</summary>
    public string LastFour { get; init; } = "";

    /// <summary>When it was made.</summary>
    public DateTime DeliveredAt { get; init; }

    /// <summary>When it was revoked; null when it is live.</summary>
    public DateTime? RevokedAt { get; init; }
}
