using BackOffice.Domain.Access;
using BackOffice.Web.Shared;
using Htmx;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace BackOffice.Web.Security;

/// <summary>
/// Which act of DESIGN 8 a route is; the roles that may are in <see cref="RoleTable"/> and nowhere else. A route that names none is nobody's, and a test
/// holds all of them against the table.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class AllowAttribute(Act act) : AuthorizeAttribute, IAuthorizationRequirement, IAuthorizationRequirementData
{
    public Act Act => act;

    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];
}

public static class Access
{
    public static void Add(IServiceCollection services)
    {
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(new NamesAnAct()).Build());
        services.AddSingleton<IAuthorizationHandler, AllowHandler>();
        services.AddSingleton<IAuthorizationHandler, NamesAnActHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessAnswers>();
    }

    /// <summary>The act of a route: that of its method, else of its class.</summary>
    public static Act? ActOf(Endpoint? endpoint) => endpoint?.Metadata.GetOrderedMetadata<AllowAttribute>() is [.., var last] ? last.Act : null;
}

/// <summary>What was asked for and refused, for the page that says so.</summary>
public sealed record RefusedAct(Act Act);

/// <summary>Anything but a route of ours: what is not there is told to who is signed in, and nothing to others.</summary>
internal sealed class NamesAnAct : IAuthorizationRequirement;

internal sealed class NamesAnActHandler : AuthorizationHandler<NamesAnAct>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, NamesAnAct requirement)
    {
        if (context.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint)
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}

internal sealed class AllowHandler(IHostEnvironment environment) : AuthorizationHandler<AllowAttribute>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AllowAttribute requirement)
    {
        if (context.Resource is HttpContext http && http.SignedIn() is { } session && session.InRole.May(requirement.Act)
            && (requirement.Act == Act.SecureOwnAccount || Sessions.NeedOf(session, environment) == Need.None))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}

/// <summary>Who is not signed in is led to the sign-in page, who has something to do first is led there, and whose role does not suffice is told which one does.</summary>
internal sealed class AccessAnswers(IHostEnvironment environment) : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
            return next(context);
        if (context.Features.Get<SessionUnread>() is { } unread)
            throw new TimeoutException("The session could not be looked up.", unread.Failure);
        if (context.SignedIn() is not { } session)
            return LeadTo(context, Address.With("/sign-in", ("back", Back.From(context)), ("unsent", HttpMethods.IsGet(context.Request.Method) ? null : "1")));
        switch (Sessions.NeedOf(session, environment))
        {
            case Need.Password:
                return LeadTo(context, "/account/password");
            case Need.Totp:
                return LeadTo(context, "/account/two-factor");
            default:
                if (Access.ActOf(context.GetEndpoint()) is { } act)
                    context.Features.Set(new RefusedAct(act));
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return Task.CompletedTask;
        }
    }

    /// <summary>The whole page is led away: never a form inside a fragment.</summary>
    internal static Task LeadTo(HttpContext context, string address)
    {
        if (!context.Request.IsHtmx())
        {
            context.Response.Redirect(address);
            return Task.CompletedTask;
        }
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentLength = 0; // so that no error page is put in its place
        context.Response.Headers["HX-Redirect"] = address;
        return Task.CompletedTask;
    }
}

/// <summary>Where a person wanted to go, carried through signing in: an address of this site or nothing.</summary>
public static class Back
{
    public static string? From(HttpContext context)
    {
        if (context.Request.IsHtmx())
            return Local(context.Request.Headers["HX-Current-URL"]);
        return HttpMethods.IsGet(context.Request.Method) ? context.Request.PathBase + context.Request.Path + context.Request.QueryString : Local(context.Request.Headers.Referer);
    }

    /// <summary>An address that stays here, else the home page.</summary>
    public static string Or(string? back) => IsLocal(back) ? back! : "/";

    private static string? Local(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.PathAndQuery : null;

    // One slash, and no backslash: browsers read //elsewhere and /\elsewhere as another host.
    private static bool IsLocal(string? address) => address is ['/', ..] && (address.Length == 1 || address[1] is not ('/' or '\\')) && !address.Any(char.IsControl);
}
