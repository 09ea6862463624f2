using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Jobs.Usage;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Usage;

/// <summary>Which records make a figure, and are they all here?</summary>
[Allow(Act.SeeMoney)]
public sealed class UsageController(
    UsageQueries usage, UsagePullStore pulls, UsageProofStore proofs, UsagePullJob pull, RateQueries rates, IBackgroundJobClient jobs, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    private const int Rows = 50;
    private const int Proofs = 5;

    [HttpGet("/usage")]
    public async Task<ViewResult> IndexAsync([FromQuery] UsageAddress address, string? before, string? after, CancellationToken token)
    {
        var wanted = address.Known();
        var refused = new List<Refusal>();
        var filter = wanted.Filter(shop, refused);
        var page = new KeyedPage<UsageRow>([], false, false);
        if (refused.Count == 0)
            await Acting.DoAsync(async () => page = await usage.ListAsync(filter, UsageAddress.Place(before, after), Rows, token), refused);
        foreach (var refusal in refused)
            ModelState.AddRefusal(texts, refusal, texts["Usage.Field." + refusal.Field]);
        if (refused.Count > 0)
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var row = await pulls.FindAsync(UsagePullJob.Console, token);
        var windows = row?.SourceId is { } source ? await pulls.WindowsAsync(source, token) : [];
        return View("Index", new UsagePage(wanted, page, await usage.SourcesAsync(token), row, windows, pull.IsOn, await proofs.NewestAsync(Proofs, token)));
    }

    [HttpGet("/usage/rows.{format}")]
    public async Task<IActionResult> FileAsync([FromQuery] UsageAddress address, string format, CancellationToken token)
    {
        var refused = new List<Refusal>();
        var filter = address.Known().Filter(shop, refused);
        // Before the answer begins: what cannot be read at all is told, not broken off.
        if (refused.Count > 0 || !await Acting.DoAsync(() => usage.ListAsync(filter, null, 1, token), refused))
            return BadRequest();
        var columns = new RowColumns<UsageRow>(texts, shop, clock.UtcNow())
            .Text(texts["Usage.Field.source"], row => row.Source)
            .Text(texts["Usage.Id"], row => row.ExternalId)
            .Time(texts["UsageField.occurred_at"], row => row.OccurredAt)
            .Text(texts["UsageField.model"], row => row.ConsoleName)
            .Text(texts["UsageField.upstream_model"], row => row.UpstreamName)
            .Text(texts["Usage.Field.upstream"], row => row.Upstream)
            .Text(texts["UsageField.key"], row => row.Reference)
            .Text(texts["UsageField.channel"], row => row.Channel);
        foreach (var part in TokenParts.All)
            columns.Number(texts["Part." + TokenParts.NameOf(part)], row => row.Tokens[part]);
        columns.Number(texts["UsageField.charged_quota"], row => row.ChargedQuota).Text(texts["Usage.Field.flag"], row => string.Join(' ', UsageFlagNames.NamesOf(row.Known)));
        var rows = KeyedPage.AllAsync<UsageRow, UsagePlace>(
            (place, stop) => usage.ListAsync(filter, place, RowsFile.Portion, stop), row => new UsagePlace(row.Quarter, row.NamesId, row.SourceId, row.ExternalId, Newer: false), token);
        return new RowsFile<UsageRow>("usage", format, columns, rows);
    }

    [HttpGet("/usage/{source}/{**id}")]
    public async Task<IActionResult> ShowAsync(string source, string? id, CancellationToken token)
    {
        if (id is null || await usage.FindAsync(source, id, token) is not { } row)
            return NotFound();
        var (book, mappings) = (await rates.BookAsync(token), await rates.MappingsAsync(token));
        var mapping = book.Map(row.Names, row.Quarter);
        var lines = TokenParts.All.Where(part => row.Tokens[part] > 0).Select(part => new RecordLine(
            part, row.Tokens[part], mapping.Kind == MappingKind.Mapped ? book.PriceAt(mapping.Upstream!, mapping.Model!, part, row.Quarter) : null));
        var month = mapping.Upstream is { } upstream && book.TermsAt(upstream, row.Quarter) is not null ? book.PeriodOf(upstream, row.Quarter).Name : null;
        var isLate = month is not null && await usage.ApprovedEraAsync(mapping.Upstream!, month, token) is { } era && row.Era >= era;
        return View("Record", new RecordPage(row, mapping, mappings.Find(one => one.Id == mapping.MappingId), [.. lines], month, isLate));
    }

    /// <summary>Has the console read now. What waits or runs already is that work.</summary>
    [HttpPost("/usage/reading"), Allow(Act.TakeIn)]
    public async Task<IActionResult> ReadAsync(CancellationToken token)
    {
        if (!pull.IsOn)
            return Conflict();
        var id = await pulls.AskAsync(UsagePullJob.Console, HttpContext.Who(), token);
        jobs.Enqueue<UsagePullJob>(job => job.RunAsync(id, CancellationToken.None));
        TempData["Done"] = texts["Usage.ReadingAsked"];
        return Redirect(UsageAddress.Path);
    }
}
