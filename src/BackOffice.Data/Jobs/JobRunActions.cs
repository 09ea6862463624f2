namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A night was to be done once more.</summary>
    public const string JobRetried = "job.retried";

    /// <summary>Rows about work that ended long ago were deleted.</summary>
    public const string HistoryForgotten = "job.history_forgotten";
}
