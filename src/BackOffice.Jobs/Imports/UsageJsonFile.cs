using BackOffice.Domain.Imports;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Imports;

/// <summary>
/// Reads log rows of a console: one object a line, an array of them, or pages. Rows that are no consumption are passed over and not counted; a broken line
/// costs itself.
/// </summary>
public sealed class UsageJsonFile(Stream stream, bool isNewApi, DateTime now) : ImportFile<UsageRecord>
{
    private readonly JsonObjectsFile objects = new(stream, isLog: true);

    public override long BytesRead => objects.BytesRead;

    private protected override bool ReadNext(out UsageRecord? record, out PutAside? aside)
    {
        (record, aside) = (null, null);
        while (objects.Read())
        {
            if (objects.Refusal is { } broken)
            {
                aside = new PutAside(objects.Line, broken, new UsageAside(UsageRow.Fingerprint(objects.Utf8), null, null));
                return true;
            }
            var log = ConsoleLog.Read(objects.Utf8, objects.Line, isNewApi, now);
            if (log.IsOther)
                continue;
            record = log.Record;
            aside = log.Refusal is null ? null : new PutAside(objects.Line, log.Refusal, new UsageAside(UsageRow.Fingerprint(objects.Utf8.Trim(" \t\r\n"u8)), log.Id, log.OccurredAt));
            return true;
        }
        return false;
    }
}
