using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Rates;

/// <summary>Takes price rows of upstreams in (settlement rules 3): a row that is there repeats, one that gives it its end closes it, one that overlaps another is put aside.</summary>
/// <param name="zone">The shop's time zone, for upstreams not known before.</param>
public sealed class PriceIntake(string zone) : Intake<ImportedPrice>
{
    private readonly List<(RowChange Change, long? Number)> _changes = [];

    /// <inheritdoc/>
    public override async Task<Outcome[]> JudgeAsync(Session session, IReadOnlyList<ImportedPrice> records, CancellationToken token)
    {
        var rows = await RateQueries.PricesOfAsync(session, records.Select(record => record.Row.Upstream), token).ConfigureAwait(false);
        var used = await RateQueries.UsedAsync(session, RateKinds.Price, token).ConfigureAwait(false);
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
    protected override async Task StoreAsync(WriteSession session, IReadOnlyList<ImportedPrice> records, Outcome[] outcomes, string by, CancellationToken token)
    {
        var numbers = new Dictionary<long, long>();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var row = records[i].Row;
            if (outcomes[i].Kind == OutcomeKind.New)
                numbers[-i - 1] = await InsertAsync(session, row, zone, "file", by, token).ConfigureAwait(false);
            else if (outcomes[i].Kind == OutcomeKind.Ending)
                await session.ExecuteAsync(Close, new Ending(numbers.GetValueOrDefault(_changes[i].Number!.Value, _changes[i].Number!.Value), row.ValidUntil!.Value), token).ConfigureAwait(false);
        }
    }

    /// <summary>Stores a row that may be there; its upstream is made known.</summary>
    /// <returns>Its number.</returns>
    internal static async Task<long> InsertAsync(WriteSession session, PriceRow row, string zone, string origin, string by, CancellationToken token)
    {
        await UpstreamStore.EnsureAsync(session, row.Upstream, row.Currency, zone, by, token).ConfigureAwait(false);
        var number = await session.NextNumberAsync("UpstreamPrices", token).ConfigureAwait(false);
        await session.ExecuteAsync(
            Insert,
            new NewPrice(number, row.Upstream, row.Model, TokenParts.NameOf(row.Part), PriceBands.NameOf(row.Band), row.Currency, row.PriceMicro, row.ValidFrom, row.ValidUntil, origin, session.At, by),
            token).ConfigureAwait(false);
        return number;
    }

    /// <summary>A row and its end.</summary>
    public sealed record Ending(long Number, DateTime ValidUntil);

    /// <summary>A price to be stored.</summary>
    public sealed record NewPrice(
        long Number, string Upstream, string Model, string Part, string Band, string Currency, long PriceMicro, DateTime? ValidFrom, DateTime? ValidUntil, string Origin,
        DateTime RecordedAt, string RecordedBy);

    /// <summary>A new price.</summary>
    public static readonly Sql<NewPrice> Insert = new("""
        INSERT INTO UpstreamPrices (Number, Upstream, Model, Part, Band, Currency, PriceMicro, ValidFrom, ValidUntil, Origin, RecordedAt, RecordedBy)
        VALUES (@Number, @Upstream, @Model, @Part, @Band, @Currency, @PriceMicro, @ValidFrom, @ValidUntil, @Origin, @RecordedAt, @RecordedBy)
        """);

    /// <summary>Sets a blank end, once.</summary>
    public static readonly Sql<Ending> Close = new("UPDATE UpstreamPrices SET ValidUntil = @ValidUntil WHERE Number = @Number AND ValidUntil IS NULL");
}

internal static class RateOutcome
{
    public static Outcome Of(Domain.Refusal? refusal, RowChange change) =>
        refusal is not null ? Outcome.PutAside(refusal.Code, refusal.Field, refusal.Args) : new Outcome(change switch
        {
            RowChange.Add => OutcomeKind.New,
            RowChange.Close => OutcomeKind.Ending,
            _ => OutcomeKind.Repeated,
        });
}
