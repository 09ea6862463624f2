using BackOffice.Data.Jobs;
using BackOffice.Data.Usage;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Usage;
using BackOffice.Web.Tests.Integrations;

namespace BackOffice.Web.Tests.Usage;

/// <summary>Whatever the console does while its log is read: each row comes in once, none is missed, and what was not read is read again.</summary>
public sealed class UsagePullTests
{
    public static TheoryData<ConsoleFlavour> Flavours => [ConsoleFlavour.NewApi, ConsoleFlavour.OneApi];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Flavours))]
    public async Task Rows_of_the_API_come_in_as_those_of_a_file_do(ConsoleFlavour flavour)
    {
        await using var console = await StandInConsole.StartAsync(flavour);
        console.Write(UsageOffice.Rows(250, flavour));
        await using var office = new UsageOffice(UsageOffice.Of(console, flavour));
        var row = await office.PullAsync();
        Assert.Equal(("done", "api", flavour == ConsoleFlavour.NewApi ? "new-api" : "one-api"), (row.Status, row.Way, row.Source));
        Assert.Equal(row.RecordsRead, row.RecordsNew + row.RecordsPutAside + row.RecordsRepeated);
        await using var byFile = new UsageOffice();
        await byFile.ImportAsync(console.Log, flavour == ConsoleFlavour.NewApi ? "new-api" : "one-api");
        Assert.Equal(UsageOffice.Figures(byFile.Folder), UsageOffice.Figures(office.Folder));
        Assert.Contains(UsageOffice.Figures(office.Folder), line => line.StartsWith("aside|unreadable|open|41|NumberNegative", StringComparison.Ordinal));
        Assert.All(console.Calls.Where(call => call.Path.StartsWith("/api/log/", StringComparison.Ordinal)), call => Assert.Contains("page_size=100", call.Path));
        Assert.Equal(["2026-10-31 16:00:00|2026-11-23 03:58:00"], ShopRows.Of(office.Folder, "SELECT SUBSTR(FromAt, 1, 19), SUBSTR(UntilAt, 1, 19) FROM UsageWindows"));
    }

    [Theory, MemberData(nameof(Flavours))]
    public async Task The_next_hour_reads_what_is_new_and_what_came_late(ConsoleFlavour flavour)
    {
        await using var console = await StandInConsole.StartAsync(flavour);
        console.Write(UsageOffice.Rows(40, flavour));
        await using var office = new UsageOffice(UsageOffice.Of(console, flavour));
        await office.PullAsync();
        var calls = console.LogCalls;
        // Ten minutes before the last end, written after it; one that is new; and one that is too young to be read.
        console.Write(UsageOffice.Rows(1, flavour, 910, UsageOffice.Now.AddMinutes(-12), 0));
        console.Write(UsageOffice.Rows(1, flavour, 911, UsageOffice.Now.AddMinutes(30), 0));
        console.Write(UsageOffice.Rows(1, flavour, 912, UsageOffice.Now.AddMinutes(59.5), 0));
        office.Clock.MoveTo(UsageOffice.Now.AddHours(1));
        var row = await office.PullAsync();
        Assert.Equal((2, 2, 0), (row.RecordsRead, row.RecordsNew, row.RecordsRepeated));
        Assert.InRange(console.LogCalls - calls, 1, 4);
        office.Clock.MoveTo(UsageOffice.Now.AddHours(2));
        Assert.Equal(1, (await office.PullAsync()).RecordsNew);
        Assert.Equal(1, ShopRows.Count(office.Folder, "SELECT COUNT(*) FROM UsageWindows"));
    }

    [Theory, MemberData(nameof(Flavours))]
    public async Task Rows_that_move_from_page_to_page_come_in_once_and_none_is_missed(ConsoleFlavour flavour)
    {
        await using var console = await StandInConsole.StartAsync(flavour);
        console.Write(UsageOffice.Rows(330, flavour, secondsApart: 5));
        await using var office = new UsageOffice(UsageOffice.Of(console, flavour));
        var late = 1000;
        console.Meanwhile = call =>
        {
            if (late < 1003 && (call.Path.Contains("&p=2&", StringComparison.Ordinal) || call.Path.Contains("&p=3&", StringComparison.Ordinal)))
                console.Write(UsageOffice.Rows(1, flavour, late++, new DateTime(2026, 11, 2, 0, 5, 0, DateTimeKind.Utc), 0));
        };
        var failures = 0;
        while ((await TryAsync(office)).Status != "done")
            Assert.InRange(++failures, 0, 4);
        // One API does not tell how many there are: the late rows come with the next hour, a little after.
        office.Clock.MoveTo(new DateTime(2026, 11, 23, 4, 5, 0, DateTimeKind.Utc));
        console.Meanwhile = null;
        if (flavour == ConsoleFlavour.OneApi)
            ShopRows.Change(office.Folder, "DELETE FROM UsageWindows");
        Assert.Equal("done", (await TryAsync(office)).Status);
        await using var quiet = new UsageOffice();
        await quiet.ImportAsync(console.Log, flavour == ConsoleFlavour.NewApi ? "new-api" : "one-api");
        Assert.Equal(UsageOffice.Figures(quiet.Folder), UsageOffice.Figures(office.Folder));
        Assert.InRange(console.Log.Count, 332, 333);
        if (flavour == ConsoleFlavour.NewApi)
            Assert.True(failures > 0);
    }

    [Theory]
    [InlineData(ConsoleFault.Error)]
    [InlineData(ConsoleFault.Limit)]
    [InlineData(ConsoleFault.HalfJson)]
    [InlineData(ConsoleFault.BadGateway)]
    [InlineData(ConsoleFault.HangUpInAnswer)]
    public async Task A_console_that_fails_half_way_is_read_again_from_there_to_the_same_figures(ConsoleFault fault)
    {
        const ConsoleFlavour flavour = ConsoleFlavour.NewApi;
        await using var console = await StandInConsole.StartAsync(flavour);
        console.Write(UsageOffice.Rows(500, flavour, secondsApart: 2));
        await using var office = new UsageOffice(UsageOffice.Of(console, flavour));
        console.RetryAfter = "0";
        var pages = 0;
        console.Meanwhile = call =>
        {
            if (call.Path.Contains("&p=3&", StringComparison.Ordinal) && pages++ == 0)
                console.Plan(fault, "GET", ConsoleClient.Attempts);
        };
        var broken = await TryAsync(office);
        Assert.Equal("pending", broken.Status);
        Assert.NotNull(broken.FailureReason);
        Assert.DoesNotContain(StandInConsole.Token, broken.Failure, StringComparison.Ordinal);
        var windows = ShopRows.Of(office.Folder, "SELECT SUBSTR(UntilAt, 1, 19) FROM UsageWindows").SingleOrDefault() ?? "";
        Assert.True(string.CompareOrdinal(windows, "2026-11-02 01:00:00") < 0, windows);

        Assert.Equal("done", (await office.PullAsync()).Status);

        await using var quiet = new UsageOffice();
        await quiet.ImportAsync(console.Log, "new-api");
        Assert.Equal(UsageOffice.Figures(quiet.Folder), UsageOffice.Figures(office.Folder));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(38)]
    [InlineData(46)]
    public async Task A_pull_that_was_stopped_half_way_resumes_to_the_same_figures(int calls)
    {
        const ConsoleFlavour flavour = ConsoleFlavour.OneApi;
        await using var console = await StandInConsole.StartAsync(flavour);
        console.Write(UsageOffice.Rows(400, flavour, secondsApart: 3));
        await using var office = new UsageOffice(UsageOffice.Of(console, flavour));
        using var stop = new CancellationTokenSource();
        var seen = 0;
        console.Meanwhile = _ =>
        {
            if (++seen == calls)
                stop.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => office.PullAsync(stop.Token));
        Assert.Equal(calls, seen);
        Assert.Equal("pending", (await office.Get<UsagePullStore>().FindAsync(UsagePullJob.Console, Token))!.Status);
        Assert.Equal("done", (await office.PullAsync()).Status);
        await using var quiet = new UsageOffice();
        await quiet.ImportAsync(console.Log, "one-api");
        Assert.Equal(UsageOffice.Figures(quiet.Folder), UsageOffice.Figures(office.Folder));
    }

    [Fact]
    public async Task Two_pulls_at_once_count_nothing_twice()
    {
        const ConsoleFlavour flavour = ConsoleFlavour.NewApi;
        await using var console = await StandInConsole.StartAsync(flavour);
        console.Write(UsageOffice.Rows(300, flavour));
        await using var office = new UsageOffice(UsageOffice.Of(console, flavour));
        // A file with the same rows, taken in at the same time.
        await Task.WhenAll(office.PullAsync(), office.PullAsync(), office.ImportAsync(console.Log, "new-api"));
        await using var quiet = new UsageOffice();
        await quiet.ImportAsync(console.Log, "new-api");
        Assert.Equal(UsageOffice.Figures(quiet.Folder).Where(line => !line.StartsWith("aside", StringComparison.Ordinal)), UsageOffice.Figures(office.Folder).Where(line => !line.StartsWith("aside", StringComparison.Ordinal)));
        Assert.Equal("done", (await office.Get<UsagePullStore>().FindAsync(UsagePullJob.Console, Token))!.Status);
    }

    [Fact]
    public async Task A_gap_is_read_and_what_is_asked_for_from_an_earlier_day_on_too()
    {
        const ConsoleFlavour flavour = ConsoleFlavour.NewApi;
        await using var console = await StandInConsole.StartAsync(flavour);
        console.Write(UsageOffice.Rows(200, flavour, secondsApart: 3600));
        await using var office = new UsageOffice(UsageOffice.Of(console, flavour));
        await office.PullAsync();
        var before = UsageOffice.Figures(office.Folder);
        foreach (var table in new[] { "UsageRecords", "UsageRollups", "KeyRollups", "UsageWindows" })
            ShopRows.Change(office.Folder, $"DELETE FROM {table}");
        ShopRows.Change(office.Folder, "INSERT INTO UsageWindows (SourceId, FromAt, UntilAt) VALUES (1, '2026-11-04 00:00:00', '2026-11-04 00:00:01')");
        var row = await office.PullAsync();
        Assert.Equal("done", row.Status);
        Assert.Equal(before, UsageOffice.Figures(office.Folder));
        Assert.Equal(1, ShopRows.Count(office.Folder, "SELECT COUNT(*) FROM UsageWindows"));
    }

    [Fact]
    public async Task A_console_that_cannot_be_read_is_told_once_until_it_was_read_again()
    {
        await using var console = await StandInConsole.StartAsync();
        await using var office = new UsageOffice([.. UsageOffice.Of(console, ConsoleFlavour.NewApi), ("Alarm:Webhook", "http://127.0.0.1:9/x")]);
        for (var hour = 0; hour < 2; hour++)
        {
            for (var attempt = 0; attempt < WorkQueue.MostAttempts; attempt++)
            {
                console.Plan(ConsoleFault.Unauthorised, "GET");
                await TryAsync(office);
            }
            Assert.Equal("failed", (await office.Get<UsagePullStore>().FindAsync(UsagePullJob.Console, Token))!.Status);
            await office.Get<NightWatch>().LookAsync(Token);
        }
        Assert.Equal(1, Told(office));
        Assert.Equal("done", (await TryAsync(office)).Status);
        for (var attempt = 0; attempt < WorkQueue.MostAttempts; attempt++)
        {
            console.Plan(ConsoleFault.Unauthorised, "GET");
            office.Clock.MoveTo(UsageOffice.Now.AddHours(3));
            await TryAsync(office);
        }
        await office.Get<NightWatch>().LookAsync(Token);
        Assert.Equal(2, Told(office));
    }

    [Fact]
    public async Task Without_a_console_nothing_is_read_and_nothing_waits()
    {
        await using var office = new UsageOffice();
        await office.Get<UsagePullJob>().RunHourlyAsync(Token);
        Assert.Equal(0, ShopRows.Count(office.Folder, "SELECT COUNT(*) FROM UsagePulls"));
        await using var console = await StandInConsole.StartAsync();
        await using var off = new UsageOffice([.. console.Settings, ("Console:Usage", "Off")]);
        await off.Get<UsagePullJob>().RunHourlyAsync(Token);
        Assert.Empty(console.Calls);
    }

    private static long Told(UsageOffice office) => ShopRows.Count(office.Folder, "SELECT COUNT(*) FROM OutboxMessages WHERE Cause LIKE 'work:usage_pull:%'");

    private static async Task<UsagePullRow> TryAsync(UsageOffice office)
    {
        try
        {
            return await office.PullAsync();
        }
        catch (ConsoleException)
        {
            return (await office.Get<UsagePullStore>().FindAsync(UsagePullJob.Console, Token))!;
        }
    }
}
