using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Tests.Features.Specimen;

/// <summary>One page with every shared piece, and acts that end in every kind of answer.</summary>
[Allow(Domain.Access.Act.Work)]
public sealed class SpecimenController(Texts texts) : Controller
{
    private static readonly DateTime Started = new(2026, 11, 10, 6, 32, 6, DateTimeKind.Utc);

    [HttpGet("/specimen")]
    public ViewResult Index()
    {
        ModelState.AddRefusal(texts, new Refusal("DayUnreadable", "zone", "Mars"), "Zone");
        return View(Progress(400, -1));
    }

    [HttpGet("/specimen/progress/{done:long}")]
    public PartialViewResult Poll(long done, int told) => this.Poll(Progress(done, told));

    [HttpGet("/specimen/throws")]
    public IActionResult Throws() => throw new InvalidOperationException($"sk-secret-in-a-message of {Request.Path}");

    [HttpGet("/specimen/busy")]
    public IActionResult Busy() => throw new TimeoutException($"The gate was busy at {Request.Path}.");

    [HttpGet("/specimen/too-large")]
    public IActionResult TooLarge() => throw new BadHttpRequestException($"Too large: {Request.Path}.", StatusCodes.Status413PayloadTooLarge);

    [HttpGet("/specimen/status/{status:int}")]
    public StatusCodeResult Status(int status) => StatusCode(status);

    [HttpPost("/specimen/act")]
    public RedirectResult Act()
    {
        TempData["Done"] = texts["State.done"];
        return Redirect("/specimen");
    }

    [HttpPost("/specimen/refused")]
    public ContentResult Refused()
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Content(texts["State.refused"]);
    }

    private static WorkProgress Progress(long done, int told) => new()
    {
        Url = $"/specimen/progress/{done + 400}",
        Done = Math.Min(done, 1_000),
        Total = 1_000,
        StartedAt = Started,
        ReadAt = Started.AddSeconds(10),
        Ended = done >= 1_000,
        Told = told,
    };
}
