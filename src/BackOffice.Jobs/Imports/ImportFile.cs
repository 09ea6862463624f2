using BackOffice.Domain.Imports;

namespace BackOffice.Jobs.Imports;

/// <summary>
/// A file that is read record by record, in one pass and in flat memory. The caller pulls, so that it may stop after each record, keep its
/// slices and go on; it owns the stream.
/// </summary>
public abstract class ImportFile<T> where T : class
{
    /// <summary>Bytes of the stream dealt with so far, for progress.</summary>
    public abstract long BytesRead { get; }

    /// <summary>Records given so far, those put aside among them.</summary>
    public long RecordsRead { get; private set; }

    /// <summary>The next record, or why it was put aside: one of the two.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="Domain.RefusedException">At the first call only: the whole file is refused, nothing of it is read.</exception>
    public bool TryRead(out T? record, out PutAside? aside)
    {
        if (!ReadNext(out record, out aside))
            return false;
        RecordsRead++;
        return true;
    }

    /// <summary>Passes over records, read and put aside alike, that an earlier attempt has dealt with.</summary>
    public void Skip(long records)
    {
        for (var skipped = 0L; skipped < records && TryRead(out _, out _); skipped++)
        {
        }
    }

    private protected abstract bool ReadNext(out T? record, out PutAside? aside);
}
