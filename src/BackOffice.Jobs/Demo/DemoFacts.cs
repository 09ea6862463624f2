using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Jobs.Imports;

namespace BackOffice.Jobs.Demo;

/// <summary>Three months of a believable shop, the same for the same day, packages and seed.</summary>
internal sealed record DemoFacts
{
    public const int LeastOrders = 100;
    public const int MostOrders = 100_000;

    private const int Months = 3;

    /// <summary>First business day.</summary>
    public required DateOnly From { get; init; }

    /// <summary>The day after the last one.</summary>
    public required DateOnly Until { get; init; }

    public required IReadOnlyList<ImportedOrder> Orders { get; init; }

    public required IReadOnlyList<ImportedTransaction> Transactions { get; init; }

    public required IReadOnlyList<ImportedDelivery> Deliveries { get; init; }

    /// <summary>What a run over all of it finds.</summary>
    public required IReadOnlyList<PlantedFinding> Planted { get; init; }

    /// <summary>The months before a day.</summary>
    /// <param name="today">The first business day after the demo.</param>
    /// <param name="orders">How many.</param>
    /// <param name="seed">Another seed, another shop.</param>
    /// <param name="packages">What is sold.</param>
    /// <param name="mode">Creem's mode that the shop reconciles.</param>
    /// <param name="business">The shop's days.</param>
    public static DemoFacts Make(DateOnly today, int orders, long seed, IReadOnlyList<DemoPackage> packages, string mode, BusinessTime business)
    {
        var from = today.AddMonths(-Months);
        var dice = new Dice(seed, today.DayNumber, orders);
        var instants = DemoRhythm.Instants(from, today, orders, business, dice);
        var customers = new DemoCustomers(dice);
        var sales = new DemoSales(packages, mode, business.StartOf(today));
        var all = instants.Select((at, i) => sales.Make(at, customers.Next(), new Dice(seed, today.DayNumber, orders, i))).ToList();
        var planted = DemoPlants.Plant(sales, all, Math.Clamp(orders / 750, 2, 40), dice);
        return new DemoFacts
        {
            From = from,
            Until = today,
            Orders = [.. all.Select(sale => sale.Order)],
            Transactions = [.. all.SelectMany(sale => sale.Payments).Select(payment => payment with { PayloadHash = CreemTransaction.Hash(payment) })],
            Deliveries = [.. all.SelectMany(sale => sale.Deliveries)],
            Planted = planted,
        };
    }
}
