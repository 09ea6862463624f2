namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>Somebody saw a key or code in full.</summary>
    public const string SecretRevealed = "delivery.revealed";

    /// <summary>A customer's address was replaced by a stand-in, for good.</summary>
    public const string EmailErased = "customer.email_erased";
}
