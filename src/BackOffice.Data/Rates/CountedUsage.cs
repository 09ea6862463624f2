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
    private RateBook _book;

    private CountedUsage(ILookup<string, Counted> months, SettlementReader.NamesList names, RateFrame frame, List<MappingRow> mappings) =>
        (_months, _names, _frame, _mappings, _book) = (months, names, frame, mappings, frame.Book([], mappings));

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
        var mappings = isEnded ? _mappings.ConvertAll(mapping => mapping.Id == row.Id ? row : mapping) : [.. _mappings, row];
        var after = _frame.Book([], mappings);
        var refusal = await WhyMovedAsync(
            session, after, names => RateRules.Concerns(row, names), isEnded ? row.ValidUntil : row.ValidFrom, isEnded ? "valid_until" : "valid_from", token).ConfigureAwait(false);
        if (refusal is null)
            (_mappings, _book) = (mappings, after);
        return refusal;
    }

    private async Task<Refusal?> WhyMovedAsync(Session session, RateBook after, Func<UsageNames, bool> concerns, DateTime? from, string field, CancellationToken token)
    {
        var all = _months.SelectMany(group => group).ToList();
        var first = Math.Max(all.Min(month => month.From), from is { } instant ? Quarters.Of(instant) : 0);
        var points = Points(after, first, all.Max(month => month.Until));
        Counted? last = null;
        var lastNames = "";
        foreach (var (names, id) in _names.Ids.Where(pair => concerns(pair.Names)))
        {
            // Most names go where they went: nothing of theirs is read.
            if (MovedWithin(names, after, points) is not { } moved)
                continue;
            var cells = await session.ListAsync<SettlementReader.CellRow>(ReadCells, new CellsOf(id, (int)moved.From, (int)moved.Until), token).ConfigureAwait(false);
            foreach (var quarter in cells.GroupBy(cell => cell.Quarter))
            {
                var (old, now) = (_book.Map(names, quarter.Key).Upstream, after.Map(names, quarter.Key).Upstream);
                if (old != now && (Find(old, quarter.Key, quarter) ?? Find(now, quarter.Key, quarter)) is { } month && !(month.Until <= last?.Until))
                    (last, lastNames) = (month, names.Shown);
            }
        }
        return last is null ? null : new Refusal(
            field == "valid_until" ? "UsageCountedAtEnd" : "UsageCounted", field, lastNames, last.Period, last.Upstream, Quarters.Start(last.Until).ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture));
    }

    // Between two of them nothing changes, before or after.
    private List<long> Points(RateBook after, long first, long until) =>
        [.. _book.Changes.Concat(after.Changes).Append(first).Where(point => point >= first && point < until).Distinct().Order(), until];

    private (long From, long Until)? MovedWithin(UsageNames names, RateBook after, List<long> points)
    {
        (long From, long Until)? moved = null;
        for (var i = 0; i + 1 < points.Count; i++)
        {
            if (_book.Map(names, points[i]).Upstream != after.Map(names, points[i]).Upstream)
                moved = (moved?.From ?? points[i], points[i + 1]);
        }
        return moved;
    }

    private static async Task<List<MappingRow>> MappingsAsync(Session session, CancellationToken token) =>
        (await session.ListAsync<MappingRead>(RateQueries.ReadMappings, token: token).ConfigureAwait(false)).ConvertAll(row => row.Row);

    // A record that was replaced takes its tokens back: what comes to nothing was not counted.
    private Counted? Find(string? upstream, int quarter, IEnumerable<SettlementReader.CellRow> cells) => upstream is null ? null : _months[upstream].FirstOrDefault(month =>
        month.From <= quarter && quarter < month.Until && !cells.Where(cell => cell.Era < month.Era).Aggregate(TokenCounts.None, (sum, cell) => sum + cell.Tokens).IsNone);

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

    /// <summary>The sums of a set of names.</summary>
    public static readonly Sql<CellsOf> ReadCells = new("""
        SELECT Quarter, NamesId, Era, Records, UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens
        FROM UsageRollups
        WHERE NamesId = @Names AND Quarter >= @From AND Quarter < @Until
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
}
