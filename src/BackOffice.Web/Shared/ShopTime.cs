using BackOffice.Domain;

namespace BackOffice.Web.Shared;

public static class ShopTime
{
    /// <summary>The shop's zone, <c>Business:TimeZone</c>.</summary>
    /// <exception cref="RefusedException">There is no such zone.</exception>
    public static BusinessTime Read(IConfiguration configuration)
    {
        var id = configuration["Business:TimeZone"] ?? "Asia/Shanghai";
        return TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone)
            ? new BusinessTime(zone)
            : throw new RefusedException(new Refusal("UnknownTimeZone", "Business:TimeZone", id));
    }
}
