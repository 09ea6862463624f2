using BackOffice.Domain.Imports;
using BackOffice.Domain.Usage;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Integrations.OneApi;

namespace BackOffice.Jobs.Usage;

/// <summary>Rows of a console's log as records, read like those of a file.</summary>
internal sealed class LogRows(IReadOnlyList<ConsoleLogRow> rows, bool isNewApi, DateTime now) : ImportFile<UsageRecord>
{
    private int _next;

    public override long BytesRead => _next;

    private protected override bool ReadNext(out UsageRecord? record, out PutAside? aside)
    {
        (record, aside) = (null, null);
        while (_next < rows.Count)
        {
            var json = rows[_next++].Json.Span;
            var log = ConsoleLog.Read(json, 0, isNewApi, now);
            if (log.IsOther)
                continue;
            record = log.Record;
            aside = log.Refusal is null ? null : new PutAside(0, log.Refusal, new UsageAside(UsageRow.Fingerprint(json), log.Id, log.OccurredAt));
            return true;
        }
        return false;
    }
}
