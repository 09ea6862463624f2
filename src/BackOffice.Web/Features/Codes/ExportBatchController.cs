using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Codes;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>The plaintext of a batch as one sealed file: asked for with a reason, its passphrase shown once, taken once (codes rules 5).</summary>
[Allow(Act.RunCatalogue), Reauthenticate]
public sealed class ExportBatchController(
    BatchQueries batches, CodeExportStore store, CodeExportDesk desk, ApprovalQueries approvals, IBackgroundJobClient jobs, Texts texts, TimeProvider clock) : Controller
{
    [HttpGet("/codes/batches/{number:long}/export")]
    public Task<IActionResult> AskAsync(long number, CancellationToken token) => PageAsync(number, null, null, token);

    [HttpPost("/codes/batches/{number:long}/export")]
    public async Task<IActionResult> RequestAsync(long number, [FromForm] string? format, [FromForm] string? reason, CancellationToken token)
    {
        if (await batches.FindAsync(number, token) is null)
            return NotFound();
        if (Address.OneOf(format, ExportPage.Formats) is not { } known)
            return BadRequest();
        var refusals = new List<Refusal>();
        CodeExportRow? export = null;
        if (Acting.Reason(reason, refusals) is not { } why || !await Acting.DoAsync(async () => export = await desk.RequestAsync(number, known, why, HttpContext.Who(), token), refusals))
            return await RefuseAsync(number, refusals[0], reason, token);
        if (export!.Status == "pending")
            jobs.Enqueue<CodeExportJob>(job => job.RunAsync(export.Id, CancellationToken.None));
        return Redirect(ExportPage.UrlOf(number));
    }

    /// <summary>The passphrase, this once, for who asked.</summary>
    [HttpPost("/codes/batches/{number:long}/export/passphrase")]
    public async Task<IActionResult> PassphraseAsync(long number, CancellationToken token)
    {
        if ((await store.OfBatchAsync(number, token)).FirstOrDefault() is not { } export)
            return NotFound();
        var refusals = new List<Refusal>();
        var passphrase = "";
        if (!await Acting.DoAsync(async () => passphrase = await desk.ShowPassphraseAsync(export.Number, HttpContext.Who(), token), refusals))
            return await RefuseAsync(number, refusals[0], null, token);
        Response.Headers.CacheControl = "no-store";
        return View("Passphrase", new PassphrasePage(number, export.Number, passphrase));
    }

    /// <summary>The file, once: on record before it leaves, gone afterwards. A download that breaks off leaves it to be taken again.</summary>
    [HttpPost("/codes/batches/{number:long}/export/file")]
    public async Task<IActionResult> FileAsync(long number, CancellationToken token)
    {
        if ((await store.OfBatchAsync(number, token)).FirstOrDefault() is not { } export)
            return NotFound();
        var refusals = new List<Refusal>();
        if (!await Acting.DoAsync(() => store.TakeAsync(export, HttpContext.Who(), token), refusals))
            return await RefuseAsync(number, refusals[0], null, token);
        var by = HttpContext.Who();
        return new TakenFile(desk.PathOf(export), CodeExportDesk.NameOf(export), () => store.GiveBackAsync(export.Number, by, CancellationToken.None));
    }

    [HttpGet("/codes/batches/{number:long}/export/progress")]
    public async Task<IActionResult> ProgressAsync(long number, CancellationToken token)
    {
        if (await batches.FindAsync(number, token) is not { } batch)
            return NotFound();
        var page = new ExportPage(batch, (await store.OfBatchAsync(number, token)).FirstOrDefault(), null, null, clock.UtcNow());
        if (page.IsMoving)
            return this.Poll(page.Progress(texts));
        Response.Headers["HX-Refresh"] = "true";
        return StatusCode(PollExtensions.StopPolling);
    }

    private Task<IActionResult> RefuseAsync(long number, Refusal refusal, string? reason, CancellationToken token)
    {
        ModelState.AddActRefusal(texts, refusal, "Void.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return PageAsync(number, reason, null, token);
    }

    private async Task<IActionResult> PageAsync(long number, string? reason, string? format, CancellationToken token)
    {
        if (await batches.FindAsync(number, token) is not { } batch)
            return NotFound();
        var export = (await store.OfBatchAsync(number, token)).FirstOrDefault();
        var waiting = export is { Status: "requested" } ? (await approvals.OfSubjectAsync(CodeExportStore.ApprovalKind, Address.Text(export.Number), token)).LastOrDefault(one => one.IsPending) : null;
        return View("ExportBatch", new ExportPage(batch, export, reason, format, clock.UtcNow())
        {
            Waiting = waiting,
            Me = HttpContext.Who(),
            NeedsSecondPerson = await desk.NeedsSecondPersonAsync(batch, HttpContext.Who(), token),
        });
    }
}

/// <summary>A file that goes with its download.</summary>
internal sealed class TakenFile(string path, string name, Func<Task> giveBack) : IActionResult
{
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        try
        {
            await using var file = File.OpenRead(path);
            response.ContentType = "application/zip";
            response.ContentLength = file.Length;
            response.Headers.CacheControl = "no-store";
            response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
            await file.CopyToAsync(response.Body, context.HttpContext.RequestAborted);
            await response.CompleteAsync();
        }
        catch
        {
            await giveBack();
            throw;
        }
        File.Delete(path);
    }
}

/// <summary>The passphrase of an export.</summary>
public sealed record PassphrasePage(long Batch, long Export, string Passphrase)
{
    /// <summary>Without it.</summary>
    public override string ToString() => $"passphrase of export {Export}";
}

/// <summary>An export, or the form for one.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Export">Its newest export; null when there is none.</param>
/// <param name="Reason">As it was typed.</param>
/// <param name="Format">As it was chosen.</param>
/// <param name="Now">The present, UTC.</param>
public sealed record ExportPage(BatchRow Batch, CodeExportRow? Export, string? Reason, string? Format, DateTime Now)
{
    public static readonly IReadOnlyList<string> Formats = ["csv", "xlsx"];

    public ApprovalRow? Waiting { get; init; }

    public string Me { get; init; } = "";

    public bool NeedsSecondPerson { get; init; }

    public string Url => UrlOf(Batch.Number);

    public bool IsMoving => Export is { Status: "pending" or "running" };

    public bool CanAsk => Batch is { Status: "ready", Available: > 0 } && Export is null or { Status: "refused" or "failed" or "expired" };

    public bool CanSeePassphrase => Export is { PassphraseShownAt: null, Status: "requested" or "pending" or "running" or "done" or "taken" } && Export.RequestedBy == Me;

    public static string UrlOf(long batch) => Links.Batch(batch) + "/export";

    public WorkProgress Progress(Texts texts) => new()
    {
        Url = Url + "/progress",
        Done = Export!.RowsDone,
        Total = Export.RowsTotal,
        IsWaiting = Export.Status == "pending",
        Title = texts["Export.Title", Batch.Number],
        StartedAt = Export.StartedAt ?? Export.RequestedAt,
        ReadAt = Now,
        Ended = !IsMoving,
        Told = -1,
    };

    public string Answer(Texts texts) => Export?.Status switch
    {
        "requested" => texts["Export.AnswerWaits", Export.RequestedBy],
        "pending" or "running" => texts["Export.AnswerMaking"],
        "done" => texts["Export.AnswerDone", Figures.Count(Export.RowsDone)],
        "taken" => texts["Export.AnswerTaken", Export.TakenBy!],
        "failed" => texts["Export.AnswerFailed"],
        _ when CanAsk => texts["Export.Answer", Figures.Count(Batch.Available)],
        _ => texts.Of(new Refusal("NothingToExport", "")),
    };

    /// <summary>The state of an export among <see cref="Shared.States"/>.</summary>
    public string State => Export?.Status switch
    {
        "requested" => "awaiting_approval",
        "pending" => "queued",
        "running" => "writing",
        "taken" => "done",
        "expired" => "ended",
        { } status => status,
        null => CodeWords.StateOf(Batch),
    };
}
