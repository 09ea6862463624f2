namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A settlement was approved by a second person: its figures are final.</summary>
    public const string SettlementApproved = "settlement.approved";

    /// <summary>An approved settlement was closed: it is paid and done with.</summary>
    public const string SettlementClosed = "settlement.closed";

    /// <summary>The difference of an upstream's invoice to our figures was accepted: it may be paid as it asks.</summary>
    public const string InvoiceAccepted = "invoice.accepted";
}
