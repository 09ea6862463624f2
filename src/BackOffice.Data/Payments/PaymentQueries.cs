using BackOffice.Data.Engine;
using BackOffice.Data.Orders;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Payments;

/// <summary>Reads payments for the list and a payment's own page: the current state, and everything each source said.</summary>
public sealed class PaymentQueries(Database database)
{
    private static readonly DateTime Earliest = new(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Latest = new(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Now = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);

    /// <summary>A page of payments, newest first, each with the order it belongs to.</summary>
    /// <param name="filter">Which payments.</param>
    /// <param name="from">The payment next to which the page begins; null for the newest page.</param>
    /// <param name="take">Rows of a page, at most a hundred.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<PaymentRow>> ListAsync(PaymentFilter filter, PaymentPlace? from, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var page = filter.ExactId is { } id
                ? new KeyedPage<PaymentRow>(filter.Among(await FindExactAsync(session, id, take, token).ConfigureAwait(false)), false, false)
                : await ReadPageAsync(session, filter, from, take, token).ConfigureAwait(false);
            await KnowOrdersAsync(session, page.Rows, token).ConfigureAwait(false);
            return page;
        }, token);

    /// <summary>Payments of given transactions (at most a hundred), newest first, each with the order it belongs to.</summary>
    public Task<List<PaymentRow>> OfIdsAsync(IReadOnlyList<string> transactionIds, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var rows = await session.ListAsync<PaymentRow>(ReadByIds, new Ids(transactionIds), token).ConfigureAwait(false);
            await KnowOrdersAsync(session, rows, token).ConfigureAwait(false);
            return rows.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.TransactionId, StringComparer.Ordinal).ToList();
        }, token);

    /// <summary>What each source said of a transaction, in the order in which we learnt it.</summary>
    public Task<List<ObservationRow>> ObservationsAsync(string transactionId, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<ObservationRow>(ReadObservations, new Id(transactionId), token), token);

    /// <summary>Findings about the transaction, open ones first.</summary>
    public Task<List<OrderFindingRow>> FindingsAsync(string transactionId, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var found = await session.ListAsync<OrderFindingRow>(OrderQueries.ReadFindingsOfTransactions, new OrderQueries.Numbers([transactionId]), token).ConfigureAwait(false);
            return found.OrderBy(finding => finding.State != "open").ThenBy(finding => finding.Priority, StringComparer.Ordinal).ThenByDescending(finding => finding.ChangedAt).ToList();
        }, token);

    private static async Task<KeyedPage<PaymentRow>> ReadPageAsync(Session session, PaymentFilter filter, PaymentPlace? from, int take, CancellationToken token)
    {
        var (earliest, latest) = (filter.From ?? Earliest, filter.Until ?? Latest);
        if (from is { Newer: true } && from.CreatedAt >= earliest)
        {
            var above = await ReadAsync(session, ListAbove, filter, from.CreatedAt, from.TransactionId, latest, take, token).ConfigureAwait(false);
            if (KeyedPage.Before(above, take) is { } page)
                return page;
        }
        if (from is not { Newer: false } || from.CreatedAt >= latest)
            from = null;
        var rows = await ReadAsync(session, ListBelow, filter, from?.CreatedAt ?? latest, from?.TransactionId ?? "", earliest, take, token).ConfigureAwait(false);
        return KeyedPage.After(rows, take, isFirst: from is null);
    }

    private static Task<List<PaymentRow>> ReadAsync(
        Session session, FilteredSql<ListArgs> list, PaymentFilter filter, DateTime at, string transactionId, DateTime end, int take, CancellationToken token)
    {
        var args = new ListArgs(at, transactionId, end, filter.Status, filter.Currency, 0, take + 1);
        return session.ListAsync<PaymentRow>(list.With(filter.Status is not null, filter.Currency is not null), args, token);
    }

    private static async Task<List<PaymentRow>> FindExactAsync(Session session, string id, int take, CancellationToken token)
    {
        var found = await session.ListAsync<PaymentRow>(ReadByIds, new Ids([id]), token).ConfigureAwait(false);
        found.AddRange(await session.ListAsync<PaymentRow>(ReadByCreemOrder, new IdArgs(id, 0, take), token).ConfigureAwait(false));
        return [.. found.DistinctBy(row => row.TransactionId).OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.TransactionId, StringComparer.Ordinal)];
    }

    private static async Task KnowOrdersAsync(Session session, IReadOnlyList<PaymentRow> rows, CancellationToken token)
    {
        if (rows.Count == 0)
            return;
        var args = new CaseFacts.KnownKeys([.. rows.Select(row => row.TransactionId)], Now);
        var seen = (await session.ListAsync<Observation>(CaseFacts.ReadTransactions, args, token).ConfigureAwait(false)).ToLookup(one => one.TransactionId);
        foreach (var row in rows)
        {
            var state = Transaction.Known([.. seen[row.TransactionId]], Now)?.StateAt(DateTime.MaxValue, null);
            (row.OrderNo, row.Mode, row.IsPartlyRefunded, row.IsConflicting) = (state?.OrderNo, state?.Mode, state?.IsPartlyRefunded == true, state?.IsConflicting == true);
        }
    }

    /// <summary>A transaction.</summary>
    public sealed record Id(string TransactionId);

    /// <summary>Transactions.</summary>
    public sealed record Ids(IReadOnlyList<string> Keys);

    /// <summary>A Creem order.</summary>
    public sealed record IdArgs(string CreemOrderId, int Skip, int Take) : IPaged;

    /// <summary>A page of the list: from the place (@At, @TransactionId) on, no further than @End.</summary>
    public sealed record ListArgs(DateTime At, string TransactionId, DateTime End, string? Status, string? Currency, int Skip, int Take) : IPaged;

    /// <summary>Newest first, below a place.</summary>
    public static readonly FilteredSql<ListArgs> ListBelow = new($$"""
        SELECT {{PaymentRow.Columns}}
        FROM Payments
        WHERE CreatedAt >= @End AND CreatedAt <= @At AND (CreatedAt < @At OR TransactionId < @TransactionId)
        {filters}
        ORDER BY CreatedAt DESC, TransactionId DESC
        {page}
        """, "AND Status = @Status", "AND Currency = @Currency");

    /// <summary>Oldest first, above a place.</summary>
    public static readonly FilteredSql<ListArgs> ListAbove = new($$"""
        SELECT {{PaymentRow.Columns}}
        FROM Payments
        WHERE CreatedAt < @End AND CreatedAt >= @At AND (CreatedAt > @At OR TransactionId > @TransactionId)
        {filters}
        ORDER BY CreatedAt, TransactionId
        {page}
        """, "AND Status = @Status", "AND Currency = @Currency");

    /// <summary>By their ids.</summary>
    public static readonly Sql<Ids> ReadByIds = new($"SELECT {PaymentRow.Columns} FROM Payments WHERE TransactionId IN @Keys");

    /// <summary>Those that name a Creem order.</summary>
    public static readonly Sql<IdArgs> ReadByCreemOrder = new($$"""
        SELECT {{PaymentRow.Columns}}
        FROM Payments
        WHERE TransactionId IN (
            SELECT TransactionId FROM PaymentObservations WHERE CreemOrderId = @CreemOrderId ORDER BY TransactionId
            {page}
        )
        """);

    /// <summary>Everything each source said.</summary>
    public static readonly Sql<Id> ReadObservations = new("""
        SELECT TransactionId, Source, RecordedAt, Status, Mode, Currency, AmountMinor, AmountPaidMinor, AmountDueMinor, TaxMinor, DiscountMinor, RefundedMinor,
            CreemOrderId, RequestId, TaxCountry, CustomerId, CreatedAt, HappenedAt
        FROM PaymentObservations
        WHERE TransactionId = @TransactionId
        ORDER BY RecordedAt, Source, PayloadHash
        """);
}

/// <summary>Which payments a list shows. Instants are UTC.</summary>
/// <param name="ExactId">A transaction or a Creem order; null for all.</param>
/// <param name="Status">The row's word; null for all.</param>
/// <param name="Currency">ISO 4217 code; null for all.</param>
/// <param name="From">Made at this instant or later.</param>
/// <param name="Until">Made before this instant.</param>
public sealed record PaymentFilter(string? ExactId, string? Status, string? Currency, DateTime? From, DateTime? Until)
{
    internal List<PaymentRow> Among(List<PaymentRow> rows) =>
        rows.FindAll(row => (Status is null || row.Status == Status) && (Currency is null || row.Currency == Currency) && !(row.CreatedAt < From) && !(row.CreatedAt >= Until));
}

/// <summary>A place in the list: a payment, and whether the page wanted holds what is newer than it.</summary>
public sealed record PaymentPlace(DateTime CreatedAt, string TransactionId, bool Newer);

/// <summary>A transaction at Creem as it is now. Minor units; instants are UTC.</summary>
public sealed class PaymentRow
{
    internal const string Columns = "TransactionId, Status, Currency, AmountPaidMinor, TaxMinor, RefundedMinor, CreemOrderId, CreatedAt, RecordedAt";

    /// <summary>Creem's id, <c>tran_</c>.</summary>
    public string TransactionId { get; init; } = "";

    /// <summary><c>unpaid</c>, <c>unknown</c>, <c>paid</c>, <c>refunded</c> or <c>charged_back</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>ISO 4217 code; null when no source tells it.</summary>
    public string? Currency { get; init; }

    /// <summary>Amount paid, with tax.</summary>
    public long? AmountPaidMinor { get; init; }

    /// <summary>Tax in it.</summary>
    public long TaxMinor { get; init; }

    /// <summary>Refunded so far.</summary>
    public long RefundedMinor { get; init; }

    /// <summary>Creem's order id.</summary>
    public string? CreemOrderId { get; init; }

    /// <summary>When it was made.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>When we learnt the newest of it.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>Our order it belongs to; null when none is known.</summary>
    public string? OrderNo { get; internal set; }

    /// <summary>Creem's mode; null counts as the shop's.</summary>
    public string? Mode { get; internal set; }

    /// <summary>It stands and was refunded in part.</summary>
    public bool IsPartlyRefunded { get; internal set; }

    /// <summary>What the sources say contradicts each other.</summary>
    public bool IsConflicting { get; internal set; }
}

/// <summary>What one source said of a transaction at one time. Minor units; instants are UTC; null where it said nothing.</summary>
public sealed class ObservationRow
{
    /// <summary>Creem's id, <c>tran_</c>.</summary>
    public string TransactionId { get; init; } = "";

    /// <summary>One of <see cref="ObservationSources"/>.</summary>
    public string Source { get; init; } = "";

    /// <summary>When we learnt it.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>Creem's word, as it came.</summary>
    public string Status { get; init; } = "";

    /// <summary>Creem's mode.</summary>
    public string? Mode { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public string? Currency { get; init; }

    /// <summary>Amount of the goods.</summary>
    public long? AmountMinor { get; init; }

    /// <summary>Amount paid, with tax.</summary>
    public long? AmountPaidMinor { get; init; }

    /// <summary>Amount due at the checkout.</summary>
    public long? AmountDueMinor { get; init; }

    /// <summary>Tax.</summary>
    public long? TaxMinor { get; init; }

    /// <summary>Discount, without sign.</summary>
    public long? DiscountMinor { get; init; }

    /// <summary>Refunded.</summary>
    public long? RefundedMinor { get; init; }

    /// <summary>Creem's order id.</summary>
    public string? CreemOrderId { get; init; }

    /// <summary>The order number the checkout was made with.</summary>
    public string? RequestId { get; init; }

    /// <summary>Two letters.</summary>
    public string? TaxCountry { get; init; }

    /// <summary>Creem's customer id.</summary>
    public string? CustomerId { get; init; }

    /// <summary>When the transaction was made.</summary>
    public DateTime? CreatedAt { get; init; }

    /// <summary>When the refund or dispute was made that this source told of.</summary>
    public DateTime? HappenedAt { get; init; }
}
