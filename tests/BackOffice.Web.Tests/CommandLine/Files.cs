namespace BackOffice.Web.Tests.CommandLine;

/// <summary>Small import files in a test's folder.</summary>
internal static class Files
{
    public const string OrdersHeader = "order_no,package,units,customer_email,list_currency,list_amount,charge_currency,charge_amount,tax_mode,creem_order_id,created_at";

    /// <summary>Orders AC-1, AC-2 and so on.</summary>
    public static string Orders(ShopFolder folder, int count, string name = "orders.csv") =>
        Write(folder, name, [OrdersHeader, .. Enumerable.Range(1, count).Select(Order)]);

    public static string Order(int number) => $"AC-{number},trial,1,lin{number}@example.com,CNY,22.00,USD,2.99,exclusive,ord_{number},2026-10-01T10:00:00+08:00";

    public static string Deliveries(ShopFolder folder, int count) => Write(
        folder,
        "deliveries.csv",
        ["order_no,kind,tokens,secret,reference,delivered_at,revoked_at", .. Enumerable.Range(1, count).Select(number => $"AC-{number},api_key,5000000,sk-{number:000000000000},,2026-10-01T10:05:00+08:00,")]);

    public static string Payments(ShopFolder folder, int count) => Write(
        folder,
        "creem.jsonl",
        Enumerable.Range(1, count).Select(number => $$"""{"id":"tran_{{number}}","status":"paid","currency":"USD","amount":299,"amount_paid":299,"order":"ord_{{number}}","created_at":1790820120000}"""));

    public static string Write(ShopFolder folder, string name, params IEnumerable<string> lines)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllLines(path, lines);
        return path;
    }
}
