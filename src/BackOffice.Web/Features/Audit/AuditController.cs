using System.Globalization;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Audit;

/// <summary>Who did this, when, why?</summary>
[Allow(Act.SeeAudit)]
public sealed class AuditController(AuditQueries audit, AuditVerifier verifier, Settings settings, TimeProvider clock, Texts texts) : Controller
{
    private const int Rows = 50;

    // What a page may be waited for; the command line walks the whole chain.
    private const int RowsChecked = 100_000;

    // From the query alone: "action" is also a word of the route.
    [HttpGet("/audit")]
    public async Task<ViewResult> IndexAsync([FromQuery] AuditAddress address, string? before, string? after, CancellationToken token)
    {
        var wanted = address.Known();
        var page = new KeyedPage<AuditEntry>([], false, false);
        if (Filter(wanted) is { } filter)
            page = await audit.ListAsync(filter, AuditListPlace.Read(before, after), Rows, token);
        else
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("Index", new AuditPage(wanted, page, await audit.FindHeadAsync(token)));
    }

    [HttpGet("/audit/{number:long}")]
    public async Task<IActionResult> ShowAsync(long number, CancellationToken token) =>
        await audit.FindAsync(number, token) is { } entry
            ? View("Show", new AuditEntryPage(entry, AuditValues.Of(entry, texts), await audit.FindAsync(number + 1, token) is not null))
            : NotFound();

    [HttpGet("/audit/check")]
    public async Task<ViewResult> CheckAsync(CancellationToken token) => View("Check", await verifier.VerifyNewestAsync(RowsChecked, token));

    /// <summary>With what is needed to compute each hash anew elsewhere: so the instant stands in UTC as well, to the millisecond.</summary>
    [HttpGet("/audit/rows.{format}")]
    public IActionResult File([FromQuery] AuditAddress address, string format)
    {
        if (Filter(address.Known()) is not { } filter)
            return BadRequest();
        var columns = new RowColumns<AuditEntry>(texts, settings.Business, clock.UtcNow())
            .Number(texts["Audit.Number"], row => row.Sequence)
            .Time(texts["Audit.At"], row => row.At)
            .Text(texts["Audit.AtUtc"], row => row.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
            .Text(texts["Audit.Field.who"], row => row.Who)
            .Text(texts["Audit.Field.action"], row => row.Action)
            .Text(texts["Audit.Action"], row => AuditWords.Action(texts, row.Action))
            .Text(texts["Audit.Field.subject"], row => row.Subject)
            .Text(texts["Audit.Reason"], row => row.Reason)
            .Text(texts["Audit.Details"], row => row.Details)
            .Text(texts["Audit.PreviousHash"], row => Convert.ToHexStringLower(row.PreviousHash))
            .Text(texts["Audit.Hash"], row => Convert.ToHexStringLower(row.Hash));
        return new RowsFile<AuditEntry>("audit", format, columns, audit.StreamAsync(filter));
    }

    private AuditFilter? Filter(AuditAddress wanted)
    {
        var refused = new List<Refusal>();
        var filter = wanted.Filter(settings.Business, refused);
        foreach (var refusal in refused)
            ModelState.AddRefusal(texts, refusal, texts["Audit.Field." + refusal.Field]);
        return refused.Count == 0 ? filter : null;
    }
}
