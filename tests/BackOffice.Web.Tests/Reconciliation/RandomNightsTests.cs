using System.Globalization;
using BackOffice.Data.Jobs;
using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Demo;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Reconciliation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Web.Tests.Reconciliation;

/// <summary>
/// Nights that learn of orders, deliveries, revocations and payments late, twice and in contradiction: what they leave open is what a run finds that looks
/// at everything (reconciliation rules 3: whatever was learnt since the last night is in scope).
/// </summary>
public sealed class RandomNightsTests
{
    private const int Nights = 7;
    private const int OrdersANight = 12;

    private static readonly DateOnly FirstDay = new(2026, 10, 2);
    private static readonly string[] Statuses = ["paid", "paid", "paid", "refunded", "partialRefund", "chargeback", "pending", "in_review"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Nights_leave_open_what_a_look_at_everything_finds(int seed)
    {
        using var folder = ShopFolder.Migrated();
        var clock = new FakeTimeProvider(Morning(FirstDay.AddDays(-1))) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        await using var services = folder.Services(clock);
        await ReconcileNightAsync(services, FirstDay.AddDays(-1)); // since which the first one counts news
        var facts = new RandomFacts(new Dice(seed));
        for (var night = 0; night < Nights; night++)
        {
            clock.SetUtcNow(Morning(FirstDay.AddDays(night)));
            var (orders, deliveries, tellings) = facts.Learn(Morning(FirstDay.AddDays(night)).UtcDateTime, OrdersANight);
            await ImportAsync(folder, services, "orders", orders);
            await ImportAsync(folder, services, "deliveries", deliveries);
            await ImportAsync(folder, services, "creem", tellings);
            var last = await ReconcileNightAsync(services, FirstDay.AddDays(night));
            var left = ShopRows.Of(folder, "SELECT Kind, Subject FROM Findings WHERE State = 'open'");
            Assert.Equal(await LookAtEverythingAsync(folder, services, last), left);
            await ResolveSomeAsync(services, new Dice(seed, night));
        }
    }

    // Every third open finding, though nothing is settled: the next night opens it again, wherever its order was last touched.
    private static async Task ResolveSomeAsync(ServiceProvider services, Dice dice)
    {
        var (desk, open) = (services.GetRequiredService<FindingDesk>(), new FindingFilter { State = "open" });
        foreach (var finding in (await services.GetRequiredService<FindingQueries>().ListAsync(open, null, 1000, TestContext.Current.CancellationToken)).Rows.Where(_ => dice.Below(3) == 0))
            await desk.ResolveAsync(new FindingAct(finding.Id, finding.Version, "mara@example.com", "settled, it seems"), TestContext.Current.CancellationToken);
    }

    // From a millisecond earlier: it looks back and leaves the findings to the nights.
    private static async Task<List<string>> LookAtEverythingAsync(ShopFolder folder, ServiceProvider services, RunRow night)
    {
        var run = await services.GetRequiredService<RunDesk>().AddAsync(new DateOnly(2026, 9, 1), new DateOnly(2026, 11, 1), night.AsOf!.Value.AddMilliseconds(-1), night.KnownAsOf, "system", TestContext.Current.CancellationToken);
        await services.GetRequiredService<ReconcileJob>().RunToEndAsync(run.Id, TestContext.Current.CancellationToken);
        return ShopRows.Of(folder, $"SELECT f.Kind, f.Subject FROM RunFindings f JOIN ReconciliationRuns r ON r.Id = f.RunId WHERE r.Number = {run.Number}");
    }

    private static async Task<RunRow> ReconcileNightAsync(ServiceProvider services, DateOnly today)
    {
        var night = await services.GetRequiredService<JobRunStore>().AddAsync(ReconciliationNight.JobName, today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), TestContext.Current.CancellationToken);
        await services.GetRequiredService<NightlyJob>().RunAsync(night!.Value, TestContext.Current.CancellationToken);
        return (await services.GetRequiredService<RunQueries>().FindNightlyAsync(night.Value, TestContext.Current.CancellationToken))!;
    }

    private static async Task ImportAsync(ShopFolder folder, ServiceProvider services, string kind, List<string> lines)
    {
        var path = Path.Combine(folder.Path, kind + ".txt");
        await File.WriteAllLinesAsync(path, lines, TestContext.Current.CancellationToken);
        await FactFiles.ImportAsync(services, kind, path);
    }

    // 02:30 of the shop's day.
    private static DateTimeOffset Morning(DateOnly day) => new(day.ToDateTime(new TimeOnly(2, 30)), TimeSpan.FromHours(8));

    /// <summary>Orders that are paid and delivered as they should be, most of them: an order that has a finding is looked at anyway.</summary>
    private sealed class RandomFacts(Dice dice)
    {
        private readonly List<(string Created, string Delivery)> _orders = [];

        public (List<string> Orders, List<string> Deliveries, List<string> Tellings) Learn(DateTime now, int count)
        {
            List<string> orders = ["order_no,package,units,customer_email,list_currency,list_amount,charge_currency,charge_amount,tax_mode,creem_order_id,created_at"];
            List<string> deliveries = ["order_no,kind,tokens,secret,reference,delivered_at,revoked_at"];
            List<string> tellings = [];
            var old = _orders.Count;
            for (var number = old; number < old + count; number++)
            {
                var created = Text(now.AddMinutes(-dice.Between(60, 10 * 1440)));
                _orders.Add((created, $"AC-{number},api_key,5000000,sk-{(dice.Chance(95) ? number : dice.Below(number + 1))},,{created},"));
                orders.Add($"AC-{number},trial,1,a@example.com,CNY,22.00,USD,10.00,inclusive,ord_{number},{created}");
                deliveries.Add(_orders[^1].Delivery);
                tellings.Add(Telling(number, "paid"));
            }
            for (var i = 0; i < old / 5; i++)
                tellings.Add(Telling(dice.Below(old), dice.Pick(Statuses)));
            deliveries.AddRange(_orders.Take(old).Where(_ => dice.Chance(3)).Select(order => order.Delivery + Text(now)));
            return (orders, deliveries, tellings);
        }

        // In the way of a webhook, a file or neither; now and then another order, which may be learnt of later.
        private string Telling(int number, string status)
        {
            var naming = dice.Below(8) switch
            {
                < 4 => $"\"order\":\"ord_{number}\",",
                4 => $"\"order\":\"ord_{number + dice.Below(9)}\",",
                5 => $"\"order\":\"ord_of_nobody_{number}\",\"request_id\":\"AC-{number}\",",
                6 => $"\"order\":\"ord_of_nobody_{number}\",",
                _ => $"\"request_id\":\"AC-{number}\",",
            };
            return $$"""{"id":"tran_{{number}}","status":"{{status}}","amount":1000,"amount_paid":1000,"currency":"USD",{{naming}}"created_at":"{{_orders[number].Created}}"}""";
        }

        private static string Text(DateTime instant) => instant.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
    }
}
