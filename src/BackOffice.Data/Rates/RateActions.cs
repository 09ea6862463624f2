namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A dated row of rates was added; rows before it may have ended where it begins.</summary>
    public const string RateAdded = "rate.added";

    /// <summary>A dated row of rates got its end.</summary>
    public const string RateEnded = "rate.ended";

    /// <summary>A dated row of rates was withdrawn: it ends where it begins.</summary>
    public const string RateWithdrawn = "rate.withdrawn";

    /// <summary>An upstream was made known.</summary>
    public const string UpstreamAdded = "rate.upstream_added";

    /// <summary>Days became holidays of an upstream.</summary>
    public const string HolidaysAdded = "rate.holidays_added";

    /// <summary>Days are no holidays of an upstream any more.</summary>
    public const string HolidaysRemoved = "rate.holidays_removed";

    /// <summary>A console's channel was given to an upstream, or to none.</summary>
    public const string ChannelSet = "rate.channel_set";

    /// <summary>Rows of the starting set were taken over.</summary>
    public const string StartingSetTaken = "rate.starting_set_taken";
}
