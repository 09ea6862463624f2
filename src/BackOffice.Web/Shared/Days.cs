using BackOffice.Jobs;

namespace BackOffice.Web.Shared;

/// <summary>Spans of business days in words. Rows hold them half-open; people read them inclusive.</summary>
public static class Days
{
    /// <summary>1 to 31 Oct 2026.</summary>
    /// <param name="texts">The reader's language.</param>
    /// <param name="from">First day.</param>
    /// <param name="until">First day that is not included.</param>
    public static string Words(Texts texts, DateOnly from, DateOnly until)
    {
        var last = until.AddDays(-1);
        if (from == last)
            return texts["Days.One", from];
        if (from.Year != last.Year)
            return texts["Days.Years", from, last];
        return from.Month == last.Month ? texts["Days.Month", from, last] : texts["Days.Year", from, last];
    }
}
