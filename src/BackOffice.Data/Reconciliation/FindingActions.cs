namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A finding was given to somebody, or to nobody.</summary>
    public const string FindingAssigned = "finding.assigned";

    /// <summary>Somebody said something about a finding.</summary>
    public const string FindingCommented = "finding.commented";

    /// <summary>A difference was written off.</summary>
    public const string FindingAccepted = "finding.accepted";

    /// <summary>A person resolved a finding.</summary>
    public const string FindingResolved = "finding.resolved";

    /// <summary>A person opened a finding again.</summary>
    public const string FindingReopened = "finding.reopened";
}
