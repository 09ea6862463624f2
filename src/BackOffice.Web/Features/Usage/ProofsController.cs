using BackOffice.Data.Engine;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs;
using BackOffice.Jobs.Usage;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Htmx;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Usage;

/// <summary>Do the sums of usage equal its records?</summary>
[Allow(Act.SeeMoney)]
public sealed class ProofsController(UsageProofStore proofs, IBackgroundJobClient jobs, Texts texts, TimeProvider clock) : Controller
{
    [HttpPost("/proofs"), Allow(Act.WorkOnMoney)]
    public async Task<IActionResult> AskAsync([FromForm] string? month, CancellationToken token)
    {
        var wanted = string.IsNullOrWhiteSpace(month) ? null : month.Trim();
        if (wanted is not null && SettlementPeriod.Parse(wanted) is null)
        {
            TempData["Refused"] = texts.Of(new Refusal("MonthUnreadable", "month", wanted.Length > 40 ? wanted[..40] + "…" : wanted));
            return Redirect(UsageAddress.Path);
        }
        var proof = await proofs.AskAsync(wanted, HttpContext.Who(), token);
        jobs.Enqueue<UsageProofJob>(job => job.RunAsync(proof.Id, CancellationToken.None));
        return Redirect(UsageWords.Proof(proof.Number));
    }

    [HttpGet("/proofs/{number:long}")]
    public async Task<IActionResult> ShowAsync(long number, CancellationToken token) => await proofs.FindAsync(number, token) is { } proof ? View("Proof", PageOf(proof, -1)) : NotFound();

    /// <summary>While days are compared, how far it is; afterwards the whole page's content anew.</summary>
    [HttpGet("/proofs/{number:long}/progress")]
    public async Task<IActionResult> ProgressAsync(long number, string? told, CancellationToken token)
    {
        if (await proofs.FindAsync(number, token) is not { } proof)
            return NotFound();
        var page = PageOf(proof, (int)Math.Min(Address.Number(told) ?? 0, 4));
        if (page.IsMoving)
            return this.Poll(page.Progress);
        Response.StatusCode = PollExtensions.StopPolling;
        Response.Htmx(htmx => htmx.Retarget("#proof").Reswap("outerHTML"));
        return PartialView("_Proof", page);
    }

    private ProofPage PageOf(UsageProofRow proof, int told) => new(proof, new WorkProgress
    {
        Url = UsageWords.Proof(proof.Number) + "/progress",
        Done = proof.DaysDone,
        Total = proof.DaysTotal == 0 ? null : proof.DaysTotal,
        IsWaiting = proof.Status == "pending",
        Sentence = "UsageProof.DaysOf",
        Title = texts["UsageProof.Title", proof.Number],
        StartedAt = proof.StartedAt ?? proof.RequestedAt,
        ReadAt = clock.UtcNow(),
        Ended = proof.Status is not ("pending" or "running"),
        Told = told,
    });
}
