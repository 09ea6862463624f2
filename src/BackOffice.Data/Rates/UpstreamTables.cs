using System.Text.Json.Serialization;
using BackOffice.Data.Engine;
using BackOffice.Domain.Settlement;

namespace BackOffice.Data.Rates;

/// <summary>What upstreams bill in (settlement rules 3).</summary>
public sealed class CurrencyTable : RateTable
{
    /// <inheritdoc/>
    public override string Kind => "currency";

    /// <inheritdoc/>
    public override string? GroupOf(DatedRow row) => ((CurrencyRow)row).Upstream;

    internal override object FactsOf(DatedRow row) => new { Kind, ((CurrencyRow)row).Currency, row.ValidFrom, row.ValidUntil };

    internal override Task<List<KeptRow>> ListAsync(Session session, string? group, CancellationToken token) => ReadAsync<CurrencyRead>(session, List, new OfUpstream(group!), token);

    internal override async Task<long> InsertAsync(WriteSession session, DatedRow row, string origin, string by, CancellationToken token)
    {
        var currency = (CurrencyRow)row;
        var number = await session.NextNumberAsync("UpstreamCurrencies", token).ConfigureAwait(false);
        await session.ExecuteAsync(Insert, new NewCurrency(number, currency.Upstream, currency.Currency, currency.ValidFrom, currency.ValidUntil, session.At, by), token).ConfigureAwait(false);
        return number;
    }

    internal override Task CloseAsync(WriteSession session, DatedRow row, DateTime until, CancellationToken token) => session.ExecuteAsync(Close, new Ending(row.Id, until), token);

    internal override Task<DateTime?> UsedUntilAsync(Session session, DatedRow row, CancellationToken token) => LastApprovedAsync(session, GroupOf(row)!, token);

    /// <summary>The end of an upstream's last approved month, UTC: currency and calendar were used until then.</summary>
    internal static Task<DateTime?> LastApprovedAsync(Session session, string upstream, CancellationToken token) =>
        session.GetAsync<DateTime?>(ReadLastApproved, new OfUpstream(upstream), token);

    /// <summary>A currency to be stored.</summary>
    public sealed record NewCurrency(long Number, string Upstream, string Currency, DateTime? ValidFrom, DateTime? ValidUntil, DateTime RecordedAt, string RecordedBy);

    /// <summary>An upstream's currencies.</summary>
    public static readonly Sql<OfUpstream> List = new("""
        SELECT Number, Upstream, Currency, ValidFrom, ValidUntil, RecordedAt, RecordedBy FROM UpstreamCurrencies WHERE Upstream = @Upstream
        """);

    /// <summary>A new currency.</summary>
    public static readonly Sql<NewCurrency> Insert = new("""
        INSERT INTO UpstreamCurrencies (Number, Upstream, Currency, ValidFrom, ValidUntil, RecordedAt, RecordedBy)
        VALUES (@Number, @Upstream, @Currency, @ValidFrom, @ValidUntil, @RecordedAt, @RecordedBy)
        """);

    /// <summary>Sets a blank end, once.</summary>
    public static readonly Sql<Ending> Close = new("UPDATE UpstreamCurrencies SET ValidUntil = @ValidUntil WHERE Number = @Number AND ValidUntil IS NULL");

    /// <summary>The end of the last approved month.</summary>
    public static readonly Sql<OfUpstream> ReadLastApproved = new("SELECT MAX(WindowUntil) FROM Settlements WHERE Upstream = @Upstream AND Status <> 'draft'");

    private sealed class CurrencyRead : RateRead
    {
        public string Upstream { get; init; } = "";

        public string Currency { get; init; } = "";

        public override DatedRow Dated => new CurrencyRow(Number, Upstream, Currency, ValidFrom, ValidUntil);
    }
}

/// <summary>When upstreams' peak is (settlement rules 3). The calendars come without holidays, which are an upstream's and not a calendar's.</summary>
public sealed class CalendarTable : RateTable
{
    /// <inheritdoc/>
    public override string Kind => "calendar";

    /// <inheritdoc/>
    public override string? GroupOf(DatedRow row) => ((BandCalendar)row).Upstream;

    internal override object FactsOf(DatedRow row)
    {
        var calendar = (BandCalendar)row;
        return new
        {
            Kind,
            TimeZone = calendar.Zone.Id,
            Weekdays = calendar.Weekdays.OrderBy(day => ((int)day + 6) % 7).Select(day => day.ToString()),
            Windows = CalendarWindows.Text(calendar.Windows),
            calendar.ValidFrom,
            calendar.ValidUntil,
        };
    }

    internal override Task<List<KeptRow>> ListAsync(Session session, string? group, CancellationToken token) => ReadAsync<CalendarRead>(session, List, new OfUpstream(group!), token);

    internal override async Task<long> InsertAsync(WriteSession session, DatedRow row, string origin, string by, CancellationToken token)
    {
        var calendar = (BandCalendar)row;
        var number = await session.NextNumberAsync("PriceCalendars", token).ConfigureAwait(false);
        var args = new NewCalendar(
            number, calendar.Upstream, calendar.Zone.Id, calendar.Weekdays.Sum(day => 1 << (((int)day + 6) % 7)), CalendarWindows.Text(calendar.Windows), calendar.ValidFrom, calendar.ValidUntil, session.At, by);
        await session.ExecuteAsync(Insert, args, token).ConfigureAwait(false);
        return number;
    }

    internal override Task CloseAsync(WriteSession session, DatedRow row, DateTime until, CancellationToken token) => session.ExecuteAsync(Close, new Ending(row.Id, until), token);

    internal override Task<DateTime?> UsedUntilAsync(Session session, DatedRow row, CancellationToken token) => CurrencyTable.LastApprovedAsync(session, GroupOf(row)!, token);

    /// <summary>A calendar to be stored.</summary>
    public sealed record NewCalendar(long Number, string Upstream, string Zone, int Weekdays, string Windows, DateTime? ValidFrom, DateTime? ValidUntil, DateTime RecordedAt, string RecordedBy);

    /// <summary>An upstream's calendars.</summary>
    public static readonly Sql<OfUpstream> List = new($"SELECT {RateQueries.CalendarColumns}, RecordedAt, RecordedBy FROM PriceCalendars WHERE Upstream = @Upstream");

    /// <summary>A new calendar.</summary>
    public static readonly Sql<NewCalendar> Insert = new("""
        INSERT INTO PriceCalendars (Number, Upstream, Zone, Weekdays, Windows, ValidFrom, ValidUntil, RecordedAt, RecordedBy)
        VALUES (@Number, @Upstream, @Zone, @Weekdays, @Windows, @ValidFrom, @ValidUntil, @RecordedAt, @RecordedBy)
        """);

    /// <summary>Sets a blank end, once.</summary>
    public static readonly Sql<Ending> Close = new("UPDATE PriceCalendars SET ValidUntil = @ValidUntil WHERE Number = @Number AND ValidUntil IS NULL");
}

internal sealed class CalendarRead : RateRead
{
    public string Upstream { get; init; } = "";

    public string Zone { get; init; } = "";

    public int Weekdays { get; init; }

    public string Windows { get; init; } = "";

    [JsonIgnore]
    public override DatedRow Dated => Calendar(new HashSet<DateOnly>());

    public BandCalendar Calendar(IReadOnlySet<DateOnly> holidays) => new(
        Number, Upstream, TimeZoneInfo.FindSystemTimeZoneById(Zone),
        Enumerable.Range(0, 7).Where(day => (Weekdays >> day & 1) == 1).Select(day => (DayOfWeek)((day + 1) % 7)).ToHashSet(),
        CalendarWindows.Read(Windows, out var windows) is null ? windows : throw new InvalidOperationException($"Calendar {Number} has windows that cannot be read: {Windows}"),
        holidays, ValidFrom, ValidUntil);
}
