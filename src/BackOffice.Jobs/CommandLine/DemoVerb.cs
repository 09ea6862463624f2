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
        var orders = new Option<int>("--orders")
        {
            Description = $"How many orders, {DemoFacts.LeastOrders} to {DemoFacts.MostOrders}.",
            DefaultValueFactory = _ => DemoShop.UsualOrders,
            CustomParser = given => (int)Number(given, DemoFacts.LeastOrders, DemoFacts.MostOrders),
        };
        var seed = new Option<long>("--seed") { Description = "Another seed, another shop.", DefaultValueFactory = _ => DemoShop.UsualSeed, CustomParser = given => Number(given, 0, long.MaxValue) };
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

    private static long Number(ArgumentResult given, long least, long most)
    {
        var text = given.Tokens[0].Value;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
            given.AddError(string.Create(CultureInfo.InvariantCulture, $"{((OptionResult)given.Parent!).Option.Name} takes a whole number from {least} to {most}, not '{text}'."));
        return number;
    }

    private static string Sentence(DemoLoad loaded) => loaded.Added == 0
        ? "The demo shop was there already: nothing was added."
        : string.Create(CultureInfo.InvariantCulture, $"{loaded.Orders} orders from {loaded.From:yyyy-MM-dd} to {loaded.Until.AddDays(-1):yyyy-MM-dd}, {loaded.Transactions} records of transactions, {loaded.Deliveries} deliveries, {loaded.Usage} records of usage; {loaded.Planted} findings planted.");
}
