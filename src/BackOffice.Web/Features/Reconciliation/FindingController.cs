using BackOffice.Data.Approvals;
using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Staff;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Reconciliation;

/// <summary>One finding: what disagrees, and what people do about it.</summary>
[Route("/findings/{id:guid}"), Allow(Act.SeeMoney)]
public sealed class FindingController(
    FindingQueries findings, FindingDesk desk, FindingActStore acts, ApprovalQueries approvals, StaffQueries staff, Settings settings, Texts texts, TimeProvider clock) : Controller
{
    [HttpGet("")]
    public async Task<IActionResult> ShowAsync(Guid id, CancellationToken token) => await PageAsync(id, new FindingTyped(), token) is { } page ? View("Finding", page) : NotFound();

    [HttpPost("assignee"), Allow(Act.WorkOnMoney)]
    public async Task<IActionResult> AssignAsync(Guid id, [FromForm] string? assignee, [FromForm] string? version, CancellationToken token)
    {
        var (refusals, to) = (new List<Refusal>(), string.IsNullOrWhiteSpace(assignee) ? null : EmailAddress.Canonical(assignee));
        if (await Acting.DoAsync(() => acts.AssignAsync(Made(id, version, null), to, token), refusals))
            return Leave(id, to is null ? texts["Finding.AssignedToNobody"] : texts["Finding.AssignedTo", to]);
        return await RefusedAsync(id, refusals, new FindingTyped { Assignee = assignee ?? "" }, token);
    }

    [HttpPost("comments"), Allow(Act.WorkOnMoney)]
    public async Task<IActionResult> CommentAsync(Guid id, [FromForm] string? comment, CancellationToken token)
    {
        if (await findings.FindAsync(id, token) is null)
            return NotFound();
        var refusals = new List<Refusal>();
        if (Acting.Comment(comment, refusals) is { } words && await Acting.DoAsync(() => acts.CommentAsync(Made(id, null, words), token), refusals))
            return Leave(id, texts["Finding.CommentAdded"]);
        return await RefusedAsync(id, refusals, new FindingTyped { Comment = comment }, token);
    }

    [HttpGet("acceptance"), Allow(Act.WorkOnMoney), Reauthenticate]
    public Task<IActionResult> AcceptanceAsync(Guid id, CancellationToken token) => ActPageAsync(id, "acceptance", null, token);

    [HttpPost("acceptance"), Allow(Act.WorkOnMoney), Reauthenticate]
    public Task<IActionResult> AcceptAsync(Guid id, [FromForm] string? reason, [FromForm] string? version, [FromForm] string? facts, CancellationToken token) =>
        ActAsync(id, "acceptance", reason, version, async act =>
            await desk.AcceptAsync(act, facts, token) is { } number ? texts["Finding.AcceptanceAskedNow", number] : texts["Finding.AcceptedNow"], token);

    [HttpGet("resolution"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> ResolutionAsync(Guid id, CancellationToken token) => ActPageAsync(id, "resolution", null, token);

    [HttpPost("resolution"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> ResolveAsync(Guid id, [FromForm] string? reason, [FromForm] string? version, CancellationToken token) => ActAsync(id, "resolution", reason, version, async act =>
    {
        await desk.ResolveAsync(act, token);
        return texts["Finding.ResolvedNow"];
    }, token);

    [HttpGet("reopening"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> ReopeningAsync(Guid id, CancellationToken token) => ActPageAsync(id, "reopening", null, token);

    [HttpPost("reopening"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> ReopenAsync(Guid id, [FromForm] string? reason, [FromForm] string? version, CancellationToken token) => ActAsync(id, "reopening", reason, version, async act =>
    {
        await acts.ReopenAsync(act, token);
        return texts["Finding.ReopenedNow"];
    }, token);

    private async Task<IActionResult> ActAsync(Guid id, string act, string? reason, string? version, Func<FindingAct, Task<string>> work, CancellationToken token)
    {
        if (await findings.FindAsync(id, token) is null)
            return NotFound();
        var (refusals, done) = (new List<Refusal>(), "");
        if (Acting.Reason(reason, refusals) is { } why && await Acting.DoAsync(async () => done = await work(Made(id, version, why)), refusals))
            return Leave(id, done);
        await AddErrorsAsync(id, refusals, token);
        return await ActPageAsync(id, act, reason, token);
    }

    private async Task<IActionResult> ActPageAsync(Guid id, string act, string? reason, CancellationToken token) =>
        await PageAsync(id, new FindingTyped(), token) is { } page ? View("FindingAct", new FindingActPage(page, act, reason, act == "acceptance" ? desk.AboveLimit(page.Facts) : null)) : NotFound();

    private async Task<IActionResult> RefusedAsync(Guid id, List<Refusal> refusals, FindingTyped typed, CancellationToken token)
    {
        await AddErrorsAsync(id, refusals, token);
        return await PageAsync(id, typed, token) is { } page ? View("Finding", page) : NotFound();
    }

    private async Task<FindingPage?> PageAsync(Guid id, FindingTyped typed, CancellationToken token)
    {
        if (await findings.FindAsync(id, token) is not { } finding)
            return null;
        var today = settings.Business.DayOf(clock.UtcNow());
        return new FindingPage(finding, await desk.ReadAsync(finding, token), await findings.EventsAsync(id, token), settings.Business, today)
        {
            Approvals = await approvals.OfSubjectAsync(FindingAcceptance.Word, id.ToString("N"), token),
            Colleagues = HttpContext.May(Act.WorkOnMoney) ? await staff.WhoMayAsync(Act.WorkOnMoney, token) : [],
            Typed = typed,
        };
    }

    // Who comes second is told what the first one did.
    private async Task AddErrorsAsync(Guid id, List<Refusal> refusals, CancellationToken token)
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        foreach (var refusal in refusals)
        {
            if (refusal.Code == "FindingChanged" && await findings.EventsAsync(id, token) is [.., var last])
                ModelState.AddModelError("", texts["Finding.ChangedMeanwhile", texts["FindingEvent." + last.Kind], last.RecordedBy]);
            else
                ModelState.AddActRefusal(texts, refusal, "Finding.Field.");
        }
    }

    private FindingAct Made(Guid id, string? version, string? reason) => new(id, Address.Number(version) ?? 0, HttpContext.Who(), reason);

    private RedirectResult Leave(Guid id, string sentence)
    {
        TempData["Done"] = sentence;
        return Redirect(Links.Finding(id));
    }
}
