namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A package was added.</summary>
    public const string PackageAdded = "package.added";

    /// <summary>Names, audience or place of a package were changed.</summary>
    public const string PackageChanged = "package.changed";

    /// <summary>A package is sold no more.</summary>
    public const string PackageRetired = "package.retired";

    /// <summary>A package is sold again.</summary>
    public const string PackageBroughtBack = "package.brought_back";

    /// <summary>A price was added; it may have ended the one before.</summary>
    public const string PriceAdded = "package.price_added";

    /// <summary>A price got its end.</summary>
    public const string PriceEnded = "package.price_ended";

    /// <summary>A price was taken back before it began.</summary>
    public const string PriceWithdrawn = "package.price_withdrawn";
}
