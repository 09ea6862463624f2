using BackOffice.Data.Approvals;
using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Approvals;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Jobs.Settlement;
using BackOffice.Web.Features.Codes;
using BackOffice.Web.Features.Reconciliation;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Approvals;

/// <summary>What waits for my signature? What one person asked for is approved or refused by another one.</summary>
[Allow(Act.Sign)]
public sealed class ApprovalsController(
    ApprovalQueries approvals, ApprovalDesk desk, IBackgroundJobClient jobs, FindingQueries findings, FindingDesk judged, CodesAskedBook codes, SettlementStore settlements, Settings settings, Texts texts, TimeProvider clock) : Controller
{
    private const int Rows = 50;

    [HttpGet("/approvals")]
    public async Task<ViewResult> IndexAsync(string? before, string? after, CancellationToken token)
    {
        var place = Address.Number(before ?? after) is { } number ? new ApprovalPlace(number, before is not null) : null;
        return View("Index", new ApprovalsPage(await approvals.ListAsync(place, Rows, token), await approvals.CountForAsync(HttpContext.Who(), ApprovalsPage.MostCounted + 1, token)));
    }

    [HttpGet("/approvals/{number:long}"), Reauthenticate]
    public Task<IActionResult> ShowAsync(long number, CancellationToken token) => PageAsync(number, null, token);

    [HttpPost("/approvals/{number:long}/approval"), Reauthenticate]
    public Task<IActionResult> ApproveAsync(long number, [FromForm] string? reason, CancellationToken token) => DecideAsync(number, reason, isWanted: false, "Approval.ApprovedNow",
        async (approval, why) =>
        {
            await desk.ApproveAsync(approval, HttpContext.Who(), why, token);
            await desk.FollowAsync(approval, jobs, token);
        }, token);

    [HttpPost("/approvals/{number:long}/refusal"), Reauthenticate]
    public Task<IActionResult> RefuseAsync(long number, [FromForm] string? reason, CancellationToken token) => DecideAsync(number, reason, isWanted: true, "Approval.RefusedNow",
        (approval, why) => desk.RefuseAsync(approval, HttpContext.Who(), why, token), token);

    [HttpPost("/approvals/{number:long}/withdrawal"), Reauthenticate]
    public Task<IActionResult> WithdrawAsync(long number, [FromForm] string? reason, CancellationToken token) => DecideAsync(number, reason, isWanted: true, "Approval.WithdrawnNow",
        (approval, why) => desk.WithdrawAsync(approval, HttpContext.Who(), why, token), token);

    private async Task<IActionResult> DecideAsync(long number, string? reason, bool isWanted, string done, Func<ApprovalRow, string?, Task> decide, CancellationToken token)
    {
        if (await approvals.FindAsync(number, token) is not { } approval)
            return NotFound();
        if (desk.Signs(approval) is { } act && !HttpContext.May(act))
            return NotAllowed(act);
        var refusals = new List<Refusal>();
        var why = isWanted || !string.IsNullOrWhiteSpace(reason) ? Acting.Reason(reason, refusals) : null;
        if (refusals.Count == 0 && await Acting.DoAsync(() => decide(approval, why), refusals))
        {
            TempData["Done"] = texts[done, number];
            return Redirect(Links.Approval(number));
        }
        foreach (var refusal in refusals)
            ModelState.AddActRefusal(texts, refusal, "Approval.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await PageAsync(number, reason, token);
    }

    private async Task<IActionResult> PageAsync(long number, string? reason, CancellationToken token)
    {
        if (await approvals.FindAsync(number, token) is not { } approval)
            return NotFound();
        var signs = desk.Signs(approval);
        var page = new ApprovalPage(approval, HttpContext.Who(), signs, signs is { } act && HttpContext.May(act), reason);
        if (page.MayDecide)
            page = page with { WhyNot = await desk.WhyNotAsync(approval, HttpContext.Who(), token) };
        return View("Show", page with { Finding = await FindingAsync(approval, token), Codes = await codes.ReadAsync(approval, token), Settlement = await SettlementAsync(approval, token) });
    }

    private async Task<SettlementDocument?> SettlementAsync(ApprovalRow approval, CancellationToken token)
    {
        if (approval.Kind != SettlementStore.ApprovalKind)
            return null;
        var wanted = SettlementApproval.WantedOf(approval);
        return await settlements.SeeAsync(wanted.Upstream, wanted.Month, token);
    }

    private async Task<FindingPage?> FindingAsync(ApprovalRow approval, CancellationToken token)
    {
        if (approval.Kind != FindingAcceptance.Word || await findings.FindAsync(FindingAcceptance.FindingOf(approval), token) is not { } finding)
            return null;
        var today = settings.Business.DayOf(clock.UtcNow());
        return new FindingPage(finding, await judged.ReadAsync(finding, token), await findings.EventsAsync(finding.Id, token), settings.Business, today);
    }

    private StatusCodeResult NotAllowed(Act act)
    {
        HttpContext.Features.Set(new RefusedAct(act));
        return StatusCode(StatusCodes.Status403Forbidden);
    }
}
