namespace BackOffice.Web.Shared;

/// <summary>Whether single keys act, as somebody chose in Account: they must be able to be switched off (WCAG 2.1.4). Kept by the browser, as language and colours are.</summary>
public static class SingleKeys
{
    private const string Cookie = "keys";
    private const string Off = "off";

    public static bool AreOn(HttpContext context) => context.Request.Cookies[Cookie] != Off;

    public static void Switch(HttpContext context, bool on) => context.Response.Cookies.Append(Cookie, on ? "on" : Off, new CookieOptions
    {
        MaxAge = TimeSpan.FromDays(365),
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        IsEssential = true,
    });
}
