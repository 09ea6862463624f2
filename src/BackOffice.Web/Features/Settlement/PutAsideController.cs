using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Settlement;

/// <summary>Which records of usage wait for a word of a person?</summary>
[Allow(Act.SeeMoney)]
public sealed class PutAsideController(UsageAsideQueries asides, UsageAsideStore store, BusinessTime shop, Texts texts) : Controller
{
    private const int Rows = 100;

    [HttpGet("/put-aside")]
    public async Task<ViewResult> IndexAsync(CancellationToken token)
    {
        var rows = await asides.OpenAsync(Rows + 1, token);
        return View("PutAside", new PutAsidePage([.. rows.Take(Rows)], rows.Count > Rows));
    }

    [HttpGet("/put-aside/{id:guid}")]
    public Task<IActionResult> ShowAsync(Guid id, CancellationToken token) => PageAsync(id, null, token);

    /// <summary>A line that could not be read stays out.</summary>
    [HttpPost("/put-aside/{id:guid}/acceptance"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> AcceptAsync(Guid id, [FromForm] string? reason, CancellationToken token) =>
        DecideAsync(id, reason, why => store.AcceptAsync(id, HttpContext.Who(), why, token), token);

    /// <summary>The first content counts.</summary>
    [HttpPost("/put-aside/{id:guid}/keeping"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> KeepAsync(Guid id, [FromForm] string? reason, CancellationToken token) =>
        DecideAsync(id, reason, why => store.KeepAsync(id, HttpContext.Who(), why, token), token);

    /// <summary>The later content counts.</summary>
    [HttpPost("/put-aside/{id:guid}/replacement"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> ReplaceAsync(Guid id, [FromForm] string? reason, CancellationToken token) =>
        DecideAsync(id, reason, why => store.ReplaceAsync(id, shop, HttpContext.Who(), why, token), token);

    private async Task<IActionResult> DecideAsync(Guid id, string? reason, Func<string, Task> decide, CancellationToken token)
    {
        if (await asides.FindAsync(id, token) is null)
            return NotFound();
        var refusals = new List<Refusal>();
        if (Acting.Reason(reason, refusals) is { } why && await Acting.DoAsync(() => decide(why), refusals))
        {
            TempData["Done"] = texts["PutAside.DecidedNow"];
            return Redirect(PutAsidePage.Path);
        }
        ModelState.AddActRefusal(texts, refusals[0], "Settlements.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await PageAsync(id, reason, token);
    }

    private async Task<IActionResult> PageAsync(Guid id, string? reason, CancellationToken token) =>
        await asides.FindAsync(id, token) is { } aside ? View("Aside", new AsidePage(aside, aside.Kind == "conflict" ? await asides.StoredAsync(aside, token) : null, reason)) : NotFound();
}

/// <summary>What waits.</summary>
/// <param name="Rows">The oldest of them.</param>
/// <param name="HasMore">Whether more wait.</param>
public sealed record PutAsidePage(IReadOnlyList<UsageAsideRow> Rows, bool HasMore)
{
    public const string Path = "/put-aside";

    public static string Url(UsageAsideRow row) => $"{Path}/{row.Id:N}";

    /// <summary>The record's id; else its line, or, of what came from no file, that it has none.</summary>
    public static string NameOf(Texts texts, UsageAsideRow row) => row.ExternalId ?? (row.Line == 0 ? texts["PutAside.NoId"] : texts["PutAside.OfLine", row.Line]);
}

/// <summary>One of them.</summary>
/// <param name="Aside">It.</param>
/// <param name="Stored">The record that was there first, for a conflict.</param>
/// <param name="Reason">As it was typed.</param>
public sealed record AsidePage(UsageAsideRow Aside, UsageRecord? Stored, string? Reason)
{
    public string Url => PutAsidePage.Url(Aside);

    public bool IsOpen => Aside.State == "open";

    /// <summary>Both contents side by side: what a field is called, the first, the later.</summary>
    public IEnumerable<(string Field, string First, string Later, bool Differs)> Fields()
    {
        if (Stored is null || Aside.Later is not { } later)
            yield break;
        foreach (var (name, of) in Columns)
        {
            var (first, second) = (of(Stored), of(later));
            yield return (name, first, second, first != second);
        }
    }

    private static readonly (string Name, Func<UsageRecord, string> Of)[] Columns =
    [
        ("occurred_at", record => record.OccurredAt.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture)),
        ("model", record => record.ConsoleName),
        ("upstream_model", record => record.UpstreamName ?? ""),
        ("key", record => record.Key ?? ""),
        ("channel", record => record.Channel ?? ""),
        .. TokenParts.All.Select(part => (TokenParts.NameOf(part), (Func<UsageRecord, string>)(record => Figures.Count(record.Tokens[part])))),
        ("charged_quota", record => record.ChargedQuota is { } quota ? Figures.Count(quota) : ""),
    ];
}
