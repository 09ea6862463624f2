using BackOffice.Domain.Access;
using Hangfire;

namespace BackOffice.Web.Security;

/// <summary>Hangfire's own dashboard, for admins: what the alarm clock holds. Its pages bring their own script and styles and have headers of their own for it.</summary>
public static class EngineRoom
{
    private const string Path = "/jobs";

    public static bool Has(HttpContext context) => context.Request.Path.StartsWithSegments(Path);

    public static void Map(WebApplication app) => app
        .MapHangfireDashboard(Path, new DashboardOptions { Authorization = [], AppPath = "/job-runs", DisplayStorageConnectionString = false, DashboardTitle = "AiCredits" })
        .RequireAuthorization(new AllowAttribute(Act.RunOffice));
}
