using System.Globalization;
using BackOffice.Jobs;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Localization;

namespace BackOffice.Web.Shared;

/// <summary>English or Chinese: by a cookie, else as the browser asks. A link with <c>?lang=</c> sets the cookie and leads back to the same address.</summary>
public static class Languages
{
    public const string Cookie = "lang";

    public static readonly IReadOnlyList<CultureInfo> All = [Texts.EnglishCulture, Texts.ChineseCulture];

    public static void Add(IServiceCollection services)
    {
        services.Configure<RequestLocalizationOptions>(localization =>
        {
            localization.DefaultRequestCulture = new RequestCulture(Texts.EnglishCulture);
            localization.SupportedCultures = [.. All];
            localization.SupportedUICultures = [.. All];
            localization.RequestCultureProviders = [new CookieRequestCultureProvider { CookieName = Cookie }, new AcceptLanguageHeaderRequestCultureProvider()];
        });
        services.AddScoped(_ => CultureInfo.CurrentUICulture.Equals(Texts.ChineseCulture) ? Texts.Chinese : Texts.English);
    }

    /// <summary>The address the reader sees in the other language; an error page answers under another path than its own.</summary>
    public static string Link(HttpContext context, CultureInfo language)
    {
        var failed = context.Features.Get<IStatusCodeReExecuteFeature>();
        var path = context.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? failed?.OriginalPath ?? context.Request.Path;
        var query = failed is null ? context.Request.QueryString : new QueryString(failed.OriginalQueryString);
        return new PathString(path).ToUriComponent() + query.Add("lang", language.Name).ToUriComponent();
    }

    public static async Task SwitchAsync(HttpContext context, RequestDelegate next)
    {
        var asked = All.FirstOrDefault(language => language.Name == context.Request.Query["lang"]);
        if (asked is null || !HttpMethods.IsGet(context.Request.Method))
        {
            await next(context);
            return;
        }

        context.Response.Cookies.Append(Cookie, CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(asked)), new CookieOptions
        {
            MaxAge = TimeSpan.FromDays(365),
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            IsEssential = true,
        });
        // With scheme and host, because a path such as //elsewhere.example would lead away from here.
        var request = context.Request;
        context.Response.Redirect(UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path, WithoutLanguage(request)));
    }

    private static QueryString WithoutLanguage(HttpRequest request) =>
        QueryString.Create(request.Query.Where(parameter => parameter.Key != "lang"));
}
