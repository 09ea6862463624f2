using BackOffice.Data.Imports;
using BackOffice.Data.Rates;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Imports;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Htmx;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Imports;

/// <summary>Takes a file, checks nothing of it here, and leads to the page of its import.</summary>
[Allow(Act.TakeIn)]
public sealed class UploadController(ImportDesk desk, IBackgroundJobClient jobs, RateQueries rates, IAntiforgery antiforgery, Texts texts) : Controller
{
    [HttpGet("/imports/new")]
    public async Task<ViewResult> NewAsync([FromQuery] string? kind, [FromQuery] string? upstream, [FromQuery] string? month, CancellationToken token) =>
        View("New", new UploadPage(await rates.UpstreamsAsync(token)) { Kind = kind, Upstream = upstream, Month = month });

    [HttpPost("/imports")]
    [StreamedForm]
    [IgnoreAntiforgeryToken] // UploadForm asks for the token: it is a field of the stream.
    public async Task<IActionResult> UploadAsync(CancellationToken token)
    {
        if (UploadForm.Of(Request) is not { } form)
            return BadRequest();
        try
        {
            if (!await form.ReadToFileAsync(HttpContext, antiforgery, token))
                return BadRequest();
            if (form.Kind is not null && !ImportDesk.Kinds.Contains(form.Kind))
                return BadRequest();
            if (form.File is null)
                return await RefusedAsync(form, new Refusal("FileNotChosen", "file"), token);
            return Begun(await desk.UploadAsync(form.Kind, form.FileName, form.File, HttpContext.Who(), token, kind => OptionsOf(kind, form)));
        }
        catch (RefusedException refused)
        {
            return await RefusedAsync(form, refused.Refusal, token);
        }
        catch (InvalidDataException)
        {
            return BadRequest();
        }
        catch (IOException failure) when (failure is not BadHttpRequestException && !token.IsCancellationRequested)
        {
            return await RefusedAsync(form, IsOfTheForm(failure) ? new Refusal("UploadBroken", "file") : Trouble.Of(failure) with { Field = "file" }, token);
        }
    }

    // What the disk refuses carries the system's number; what the reader of the form finds missing carries none of it.
    private static bool IsOfTheForm(IOException failure) => failure.HResult == new IOException().HResult;

    private IActionResult Begun(ImportRow import)
    {
        var id = import.Id;
        jobs.Enqueue<ImportJob>(job => job.RunAsync(id, CancellationToken.None));
        if (!Request.IsHtmx())
            return Redirect(Links.Import(import.Number));
        Response.Htmx(htmx => htmx.Redirect(Links.Import(import.Number)));
        return NoContent();
    }

    private static string? OptionsOf(string kind, UploadForm form) => kind switch
    {
        "invoice" => InvoiceOptions.Of(form.Upstream, form.Month, form.Total).Text(),
        "usage" when !string.IsNullOrWhiteSpace(form.SourceName) => UsageOptions.NamedText(form.SourceName),
        _ => null,
    };

    private async Task<ViewResult> RefusedAsync(UploadForm form, Refusal refusal, CancellationToken token)
    {
        ModelState.AddRefusal(texts, refusal, texts["Upload.Field." + refusal.Field]);
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("New", new UploadPage(await rates.UpstreamsAsync(token)) { Kind = form.Kind, Upstream = form.Upstream, Month = form.Month, Total = form.Total, SourceName = form.SourceName });
    }
}
