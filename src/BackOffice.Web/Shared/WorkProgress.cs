using BackOffice.Jobs;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace BackOffice.Web.Shared;

/// <summary>
/// How far a long piece of work is, for <c>_Progress</c>: the partial asks <see cref="Url"/> again every two seconds until the work has ended.
/// </summary>
public sealed record WorkProgress
{
    /// <summary>Address that answers with <see cref="PollExtensions.Poll"/>.</summary>
    public required string Url { get; init; }

    /// <summary>Rows, lines or codes done so far.</summary>
    public required long Done { get; init; }

    /// <summary>How many there are; null while they are still counted.</summary>
    public required long? Total { get; init; }

    public required DateTime StartedAt { get; init; }

    /// <summary>When these figures were read, UTC.</summary>
    public required DateTime ReadAt { get; init; }

    /// <summary>Nobody has taken it up yet.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>Key of the sentence that quotes done and total.</summary>
    public string Sentence { get; init; } = "Progress.Of";

    /// <summary>What the window is called while the work runs, beside the percentage; null leaves its title as it is.</summary>
    public string? Title { get; init; }

    /// <summary>Whether the work is over, well or not.</summary>
    public required bool Ended { get; init; }

    /// <summary>Last quarter (0 to 4) that was told to screen readers: what came as <c>told</c> with the poll; below 0 on the page itself.</summary>
    public int Told { get; init; } = -1;

    public int Percent => Total is > 0 ? (int)((Int128)Done * 100 / Total.Value) : 0;

    public int Quarter => Percent / 25;

    /// <summary>Done per second; null while it waits, and in the first five seconds, when it would only jump about.</summary>
    public long? Rate
    {
        get
        {
            var milliseconds = (long)(ReadAt - StartedAt).TotalMilliseconds;
            return !IsWaiting && milliseconds >= 5_000 ? (long)((Int128)Done * 1_000 / milliseconds) : null;
        }
    }

    /// <summary>Seconds left at that rate, rounded up to whole fives; null when it cannot be said.</summary>
    public long? SecondsLeft => Total is { } total && Rate is > 0 and { } rate ? ((total - Done) / rate + 4) / 5 * 5 : null;

    public string NextUrl => QueryHelpers.AddQueryString(Url, "told", Math.Max(Told, Quarter).ToString(System.Globalization.CultureInfo.InvariantCulture));

    public string Left(Texts texts) => SecondsLeft switch
    {
        null when Total is null && !IsWaiting => texts["Progress.Counting"],
        null => "",
        < 90 and var seconds => texts["Progress.SecondsLeft", seconds],
        < 5_400 and var seconds => texts["Progress.MinutesLeft", (seconds + 59) / 60],
        var seconds => texts["Progress.HoursLeft", (seconds + 3_599) / 3_600],
    };

    public string Words(Texts texts) =>
        IsWaiting ? texts["Progress.Waiting"]
        : Total is { } total ? texts[Sentence, Figures.Count(Done), Figures.Count(total)]
        : Figures.Count(Done);
}

public static class PollExtensions
{
    /// <summary>htmx stops asking on this status.</summary>
    public const int StopPolling = 286;

    public static PartialViewResult Poll(this Controller controller, WorkProgress progress)
    {
        if (progress.Ended)
            controller.Response.StatusCode = StopPolling;
        return controller.PartialView("_Progress", progress);
    }
}
