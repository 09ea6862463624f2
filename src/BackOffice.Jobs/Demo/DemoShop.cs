using BackOffice.Data.Demo;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Data.Orders;
using BackOffice.Data.Packages;
using BackOffice.Data.Payments;
using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Reconciliation;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Demo;

/// <summary>
/// Fills an empty shop with three months of sales and reconciles them. The facts go in through the intakes of the imports, and are made of the seed and the
/// day of the first load: so a load that was killed is finished by the same call, and one more call changes nothing.
/// </summary>
public sealed class DemoShop(
    Database database, DemoStore store, PackageQueries packages, PriceQueries prices, VaultOfSecrets vault, Settings settings, RunDesk desk, RunQueries runs, ReconcileJob reconcile,
    NightSchedule schedule, JobRunQueries nights, NightlyJob nightly, DemoCodes codes, DemoUsage usage)
{
    public const int UsualOrders = 3000;
    public const long UsualSeed = 1;

    private const string By = "system";
    private const string ListCurrency = "CNY";
    private static readonly string[] ChargeCurrencies = ["USD", "EUR"];

    // What Creem takes of a sale: 3.9 % and 0.40 (creem.md 7).
    private const long FeePartsPerMillion = 39_000;
    private const long FeeFixedMinor = 40;

    private static readonly Dictionary<string, DemoPrices> Prices = new(StringComparer.Ordinal)
    {
        ["trial"] = new DemoPrices(299, 349, 30),
        ["starter"] = new DemoPrices(499, 579, 25),
        ["standard"] = new DemoPrices(899, 1049, 30),
        ["professional"] = new DemoPrices(1899, 2199, 15),
    };

    /// <summary>Loads what is not there yet. Null, and nothing is done: the shop has orders that this load does not make.</summary>
    public async Task<DemoLoad?> LoadAsync(int orders, long seed, CancellationToken token)
    {
        var beginning = await store.BeginningAsync(token).ConfigureAwait(false);
        if (beginning.HasOthers)
            return null;
        var today = settings.Business.DayOf(beginning.FirstAt ?? database.Clock.UtcNow());
        var facts = await MakeAsync(today, orders, seed, token).ConfigureAwait(false);
        if (beginning.OrderNumbers.Except(facts.Orders.Select(order => order.OrderNo), StringComparer.Ordinal).Any())
            return null;
        await AddPricesAsync(facts, token).ConfigureAwait(false);
        var added = await TakeAsync(facts, token).ConfigureAwait(false);
        await ReconcileMonthsAsync(facts, token).ConfigureAwait(false);
        await ReconcileNightAsync(token).ConfigureAwait(false);
        await codes.AddAsync(facts, token).ConfigureAwait(false);
        added += await usage.AddAsync(facts, seed, token).ConfigureAwait(false);
        return new DemoLoad(facts.From, facts.Until, facts.Orders.Count, facts.Transactions.Count, facts.Deliveries.Count, facts.Planted.Count, DemoUsage.Records, added);
    }

    /// <summary>The facts of the months before a day, with the packages as they are.</summary>
    internal async Task<DemoFacts> MakeAsync(DateOnly today, int orders, long seed, CancellationToken token) =>
        DemoFacts.Make(today, orders, seed, await SoldAsync(token).ConfigureAwait(false), settings.CreemMode, settings.Business);

    // At the list price the shop began with: a price that was added since must not give other orders when the demo is loaded again.
    private async Task<List<DemoPackage>> SoldAsync(CancellationToken token)
    {
        var dated = await prices.ListAsync(token).ConfigureAwait(false);
        var all = await packages.ListAsync(token).ConfigureAwait(false);
        return all.Where(package => Prices.ContainsKey(package.Slug)).ToList().ConvertAll(package => new DemoPackage(
            package.Slug,
            package.Tokens,
            dated.FindLast(price => price.Package == package.Slug && price.Purpose == "list" && price.Currency == ListCurrency)!.AmountMinor,
            Prices[package.Slug]));
    }

    private Task AddPricesAsync(DemoFacts facts, CancellationToken token)
    {
        var from = settings.Business.StartOf(facts.From);
        var dice = new Dice(facts.From.DayNumber);
        var charges = Prices.SelectMany(price => new[]
        {
            new ChargePrice(price.Key, "USD", price.Value.DollarMinor, "exclusive", CreemIds.New("prod", dice), from),
            new ChargePrice(price.Key, "EUR", price.Value.EuroMinor, "inclusive", CreemIds.New("prod", dice), from),
        });
        var fees = ChargeCurrencies.Select(currency => new FeePrice(currency, FeePartsPerMillion, FeeFixedMinor, from));
        return store.AddSettingsAsync([.. charges], [.. fees], token);
    }

    // Orders first: a delivery needs its order.
    private async Task<long> TakeAsync(DemoFacts facts, CancellationToken token)
    {
        var sealer = await vault.SealerAsync(database.Clock.UtcNow(), token).ConfigureAwait(false);
        var orders = await database.ReadAsync(session => OrderIntake.StartAsync(session, "demo", settings.CreemMode, vault, token), token).ConfigureAwait(false);
        return await TakeAsync(orders, facts.Orders, token).ConfigureAwait(false)
            + await TakeAsync(new TransactionIntake(settings.CreemMode), facts.Transactions, token).ConfigureAwait(false)
            + await TakeAsync(new DeliveryIntake(sealer, settings.CreemMode), facts.Deliveries, token).ConfigureAwait(false);
    }

    private async Task<long> TakeAsync<T>(Intake<T> intake, IReadOnlyList<T> records, CancellationToken token)
    {
        var (done, added) = (0, 0L);
        while (done < records.Count)
        {
            var (taken, fresh) = await database.WriteAsync(WriteRank.Job, session => TakeSomeAsync(session, intake, records, done, token), token).ConfigureAwait(false);
            done += taken;
            added += fresh;
        }
        return added;
    }

    private static async Task<(int Taken, long Fresh)> TakeSomeAsync<T>(WriteSession session, Intake<T> intake, IReadOnlyList<T> records, int from, CancellationToken token)
    {
        var (taken, fresh) = (0, 0L);
        do
        {
            var portion = records.Skip(from + taken).Take(Intake<T>.Portion).ToList();
            var outcomes = await intake.TakeAsync(session, portion, By, token).ConfigureAwait(false);
            taken += portion.Count;
            fresh += outcomes.Count(outcome => outcome.Kind is OutcomeKind.New or OutcomeKind.Ending);
        }
        while (from + taken < records.Count && !session.ShouldEnd);
        return (taken, fresh);
    }

    private async Task ReconcileMonthsAsync(DemoFacts facts, CancellationToken token)
    {
        var made = await MadeAsync(token).ConfigureAwait(false);
        for (var from = new DateOnly(facts.From.Year, facts.From.Month, 1); from < facts.Until; from = from.AddMonths(1))
        {
            var until = from.AddMonths(1) < facts.Until ? from.AddMonths(1) : facts.Until;
            var run = made.Find(one => one.FromDay == from && one.UntilDay == until) ?? await desk.AddAsync(from, until, null, null, By, token).ConfigureAwait(false);
            await reconcile.RunToEndAsync(run.Id, token).ConfigureAwait(false);
        }
    }

    // The night that is due now, as the sweeper would make it. Later ones are the sweeper's.
    private async Task ReconcileNightAsync(CancellationToken token)
    {
        if ((await MadeAsync(token).ConfigureAwait(false)).Exists(run => run.Origin == "nightly"))
            return;
        await schedule.AddDueAsync(ReconciliationNight.JobName, token).ConfigureAwait(false);
        if (await nights.FindNewestAsync(ReconciliationNight.JobName, token).ConfigureAwait(false) is { } night)
            await nightly.RunAsync(night.Id, token).ConfigureAwait(false);
    }

    private async Task<List<RunRow>> MadeAsync(CancellationToken token) => [.. (await runs.ListAsync(null, null, 1000, token).ConfigureAwait(false)).Rows];
}

/// <summary>What a demo load came to.</summary>
/// <param name="From">First business day.</param>
/// <param name="Until">First business day after it.</param>
/// <param name="Orders">Orders in all.</param>
/// <param name="Transactions">Records of transactions in all.</param>
/// <param name="Deliveries">Deliveries in all.</param>
/// <param name="Planted">Findings planted.</param>
/// <param name="Usage">Records of usage in all.</param>
/// <param name="Added">Records that were not there before.</param>
public sealed record DemoLoad(DateOnly From, DateOnly Until, long Orders, long Transactions, long Deliveries, long Planted, long Usage, long Added);
