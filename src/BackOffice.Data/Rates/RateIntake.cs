using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;

namespace BackOffice.Data.Rates;

/// <summary>Takes price rows of upstreams in (settlement rules 3).</summary>
/// <param name="zone">The shop's time zone, for upstreams not known before.</param>
public sealed class PriceIntake(string zone) : RateIntake<ImportedPrice, PriceRow>(RateTables.Prices, zone);

/// <summary>Takes mapping rows in (settlement rules 2).</summary>
/// <param name="zone">The shop's time zone, for upstreams not known before.</param>
public sealed class MappingIntake(string zone) : RateIntake<ImportedMapping, MappingRow>(RateTables.Mappings, zone);

/// <summary>Takes rows of rates in: a row that is there repeats, one that gives it its end closes it, one that overlaps another is put aside; an upstream is made known.</summary>
/// <param name="table">Which rows.</param>
/// <param name="zone">The shop's time zone, for upstreams not known before.</param>
public abstract class RateIntake<TRecord, TRow>(RateTable table, string zone) : Intake<TRecord> where TRecord : ImportedRate<TRow> where TRow : DatedRow
{
    private readonly List<(RowChange Change, long? Number)> _changes = [];

    /// <inheritdoc/>
    public override async Task<Outcome[]> JudgeAsync(Session session, IReadOnlyList<TRecord> records, CancellationToken token)
    {
        if (session is WriteSession write)
            await RateStore.HoldAsync(write, token).ConfigureAwait(false);
        var rows = await RowsAsync(session, records, token).ConfigureAwait(false);
        var used = await RateQueries.UsedAsync(session, table.Kind, token).ConfigureAwait(false);
        _changes.Clear();
        var counted = table == RateTables.Mappings ? await CountedUsage.ReadAsync(session, token).ConfigureAwait(false) : null;
        var outcomes = new Outcome[records.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var refusal = RateRules.Judge(records[i].Row, rows, number => used.TryGetValue(number, out var until) ? until : null, out var change, out var number);
            if (refusal is null && change != RowChange.Repeat && counted is not null && (DatedRow)records[i].Row is MappingRow mapping)
                refusal = await counted.WhyNotAsync(session, mapping with { Id = number ?? -i - 1 }, change == RowChange.Close, token).ConfigureAwait(false);
            outcomes[i] = OutcomeOf(refusal, change);
            _changes.Add((change, number));
            if (refusal is not null)
                continue;
            if (change == RowChange.Add)
                rows.Add(records[i].Row with { Id = -i - 1 });
            else if (change == RowChange.Close)
                rows[rows.FindIndex(row => row.Id == number)] = records[i].Row with { Id = number!.Value };
        }
        return outcomes;
    }

    /// <inheritdoc/>
    protected override async Task StoreAsync(WriteSession session, IReadOnlyList<TRecord> records, Outcome[] outcomes, string by, CancellationToken token)
    {
        var numbers = new Dictionary<long, long>();
        for (var i = 0; i < outcomes.Length; i++)
        {
            DatedRow row = records[i].Row;
            if (outcomes[i].Kind == OutcomeKind.New)
            {
                await UpstreamStore.EnsureAsync(session, table.GroupOf(row)!, (row as PriceRow)?.Currency, zone, by, token).ConfigureAwait(false);
                numbers[-i - 1] = await table.InsertAsync(session, row, "file", by, token).ConfigureAwait(false);
            }
            else if (outcomes[i].Kind == OutcomeKind.Ending)
            {
                var number = _changes[i].Number!.Value;
                await table.CloseAsync(session, row with { Id = numbers.GetValueOrDefault(number, number) }, row.ValidUntil!.Value, token).ConfigureAwait(false);
            }
        }
    }

    private async Task<List<DatedRow>> RowsAsync(Session session, IReadOnlyList<TRecord> records, CancellationToken token)
    {
        var rows = new List<DatedRow>();
        foreach (var upstream in records.Select(record => table.GroupOf(record.Row)!).Distinct(StringComparer.Ordinal))
            rows.AddRange((await table.ListAsync(session, upstream, token).ConfigureAwait(false)).Select(kept => kept.Row));
        return rows;
    }

    private static Outcome OutcomeOf(Refusal? refusal, RowChange change) =>
        refusal is not null ? Outcome.PutAside(refusal.Code, refusal.Field, refusal.Args) : new Outcome(change switch
        {
            RowChange.Add => OutcomeKind.New,
            RowChange.Close => OutcomeKind.Ending,
            _ => OutcomeKind.Repeated,
        });
}
