using System.Security.Claims;
using BackOffice.Data.Engine;
using BackOffice.Data.Staff;
using BackOffice.Domain.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.StaticAssets;

namespace BackOffice.Web.Security;

/// <summary>What has to be done before anything else.</summary>
public enum Need
{
    None,

    /// <summary>A password that was given out has to be replaced.</summary>
    Password,

    /// <summary>Codes have to be set up: in Production, for admins.</summary>
    Totp,
}

/// <summary>
/// The cookie of who is signed in. It names a row of StaffSessions, which every request looks up: a session that was ended, a person who was disabled or has
/// another stamp, and one that is too old, is nobody's at once.
/// </summary>
public static class Sessions
{
    public const string Scheme = "staff";

    /// <summary>Between the password and the code.</summary>
    public const string CodeScheme = "staff-code";

    /// <summary>How long a session lasts at most.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    /// <summary>How long a session lasts when nobody opens a page.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    /// <summary>When a page says that its session is about to lapse.</summary>
    public static readonly TimeSpan WarnAfter = Idle - TimeSpan.FromMinutes(2);

    private static readonly TimeSpan TimeForCode = TimeSpan.FromMinutes(5);
    private const string SessionClaim = "session";
    private const string StampClaim = "stamp";

    public static void Add(IServiceCollection services)
    {
        services.AddAuthentication(Scheme)
            .AddCookie(Scheme, cookie =>
            {
                Protect(cookie, "session", Idle);
                cookie.SlidingExpiration = true;
                cookie.Events.OnValidatePrincipal = ValidateAsync;
                cookie.Events.OnCheckSlidingExpiration = context =>
                {
                    // What a page asks for by itself is no sign of a person; a minute saves a cookie with every click.
                    context.ShouldRenew = context.ElapsedTime > TimeSpan.FromMinutes(1) && !AsksByItself(context.Request);
                    return Task.CompletedTask;
                };
            })
            .AddCookie(CodeScheme, cookie =>
            {
                Protect(cookie, "session-code", TimeForCode);
                cookie.SlidingExpiration = false;
            });
    }

    /// <summary>Who is signed in; null for nobody.</summary>
    public static StaffSession? SignedIn(this HttpContext context) => context.Features.Get<StaffSession>();

    /// <summary>The e-mail of who acts, as rows keep it.</summary>
    public static string Who(this HttpContext context) => context.SignedIn()?.Email ?? throw new InvalidOperationException("Nobody is signed in.");

    /// <summary>Whether the role of who is signed in may do something.</summary>
    public static bool May(this HttpContext context, Act act) => context.SignedIn() is { } session && session.InRole.May(act);

    public static Need NeedOf(StaffSession session, IHostEnvironment environment)
    {
        if (session.HasPasswordToReplace)
            return Need.Password;
        return !session.HasTotp && session.InRole == Role.Admin && environment.IsProduction() ? Need.Totp : Need.None;
    }

    /// <summary>Begins a session of the browser, or gives it the new stamp of the person.</summary>
    public static Task SignInAsync(HttpContext context, Guid session, Guid staff, string stamp) => context.SignInAsync(Scheme, Principal(Scheme, session, staff, stamp));

    /// <summary>The password was right; the code is still to come.</summary>
    public static Task AwaitCodeAsync(HttpContext context, StaffMember member) => context.SignInAsync(CodeScheme, Principal(CodeScheme, member.Id, member.Id, member.SecurityStamp));

    /// <summary>Whose code is awaited; null when the time is over or the person was changed since.</summary>
    public static async Task<StaffMember?> AwaitedAsync(HttpContext context, StaffQueries queries)
    {
        var answer = await context.AuthenticateAsync(CodeScheme);
        return answer.Principal is { } principal && Of(principal) is var (id, stamp) && await queries.FindAsync(id, context.RequestAborted) is { HasTotp: true } member && member.SecurityStamp == stamp
            ? member
            : null;
    }

    private static void Protect(CookieAuthenticationOptions options, string name, TimeSpan holds)
    {
        options.Cookie.Name = name;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax; // A link from the alarm's mail opens signed in; every change has its token besides.
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest; // Without TLS only this machine is listened to: ListenAddresses.
        options.Cookie.IsEssential = true;
        options.ExpireTimeSpan = holds;
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        if (http.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is not null)
            return; // everybody's, whoever asks
        try
        {
            if (context.Principal is { } principal && Of(principal) is var (id, stamp)
                && await http.RequestServices.GetRequiredService<StaffQueries>().FindSessionAsync(id, http.RequestAborted) is { } session && GoesOn(session, stamp, http))
            {
                http.Features.Set(session);
                return;
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The page that says so must not fail for the same reason: AccessAnswers throws it where somebody has to be known.
            http.Features.Set(new SessionUnread(failure));
        }
        context.RejectPrincipal();
    }

    // Fragments of our pages, and the figures of Hangfire's, which it posts for.
    private static bool AsksByItself(HttpRequest request) =>
        request.Headers.ContainsKey("HX-Request") || (HttpMethods.IsPost(request.Method) && EngineRoom.Has(request.HttpContext));

    private static bool GoesOn(StaffSession session, string stamp, HttpContext http) =>
        session.EndedAt is null && session.DisabledAt is null && session.SecurityStamp == stamp
        && http.RequestServices.GetRequiredService<TimeProvider>().UtcNow() < session.StartedAt + Longest;

    // The tokens of forms are bound to the person, not to the session: a page that was left open works again after signing in.
    private static ClaimsPrincipal Principal(string scheme, Guid id, Guid staff, string stamp) =>
        new(new ClaimsIdentity([new Claim(SessionClaim, id.ToString("N")), new Claim(ClaimTypes.NameIdentifier, staff.ToString("N")), new Claim(StampClaim, stamp)], scheme));

    private static (Guid Id, string Stamp)? Of(ClaimsPrincipal principal) =>
        Guid.TryParseExact(principal.FindFirstValue(SessionClaim), "N", out var id) && principal.FindFirstValue(StampClaim) is { } stamp ? (id, stamp) : null;
}

/// <summary>The session could not be looked up.</summary>
public sealed record SessionUnread(Exception Failure);

public static class Remote
{
    /// <summary>Where a request comes from, for the count of tries: an IPv6 site has its first 64 bits to itself.</summary>
    public static string RemoteAddress(this HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.GetAddressBytes() is { Length: 16 } bytes ? Convert.ToHexString(bytes.AsSpan(0, 8)) : address.ToString();
    }
}
