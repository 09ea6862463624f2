namespace BackOffice.Web.Security;

public static class Headers
{
    /// <summary>The headers of every page: only our own files, nothing inline, never in a frame.</summary>
    public static HeaderPolicyCollection Strict() => With(csp => csp.AddStyleSrc().Self());

    /// <summary>Those of the dashboard, which puts styles into its markup; still nobody else's files and no inline script.</summary>
    public static HeaderPolicyCollection EngineRoom() => With(csp => csp.AddStyleSrc().Self().UnsafeInline());

    private static HeaderPolicyCollection With(Action<CspBuilder> styles) => new HeaderPolicyCollection()
        .AddContentSecurityPolicy(csp =>
        {
            csp.AddDefaultSrc().None();
            csp.AddScriptSrc().Self();
            styles(csp);
            csp.AddImgSrc().Self().Data(); // Tabler's style sheet draws its arrows and ticks as data: images.
            csp.AddFontSrc().Self();
            csp.AddConnectSrc().Self();
            csp.AddFormAction().Self();
            csp.AddFrameAncestors().None();
            csp.AddBaseUri().None();
        })
        .AddStrictTransportSecurityMaxAgeIncludeSubDomains()
        .AddContentTypeOptionsNoSniff()
        .AddFrameOptionsDeny()
        .AddReferrerPolicySameOrigin()
        .AddCrossOriginOpenerPolicy(opener => opener.SameOrigin())
        .AddCrossOriginResourcePolicy(resource => resource.SameOrigin())
        .AddPermissionsPolicy(permissions =>
        {
            permissions.AddCamera().None();
            permissions.AddGeolocation().None();
            permissions.AddMicrophone().None();
            permissions.AddPayment().None();
            permissions.AddUsb().None();
        });
}
