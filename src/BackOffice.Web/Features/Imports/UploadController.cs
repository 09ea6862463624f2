using BackOffice.Data.Imports;
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
public sealed class UploadController(ImportDesk desk, IBackgroundJobClient jobs, IAntiforgery antiforgery, Texts texts) : Controller
{
    [HttpGet("/imports/new")]
    public ViewResult New() => View(model: null);

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
                return Refused(form, new Refusal("FileNotChosen", "file"));
            return Begun(await desk.UploadAsync(form.Kind, form.FileName, form.File, HttpContext.Who(), token));
        }
        catch (InvalidDataException)
        {
            return BadRequest();
        }
        catch (IOException failure) when (failure is not BadHttpRequestException && !token.IsCancellationRequested)
        {
            return Refused(form, IsOfTheForm(failure) ? new Refusal("UploadBroken", "file") : Trouble.Of(failure) with { Field = "file" });
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

    private ViewResult Refused(UploadForm form, Refusal refusal)
    {
        ModelState.AddRefusal(texts, refusal, texts["Upload.File"]);
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("New", form.Kind);
    }
}
