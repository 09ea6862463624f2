namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A line of usage that could not be read stays out.</summary>
    public const string UsageAccepted = "usage.accepted";

    /// <summary>Of two contents of a record the first counts.</summary>
    public const string UsageKept = "usage.kept";

    /// <summary>Of two contents of a record the later one counts.</summary>
    public const string UsageReplaced = "usage.replaced";

    /// <summary>The console is to be read now.</summary>
    public const string UsagePullRequested = "usage.pull_requested";

    /// <summary>Sums are to be proved against their records.</summary>
    public const string UsageProofRequested = "usage.proof_requested";
}
