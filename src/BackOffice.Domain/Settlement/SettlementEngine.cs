using System.Runtime.InteropServices;
using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>
/// Makes a settlement's draft of an upstream's month. It is fed rolled-up usage in any order and any portions and holds nothing of it but sums per set of names and
/// stretch of time with one mapping and one price, so that a month of a hundred million records passes through. Cells of other upstreams may be among them: they
/// are left out. Not for several threads. Source: settlement rules 2 to 4 and 6.
/// </summary>
public sealed class SettlementEngine
{
    private const string Own = "";

    private readonly RateBook book;
    private readonly string upstream;
    private readonly string currency;
    private readonly IReadOnlyList<UsageNames> names;
    private readonly SettlementPeriod period;
    private readonly long first;
    private readonly int[] slotsOfMonth;
    private readonly Dictionary<(int Segment, PriceBand Band, DateOnly Day), int> slots = [];
    private readonly List<(long Quarter, DateOnly Day)> quarterOfSlot = [];
    private readonly BusinessTime clock;
    private readonly List<string> origins = [Own];
    private readonly Dictionary<long, UsageSum> sums = [];
    private TokenCounts added;

    /// <summary>Prepares a draft.</summary>
    /// <param name="book">The rows by which usage is mapped and priced.</param>
    /// <param name="upstream">The upstream.</param>
    /// <param name="period">Its month.</param>
    /// <param name="names">The names that cells point to; the list may grow while cells are added.</param>
    /// <exception cref="RefusedException">The upstream has no billing currency at the month's first instant: <c>UpstreamUnknown</c>.</exception>
    public SettlementEngine(RateBook book, string upstream, SettlementPeriod period, IReadOnlyList<UsageNames> names)
    {
        this.book = book;
        this.period = period;
        this.upstream = ModelNames.Canonical(upstream);
        this.names = names;
        first = Quarters.Of(period.From);
        slotsOfMonth = new int[Quarters.Of(period.Until) - first];
        Array.Fill(slotsOfMonth, -1);
        var terms = book.TermsAt(upstream, first) ?? throw new RefusedException(new Refusal("UpstreamUnknown", "upstream", upstream));
        (currency, clock) = (terms.Currency, new BusinessTime(terms.Zone));
    }

    /// <summary>Adds usage of the month.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell lies outside of the month.</exception>
    public void Add(in UsageCell cell)
    {
        var place = cell.Quarter - first;
        if (place < 0 || place >= slotsOfMonth.Length)
            throw new ArgumentOutOfRangeException(nameof(cell), cell.Quarter, $"Not a quarter-hour of {period.Name}.");
        if (slotsOfMonth[place] < 0)
            slotsOfMonth[place] = SlotOf(cell.Quarter);
        Add(0, slotsOfMonth[place], cell);
    }

    /// <summary>
    /// Adds usage that arrived late for a period already approved: priced as of its own time, on lines of its own, counted in the total but not in reads, input,
    /// hit rate and saving (settlement rules 6).
    /// </summary>
    /// <param name="originPeriod">The approved period, <c>2026-08</c>.</param>
    /// <param name="cell">The usage; negative where a replaced record is taken off.</param>
    /// <exception cref="ArgumentOutOfRangeException">The period is not an earlier one, or the cell is not before the month.</exception>
    public void AddAdjustment(string originPeriod, in UsageCell cell)
    {
        if (SettlementPeriod.Parse(originPeriod) is null || string.CompareOrdinal(originPeriod, period.Name) >= 0)
            throw new ArgumentOutOfRangeException(nameof(originPeriod), originPeriod, $"Not a period before {period.Name}.");
        if (cell.Quarter >= first)
            throw new ArgumentOutOfRangeException(nameof(cell), cell.Quarter, $"Not before {period.Name}.");
        var origin = origins.IndexOf(originPeriod);
        if (origin < 0)
        {
            origin = origins.Count;
            origins.Add(originPeriod);
        }
        Add(origin, SlotOf(cell.Quarter), cell);
    }

    /// <summary>The draft of what was added so far.</summary>
    /// <exception cref="RefusedException">An amount leaves 64 bits: <c>SettlementTooLarge</c>.</exception>
    public SettlementDraft Draft()
    {
        var draft = new DraftSums(book, upstream, currency);
        foreach (var sum in sums.Values)
            draft.Add(names[sum.Names], quarterOfSlot[sum.Slot].Quarter, sum.Origin == 0 ? null : origins[sum.Origin], sum);
        return draft.Draft(period.Name, added);
    }

    /// <summary>
    /// What the draft is made of, in no order: usage of one set of names on one local day of the billing zone, while one mapping and one price a part hold. Usage of other
    /// upstreams is left out, as it is in the draft; what is not tokens is not.
    /// </summary>
    public IEnumerable<SettlementDetail> Details()
    {
        foreach (var sum in sums.Values)
        {
            var (quarter, day) = quarterOfSlot[sum.Slot];
            var mapping = book.Map(names[sum.Names], quarter);
            if (mapping.Upstream is not null && mapping.Upstream != upstream)
                continue;
            var isMapped = mapping.Kind is MappingKind.Mapped;
            yield return new SettlementDetail(
                day, names[sum.Names], sum.Origin == 0 ? null : origins[sum.Origin], mapping, sum.Tokens, sum.Records,
                [.. TokenParts.All.Select(part => isMapped ? book.PriceAt(upstream, mapping.Model!, part, quarter) : null)]);
        }
    }

    private void Add(int origin, int slot, in UsageCell cell)
    {
        // A number is the cheapest key: a month has tens of thousands of cells. Slots and periods are few.
        var key = ((long)origin << 52) | ((long)slot << 32) | (uint)cell.Names;
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _);
        (sum ??= new UsageSum(cell.Names, slot, origin)).Add(cell);
        added += cell.Tokens;
    }

    private int SlotOf(long quarter)
    {
        var day = clock.DayOf(Quarters.Start(quarter));
        var key = (book.SegmentOf(quarter), book.BandAt(upstream, quarter), day);
        if (!slots.TryGetValue(key, out var slot))
        {
            slots[key] = slot = quarterOfSlot.Count;
            quarterOfSlot.Add((quarter, day));
        }
        return slot;
    }
}

/// <summary>Usage under one set of names while one mapping and one price a part hold.</summary>
internal sealed class UsageSum(int names, int slot, int origin)
{
    private (long First, long Last) uncached = Unused;
    private (long First, long Last) read = Unused;
    private (long First, long Last) write5m = Unused;
    private (long First, long Last) write1h = Unused;
    private (long First, long Last) output = Unused;

    public int Names => names;

    public int Slot => slot;

    public int Origin => origin;

    public TokenCounts Tokens { get; private set; }

    public long Records { get; private set; }

    /// <summary>First and last quarter-hour that has tokens of a part; meaningless when none has.</summary>
    public (long First, long Last) Used(TokenPart part) => part switch
    {
        TokenPart.UncachedInput => uncached,
        TokenPart.CacheRead => read,
        TokenPart.CacheWrite5m => write5m,
        TokenPart.CacheWrite1h => write1h,
        TokenPart.Output => output,
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "Not a part of tokens."),
    };

    public void Add(in UsageCell cell)
    {
        Tokens += cell.Tokens;
        Records += cell.Records;
        Use(ref uncached, cell.Tokens.UncachedInput, cell.Quarter);
        Use(ref read, cell.Tokens.CacheRead, cell.Quarter);
        Use(ref write5m, cell.Tokens.CacheWrite5m, cell.Quarter);
        Use(ref write1h, cell.Tokens.CacheWrite1h, cell.Quarter);
        Use(ref output, cell.Tokens.Output, cell.Quarter);
    }

    private static (long First, long Last) Unused => (long.MaxValue, long.MinValue);

    private static void Use(ref (long First, long Last) used, long tokens, long quarter)
    {
        if (tokens == 0)
            return;
        if (quarter < used.First)
            used.First = quarter;
        if (quarter > used.Last)
            used.Last = quarter;
    }
}
