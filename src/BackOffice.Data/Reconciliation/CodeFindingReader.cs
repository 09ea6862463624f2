using BackOffice.Data.Engine;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Reconciliation;

/// <summary>What a run sees of single codes: redeemed although nobody had been handed them, inside the window or named by an open finding.</summary>
public sealed class CodeFindingReader(Database database)
{
    /// <summary>The findings that hold.</summary>
    /// <param name="run">The run.</param>
    /// <param name="named">Subjects of findings that are open by what the run knows, those of orders among them.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<List<FindingLine>> ReadAsync(RunParameters run, IEnumerable<string> named, CancellationToken token = default) => database.ReadAsync(async session =>
    {
        var rows = await session.ListAsync<RedeemedRow>(ReadWindow, new WindowArgs(run.From, run.Until, run.AsOf, run.KnownAsOf), token).ConfigureAwait(false);
        foreach (var subject in named)
        {
            if (CodeFindings.ReadSubject(subject) is { } code && await session.FindAsync<RedeemedRow>(ReadOne, new CodeArgs(code.Batch, code.Sequence, run.KnownAsOf), token).ConfigureAwait(false) is { } row)
                rows.Add(row);
        }
        var lines = rows.DistinctBy(row => (row.BatchNo, row.Sequence)).Select(row => CodeFindings.RedeemedUnexpectedly(row.BatchNo, row.Sequence, row.OrderNo)).ToList();
        var held = new List<FindingLine>(lines.Count);
        foreach (var line in lines)
        {
            var latest = await session.FindAsync<LatestRow>(ReadLatest, new LatestArgs(line.Kind, line.Subject, run.KnownAsOf, 0, 1), token).ConfigureAwait(false);
            if (CodeFindings.Holds(latest is null ? null : new FindingEvent(FindingWords.Event(latest.Kind), latest.RecordedAt)))
                held.Add(line);
        }
        return held;
    }, token);

    /// <summary>The finding of a code as it is known now; null when there is no such event.</summary>
    public async Task<FindingLine?> JudgeAsync(string subject, CancellationToken token = default)
    {
        if (CodeFindings.ReadSubject(subject) is not { } code)
            return null;
        var always = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);
        var row = await database.ReadAsync(session => session.FindAsync<RedeemedRow>(ReadOne, new CodeArgs(code.Batch, code.Sequence, always), token), token).ConfigureAwait(false);
        return row is null ? null : CodeFindings.RedeemedUnexpectedly(row.BatchNo, row.Sequence, row.OrderNo);
    }

    /// <summary>The run's window and what it knows.</summary>
    public sealed record WindowArgs(DateTime From, DateTime Until, DateTime AsOf, DateTime KnownAsOf);

    /// <summary>One code, as known.</summary>
    public sealed record CodeArgs(long BatchNo, int Sequence, DateTime KnownAsOf);

    /// <summary>A finding, as known.</summary>
    public sealed record LatestArgs(string Kind, string Subject, DateTime KnownAsOf, int Skip, int Take) : IPaged;

    /// <summary>Redeemed in the window, in a state in which nobody had been handed it.</summary>
    public static readonly Sql<WindowArgs> ReadWindow = new("""
        SELECT BatchNo, Sequence, OrderNo FROM CodeEvents
        WHERE Kind = 'redeemed' AND Sequence > 0 AND HappenedAt >= @From AND HappenedAt < @Until AND HappenedAt < @AsOf AND RecordedAt <= @KnownAsOf
            AND Reason = 'unexpected'
        """);

    /// <summary>One such code.</summary>
    public static readonly Sql<CodeArgs> ReadOne = new("""
        SELECT BatchNo, Sequence, OrderNo FROM CodeEvents
        WHERE BatchNo = @BatchNo AND Sequence = @Sequence AND Kind = 'redeemed' AND RecordedAt <= @KnownAsOf AND Reason = 'unexpected'
        """);

    /// <summary>What gave the finding its state.</summary>
    public static readonly Sql<LatestArgs> ReadLatest = new("""
        SELECT e.Kind, e.RecordedAt FROM Findings f JOIN FindingEvents e ON e.FindingId = f.Id
        WHERE f.Kind = @Kind AND f.Subject = @Subject AND e.RecordedAt <= @KnownAsOf AND e.Kind NOT IN ('assigned', 'commented')
        ORDER BY e.RecordedAt DESC, e.Id DESC
        {page}
        """);

    private sealed class RedeemedRow
    {
        public long BatchNo { get; init; }

        public int Sequence { get; init; }

        public string? OrderNo { get; init; }
    }

    private sealed class LatestRow
    {
        public string Kind { get; init; } = "";

        public DateTime RecordedAt { get; init; }
    }
}
