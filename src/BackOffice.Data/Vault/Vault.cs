using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using BackOffice.Data.Engine;
using Microsoft.AspNetCore.DataProtection;

namespace BackOffice.Data.Vault;

/// <summary>
/// Where keys and codes lie sealed (DESIGN 4): AES-256-GCM under one data key per calendar month, each data key wrapped by the application's key ring,
/// 12 random bytes of nonce, and table, row and column as additional data, so that a sealed value moved elsewhere does not open. Secrets are found by a
/// keyed hash. Losing the key ring means losing the secrets.
/// </summary>
public sealed class Vault(Database database, IDataProtectionProvider ring)
{
    private const string LookupKeyName = "lookup";
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly IDataProtector _wrapper = ring.CreateProtector("AiCredits.BackOffice.Vault.v1");
    private readonly ConcurrentDictionary<string, byte[]> _keys = new();

    /// <summary>Makes the lookup key when there is none: part of migrating.</summary>
    public Task PrepareAsync(CancellationToken token = default) => KeyAsync(LookupKeyName, token);

    /// <summary>Whether the key ring opens the vault: changes nothing.</summary>
    /// <exception cref="KeyRingException">It does not, or the vault has no lookup key yet.</exception>
    public async Task RequireAsync(CancellationToken token = default)
    {
        var wrapped = await FindAsync(LookupKeyName, token).ConfigureAwait(false) ?? throw new KeyRingException(LookupKeyName);
        Unwrap(LookupKeyName, wrapped);
    }

    /// <summary>What seals and finds secrets from now on; the month of <paramref name="at"/> (UTC) names the data key, which is made when there is none.</summary>
    /// <exception cref="KeyRingException">The key ring does not open the vault's keys.</exception>
    public async Task<Sealer> SealerAsync(DateTime at, CancellationToken token = default)
    {
        var name = at.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);
        // First: a ring that does not open it must not wrap the month's key, which the right ring could then not open.
        var lookupKey = await KeyAsync(LookupKeyName, token).ConfigureAwait(false);
        return new Sealer(name, await KeyAsync(name, token).ConfigureAwait(false), lookupKey);
    }

    /// <summary>What finds without sealing. Makes no key once the vault is prepared, so that it may be asked for within a write transaction.</summary>
    /// <exception cref="KeyRingException">The key ring does not open the vault's keys.</exception>
    public async Task<Finder> FinderAsync(CancellationToken token = default) => new(await KeyAsync(LookupKeyName, token).ConfigureAwait(false));

    /// <summary>Opens a sealed value.</summary>
    /// <exception cref="CryptographicException">It was changed, or stood in another row.</exception>
    public async Task<string> OpenAsync(string keyName, ReadOnlyMemory<byte> sealedValue, string place, Guid row, CancellationToken token = default)
    {
        var key = await KeyAsync(keyName, token).ConfigureAwait(false);
        return Open(key, sealedValue.Span, Sealer.Binding(place, row));
    }

    /// <summary>A new data key of a batch of codes, wrapped by the key ring: kept in the batch's row (codes rules 2).</summary>
    public byte[] NewBatchKey() => _wrapper.Protect(RandomNumberGenerator.GetBytes(32));

    /// <summary>What seals, opens and finds the codes of a batch; dispose it.</summary>
    /// <param name="batch">The batch's row.</param>
    /// <param name="wrappedKey">As its row keeps it.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="KeyRingException">The key ring does not open the vault's keys.</exception>
    public async Task<CodeSealer> CodeSealerAsync(Guid batch, byte[] wrappedKey, CancellationToken token = default) =>
        new(batch, Unwrap("batch", wrappedKey), await KeyAsync(LookupKeyName, token).ConfigureAwait(false));

    /// <summary>Wraps what is secret for a short while, such as a passphrase until its file is written and it was shown.</summary>
    public byte[] Wrap(string secret) => _wrapper.Protect(Encoding.UTF8.GetBytes(secret));

    /// <summary>Opens what <see cref="Wrap"/> wrapped.</summary>
    /// <exception cref="KeyRingException">The key ring does not open it.</exception>
    public string OpenWrapped(byte[] wrapped) => Encoding.UTF8.GetString(Unwrap("wrapped", wrapped));

    private static string Open(byte[] key, ReadOnlySpan<byte> value, byte[] binding)
    {
        if (value.Length < NonceSize + TagSize)
            throw new CryptographicException("The sealed value is too short to be one.");
        var plain = new byte[value.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(value[..NonceSize], value[NonceSize..^TagSize], value[^TagSize..], plain, binding);
        return Encoding.UTF8.GetString(plain);
    }

    private async Task<byte[]> KeyAsync(string name, CancellationToken token)
    {
        if (_keys.TryGetValue(name, out var known))
            return known;
        var wrapped = await FindAsync(name, token).ConfigureAwait(false) ?? await MakeAsync(name, token).ConfigureAwait(false);
        return _keys.GetOrAdd(name, Unwrap(name, wrapped));
    }

    private Task<byte[]?> FindAsync(string name, CancellationToken token) =>
        database.ReadAsync(session => session.FindAsync<byte[]>(FindKey, new KeyName(name), token), token);

    private async Task<byte[]> MakeAsync(string name, CancellationToken token)
    {
        var wrapped = _wrapper.Protect(RandomNumberGenerator.GetBytes(32));
        try
        {
            await database.WriteAsync(WriteRank.Request, session => session.ExecuteAsync(InsertKey, new NewKey(name, wrapped, session.At), token), token).ConfigureAwait(false);
            return wrapped;
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            return (await FindAsync(name, token).ConfigureAwait(false))!; // another process was first: its key is the key
        }
    }

    private byte[] Unwrap(string name, byte[] wrapped)
    {
        try
        {
            return _wrapper.Unprotect(wrapped);
        }
        catch (CryptographicException)
        {
            throw new KeyRingException(name);
        }
    }

    /// <summary>Which key.</summary>
    public sealed record KeyName(string Name);

    /// <summary>A key to be kept, already wrapped.</summary>
    public sealed record NewKey(string Name, byte[] WrappedKey, DateTime CreatedAt);

    /// <summary>The wrapped key of a name.</summary>
    public static readonly Sql<KeyName> FindKey = new("SELECT WrappedKey FROM VaultKeys WHERE Name = @Name");

    /// <summary>Keeps a wrapped key; the primary key judges who was first.</summary>
    public static readonly Sql<NewKey> InsertKey = new("INSERT INTO VaultKeys (Name, WrappedKey, CreatedAt) VALUES (@Name, @WrappedKey, @CreatedAt)");
}

/// <summary>Seals under one data key and finds under the lookup key. Safe to use from several threads.</summary>
public sealed class Sealer(string keyName, byte[] dataKey, byte[] lookupKey)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly Finder _finder = new(lookupKey);

    /// <summary>The data key's name in VaultKeys, kept beside what it seals.</summary>
    public string KeyName => keyName;

    /// <summary>Nonce, ciphertext and tag of a value that belongs in one column of one row.</summary>
    public byte[] Seal(string value, string place, Guid row)
    {
        var plain = Encoding.UTF8.GetBytes(value);
        var result = new byte[NonceSize + plain.Length + TagSize];
        var nonce = result.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(dataKey, TagSize);
        aes.Encrypt(nonce, plain, result.AsSpan(NonceSize, plain.Length), result.AsSpan(NonceSize + plain.Length), Binding(place, row));
        CryptographicOperations.ZeroMemory(plain);
        return result;
    }

    /// <inheritdoc cref="Finder.LookupKey"/>
    public byte[] LookupKey(string canonicalSecret) => _finder.LookupKey(canonicalSecret);

    internal static byte[] Binding(string place, Guid row) => [.. Encoding.UTF8.GetBytes(place), 0, .. Ids.Bytes(row)];
}

/// <summary>Finds under the lookup key. Safe to use from several threads.</summary>
public sealed class Finder(byte[] lookupKey)
{
    /// <summary>First 16 bytes of HMAC-SHA256 of the canonical secret (codes rules 2).</summary>
    public byte[] LookupKey(string canonicalSecret)
    {
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(lookupKey, Encoding.UTF8.GetBytes(canonicalSecret), hash);
        return hash[..16].ToArray();
    }
}

/// <summary>The key ring is missing or another one: nothing can be sealed or opened until the right one is back.</summary>
public sealed class KeyRingException(string keyName)
    : Exception($"The key ring does not open the vault's key '{keyName}'. Put the right key ring back (Vault:KeyRing); without it no key or code can be sealed or shown.");
