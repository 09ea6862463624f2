using System.Diagnostics;
using BackOffice.Web.Security;

namespace BackOffice.Web.Shared;

/// <summary>
/// One line a request: method, route, status, milliseconds, and who was signed in, by the id of the row. The route as it stands in the program, never the
/// address: an order's number opens its delivery, and a search holds what a customer wrote.
/// </summary>
public sealed class RequestLog(ILogger<RequestLog> log)
{
    private static readonly object Route = new();

    /// <summary>Outermost, so that an error page is the end of the same request.</summary>
    public async Task WriteAsync(HttpContext context, RequestDelegate next)
    {
        var startedAt = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var route = context.Items[Route] as RouteEndpoint;
            log.Log(
                IsQuiet(route) ? LogLevel.Debug : LogLevel.Information, "{Method} {Route} answered {Status} in {Milliseconds} ms to {Person}",
                Method(context.Request.Method), route?.RoutePattern.RawText is { } pattern ? "/" + pattern.TrimStart('/') : "(no route)", context.Response.StatusCode,
                (long)Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds, context.SignedIn()?.StaffId.ToString("N") ?? "nobody");
        }
    }

    /// <summary>After routing: the first route counts, not that of the error page.</summary>
    public static Task NoteRouteAsync(HttpContext context, RequestDelegate next)
    {
        context.Items.TryAdd(Route, context.GetEndpoint());
        return next(context);
    }

    // Asked for all the time, by browsers and by whoever watches the program.
    private static bool IsQuiet(RouteEndpoint? route) =>
        route?.RoutePattern.RawText is { } pattern && (pattern.StartsWith("/health/", StringComparison.Ordinal) || route.Metadata.GetMetadata<Microsoft.AspNetCore.StaticAssets.StaticAssetDescriptor>() is not null);

    // A visitor may write anything there.
    private static string Method(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsPost(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method)
            ? method.ToUpperInvariant() : "OTHER";
}
