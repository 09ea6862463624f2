namespace BackOffice.Web.Security;

public static class Antiforgery
{
    /// <summary>Name of the header in which site.js sends the token with every htmx request that changes something.</summary>
    public const string Header = "X-CSRF-Token";

    public const string FormField = "csrf";

    public static void Add(IServiceCollection services) => services.AddAntiforgery(antiforgery =>
    {
        antiforgery.HeaderName = Header;
        antiforgery.FormFieldName = FormField;
        antiforgery.Cookie.Name = "csrf";
        antiforgery.Cookie.HttpOnly = true;
        antiforgery.Cookie.SameSite = SameSiteMode.Strict;
        antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        antiforgery.SuppressXFrameOptionsHeader = true; // Headers sets it, for every answer.
    });
}
