using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Data.Orders;

/// <summary>
/// Takes lines of orders.csv in (DESIGN 6): keyed by order number; a line that differs from the stored order, names a package that is not sold or claims
/// the Creem order of another one is put aside.
/// </summary>
public sealed class OrderIntake : Intake<ImportedOrder>
{
    private readonly Dictionary<string, long> _tokensByPackage;
    private readonly string _source;
    private readonly OrderStatuses _statuses;
    private readonly ErasedEmails _erased;

    private OrderIntake(Dictionary<string, long> tokensByPackage, string source, OrderStatuses statuses, ErasedEmails erased)
    {
        _tokensByPackage = tokensByPackage;
        _source = source;
        _statuses = statuses;
        _erased = erased;
    }

    /// <summary>Reads the packages there are; an order's tokens are the package's, times units, as of now.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="source">What the orders' Source column says: <c>file</c> or <c>demo</c>.</param>
    /// <param name="mode">The shop's mode at Creem.</param>
    /// <param name="vault">Knows addresses that were erased.</param>
    /// <param name="token">To stop waiting.</param>
    public static async Task<OrderIntake> StartAsync(Session session, string source, string mode, VaultOfSecrets vault, CancellationToken token = default)
    {
        var packages = await session.ListAsync<PackageTokens>(ReadPackages, token: token).ConfigureAwait(false);
        return new OrderIntake(packages.ToDictionary(package => package.Slug, package => package.Tokens, StringComparer.Ordinal), source, new OrderStatuses(mode), new ErasedEmails(vault));
    }

    /// <inheritdoc/>
    public override async Task<Outcome[]> JudgeAsync(Session session, IReadOnlyList<ImportedOrder> records, CancellationToken token)
    {
        await _erased.ReadAsync(session, token).ConfigureAwait(false);
        var stored = await session.ListAsync<StoredOrder>(FindOrders, new OrderNumbers([.. records.Select(record => record.OrderNo)]), token).ConfigureAwait(false);
        var known = stored.ToDictionary(order => order.OrderNo, order => order.AsImported(), StringComparer.Ordinal);
        var claims = await ReadClaimsAsync(session, records, known, token).ConfigureAwait(false);
        var outcomes = new Outcome[records.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = Judge(records[i], known, claims);
            if (outcomes[i].Kind != OutcomeKind.New)
                continue;
            known[records[i].OrderNo] = Kept(records[i], null);
            if (records[i].CreemOrderId is { } claimed)
                claims[claimed] = records[i].OrderNo;
        }
        return outcomes;
    }

    /// <inheritdoc/>
    protected override async Task StoreAsync(WriteSession session, IReadOnlyList<ImportedOrder> records, Outcome[] outcomes, string by, CancellationToken token)
    {
        var rows = new List<NewOrder>(records.Count);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Kind == OutcomeKind.New)
                rows.Add(new NewOrder(Kept(records[i], null), checked(_tokensByPackage[records[i].Package] * records[i].Units), _source, session.At));
        }
        if (rows.Count == 0)
            return;
        await session.BulkInsertAsync(Table, rows, token).ConfigureAwait(false);
        await _statuses.OfNewOrdersAsync(session, rows.ConvertAll(row => row.Order.OrderNo), [.. rows.Select(row => row.Order.CreemOrderId).OfType<string>()], token).ConfigureAwait(false);
    }

    private ImportedOrder Kept(ImportedOrder record, string? stored) =>
        _erased.Kept(record.CustomerEmail, record.CreatedAt, stored) is var email && email == record.CustomerEmail ? record : record with { CustomerEmail = email };

    private Outcome Judge(ImportedOrder record, Dictionary<string, ImportedOrder> known, Dictionary<string, string> claims)
    {
        if (known.TryGetValue(record.OrderNo, out var stored))
            return DifferingField(Kept(record, stored.CustomerEmail), stored) is { } field ? Outcome.PutAside("OrderDiffers", field, record.OrderNo) : Outcome.Repeated;
        if (!_tokensByPackage.TryGetValue(record.Package, out var tokens))
            return Outcome.PutAside("PackageUnknown", "package", record.Package, string.Join(", ", _tokensByPackage.Keys));
        if ((Int128)tokens * record.Units > 9_000_000_000_000_000)
            return Outcome.PutAside("TooManyTokens", "units", record.Package);
        if (record.CreemOrderId is { } claimed && claims.TryGetValue(claimed, out var owner))
            return Outcome.PutAside("CreemOrderClaimed", "creem_order_id", claimed, owner);
        return Outcome.New;
    }

    private static async Task<Dictionary<string, string>> ReadClaimsAsync(
        Session session, IReadOnlyList<ImportedOrder> records, Dictionary<string, ImportedOrder> known, CancellationToken token)
    {
        var ids = records.Where(record => record.CreemOrderId is not null && !known.ContainsKey(record.OrderNo)).Select(record => record.CreemOrderId!).ToList();
        if (ids.Count == 0)
            return [];
        var claims = await session.ListAsync<CreemClaim>(FindClaims, new CreemOrderIds(ids), token).ConfigureAwait(false);
        return claims.ToDictionary(claim => claim.CreemOrderId, claim => claim.OrderNo, StringComparer.Ordinal);
    }

    private static string? DifferingField(ImportedOrder record, ImportedOrder stored) =>
        record.Package != stored.Package ? "package"
        : record.Units != stored.Units ? "units"
        : record.CustomerEmail != stored.CustomerEmail ? "customer_email"
        : record.List.Currency != stored.List.Currency ? "list_currency"
        : record.List.Minor != stored.List.Minor ? "list_amount"
        : record.Charge.Currency != stored.Charge.Currency ? "charge_currency"
        : record.Charge.Minor != stored.Charge.Minor ? "charge_amount"
        : record.TaxInclusive != stored.TaxInclusive ? "tax_mode"
        : record.CreemOrderId != stored.CreemOrderId ? "creem_order_id"
        : record.CreatedAt != stored.CreatedAt ? "created_at"
        : null;

    /// <summary>Which orders.</summary>
    public sealed record OrderNumbers(IReadOnlyList<string> Keys);

    /// <summary>Which Creem orders.</summary>
    public sealed record CreemOrderIds(IReadOnlyList<string> Keys);

    /// <summary>What is sold.</summary>
    public static readonly Sql ReadPackages = new("SELECT Slug, Tokens FROM Packages ORDER BY Position, Slug");

    /// <summary>The orders of a portion that are known, in full: a repeated line must be equal.</summary>
    public static readonly Sql<OrderNumbers> FindOrders = new("""
        SELECT OrderNo, Package, Units, CustomerEmail, ListCurrency, ListMinor, ChargeCurrency, ChargeMinor, TaxMode, CreemOrderId, CreatedAt
        FROM Orders
        WHERE OrderNo IN @Keys
        """);

    /// <summary>Who holds the Creem orders of a portion.</summary>
    public static readonly Sql<CreemOrderIds> FindClaims = new("SELECT CreemOrderId, OrderNo FROM Orders WHERE CreemOrderId IN @Keys");

    /// <summary>How new orders go in.</summary>
    public static readonly BulkTable<NewOrder> Table = new(
        "Orders",
        ("OrderNo", typeof(string), row => row.Order.OrderNo),
        ("Package", typeof(string), row => row.Order.Package),
        ("Units", typeof(int), row => row.Order.Units),
        ("Tokens", typeof(long), row => row.Tokens),
        ("CustomerEmail", typeof(string), row => row.Order.CustomerEmail),
        ("ListCurrency", typeof(string), row => row.Order.List.Currency),
        ("ListMinor", typeof(long), row => row.Order.List.Minor),
        ("ChargeCurrency", typeof(string), row => row.Order.Charge.Currency),
        ("ChargeMinor", typeof(long), row => row.Order.Charge.Minor),
        ("TaxMode", typeof(string), row => row.Order.TaxInclusive ? "inclusive" : "exclusive"),
        ("CreemOrderId", typeof(string), row => row.Order.CreemOrderId),
        ("Source", typeof(string), row => row.Source),
        ("Status", typeof(string), _ => OrderStatuses.OfNewOrder),
        ("Payment", typeof(string), _ => OrderStatuses.PaymentOfNewOrder),
        ("CreatedAt", typeof(DateTime), row => row.Order.CreatedAt),
        ("RecordedAt", typeof(DateTime), row => row.RecordedAt));

    /// <summary>An order to be stored.</summary>
    /// <param name="Order">The record.</param>
    /// <param name="Tokens">Package tokens x units.</param>
    /// <param name="Source">Where it came from.</param>
    /// <param name="RecordedAt">When we learnt it, UTC.</param>
    public sealed record NewOrder(ImportedOrder Order, long Tokens, string Source, DateTime RecordedAt);

    private sealed class PackageTokens
    {
        public string Slug { get; init; } = "";

        public long Tokens { get; init; }
    }

    private sealed class CreemClaim
    {
        public string CreemOrderId { get; init; } = "";

        public string OrderNo { get; init; } = "";
    }

    private sealed class StoredOrder
    {
        public string OrderNo { get; init; } = "";

        public string Package { get; init; } = "";

        public int Units { get; init; }

        public string CustomerEmail { get; init; } = "";

        public string ListCurrency { get; init; } = "";

        public long ListMinor { get; init; }

        public string ChargeCurrency { get; init; } = "";

        public long ChargeMinor { get; init; }

        public string TaxMode { get; init; } = "";

        public string? CreemOrderId { get; init; }

        public DateTime CreatedAt { get; init; }

        public ImportedOrder AsImported() => new()
        {
            Line = 0,
            OrderNo = OrderNo,
            Package = Package,
            Units = Units,
            CustomerEmail = CustomerEmail,
            List = new Money(ListMinor, ListCurrency),
            Charge = new Money(ChargeMinor, ChargeCurrency),
            TaxInclusive = TaxMode == "inclusive",
            CreemOrderId = CreemOrderId,
            CreatedAt = CreatedAt,
        };
    }
}
