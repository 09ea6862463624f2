using System.Globalization;
using System.Text.Json;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Jobs.Demo;

namespace BackOffice.Web.Tests.Kills;

/// <summary>The demo's facts of spring 2026 as the three import files.</summary>
internal sealed class DemoFiles
{
    private static readonly DemoPackage[] Packages =
    [
        new("trial", 5_000_000, 2200, new DemoPrices(299, 349, 30)),
        new("starter", 9_000_000, 3600, new DemoPrices(499, 579, 25)),
        new("standard", 17_000_000, 6500, new DemoPrices(899, 1049, 30)),
        new("professional", 38_000_000, 13700, new DemoPrices(1899, 2199, 15)),
    ];

    public DemoFiles(ShopFolder folder, int orders)
    {
        var facts = DemoFacts.Make(new DateOnly(2026, 6, 1), orders, 1, Packages, "prod", new BusinessTime(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")));
        Orders = Write(folder, "orders.csv", "order_no,package,units,customer_email,list_currency,list_amount,charge_currency,charge_amount,tax_mode,creem_order_id,created_at", facts.Orders.Select(Line));
        Deliveries = Write(folder, "deliveries.csv", "order_no,kind,tokens,secret,reference,delivered_at,revoked_at", facts.Deliveries.Select(Line));
        Transactions = Write(folder, "creem.jsonl", null, facts.Transactions.Select(Line));
        Planted = facts.Planted.Count;
    }

    public string Orders { get; }

    public string Deliveries { get; }

    public string Transactions { get; }

    public int Planted { get; }

    private static string Write(ShopFolder folder, string name, string? header, IEnumerable<string> lines)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllLines(path, header is null ? lines : lines.Prepend(header));
        return path;
    }

    private static string Line(ImportedOrder order) => string.Join(
        ',',
        order.OrderNo,
        order.Package,
        order.Units.ToString(CultureInfo.InvariantCulture),
        order.CustomerEmail,
        order.List.Currency,
        order.List.ToInvariantString(),
        order.Charge.Currency,
        order.Charge.ToInvariantString(),
        order.TaxInclusive ? "inclusive" : "exclusive",
        order.CreemOrderId,
        Text(order.CreatedAt));

    private static string Line(ImportedDelivery delivery) => string.Join(
        ',', delivery.OrderNo, delivery.Kind, delivery.Tokens.ToString(CultureInfo.InvariantCulture), delivery.Secret, delivery.Reference, Text(delivery.DeliveredAt), Text(delivery.RevokedAt));

    private static string Line(ImportedTransaction transaction) => JsonSerializer.Serialize(new
    {
        id = transaction.TransactionId,
        @object = "transaction",
        mode = transaction.Mode,
        amount = transaction.AmountMinor,
        amount_paid = transaction.AmountPaidMinor,
        tax_amount = transaction.TaxMinor,
        discount_amount = transaction.DiscountMinor,
        currency = transaction.Currency,
        status = transaction.Status,
        refunded_amount = transaction.RefundedMinor,
        order = transaction.CreemOrderId,
        customer = transaction.CustomerId,
        tax_country = transaction.TaxCountry,
        request_id = transaction.RequestId,
        created_at = new DateTimeOffset(transaction.CreatedAt).ToUnixTimeMilliseconds(),
    });

    private static string Text(DateTime? instant) => instant?.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) ?? "";
}
