using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Htmx;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Errors;

/// <summary>What a person is told when an answer failed; <see cref="Details"/> only in Development.</summary>
/// <param name="Key">First words of its texts.</param>
/// <param name="TraceId">By which the log finds it.</param>
/// <param name="Details">What was thrown.</param>
/// <param name="Why">Why it was refused, as a sentence; null when that is not known.</param>
public sealed record ErrorPage(string Key, string TraceId, string? Details, string? Why);

/// <summary>Answers in the place of every failure: a page, or for htmx a fragment for the alert region.</summary>
[AllowAnonymous, IgnoreAntiforgeryToken]
public sealed class ErrorController(IHostEnvironment environment, Texts texts) : Controller
{
    private static readonly int[] Explained = [400, 403, 404, 409, 413, 500, 503];

    public static int StatusOf(Exception thrown) => thrown switch
    {
        BadHttpRequestException refused => refused.StatusCode, // too large, or broken off
        RefusedException => StatusCodes.Status422UnprocessableEntity, // figures that do not fit, such as of a price that is a slip
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
            environment.IsDevelopment() ? failed?.Error.ToString() : null,
            Why(failed?.Error));
        return Request.IsHtmx() ? PartialView("_Fragment", page) : View("Page", page);
    }

    private string? Why(Exception? thrown) =>
        thrown is RefusedException refused ? texts.Of(refused.Refusal)
        : HttpContext.Features.Get<RefusedAct>() is { } act ? texts["Error.Needs", RoleWords.Any(texts, RoleTable.For(act.Act))] : null;

    private static int Nearest(int status) => Explained.Contains(status) ? status : status < 500 ? 400 : 500;
}
