namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>Somebody asked for a second person.</summary>
    public const string ApprovalRequested = "approval.requested";

    /// <summary>The second person approved, and it was done.</summary>
    public const string ApprovalApproved = "approval.approved";

    /// <summary>The second person refused.</summary>
    public const string ApprovalRefused = "approval.refused";

    /// <summary>Who asked took it back.</summary>
    public const string ApprovalWithdrawn = "approval.withdrawn";
}
