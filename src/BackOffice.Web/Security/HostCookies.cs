using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace BackOffice.Web.Security;

/// <summary>
/// Over TLS every cookie bears <c>__Host-</c> before its name on its way out, and one without it is not read: so browsers promise that it came from this host
/// over TLS, and neighbours under the same domain cannot plant one. Without TLS, on this machine, browsers would drop such names, so they stay as they are.
/// </summary>
public static class HostCookies
{
    public const string Prefix = "__Host-";

    public static Task NameAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.IsHttps)
            return next(context);
        context.Request.Headers.Cookie = Taken(context.Request.Headers.Cookie);
        // Whoever asked for it first is asked last: all cookies are set by then.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.SetCookie = new StringValues([.. context.Response.Headers.SetCookie.Select(Named)]);
            return Task.CompletedTask;
        });
        return next(context);
    }

    private static string Taken(StringValues cookies) => string.Join("; ", cookies
        .SelectMany(line => (line ?? "").Split(';'))
        .Select(cookie => cookie.Trim(' ', '\t')) // no other space: a browser takes a name that begins with one for another name
        .Where(cookie => cookie.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(cookie => cookie[Prefix.Length..]));

    private static string? Named(string? cookie)
    {
        var named = SetCookieHeaderValue.Parse(cookie);
        named.Name = Prefix + named.Name;
        // Also where one is taken away: browsers ask it of every cookie of such a name.
        (named.Secure, named.Path, named.Domain) = (true, "/", default);
        return named.ToString();
    }
}
