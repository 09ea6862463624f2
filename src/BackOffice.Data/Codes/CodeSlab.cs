using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using BackOffice.Data.Engine;
using BackOffice.Data.Vault;
using BackOffice.Domain.Codes;

namespace BackOffice.Data.Codes;

/// <summary>Fills a span with random bytes: the operating system's secure generator, or a test's own dice.</summary>
public delegate void CodeDice(Span<byte> bytes);

/// <summary>A row of Codes as it is inserted.</summary>
public sealed record CodeInsert(long BatchNo, int Sequence, byte[] LookupKey, byte[] Cipher, string LastFour)
{
    /// <summary>Many new codes, all of them in stock.</summary>
    public static readonly BulkTable<CodeInsert> Table = new(
        "Codes",
        ("BatchNo", typeof(long), row => row.BatchNo),
        ("Sequence", typeof(int), row => row.Sequence),
        ("LookupKey", typeof(byte[]), row => row.LookupKey),
        ("Cipher", typeof(byte[]), row => row.Cipher),
        ("LastFour", typeof(string), row => row.LastFour),
        ("Status", typeof(string), row => "available"));
}

/// <summary>
/// Codes drawn and sealed, packed, in the order of their lookup keys: the unique index is written in its own order, which takes little more than half the time of
/// writing it all over. The order tells nothing: the keys are keyed hashes. Its memory is lent and given back: slabs come by the dozen, each of many megabytes.
/// </summary>
internal sealed class CodeSlab : IDisposable
{
    private const int KeySize = 16;

    private readonly long _batchNo;
    private readonly int _width;
    private readonly byte[] _codes;
    private readonly UInt128[] _keys;
    private readonly int[] _order;
    private readonly byte[] _ciphers;

    private CodeSlab(BatchRow batch, int first, int count, int width)
    {
        (_batchNo, First, Count, _width) = (batch.Number, first, count, width);
        _codes = ArrayPool<byte>.Shared.Rent(count * width);
        _keys = ArrayPool<UInt128>.Shared.Rent(count);
        _order = ArrayPool<int>.Shared.Rent(count);
        _ciphers = ArrayPool<byte>.Shared.Rent(count * CodeSealer.SizeOf(width));
        for (var i = 0; i < count; i++)
            _order[i] = i;
    }

    /// <summary>Sequence of the first code.</summary>
    public int First { get; }

    /// <summary>Number of codes.</summary>
    public int Count { get; }

    /// <summary>Draws codes and seals them.</summary>
    public static CodeSlab Draw(BatchRow batch, CodeSealer sealer, CodeDice dice, int first, int count)
    {
        var slab = new CodeSlab(batch, first, count, RedemptionCode.LengthOf(batch.FormatOf, batch.Prefix));
        var lent = ArrayPool<byte>.Shared.Rent(count * RedemptionCode.Dice);
        var thrown = lent.AsSpan(0, count * RedemptionCode.Dice);
        dice(thrown);
        for (var i = 0; i < count; i++)
            slab.Put(i, RedemptionCode.Make(batch.FormatOf, batch.Prefix, thrown.Slice(i * RedemptionCode.Dice, RedemptionCode.Dice)), batch.FormatOf, sealer);
        ArrayPool<byte>.Shared.Return(lent, clearArray: true);
        slab.Seal(sealer, dice);
        return slab;
    }

    /// <summary>Seals codes that somebody else made, such as the console.</summary>
    public static CodeSlab Of(BatchRow batch, CodeSealer sealer, CodeDice dice, int first, IReadOnlyList<string> codes)
    {
        var slab = new CodeSlab(batch, first, codes.Count, RedemptionCode.LengthOf(batch.FormatOf, batch.Prefix));
        for (var i = 0; i < codes.Count; i++)
            slab.Put(i, codes[i], batch.FormatOf, sealer);
        slab.Seal(sealer, dice);
        return slab;
    }

    /// <summary>The rows from a sequence on.</summary>
    public CodeInsert[] Rows(int from, int count)
    {
        var rows = new CodeInsert[count];
        var size = CodeSealer.SizeOf(_width);
        for (var i = 0; i < count; i++)
        {
            var at = from - First + i;
            var key = new byte[KeySize];
            BinaryPrimitives.WriteUInt128BigEndian(key, _keys[at]);
            var lastFour = Encoding.ASCII.GetString(_codes, _order[at] * _width + _width - 4, 4);
            rows[i] = new CodeInsert(_batchNo, from + i, key, _ciphers[(at * size)..((at + 1) * size)], lastFour);
        }
        return rows;
    }

    /// <summary>Gives the memory back; nothing may be asked of it afterwards.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_codes, clearArray: true);
        ArrayPool<UInt128>.Shared.Return(_keys);
        ArrayPool<int>.Shared.Return(_order);
        ArrayPool<byte>.Shared.Return(_ciphers);
    }

    private void Put(int at, string code, CodeFormat format, CodeSealer sealer)
    {
        Span<byte> canonical = stackalloc byte[2 * RedemptionCode.Dice];
        Span<byte> key = stackalloc byte[KeySize];
        var length = Encoding.ASCII.GetBytes(RedemptionCode.CanonicalOf(format, code), canonical);
        sealer.LookupKey(canonical[..length], key);
        _keys[at] = BinaryPrimitives.ReadUInt128BigEndian(key);
        Encoding.ASCII.GetBytes(code, _codes.AsSpan(at * _width, _width));
    }

    private void Seal(CodeSealer sealer, CodeDice dice)
    {
        Array.Sort(_keys, _order, 0, Count);
        var lent = ArrayPool<byte>.Shared.Rent(Count * CodeSealer.NonceSize);
        var nonces = lent.AsSpan(0, Count * CodeSealer.NonceSize);
        dice(nonces);
        var size = CodeSealer.SizeOf(_width);
        for (var i = 0; i < Count; i++)
            sealer.Seal(First + i, _codes.AsSpan(_order[i] * _width, _width), nonces.Slice(i * CodeSealer.NonceSize, CodeSealer.NonceSize), _ciphers.AsSpan(i * size, size));
        ArrayPool<byte>.Shared.Return(lent);
        // What is left of the plaintext are the last four characters, which lists show.
        for (var i = 0; i < Count; i++)
            _codes.AsSpan(i * _width, _width - 4).Clear();
    }
}
