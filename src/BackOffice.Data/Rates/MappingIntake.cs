using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;

namespace BackOffice.Data.Rates;

/// <summary>Takes mapping rows in (settlement rules 2 and 3): a row that is there repeats, one that gives it its end closes it, one that overlaps another is put aside.</summary>
/// <param name="zone">The shop's time zone, for upstreams not known before.</param>
public sealed class MappingIntake(string zone) : Intake<ImportedMapping>
{
    private readonly List<(RowChange Change, long? Number)> _changes = [];

    /// <inheritdoc/>
    public override async Task<Outcome[]> JudgeAsync(Session session, IReadOnlyList<ImportedMapping> records, CancellationToken token)
    {
        var rows = await RateQueries.MappingsOfAsync(session, records.Select(record => record.Row.Upstream), token).ConfigureAwait(false);
        var used = await RateQueries.UsedAsync(session, RateKinds.Mapping, token).ConfigureAwait(false);
        _changes.Clear();
        var outcomes = new Outcome[records.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var refusal = RateRules.Judge(records[i].Row, rows, number => used.TryGetValue(number, out var until) ? until : null, out var change, out var number);
            outcomes[i] = RateOutcome.Of(refusal, change);
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
    protected override async Task StoreAsync(WriteSession session, IReadOnlyList<ImportedMapping> records, Outcome[] outcomes, string by, CancellationToken token)
    {
        var numbers = new Dictionary<long, long>();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var row = records[i].Row;
            if (outcomes[i].Kind == OutcomeKind.New)
                numbers[-i - 1] = await InsertAsync(session, row, zone, "file", by, token).ConfigureAwait(false);
            else if (outcomes[i].Kind == OutcomeKind.Ending)
                await session.ExecuteAsync(Close, new PriceIntake.Ending(numbers.GetValueOrDefault(_changes[i].Number!.Value, _changes[i].Number!.Value), row.ValidUntil!.Value), token).ConfigureAwait(false);
        }
    }

    /// <summary>Stores a row that may be there; its upstream is made known.</summary>
    /// <returns>Its number.</returns>
    internal static async Task<long> InsertAsync(WriteSession session, MappingRow row, string zone, string origin, string by, CancellationToken token)
    {
        await UpstreamStore.EnsureAsync(session, row.Upstream, null, zone, by, token).ConfigureAwait(false);
        var number = await session.NextNumberAsync("ModelMappings", token).ConfigureAwait(false);
        await session.ExecuteAsync(Insert, new NewMapping(number, row.Name, row.Upstream, row.Model, row.ValidFrom, row.ValidUntil, origin, session.At, by), token).ConfigureAwait(false);
        return number;
    }

    /// <summary>A mapping to be stored.</summary>
    public sealed record NewMapping(
        long Number, string Name, string Upstream, string Model, DateTime? ValidFrom, DateTime? ValidUntil, string Origin, DateTime RecordedAt, string RecordedBy);

    /// <summary>A new mapping.</summary>
    public static readonly Sql<NewMapping> Insert = new("""
        INSERT INTO ModelMappings (Number, Name, Upstream, Model, ValidFrom, ValidUntil, Origin, RecordedAt, RecordedBy)
        VALUES (@Number, @Name, @Upstream, @Model, @ValidFrom, @ValidUntil, @Origin, @RecordedAt, @RecordedBy)
        """);

    /// <summary>Sets a blank end, once.</summary>
    public static readonly Sql<PriceIntake.Ending> Close = new("UPDATE ModelMappings SET ValidUntil = @ValidUntil WHERE Number = @Number AND ValidUntil IS NULL");
}
