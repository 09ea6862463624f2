using BackOffice.Domain.Orders;

namespace BackOffice.Domain.Reconciliation;

/// <summary>Adds up paid and delivered by package (reconciliation rules 6).</summary>
internal sealed class PackageSums(RunParameters run)
{
    private readonly Dictionary<string, PackageLine> byPackage = new(StringComparer.Ordinal);

    public void Add(OrderInRun order)
    {
        var line = Line(byPackage, order.Order.Package);
        var before = line;
        if (order.IsPaidInWindow)
            line = line with { PaidOrders = line.PaidOrders + 1, PaidTokens = line.PaidTokens + order.Order.Tokens };
        foreach (var delivery in order.Deliveries)
        {
            if (!run.InWindow(delivery.DeliveredAt))
                continue;
            line = delivery.Kind == DeliveryKinds.ApiKey
                ? line with { KeysDelivered = line.KeysDelivered + 1, KeyTokens = line.KeyTokens + delivery.Tokens }
                : line with { CodesDelivered = line.CodesDelivered + 1, CodeTokens = line.CodeTokens + delivery.Tokens };
        }
        if (!ReferenceEquals(line, before))
            byPackage[order.Order.Package] = line;
    }

    public IReadOnlyList<PackageLine> Lines(IEnumerable<SoldPackage> sold)
    {
        var all = new Dictionary<string, PackageLine>(byPackage, StringComparer.Ordinal);
        foreach (var package in sold)
        {
            var line = Line(all, package.Package);
            all[package.Package] = line with { SoldOrders = line.SoldOrders + package.Orders, SoldTokens = line.SoldTokens + package.Tokens };
        }
        return [.. all.Values.OrderBy(line => line.Package, StringComparer.Ordinal)];
    }

    private static PackageLine Line(Dictionary<string, PackageLine> lines, string package) =>
        lines.GetValueOrDefault(package) ?? new PackageLine(package, 0, 0, 0, 0, 0, 0, 0, 0);
}
