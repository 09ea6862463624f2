using System.Globalization;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain.Settlement;

namespace BackOffice.Data.Rates;

/// <summary>A stored row of rates with its history.</summary>
/// <param name="Row">What it says; its concrete type is its table's.</param>
/// <param name="Key">What it is called in addresses.</param>
/// <param name="Origin">Where it is from; null where the table does not keep it, and the audit trail has the reason.</param>
/// <param name="RecordedAt">When it was stored, UTC.</param>
/// <param name="RecordedBy">By whom; null where that was not kept.</param>
public sealed record KeptRow(DatedRow Row, string Key, string? Origin, DateTime RecordedAt, string? RecordedBy);

/// <summary>One kind of dated rows: how they are read, stored, ended, and told to the audit trail. What may be done is said by <see cref="RateRules"/>.</summary>
public abstract class RateTable
{
    /// <summary>The word for the kind, as it stands in addresses and the audit trail; of what settlements keep, one of <see cref="RateKinds"/>.</summary>
    public abstract string Kind { get; }

    /// <summary>Whose row it is, where rows are an upstream's; else null.</summary>
    public virtual string? GroupOf(DatedRow row) => null;

    /// <summary>Whether a row may be withdrawn: end where it begins, as if it had never held.</summary>
    public virtual bool MayWithdraw => true;

    internal virtual string KeyOf(DatedRow row) => row.Id.ToString(CultureInfo.InvariantCulture);

    internal virtual string SubjectOf(DatedRow row) => AuditSubject.Of("upstream", GroupOf(row)!);

    /// <summary>The values by which people know the row.</summary>
    internal abstract object FactsOf(DatedRow row);

    /// <summary>The rows of an upstream, or all where they are nobody's.</summary>
    internal abstract Task<List<KeptRow>> ListAsync(Session session, string? group, CancellationToken token);

    /// <summary>Stores a row that may be there.</summary>
    /// <returns>Its number; 0 where such rows have none.</returns>
    internal abstract Task<long> InsertAsync(WriteSession session, DatedRow row, string origin, string by, CancellationToken token);

    /// <summary>Sets a blank end, once.</summary>
    internal abstract Task CloseAsync(WriteSession session, DatedRow row, DateTime until, CancellationToken token);

    /// <summary>Until when approved settlements used the row, UTC; null when none did.</summary>
    internal virtual async Task<DateTime?> UsedUntilAsync(Session session, DatedRow row, CancellationToken token) =>
        (await RateQueries.UsedAsync(session, Kind, token).ConfigureAwait(false)).TryGetValue(row.Id, out var until) ? until : null;

    private protected async Task<List<KeptRow>> ReadAsync<TRead>(Session session, Sql sql, object? args, CancellationToken token) where TRead : RateRead =>
        (await session.ListAsync<TRead>(sql, args, token).ConfigureAwait(false)).ConvertAll(read => new KeptRow(read.Dated, KeyOf(read.Dated), read.Origin, read.RecordedAt, read.RecordedBy));

    /// <summary>Whose rows.</summary>
    public sealed record OfUpstream(string Upstream);

    /// <summary>A row and its end.</summary>
    public sealed record Ending(long Number, DateTime ValidUntil);
}

/// <summary>All kinds of dated rows.</summary>
public static class RateTables
{
    /// <summary>Prices of upstreams.</summary>
    public static readonly RateTable Prices = new PriceTable();

    /// <summary>What names stand for.</summary>
    public static readonly RateTable Mappings = new MappingTable();

    /// <summary>What upstreams bill in.</summary>
    public static readonly RateTable Currencies = new CurrencyTable();

    /// <summary>When upstreams' peak is.</summary>
    public static readonly RateTable Calendars = new CalendarTable();

    /// <summary>What tokens cost customers.</summary>
    public static readonly RateTable Credits = new CreditTable();

    /// <summary>Exchange rates.</summary>
    public static readonly RateTable Exchange = new ExchangeTable();

    /// <summary>Creem's estimated fees.</summary>
    public static readonly RateTable Fees = new FeeTable();

    /// <summary>Those whose rows are an upstream's, and those whose rows are nobody's.</summary>
    public static IReadOnlyList<RateTable> OfUpstreams { get; } = [Prices, Mappings, Currencies, Calendars];

    /// <inheritdoc cref="OfUpstreams"/>
    public static IReadOnlyList<RateTable> OfNobody { get; } = [Credits, Exchange, Fees];
}

/// <summary>What every dated row has.</summary>
internal abstract class RateRead
{
    public long Number { get; init; }

    public DateTime? ValidFrom { get; init; }

    public DateTime? ValidUntil { get; init; }

    public string? Origin { get; init; }

    public DateTime RecordedAt { get; init; }

    public string? RecordedBy { get; init; }

    public abstract DatedRow Dated { get; }
}
