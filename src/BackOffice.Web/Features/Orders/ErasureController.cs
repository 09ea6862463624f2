using BackOffice.Data.Audit;
using BackOffice.Data.Orders;
using BackOffice.Data.Vault;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Orders;

/// <summary>A customer asks to be forgotten: the address of an order is erased everywhere, for good, after it was typed once more.</summary>
[Allow(Act.RunOffice)]
public sealed class ErasureController(ErasureStore erasures, OrderQueries orders, Settings settings, Texts texts) : Controller
{
    [HttpGet("/erasure"), Reauthenticate]
    public Task<IActionResult> AskAsync(string? order, CancellationToken token) => PageAsync(new ErasureForm { Order = order }, token);

    [HttpPost("/erasure"), Reauthenticate]
    public async Task<IActionResult> EraseAsync([FromForm] ErasureForm form, CancellationToken token)
    {
        if (await FindAsync(form.Order, token) is not { } order)
            return NotFound();
        var (email, reason) = (EmailAddress.Canonical(form.Email ?? ""), form.Reason?.Trim() ?? "");
        if (email != order.CustomerEmail)
            ModelState.AddRefusal(texts, new Refusal("EmailNotTheOrders", "email"), texts["Erasure.Email"]);
        if (reason.Length is 0 or > AuditLog.LongestReason)
            ModelState.AddModelError("reason", texts.Of(new Refusal("ReasonMissing", "reason", Address.Text(AuditLog.LongestReason))));
        else if (reason.Contains(order.CustomerEmail, StringComparison.OrdinalIgnoreCase))
            ModelState.AddRefusal(texts, new Refusal("EmailInReason", "reason"), texts["Staff.Reason"]);
        if (!ModelState.IsValid)
            return await RefusedAsync(form, token);
        try
        {
            var done = await erasures.EraseAsync(order.CustomerEmail, HttpContext.Who(), reason, token);
            TempData["Done"] = texts["Erasure.Done", Figures.Count(done.Orders), done.StandIn, Figures.Count(done.AuditNumber)];
            return Redirect(Links.Order(order.OrderNo));
        }
        catch (RefusedException refused)
        {
            ModelState.AddRefusal(texts, refused.Refusal, texts["Erasure.Email"]);
        }
        catch (KeyRingException)
        {
            ModelState.AddModelError("", texts.Of(new Refusal("EraseWithoutRing", "")));
        }
        return await RefusedAsync(form, token);
    }

    private Task<IActionResult> RefusedAsync(ErasureForm form, CancellationToken token)
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return PageAsync(form, token);
    }

    private async Task<IActionResult> PageAsync(ErasureForm form, CancellationToken token) =>
        await FindAsync(form.Order, token) is { } order
            ? View("Erasure", new ErasurePage(order, form, await erasures.PreviewAsync(order.CustomerEmail, token)))
            : NotFound();

    private async Task<OrderRow?> FindAsync(string? orderNo, CancellationToken token) =>
        string.IsNullOrWhiteSpace(orderNo) ? null : await orders.FindAsync(orderNo, settings.CreemMode, token);
}

/// <summary>The form as it was typed.</summary>
public sealed record ErasureForm
{
    public string? Order { get; init; }

    public string? Email { get; init; }

    public string? Reason { get; init; }
}

/// <summary>What would be touched, and the form.</summary>
public sealed record ErasurePage(OrderRow Order, ErasureForm Form, ErasureCounts Counts)
{
    public bool IsErased => ErasedEmails.IsStandIn(Order.CustomerEmail);
}
