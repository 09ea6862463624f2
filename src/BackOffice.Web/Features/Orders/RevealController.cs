using System.Security.Cryptography;
using BackOffice.Data.Orders;
using BackOffice.Data.Vault;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Orders;

/// <summary>A key or code in full, for a minute: asked for with a reason and the password, on record before it is shown, and kept by no browser.</summary>
[Allow(Act.Deliver)]
public sealed class RevealController(RevealStore reveals, Texts texts) : Controller
{
    [HttpGet("/reveal/{id:guid}"), Reauthenticate]
    public async Task<IActionResult> AskAsync(Guid id, CancellationToken token) =>
        await reveals.FindAsync(id, token) is { } delivery ? View("Reveal", new RevealPage(delivery, null)) : NotFound();

    [HttpPost("/reveal/{id:guid}"), Reauthenticate]
    public async Task<IActionResult> ShowAsync(Guid id, [FromForm] string? reason, CancellationToken token)
    {
        if (await reveals.FindAsync(id, token) is not { } delivery)
            return NotFound();
        var refusals = new List<Refusal>();
        if (Acting.Reason(reason, refusals) is not { } why)
            return Refused(delivery, reason, "reason", texts.Of(refusals[0]));
        try
        {
            var secret = await reveals.RevealAsync(delivery, HttpContext.Who(), why, token);
            Response.Headers.CacheControl = "no-store";
            return View("Secret", new RevealedSecret(delivery, secret));
        }
        catch (KeyRingException)
        {
            return Refused(delivery, reason, "", texts.Of(new Refusal("SecretWithoutRing", "")));
        }
        catch (CryptographicException)
        {
            return Refused(delivery, reason, "", texts.Of(new Refusal("SecretUnreadable", "")));
        }
    }

    private ViewResult Refused(RevealableDelivery delivery, string? reason, string field, string sentence)
    {
        ModelState.AddModelError(field, sentence);
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("Reveal", new RevealPage(delivery, reason));
    }
}

/// <summary>What is asked before.</summary>
public sealed record RevealPage(RevealableDelivery Delivery, string? Reason);

/// <summary>What is shown for a minute.</summary>
public sealed record RevealedSecret(RevealableDelivery Delivery, string Secret);
