using BackOffice.Data.Engine;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace BackOffice.Web.Security;

/// <summary>
/// <c>[Reauthenticate]</c>: the password must have been given within the last minutes, in this session. Put it on the page of a dangerous act as well as on
/// the act: then the password is asked for before anything is typed, and an act that comes too late is not done and leads back to its page.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class ReauthenticateAttribute : Attribute, IAuthorizationFilter
{
    /// <summary>How long a password that was given counts.</summary>
    public static readonly TimeSpan Holds = TimeSpan.FromMinutes(10);

    public void OnAuthorization(AuthorizationFilterContext context)
    {
        var http = context.HttpContext;
        var confirmedAt = http.SignedIn()?.ConfirmedAt ?? throw new InvalidOperationException("A route that asks for the password again names an act.");
        if (http.RequestServices.GetRequiredService<TimeProvider>().UtcNow() < confirmedAt + Holds)
            return;
        context.Result = new LedToPassword(Address.With("/account/confirm", ("back", Back.From(http))));
    }

    private sealed class LedToPassword(string address) : ActionResult
    {
        public override Task ExecuteResultAsync(ActionContext context) => AccessAnswers.LeadTo(context.HttpContext, address);
    }
}
