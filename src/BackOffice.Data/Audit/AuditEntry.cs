using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BackOffice.Data.Audit;

/// <summary>A row of the audit trail.</summary>
public sealed record AuditEntry
{
    internal const string Columns = "Sequence, At, Who, Action, Subject, Reason, Details, PreviousHash, Hash";

    /// <summary>What the first row names as the hash before it: 32 zero bytes.</summary>
    public static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];

    // Begins what is hashed: another way to encode would begin with another word.
    private static readonly byte[] Version = "AiCredits audit 1\n"u8.ToArray();

    private const int NoText = -1;

    /// <summary>Its number, from 1, without gaps: the audit number that people see.</summary>
    public long Sequence { get; init; }

    /// <summary>The instant of its transaction, UTC. A number higher up may have an earlier instant where transactions overlap.</summary>
    public DateTime At { get; init; }

    /// <summary>Who did it.</summary>
    public string Who { get; init; } = "";

    /// <summary>What was done.</summary>
    public string Action { get; init; } = "";

    /// <summary>To what.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>JSON with any of <c>before</c>, <c>after</c>, <c>details</c>.</summary>
    public string? Details { get; init; }

    /// <summary>The hash of the row before, 32 bytes.</summary>
    public byte[] PreviousHash { get; init; } = [];

    /// <summary>The row's own hash, 32 bytes.</summary>
    public byte[] Hash { get; init; } = [];

    /// <summary>
    /// The hash the row should have: SHA-256 over the version, the number and the instant (eight bytes each, big-endian, the instant in 100 ns since 1970),
    /// who, action, subject, reason and details (each the length of its UTF-8 in four bytes and then that; -1 for none) and the 32 bytes of the hash before.
    /// </summary>
    public byte[] ComputeHash()
    {
        string?[] texts = [Who, Action, Subject, Reason, Details];
        var size = Version.Length + 16 + texts.Sum(text => 4 + Encoding.UTF8.GetMaxByteCount(text?.Length ?? 0)) + PreviousHash.Length;
        var rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var rest = rented.AsSpan();
            Put(ref rest, Version);
            Put(ref rest, Sequence);
            Put(ref rest, (At - DateTime.UnixEpoch).Ticks);
            foreach (var text in texts)
                Put(ref rest, text);
            Put(ref rest, PreviousHash);
            return SHA256.HashData(rented.AsSpan(0, rented.Length - rest.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static void Put(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }

    private static void Put(ref Span<byte> rest, long number)
    {
        BinaryPrimitives.WriteInt64BigEndian(rest, number);
        rest = rest[sizeof(long)..];
    }

    private static void Put(ref Span<byte> rest, string? text)
    {
        var length = text is null ? NoText : Encoding.UTF8.GetBytes(text, rest[sizeof(int)..]);
        BinaryPrimitives.WriteInt32BigEndian(rest, length);
        rest = rest[(sizeof(int) + Math.Max(length, 0))..];
    }
}

/// <summary>The end of the chain.</summary>
public sealed record AuditHead
{
    /// <summary>Number of the newest row; 0 while there is none.</summary>
    public long Sequence { get; init; }

    /// <summary>Hash of the newest row, 32 bytes; null while there is none.</summary>
    public byte[]? Hash { get; init; }

    /// <summary>Reads what <see cref="ToString"/> writes; null when it is something else.</summary>
    public static AuditHead? Read(string text)
    {
        if (text.Split(':') is not [var number, { Length: 64 } hash] || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) || !hash.All(char.IsAsciiHexDigit))
            return null;
        return new AuditHead { Sequence = sequence, Hash = Convert.FromHexString(hash) };
    }

    /// <summary>Number and hash as people note them and <c>audit verify --head</c> takes them: <c>1234:9f2c...</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Sequence}:{Convert.ToHexStringLower(Hash ?? AuditEntry.NoHash)}");
}
