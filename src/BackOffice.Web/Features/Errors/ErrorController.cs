using BackOffice.Jobs;
using BackOffice.Web.Shared;
using Htmx;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Errors;

/// <summary>What a person is told when an answer failed; <see cref="Details"/> only in Development.</summary>
public sealed record ErrorPage(string Key, string TraceId, string? Details);

/// <summary>Answers in the place of every failure: a page, or for htmx a fragment for the alert region.</summary>
[IgnoreAntiforgeryToken]
public sealed class ErrorController(IHostEnvironment environment) : Controller
{
    private static readonly int[] Explained = [400, 403, 404, 409, 413, 500, 503];

    public static int StatusOf(Exception thrown) => thrown switch
    {
        BadHttpRequestException refused => refused.StatusCode, // too large, or broken off
        _ when thrown is TimeoutException || Trouble.IsBusy(thrown) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    [Route("/error")]
    public IActionResult Show()
    {
        var failed = HttpContext.Features.Get<IExceptionHandlerFeature>();
        if (failed is null && HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is null)
            Response.StatusCode = StatusCodes.Status404NotFound; // somebody typed this address
        var page = new ErrorPage(
            $"Error.{Nearest(Response.StatusCode)}",
            TraceId.Of(HttpContext),
            environment.IsDevelopment() ? failed?.Error.ToString() : null);
        return Request.IsHtmx() ? PartialView("_Fragment", page) : View("Page", page);
    }

    private static int Nearest(int status) => Explained.Contains(status) ? status : status < 500 ? 400 : 500;
}
