using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Rates;

/// <summary>
/// What approved settlements have counted, or left to another upstream. A change of mappings or channels may not send it elsewhere: it would stand on two settlements or
/// on none, since what was approved never changes (settlement rules 6) and what came in before it is no adjustment.
/// </summary>
internal sealed class CountedUsage
{
    private readonly ILookup<string, Counted> _months;
    private readonly SettlementReader.NamesList _names;

    private readonly RateFrame _frame;
    private List<MappingRow> _mappings;

    private CountedUsage(ILookup<string, Counted> months, SettlementReader.NamesList names, RateFrame frame, List<MappingRow> mappings) =>
        (_months, _names, _frame, _mappings) = (months, names, frame, mappings);

    /// <summary>Reads what is approved, and where usage goes before the change; null where nothing is approved.</summary>
    public static async Task<CountedUsage?> ReadAsync(Session session, CancellationToken token)
    {
        var approved = await session.ListAsync<ApprovedRow>(ReadApproved, token: token).ConfigureAwait(false);
        if (approved.Count == 0)
            return null;
        var months = approved.GroupBy(month => month.Upstream, StringComparer.Ordinal).SelectMany(CountedOf).ToLookup(month => month.Upstream, StringComparer.Ordinal);
        return new CountedUsage(
            months, await SettlementReader.NamesList.ReadAsync(session, token).ConfigureAwait(false), await RateQueries.FrameAsync(session, token).ConfigureAwait(false),
            await MappingsAsync(session, token).ConfigureAwait(false));
    }

    /// <summary>Why a change that was made may not be; null when it moves nothing that is counted.</summary>
    /// <param name="session">Where the change was made.</param>
    /// <param name="concerns">Names that it may send elsewhere.</param>
    /// <param name="from">First instant at which it matters, UTC; null: always.</param>
    /// <param name="field">Field that a refusal names.</param>
    /// <param name="token">To stop waiting.</param>
    public async Task<Refusal?> WhyMovedAsync(Session session, Func<UsageNames, bool> concerns, DateTime? from, string field, CancellationToken token)
    {
        var after = (await RateQueries.FrameAsync(session, token).ConfigureAwait(false)).Book([], await MappingsAsync(session, token).ConfigureAwait(false));
        return await WhyMovedAsync(session, after, concerns, from, field, token).ConfigureAwait(false);
    }

    /// <summary>Why a mapping may not be added, or ended where <paramref name="row"/> ends; otherwise it counts as changed for what is asked next.</summary>
    /// <param name="session">Where usage is read.</param>
    /// <param name="row">The row; of one that is ended, with its number.</param>
    /// <param name="isEnded">Whether it is there without an end.</param>
    /// <param name="token">To stop waiting.</param>
    public async Task<Refusal?> WhyNotAsync(Session session, MappingRow row, bool isEnded, CancellationToken token)
    {
        var after = isEnded ? _mappings.ConvertAll(mapping => mapping.Id == row.Id ? row : mapping) : [.. _mappings, row];
        var refusal = await WhyMovedAsync(
            session, _frame.Book([], after), names => RateRules.Concerns(row, names), isEnded ? row.ValidUntil : row.ValidFrom, isEnded ? "valid_until" : "valid_from", token).ConfigureAwait(false);
        if (refusal is null)
            _mappings = after;
        return refusal;
    }

    private async Task<Refusal?> WhyMovedAsync(Session session, RateBook after, Func<UsageNames, bool> concerns, DateTime? from, string field, CancellationToken token)
    {
        var before = _frame.Book([], _mappings);
        var all = _months.SelectMany(group => group).ToList();
        var first = Math.Max(all.Min(month => month.From), from is { } instant ? Quarters.Of(instant) : 0);
        var until = all.Max(month => month.Until);
        if (first >= until)
            return null;
        foreach (var (names, id) in _names.Ids.Where(pair => concerns(pair.Names)))
        {
            foreach (var cell in await session.ListAsync<CellRow>(ReadCells, new CellsOf(id, (int)first, (int)until), token).ConfigureAwait(false))
            {
                var (old, now) = (before.Map(names, cell.Quarter).Upstream, after.Map(names, cell.Quarter).Upstream);
                if (old != now && (Find(old, cell) ?? Find(now, cell)) is { } month)
                    return new Refusal("UsageCounted", field, names.Shown, month.Period, month.Upstream, Quarters.Start(month.Until).ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture));
            }
        }
        return null;
    }

    private static async Task<List<MappingRow>> MappingsAsync(Session session, CancellationToken token) =>
        (await session.ListAsync<MappingRead>(RateQueries.ReadMappings, token: token).ConfigureAwait(false)).ConvertAll(row => row.Row);

    private Counted? Find(string? upstream, CellRow cell) =>
        upstream is null ? null : _months[upstream].FirstOrDefault(month => month.From <= cell.Quarter && cell.Quarter < month.Until && cell.Era < month.Era);

    // What comes late is taken by the first open month; so what a month counted, the approved ones right after it may have counted as well.
    private static IEnumerable<Counted> CountedOf(IEnumerable<ApprovedRow> months)
    {
        Counted? next = null;
        foreach (var month in months.OrderByDescending(month => month.WindowFrom))
        {
            var (from, until) = (Quarters.Of(month.WindowFrom), Quarters.Of(month.WindowUntil));
            next = new Counted(month.Upstream, month.Period, from, until, next?.From == until ? Math.Max(next.Era, month.Era) : month.Era);
            yield return next;
        }
    }

    /// <summary>Usage of a set of names.</summary>
    public sealed record CellsOf(int Names, int From, int Until);

    /// <summary>All approved months.</summary>
    public static readonly Sql ReadApproved = new("SELECT Upstream, Period, WindowFrom, WindowUntil, Era FROM Settlements WHERE Status <> 'draft'");

    /// <summary>Where names have tokens.</summary>
    public static readonly Sql<CellsOf> ReadCells = new("""
        SELECT Quarter, Era
        FROM UsageRollups
        WHERE NamesId = @Names AND Quarter >= @From AND Quarter < @Until
            AND (UncachedInput <> 0 OR CacheRead <> 0 OR CacheWrite5m <> 0 OR CacheWrite1h <> 0 OR OutputTokens <> 0)
        """);

    private sealed record Counted(string Upstream, string Period, long From, long Until, int Era);

    private sealed class ApprovedRow
    {
        public string Upstream { get; init; } = "";

        public string Period { get; init; } = "";

        public DateTime WindowFrom { get; init; }

        public DateTime WindowUntil { get; init; }

        public int Era { get; init; }
    }

    private sealed class CellRow
    {
        public int Quarter { get; init; }

        public int Era { get; init; }
    }
}
