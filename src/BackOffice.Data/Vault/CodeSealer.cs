using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using BackOffice.Data.Engine;

namespace BackOffice.Data.Vault;

/// <summary>
/// Seals the codes of one batch (codes rules 2): AES-256-GCM under the batch's data key, 12 random bytes of nonce before the ciphertext, batch and sequence as
/// additional data, so that a ciphertext moved to another row does not open. For one thread at a time.
/// </summary>
public sealed class CodeSealer : IDisposable
{
    /// <summary>Random bytes before each ciphertext.</summary>
    public const int NonceSize = 12;

    private const int TagSize = 16;
    private const int IdSize = 16;

    private readonly AesGcm _aes;
    private readonly IncrementalHash _lookup;
    private readonly byte[] _binding = new byte[IdSize + sizeof(int)];

    internal CodeSealer(Guid batch, byte[] dataKey, byte[] lookupKey)
    {
        _aes = new AesGcm(dataKey, TagSize);
        _lookup = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, lookupKey);
        Ids.Bytes(batch).CopyTo(_binding, 0);
        CryptographicOperations.ZeroMemory(dataKey);
    }

    /// <summary>Bytes that a sealed code of so many characters takes.</summary>
    public static int SizeOf(int characters) => NonceSize + characters + TagSize;

    /// <summary>The first 16 bytes of HMAC-SHA256 of the canonical code.</summary>
    public void LookupKey(ReadOnlySpan<byte> canonical, Span<byte> key)
    {
        Span<byte> hash = stackalloc byte[32];
        _lookup.AppendData(canonical);
        _lookup.GetHashAndReset(hash);
        hash[..16].CopyTo(key);
    }

    /// <summary>Nonce, ciphertext and tag of a code, for one row.</summary>
    /// <param name="sequence">The code's place in its batch, 1 or more.</param>
    /// <param name="code">As it is shown, in ASCII.</param>
    /// <param name="nonce">12 random bytes that were never used before.</param>
    /// <param name="result"><see cref="SizeOf"/> bytes.</param>
    public void Seal(int sequence, ReadOnlySpan<byte> code, ReadOnlySpan<byte> nonce, Span<byte> result)
    {
        BinaryPrimitives.WriteInt32BigEndian(_binding.AsSpan(IdSize), sequence);
        nonce.CopyTo(result);
        _aes.Encrypt(nonce, code, result.Slice(NonceSize, code.Length), result[(NonceSize + code.Length)..], _binding);
    }

    /// <summary>The code as it is shown.</summary>
    /// <exception cref="CryptographicException">It was changed, or stood in another row.</exception>
    public string Open(int sequence, ReadOnlySpan<byte> cipher)
    {
        if (cipher.Length < NonceSize + TagSize)
            throw new CryptographicException("The sealed code is too short to be one.");
        BinaryPrimitives.WriteInt32BigEndian(_binding.AsSpan(IdSize), sequence);
        Span<byte> plain = stackalloc byte[cipher.Length - NonceSize - TagSize];
        _aes.Decrypt(cipher[..NonceSize], cipher[NonceSize..^TagSize], cipher[^TagSize..], plain, _binding);
        return Encoding.ASCII.GetString(plain);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _aes.Dispose();
        _lookup.Dispose();
    }
}
