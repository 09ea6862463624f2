using BackOffice.Domain.Imports;

namespace BackOffice.Jobs.Imports;

/// <summary>
/// Reads a file of Creem transactions (DESIGN 6): an array of them, an array of pages <c>{items, pagination}</c>, one page, or one transaction per
/// line. A broken line costs itself; in the other forms nothing behind a broken place can be trusted, so that reading ends there.
/// </summary>
public sealed class CreemFile(Stream stream) : ImportFile<ImportedTransaction>
{
    private readonly JsonObjectsFile objects = new(stream);

    public override long BytesRead => objects.BytesRead;

    private protected override bool ReadNext(out ImportedTransaction? record, out PutAside? aside)
    {
        (record, aside) = (null, null);
        if (!objects.Read())
            return false;
        var refusal = objects.Refusal ?? CreemTransaction.Read(objects.Utf8, objects.Line, out record);
        aside = refusal is null ? null : new PutAside(objects.Line, refusal);
        return true;
    }
}
