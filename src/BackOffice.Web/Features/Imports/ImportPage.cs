using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Domain.Imports;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Imports;

/// <summary>What an import's page shows.</summary>
public sealed record ImportPage(ImportRow Import, KeyedPage<(long Ordinal, PutAside Aside)> PutAsides, WorkProgress Progress)
{
    public bool IsCheck => Import.Stage == "check";

    /// <summary>It works or waits for a worker: the page asks again by itself.</summary>
    public bool IsMoving => Import.Status is "pending" or "running";

    public bool CanConfirm => IsCheck && Import.Status == "checked" && Import.RecordsNew > 0;

    public bool CanCancel => IsCheck && Import.Status is "pending" or "checked" or "failed";

    public bool CanCheckAgain => IsCheck && Import.Status is "checked" or "failed";

    public bool CanRetry => !IsCheck && Import.Status == "failed";

    /// <summary>What is, and the next step, in one sentence.</summary>
    public string Answer(Texts texts) => (Import.Stage, Import.Status) switch
    {
        (_, "pending") when Import.Failure is not null => texts["Import.Retrying"],
        ("check", "pending" or "running") => texts["Import.Checking"],
        ("check", "checked") when Import.RecordsRead == 0 => texts["Import.NoRecords"],
        ("check", "checked") when Import.RecordsNew == 0 => texts["Import.NothingNew"],
        ("check", "checked") => texts["Import.Checked"],
        ("check", "failed") => texts["Import.CheckFailed"],
        (_, "cancelled") => texts["Import.Cancelled"],
        ("take", "pending" or "running") => texts["Import.Taking"],
        ("take", "failed") => texts["Import.TakeFailed", Figures.Count(Import.RecordsRead)],
        ("take", "done") when Import is { RecordsPutAside: > 0, Kind: "usage" } => texts["Import.DoneWithUsageAside"],
        ("take", "done") when Import.RecordsPutAside > 0 => texts["Import.DoneWithPutAside"],
        ("take", "done") => texts["Import.Done"],
        var other => throw new InvalidOperationException($"{other} is no state of an import."),
    };

    /// <summary>How far the work is. The number of records is estimated from the bytes read: no file says it beforehand.</summary>
    public static WorkProgress ProgressOf(ImportRow import, Texts texts, DateTime now, int told) => new()
    {
        Url = $"{Links.Import(import.Number)}/progress",
        Done = import.RecordsRead,
        Total = import.BytesRead == 0 ? null : Math.Max(import.RecordsRead, (long)((Int128)import.RecordsRead * import.Size / import.BytesRead)),
        IsWaiting = import.Status == "pending",
        Sentence = import.Stage == "check" ? "Import.CheckingOf" : "Import.TakingOf",
        Title = texts["Import.Title", import.Number],
        StartedAt = import.StartedAt ?? import.RequestedAt,
        ReadAt = now,
        Ended = import.Status is not ("pending" or "running"),
        Told = told,
    };
}

public static class ImportStates
{
    /// <summary>The state of an import among <see cref="States"/>.</summary>
    public static string Of(ImportRow import) => import.Status switch
    {
        "pending" when import.Failure is not null => "retrying",
        "pending" => "queued",
        "running" => "running",
        "checked" => "to_confirm",
        "done" => "done",
        "failed" => "failed",
        "cancelled" => "cancelled",
        var other => throw new InvalidOperationException($"{other} is no status of an import."),
    };
}
