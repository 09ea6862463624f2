using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>What became of a set of names at an instant (settlement rules 2).</summary>
public enum MappingKind
{
    /// <summary>It is a model of an upstream.</summary>
    Mapped,

    /// <summary>A mapping says that it is not tokens.</summary>
    NotTokens,

    /// <summary>No mapping holds, or those of two upstreams do.</summary>
    Unmapped,
}

/// <summary>What a set of names stands for at an instant.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Upstream">The upstream; for unmapped names the one on whose settlement they are shown, null when on every one.</param>
/// <param name="Model">The upstream's model; null when unmapped, <see cref="ModelNames.NotTokens"/> when not tokens.</param>
/// <param name="MappingId">Id of the mapping row; null when unmapped.</param>
public readonly record struct Mapping(MappingKind Kind, string? Upstream, string? Model, long? MappingId);

/// <summary>
/// All dated rows by which usage is mapped and priced. It holds no state of its own, so several threads may ask it. Names are compared in canonical form,
/// instants are quarter-hours of UTC. Source: settlement rules 2 and 3.
/// </summary>
public sealed class RateBook
{
    private readonly Dictionary<string, Dated<MappingRow>[]> mappings;
    private readonly Dictionary<(string Upstream, string Model, TokenPart Part, string Currency), Dated<PriceRow>[]> prices;
    private readonly Dictionary<string, Dated<UpstreamTerms>[]> terms;
    private readonly Dictionary<string, Dated<BandCalendar>[]> calendars;
    private readonly Dictionary<(string Source, string Channel), (long From, string? Upstream)[]> channels;
    private readonly long[] changes;

    /// <summary>Takes the rows in; of rows that exclude each other none may hold together, which the rules of adding them see to.</summary>
    /// <param name="prices">All price rows that may matter.</param>
    /// <param name="mappings">All mapping rows that may matter, those of other upstreams among them.</param>
    /// <param name="terms">Billing currency and zone of every upstream.</param>
    /// <param name="calendars">The calendars of upstreams that have one.</param>
    /// <param name="channels">Whose the consoles' channels are; of one channel no two begin at one instant.</param>
    /// <exception cref="ArgumentException">A row is not on whole quarter-hours, or two rows hold for one instant that may not.</exception>
    public RateBook(
        IEnumerable<PriceRow> prices, IEnumerable<MappingRow> mappings, IEnumerable<UpstreamTerms> terms, IEnumerable<BandCalendar> calendars,
        IEnumerable<ChannelUpstream> channels)
    {
        this.mappings = Group(mappings, row => ModelNames.Canonical(row.Name), row => (row.ValidFrom, row.ValidUntil), (one, other) => IsSame(one.Upstream, other.Upstream));
        this.prices = Group(
            prices, row => (ModelNames.Canonical(row.Upstream), ModelNames.Canonical(row.Model), row.Part, row.Currency), row => (row.ValidFrom, row.ValidUntil),
            (one, other) => RateRules.BandsMeet(one.Band, other.Band));
        this.terms = Group(terms, row => ModelNames.Canonical(row.Upstream), row => (row.ValidFrom, row.ValidUntil), (_, _) => true);
        this.calendars = Group(calendars, row => ModelNames.Canonical(row.Upstream), row => (row.ValidFrom, row.ValidUntil), (_, _) => true);
        this.channels = channels.Select(row => (row.Source, row.Channel, Dated.Of(row, row.ValidFrom, null).From, Upstream: ModelNames.CanonicalOrNull(row.Upstream)))
            .GroupBy(row => (row.Source, row.Channel)).ToDictionary(group => group.Key, group => group.Select(row => (row.From, row.Upstream)).OrderByDescending(row => row.From).ToArray());
        changes =
        [
            .. ChangesOf(this.mappings.Values).Concat(ChangesOf(this.prices.Values)).Concat(ChangesOf(this.terms.Values)).Concat(ChangesOf(this.calendars.Values))
                .Concat(this.channels.Values.SelectMany(rows => rows).Select(row => row.From).Where(from => from != long.MinValue)).Distinct().Order(),
        ];
    }

    /// <summary>Quarter-hours at which any row begins or ends, ascending.</summary>
    public IReadOnlyList<long> Changes => changes;

    /// <summary>What a set of names stands for: by the upstream's name first, then the console's; by the rows of the upstream that the record names, else of its channel's, else of all.</summary>
    /// <param name="source">The console.</param>
    /// <param name="upstream">The upstream the record itself names; null when it names none.</param>
    /// <param name="consoleName">The model as the console calls it.</param>
    /// <param name="upstreamName">The model as the upstream calls it; null or blank when the row does not have it.</param>
    /// <param name="channel">The console's channel id; null when the row names none.</param>
    /// <param name="quarter">The quarter-hour, see <see cref="Quarters"/>.</param>
    public Mapping Map(string source, string? upstream, string consoleName, string? upstreamName, string? channel, long quarter)
    {
        var scope = ModelNames.CanonicalOrNull(upstream) ?? UpstreamOfChannel(source, channel, quarter);
        return (ModelNames.CanonicalOrNull(upstreamName) is { } name ? Look(name, scope, quarter) : null)
            ?? Look(ModelNames.Canonical(consoleName), scope, quarter)
            ?? new Mapping(MappingKind.Unmapped, scope, null, null);
    }

    /// <summary>The same of a set of names.</summary>
    public Mapping Map(UsageNames names, long quarter) => Map(names.Source, names.Upstream, names.ConsoleName, names.UpstreamName, names.Channel, quarter);

    /// <summary>
    /// What an invoice line's model is called here: by the upstream's own mappings, at the first instant of the line's day or, for a line of the whole month, at the
    /// month's last; the name itself where no mapping holds, since an invoice mostly uses the upstream's own names. Source: settlement rules 7.
    /// </summary>
    /// <param name="upstream">Whose invoice it is.</param>
    /// <param name="period">The month it is of.</param>
    /// <param name="line">The line.</param>
    public string ModelOfInvoice(string upstream, SettlementPeriod period, InvoiceLine line)
    {
        var last = Quarters.Of(period.Until) - 1;
        var quarter = line.Day is { } day ? Math.Clamp(Quarters.Of(StartOf(upstream, day)), Quarters.Of(period.From), last) : last;
        var name = ModelNames.Canonical(line.Model);
        return Look(name, ModelNames.Canonical(upstream), quarter) is { Kind: MappingKind.Mapped, Model: { } model } ? model : name;
    }

    /// <summary>The price of a part at an instant: the row in the upstream's billing currency that holds in the band of the instant; null without one.</summary>
    public PriceRow? PriceAt(string upstream, string model, TokenPart part, long quarter)
    {
        if (TermsAt(upstream, quarter) is not { } billing || !prices.TryGetValue((ModelNames.Canonical(upstream), ModelNames.Canonical(model), part, billing.Currency), out var rows))
            return null;
        var band = BandAt(upstream, quarter);
        foreach (var row in rows)
        {
            if (row.Holds(quarter) && (row.Row.Band is PriceBand.All || row.Row.Band == band))
                return row.Row;
        }
        return null;
    }

    /// <summary>The billing terms of an upstream at an instant; null when none hold.</summary>
    public UpstreamTerms? TermsAt(string upstream, long quarter) => At(terms, upstream, quarter);

    /// <summary>The calendar of an upstream at an instant; null when it has none.</summary>
    public BandCalendar? CalendarAt(string upstream, long quarter) => At(calendars, upstream, quarter);

    /// <summary>Peak or off-peak at an instant by the upstream's calendar; <see cref="PriceBand.All"/> without one: then only such rows apply.</summary>
    public PriceBand BandAt(string upstream, long quarter) =>
        CalendarAt(upstream, quarter) is not { } calendar ? PriceBand.All : calendar.IsPeak(Quarters.Start(quarter)) ? PriceBand.Peak : PriceBand.OffPeak;

    /// <summary>The stretch between two changes of any row that a quarter-hour lies in. Within one stretch and one band, a set of names has one mapping and one price a part.</summary>
    public int SegmentOf(long quarter)
    {
        var place = Array.BinarySearch(changes, quarter);
        return place < 0 ? ~place : place + 1;
    }

    /// <summary>The billing month of an upstream: from the start of the month to the start of the next, each on the clock of the terms that hold at it.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="month">Any day of the month.</param>
    /// <exception cref="RefusedException">The upstream has no terms: <c>UpstreamUnknown</c>.</exception>
    public SettlementPeriod Period(string upstream, DateOnly month)
    {
        var first = new DateOnly(month.Year, month.Month, 1);
        return new SettlementPeriod(SettlementPeriod.NameOf(first), StartOf(upstream, first), StartOf(upstream, first.AddMonths(1)));
    }

    /// <summary>The billing month of an upstream that holds a quarter-hour.</summary>
    /// <exception cref="RefusedException">The upstream has no terms: <c>UpstreamUnknown</c>.</exception>
    public SettlementPeriod PeriodOf(string upstream, long quarter)
    {
        var instant = Quarters.Start(quarter);
        // A change of zone may put a month's edge up to a day beside the calendar's.
        var month = DateOnly.FromDateTime(instant).AddMonths(-1);
        while (Period(upstream, month).Until <= instant)
            month = month.AddMonths(1);
        return Period(upstream, month);
    }

    private DateTime StartOf(string upstream, DateOnly day)
    {
        var rows = terms.GetValueOrDefault(ModelNames.Canonical(upstream)) ?? throw new RefusedException(new Refusal("UpstreamUnknown", "upstream", upstream));
        foreach (var row in rows)
        {
            var start = new BusinessTime(row.Row.Zone).StartOf(day);
            if (row.Holds(Quarters.Of(start)))
                return start;
        }
        return new BusinessTime(rows[0].Row.Zone).StartOf(day);
    }

    private string? UpstreamOfChannel(string source, string? channel, long quarter)
    {
        if (string.IsNullOrWhiteSpace(channel) || !channels.TryGetValue((source, channel.Trim()), out var rows))
            return null;
        foreach (var (from, upstream) in rows)
        {
            if (from <= quarter)
                return upstream;
        }
        return null;
    }

    private Mapping? Look(string name, string? scope, long quarter)
    {
        MappingRow? found = null;
        foreach (var row in mappings.GetValueOrDefault(name) ?? [])
        {
            if (!row.Holds(quarter) || (scope is not null && !IsSame(row.Row.Upstream, scope)))
                continue;
            // Rows of one name and upstream exclude each other, so a second one is of another upstream.
            if (found is not null)
                return new Mapping(MappingKind.Unmapped, scope, null, null);
            found = row.Row;
        }
        return found is null ? null : Found(found);
    }

    private static Mapping Found(MappingRow row)
    {
        var model = ModelNames.Canonical(row.Model);
        return new Mapping(model == ModelNames.NotTokens ? MappingKind.NotTokens : MappingKind.Mapped, ModelNames.Canonical(row.Upstream), model, row.Id);
    }

    private static bool IsSame(string one, string other) => ModelNames.Canonical(one) == ModelNames.Canonical(other);

    private static T? At<T>(Dictionary<string, Dated<T>[]> rows, string upstream, long quarter) where T : class
    {
        foreach (var row in rows.GetValueOrDefault(ModelNames.Canonical(upstream)) ?? [])
        {
            if (row.Holds(quarter))
                return row.Row;
        }
        return null;
    }

    private static Dictionary<TKey, Dated<TRow>[]> Group<TKey, TRow>(
        IEnumerable<TRow> rows, Func<TRow, TKey> key, Func<TRow, (DateTime? From, DateTime? Until)> validity, Func<TRow, TRow, bool> exclude) where TKey : notnull
    {
        var groups = rows.Select(row => Dated.Of(row, validity(row).From, validity(row).Until)).Where(row => !row.IsEmpty).GroupBy(row => key(row.Row)).ToDictionary(
            group => group.Key,
            group => group.OrderBy(row => row.From).ToArray());
        foreach (var group in groups.Values)
            CheckApart(group, exclude);
        return groups;
    }

    private static void CheckApart<T>(Dated<T>[] rows, Func<T, T, bool> exclude)
    {
        for (var later = 1; later < rows.Length; later++)
        {
            for (var earlier = 0; earlier < later; earlier++)
            {
                if (rows[earlier].Meets(rows[later]) && exclude(rows[earlier].Row, rows[later].Row))
                    throw new ArgumentException($"{rows[earlier].Row} and {rows[later].Row} hold for one instant.");
            }
        }
    }

    private static IEnumerable<long> ChangesOf<T>(IEnumerable<Dated<T>[]> groups) =>
        groups.SelectMany(group => group).SelectMany(row => new[] { row.From, row.Until }).Where(quarter => quarter is not (long.MinValue or long.MaxValue));
}
