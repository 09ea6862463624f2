using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain.Search;

namespace BackOffice.Data.Search;

/// <summary>Finds what a text may name, by exact keys that an index has. Nothing is counted: of each kind some are found, and whether there are more.</summary>
public sealed class SearchQueries(Database database)
{
    /// <summary>Most of a kind that are shown.</summary>
    public const int Most = 20;

    /// <summary>Looks everything up.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="codeKeys">Lookup keys of what may be a redemption code in it.</param>
    /// <param name="withImports">Whether imports are looked for as well.</param>
    /// <param name="withBatches">Whether batches of codes are.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<SearchHits> FindAsync(SearchText text, IReadOnlyList<byte[]> codeKeys, bool withImports, bool withBatches, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var orders = new List<string>();
            var numbers = text.OrderNumbers.Concat(text.Words).ToList();
            if (numbers.Count > 0)
                orders.AddRange(await session.ListAsync<string>(OrdersByNumber, new ByKeys(numbers, 0, Most + 1), token).ConfigureAwait(false));
            if (text.CreemIds.Count > 0)
                orders.AddRange(await session.ListAsync<string>(OrdersByCreemOrder, new ByKeys(text.CreemIds, 0, Most + 1), token).ConfigureAwait(false));
            foreach (var email in text.Emails)
                orders.AddRange(await session.ListAsync<string>(OrdersByEmail, new ByKey(email, 0, Most + 1), token).ConfigureAwait(false));
            if (text.LastFour is { } end)
                orders.AddRange(await session.ListAsync<string>(OrdersByLastFour, new ByKey(end.ToLowerInvariant(), 0, Most + 1), token).ConfigureAwait(false));
            return new SearchHits(
                Some(orders),
                Some(await PaymentsAsync(session, text, orders.Count > 0, token).ConfigureAwait(false)),
                await NumberAsync(session, RunByNumber, text, token).ConfigureAwait(false),
                withImports ? await NumberAsync(session, ImportByNumber, text, token).ConfigureAwait(false) : null,
                await NumberAsync(session, ReportByNumber, text, token).ConfigureAwait(false))
            {
                Batch = withBatches ? await NumberAsync(session, BatchByNumber, text, token).ConfigureAwait(false) : null,
                Codes = await CodesAsync(session, text, codeKeys, token).ConfigureAwait(false),
            };
        }, token);

    // A code that was taken for an order is found by its delivery as well; the order's page does not show the code's own life.
    private static async Task<IReadOnlyList<CodeRow>> CodesAsync(Session session, SearchText text, IReadOnlyList<byte[]> keys, CancellationToken token)
    {
        var codes = new List<CodeRow>();
        foreach (var key in keys)
        {
            if (await session.FindAsync<CodeRow>(CodeQueries.ReadByKey, new CodeQueries.ByKey(key), token).ConfigureAwait(false) is { } code)
                codes.Add(code);
        }
        if (text.LastFour is not { } end)
            return codes;
        // In both writings: codes of the console are in small letters, the others in capitals.
        foreach (var lastFour in new[] { end.ToLowerInvariant(), end.ToUpperInvariant() }.Distinct(StringComparer.Ordinal))
        {
            var wanted = new CodeQueries.LastFourArgs(lastFour, 0, long.MaxValue, int.MaxValue, 0, Most);
            codes.AddRange(await session.ListAsync<CodeRow>(CodeQueries.LastFourAfter.With(false), wanted, token).ConfigureAwait(false));
        }
        return [.. codes.Take(Most)];
    }

    // A payment whose order is there is found by its own id alone: the order's page shows it.
    private static async Task<List<string>> PaymentsAsync(Session session, SearchText text, bool hasOrders, CancellationToken token)
    {
        var payments = new List<string>();
        if (text.CreemIds.Count > 0)
            payments.AddRange(await session.ListAsync<string>(PaymentsById, new ByKeys(text.CreemIds, 0, Most + 1), token).ConfigureAwait(false));
        if (hasOrders)
            return payments;
        foreach (var id in text.CreemIds)
            payments.AddRange(await session.ListAsync<string>(PaymentsByCreemOrder, new ByKey(id, 0, Most + 1), token).ConfigureAwait(false));
        foreach (var number in text.OrderNumbers)
            payments.AddRange(await session.ListAsync<string>(PaymentsByRequest, new ByKey(number, 0, Most + 1), token).ConfigureAwait(false));
        return payments;
    }

    private static Task<long?> NumberAsync(Session session, Sql<ByNumber> read, SearchText text, CancellationToken token) =>
        text.Number is { } number ? session.FindAsync<long?>(read, new ByNumber(number), token) : Task.FromResult<long?>(null);

    private static Found Some(List<string> keys)
    {
        List<string> found = [.. keys.Distinct(StringComparer.Ordinal)];
        return new Found([.. found.Take(Most)], found.Count > Most);
    }

    /// <summary>Keys of which each may be there.</summary>
    public sealed record ByKeys(IReadOnlyList<string> Keys, int Skip, int Take) : IPaged;

    /// <summary>A key that several rows may have.</summary>
    public sealed record ByKey(string Key, int Skip, int Take) : IPaged;

    /// <summary>The number people see.</summary>
    public sealed record ByNumber(long Number);

    /// <summary>Orders by their numbers.</summary>
    public static readonly Sql<ByKeys> OrdersByNumber = new("""
        SELECT OrderNo FROM Orders WHERE OrderNo IN @Keys ORDER BY OrderNo
        {page}
        """);

    /// <summary>Orders that claim a Creem order.</summary>
    public static readonly Sql<ByKeys> OrdersByCreemOrder = new("""
        SELECT OrderNo FROM Orders WHERE CreemOrderId IN @Keys ORDER BY CreemOrderId
        {page}
        """);

    /// <summary>A customer's orders, newest first.</summary>
    public static readonly Sql<ByKey> OrdersByEmail = new("""
        SELECT OrderNo FROM Orders WHERE CustomerEmail = @Key ORDER BY CreatedAt DESC, OrderNo DESC
        {page}
        """);

    /// <summary>Orders with a delivery whose secret ends so, newest first.</summary>
    public static readonly Sql<ByKey> OrdersByLastFour = new("""
        SELECT OrderNo FROM Deliveries WHERE LastFourKey = @Key ORDER BY DeliveredAt DESC, Id DESC
        {page}
        """);

    /// <summary>Transactions by their ids.</summary>
    public static readonly Sql<ByKeys> PaymentsById = new("""
        SELECT TransactionId FROM Payments WHERE TransactionId IN @Keys ORDER BY TransactionId
        {page}
        """);

    /// <summary>Transactions that name a Creem order.</summary>
    public static readonly Sql<ByKey> PaymentsByCreemOrder = new("""
        SELECT TransactionId FROM PaymentObservations WHERE CreemOrderId = @Key ORDER BY TransactionId
        {page}
        """);

    /// <summary>Transactions whose checkout names an order number.</summary>
    public static readonly Sql<ByKey> PaymentsByRequest = new("""
        SELECT TransactionId FROM PaymentObservations WHERE RequestId = @Key ORDER BY TransactionId
        {page}
        """);

    /// <summary>The run of a number.</summary>
    public static readonly Sql<ByNumber> RunByNumber = new("SELECT Number FROM ReconciliationRuns WHERE Number = @Number");

    /// <summary>The import of a number.</summary>
    public static readonly Sql<ByNumber> ImportByNumber = new("SELECT Number FROM Imports WHERE Number = @Number");

    /// <summary>The report of a number.</summary>
    public static readonly Sql<ByNumber> ReportByNumber = new("SELECT Number FROM ReportRuns WHERE Number = @Number");

    /// <summary>The batch of a number.</summary>
    public static readonly Sql<ByNumber> BatchByNumber = new("SELECT Number FROM CodeBatches WHERE Number = @Number");
}

/// <summary>Keys that were found.</summary>
/// <param name="Keys">Order numbers or transaction ids.</param>
/// <param name="HasMore">There are more than are shown.</param>
public sealed record Found(IReadOnlyList<string> Keys, bool HasMore);

/// <summary>What a text names.</summary>
/// <param name="Orders">Order numbers.</param>
/// <param name="Payments">Transaction ids.</param>
/// <param name="Run">A run's number.</param>
/// <param name="Import">An import's number.</param>
/// <param name="Report">A report's number.</param>
public sealed record SearchHits(Found Orders, Found Payments, long? Run, long? Import, long? Report)
{
    /// <summary>Number of a batch of codes.</summary>
    public long? Batch { get; init; }

    /// <summary>Redemption codes, never in plain.</summary>
    public IReadOnlyList<CodeRow> Codes { get; init; } = [];

    /// <summary>Whether one record is meant, and no other.</summary>
    public bool IsOne => Count == 1;

    /// <summary>Whether nothing was found.</summary>
    public bool IsNone => Count == 0;

    private int Count => Orders.Keys.Count + Payments.Keys.Count + Codes.Count + new[] { Run, Import, Report, Batch }.Count(number => number is not null);
}
