namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A test message was sent.</summary>
    public const string ConnectionTested = "connection.tested";
}
