using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Reconciliation;

[Allow(Act.WorkOnMoney)]
public sealed class NewRunController(RunDesk desk, IBackgroundJobClient jobs, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    /// <summary>The form, filled in with the days of the address; without any, with yesterday.</summary>
    [HttpGet("/reconciliation/new")]
    public ViewResult New(string? from, string? until)
    {
        var presets = Presets();
        return View("NewRun", new NewRunPage(new RunForm { From = from ?? presets[0].From, Until = until ?? presets[0].Until }, presets));
    }

    [HttpPost("/reconciliation")]
    public async Task<IActionResult> CreateAsync([FromForm] RunForm form, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        if (form.Read(shop, refusals) is { } wanted)
        {
            try
            {
                var run = await desk.AddAsync(wanted.From, wanted.Until, wanted.AsOf, wanted.KnownAsOf, HttpContext.Who(), token);
                jobs.Enqueue<ReconcileJob>(job => job.RunAsync(run.Id, CancellationToken.None));
                return Redirect(Links.Run(run.Number));
            }
            catch (RefusedException refused)
            {
                refusals.Add(refused.Refusal);
            }
        }
        foreach (var refusal in refusals)
            ModelState.AddRefusal(texts, refusal, texts[$"NewRun.{refusal.Field}"]);
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("NewRun", new NewRunPage(form, Presets()));
    }

    private Preset[] Presets()
    {
        var today = shop.DayOf(clock.GetUtcNow().UtcDateTime);
        var thisMonth = new DateOnly(today.Year, today.Month, 1);
        return
        [
            new("NewRun.Yesterday", today.AddDays(-1), today),
            new("NewRun.LastSevenDays", today.AddDays(-7), today),
            new("NewRun.LastMonth", thisMonth.AddMonths(-1), thisMonth),
        ];
    }
}

/// <summary>The form of a new run and the days it offers.</summary>
public sealed record NewRunPage(RunForm Form, IReadOnlyList<Preset> Presets);

/// <summary>Days that are wanted often.</summary>
/// <param name="Key">Their name's text.</param>
/// <param name="FirstDay">First day.</param>
/// <param name="DayAfter">First day that is not included.</param>
public sealed record Preset(string Key, DateOnly FirstDay, DateOnly DayAfter)
{
    public string From => Address.Text(FirstDay);

    public string Until => Address.Text(DayAfter.AddDays(-1));

    public string Url => Address.With("/reconciliation/new", ("from", From), ("until", Until));
}
