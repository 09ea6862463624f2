using System.Globalization;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Jobs.Audit;
using BackOffice.Jobs.Backups;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Jobs.Settlement;
using BackOffice.Jobs.Usage;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.JobRuns;

/// <summary>The filter of the job runs as it stands in the address: job, status, and days of the shop's zone, both included.</summary>
public sealed record JobRunAddress
{
    public const string Path = "/job-runs";

    public static readonly IReadOnlyList<string> Jobs = [ReconciliationNight.JobName, BackupNight.JobName, AuditNight.JobName, HousekeepingNight.JobName, SettlementNight.JobName, UsageProofNight.JobName, MorningReport.JobName];
    public static readonly IReadOnlyList<string> Statuses = ["pending", "running", "done", "failed"];

    /// <summary>A row outlives its job: of one that this program no longer has, its own word stands.</summary>
    public static string NameOf(Texts texts, string job) => texts.Find($"Job.{job}") ?? job;

    public string? Job { get; init; }

    public string? Status { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    public bool HasFilters => this != new JobRunAddress();

    /// <summary>Only what can be filtered by: an unknown job or status is left out.</summary>
    public JobRunAddress Known() => new() { Job = Address.OneOf(Job, Jobs), Status = Address.OneOf(Status, Statuses), From = Given(From), To = Given(To) };

    /// <param name="refused">Fields that cannot be read, each with the reason.</param>
    public JobRunFilter Filter(ICollection<Refusal> refused)
    {
        var (from, to) = (Day("from", From, refused), Day("to", To, refused));
        var all = new JobRunFilter { Job = Job, Status = Status };
        return all with { From = from is { } first ? Address.Text(first) : all.From, Until = to is { } last ? Address.Text(last.AddDays(1)) : all.Until };
    }

    public string Url(params (string Name, string? Value)[] place) => Address.With(Path, [("job", Job), ("status", Status), ("from", From), ("to", To), .. place]);

    /// <summary>The active filters in words, each with the address without it.</summary>
    public IEnumerable<(string Words, string Url)> Chips(Texts texts)
    {
        if (Job is not null)
            yield return (texts["Common.Labelled", texts["JobRuns.Field.job"], texts["Job." + Job]], (this with { Job = null }).Url());
        if (Status is not null)
            yield return (texts["Common.Labelled", texts["JobRuns.Field.status"], Word(texts, Status)], (this with { Status = null }).Url());
        if (From is not null)
            yield return (texts["Common.Labelled", texts["JobRuns.Field.from"], From], (this with { From = null }).Url());
        if (To is not null)
            yield return (texts["Common.Labelled", texts["JobRuns.Field.to"], To], (this with { To = null }).Url());
    }

    public static string Word(Texts texts, string status) => texts["State." + (status == "pending" ? "queued" : status)];

    /// <summary>A place of the list: the row's day and job.</summary>
    public static string Text(JobRunRow row) => $"{row.Argument}_{row.Job}";

    /// <summary>Null for the newest page, also when the address is mutilated.</summary>
    public static JobRunPlace? Place(string? before, string? after) =>
        (before ?? after ?? "").Split('_') is [{ Length: > 0 } day, { Length: > 0 } job] ? new JobRunPlace(day, job, Newer: before is null) : null;

    private static DateOnly? Day(string field, string? text, ICollection<Refusal> refused)
    {
        if (text is null)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2000 and <= 2100)
            return day;
        refused.Add(new Refusal("DayUnreadable", field, text));
        return null;
    }

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
