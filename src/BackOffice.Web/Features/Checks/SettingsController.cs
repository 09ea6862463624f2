using BackOffice.Data.Outbox;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Checks;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Checks;

/// <summary>Is everything connected, and how is it set? The facts of <c>doctor</c>; settings are changed where the program is installed, never here.</summary>
[Allow(Act.RunOffice)]
public sealed class SettingsController(Checkup checkup, ConnectionDesk desk, Texts texts) : Controller
{
    [HttpGet("/settings")]
    public async Task<ViewResult> IndexAsync(CancellationToken token) => View("Index", new SettingsPage(await checkup.RunAsync(token)));

    [HttpPost("/settings/test/{channel}")]
    public async Task<IActionResult> TestAsync(string channel, CancellationToken token)
    {
        if (channel is not (OutboxChannels.Mail or OutboxChannels.Webhook))
            return NotFound();
        try
        {
            await desk.TestAsync(channel, HttpContext.Who(), token);
        }
        catch (RefusedException refused)
        {
            var why = texts.WithField(refused.Refusal);
            ModelState.AddModelError("", texts["Common.Labelled", texts["Check.Name." + channel], refused.Refusal.Code == ConnectionDesk.NotSet ? why : texts["Test.Failed", why]]);
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return await IndexAsync(token);
        }
        TempData["Done"] = texts["Test.Sent", texts["Check.Name." + channel]];
        return Redirect("/settings");
    }
}

/// <param name="Facts">All of them.</param>
public sealed record SettingsPage(IReadOnlyList<CheckFact> Facts)
{
    private static readonly string[] Connections = ["alarm", OutboxChannels.Mail, OutboxChannels.Webhook, "creem", "console", "console_database"];
    private static readonly string[] Rules = ["second_person", "second_person_codes", "limits", "metrics"];

    /// <summary>The facts in the page's parts; what is due again stands in the schedule.</summary>
    public IEnumerable<(string Part, IReadOnlyList<CheckFact> Facts)> Parts => Facts
        .GroupBy(PartOf)
        .OrderBy(part => Array.IndexOf(Order, part.Key))
        .Select(part => (part.Key, (IReadOnlyList<CheckFact>)[.. part]));

    public int ToMend => Facts.Count(fact => fact.State is CheckState.Warn or CheckState.Fail);

    /// <summary>Whether a test message can be sent this way.</summary>
    public static bool MayTest(CheckFact fact) => fact.State != CheckState.Off && fact.Check is OutboxChannels.Mail or OutboxChannels.Webhook;

    /// <summary>The state of a fact among <see cref="States"/>.</summary>
    public static string StateOf(CheckFact fact) => fact.State switch
    {
        CheckState.Off => "not_set_up",
        CheckState.Set => "ready",
        CheckState.Warn when IsConnection(fact) => "not_connected",
        CheckState.Warn => "needs_attention",
        CheckState.Fail when fact.Check == "database" => "not_connected",
        CheckState.Fail => "failed",
        _ when IsConnection(fact) || fact.Check == "database" => "connected",
        _ => fact.IsNight && fact.LastAt is not null ? "done" : "ready",
    };

    private static bool IsConnection(CheckFact fact) => MayTest(fact) || fact.Check is "console" or "console_database";

    private static readonly string[] Order = ["Shop", "Connections", "Schedule", "Rules"];

    private static string PartOf(CheckFact fact) =>
        Connections.Contains(fact.Check) ? "Connections"
        : Rules.Contains(fact.Check) ? "Rules"
        : fact.Check == "workers" || fact.IsNight ? "Schedule"
        : "Shop";
}
