using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Settlement;

/// <summary>Which records of usage wait for a word of a person?</summary>
[Allow(Act.SeeMoney)]
public sealed class PutAsideController(UsageAsideQueries asides, UsageAsideStore store, ImportQueries imports, BusinessTime shop, Texts texts) : Controller
{
    private const int Rows = 100;

    [HttpGet("/put-aside")]
    public Task<ViewResult> IndexAsync([FromQuery] PutAsideAddress address, string? before, string? after, CancellationToken token) =>
        ListAsync(address.Known(), PutAsideAddress.Place(before, after), null, token);

    /// <summary>All lines of an import that could not be read stay out.</summary>
    [HttpPost("/imports/{number:long}/put-aside/acceptance"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> AcceptAllAsync(long number, [FromForm] string? seen, [FromForm] string? reason, CancellationToken token) =>
        DecideAllAsync(number, "unreadable", seen, reason, (count, why) => store.AcceptAllAsync(number, count, HttpContext.Who(), why, token), token);

    /// <summary>Of all conflicts of an import the first content counts.</summary>
    [HttpPost("/imports/{number:long}/put-aside/keeping"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> KeepAllAsync(long number, [FromForm] string? seen, [FromForm] string? reason, CancellationToken token) =>
        DecideAllAsync(number, "conflict", seen, reason, (count, why) => store.KeepAllAsync(number, count, HttpContext.Who(), why, token), token);

    [HttpGet("/put-aside/{id:guid}")]
    public Task<IActionResult> ShowAsync(Guid id, CancellationToken token) => PageAsync(id, null, token);

    /// <summary>A line that could not be read stays out.</summary>
    [HttpPost("/put-aside/{id:guid}/acceptance"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> AcceptAsync(Guid id, [FromForm] string? reason, CancellationToken token) =>
        DecideAsync(id, "accepted", reason, why => store.AcceptAsync(id, HttpContext.Who(), why, token), token);

    /// <summary>The first content counts.</summary>
    [HttpPost("/put-aside/{id:guid}/keeping"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> KeepAsync(Guid id, [FromForm] string? reason, CancellationToken token) =>
        DecideAsync(id, "kept", reason, why => store.KeepAsync(id, HttpContext.Who(), why, token), token);

    /// <summary>The later content counts.</summary>
    [HttpPost("/put-aside/{id:guid}/replacement"), Allow(Act.WorkOnMoney)]
    public Task<IActionResult> ReplaceAsync(Guid id, [FromForm] string? reason, CancellationToken token) =>
        DecideAsync(id, "replaced", reason, why => store.ReplaceAsync(id, shop, HttpContext.Who(), why, token), token);

    private async Task<IActionResult> DecideAsync(Guid id, string state, string? reason, Func<string, Task> decide, CancellationToken token)
    {
        if (await asides.FindAsync(id, token) is null)
            return NotFound();
        var refusals = new List<Refusal>();
        if (Acting.Reason(reason, refusals) is { } why && await Acting.DoAsync(() => decide(why), refusals))
        {
            TempData["Done"] = texts["PutAside.Done." + state];
            return Redirect(PutAsidePage.Path);
        }
        ModelState.AddActRefusal(texts, refusals[0], "Settlements.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await PageAsync(id, reason, token);
    }

    private async Task<IActionResult> DecideAllAsync(long number, string kind, string? seen, string? reason, Func<long, string, Task> decide, CancellationToken token)
    {
        if (await imports.FindAsync(number, token) is null)
            return NotFound();
        var (refusals, count) = (new List<Refusal>(), Address.Number(seen) ?? 0);
        var list = new PutAsideAddress { Kind = kind, Import = Address.Text(number) };
        if (Acting.Reason(reason, refusals) is { } why && await Acting.DoAsync(() => decide(count, why), refusals))
        {
            TempData["Done"] = texts["PutAside.AllDone." + kind, Figures.Count(count), number];
            return Redirect((list with { Kind = null }).Url());
        }
        ModelState.AddActRefusal(texts, refusals[0], "Settlements.Field.");
        return await ListAsync(list, null, reason, token);
    }

    private async Task<ViewResult> ListAsync(PutAsideAddress wanted, UsageAsidePlace? place, string? reason, CancellationToken token)
    {
        var refused = new List<Refusal>();
        var filter = wanted.Filter(shop, refused);
        foreach (var refusal in refused)
            ModelState.AddRefusal(texts, refusal, texts["PutAside.Field." + refusal.Field]);
        if (!ModelState.IsValid)
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var page = refused.Count == 0 ? await asides.ListAsync(filter, place, Rows, token) : new KeyedPage<UsageAsideRow>([], false, false);
        var counts = refused.Count == 0 && filter.Import is { } import ? await asides.CountAsync(import, token) : [];
        return View("PutAside", new PutAsidePage(wanted, filter.Import, page, counts, reason));
    }

    private async Task<IActionResult> PageAsync(Guid id, string? reason, CancellationToken token) =>
        await asides.FindAsync(id, token) is { } aside ? View("Aside", new AsidePage(aside, aside.Kind == "conflict" ? await asides.StoredAsync(aside, token) : null, reason)) : NotFound();
}

/// <summary>What waits.</summary>
/// <param name="Wanted">The filter.</param>
/// <param name="Import">The chosen import; null for all, or where it cannot be read.</param>
/// <param name="Page">Its rows, the oldest first.</param>
/// <param name="Counts">How many of the chosen import wait, by kind.</param>
/// <param name="Reason">As it was typed.</param>
public sealed record PutAsidePage(PutAsideAddress Wanted, long? Import, KeyedPage<UsageAsideRow> Page, IReadOnlyList<UsageAsideCount> Counts, string? Reason)
{
    public const string Path = "/put-aside";

    public string? Before => Page.HasBefore ? Wanted.Url(("before", PutAsideAddress.Text(Page.Rows[0]))) : null;

    public string? After => Page.HasAfter ? Wanted.Url(("after", PutAsideAddress.Text(Page.Rows[^1]))) : null;

    /// <summary>What is filtered, as the words of the table's caption.</summary>
    public string Filters(Texts texts) => string.Join(", ", Wanted.Chips(texts).Select(chip => chip.Words));

    /// <summary>What the list shows, where that is all of one kind of an import and more than one: it can be decided about together.</summary>
    public UsageAsideCount? Whole => Wanted.Month is null && Counts.Where(count => Wanted.Kind is null || count.Kind == Wanted.Kind).ToList() is [{ Asides: > 1 } whole] ? whole : null;

    /// <summary>The parts of the chosen import that can be decided about together, each with its list.</summary>
    public IEnumerable<(UsageAsideCount Part, string Url)> Parts => Counts.Where(count => count.Asides > 1 && count != Whole).Select(count => (count, (Wanted with { Kind = count.Kind, Month = null }).Url()));

    public string ActUrl(UsageAsideCount whole) => $"{Links.Import(Import!.Value)}{Path}/{(whole.Kind == "conflict" ? "keeping" : "acceptance")}";

    /// <summary>The months that a row belongs to by the shop's clock; empty where its time could not be read.</summary>
    public static string MonthsOf(BusinessTime shop, UsageAsideRow row) =>
        string.Join(", ", new[] { row.OtherQuarter, row.Quarter }.OfType<int>().Select(quarter => SettlementPeriod.NameOf(shop.DayOf(Quarters.Start(quarter)))).Distinct());

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
