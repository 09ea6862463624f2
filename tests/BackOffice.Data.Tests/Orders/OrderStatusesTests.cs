using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Data.Orders;
using BackOffice.Data.Payments;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Orders;
using BackOffice.Domain.Settlement;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Data.Tests.Orders;

public sealed class OrderStatusesTests
{
    private const int Orders = 40;
    private static readonly DateTime October = new(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly string[] Statuses = ["paid", "declined", "refunded", "chargeback", "in_review", "pending", "partially_refunded"];

    /// <summary>Facts of orders come in any order: whatever comes, the row says what the rule says of all that is known.</summary>
    [Theory, EachEngine]
    public async Task After_every_portion_of_facts_the_rows_say_what_the_rule_says(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var seen = new HashSet<string>();
        for (var seed = 1; seed <= 6; seed++)
        {
            var facts = new RandomFacts(seed);
            foreach (var portion in facts.Portions())
            {
                await portion(home.Database);
                foreach (var (orderNo, stored, rule) in await CompareAsync(home.Database, facts.Numbers))
                {
                    Assert.True(stored == rule, $"Seed {seed}, {orderNo}: the row says {stored}, the rule {rule}.");
                    seen.Add(rule);
                }
            }
        }
        Assert.Equal(OrderStandings.Words.Values.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal)); // every one of them was there
    }

    [Theory, EachEngine]
    public async Task What_was_never_worked_out_is_slice_by_slice_wherever_it_was_stopped(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var facts = new RandomFacts(7);
        foreach (var portion in facts.Portions())
            await portion(home.Database);
        var before = await CompareAsync(home.Database, facts.Numbers);
        await home.Database.WriteAsync(WriteRank.Job, session => session.ExecuteAsync(ForgetStatuses));
        await home.Database.WriteAsync(WriteRank.Job, session => session.ExecuteAsync(ForgetKeys));

        // A slice that breaks leaves its orders as they were.
        await Assert.ThrowsAsync<OperationCanceledException>(() => home.Database.WriteAsync(WriteRank.Job, async session =>
        {
            await new OrderStatuses("prod").OfSomeUnknownAsync(session, CancellationToken.None);
            throw new OperationCanceledException();
        }));
        Assert.True(await home.Database.ReadAsync(session => session.GetAsync<bool>(OrderStatuses.HasUnknown)));
        await home.Database.WriteAsync(WriteRank.Job, session => new OrderStatuses("prod").OfOrdersAsync(session, facts.Numbers[..5], CancellationToken.None));
        while (await home.Database.WriteAsync(WriteRank.Job, session => new OrderStatuses("prod").OfSomeUnknownAsync(session, CancellationToken.None)))
        {
        }
        Assert.False(await home.Database.ReadAsync(session => session.GetAsync<bool>(OrderStatuses.HasUnknown)));
        Assert.Equal(before, await CompareAsync(home.Database, facts.Numbers));
    }

    /// <summary>Nothing is live of an order whose code is void, however it became so and whenever the delivery was told of; a redemption says that it worked after all.</summary>
    [Theory, EachEngine]
    public async Task A_void_code_leaves_nothing_live(DatabaseProvider engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 10, 2, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        await using var shop = await CodeShop.OnAsync(engine, clock);
        var batch = await shop.MadeAsync(CodeShop.Wanted(4));
        var codes = await shop.OpenedAsync(batch);
        List<string> orders = ["AC-1", "AC-2", "AC-3", "AC-4"];
        await CaseReaderTests.TakeAsync(shop.Database, orders);
        await CaseReaderTests.DeliverAsync(shop, ("AC-1", codes[0].Code), ("AC-2", codes[1].Code), ("AC-3", codes[2].Code));
        Assert.Equal(["delivered_not_paid", "delivered_not_paid", "delivered_not_paid", "awaiting_payment"], await StatusesAsync());

        await shop.Database.WriteAsync(WriteRank.Request, session => CodeVoids.VoidCodesAsync(session, [codes[0].Row], false, "mara@example.com", "Leaked", default));
        Assert.Equal(["not_paid_revoked", "delivered_not_paid", "delivered_not_paid", "awaiting_payment"], await StatusesAsync());
        await shop.Voids.VoidAsync(new BatchVoid(batch.Number, false, "mara@example.com", "All leaked"));
        await shop.SettleAsync(batch.Number);
        await CaseReaderTests.DeliverAsync(shop, ("AC-4", codes[3].Code));
        Assert.Equal(["not_paid_revoked", "not_paid_revoked", "not_paid_revoked", "not_paid_revoked"], await StatusesAsync());
        await new RedemptionIntake(shop.Database, new BusinessTime(TimeZoneInfo.Utc)).TakeInAsync([new Redemption(await CaseReaderTests.KeyAsync(shop, codes[1].Code), clock.GetUtcNow().UtcDateTime, "zoe")]);
        Assert.Equal(["not_paid_revoked", "delivered_not_paid", "not_paid_revoked", "not_paid_revoked"], await StatusesAsync());

        async Task<List<string>> StatusesAsync()
        {
            while (await shop.Database.WriteAsync(WriteRank.Job, session => new OrderStatuses("prod").OfSomeUnknownAsync(session, CancellationToken.None)))
            {
            }
            return [.. (await CompareAsync(shop.Database, orders)).Select(order => order.Stored == order.Rule ? order.Rule : $"{order.Stored}, not {order.Rule}")];
        }
    }

    [Theory, EachEngine]
    public async Task Imports_of_one_shop_at_once_leave_the_right_statuses(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var facts = new RandomFacts(8);
        var others = new[] { home.Database, home.Another(), home.Another() };
        var portions = facts.Portions().ToList();
        await portions[0](home.Database);
        await Task.WhenAll(portions.Skip(1).Select((portion, i) => Task.Run(async () =>
        {
            for (var tries = 0; ; tries++)
            {
                try
                {
                    await portion(others[i % others.Length]);
                    return;
                }
                catch (Exception failure) when ((home.Database.Dialect.IsDeadlock(failure) || home.Database.Dialect.IsUniqueViolation(failure)) && tries < 20)
                {
                    // as an import does it
                }
            }
        })));
        Assert.All(await CompareAsync(home.Database, facts.Numbers), order => Assert.Equal(order.Rule, order.Stored));
    }

    /// <summary>Sums of what stands now, put right for what happened since, are the sums of what stood then.</summary>
    [Theory, EachEngine]
    public async Task What_was_sold_before_an_instant_is_what_all_facts_say_of_it(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var facts = new RandomFacts(9);
        var instants = new List<DateTime> { October, October.AddSeconds(30), October.AddMinutes(2), new(2099, 1, 1, 0, 0, 0, DateTimeKind.Utc) };
        foreach (var portion in facts.Portions())
        {
            await portion(home.Database);
            await home.Database.WriteAsync(WriteRank.Job, session => session.OutlastInstantAsync(CancellationToken.None));
            instants.Add(home.Database.Clock.UtcNow());
        }
        var cases = await CaseFacts.KnownNowAsync(home.Database, facts.Numbers, CancellationToken.None);
        var counts = new HashSet<int>();
        foreach (var instant in instants)
        {
            var stood = cases.Count(one => one.Order.CreatedAt < instant && StandingOrders.StoodAt(one, instant, "prod"));
            var sold = await new EarningsQueries(home.Database, new BusinessTime(TimeZoneInfo.Utc), "prod").SoldAsync(instant);
            Assert.Equal((stood * (Int128)2200, stood * (Int128)cases[0].Order.Tokens), (sold.Lists.SingleOrDefault().ListMinor, sold.Tokens));
            counts.Add(stood);
        }
        Assert.True(counts.Count > 4, "The states should have changed between the instants.");
    }

    [Fact]
    public void The_column_takes_every_word_and_no_other() => Assert.Contains(
        "Orders check CK_Orders_Status StatusIN(" + string.Join(',', OrderStandings.Words.Values.Select(word => $"'{word}'")) + ")", TSqlSchemaLines.All());

    private static async Task<List<(string OrderNo, string? Stored, string Rule)>> CompareAsync(Database database, IReadOnlyList<string> numbers)
    {
        var stored = await database.ReadAsync(session => session.ListAsync<OrderRow>(OrderQueries.ReadByNumbers, new OrderQueries.Numbers(numbers)));
        var cases = await CaseFacts.KnownNowAsync(database, numbers, CancellationToken.None);
        return [.. cases.Select(one => (one.Order.OrderNo, stored.Single(row => row.OrderNo == one.Order.OrderNo).Status, OrderStandings.Words[OrderNow.Of(one, "prod").TimelessStanding]))];
    }

    /// <summary>As it was before the column.</summary>
    private static readonly Sql ForgetStatuses = new("UPDATE Orders SET Status = NULL, Payment = NULL");

    /// <summary>As it was before the column.</summary>
    private static readonly Sql ForgetKeys = new("UPDATE Deliveries SET LastFourKey = NULL");

    // Numbers that look thrown, the same for the same seed.
    private sealed class Dice(int seed)
    {
        private ulong _state = (ulong)seed;

        public int Next(int sides)
        {
            _state = unchecked(_state * 6364136223846793005 + 1442695040888963407);
            return (int)((_state >> 33) % (ulong)sides);
        }
    }

    private sealed class RandomFacts(int seed)
    {
        private readonly Dice _dice = new(seed);
        private static readonly EphemeralDataProtectionProvider Ring = new();

        public List<string> Numbers { get; } = [.. Enumerable.Range(0, Orders).Select(i => string.Create(CultureInfo.InvariantCulture, $"AC-S{seed}-{i:000}"))];

        /// <summary>Portions of facts, shuffled, but orders before their deliveries.</summary>
        public IEnumerable<Func<Database, Task>> Portions()
        {
            var early = Numbers.Take(Orders / 2).ToList();
            var late = Numbers.Skip(Orders / 2).ToList();
            var deliveries = new List<ImportedDelivery>();
            yield return database => TakeOrders(database, early);
            yield return Transactions(25);
            yield return Deliveries(early, 15, deliveries);
            yield return Transactions(25);
            yield return database => TakeOrders(database, late);
            yield return Deliveries(Numbers, 20, deliveries);
            yield return Transactions(25);
            yield return Revocations(deliveries);
            yield return Transactions(25);
        }

        private static Task TakeOrders(Database database, List<string> numbers) => database.WriteAsync(WriteRank.Job, async session =>
        {
            var intake = await OrderIntake.StartAsync(session, "file", "prod", new Data.Vault.Vault(database, Ring));
            await intake.TakeAsync(session, [.. numbers.Select(Order)], "test", CancellationToken.None);
        });

        private static ImportedOrder Order(string number) => new()
        {
            Line = 2,
            OrderNo = number,
            Package = "trial",
            Units = 1,
            CustomerEmail = "aster@example.com",
            List = new Money(2200, "CNY"),
            Charge = new Money(299, "USD"),
            TaxInclusive = number[^1] % 2 == 0,
            CreemOrderId = number[^1] == '7' ? null : CreemOrderOf(number),
            CreatedAt = October,
        };

        // Some name an order by its Creem order, some by its number, some by both, and now and then two different ones.
        private Func<Database, Task> Transactions(int count)
        {
            var records = Enumerable.Range(0, count).Select(_ =>
            {
                var (number, other) = (Numbers[_dice.Next(Orders)], Numbers[_dice.Next(Orders)]);
                var record = new ImportedTransaction
                {
                    Line = 2,
                    TransactionId = $"tran_{seed}_{_dice.Next(45)}",
                    Status = Statuses[_dice.Next(Statuses.Length)],
                    Mode = _dice.Next(8) == 0 ? "test" : "prod",
                    Currency = "USD",
                    AmountMinor = 299,
                    AmountPaidMinor = 299,
                    RefundedMinor = _dice.Next(6) == 0 ? 100 : null,
                    CreemOrderId = _dice.Next(4) == 0 ? null : CreemOrderOf(number),
                    RequestId = _dice.Next(3) == 0 ? number : _dice.Next(6) == 0 ? other : null,
                    CreatedAt = October.AddMinutes(1),
                    PayloadHash = [],
                };
                return record with { PayloadHash = SHA256.HashData(Encoding.UTF8.GetBytes(record.ToString()))[..16] };
            }).ToList();
            return database => database.WriteAsync(WriteRank.Job, session => new TransactionIntake("prod").TakeAsync(session, records, "test", CancellationToken.None));
        }

        private Func<Database, Task> Deliveries(List<string> numbers, int count, List<ImportedDelivery> made)
        {
            var records = Enumerable.Range(0, count).Select(i => new ImportedDelivery
            {
                Line = 2,
                OrderNo = numbers[_dice.Next(numbers.Count)],
                Kind = DeliveryKinds.ApiKey,
                Tokens = 5_000_000,
                Secret = $"sk-of-seed-{seed}-{made.Count + i}",
                Reference = null,
                DeliveredAt = October.AddMinutes(5),
                RevokedAt = _dice.Next(4) == 0 ? October.AddDays(1) : null,
            }).ToList();
            made.AddRange(records);
            return database => TakeDeliveries(database, records);
        }

        private Func<Database, Task> Revocations(List<ImportedDelivery> made)
        {
            var records = made.Where(delivery => delivery.RevokedAt is null && _dice.Next(2) == 0).Select(delivery => delivery with { RevokedAt = October.AddDays(2) }).ToList();
            return database => TakeDeliveries(database, records);
        }

        private static async Task TakeDeliveries(Database database, List<ImportedDelivery> records)
        {
            var sealer = await new Data.Vault.Vault(database, Ring).SealerAsync(October);
            await database.WriteAsync(WriteRank.Job, session => new DeliveryIntake(sealer, "prod").TakeAsync(session, records, "test", CancellationToken.None));
        }

        private static string CreemOrderOf(string number) => "ord_" + number;
    }
}
