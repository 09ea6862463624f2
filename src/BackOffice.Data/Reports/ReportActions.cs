namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A report was asked for.</summary>
    public const string ReportRequested = "report.requested";

    /// <summary>A report that had failed was asked for again.</summary>
    public const string ReportRetried = "report.retried";
}
