using BackOffice.Data.Audit;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Codes;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>Brings a batch to the console: over its database by a job, or by a script that somebody runs there and then says so. What is void is disabled by a script alike.</summary>
[Allow(Act.RunCatalogue), Reauthenticate]
public sealed class PublishBatchController(
    BatchQueries batches, CodeTaskStore tasks, ConsolePublisher publisher, ConsoleDatabase console, Database database, IBackgroundJobClient jobs, Texts texts) : Controller
{
    [HttpGet("/codes/batches/{number:long}/publish")]
    public async Task<IActionResult> AskAsync(long number, CancellationToken token) => await PageAsync(number, token);

    [HttpPost("/codes/batches/{number:long}/publish")]
    public Task<IActionResult> PublishAsync(long number, CancellationToken token) => DoAsync(number, async () =>
    {
        if (!console.IsOn)
            throw new RefusedException(new Refusal("ConsoleNotSet", "", "Console:Database"));
        var task = await tasks.PublishAsync(number, HttpContext.Who(), token);
        jobs.Enqueue<CodeTaskJob>(job => job.RunAsync(task.Id, CancellationToken.None));
    }, "Publish.Begun", token);

    /// <summary>Somebody has run the script.</summary>
    [HttpPost("/codes/batches/{number:long}/publish/done")]
    public async Task<IActionResult> MarkAsync(long number, [FromForm] string? where, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        return Acting.Reason(where, refusals) is { } place
            ? await DoAsync(number, () => tasks.MarkPublishedAsync(number, HttpContext.Who(), place, token), "Publish.Marked", token)
            : await RefuseAsync(number, refusals[0] with { Field = "where" }, token, where: where);
    }

    /// <summary>The codes of a batch, or those of them that are void, as a script: on record before the first code leaves.</summary>
    [HttpPost("/codes/batches/{number:long}/publish/script")]
    public async Task<IActionResult> ScriptAsync(long number, [FromForm] string? engine, [FromForm] string? what, [FromForm] string? reason, CancellationToken token)
    {
        if (await batches.FindAsync(number, token) is not { } batch)
            return NotFound();
        if (Address.OneOf(engine, PublishPage.Engines) is not { } word || Address.OneOf(what, PublishPage.Scripts) is not { } script)
            return BadRequest();
        var refusals = new List<Refusal>();
        if (!await Acting.DoAsync(() => PutOnRecordAsync(batch, word, script, reason, token), refusals))
            return await RefuseAsync(number, refusals[0], token, reason);
        HttpContext.Features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO = true;
        Response.ContentType = "application/sql";
        Response.Headers.ContentDisposition = $"attachment; filename=\"codes-batch-{Address.Text(number)}-{script}.sql\"";
        var to = Enum.Parse<ConsoleEngine>(word, ignoreCase: true);
        await (script == "insert" ? publisher.WriteScriptAsync(batch, to, Response.Body, token) : publisher.WriteDisableScriptAsync(batch, to, Response.Body, token));
        return new EmptyResult();
    }

    // Live codes leave with a reason, those of a batch that was approved to go this way; void ones are worth nothing.
    private Task PutOnRecordAsync(BatchRow batch, string engine, string script, string? reason, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        if (script == "insert")
            return Acting.Reason(reason, refusals) is { } why ? tasks.ScriptAsync(batch.Number, engine, HttpContext.Who(), why, token) : throw new RefusedException(refusals[0]);
        return database.WriteAsync(WriteRank.Request, session => AuditLog.AppendAsync(session, new AuditAct
        {
            Who = HttpContext.Who(),
            Action = AuditActions.BatchScripted,
            Subject = AuditSubject.Of("batch", batch.Number),
            Details = new { Codes = batch.Voided, Script = script, Engine = engine },
        }, token), token);
    }

    private async Task<IActionResult> DoAsync(long number, Func<Task> act, string done, CancellationToken token)
    {
        if (await batches.FindAsync(number, token) is null)
            return NotFound();
        var refusals = new List<Refusal>();
        if (!await Acting.DoAsync(act, refusals))
            return await RefuseAsync(number, refusals[0], token);
        TempData["Done"] = texts[done, number];
        return Redirect(Links.Batch(number));
    }

    private Task<IActionResult> RefuseAsync(long number, Refusal refusal, CancellationToken token, string? reason = null, string? where = null)
    {
        ModelState.AddModelError(refusal.Field, texts.Of(refusal));
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return PageAsync(number, token, reason, where);
    }

    private async Task<IActionResult> PageAsync(long number, CancellationToken token, string? reason = null, string? where = null) => await batches.FindAsync(number, token) is { } batch
        ? View("PublishBatch", new PublishPage(batch, console.IsOn, reason, where) { Task = (await tasks.OfBatchAsync(number, token)).Find(task => task.Kind is "publish" or "disable") })
        : NotFound();
}

/// <summary>A batch on its way to the console.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="HasDatabase">Whether there is a connection to the console's database.</param>
/// <param name="Reason">As it was typed.</param>
/// <param name="Where">As it was typed.</param>
public sealed record PublishPage(BatchRow Batch, bool HasDatabase, string? Reason, string? Where)
{
    public static readonly IReadOnlyList<string> Engines = ["mysql", "postgresql", "sqlite"];

    public static readonly IReadOnlyList<string> Scripts = ["insert", "disable"];

    /// <summary>The last that was done at the console over a connection.</summary>
    public CodeTaskRow? Task { get; init; }

    public string Url => Links.Batch(Batch.Number) + "/publish";

    public bool CanPublish => Batch is { Status: "ready", PublishedAt: null, ExportedAt: null };

    /// <summary>Some of its codes are void, so that the console should not take them.</summary>
    public bool CanDisable => Batch is { Made: > 0, Voided: > 0 };

    public string Answer(Texts texts) => Batch switch
    {
        { IsVoid: true } => texts["Publish.AnswerVoid", Figures.Count(Batch.Voided)],
        { PublishedAt: not null } => texts["Publish.AnswerDone", Figures.Count(Batch.Made)],
        { Status: "ready" } => texts["Publish.Answer", Figures.Count(Batch.Made)],
        _ => texts["Publish.AnswerNotReady"],
    };
}
