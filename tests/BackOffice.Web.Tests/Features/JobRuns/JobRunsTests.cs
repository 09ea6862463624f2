using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Reconciliation;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.JobRuns;

public sealed class JobRunsTests : IAsyncDisposable
{
    private readonly Site _site = new();

    private JobRunStore Nights => _site.Services.GetRequiredService<JobRunStore>();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("en", "No runs yet. The first night is done by itself.", "Nothing runs and nothing waits.")]
    [InlineData("zh-CN", "还没有任务记录", "没有正在运行或排队的任务")]
    public async Task Before_the_first_night_there_is_nothing(string language, params string[] words)
    {
        var page = await _site.Visitor(language).ReadAsync("/job-runs");
        Assert.All(words, word => Assert.Contains(word, page));
        Assert.Empty(await _site.Visitor().GetStringAsync("/running", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_night_shows_its_run_its_findings_and_how_long_it_took()
    {
        var night = await NightAsync("2024-11-10");
        var job = _site.Services.GetRequiredService<NightlyJob>();
        await job.RunAsync(night, TestContext.Current.CancellationToken);
        await job.RunAsync(night, TestContext.Current.CancellationToken);

        var page = await _site.Visitor("en").ReadAsync("/job-runs");
        Assert.Contains("The night of 2024-11-10 ended well.", page);
        Assert.Matches("2024-11-10 Nightly reconciliation Run 1 Balanced 0 [0-9: -]+ [0-9]+ s Done", page);
        Assert.Contains("<a href=\"/reconciliation/1\">", await _site.Visitor("en").GetStringAsync("/job-runs", TestContext.Current.CancellationToken));
        Assert.Contains("夜间对账 第 1 次对账 已轧平", await _site.Visitor("zh-CN").ReadAsync("/job-runs"));
    }

    [Fact]
    public async Task A_failed_night_says_why_in_the_readers_language_here_and_on_the_first_page()
    {
        var night = await NightAsync("2024-11-11");
        await _site.Services.GetRequiredService<Database>().WriteAsync(WriteRank.Job, async session =>
        {
            await JobRunStore.Queue.ClaimAsync(session, night, TestContext.Current.CancellationToken);
            await JobRunStore.Queue.FailAsync(session, night, new Refusal("DiskFull", ""), "The disk is full.", forGood: true, TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);

        Assert.Contains("The night of 2024-11-11 failed.", await _site.Visitor("en").ReadAsync("/job-runs"));
        Assert.Contains("失败 磁盘已满，未保留残缺文件。", await _site.Visitor("zh-CN").ReadAsync("/job-runs"));
        Assert.Contains("The night of 2024-11-11 did not end well.", await _site.Visitor("en").ReadAsync("/"));
        Assert.Contains("2024-11-11 夜间对账未正常结束", await _site.Visitor("zh-CN").ReadAsync("/"));
    }

    [Fact]
    public void A_reason_that_a_row_has_in_English_only_is_said_as_it_stands()
    {
        var reason = WorkQueue.ReadReason(null, "Broken by hand.")!;
        Assert.Equal(("Trouble", "Broken by hand."), (reason.Code, Assert.Single(reason.Args)));
        Assert.Null(WorkQueue.ReadReason(null, null));
    }

    [Fact]
    public async Task Work_that_waits_is_listed_and_only_what_runs_stands_in_the_strip()
    {
        var desk = _site.Services.GetRequiredService<RunDesk>();
        var waiting = await desk.AddAsync(new DateOnly(2024, 10, 1), new DateOnly(2024, 11, 1), null, null, "mara@example.com", TestContext.Current.CancellationToken);
        Assert.Contains($"Queued Run {waiting.Number}", await _site.Visitor("en").ReadAsync("/job-runs"));
        Assert.Empty(await _site.Visitor().GetStringAsync("/running", TestContext.Current.CancellationToken));

        await _site.Services.GetRequiredService<RunStore>().ClaimAsync(waiting.Id, TestContext.Current.CancellationToken);
        await _site.Services.GetRequiredService<RunStore>().KeepAsync(waiting.Id, [], 430, 1000, TestContext.Current.CancellationToken);
        Assert.Contains($"Run {waiting.Number} 43%", await _site.Visitor("en").ReadAsync("/running"));
        Assert.Contains($"第 {waiting.Number} 次对账 43%", await _site.Visitor("zh-CN").ReadAsync("/running"));
    }

    [Fact]
    public async Task The_nights_are_paged_there_and_back_each_once()
    {
        for (var day = new DateOnly(2024, 1, 1); day < new DateOnly(2024, 5, 1); day = day.AddDays(1))
            await NightAsync(day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        using var client = _site.Visitor("en");
        var (older, last) = await client.WalkAsync("/job-runs", "Older", "figure-text\">(2024-[0-9-]+)<");
        Assert.Equal(121, older.Count);
        Assert.Equal(older.OrderDescending(StringComparer.Ordinal), older);
        Assert.Equal(121, older.Distinct().Count());
        var (newer, _) = await client.WalkAsync(last, "Newer", "figure-text\">(2024-[0-9-]+)<");
        Assert.Equal(older.Order(), newer.Distinct().Order());
    }

    [Fact]
    public async Task A_filter_shows_its_rows_alone_and_one_that_cannot_be_read_says_so()
    {
        await NightAsync("2024-03-01");
        await NightAsync("2024-03-02");
        await Nights.AddAsync(BackOffice.Jobs.Backups.BackupNight.JobName, "2024-03-02", TestContext.Current.CancellationToken);
        using var client = _site.Visitor("en");
        var both = await client.ReadAsync("/job-runs?from=2024-03-02&to=2024-03-02");
        Assert.Contains("2 rows", both);
        Assert.DoesNotContain("2024-03-01", both);
        var backups = await client.ReadAsync("/job-runs?job=nightly-backup&status=pending");
        Assert.Contains("1 row", backups);
        Assert.Contains("No runs in this filter.", await client.ReadAsync("/job-runs?status=failed"));
        // What does not exist is left out; what is mistyped is said.
        Assert.Contains("3 rows", await client.ReadAsync("/job-runs?job=nonsense&status=nonsense&before=nonsense"));
        using var refused = await client.GetAsync("/job-runs?from=2024-13-01", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("2024-13-01 is not a day.", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_failed_night_is_run_again_once_with_a_reason_that_is_kept_and_one_that_ended_is_compared_with_the_one_before()
    {
        var job = _site.Services.GetRequiredService<NightlyJob>();
        await job.RunAsync(await NightAsync("2024-04-01"), TestContext.Current.CancellationToken);
        var night = await NightAsync("2024-04-02");
        await _site.Services.GetRequiredService<Database>().WriteAsync(WriteRank.Job, async session =>
        {
            await JobRunStore.Queue.ClaimAsync(session, night, TestContext.Current.CancellationToken);
            await JobRunStore.Queue.FailAsync(session, night, new Refusal("DiskFull", ""), "The disk is full.", forGood: true, TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);
        using var client = _site.Visitor("en");
        var (page, act) = ($"/job-runs/{night:N}", $"/job-runs/{night:N}/again");
        Assert.Contains("The disk is full.", await client.ReadAsync(page));
        using (var refused = await client.SubmitAsync(page, act, ("reason", " ")))
            Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var token = await client.TokenAsync(page);

        using (var done = await client.PostFormAsync(act, token, ("reason", "Disk is free again")))
            Assert.Equal(page, done.Headers.Location!.OriginalString);
        using (var twice = await client.PostFormAsync(act, token, ("reason", "Disk is free again")))
            Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, twice.StatusCode);
        await job.RunAsync(night, TestContext.Current.CancellationToken);

        var compared = await client.ReadAsync(page);
        Assert.Contains("Ended well.", compared);
        Assert.Matches("2024-04-02 0 [0-9]+ s 2024-04-01 0 [0-9]+ s Difference 0", compared);
        Assert.DoesNotContain("Run again", compared);
        var entry = Assert.Single(ShopRows.Of(_site.Shop, "SELECT Subject, Reason FROM AuditEntries WHERE Action = 'job.retried'"));
        Assert.Contains("nightly-reconciliation 2024-04-02", entry);
        Assert.Contains("Disk is free again", entry);
        using var missing = await client.GetAsync($"/job-runs/{new Guid(1, 2, 3, new byte[8]):N}", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task The_engine_room_is_open_to_admins_alone_and_keeps_its_own_headers()
    {
        using var admin = _site.Visitor();
        using var room = await admin.GetAsync("/jobs", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, room.StatusCode);
        Assert.Contains("style-src 'self' 'unsafe-inline'", room.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("script-src 'self';", room.Headers.GetValues("Content-Security-Policy").Single() + ";");
        foreach (var role in new[] { Domain.Access.Role.Support, Domain.Access.Role.Finance })
        {
            using var visitor = _site.Visitor(role);
            using var shut = await visitor.GetAsync("/jobs/recurring", TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, shut.StatusCode);
        }
        using var stranger = _site.Stranger();
        using var led = await stranger.GetAsync("/jobs", TestContext.Current.CancellationToken);
        Assert.StartsWith("/sign-in", led.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var post = await admin.PostAsync("/jobs/recurring/trigger", new FormUrlEncodedContent([KeyValuePair.Create("jobs[]", "sweeper")]), TestContext.Current.CancellationToken);
        Assert.False(post.IsSuccessStatusCode);
    }

    private async Task<Guid> NightAsync(string day) => (await Nights.AddAsync(ReconciliationNight.JobName, day, TestContext.Current.CancellationToken))!.Value;
}
