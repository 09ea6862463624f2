using BackOffice.Data.Jobs;
using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Reconciliation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Web.Tests.Reconciliation;

/// <summary>A transaction that files tell of more than once: in one file, or later and in less words.</summary>
public sealed class LaterTellingTests
{
    private const string Orders = """
        order_no,package,units,customer_email,list_currency,list_amount,charge_currency,charge_amount,tax_mode,creem_order_id,created_at
        AC-1,trial,1,a@example.com,CNY,22.00,USD,10.00,inclusive,ord_1,2026-10-01T10:00:00Z
        AC-2,trial,1,b@example.com,CNY,22.00,USD,10.00,inclusive,ord_2,2026-10-01T10:00:00Z
        """;

    private const string Deliveries = """
        order_no,kind,tokens,secret,reference,delivered_at,revoked_at
        AC-1,api_key,5000000,sk-1,,2026-10-01T10:00:00Z,
        AC-2,api_key,5000000,sk-2,,2026-10-01T10:00:00Z,
        """;

    [Fact]
    public async Task What_a_file_tells_first_is_what_the_payment_was_first()
    {
        using var folder = ShopFolder.Migrated();
        await using var services = folder.Services();
        await ImportAsync(folder, services, "orders", Orders);
        await ImportAsync(folder, services, "deliveries", Deliveries);
        await ImportAsync(folder, services, "creem", $"""
            {Telling("tran_1", "refunded", "ord_1")}
            {Telling("tran_1", "paid", "ord_1")}
            {Telling("tran_2", "paid", "ord_2")}
            {Telling("tran_2", "refunded", "ord_2")}
            """);
        var desk = services.GetRequiredService<RunDesk>();
        var run = await desk.AddAsync(new DateOnly(2026, 10, 1), new DateOnly(2026, 10, 3), null, null, "system", TestContext.Current.CancellationToken);
        await services.GetRequiredService<ReconcileJob>().RunToEndAsync(run.Id, TestContext.Current.CancellationToken);

        Assert.Equal(["refunded_still_live|AC-1"], ShopRows.Of(folder, "SELECT Kind, Subject FROM RunFindings"));
    }

    [Theory]
    [InlineData("ord_of_nobody", "\"request_id\":\"AC-1\",", "refunded", "ord_of_nobody")]
    [InlineData("ord_1", "", "pending", "ord_2")]
    public async Task The_night_after_a_later_telling_judges_the_order_that_only_the_first_one_named(string order, string request, string status, string laterOrder)
    {
        using var folder = ShopFolder.Migrated();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 10, 2, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        await using var services = folder.Services(clock);
        await ImportAsync(folder, services, "orders", Orders);
        await ImportAsync(folder, services, "deliveries", Deliveries);
        await ImportAsync(folder, services, "creem", Telling("tran_1", "paid", order, request));
        await ReconcileNightAsync(services, "2026-10-03");
        clock.SetUtcNow(new DateTimeOffset(2026, 10, 9, 0, 0, 0, TimeSpan.Zero));
        await ImportAsync(folder, services, "creem", Telling("tran_1", status, laterOrder));
        var night = await ReconcileNightAsync(services, "2026-10-10");

        var expected = status == "refunded" ? "refunded_still_live|AC-1" : "conflicting_record|tran_1";
        Assert.Contains(expected, ShopRows.Of(folder, $"SELECT f.Kind, f.Subject FROM RunFindings f JOIN ReconciliationRuns r ON r.Id = f.RunId WHERE r.Number = {night}"));
    }

    private static string Telling(string id, string status, string order, string more = "") =>
        $$"""{"id":"{{id}}","status":"{{status}}","amount":1000,"amount_paid":1000,"currency":"USD","order":"{{order}}",{{more}}"created_at":"2026-10-01T10:00:00Z"}""";

    private static async Task ImportAsync(ShopFolder folder, ServiceProvider services, string kind, string text)
    {
        var path = Path.Combine(folder.Path, kind + ".txt");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        await FactFiles.ImportAsync(services, kind, path);
    }

    private static async Task<long> ReconcileNightAsync(ServiceProvider services, string today)
    {
        var night = await services.GetRequiredService<JobRunStore>().AddAsync(ReconciliationNight.JobName, today, TestContext.Current.CancellationToken);
        await services.GetRequiredService<NightlyJob>().RunAsync(night!.Value, TestContext.Current.CancellationToken);
        var run = await services.GetRequiredService<RunQueries>().FindNightlyAsync(night.Value, TestContext.Current.CancellationToken);
        return run!.Number;
    }
}
