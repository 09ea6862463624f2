using System.Globalization;

namespace BackOffice.Domain;

/// <summary>The shop's days: local days of the configured time zone (<c>Business:TimeZone</c>, default Asia/Shanghai), as UTC instants.</summary>
public sealed class BusinessTime(TimeZoneInfo zone)
{
    /// <summary>The zone itself.</summary>
    public TimeZoneInfo Zone => zone;

    /// <summary>The UTC instant at which the local day begins; where a clock change skips midnight, the first instant of the day that exists.</summary>
    public DateTime StartOf(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(15);
        return InstantOf(local)!.Value;
    }

    /// <summary>
    /// The UTC instant of a time on the shop's clock; the first of two where the clock shows it twice, null where a clock change skips it.
    /// </summary>
    public DateTime? InstantOf(DateTime local)
    {
        if (zone.IsInvalidTime(local))
            return null;
        return zone.IsAmbiguousTime(local)
            ? DateTime.SpecifyKind(local - zone.GetAmbiguousTimeOffsets(local).Max(), DateTimeKind.Utc)
            : TimeZoneInfo.ConvertTimeToUtc(local, zone);
    }

    /// <summary>The local day of an instant in UTC.</summary>
    public DateOnly DayOf(DateTime instant) => DateOnly.FromDateTime(ToLocal(instant));

    /// <summary>The instant on the shop's clock, without a zone: for showing only.</summary>
    public DateTime ToLocal(DateTime instant) => TimeZoneInfo.ConvertTimeFromUtc(instant, zone);

    /// <summary>The zone's distance from UTC at an instant, as <c>UTC+8</c> or <c>UTC+5:30</c>.</summary>
    public string OffsetName(DateTime instant)
    {
        var offset = zone.GetUtcOffset(instant);
        if (offset == TimeSpan.Zero)
            return "UTC";
        var sign = offset < TimeSpan.Zero ? "-" : "+";
        var absolute = offset.Duration();
        var minutes = absolute.Minutes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $":{absolute.Minutes:00}");
        return string.Create(CultureInfo.InvariantCulture, $"UTC{sign}{absolute.Hours}{minutes}");
    }
}
