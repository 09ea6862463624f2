using System.Globalization;
using System.Text.Json;

namespace BackOffice.Web.Tests.Features.Reconciliation;

/// <summary>Facts of a shop, written as files and imported as an operator would. Times of day are on the shop's clock (UTC+8).</summary>
public sealed class Facts
{
    private readonly List<string> _orders = [];
    private readonly List<string> _deliveries = [];
    private readonly List<Dictionary<string, object>> _transactions = [];

    /// <summary>An order of one Trial (5,000,000 tokens) for USD 8.99 without tax.</summary>
    public Facts Order(string orderNo, string day, string currency = "USD", string amount = "8.99", string taxMode = "exclusive")
    {
        _orders.Add($"{orderNo},trial,1,{orderNo.ToLowerInvariant()}@example.com,CNY,22.00,{currency},{amount},{taxMode},ord_{orderNo},{day}T14:29:00+08:00");
        return this;
    }

    /// <summary>A transaction that names the order at Creem; none when null.</summary>
    public Facts Pay(string id, string? orderNo, string day, string status = "paid", long paid = 899, long tax = 0, long refunded = 0, string currency = "USD", string time = "14:30:00")
    {
        var transaction = new Dictionary<string, object>
        {
            ["id"] = id,
            ["mode"] = "prod",
            ["status"] = status,
            ["currency"] = currency,
            ["amount"] = paid - tax,
            ["amount_paid"] = paid,
            ["tax_amount"] = tax,
            ["refunded_amount"] = refunded,
            ["created_at"] = DateTimeOffset.Parse($"{day}T{time}+08:00", CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(),
        };
        if (orderNo is not null)
            transaction["order"] = $"ord_{orderNo}";
        _transactions.Add(transaction);
        return this;
    }

    public Facts Deliver(string orderNo, string day, string secret, string kind = "api_key", long tokens = 5_000_000, string? revoked = null)
    {
        _deliveries.Add($"{orderNo},{kind},{tokens},{secret},,{day}T14:31:00+08:00,{(revoked is null ? "" : revoked + "T09:00:00+08:00")}");
        return this;
    }

    /// <summary>What they are in files, each with its kind.</summary>
    public IReadOnlyList<(string Kind, string Content)> Files() =>
    [
        ("orders", Seed.File(Seed.OrdersHeader, [.. _orders])),
        ("creem", JsonSerializer.Serialize(_transactions)),
        ("deliveries", Seed.File(Seed.DeliveriesHeader, [.. _deliveries])),
    ];

    public async Task ImportAsync(Site site)
    {
        foreach (var (kind, content) in Files())
        {
            var import = await site.ImportAsync(kind, content);
            Assert.Equal(("done", 0L), (import.Status, import.RecordsPutAside));
        }
    }
}
