using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Codes;

/// <summary>What a batch's page shows.</summary>
public sealed record BatchPage(BatchRow Batch, string Package, WorkProgress Progress)
{
    /// <summary>Days of the table of what left stock and was redeemed.</summary>
    public const int MostDays = 31;

    /// <summary>Requests for a second person about the batch, the oldest first.</summary>
    public IReadOnlyList<ApprovalRow> Approvals { get; init; } = [];

    public IReadOnlyList<CodeEventRow> Events { get; init; } = [];

    /// <summary>The newest first.</summary>
    public IReadOnlyList<CodeDayRow> Days { get; init; } = [];

    public IReadOnlyList<CodeRow> Sample { get; init; } = [];

    /// <summary>What is done to its codes in slices and has not ended well.</summary>
    public IReadOnlyList<CodeTaskRow> Tasks { get; init; } = [];

    public string Url => Links.Batch(Batch.Number);

    public string TaskUrl(CodeTaskRow task) => $"{Url}/tasks/{Address.Text(task.Number)}/resumption";

    /// <summary>The codes of a void batch that were used: where what they brought is to be taken back.</summary>
    public string ClawbackUrl => Address.With(CodeListQuery.Path, ("batch", Address.Text(Batch.Number)), ("status", "redeemed"));

    public bool IsMoving => Batch.Status is "approved" or "generating";

    /// <summary>The request that waits for a second person; null when none does.</summary>
    public ApprovalRow? Waiting => Approvals.LastOrDefault(approval => approval.IsPending);

    /// <summary>What may be done with the batch as it is, each on a page of its own; what comes first is the next step.</summary>
    public IEnumerable<BatchAct> Acts
    {
        get
        {
            if (Batch is { Status: "ready", PublishedAt: null, ExportedAt: null } || Batch.Voided > 0)
                yield return new BatchAct(Batch.IsVoid || Batch.PublishedAt is not null ? "Batch.Disable" : "Batch.Publish", Url + "/publish", "cloud-upload", Primary: Batch is { Status: "ready", PublishedAt: null });
            if (Batch is { Status: "ready" } && (Batch.Available > 0 || Batch.ExportedAt is not null))
                yield return new BatchAct("Batch.Export", Url + "/export", "download");
            if (!Batch.IsVoid && Batch.Status != "requested")
                yield return new BatchAct("Batch.Void", Url + "/void", "ban");
        }
    }

    /// <summary>The codes in each state, with the filter that shows them. As long as a batch is made, nothing of it is in stock.</summary>
    public IEnumerable<(string State, int Codes)> Counts =>
    [
        ("available", Batch.Available), ("allocated", Batch.Allocated), ("delivered", Batch.Delivered), ("redeemed", Batch.Redeemed), ("void", Batch.Voided),
    ];

    public int MostOfADay => Days.Select(day => Math.Max(day.Taken, day.Redeemed)).DefaultIfEmpty(0).Max();

    public static WorkProgress ProgressOf(BatchRow batch, Texts texts, DateTime now, int told) => new()
    {
        Url = Links.Batch(batch.Number) + "/progress",
        Done = batch.Made,
        Total = batch.Wanted,
        IsWaiting = batch.Status == "approved",
        Title = texts["Work.batch", batch.Number],
        StartedAt = batch.StartedAt ?? batch.RequestedAt,
        ReadAt = now,
        Ended = batch.Status is not ("approved" or "generating"),
        Told = told,
    };

    /// <summary>What is, and the next step, in one sentence or two.</summary>
    public string Answer(Texts texts) => Batch.Status switch
    {
        "requested" => texts["Batch.Answer.requested", Batch.RequestedBy, Figures.Count(Batch.Wanted)],
        "approved" when Batch.Failure is not null => texts["Batch.Answer.retrying", Figures.Count(Batch.Made)],
        "approved" => texts["Batch.Answer.approved"],
        "generating" when Batch.Attempts > 1 && Batch.Made > 0 => texts["Batch.Answer.resumed"],
        "generating" => texts["Batch.Answer.generating"],
        "failed" => texts["Batch.Answer.failed", Figures.Count(Batch.Made), Figures.Count(Batch.Wanted)],
        "ready" when Batch.ExportedAt is not null => texts["Batch.Answer.exported", Figures.Count(Batch.Made)],
        "ready" when Batch.PublishedAt is null => texts["Batch.Answer.unpublished", Figures.Count(Batch.Made)],
        "ready" => texts["Batch.Answer.ready", Figures.Count(Batch.Available), Figures.Count(Batch.Made)],
        "void" when Batch.Made == 0 => texts["Batch.Answer.cancelled"],
        "void" when Batch.Delivered > 0 => texts["Batch.Answer.void_kept", Figures.Count(Batch.Delivered), Figures.Count(Batch.Redeemed)],
        "void" => texts["Batch.Answer.void", Figures.Count(Batch.Redeemed)],
        var other => throw new InvalidOperationException($"{other} is no status of a batch."),
    };
}

/// <summary>Something that can be done with a batch.</summary>
/// <param name="Key">Of its words.</param>
/// <param name="Url">Of its page.</param>
/// <param name="Icon">Before the words.</param>
/// <param name="Primary">The next step of the batch.</param>
public sealed record BatchAct(string Key, string Url, string Icon, bool Primary = false);
