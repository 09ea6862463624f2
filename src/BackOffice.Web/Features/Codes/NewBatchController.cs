using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Data.Vault;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Codes;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Htmx;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>Is the new batch the right one, and strong enough? What it comes to is shown while it is typed; a page without scripts has a button for that.</summary>
[Allow(Act.RunCatalogue)]
public sealed class NewBatchController(BatchDesk desk, PackageQueries packages, IBackgroundJobClient jobs, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    private const string Fields = "NewBatch.";

    [HttpGet("/codes/batches/new"), Reauthenticate]
    public async Task<ViewResult> NewAsync([FromQuery] BatchForm form, CancellationToken token)
    {
        var page = await PageAsync(form.WithDefaults(NewId()), token);
        return View("NewBatch", page with { Refusals = [] });
    }

    [HttpPost("/codes/batches/preview")]
    public async Task<IActionResult> PreviewAsync([FromForm] BatchForm form, CancellationToken token)
    {
        var page = await PageAsync(form.WithDefaults(NewId()), token);
        return Request.IsHtmx() ? PartialView("_BatchPreview", page) : Refused(page);
    }

    [HttpPost("/codes/batches"), Reauthenticate]
    public async Task<IActionResult> RequestAsync([FromForm] BatchForm form, CancellationToken token)
    {
        var page = await PageAsync(form.WithDefaults(NewId()), token);
        if (page.Count is null || page.Form.Read(shop, []) is not { } wanted)
            return Refused(page);
        try
        {
            var batch = await desk.RequestAsync(wanted, HttpContext.Who(), token);
            // A form that a browser kept, changed and sent once more is another batch, not the first one.
            if (!IsOf(batch, wanted))
                return Refused(page with { Form = page.Form with { Id = NewId().ToString("N") }, Refusals = [new Refusal("FormSentAlready", "", Address.Text(batch.Number))] });
            if (batch.Status == "approved")
                jobs.Enqueue<BatchJob>(job => job.RunAsync(batch.Id, CancellationToken.None));
            return Redirect(Links.Batch(batch.Number));
        }
        catch (RefusedException refused)
        {
            return Refused(page with { Refusals = [refused.Refusal] });
        }
        catch (KeyRingException)
        {
            return Refused(page with { Refusals = [new Refusal("BatchWithoutRing", "")] });
        }
    }

    private Guid NewId() => Ids.New(clock.UtcNow());

    private bool IsOf(BatchRow batch, BatchRequest wanted) =>
        batch.RequestedBy == HttpContext.Who() && batch.Package == wanted.Package && batch.Units == wanted.Units && batch.Wanted == wanted.Count
        && batch.Format == BatchDesk.Word(wanted.Format) && batch.PublishBy == BatchDesk.Word(wanted.PublishBy) && batch.ExpiresAt == wanted.ExpiresAt;

    private async Task<NewBatchPage> PageAsync(BatchForm form, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        var preview = form.Read(shop, refusals) is { } wanted ? await desk.PreviewAsync(wanted, HttpContext.Who(), token) : null;
        return new NewBatchPage(form, await packages.ListAsync(token), preview, [.. refusals, .. preview?.Refusals ?? []]);
    }

    private ViewResult Refused(NewBatchPage page)
    {
        foreach (var refusal in page.Refusals)
            ModelState.AddActRefusal(texts, refusal, Fields);
        if (!ModelState.IsValid)
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("NewBatch", page);
    }
}
