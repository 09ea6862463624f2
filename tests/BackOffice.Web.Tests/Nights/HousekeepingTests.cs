using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Jobs.Audit;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Nights;
using BackOffice.Web.Tests.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Web.Tests.Nights;

/// <summary>What is of no use goes, and nothing else.</summary>
public sealed class HousekeepingTests : IDisposable
{
    private static readonly BusinessTime Shop = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));

    private readonly ShopFolder _folder = ShopFolder.Migrated();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(Shop.StartOf(new DateOnly(2026, 11, 10))).AddHours(5));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Uploads => Path.Combine(_folder.Path, "uploads");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_upload_without_an_answer_is_cancelled_and_its_file_goes()
    {
        await using var services = _folder.Services(_clock);
        var forgotten = await UploadAsync(services, "AC-FORGOTTEN");
        _clock.Advance(TimeSpan.FromDays(10));
        var waits = await UploadAsync(services, "AC-WAITS");
        _clock.Advance(TimeSpan.FromDays(5));

        Assert.Equal(1, await NightAsync(services));

        Assert.Equal("cancelled", (await FindAsync(services, forgotten)).Status);
        Assert.Equal("checked", (await FindAsync(services, waits)).Status);
        Assert.Equal([(await FindAsync(services, waits)).FilePath], Directory.GetFiles(Uploads));
        var act = (await services.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter { Action = AuditActions.ImportCancelled }, null, 10, Token)).Rows.Single();
        Assert.Equal(("system", AuditSubject.Of("import", forgotten)), (act.Who, act.Subject));
        Assert.Equal(0, await NightAsync(services));
    }

    [Fact]
    public async Task A_file_that_no_import_knows_goes_when_it_is_a_day_old()
    {
        await using var services = _folder.Services(_clock);
        var kept = (await FindAsync(services, await UploadAsync(services, "AC-KEPT"))).FilePath;
        var (old, young) = (Path.Combine(Uploads, "old"), Path.Combine(Uploads, "young"));
        await File.WriteAllTextAsync(old, "left by a kill", Token);
        await File.WriteAllTextAsync(young, "on its way in", Token);
        File.SetLastWriteTimeUtc(kept, _clock.UtcNow().AddDays(-2));
        File.SetLastWriteTimeUtc(old, _clock.UtcNow().AddHours(-25));
        File.SetLastWriteTimeUtc(young, _clock.UtcNow().AddHours(-23));

        Assert.Equal(1, await NightAsync(services));

        Assert.Equal(new[] { kept, young }.Order(), Directory.GetFiles(Uploads).Order());
    }

    [Fact]
    public async Task Rows_of_long_ago_go_but_the_newest_of_each_job_and_what_has_not_ended()
    {
        await using var services = _folder.Services(_clock);
        foreach (var (job, day, status) in new[]
        {
            (AuditNight.JobName, "2025-01-01", "done"), (AuditNight.JobName, "2025-01-02", "failed"), (AuditNight.JobName, "2025-01-03", "pending"), (AuditNight.JobName, "2026-11-09", "done"),
            ("a-job-of-the-past", "2025-01-01", "done"), ("a-job-of-the-past", "2025-01-02", "done"),
        })
        {
            await services.GetRequiredService<JobRunStore>().AddAsync(job, day, Token);
            ShopRows.Change(_folder, $"UPDATE JobRuns SET Status = '{status}' WHERE Job = '{job}' AND Argument = '{day}'");
        }
        foreach (var (number, status, day) in new[] { (1, "done", "2025-01-01"), (2, "pending", "2025-01-01"), (3, "done", "2026-11-01") })
        {
            ShopRows.Change(_folder, $"""
                INSERT INTO OutboxMessages (Id, Cause, Channel, Subject, Body, Status, RecordedAt, Attempts)
                VALUES (zeroblob(15) || x'0{number}', 'cause {number}', 'mail', 's', 'b', '{status}', '{day} 00:00:00', 1)
                """);
        }

        Assert.Equal(4, await NightAsync(services));

        Assert.Equal(
            ["a-job-of-the-past 2025-01-02", "nightly-audit-check 2025-01-03", "nightly-audit-check 2026-11-09"],
            ShopRows.Of(_folder, $"SELECT Job || ' ' || Argument FROM JobRuns WHERE Job <> '{HousekeepingNight.JobName}'"));
        Assert.Equal(["cause 2", "cause 3"], ShopRows.Of(_folder, "SELECT Cause FROM OutboxMessages"));
        var act = (await services.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter { Action = AuditActions.HistoryForgotten }, null, 10, Token)).Rows.Single();
        Assert.Equal("""{"details":{"before":"2025-10-06","job_runs":3,"messages":1}}""", act.Details);
        Assert.Equal(0, await NightAsync(services));
    }

    private async Task<long> NightAsync(ServiceProvider services)
    {
        var nights = services.GetRequiredService<JobRunStore>();
        var day = NightSchedule.Argument(DateOnly.FromDateTime(Shop.ToLocal(_clock.UtcNow())));
        var id = await nights.AddAsync(HousekeepingNight.JobName, day, Token);
        if (id is null)
        {
            id = (await nights.FindAsync(HousekeepingNight.JobName, day, Token))!.Id;
            Assert.True(await nights.RunAgainAsync(id.Value, "done", "once more", "mara@example.com", Token));
        }
        await services.GetRequiredService<NightlyJob>().RunAsync(id.Value, Token);
        var row = await nights.GetAsync(id.Value, Token);
        Assert.Equal("done", row.Status);
        return row.RowsDone;
    }

    private static async Task<long> UploadAsync(ServiceProvider services, string orderNo)
    {
        using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Seed.File(Seed.OrdersHeader, Seed.Order(orderNo))));
        var import = await services.GetRequiredService<ImportDesk>().UploadAsync("orders", "orders.csv", content, "mara@example.com", Token);
        await services.GetRequiredService<ImportJob>().RunAsync(import.Id, Token);
        return import.Number;
    }

    private static async Task<ImportRow> FindAsync(ServiceProvider services, long number) =>
        await services.GetRequiredService<ImportQueries>().FindAsync(number, Token) ?? throw new InvalidOperationException("It was just added.");
}
