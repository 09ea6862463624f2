using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Tests.Shell;

/// <summary>What the shared pieces write, read from the specimen page.</summary>
public sealed class PiecesTests(Site site) : IClassFixture<Site>
{
    private static readonly DateTime Start = new(2026, 11, 10, 6, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("en", "<time datetime=\"2026-11-10T06:32:06Z\">2026-11-10 14:32</time>")]
    [InlineData("en", "<time datetime=\"2026-11-10T06:32:06Z\">2026-11-10 14:32:06</time>")]
    [InlineData("en", "<time datetime=\"2026-11-10T06:32:06Z\">10 November 2026, 14:32</time>")]
    [InlineData("zh", "<time datetime=\"2026-11-10T06:32:06Z\">2026 年 11 月 10 日 14:32</time>")]
    [InlineData("en", "<time datetime=\"2026-11-10\">10 November 2026</time>")]
    [InlineData("zh", "<time datetime=\"2026-11-10\">2026 年 11 月 10 日</time>")]
    [InlineData("en", "<span class=\"zone\">UTC&#x2B;8</span>")]
    [InlineData("en", "<span aria-hidden=\"true\">—</span><span class=\"visually-hidden\">not known</span>")]
    [InlineData("zh", "<span class=\"visually-hidden\">未知</span>")]
    [InlineData("en", "<span aria-hidden=\"true\">4.99M</span><span class=\"visually-hidden\">4,999,999</span>")]
    [InlineData("en", "Delivered</span>")]
    [InlineData("zh", "已交付</span>")]
    [InlineData("zh", "aria-label=\"移除筛选：P1\"")]
    [InlineData("en", "<p>50 rows shown, more follow</p>")]
    [InlineData("en", "<title>Error: AC-ZM3J-J7T7-3Q1C · AiCredits back office</title>")]
    public async Task Each_piece_is_written_as_the_guide_says(string language, string written) =>
        Assert.Contains(written, await site.Visitor(language).GetStringAsync("/specimen", TestContext.Current.CancellationToken));

    [Theory]
    [InlineData(4, 400, 1_000L, null, "")]
    [InlineData(10, 400, 1_000L, 40L, "about 15 s left")]
    [InlineData(100, 400, 4_000L, 4L, "about 15 min left")]
    [InlineData(100, 100, 20_000L, 1L, "about 6 h left")]
    [InlineData(10, 400, null, 40L, "still counting")]
    [InlineData(10, 0, 1_000L, 0L, "")]
    public void Progress_says_how_long_it_takes_once_it_can_know(int seconds, long done, long? total, long? rate, string left)
    {
        var progress = new WorkProgress { Url = "/x", Done = done, Total = total, StartedAt = Start, ReadAt = Start.AddSeconds(seconds), Ended = false };
        Assert.Equal(rate, progress.Rate);
        Assert.Equal(left, progress.Left(Texts.English));
    }

    [Fact]
    public void Work_that_waits_has_no_rate() =>
        Assert.Null(new WorkProgress { Url = "/x", Done = 0, Total = null, IsWaiting = true, StartedAt = Start, ReadAt = Start.AddSeconds(60), Ended = false }.Rate);

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(26, 0, "26% done")]
    [InlineData(40, 1, "")]
    [InlineData(50, 1, "50% done")]
    [InlineData(99, 3, "")]
    public async Task Screen_readers_hear_of_quarters_only(long done, int told, string heard)
    {
        var fragment = await site.Visitor("en").GetStringAsync($"/specimen/progress/{done * 10}?told={told}", TestContext.Current.CancellationToken);
        Assert.Equal(heard.Length > 0, fragment.Contains("hx-swap-oob", StringComparison.Ordinal));
        Assert.Contains(heard, fragment);
    }

    [Fact]
    public async Task Ended_work_is_not_asked_for_again()
    {
        using var answer = await site.Visitor("en").GetAsync("/specimen/progress/1000?told=3", TestContext.Current.CancellationToken);
        Assert.Equal(286, (int)answer.StatusCode);
        Assert.DoesNotContain("hx-get", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
