using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Migrations;
using BackOffice.Data.Orders;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Data.Tests.Orders;

public sealed class ErasureTests
{
    private const string Aster = "aster@example.com";
    private static readonly DateTime October = new(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly EphemeralDataProtectionProvider _ring = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 10, 1, 0, 0, TimeSpan.Zero));

    [Theory, EachEngine]
    public async Task No_file_brings_an_erased_address_back_nor_contradicts_what_is_stored(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine, _clock);
        var vault = new Data.Vault.Vault(home.Database, _ring);
        ImportedOrder[] file = [Order("AC-1"), Order("AC-2"), Order("AC-3", "mara@example.com")];
        var running = await StartAsync(home.Database, vault);
        Assert.All(await TakeAsync(home.Database, running, file), outcome => Assert.Equal(OutcomeKind.New, outcome.Kind));

        Assert.Equal(new ErasureCounts(2, 0), await new ErasureStore(home.Database, vault).PreviewAsync(Aster));
        var done = await new ErasureStore(home.Database, vault).EraseAsync(Aster, "ilya@example.com", "Asked for by mail, ticket 12.");
        Assert.Equal(2, done.Orders);
        Assert.Equal("erased-1@invalid", done.StandIn);

        // An import that began before and one that begins now: the same file again, and a file that holds an old order for the first time.
        foreach (var intake in new[] { running, await StartAsync(home.Database, new Data.Vault.Vault(home.Database, _ring)) })
            Assert.All(await TakeAsync(home.Database, intake, file), outcome => Assert.Equal(OutcomeKind.Repeated, outcome.Kind));
        Assert.Equal(OutcomeKind.New, (await TakeAsync(home.Database, running, [Order("AC-OLD")])).Single().Kind);
        Assert.Equal(OutcomeKind.PutAside, (await TakeAsync(home.Database, running, [Order("AC-1", "mara@example.com")])).Single().Kind);
        Assert.Equal(["AC-1 erased-1@invalid", "AC-2 erased-1@invalid", "AC-3 mara@example.com", "AC-OLD erased-1@invalid"], await EmailsAsync(home.Database));
    }

    [Theory, EachEngine]
    public async Task Who_buys_again_is_known_again_until_it_is_erased_once_more(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine, _clock);
        var store = new ErasureStore(home.Database, new Data.Vault.Vault(home.Database, _ring));
        var intake = await StartAsync(home.Database, new Data.Vault.Vault(home.Database, _ring));
        await TakeAsync(home.Database, intake, [Order("AC-1")]);
        await store.EraseAsync(Aster, "ilya@example.com", "Asked for.");
        _clock.Advance(TimeSpan.FromDays(30));
        var later = Order("AC-2") with { CreatedAt = _clock.GetUtcNow().UtcDateTime.AddDays(-1) };
        await TakeAsync(home.Database, intake, [later]);
        Assert.Equal(["AC-1 erased-1@invalid", "AC-2 aster@example.com"], await EmailsAsync(home.Database));

        Assert.Equal("erased-1@invalid", (await store.EraseAsync(Aster, "ilya@example.com", "Asked for again.")).StandIn);
        Assert.All(await TakeAsync(home.Database, intake, [Order("AC-1"), later]), outcome => Assert.Equal(OutcomeKind.Repeated, outcome.Kind));
        Assert.Equal(["AC-1 erased-1@invalid", "AC-2 erased-1@invalid"], await EmailsAsync(home.Database));
    }

    [Theory, EachEngine]
    public async Task The_address_is_nowhere_afterwards_and_the_act_is_on_record_without_it(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine, _clock);
        var vault = new Data.Vault.Vault(home.Database, _ring);
        await TakeAsync(home.Database, await StartAsync(home.Database, vault), [Order("AC-1")]);
        var done = await new ErasureStore(home.Database, vault).EraseAsync(Aster, "ilya@example.com", "Asked for.");
        var entry = await new AuditQueries(home.Database).FindAsync(done.AuditNumber);
        Assert.Equal(("customer.email_erased", "customer:erased-1@invalid", "ilya@example.com"), (entry!.Action, entry.Subject, entry.Who));
        Assert.Equal("""{"details":{"email":"a…@example.com","orders":1}}""", entry.Details);
        Assert.True((await new AuditVerifier(home.Database).VerifyAsync()).IsWhole);
    }

    [Theory, EachEngine]
    public async Task An_address_without_orders_is_refused_and_nothing_is_kept(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine, _clock);
        var store = new ErasureStore(home.Database, new Data.Vault.Vault(home.Database, _ring));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => store.EraseAsync("nobody@example.com", "ilya@example.com", "Asked for."));
        Assert.Equal("EmailNotThere", refused.Refusal.Code);
        Assert.Equal(1, await home.Database.ReadAsync(session => session.GetAsync<long>(ErasedEmails.ReadVersion)));
        Assert.Equal(0, (await new AuditQueries(home.Database).HeadAsync()).Sequence);
    }

    [Theory]
    [InlineData("aster@example.com", "a…@example.com")]
    [InlineData("a@b", "a…@b")]
    [InlineData("@b", "…")]
    [InlineData("", "…")]
    public void An_address_on_record_is_masked(string email, string masked) => Assert.Equal(masked, ErasureStore.Masked(email));

    private static Task<OrderIntake> StartAsync(Database database, Data.Vault.Vault vault) => database.ReadAsync(session => OrderIntake.StartAsync(session, "file", "prod", vault));

    private static Task<Outcome[]> TakeAsync(Database database, OrderIntake intake, ImportedOrder[] records) =>
        database.WriteAsync(WriteRank.Job, session => intake.TakeAsync(session, records, "test", CancellationToken.None));

    private static async Task<List<string>> EmailsAsync(Database database)
    {
        var rows = await database.ReadAsync(session => session.ListAsync<OrderRow>(OrderQueries.ReadByNumbers, new OrderQueries.Numbers(["AC-1", "AC-2", "AC-3", "AC-OLD"])));
        return [.. rows.Select(row => $"{row.OrderNo} {row.CustomerEmail}").Order(StringComparer.Ordinal)];
    }

    private static ImportedOrder Order(string number, string email = Aster) => new()
    {
        Line = 2,
        OrderNo = number,
        Package = "trial",
        Units = 1,
        CustomerEmail = email,
        List = new Money(2200, "CNY"),
        Charge = new Money(299, "USD"),
        TaxInclusive = true,
        CreemOrderId = null,
        CreatedAt = October,
    };
}
