using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Orders;

namespace BackOffice.Data.Orders;

/// <summary>Reads orders for the list and the order's own page. No secret is ever read here.</summary>
public sealed class OrderQueries(Database database)
{
    private static readonly DateTime Earliest = new(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Latest = new(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>A page of orders, newest first, each as known now.</summary>
    /// <param name="filter">Which orders.</param>
    /// <param name="from">The order next to which the page begins, and whether it holds the newer ones; null for the newest page.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="mode">The shop's mode at Creem.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<OrderRow>> ListAsync(OrderFilter filter, OrderPlace? from, int take, string mode, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var page = filter.ExactId is { } id
                ? new KeyedPage<OrderRow>(filter.Among(await FindExactAsync(session, id, token).ConfigureAwait(false)), false, false)
                : await ReadPageAsync(session, filter, from, take, token).ConfigureAwait(false);
            if (page.Rows.Count == 0)
                return page;
            await KnowNowAsync(page.Rows, mode, token).ConfigureAwait(false);
            return page;
        }, token);

    /// <summary>Orders of given numbers (at most a hundred), newest first, each as known now; unknown numbers are left out.</summary>
    public Task<List<OrderRow>> OfNumbersAsync(IReadOnlyList<string> orderNumbers, string mode, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var rows = await session.ListAsync<OrderRow>(ReadByNumbers, new Numbers(orderNumbers), token).ConfigureAwait(false);
            await KnowNowAsync(rows, mode, token).ConfigureAwait(false);
            return rows.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.OrderNo, StringComparer.Ordinal).ToList();
        }, token);

    /// <summary>One order as known now; null when there is none of that number.</summary>
    public Task<OrderRow?> FindAsync(string orderNo, string mode, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var row = (await session.ListAsync<OrderRow>(ReadByNumbers, new Numbers([orderNo]), token).ConfigureAwait(false)).SingleOrDefault();
            if (row is not null)
                row.Now = OrderNow.Of((await CaseFacts.KnownNowAsync(database, [orderNo], token).ConfigureAwait(false)).Single(), mode);
            return row;
        }, token);

    /// <summary>An order's deliveries by when they were made: the last four of each secret, never more.</summary>
    public Task<List<DeliveryRow>> DeliveriesAsync(string orderNo, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<DeliveryRow>(ReadDeliveries, new Number(orderNo), token), token);

    /// <summary>Who saw a secret of the order in full, when and why.</summary>
    public Task<List<RevealRow>> RevealsAsync(string orderNo, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<RevealRow>(ReadReveals, new Number(orderNo), token), token);

    /// <summary>Whether orders are left of which was never worked out what they have come to: a filter by status does not find those yet.</summary>
    public Task<bool> HasUnknownStatusAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<bool>(OrderStatuses.HasUnknown, token: token), token);

    /// <summary>Findings about the order or one of its transactions: open ones first, then the newest.</summary>
    public Task<List<OrderFindingRow>> FindingsAsync(string orderNo, IReadOnlyList<string> transactionIds, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var found = await session.ListAsync<OrderFindingRow>(ReadFindings, new Number(orderNo), token).ConfigureAwait(false);
            if (transactionIds.Count > 0)
                found.AddRange(await session.ListAsync<OrderFindingRow>(ReadFindingsOfTransactions, new Numbers(transactionIds), token).ConfigureAwait(false));
            return found.DistinctBy(finding => finding.Id).OrderBy(finding => finding.State != "open").ThenBy(finding => finding.Priority, StringComparer.Ordinal)
                .ThenByDescending(finding => finding.ChangedAt).ToList();
        }, token);

    private async Task KnowNowAsync(IReadOnlyList<OrderRow> rows, string mode, CancellationToken token)
    {
        if (rows.Count == 0)
            return;
        var cases = await CaseFacts.KnownNowAsync(database, [.. rows.Select(row => row.OrderNo)], token).ConfigureAwait(false);
        var now = cases.Select(one => OrderNow.Of(one, mode)).ToDictionary(one => one.Order.OrderNo, StringComparer.Ordinal);
        foreach (var row in rows)
            row.Now = now[row.OrderNo];
    }

    private static async Task<KeyedPage<OrderRow>> ReadPageAsync(Session session, OrderFilter filter, OrderPlace? from, int take, CancellationToken token)
    {
        var (earliest, latest) = (filter.From ?? Earliest, filter.Until ?? Latest);
        if (from is { Newer: true } && from.CreatedAt >= earliest)
        {
            var above = await ReadAsync(session, ListAbove, filter, from.CreatedAt, from.OrderNo, latest, take, token).ConfigureAwait(false);
            if (KeyedPage.Before(above, take) is { } page)
                return page;
        }
        // The first page holds all that is newer, or the place is outside the filter's days.
        if (from is not { Newer: false } || from.CreatedAt >= latest)
            from = null;
        var rows = await ReadAsync(session, ListBelow, filter, from?.CreatedAt ?? latest, from?.OrderNo ?? "", earliest, take, token).ConfigureAwait(false);
        return KeyedPage.After(rows, take, isFirst: from is null);
    }

    // One row more than the page has: it tells whether others follow. Each of several statuses is a stretch of the index; their rows are merged here.
    private static async Task<List<OrderRow>> ReadAsync(
        Session session, FilteredSql<ListArgs> list, OrderFilter filter, DateTime at, string orderNo, DateTime end, int take, CancellationToken token)
    {
        var rows = new List<OrderRow>();
        foreach (var status in filter.Statuses ?? [null])
        {
            var args = new ListArgs(at, orderNo, end, filter.Email, filter.Package, status, 0, take + 1);
            rows.AddRange(await session.ListAsync<OrderRow>(list.With(filter.Email is not null, filter.Package is not null, status is not null), args, token).ConfigureAwait(false));
        }
        if (filter.Statuses is not { Count: > 1 })
            return rows;
        var merged = rows.OrderBy(row => row.CreatedAt).ThenBy(row => row.OrderNo, StringComparer.Ordinal);
        return [.. (list == ListAbove ? merged : merged.Reverse()).Take(take + 1)];
    }

    private static async Task<List<OrderRow>> FindExactAsync(Session session, string id, CancellationToken token)
    {
        string[] meant = [id, id.ToUpperInvariant(), OrderNumber.Read(id) ?? id];
        var found = await session.ListAsync<OrderRow>(ReadByNumbers, new Numbers([.. meant.Distinct()]), token).ConfigureAwait(false);
        found.AddRange(await session.ListAsync<OrderRow>(ReadByCreemOrder, new Number(id), token).ConfigureAwait(false));
        return [.. found.DistinctBy(row => row.OrderNo).OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.OrderNo, StringComparer.Ordinal)];
    }

    /// <summary>A number or id.</summary>
    public sealed record Number(string Key);

    /// <summary>Numbers or ids.</summary>
    public sealed record Numbers(IReadOnlyList<string> Keys);

    /// <summary>A page of the list: from the place (@At, @OrderNo) on, no further than @End. One bound each way, so that the index is read between them only.</summary>
    public sealed record ListArgs(DateTime At, string OrderNo, DateTime End, string? Email, string? Package, string? Status, int Skip, int Take) : IPaged;

    /// <summary>Newest first, below a place.</summary>
    public static readonly FilteredSql<ListArgs> ListBelow = new($$"""
        SELECT {{OrderRow.Columns}}
        FROM Orders
        WHERE CreatedAt >= @End AND CreatedAt <= @At AND (CreatedAt < @At OR OrderNo < @OrderNo)
        {filters}
        ORDER BY CreatedAt DESC, OrderNo DESC
        {page}
        """, "AND CustomerEmail = @Email", "AND Package = @Package", "AND Status = @Status");

    /// <summary>Oldest first, above a place.</summary>
    public static readonly FilteredSql<ListArgs> ListAbove = new($$"""
        SELECT {{OrderRow.Columns}}
        FROM Orders
        WHERE CreatedAt < @End AND CreatedAt >= @At AND (CreatedAt > @At OR OrderNo > @OrderNo)
        {filters}
        ORDER BY CreatedAt, OrderNo
        {page}
        """, "AND CustomerEmail = @Email", "AND Package = @Package", "AND Status = @Status");

    /// <summary>Orders by their numbers.</summary>
    public static readonly Sql<Numbers> ReadByNumbers = new($"SELECT {OrderRow.Columns} FROM Orders WHERE OrderNo IN @Keys");

    /// <summary>The order that claims a Creem order.</summary>
    public static readonly Sql<Number> ReadByCreemOrder = new($"SELECT {OrderRow.Columns} FROM Orders WHERE CreemOrderId = @Key");

    /// <summary>Deliveries with their revocations; the sealed secret stays where it is.</summary>
    public static readonly Sql<Number> ReadDeliveries = new("""
        SELECT d.Id, d.Kind, d.Tokens, d.LastFour, d.Reference, d.DeliveredAt, d.RecordedAt, e.HappenedAt AS RevokedAt, e.RecordedAt AS RevocationRecordedAt,
            e.RecordedBy AS RevokedBy
        FROM Deliveries d
        LEFT JOIN DeliveryEvents e ON e.DeliveryId = d.Id AND e.Kind = 'revoked'
        WHERE d.OrderNo = @Key
        ORDER BY d.DeliveredAt, d.Id
        """);

    /// <summary>Reveals by when they happened.</summary>
    public static readonly Sql<Number> ReadReveals = new("""
        SELECT e.DeliveryId, d.Kind, d.LastFour, e.HappenedAt, e.RecordedBy, e.Reason
        FROM DeliveryEvents e
        JOIN Deliveries d ON d.Id = e.DeliveryId
        WHERE e.OrderNo = @Key AND e.Kind = 'revealed'
        ORDER BY e.HappenedAt, e.Id
        """);

    /// <summary>Findings that name the order.</summary>
    public static readonly Sql<Number> ReadFindings = new($"SELECT {OrderFindingRow.Columns} FROM Findings WHERE OrderNo = @Key");

    /// <summary>Findings that name one of the transactions.</summary>
    public static readonly Sql<Numbers> ReadFindingsOfTransactions = new($"SELECT {OrderFindingRow.Columns} FROM Findings WHERE TransactionId IN @Keys");
}

/// <summary>Which orders a list shows. Instants are UTC.</summary>
/// <param name="ExactId">An order number as a person may have typed it, or a Creem order id; null for all.</param>
/// <param name="Email">The customer's address, lower-case; null for all.</param>
/// <param name="Package">Slug; null for all.</param>
/// <param name="From">Made at this instant or later.</param>
/// <param name="Until">Made before this instant.</param>
/// <param name="Statuses">Words of <see cref="OrderStandings"/>; null for all.</param>
public sealed record OrderFilter(string? ExactId, string? Email, string? Package, DateTime? From, DateTime? Until, IReadOnlyList<string?>? Statuses = null)
{
    internal List<OrderRow> Among(List<OrderRow> rows) =>
        rows.FindAll(row => (Package is null || row.Package == Package) && (Statuses is null || Statuses.Contains(row.Status)) && !(row.CreatedAt < From) && !(row.CreatedAt >= Until));
}

/// <summary>A place in the list: an order, and whether the page wanted holds what is newer than it.</summary>
public sealed record OrderPlace(DateTime CreatedAt, string OrderNo, bool Newer);

/// <summary>An order as sold. Instants are UTC.</summary>
public sealed class OrderRow
{
    internal const string Columns = """
        OrderNo, Package, Units, Tokens, CustomerEmail, ListCurrency, ListMinor, ChargeCurrency, ChargeMinor, TaxMode, CreemOrderId, Source, Status, CreatedAt, RecordedAt
        """;

    /// <summary>Public order number.</summary>
    public string OrderNo { get; init; } = "";

    /// <summary>Slug of the package.</summary>
    public string Package { get; init; } = "";

    /// <summary>Packages bought.</summary>
    public int Units { get; init; }

    /// <summary>Package tokens x units, as sold.</summary>
    public long Tokens { get; init; }

    /// <summary>The customer's address, lower-case.</summary>
    public string CustomerEmail { get; init; } = "";

    /// <summary>ISO 4217 code.</summary>
    public string ListCurrency { get; init; } = "";

    /// <summary>List price of all units, minor units.</summary>
    public long ListMinor { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public string ChargeCurrency { get; init; } = "";

    /// <summary>Charge for all units, minor units.</summary>
    public long ChargeMinor { get; init; }

    /// <summary><c>inclusive</c> or <c>exclusive</c>.</summary>
    public string TaxMode { get; init; } = "";

    /// <summary>Creem's order id, when it reached Creem.</summary>
    public string? CreemOrderId { get; init; }

    /// <summary><c>file</c> or <c>demo</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>One of <see cref="OrderStandings"/>, as kept for lists; null when it was not worked out yet.</summary>
    public string? Status { get; init; }

    /// <summary>When it was made.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>When we learnt it.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>What has become of it.</summary>
    public OrderNow Now { get; internal set; } = null!;

    /// <summary>List price of all units.</summary>
    public Money List => new(ListMinor, ListCurrency);

    /// <summary>Charge for all units.</summary>
    public Money Charge => new(ChargeMinor, ChargeCurrency);
}

/// <summary>A delivery as pages show it: never its secret. Instants are UTC.</summary>
public sealed class DeliveryRow
{
    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>One of <see cref="DeliveryKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Tokens handed out.</summary>
    public long Tokens { get; init; }

    /// <summary>Last four characters of the secret.</summary>
    public string LastFour { get; init; } = "";

    /// <summary>Reference at the console, when there is one.</summary>
    public string? Reference { get; init; }

    /// <summary>When it was made.</summary>
    public DateTime DeliveredAt { get; init; }

    /// <summary>When we learnt it.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>When it was revoked; null when it is live.</summary>
    public DateTime? RevokedAt { get; init; }

    /// <summary>When we learnt of the revocation.</summary>
    public DateTime? RevocationRecordedAt { get; init; }

    /// <summary>Who brought the revocation in.</summary>
    public string? RevokedBy { get; init; }
}

/// <summary>Somebody saw a secret in full. Instants are UTC.</summary>
public sealed class RevealRow
{
    /// <summary>The delivery.</summary>
    public Guid DeliveryId { get; init; }

    /// <summary>One of <see cref="DeliveryKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Last four characters of the secret.</summary>
    public string LastFour { get; init; } = "";

    /// <summary>When.</summary>
    public DateTime HappenedAt { get; init; }

    /// <summary>E-mail of who saw it.</summary>
    public string RecordedBy { get; init; } = "";

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>A finding as the order's page names it. Instants are UTC.</summary>
public sealed class OrderFindingRow
{
    internal const string Columns = "Id, Kind, Subject, Priority, State, TransactionId, Currency, ExpectedMinor, ActualMinor, FirstSeenAt, ChangedAt";

    /// <summary>The finding's id.</summary>
    public Guid Id { get; init; }

    /// <summary>One of <see cref="Domain.Reconciliation.FindingKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>What it is about.</summary>
    public string Subject { get; init; } = "";

    /// <summary><c>P1</c>, <c>P2</c> or <c>P3</c>.</summary>
    public string Priority { get; init; } = "";

    /// <summary><c>open</c>, <c>cleared</c>, <c>resolved</c> or <c>accepted</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>The transaction it is about, where it is about one.</summary>
    public string? TransactionId { get; init; }

    /// <summary>ISO 4217 code, where amounts are compared.</summary>
    public string? Currency { get; init; }

    /// <summary>What should have been paid, minor units.</summary>
    public long? ExpectedMinor { get; init; }

    /// <summary>What was paid, minor units.</summary>
    public long? ActualMinor { get; init; }

    /// <summary>When it was first seen.</summary>
    public DateTime FirstSeenAt { get; init; }

    /// <summary>When its state changed last.</summary>
    public DateTime ChangedAt { get; init; }
}
