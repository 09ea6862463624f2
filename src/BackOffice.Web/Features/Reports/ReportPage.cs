using BackOffice.Data.Reconciliation;
using BackOffice.Data.Reports;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Reports;

/// <summary>What a report's page shows, with the run it tells of.</summary>
public sealed record ReportPage(ReportRow Report, RunRow Run, WorkProgress Progress)
{
    public bool IsMoving => Report.Status is "pending" or "running";

    /// <summary>What is, and the next step, in one sentence.</summary>
    public string Answer(Texts texts) => Report.Status switch
    {
        "pending" when Report.Failure is not null => texts["Report.Retrying"],
        "pending" => texts["Report.Waiting"],
        "running" => texts["Report.Writing"],
        "done" => texts["Report.Ready"],
        _ => texts["Report.Failed"],
    };

    /// <summary>The state of a report among <see cref="States"/>.</summary>
    /// <param name="status">As the row holds it.</param>
    /// <param name="hasFailedBefore">Whether a try has failed.</param>
    public static string StateOf(string status, bool hasFailedBefore) => status switch
    {
        "pending" when hasFailedBefore => "retrying",
        "pending" => "queued",
        "running" => "writing",
        "done" => "ready",
        "failed" => "failed",
        var other => throw new InvalidOperationException($"{other} is no status of a report."),
    };

    public static WorkProgress ProgressOf(ReportRow report, Texts texts, DateTime now, int told) => new()
    {
        Url = Links.Report(report.Number) + "/progress",
        Done = report.RowsDone,
        Total = report.RowsTotal == 0 ? null : report.RowsTotal,
        IsWaiting = report.Status == "pending",
        Sentence = "Report.WrittenOf",
        Title = texts["Report.Number", report.Number],
        StartedAt = report.StartedAt ?? report.RequestedAt,
        ReadAt = now,
        Ended = report.Status is not ("pending" or "running"),
        Told = told,
    };
}

/// <summary>Which files a run can be had as, and what they are called.</summary>
public static class ReportFiles
{
    public static readonly IReadOnlyList<string> Formats = ["xlsx", "csv", "json"];

    public static readonly IReadOnlyList<string> Languages = [Texts.EnglishCulture.Name, Texts.ChineseCulture.Name];

    /// <summary>Files for machines are the same in every language: they are asked for in English.</summary>
    public static readonly IReadOnlyList<(string Format, string Language)> Offered =
        [("xlsx", Languages[0]), ("xlsx", Languages[1]), ("csv", Languages[0]), ("json", Languages[0])];

    public static string ContentType(string format) => format switch
    {
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv" => "text/csv; charset=utf-8",
        "json" => "application/json",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Not a format of reports."),
    };

    /// <summary>The text that names a file's kind: a workbook is read in one language, the others in none.</summary>
    public static string WordsKey(string format, string language) => format == "xlsx" ? $"ReportFile.xlsx.{language}" : $"ReportFile.{format}";

    /// <summary>The file's name for the reader: days inclusive, plain letters only.</summary>
    public static string Name(RunRow run, string format, string language)
    {
        var chinese = language == Texts.ChineseCulture.Name ? "-zh" : "";
        return FormattableString.Invariant($"reconciliation-{run.FromDay:yyyy-MM-dd}-to-{run.UntilDay.AddDays(-1):yyyy-MM-dd}-run-{run.Number}{chinese}.{format}");
    }
}
