namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A reconciliation run was asked for.</summary>
    public const string RunRequested = "run.requested";
}
