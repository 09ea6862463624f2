using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using BackOffice.Domain;
using BackOffice.Jobs.Demo;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>demo load</c>: fills an empty shop with three months of sales, findings of every kind among them, and reconciles them.</summary>
internal static class DemoVerb
{
    public static Command Command(SharedOptions shared)
    {
        var orders = new Option<int>("--orders") { Description = $"How many orders, {DemoFacts.LeastOrders} to {DemoFacts.MostOrders}.", DefaultValueFactory = _ => DemoShop.UsualOrders };
        var seed = new Option<long>("--seed") { Description = "Another seed, another shop.", DefaultValueFactory = _ => DemoShop.UsualSeed };
        orders.Validators.Add(RequireSensible);
        var load = new Command("load", "Fill an empty shop with three months of sales.") { orders, seed };
        load.SetAction(async (parsed, token) =>
        {
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var loaded = await office.Get<DemoShop>().LoadAsync(parsed.GetValue(orders), parsed.GetValue(seed), token).ConfigureAwait(false)
                ?? throw new RefusedException(new Refusal("ShopHasOrders", ""));
            shared.Answer(parsed, loaded, Sentence(loaded));
            return 0;
        });
        return new Command("demo", "A shop to look at.") { load };
    }

    private static void RequireSensible(OptionResult given)
    {
        // What is no number at all is said by the parser.
        if (given.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var orders) && orders is < DemoFacts.LeastOrders or > DemoFacts.MostOrders)
            given.AddError(string.Create(CultureInfo.InvariantCulture, $"--orders takes {DemoFacts.LeastOrders} to {DemoFacts.MostOrders}."));
    }

    private static string Sentence(DemoLoad loaded) => loaded.Added == 0
        ? "The demo shop was there already: nothing was added."
        : string.Create(CultureInfo.InvariantCulture, $"{loaded.Orders} orders from {loaded.From:yyyy-MM-dd} to {loaded.Until.AddDays(-1):yyyy-MM-dd}, {loaded.Transactions} records of transactions, {loaded.Deliveries} deliveries; {loaded.Planted} findings planted.");
}
