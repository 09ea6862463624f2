using System.Globalization;
using BackOffice.Jobs;
using Microsoft.AspNetCore.Diagnostics;
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
            localization.RequestCultureProviders =
            [
                new CookieRequestCultureProvider { CookieName = Cookie },
                new CustomRequestCultureProvider(context => Task.FromResult(AskedByBrowser(context.Request))),
            ];
        });
        services.AddScoped(_ => CultureInfo.CurrentUICulture.Equals(Texts.ChineseCulture) ? Texts.Chinese : Texts.English);
    }

    /// <summary>The address the reader sees in the other language; an error page answers under another path than its own.</summary>
    public static string Link(HttpContext context, CultureInfo language)
    {
        var failed = context.Features.Get<IStatusCodeReExecuteFeature>();
        var path = context.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? failed?.OriginalPath ?? context.Request.Path;
        var query = failed is null ? context.Request.QueryString : new QueryString(failed.OriginalQueryString);
        return Local(path, query.Add("lang", language.Name));
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
        var rest = context.Request.Query.Where(parameter => parameter.Key != "lang");
        context.Response.Redirect(Local(context.Request.Path, QueryString.Create(rest)));
    }

    /// <summary>Any Chinese is answered in ours, any English in English: the framework's provider knows zh-CN, but not zh or zh-TW.</summary>
    private static ProviderCultureResult? AskedByBrowser(HttpRequest request) => request.GetTypedHeaders().AcceptLanguage
        .OrderByDescending(asked => asked.Quality ?? 1)
        .Select(asked => All.FirstOrDefault(language => asked.Value.StartsWith(language.TwoLetterISOLanguageName, StringComparison.OrdinalIgnoreCase)))
        .OfType<CultureInfo>()
        .Select(language => new ProviderCultureResult(language.Name))
        .FirstOrDefault();

    // One slash in front: //elsewhere.example would lead away from here.
    private static string Local(PathString path, QueryString query) => "/" + path.ToUriComponent().TrimStart('/') + query.ToUriComponent();
}
